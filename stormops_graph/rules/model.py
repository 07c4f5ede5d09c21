"""The trained linkage model: what `rules train` learnt for the declared rules, and the checks before it is used.

Invariant: a model names the rules it was trained for; rules and model that do not fit are refused.
"""

from __future__ import annotations

import json
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
STEEPEST, FARTHEST = 5.0, 6.0  # a slope, and a shift in nats, beyond which a calibration is no correction any more


@dataclass(frozen=True)
class Calibration:
    """What verdicts made of stated probabilities: log odds are stretched by `slope` and shifted by `shift`.

    Between the log odds `low` and `high`, which the verdicts were of; beyond, all are shifted as there.
    """

    shift: float
    slope: float
    low: float
    high: float
    verdicts: int

    def of(self, stated: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probabilities that these really are."""
        held = np.clip(stated, 1e-9, 1 - 1e-9)
        odds = np.log(held / (1 - held))
        inside = np.clip(odds, self.low, self.high)
        return np.asarray(1 / (1 + np.exp(-(self.shift + self.slope * inside + odds - inside))))


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
    """Raise ModelError for a level untrained or extreme, shares that do not add up to 1, or verdicts that oppose it."""
    for name, found in model.calibration.items():
        if not (1 / STEEPEST <= found.slope <= STEEPEST and abs(found.shift) <= FARTHEST):
            raise ModelError(
                f"verdicts on the {name} oppose the evidence (shift {found.shift:.2g}, slope {found.slope:.2g})",
                "look at them: stormops-graph decisions list; or leave them out: stormops-graph rules train",
            )
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
