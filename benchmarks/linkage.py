"""The product's linking core on any columns, beside plain Splink with the same comparisons, held against the truth.

Ours: the declared rules → Splink's probability through the gate of the three-class mixture → merging in order of
strength, never two that a pair shows to be two people. Plain: Splink's own EM, connected components at whatever
threshold is best against the truth, which nobody knows in real life.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from splink import DuckDBAPI, block_on

from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.merging import Pair, merge, part
from stormops_graph.link.comparisons import splink_settings
from stormops_graph.link.learning import RANDOM_PAIRS, expected_model, learn
from stormops_graph.link.scoring import linker, score_pairs
from stormops_graph.link.weighing import weigh
from stormops_graph.rules.declarations import read_declaration
from stormops_graph.rules.matching import Block, Comparison, Expectation, KindLevels, Matching, check_expectation
from stormops_graph.rules.model import Model
from stormops_graph.settings import Section, Share

Kinship = tuple[int, int, float]  # two numbers, P(one person, or two of one household)
HERE = Path(__file__).parent


class Kinds(Section):
    """The expected kinds of pair; `columns`: column → shares of its levels."""

    pairs: float
    person: Share
    household: Share
    unrelated: Share
    columns: dict[str, KindLevels]


class ForeignRules(Section):
    """The rules for one foreign data set, as `benchmarks/rules/*.toml` declares them."""

    people: float
    family: list[str]
    person_at_least: Share
    apart_at_least: Share
    splink_trains_on: list[list[str]]
    block: list[Block]
    comparison: list[Comparison]
    kinds: Kinds

    def matching(self, without: Sequence[str]) -> Matching:
        """What the core goes by, without some columns."""
        kinds = self.kinds
        shares = {"person": kinds.person, "household": kinds.household, "unrelated": kinds.unrelated}
        blocks = [block for block in self.block if not set(block.on) & set(without)]
        comparisons = [comparison for comparison in self.comparison if comparison.column not in without]
        return Matching(blocks, comparisons, Expectation(kinds.pairs, shares, kinds.columns), self.family)


@dataclass(frozen=True)
class Score:
    """Pairwise precision, recall and F1 of a clustering."""

    precision: float
    recall: float
    f1: float

    def __str__(self) -> str:
        return f"precision {self.precision:.4f}  recall {self.recall:.4f}  F1 {self.f1:.4f}"


def read_foreign_rules(name: str) -> ForeignRules:
    file = HERE / "rules" / f"{name}.toml"
    rules = read_declaration(file, ForeignRules)
    check_expectation(rules.matching(()), str(file))
    return rules


def pairwise(clusters: Sequence[int], truth: Sequence[str | None]) -> Score:
    """Of the rows whose truth is known."""
    known = [(cluster, true) for cluster, true in zip(clusters, truth, strict=True) if true is not None]
    ours, true = _pairs(c for c, _ in known), _pairs(t for _, t in known)
    both = _pairs(known)
    return Score(both / max(ours, 1), both / max(true, 1), 2 * both / max(ours + true, 1))


def _pairs(labels: Iterable[object]) -> int:
    return sum(size * (size - 1) // 2 for size in Counter(labels).values())


def kinship(pairs: Sequence[Kinship], truth: Sequence[str | None]) -> Score:
    """How well the compared pairs are told to be of one household, where both ends' household is known."""
    known = [(p >= 0.5, truth[a] == truth[b]) for a, b, p in pairs if truth[a] is not None and truth[b] is not None]
    told, true = sum(said for said, _ in known), sum(is_so for _, is_so in known)
    both = sum(said and is_so for said, is_so in known)
    return Score(both / max(told, 1), both / max(true, 1), 2 * both / max(told + true, 1))


