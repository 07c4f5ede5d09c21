"""What the models side by side do not settle: channels that cannot be told apart, and models that contradict another.

Invariant: two keys are told apart where neither share lies in the other's interval; models contradict each other where
each has its order of two keys beyond both intervals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

Row = Mapping[str, Any]
"""A credit as `attribute --json` has it: key, model, credit, low, high."""

SHOWN = 3
"""Contradictions that are told in full."""


def doubts(credits: Sequence[Row], published: str) -> list[str]:
    """What to be told beside the credits of one area and dimension; nothing where all is settled."""
    by_model: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in credits:
        by_model[row["model"]][row["key"]] = row
    told = [
        f"{published} cannot tell apart {_listed(run)}" for run in alike(list(by_model.get(published, {}).values()))
    ]
    found = contradictions(by_model, published)
    told += [
        f"models disagree: {first} puts {ahead} before {behind}, {second} after it"
        for first, second, ahead, behind in found[:SHOWN]
    ]
    if len(found) > SHOWN:
        told.append(f"models disagree about {len(found) - SHOWN} more pairs")
    return told


def alike(credits: Sequence[Row]) -> list[list[str]]:
    """Keys next to each other by share of which each lies in the intervals of all others, two or more at a time."""
    runs: list[list[Row]] = []
    for row in sorted(credits, key=lambda row: (-row["credit"], row["key"])):
        if runs and all(_within(row, other) and _within(other, row) for other in runs[-1]):
            runs[-1].append(row)
        else:
            runs.append([row])
    return [[row["key"] for row in run] for run in runs if len(run) > 1]


def contradictions(by_model: Mapping[str, Mapping[str, Row]], published: str) -> list[tuple[str, str, str, str]]:
    """Of each pair of keys the first two models that contradict each other, and how the first of them orders it.

    The published model comes first, the others by name.
    """
    models = sorted(by_model, key=lambda model: (model != published, model))
    found = []
    for pair in combinations(sorted({key for rows in by_model.values() for key in rows}), 2):
        said = [(model, _first(by_model[model], pair)) for model in models]
        sure = [(model, first) for model, first in said if first is not None]
        against = next((model for model, first in sure if first != sure[0][1]), None)
        if against is not None:
            model, ahead = sure[0]
            found.append((model, against, ahead, pair[1] if ahead == pair[0] else pair[0]))
    return sorted(found, key=lambda each: (each[0] != published, each))


def _first(rows: Mapping[str, Row], pair: tuple[str, str]) -> str | None:
    """Which of two keys has more beyond both intervals, if any."""
    one, other = (rows.get(key) for key in pair)
    if one is None or other is None:
        return None
    if one["low"] > other["high"]:
        return pair[0]
    return pair[1] if other["low"] > one["high"] else None


def _within(row: Row, other: Row) -> bool:
    return bool(other["low"] <= row["credit"] <= other["high"])


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
