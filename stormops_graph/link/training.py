"""Training: chance agreement from random pairs, kinds of pair by EM over the candidates, name frequencies.

Run by `rules train` on the records of a project; the result is a file that later runs use unchanged, so that a
record weighs the same tonight as last night.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stormops_graph.errors import ModelError
from stormops_graph.link.homes import place_addresses
from stormops_graph.link.mixture import KINDS, Mixture, fit
from stormops_graph.link.pairs import mixture_of, namesakes
from stormops_graph.link.profiles import make_profiles
from stormops_graph.link.scoring import linker, market, rare_columns, score_pairs
from stormops_graph.link.sharing import find_shared
from stormops_graph.model import TRAINED, Model, check_model
from stormops_graph.rules import Rules
from stormops_graph.tables import Connection

RANDOM_PAIRS = 1e6  # enough for chance agreement on all but the rarest levels
LEAST_PAIRS = 500  # candidate pairs below which a training says nothing
KEPT_NAMES = 5000  # names whose frequency is kept; the rest are rare
LEAST_CHANCE = 1e-6


def train(con: Connection, rules: Rules, trained_on: str) -> Path:
    """Train on the workspace's records and write `trained/model.json`; raises ModelError on too little data."""
    place_addresses(con, rules.household.address)
    find_shared(con, rules.household.shared)
    start = _start(con, rules)
    make_profiles(con, rules.nicknames, start, market(con, rules))
    chance = _chance(con, rules, start)
    model = Model(start.kinds, start.levels, chance, start.frequency, start.rarest)
    model = _fit_kinds(con, rules, model)
    check_model(rules, model)
    file = rules.folder / TRAINED
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(model.as_json(rules, trained_on), indent=1) + "\n", "utf-8")
    return file


def _start(con: Connection, rules: Rules) -> Model:
    declared = rules.household.kinds.model_dump()
    columns: list[str] = [c.column for c in rules.person.comparison]
    total = sum(declared[kind] for kind in KINDS)
    levels = {column: declared[column] for column in columns}
    frequency, rarest = {}, {}
    for column in rare_columns(rules):
        frequency[column], rarest[column] = _frequency(con, column)
    chance = {column: levels[column]["unrelated"] for column in columns}
    return Model({kind: declared[kind] / total for kind in KINDS}, levels, chance, frequency, rarest)


def _frequency(con: Connection, column: str) -> tuple[dict[str, float], float]:
    counted = con.execute(
        f'SELECT "{column}", count(*) FROM record WHERE length("{column}") > 1 '  # noqa: S608  (fixed words)
        f"GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    if not counted:
        raise ModelError(f"no record has a {column}: there is nothing to train on")
    total = sum(count for _, count in counted)
    kept = {value: round(count / total, 9) for value, count in counted[:KEPT_NAMES] if count > 1}
    return kept, round(1 / total, 9)


def _chance(con: Connection, rules: Rules, start: Model) -> dict[str, list[float]]:
    """Share of each level among random pairs, as Splink samples them, best level first."""
    with linker(con, rules, start) as made:
        made.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
        saved: Mapping[str, Any] = made.misc.save_model_to_json()
    chance = {}
    for comparison in saved["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        shares = np.array([max(level.get("u_probability") or 0.0, LEAST_CHANCE) for level in levels])
        chance[comparison["output_column_name"]] = [float(share) for share in shares / shares.sum()]
    return chance


def _fit_kinds(con: Connection, rules: Rules, model: Model) -> Model:
    score_pairs(con, rules, model)
    columns = [c.column for c in rules.person.comparison]
    gammas = ", ".join(f"gamma_{column}" for column in columns)
    rows = con.execute(
        f"SELECT {gammas}, count(*) FROM pair_scored GROUP BY ALL ORDER BY ALL"  # noqa: S608  (fixed words)
    ).fetchall()
    table = np.array(rows, dtype=np.int64).reshape(-1, len(columns) + 1)
    table = table[~namesakes(rules, table[:, :-1])]  # they are weighed by their names alone
    if table[:, -1].sum() < LEAST_PAIRS:
        raise ModelError(
            f"only {table[:, -1].sum()} candidate pairs: too few to train on",
            "keep the shipped model, or train on more records",
        )
    fitted = fit(mixture_of(rules, model), table[:, :-1], table[:, -1].astype(np.float64), rules.household.kinds.pairs)
    return Model(_kinds(fitted), _levels(columns, fitted), model.chance, model.frequency, model.rarest)


def _kinds(mixture: Mixture) -> dict[str, float]:
    return {kind: round(float(share), 9) for kind, share in zip(KINDS, mixture.kinds, strict=True)}


def _levels(columns: Sequence[str], mixture: Mixture) -> dict[str, dict[str, list[float]]]:
    return {
        column: {kind: [round(float(s), 9) for s in shares[row][::-1]] for row, kind in enumerate(KINDS)}
        for column, shares in zip(columns, mixture.levels, strict=True)
    }