@dataclass(frozen=True)
class Trial:
    """One data set: `profile` in `con`, its rules, without some columns. Rows are numbered in the order of ids."""

    con: duckdb.DuckDBPyConnection
    rules: ForeignRules
    without: Sequence[str] = ()

    @property
    def matching(self) -> Matching:
        return self.rules.matching(self.without)

    def truth(self, column: str) -> list[str | None]:
        return [row[0] for row in self.con.execute(f"SELECT {column} FROM profile ORDER BY unique_id").fetchall()]

    def ours(self) -> tuple[list[int], list[Kinship]]:
        """The cluster of each row, and every compared pair with P(one household)."""
        model = learn(self.con, self.matching, self._expected(), self.rules.people)
        score_pairs(self.con, self.matching, model, self.rules.people)
        weighed = weigh(self.con, self.matching, model)
        ends = self.con.sql("SELECT left_id, right_id FROM pair_scored ORDER BY rowid").to_arrow_table()
        left, right = self._numbers(ends.take(weighed.row))
        same, apart = np.round(weighed.splink * weighed.gate, 6), np.round(weighed.apart, 6)
        pairs = list(map(Pair, left.tolist(), right.tolist(), same.tolist(), apart.tolist()))
        forest = Forest(len(self.truth("unique_id")))
        part(forest, pairs, self.rules.apart_at_least)
        merge(forest, pairs, self.rules.person_at_least)
        related = (weighed.kinds[:, 0] + weighed.kinds[:, 1]).tolist()
        return self._labels(forest), list(zip(left.tolist(), right.tolist(), related, strict=True))

    def plain(self, truth: Sequence[str | None]) -> tuple[Score, float]:
        """Splink on its own at its best threshold, and that threshold in bits."""
        settings = splink_settings(self.matching, self._expected(), self.rules.people)
        with linker(DuckDBAPI(self.con), self.matching, settings) as made:
            made.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
            for columns in self.rules.splink_trains_on:
                if not set(columns) & set(self.without):
                    made.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
            name = made.inference.predict().physical_name
            scored = self.con.sql(
                f"SELECT unique_id_l AS left_id, unique_id_r AS right_id, match_weight FROM {name} "
                "ORDER BY match_weight DESC"
            ).to_arrow_table()
        left, right = self._numbers(scored)
        weights = scored["match_weight"].to_numpy()
        forest, done, best = Forest(len(truth)), 0, (Score(0, 0, 0), 0.0)
        for least in range(40, -11, -1):
            upto = int((weights >= least).sum())
            for ends in zip(left[done:upto].tolist(), right[done:upto].tolist(), strict=True):
                forest.join(*ends)
            done = upto
            score = pairwise(self._labels(forest), truth)
            best = max(best, (score, float(least)), key=lambda found: found[0].f1)
        return best

    def _expected(self) -> Model:
        model = expected_model(self.con, self.matching, "profile")
        for column in self.matching.rare_columns:
            self.con.execute(
                f"CREATE OR REPLACE TEMP TABLE {column}_frequency AS "
                f"SELECT {column} AS name, greatest(count(*) / sum(count(*)) OVER (), {model.rarest[column]}) AS share "
                f"FROM profile WHERE {column} IS NOT NULL GROUP BY {column}"
            )
        return model

    def _numbers(self, scored: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        ids = np.array(self.truth("unique_id"))
        return (np.searchsorted(ids, scored["left_id"].to_numpy()), np.searchsorted(ids, scored["right_id"].to_numpy()))

    def _labels(self, forest: Forest) -> list[int]:
        return [forest.root(number) for number in range(len(self.truth("unique_id")))]


def compare(trial: Trial, title: str, person: str, household: str | None = None) -> float:
    """Print both clusterings against the truth columns; returns our F1 of persons."""
    truth = trial.truth(person)
    started = time.process_time()
    persons, kin = trial.ours()
    ours, spent = pairwise(persons, truth), time.process_time() - started
    started = time.process_time()
    plain, least = trial.plain(truth)
    print(f"\n{title}: {len(truth):,} rows")
    print(f"  ours                      {ours}  ({spent:.1f} CPU-s)")
    print(f"  plain Splink, best cut    {plain}  ({time.process_time() - started:.1f} CPU-s, {least:.0f} bits)")
    print(f"  ours to plain             F1 {ours.f1 / plain.f1:.4f}; 1 - F1 {(1 - ours.f1) / (1 - plain.f1):.3f}")
    if household:
        print(f"  pairs of one household    {kinship(kin, trial.truth(household))}")
    return ours.f1
