"""Records without a home of their own go to the household that their identifiers point to.

This is done in rounds. A household claims a record that is tied to one of its own; the claim is as probable as the pair
of the two, times the probability of its own record's place. The record goes where the most probable claim is. If some
of the households that claim it hold its phone, email or id, only theirs count: a mere namesake was likely only as long
as no holder was known. If some of these holders bear the record's name, only theirs count. A claim that is less likely
than what may join two records does not count at all. A record that two households claim about equally belongs to each
for a time, if its identifier changed hands. Otherwise it stays out of both and ties nobody to either. Records that
reach no home form households of their own.
"""

from __future__ import annotations

from collections.abc import Set

from stormops_graph.cluster.evidence import Evidence, Neighbours
from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.handovers import find_turns
from stormops_graph.cluster.residents import Household
from stormops_graph.rules.ruleset import ClusterRules

Claims = dict[int, float]  # household number → probability


def attach(evidence: Evidence, forest: Forest, households: list[Household], rules: ClusterRules) -> dict[int, float]:
    """Add the rest of the records to `households`; returns record number → probability of its attachment."""
    home_of = _joined_already(evidence, forest, households)
    outside = set(range(len(evidence.profiles))).difference(home_of)
    neighbours = evidence.neighbours(outside)
    probability: dict[int, float] = {}
    torn: set[int] = set()
    dated: set[int] = set()
    # Records that a verdict holds together go together, by what any of them points to.
    groups = forest.groups(sorted(outside)).values()
    waiting = [group for group in groups if any(n in neighbours for n in group)]
    while any(claims := [_claims(group, neighbours, home_of, torn, probability, rules) for group in waiting]):
        for group, claim in zip(waiting, claims, strict=True):
            allowed = {n: p for n, p in claim.items() if not _parted(forest, households[n], group[0])}
            choice = _choose(allowed, rules.torn_margin)
            if choice is not None and forest.join(households[choice].members[0], group[0]):
                home_of.update(dict.fromkeys(group, choice))
                probability.update(dict.fromkeys(group, claim[choice]))
                households[choice].members.extend(group)
            elif len(group) == 1 and (turns := find_turns(evidence, group[0], neighbours[group[0]], home_of, allowed)):
                for household, turn in turns.items():
                    households[household].hold(group[0], turn)
                probability[group[0]] = min(allowed.values())
                dated.update(group)
            elif claim:
                torn.update(group)
        settled = home_of.keys() | torn | dated
        waiting = [group for group in waiting if group[0] not in settled]
    _found(evidence, forest, households, home_of.keys() | dated, torn)
    return probability


def _parted(forest: Forest, household: Household, number: int) -> bool:
    """Whether a verdict keeps the record from the household, or from one that belongs there for a time."""
    return any(forest.parted(member, number) for member in (household.members[0], *household.tenures))


def _joined_already(evidence: Evidence, forest: Forest, households: list[Household]) -> dict[int, int]:
    """Record number → household number, of all members and of whom a verdict joined to one."""
    home_of = {member: n for n, household in enumerate(households) for member in household.members}
    joined = {number for pair in evidence.household.same for number in pair}
    by_root = {forest.root(member): n for member, n in home_of.items()} if joined else {}
    for number in sorted(joined.difference(home_of)):
        household = by_root.get(forest.root(number))
        if household is not None:
            home_of[number] = household
            households[household].members.append(number)
    return home_of


def _claims(
    group: list[int],
    neighbours: Neighbours,
    home_of: dict[int, int],
    torn: set[int],
    sure: dict[int, float],
    rules: ClusterRules,
) -> Claims:
    """How probable each household is: the edge, times how surely the neighbour belongs there. Only those that hold the
    record's identifier, if any does; and of these only those who bear its name.
    """
    claims: Claims = {}
    holders: set[int] = set()
    bearers: set[int] = set()
    for number in group:
        for neighbour, edge in neighbours.get(number, ()):
            household = home_of.get(neighbour)
            claim = edge.household * sure.get(neighbour, 1.0)
            if household is not None and neighbour not in torn and claim >= rules.least(edge.household):
                claims[household] = max(claim, claims.get(household, 0.0))
                if edge.tied:
                    holders.add(household)
                if edge.tied and edge.named:
                    bearers.add(household)
    return {household: claims[household] for household in sorted(bearers or holders or claims)}


def _choose(claim: Claims, margin: float) -> int | None:
    """The household with the highest claim; None when there is none, or another comes within `margin`."""
    if len(claim) == 1:
        return next(iter(claim))
    ranked = sorted(claim.items(), key=lambda item: (-item[1], item[0]))
    if not ranked or ranked[0][1] - ranked[1][1] < margin:
        return None
    return ranked[0][0]


def _found(evidence: Evidence, forest: Forest, households: list[Household], settled: Set[int], torn: Set[int]) -> None:
    """Households of those that reach no home: joined by their pairs, the torn ones each alone."""
    left = [n for n in range(len(evidence.profiles)) if n not in settled]
    free = set(left).difference(torn)
    for edge in evidence.edges:
        if edge.left in free and edge.right in free:
            forest.join(edge.left, edge.right)
    households.extend(Household(members) for members in forest.groups(left).values())
