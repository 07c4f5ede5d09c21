"""Homes with more surnames than one household has: dormitories, homes for the elderly, offices.

People are counted, not families: the front desk's phone is on the cards of many there and ties none of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from rapidfuzz.distance import JaroWinkler

from stormops_graph.cluster.evidence import Evidence

SPELT_ALIKE = 0.88  # Jaro-Winkler similarity of a name and the same with a slip in it


def find_crowds(evidence: Evidence, homed: Sequence[int], most: int) -> set[str]:
    """Homes with more than `most` surnames, not counting other spellings of the same."""
    surnames: dict[str, set[str]] = defaultdict(set)
    for number in homed:
        profile = evidence.profiles[number]
        if profile.surname is not None:
            surnames[profile.home or ""].add(profile.surname)
    return {home for home, found in surnames.items() if len(found) > most and _families(found) > most}


def are_strangers(one: str | None, other: str | None) -> bool:
    """Whether both surnames are known, and not the same in two spellings."""
    return one is not None and other is not None and not _alike(one, other)


def _families(surnames: Collection[str]) -> int:
    """How many surnames there are, apart from other spellings of the longer ones."""
    found: list[str] = []
    for surname in sorted(surnames, key=lambda name: (-len(name), name)):
        if not any(_alike(surname, other) for other in found):
            found.append(surname)
    return len(found)


def _alike(one: str, other: str) -> bool:
    return (
        JaroWinkler.similarity(one, other) >= SPELT_ALIKE or not _words(one).isdisjoint(_words(other))  # Garcia-Lopez
    )


def _words(surname: str) -> set[str]:
    return set(re.split(r"[ -]", surname))
