"""Two families with different names at one home: one household, or one family after the other?

What two people who live together leave behind comes in any order; what two families leave that follow each other does
not. They are two households if everything seen of the one comes before everything seen of the other, and both were seen
so often that this is hardly chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import comb

from stormops_graph.cluster.evidence import Evidence

FEWEST = 2  # sights of each family: a single one is often first or last
CHANCE = 0.2  # of such an order among people who live together, above which it says nothing

Family = Sequence[int]  # record numbers


def find_successions(evidence: Evidence, families: Mapping[str, Sequence[Family]]) -> dict[str, datetime]:
    """Home → when the second of two families that followed each other there was first seen; `families` are by home."""
    named = {home: [family for family in found if _named(evidence, family)] for home, found in families.items()}
    pairs = {home: found for home, found in named.items() if len(found) == 2}
    if not pairs:
        return {}
    tied = _tied(evidence, {n for found in pairs.values() for family in found for n in family})
    moved = {}
    for home, found in pairs.items():
        early, late = sorted(_sights(evidence, family, tied) for family in found)
        if min(len(early), len(late)) >= FEWEST and early[-1] < late[0] and _chance(early, late) <= CHANCE:
            moved[home] = late[0]
    return moved


def _chance(early: Sequence[datetime], late: Sequence[datetime]) -> float:
    """Of all orders of so many sights, the share in which those of one family come before those of the other."""
    return 2 / comb(len(early) + len(late), len(early))


def _named(evidence: Evidence, family: Family) -> bool:
    return any(evidence.profiles[n].surname for n in family)


def _tied(evidence: Evidence, members: set[int]) -> dict[int, set[int]]:
    """Records without a home that share a phone, an email or an id with one of `members`."""
    return {
        member: {other for other, edge in found if edge.tied and evidence.profiles[other].home is None}
        for member, found in evidence.neighbours(members).items()
    }


def _sights(evidence: Evidence, family: Family, tied: Mapping[int, set[int]]) -> list[datetime]:
    """When records of a family, and those tied to it, were seen first and last, in order."""
    records = {other for n in family for other in tied.get(n, ())}.union(family)
    profiles = [evidence.profiles[n] for n in records]
    return sorted({at for p in profiles for at in (p.first_seen, p.last_seen) if at is not None})
