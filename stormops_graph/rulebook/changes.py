"""What differs between two sets of rules: the declared values, and what training made of them.

Invariant: equal rules have no changes, and the order of tables and keys in a file does not count.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stormops_graph.errors import ModelError, SettingsError
from stormops_graph.rulebook.kept import rule_files
from stormops_graph.rules.model import TRAINED, Model, read_model
from stormops_graph.rules.ruleset import Rules, read_rules

Values = dict[str, Any]


@dataclass(frozen=True)
class Declared:
    """A value that differs; None where one side has none."""

    file: str
    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Weight:
    """Shares of a level among pairs of one person and among pairs by chance, and what that makes in bits."""

    person: float
    chance: float

    @property
    def bits(self) -> float:
        """log2 of the likelihood ratio."""
        return math.log2(self.person / self.chance)


@dataclass(frozen=True)
class Level:
    """A level of a comparison whose weight differs; None where one side has no such level."""

    column: str
    level: str
    before: Weight | None
    after: Weight | None


@dataclass(frozen=True)
class Shares:
    """The share of a kind of pair that differs."""

    kind: str
    before: float
    after: float


@dataclass(frozen=True)
class Names:
    """Trained name frequencies of a column: how many are only on one side, and how many differ."""

    column: str
    gone: int
    new: int
    changed: int


@dataclass(frozen=True)
class Corrected:
    """How a level's probabilities are corrected by verdicts, where that differs: what one half comes to."""

    level: str
    before: float
    after: float


@dataclass(frozen=True)
class RuleChanges:
    """Everything that differs; `untrained` says of which side no trained model fits, and why."""

    declared: tuple[Declared, ...]
    levels: tuple[Level, ...]
    kinds: tuple[Shares, ...]
    names: tuple[Names, ...]
    corrected: tuple[Corrected, ...]
    untrained: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether the two are the same."""
        trained = self.levels or self.kinds or self.names or self.corrected
        return not (self.declared or trained or self.untrained)


def rule_changes(before: Path, after: Path) -> RuleChanges:
    """What changed from the rules in one folder to those in another; raises SettingsError for TOML that is none."""
    models = [_trained(folder) for folder in (before, after)]
    levels: tuple[Level, ...] = ()
    kinds: tuple[Shares, ...] = ()
    names: tuple[Names, ...] = ()
    corrected: tuple[Corrected, ...] = ()
    (old, _), (new, _) = models
    if old is not None and new is not None:
        levels, kinds, names = tuple(_levels(old, new)), tuple(_kinds(old[1], new[1])), tuple(_names(old[1], new[1]))
        corrected = tuple(_corrected(old[1], new[1]))
    why = tuple(reason for _, reason in models if reason)
    return RuleChanges(tuple(_declared(before, after)), levels, kinds, names, corrected, why)


def _trained(folder: Path) -> tuple[tuple[Rules, Model] | None, str]:
    try:
        rules = read_rules(folder)
        return (rules, read_model(rules)), ""
    except (SettingsError, ModelError) as error:
        first, *others = error.message.splitlines()
        return None, f"{first} (and {len(others)} more)" if others else first


def _declared(before: Path, after: Path) -> Iterator[Declared]:
    sides = _files(before), _files(after)
    for file in sorted({*sides[0], *sides[1]}):
        old, new = (side.get(file, {}) for side in sides)
        for name in sorted({*old, *new}):
            if name != "version" and old.get(name) != new.get(name):
                yield Declared(file, name, old.get(name), new.get(name))


def _files(folder: Path) -> dict[str, Values]:
    return {name: _flat(file) for name, file in rule_files(folder).items() if name != TRAINED}


def _flat(file: Path) -> Values:
    try:
        return dict(_walk("", tomllib.loads(file.read_text("utf-8-sig"))))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: not TOML", "stormops-graph rules check tells the line") from error


def _walk(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Dotted name → value. Tables in a list go by their column, or else by what they say."""
    if isinstance(value, dict):
        for key in value:
            yield from _walk(f"{name}.{key}".removeprefix("."), value[key])
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for place, entry in enumerate(value):
            yield from _entry(name, place, entry)
    else:
        yield name, value


def _entry(name: str, place: int, entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "column" in entry:
        yield from _walk(f"{name}.{entry['column']}", {key: entry[key] for key in entry if key != "column"})
    elif "kind" in entry:  # levels: their order counts
        yield f"{name}.{place + 1}", " ".join(map(str, (entry["kind"], *_said(entry))))
    else:
        yield f"{name}[{json.dumps(entry, sort_keys=True, ensure_ascii=False)}]", True


def _said(entry: Mapping[str, Any]) -> list[str]:
    return [f"{key} {value}" for key, value in sorted(entry.items()) if key != "kind"]


def _levels(old: tuple[Rules, Model], new: tuple[Rules, Model]) -> Iterator[Level]:
    before, after = _weights(*old), _weights(*new)
    for column, level in {**before, **after}:
        was, now = before.get((column, level)), after.get((column, level))
        if was != now:
            yield Level(column, level, was, now)


def _weights(rules: Rules, model: Model) -> dict[tuple[str, str], Weight]:
    found: dict[tuple[str, str], Weight] = {}
    for comparison in rules.person.comparison:
        column = comparison.column
        shares = zip(comparison.labels, model.levels[column]["person"], model.chance[column], strict=True)
        found.update({(column, label): Weight(person, chance) for label, person, chance in shares})
    return found


def _kinds(old: Model, new: Model) -> Iterator[Shares]:
    for kind, share in old.kinds.items():
        if share != new.kinds[kind]:
            yield Shares(kind, share, new.kinds[kind])


def _corrected(old: Model, new: Model) -> Iterator[Corrected]:
    half = np.array([0.5])
    for level in sorted({*old.calibration, *new.calibration}):
        if old.calibration.get(level) != new.calibration.get(level):
            yield Corrected(level, *(float(model.calibrated(level, half)[0]) for model in (old, new)))


def _names(old: Model, new: Model) -> Iterator[Names]:
    for column in sorted({*old.frequency, *new.frequency}):
        was, now = old.frequency.get(column, {}), new.frequency.get(column, {})
        changed = sum(was[name] != now[name] for name in was.keys() & now.keys())
        found = Names(column, len(was.keys() - now.keys()), len(now.keys() - was.keys()), changed)
        if found.gone or found.new or found.changed:
            yield found
