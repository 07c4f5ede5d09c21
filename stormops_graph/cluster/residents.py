"""Who lived where, when: the records that know their home, grouped into households.

At one home, records that share a surname, a phone or an email form a family. All families at one home are one
household, with two exceptions: a family that is also found at another home has moved, and those it left behind or came
after are another household; and two families may have followed each other (`successions`). A record that shows nothing
but the address belongs to each household that lived there, for the time that it did, unless they wrote other flats; in
a crowd to the one that wrote its flat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from stormops_graph.cluster.crowds import are_strangers, find_crowds
from stormops_graph.cluster.evidence import Evidence, Profile
from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.moves import join_movers
from stormops_graph.cluster.successions import find_successions
from stormops_graph.rules.ruleset import ClusterRules

ALWAYS = (datetime.min, datetime.max)
Stay = tuple[datetime, datetime]


@dataclass
class Household:
    """Record numbers, the homes with the time the household lived there, and which records are its own for a time."""

    members: list[int] = field(default_factory=list)
    stays: dict[str, Stay] = field(default_factory=dict)
    tenures: dict[int, Stay] = field(default_factory=dict)

    def hold(self, number: int, tenure: Stay) -> None:
        """Make a record a member, for `tenure` alone."""
        self.members.append(number)
        if tenure != ALWAYS:
            self.tenures[number] = tenure


def find_residents(evidence: Evidence, forest: Forest, rules: ClusterRules) -> list[Household]:
    """Households of all records with a home, in the order of their smallest record."""
    homed = [n for n, profile in enumerate(evidence.profiles) if profile.home is not None]
    crowded = find_crowds(evidence, homed, rules.families)
    _join_families(evidence, forest, crowded)
    followed = join_movers(evidence, forest, rules)
    plain, families = _split_plain(evidence, forest, homed)
    households = _settle(evidence, forest, families, followed, crowded)
    _place_plain(evidence, forest, plain, households, crowded)
    for household in households:
        household.members.sort()
    return sorted(households, key=lambda household: household.members[0])


def _join_families(evidence: Evidence, forest: Forest, crowded: AbstractSet[str]) -> None:
    for edge in evidence.edges:
        left, right = evidence.profiles[edge.left], evidence.profiles[edge.right]
        if not edge.beyond_home or left.home is None or left.home != right.home:
            continue
        if left.home not in crowded or not are_strangers(left, right):
            forest.join(edge.left, edge.right)


def _split_plain(evidence: Evidence, forest: Forest, homed: Sequence[int]) -> tuple[list[int], dict[int, list[int]]]:
    """Records with nothing but an address, and the families of the others."""
    groups = forest.groups(homed)
    plain = [
        members[0] for members in groups.values() if len(members) == 1 and evidence.profiles[members[0]].surname is None
    ]
    alone = set(plain)
    return plain, {root: members for root, members in groups.items() if members[0] not in alone}


def _settle(
    evidence: Evidence, forest: Forest, families: dict[int, list[int]], followed: set[int], crowded: set[str]
) -> list[Household]:
    """Families as households: those that moved on their own, those that stayed together by home."""
    movers = [Household(members, _stays(evidence, members)) for root, members in families.items() if root in followed]
    stayed: list[Household] = []
    living: dict[str, list[list[int]]] = defaultdict(list)
    for root, members in families.items():
        if root not in followed:
            home = evidence.profiles[members[0]].home or ""
            if home in crowded:
                stayed.append(Household(list(members), {home: ALWAYS}))
            else:
                living[home].append(members)
    moved = find_successions(evidence, living)
    for home, found in living.items():
        stayed += _settle_home(evidence, forest, home, found, moved.get(home))
    passing: dict[str, list[Stay]] = defaultdict(list)
    for mover in movers:
        for home, stay in mover.stays.items():
            passing[home].append(stay)
    for household in stayed:
        if not passing.keys().isdisjoint(household.stays):
            _bound_stays(evidence, household, passing)
    return movers + stayed


def _bound_stays(evidence: Evidence, household: Household, passing: Mapping[str, Sequence[Stay]]) -> None:
    """A household seen only after another had left moved in then; one seen only before another came, left then."""
    seen = [evidence.profiles[n] for n in household.members]
    first = min(profile.first_seen or datetime.min for profile in seen)
    last = max(profile.last_seen or datetime.max for profile in seen)
    for home in household.stays:
        others = passing.get(home, ())
        start = max((end for _, end in others if end <= first), default=datetime.min)
        end = min((start for start, _ in others if start > last), default=datetime.max)
        household.stays[home] = (start, end)


def _settle_home(
    evidence: Evidence, forest: Forest, home: str, families: Sequence[list[int]], moved: datetime | None
) -> list[Household]:
    """One household of all families at a home, or two where others moved in at `moved`; more where verdicts part."""
    before: list[Household] = []
    after: list[Household] = []
    for members in families:
        first = min(evidence.profiles[n].first_seen or datetime.min for n in members)
        _add_family(forest, before if moved is None or first < moved else after, home, members)
    if moved is not None:
        for household in before:
            household.stays[home] = (datetime.min, moved)
        for household in after:
            household.stays[home] = (moved, datetime.max)
    return before + after


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


def _place_plain(
    evidence: Evidence, forest: Forest, plain: Sequence[int], households: list[Household], crowded: AbstractSet[str]
) -> None:
    """Give address-only records to who lived there, each for its time; an empty home's found a household."""
    living: dict[str, list[Household]] = defaultdict(list)
    for household in households:
        for home in household.stays:
            living[home].append(household)
    for number in plain:
        profile = evidence.profiles[number]
        home = profile.home or ""
        there = [h for h in living[home] if _may_hold(evidence, h, profile, alone=home not in crowded)]
        if home in crowded and (profile.flat is None or len(there) > 1):
            households.append(Household([number]))
            continue
        life = (profile.first_seen or datetime.min, profile.last_seen or datetime.max)
        # A household that stayed is likelier than one that moved through.
        there.sort(key=lambda household: len(household.stays))
        holders = _holders(forest, number, [h for h in there if _lived(h.stays[home], life)], home)
        left = _left_over(life, [holder.stays[home] for holder in holders])
        if left is not None:
            holders.append(Household([], {home: left}))
            living[home].append(holders[-1])
            households.append(holders[-1])
        for holder in holders:
            holder.hold(number, holder.stays[home] if len(holders) > 1 else ALWAYS)
        if len(holders) == 1:  # a verdict on the record speaks for the household from now on
            forest.join(holders[0].members[0], number)


