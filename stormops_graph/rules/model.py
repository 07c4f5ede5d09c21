"""The trained linkage model: what `rules train` learnt for the declared rules, and the checks before it is used.

Invariant: a model names the rules it was trained for; rules and model that do not fit are refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from stormops_graph.errors import ModelError
from stormops_graph.rules.matching import KINDS, Comparison, Matching
from stormops_graph.rules.ruleset import HOUSEHOLD, PERSON, Rules

TRAINED = "trained/model.json"
_ANEW = "train the rules again: stormops-graph rules train"
ROUNDED = 1e-6  # how far shares may be from adding up to 1
FLATTEST = 0.2  # of a nat that is stated, what a calibration must leave: with less it speaks against the evidence


@dataclass(frozen=True)
class Calibration:
    """What verdicts made of stated probabilities: log odds are moved by `lower` nats at one third of the way from `low`
    to `high`, by `upper` at two thirds, in proportion between, and at the ends and beyond not at all.

    low, high: log odds; verdicts say nothing of what is beyond them.
    """

    low: float
    high: float
    lower: float
    upper: float
    verdicts: int

    @property
    def slopes(self) -> tuple[float, float, float]:
        """How many nats become of one that is stated, in each third."""
        third = (self.high - self.low) / 3
        return 1 + self.lower / third, 1 + (self.upper - self.lower) / third, 1 - self.upper / third

    def of(self, stated: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probabilities that these really are."""
        odds = log_odds(stated)
        moved = moves(odds, self.low, self.high) @ np.array([self.lower, self.upper])
        return np.where(moved, 1 / (1 + np.exp(-(odds + moved))), stated)


def moves(odds: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """How much of `lower` and of `upper` of a Calibration moves each of the log odds: (odds, 2)."""
    knots = np.linspace(low, high, 4)
    return np.column_stack([np.interp(odds, knots, tent) for tent in ([0, 1, 0, 0], [0, 0, 1, 0])])


def log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """In nats; of what is certain, those of one in a billion."""
    held = np.clip(probability, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(held / (1 - held)))


@dataclass(frozen=True)
class Model:
    """A trained model: shares of each level by kind of pair, chance agreement, and name frequencies.

    kinds: kind → share of candidate pairs; levels: column → kind → share per level, best level first;
    free: the same among pairs that another column brought together, where that says something;
    chance: column → share per level among random pairs; frequency: column → value → share of records;
    calibration: level → how its probabilities are corrected, where verdicts have said so.
    """

    kinds: dict[str, float]
    levels: dict[str, dict[str, list[float]]]
    free: dict[str, dict[str, list[float]]]
    chance: dict[str, list[float]]
    frequency: dict[str, dict[str, float]]
    rarest: dict[str, float]
    calibration: Mapping[str, Calibration] = field(default_factory=dict)

    def calibrated(self, level: str, stated: NDArray[np.float64]) -> NDArray[np.float64]:
        """Stated probabilities of a level, corrected."""
        found = self.calibration.get(level)
        return stated if found is None else found.of(stated)

    def as_json(self, rules: Rules, trained_on: str) -> dict[str, Any]:
        """What is stored in `trained/model.json`."""
        return {
            "rules": rules.fingerprint,
            "trained_on": trained_on,
            "kinds": self.kinds,
            "levels": self.levels,
            "free": self.free,
            "calibration": {level: asdict(found) for level, found in self.calibration.items()},
            "chance": self.chance,
            "rarest": self.rarest,
            "frequency": self.frequency,
        }


def read_model(rules: Rules) -> Model:
    """The trained model of these rules; raises ModelError when there is none, or it was trained for others."""
    file = rules.folder / TRAINED
    if not file.is_file():
        raise ModelError(f"{file} is missing", "train the rules: stormops-graph rules train")
    stored = _stored(file)
    if stored.get("rules") != rules.fingerprint:
        raise ModelError(f"{file} was trained for other rules than {PERSON} and {HOUSEHOLD} now declare", _ANEW)
    if "free" not in stored:
        raise ModelError(f"{file} was trained by an earlier release", _ANEW)
    try:
        model = TypeAdapter(Model).validate_python(stored)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"][: 2 if first["loc"][0] == "frequency" else None]))  # then names follow
        raise ModelError(f"{file}: {where}: {first['msg']}", _ANEW) from error
    check_model(rules.matching, model)
    return model


def _stored(file: Path) -> dict[str, Any]:
    try:
        stored = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise ModelError(f"{file} is no model: {error}", _ANEW) from error
    if not isinstance(stored, dict):
        raise ModelError(f"{file} is no model", _ANEW)
    return stored


def check_model(matching: Matching, model: Model) -> None:
    """Raise ModelError for what `check_shares` refuses, a level that says the opposite, or verdicts that oppose it."""
    for name, found in model.calibration.items():
        if found.low >= found.high or min(found.slopes) < FLATTEST:
            raise ModelError(
                f"verdicts on the {name} oppose the evidence: of what is likelier, less would be so",
                "look at them: stormops-graph decisions list; or leave them out: stormops-graph rules train",
            )
    check_shares(matching, model)
    for comparison in matching.comparisons:
        _check_best(comparison, model)


def check_shares(matching: Matching, model: Model) -> None:
    """Raise ModelError for a level untrained or extreme, or shares that do not add up to 1."""
    if abs(sum(model.kinds.get(kind, 0.0) for kind in KINDS) - 1) > ROUNDED:
        raise ModelError(f"the shares of {', '.join(KINDS)} pairs do not add up to 1", _ANEW)
    for comparison in matching.comparisons:
        _check_levels(comparison, model)


def _check_levels(comparison: Comparison, model: Model) -> None:
    column, levels = comparison.column, len(comparison.level) + 1  # and none of them
    by_kind = [part.get(column, {}).get(kind, []) for part in (model.levels, model.free) for kind in KINDS]
    learnt = [model.chance.get(column, []), *by_kind]
    if any(len(shares) != levels for shares in learnt):
        raise ModelError(f"the model has not {levels} levels of {column} for every kind of pair", _ANEW)
    for label, shares in zip(comparison.labels, zip(*learnt, strict=True), strict=True):
        if not all(1e-9 < share <= 1 for share in shares):
            raise ModelError(
                f"level {label} of {column} is untrained or extreme (from {min(shares):.2g} to {max(shares):.2g})",
                f"train on more records, or take the level out of {PERSON}",
            )
    if any(abs(sum(shares) - 1) > ROUNDED for shares in learnt):
        raise ModelError(f"the shares of the levels of {column} do not add up to 1", _ANEW)


def _check_best(comparison: Comparison, model: Model) -> None:
    """Raise ModelError where the best agreement in a column does not speak for one person, against whatever else."""
    column, label = comparison.column, comparison.labels[0]
    for shares in (model.levels[column], model.free[column]):
        likelier = max(shares["unrelated"][0], model.chance[column][0])
        if shares["person"][0] <= likelier:
            bits = math.log2(shares["person"][0] / likelier)
            raise ModelError(
                f"level {label} of {column} does not speak for one person ({bits:.1f} bits)",
                "train the rules again, on more records: stormops-graph rules train",
            )
