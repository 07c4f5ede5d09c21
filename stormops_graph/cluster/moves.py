"""Families at several homes that are one household which moved: one person, number or name ties them.

A person who is named at both homes and shares a phone, an email or an id between them moved. If one of the two records
names nobody, as a claim that gives a contact's id alone, the household moved if it was seen at one home after the other
and no name speaks against it: the two families have no different surnames, the two records no different given names,
and no other family was at the nameless record's home at the time. A full name alone shows a move only where another
family has come to the old home since; otherwise it may be a namesake's.

Nobody moves a family that stays: where another of it is seen at the old home since, and never at the new one, the one
has left the others, and they are two households. Nor do a father and a son of one name, where each home shows but one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple

from rapidfuzz.distance import JaroWinkler

from stormops_graph.cluster.crowds import SPELT_ALIKE
from stormops_graph.cluster.evidence import Edge, Evidence, Profile
from stormops_graph.cluster.forest import Forest
from stormops_graph.rules.ruleset import ClusterRules


class Turn(NamedTuple):
    """Two records, the later first seen after the earlier was last seen."""

    early: Profile
    late: Profile
    left: datetime
    arrived: datetime


class Family(NamedTuple):
    """What the records of a group that has homes show."""

    homes: set[str]
    surnames: set[str]
    suffixes: set[str]


def join_movers(evidence: Evidence, forest: Forest, rules: ClusterRules) -> set[int]:
    """Join families that are found at several homes; returns the roots of those that moved."""
    families = _families(evidence, forest)
    living: dict[str, list[Profile]] = defaultdict(list)
    for profile in evidence.profiles:
        if profile.home is not None and profile.surname is not None:
            living[profile.home].append(profile)
    for edge in evidence.edges:
        left, right = forest.root(edge.left), forest.root(edge.right)
        if left == right or left not in families or right not in families:
            continue
        one, other = families[left], families[right]
        if _differ(one.suffixes, other.suffixes):
            continue
        both = Family(*(shown | more for shown, more in zip(one, other, strict=True)))
        names = _same_name(evidence, edge)
        if edge.tied and edge.named and names:
            moved = edge.person >= rules.mover_at_least
        elif edge.tied and edge.household >= rules.mover_at_least:
            agree = not _differ(one.surnames, other.surnames) and names is not False
            moved = agree and (turn := _in_turn(evidence, edge)) is not None and _unopposed(turn, both.surnames, living)
        else:
            moved = (
                edge.named
                and (turn := _in_turn(evidence, edge)) is not None
                and _made_room(turn, both.surnames, living)
            )
        moved = (
            moved and len(both.homes) <= rules.mover_homes and not _left_others(evidence, edge, both.surnames, living)
        )
        if moved and forest.join(left, right):
            families[forest.root(left)] = both
    return {root for root, family in families.items() if len(family.homes) > 1 and forest.root(root) == root}


def _families(evidence: Evidence, forest: Forest) -> dict[int, Family]:
    """Root → its family, of those that are found at a home; their records without one say nothing here."""
    found: dict[int, Family] = defaultdict(lambda: Family(set(), set(), set()))
    for number, profile in enumerate(evidence.profiles):
        if profile.home is not None:
            family = found[forest.root(number)]
            family.homes.add(profile.home)
            if profile.surname is not None:
                family.surnames.add(profile.surname)
            if profile.suffix is not None:
                family.suffixes.add(profile.suffix)
    return dict(found)


def _differ(shown: AbstractSet[str], others: AbstractSet[str]) -> bool:
    """Whether both show something, and nothing of it is the same."""
    return bool(shown and others) and shown.isdisjoint(others)


def _same_name(evidence: Evidence, edge: Edge) -> bool | None:
    """Whether the given names may be one; None where one of them is not known."""
    one, other = evidence.profiles[edge.left], evidence.profiles[edge.right]
    return _may_be(one, other) if one.given and other.given else None


def _by_first_sight(evidence: Evidence, edge: Edge) -> tuple[Profile, Profile]:
    ends = evidence.profiles[edge.left], evidence.profiles[edge.right]
    early, late = sorted(ends, key=lambda end: (end.first_seen or datetime.min, end.record))
    return early, late


def _in_turn(evidence: Evidence, edge: Edge) -> Turn | None:
    early, late = _by_first_sight(evidence, edge)
    if early.last_seen is None or late.first_seen is None or early.last_seen >= late.first_seen:
        return None
    return Turn(early, late, early.last_seen, late.first_seen)


def _unopposed(turn: Turn, surnames: AbstractSet[str], living: dict[str, list[Profile]]) -> bool:
    """Whether nobody else was at the home of one without a surname: at the old one before the new one was lived in, or
    at the new one after the old one was.
    """
    early, late, left, arrived = turn
    before = [] if early.surname else _others(early, surnames, living)
    after = [] if late.surname else _others(late, surnames, living)
    return all((other.first_seen or datetime.min) >= arrived for other in before) and all(
        (other.last_seen or datetime.max) <= left for other in after
    )


def _made_room(turn: Turn, surnames: AbstractSet[str], living: dict[str, list[Profile]]) -> bool:
    """Whether two full names were seen one after the other, and others came to the old home after the last of these."""
    early, late, _, arrived = turn
    if len(early.given or "") < 2 or len(late.given or "") < 2:
        return False
    family = [one.last_seen or datetime.max for one in living[early.home or ""] if one.surname in surnames]
    came = [other.first_seen or datetime.min for other in _others(early, surnames, living)]
    return bool(family and came) and max(family) < min(*came, arrived)


def _left_others(evidence: Evidence, edge: Edge, surnames: AbstractSet[str], living: dict[str, list[Profile]]) -> bool:
    """Whether another of the family is seen at the old home after the new one was lived in, and not at the new one."""
    early, late = _by_first_sight(evidence, edge)
    if late.first_seen is None:
        return False
    movers = [early, late, *living[late.home or ""]]
    return any(
        one.surname in surnames and _last_written(one) > late.first_seen and not any(_may_be(one, m) for m in movers)
        for one in living[early.home or ""]
        if len(one.given or "") > 1
    )


def _last_written(profile: Profile) -> datetime:
    """When its home was last told: a contact's address stays on its card, whatever is changed there later."""
    told = profile.first_seen if profile.record.startswith("crm_contacts:") else profile.last_seen
    return told or datetime.min


def _may_be(one: Profile, other: Profile) -> bool:
    """Whether the given names may be one: alike, an initial and its name, or the other's is not known."""
    if not one.given or not other.given:
        return other.surname in (None, one.surname)
    if 1 in (len(one.given), len(other.given)):
        return one.given[0] == other.given[0]
    return JaroWinkler.similarity(one.given, other.given) >= SPELT_ALIKE


def _others(profile: Profile, surnames: AbstractSet[str], living: dict[str, list[Profile]]) -> Sequence[Profile]:
    """Who is seen at its home and has none of these surnames."""
    return [other for other in living[profile.home or ""] if other.surname not in surnames]