def _may_hold(evidence: Evidence, household: Household, plain: Profile, *, alone: bool) -> bool:
    """Whether an address-only record may be of a household at its home: of one that wrote its flat, and where it lives
    alone, of one that wrote none or where the record shows none.
    """
    if alone and plain.flat is None:
        return True
    members = (evidence.profiles[n] for n in household.members)
    wrote = {member.flat for member in members if member.home == plain.home and member.flat is not None}
    return plain.flat in wrote or (alone and not wrote)


def _holders(forest: Forest, number: int, there: Sequence[Household], home: str) -> list[Household]:
    """Who lived there one after the other, and no verdict keeps the record from."""
    holders: list[Household] = []
    for household in there:
        meets = any(_meet(household.stays[home], holder.stays[home]) for holder in holders)
        if not meets and not forest.parted(household.members[0], number):
            holders.append(household)
    return holders


def _left_over(life: Stay, held: Sequence[Stay]) -> Stay | None:
    """The last time that the record was seen in and nobody known lived there; always where nobody is known."""
    start = datetime.min
    gaps = []
    for tenure in [*sorted(held), (datetime.max, datetime.max)]:
        gaps.append((start, tenure[0]))
        start = tenure[1]
    return next((gap for gap in reversed(gaps) if gap[0] < gap[1] and _lived(gap, life)), None)


def _lived(stay: Stay, life: Stay) -> bool:
    """Whether a record seen from the first to the last instant of `life` was seen in the stay."""
    return stay[0] <= life[1] and life[0] < stay[1]


def _meet(one: Stay, other: Stay) -> bool:
    return one[0] < other[1] and other[0] < one[1]
