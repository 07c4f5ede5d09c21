"""Who lived where, when: the records that know their home, grouped into households.

At one home, records that share a surname, a phone or an email form a family; families at one home are one household
unless one of them is also found at another home: then it moved, and whom it left behind or came after is another
household. A record that has only the address belongs to the household that lived there at its time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from stormops_graph.cluster.evidence import Evidence
from stormops_graph.cluster.forest import Forest
from stormops_graph.rules import ClusterRules

ALWAYS = (datetime.min, datetime.max)
Stay = tuple[datetime, datetime]


@dataclass
class Household:
    """Record numbers, and the homes with the time the household lived there."""

    members: list[int] = field(default_factory=list)
    stays: dict[str, Stay] = field(default_factory=dict)


def find_residents(evidence: Evidence, forest: Forest, rules: ClusterRules) -> list[Household]:
    """Households of all records with a home, in the order of their smallest record."""
    homed = [n for n, profile in enumerate(evidence.profiles) if profile.home is not None]
    _join_families(evidence, forest)
    followed = _join_movers(evidence, forest, rules)
    plain, families = _split_plain(evidence, forest, homed)
    crowded = _crowded(evidence, families, rules.families)
    households = _settle(evidence, forest, families, followed, crowded)
    _place_plain(evidence, forest, [n for n in plain if evidence.profiles[n].home not in crowded], households)
    households.extend(Household([n]) for n in plain if evidence.profiles[n].home in crowded)
    for household in households:
        household.members.sort()
    return sorted(households, key=lambda household: household.members[0])


def _join_families(evidence: Evidence, forest: Forest) -> None:
    profiles = evidence.profiles
    for edge in evidence.edges:
        home = profiles[edge.left].home
        if edge.beyond_home and home is not None and home == profiles[edge.right].home:
            forest.join(edge.left, edge.right)


def _join_movers(evidence: Evidence, forest: Forest, rules: ClusterRules) -> set[int]:
    """Join families that one person ties over several homes; returns the roots of those that moved."""
    profiles = evidence.profiles
    homes: dict[int, set[str]] = defaultdict(set)
    for number, profile in enumerate(profiles):
        if profile.home is not None:
            homes[forest.root(number)].add(profile.home)
    for edge in evidence.edges:
        left, right = forest.root(edge.left), forest.root(edge.right)
        if left == right or not (edge.named and edge.tied) or edge.person < rules.mover_at_least:
            continue
        both = homes[left] | homes[right]
        if not homes[left] or not homes[right] or len(both) > rules.mover_homes:
            continue
        if forest.join(left, right):
            homes[forest.root(left)] = both
    return {root for root in {forest.root(n) for n in range(len(profiles))} if len(homes[root]) > 1}


def _split_plain(evidence: Evidence, forest: Forest, homed: Sequence[int]) -> tuple[list[int], dict[int, list[int]]]:
    """Records with nothing but an address, and the families of the others."""
    groups = forest.groups(homed)
    plain = [
        members[0] for members in groups.values() if len(members) == 1 and evidence.profiles[members[0]].surname is None
    ]
    alone = set(plain)
    return plain, {root: members for root, members in groups.items() if members[0] not in alone}


def _crowded(evidence: Evidence, families: dict[int, list[int]], limit: int) -> set[str]:
    """Homes with more families than one household has."""
    surnames: dict[str, set[str]] = defaultdict(set)
    for members in families.values():
        names = sorted(name for n in members if (name := evidence.profiles[n].surname))
        for home in {evidence.profiles[n].home or "" for n in members} if names else ():
            surnames[home].add(names[0])
    return {home for home, names in surnames.items() if len(names) > limit}


def _settle(
    evidence: Evidence, forest: Forest, families: dict[int, list[int]], followed: set[int], crowded: set[str]
) -> list[Household]:
    """Families as households: those that moved on their own, those that stayed together by home."""
    movers = [Household(members, _stays(evidence, members)) for root, members in families.items() if root in followed]
    settled: dict[str, list[Household]] = defaultdict(list)
    for root, members in families.items():
        if root not in followed:
            home = evidence.profiles[members[0]].home or ""
            if home in crowded:
                settled[home].append(Household(list(members), {home: ALWAYS}))
            else:
                _add_family(forest, settled[home], home, members)
    stayed = [household for households in settled.values() for household in households]
    for household in stayed:
        _bound_stays(evidence, household, movers)
    return movers + stayed


def _bound_stays(evidence: Evidence, household: Household, movers: Sequence[Household]) -> None:
    """A household seen only after another had left moved in then; one seen only before another came, left then."""
    seen = [evidence.profiles[n] for n in household.members]
    first = min(profile.first_seen or datetime.min for profile in seen)
    last = max(profile.last_seen or datetime.max for profile in seen)
    for home in household.stays:
        others = [mover.stays[home] for mover in movers if home in mover.stays]
        start = max((end for _, end in others if end <= first), default=datetime.min)
        end = min((start for start, _ in others if start > last), default=datetime.max)
        household.stays[home] = (start, end)


def _add_family(forest: Forest, households: list[Household], home: str, members: list[int]) -> None:
    """To the first household at the home that no verdict keeps them from."""
    for household in households:
        if forest.join(household.members[0], members[0]):
            household.members.extend(members)
            return
    households.append(Household(list(members), {home: ALWAYS}))


def _stays(evidence: Evidence, members: Sequence[int]) -> dict[str, Stay]:
    """The homes of a household that moved, one after the other, each from its first sight on."""
    first: dict[str, datetime] = {}
    for number in members:
        profile = evidence.profiles[number]
        seen = profile.first_seen or datetime.min
        first[profile.home or ""] = min(seen, first.get(profile.home or "", datetime.max))
    order = sorted(first, key=lambda home: (first[home], home))
    starts = [datetime.min, *(first[home] for home in order[1:])]
    return dict(zip(order, zip(starts, [*starts[1:], datetime.max], strict=True), strict=True))


def _place_plain(evidence: Evidence, forest: Forest, plain: Sequence[int], households: list[Household]) -> None:
    """Give address-only records to who lived there then; at a home without a household they found one."""
    living: dict[str, list[Household]] = defaultdict(list)
    for household in households:
        for home in household.stays:
            living[home].append(household)
    for number in plain:
        profile = evidence.profiles[number]
        home, seen = profile.home or "", profile.first_seen or datetime.min
        there = [household for household in living[home] if _covers(household.stays[home], seen)]
        # A household that stayed is likelier than one that moved through.
        for household in sorted(there, key=lambda household: len(household.stays)):
            if forest.join(household.members[0], number):
                household.members.append(number)
                break
        else:
            living[home].append(Household([number], {home: ALWAYS}))
            households.append(living[home][-1])


def _covers(stay: Stay, at: datetime) -> bool:
    return stay[0] <= at < stay[1]
