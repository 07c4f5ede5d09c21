"""What the pairs themselves teach: chance agreement from random pairs, the three kinds of pair by EM over candidates.

Reads `profile` and the frequency tables as `scoring` does; knows no columns of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from splink import DuckDBAPI

from stormops_graph.errors import ModelError
from stormops_graph.link.comparisons import splink_settings
from stormops_graph.link.mixture import Mixture, fit, level_shares
from stormops_graph.link.scoring import linker, score_pairs
from stormops_graph.link.weighing import mixture_of
from stormops_graph.rules.matching import KINDS, Matching
from stormops_graph.rules.model import Model, check_shares
from stormops_graph.tables import Connection

RANDOM_PAIRS = 1e6  # enough for chance agreement on all but the rarest levels
LEAST_PAIRS = 500  # candidate pairs below which a training says nothing
KEPT_VALUES = 5000  # values whose frequency is kept; the rest are rare
LEAST_CHANCE = 1e-6
LEAST_SEEN = 0.5  # pairs that each level counts for before any is seen

LeftOut = Callable[[NDArray[np.int64]], NDArray[np.bool_]]  # patterns → those that teach nothing about kinds


def expected_model(con: Connection, matching: Matching, table: str) -> Model:
    """The declared expectation with the frequencies of `table`'s values; raises ModelError where there are none."""
    declared = matching.expected
    total = sum(declared.shares[kind] for kind in KINDS)
    levels = {column: declared.levels[column].model_dump() for column in matching.columns}
    frequency, rarest = {}, {}
    for column in matching.rare_columns:
        frequency[column], rarest[column] = _frequency(con, column, table)
    chance = {column: levels[column]["unrelated"] for column in matching.columns}
    return Model({kind: declared.shares[kind] / total for kind in KINDS}, levels, levels, chance, frequency, rarest)


def learn(con: Connection, matching: Matching, start: Model, people: float, left_out: LeftOut | None = None) -> Model:
    """The model that `profile` asks for, from `start`; raises ModelError on too few pairs or an untrained level."""
    model = replace(start, chance=_chance(con, matching, start, people))
    score_pairs(con, matching, model, people)
    patterns, counts = _patterns(con, matching.columns)
    if left_out is not None:
        taught = ~left_out(patterns)
        patterns, counts = patterns[taught], counts[taught]
    if counts.sum() < LEAST_PAIRS:
        raise ModelError(
            f"only {counts.sum():.0f} candidate pairs: too few to train on",
            "keep the shipped model, or train on more records",
        )
    fitted = fit(mixture_of(matching, model), patterns, counts, matching.expected.pairs)
    freed = _freed(matching, fitted, patterns, counts)
    model = replace(
        model, kinds=_kinds(fitted), levels=_levels(matching.columns, fitted), free=_levels(matching.columns, freed)
    )
    check_shares(matching, model)
    return model


def _frequency(con: Connection, column: str, table: str) -> tuple[dict[str, float], float]:
    counted = con.execute(
        f'SELECT "{column}", count(*) FROM {table} WHERE length("{column}") > 1 '  # noqa: S608  (fixed words)
        "GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    if not counted:
        raise ModelError(f"no record has a {column}: there is nothing to train on")
    total = sum(count for _, count in counted)
    kept = {value: round(count / total, 9) for value, count in counted[:KEPT_VALUES] if count > 1}
    return kept, round(1 / total, 9)


def _chance(con: Connection, matching: Matching, start: Model, people: float) -> dict[str, list[float]]:
    """Share of each level among random pairs, as Splink samples them, best level first."""
    with linker(DuckDBAPI(con), matching, splink_settings(replace(matching, apart={}), start, people)) as made:
        made.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
        saved: Mapping[str, Any] = made.misc.save_model_to_json()
    chance = {}
    for comparison in saved["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        shares = np.array([max(level.get("u_probability") or 0.0, LEAST_CHANCE) for level in levels])
        chance[comparison["output_column_name"]] = [float(share) for share in shares / shares.sum()]
    return chance


def _patterns(con: Connection, columns: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Every pattern of gammas in `pair_scored`, and how many pairs show it."""
    gammas = ", ".join(f"gamma_{column}" for column in columns)
    rows = con.execute(
        f"SELECT {gammas}, count(*) FROM pair_scored GROUP BY ALL ORDER BY ALL"  # noqa: S608  (fixed words)
    ).fetchall()
    table = np.array(rows, dtype=np.int64).reshape(-1, len(columns) + 1)
    return table[:, :-1], table[:, -1].astype(np.float64)


def _freed(matching: Matching, fitted: Mixture, patterns: NDArray[np.int64], counts: NDArray[np.float64]) -> Mixture:
    """`fitted`, the levels of columns that bring pairs together learnt where another such column did.

    Among pairs that a phone brought together, phones agree by selection: that says nothing of one person's phones.
    """
    keys = [matching.columns.index(column) for column in matching.keys]
    best = {key: patterns[:, key] == len(matching.comparisons[key].level) for key in keys}
    weight = fitted.posterior(patterns) * counts[:, None]
    levels = list(fitted.levels)
    for key in keys:
        led = np.any([best[other] for other in keys if other != key], axis=0) if len(keys) > 1 else np.array([])
        if led.any():
            levels[key] = level_shares(patterns[led, key], weight[led], np.full_like(levels[key], LEAST_SEEN))
    return replace(fitted, levels=tuple(levels))


def _kinds(mixture: Mixture) -> dict[str, float]:
    return {kind: round(float(share), 9) for kind, share in zip(KINDS, mixture.kinds, strict=True)}


def _levels(columns: Sequence[str], mixture: Mixture) -> dict[str, dict[str, list[float]]]:
    return {
        column: {kind: [round(float(s), 9) for s in shares[row][::-1]] for row, kind in enumerate(KINDS)}
        for column, shares in zip(columns, mixture.levels, strict=True)
    }
