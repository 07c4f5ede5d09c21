"""The trained linkage model: what `rules train` learnt for the declared rules, and the checks before it is used.

Invariant: a model names the rules it was trained for; rules and model that do not fit are refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from stormops_graph.errors import ModelError
from stormops_graph.matching import Matching
from stormops_graph.rules import HOUSEHOLD, PERSON, Rules

TRAINED = "trained/model.json"


@dataclass(frozen=True)
class Model:
    """A trained model: shares of each level by kind of pair, chance agreement, and name frequencies.

    kinds: kind → share of candidate pairs; levels: column → kind → share per level, best level first;
    free: the same among pairs that another column brought together, where that says something;
    chance: column → share per level among random pairs; frequency: column → value → share of records.
    """

    kinds: dict[str, float]
    levels: dict[str, dict[str, list[float]]]
    free: dict[str, dict[str, list[float]]]
    chance: dict[str, list[float]]
    frequency: dict[str, dict[str, float]]
    rarest: dict[str, float]

    def as_json(self, rules: Rules, trained_on: str) -> dict[str, Any]:
        """What is stored in `trained/model.json`."""
        return {
            "rules": rules.fingerprint,
            "trained_on": trained_on,
            "kinds": self.kinds,
            "levels": self.levels,
            "free": self.free,
            "chance": self.chance,
            "rarest": self.rarest,
            "frequency": self.frequency,
        }


def read_model(rules: Rules) -> Model:
    """The trained model of these rules; raises ModelError when there is none, or it was trained for others."""
    file = rules.folder / TRAINED
    if not file.is_file():
        raise ModelError(f"{file} is missing", "train the rules: stormops-graph rules train")
    stored = json.loads(file.read_text("utf-8"))
    if stored.get("rules") != rules.fingerprint:
        raise ModelError(
            f"{file} was trained for other rules than {PERSON} and {HOUSEHOLD} now declare",
            "train the rules again: stormops-graph rules train",
        )
    if "free" not in stored:
        raise ModelError(
            f"{file} was trained by an earlier release", "train the rules again: stormops-graph rules train"
        )
    model = Model(*(stored[name] for name in ("kinds", "levels", "free", "chance", "frequency", "rarest")))
    check_model(rules.matching, model)
    return model


def check_model(matching: Matching, model: Model) -> None:
    """Raise ModelError when a level was never seen or weighs more than evidence can."""
    for comparison in matching.comparisons:
        column = comparison.column
        for number, chance in enumerate(model.chance[column]):
            share = model.free[column]["person"][number]
            if not (1e-9 < chance <= 1 and 1e-9 < share <= 1):
                raise ModelError(
                    f"level {number + 1} of {column} is untrained or extreme (person {share:.2g}, chance {chance:.2g})",
                    "train on more records, or take the level out of person.toml",
                )
