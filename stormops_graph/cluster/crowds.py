"""Homes with more surnames than one household has (dormitories, homes for the elderly, offices), and houses of flats.

What strangers at such a home share does not tie them: the front desk's phone is on many people's cards. A house that is
listed as one home is taken for one of flats where strangers write different flat numbers, or anybody writes many.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import combinations

from rapidfuzz.distance import JaroWinkler

from stormops_graph.cluster.evidence import Evidence, Profile

SPELT_ALIKE = 0.88  # Jaro-Winkler similarity of a name and the same with a slip in it


def find_crowds(evidence: Evidence, homed: Sequence[int], most: int) -> set[str]:
    """Homes with more than `most` surnames, not counting other spellings of the same, and houses of flats: of more than
    `most`, or of two with neighbours.
    """
    surnames: dict[str, set[str]] = defaultdict(set)
    flats: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for number in homed:
        profile = evidence.profiles[number]
        named = set() if profile.surname is None else {profile.surname}
        if named:
            surnames[profile.home or ""] |= named
        if profile.flat is not None:
            flats[profile.home or ""][profile.flat] |= named
    full = {home for home, found in surnames.items() if len(found) > most and _families(found) > most}
    return full | {home for home, found in flats.items() if len(found) > most or _has_neighbours(found.values())}


def are_strangers(one: Profile, other: Profile) -> bool:
    """Whether both surnames are known, and not the same in two spellings; or both flats, and not the same."""
    if one.flat is not None and other.flat is not None and one.flat != other.flat:
        return True
    return one.surname is not None and other.surname is not None and not _alike(one.surname, other.surname)


def _has_neighbours(flats: Collection[Collection[str]]) -> bool:
    """Whether in two of the flats all surnames are others."""
    named = combinations(filter(None, flats), 2)
    return any(all(not _alike(one, other) for one in left for other in right) for left, right in named)


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
