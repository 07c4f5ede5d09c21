"""Records without a home of their own go to the household that their identifiers point to.

In rounds: whoever has a neighbour in a household follows the most probable one; a record that two households claim
with nearly the same probability stays out of both, and ties nobody to either. What reaches no home forms households
of its own.
"""

from __future__ import annotations

from collections import defaultdict

from stormops_graph.cluster.evidence import Evidence
from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.residents import Household
from stormops_graph.rules import ClusterRules

Claim = dict[int, float]  # household number → probability


def attach(evidence: Evidence, forest: Forest, households: list[Household], rules: ClusterRules) -> dict[int, float]:
    """Add the rest of the records to `households`; returns record number → probability of its attachment."""
    home_of = _joined_already(evidence, forest, households)
    neighbours = _neighbours(evidence)
    probability: dict[int, float] = {}
    torn: set[int] = set()
    waiting = [n for n in range(len(evidence.profiles)) if n not in home_of and n in neighbours]
    while waiting:
        claims = {n: _claims(neighbours[n], home_of, torn, probability) for n in waiting}
        chosen = {n: _choose(claim, rules.torn_margin) for n, claim in claims.items() if claim}
        if not chosen:
            break
        for number, choice in chosen.items():
            if choice is None:
                torn.add(number)
            elif forest.join(households[choice].members[0], number):
                home_of[number], probability[number] = choice, claims[number][choice]
                households[choice].members.append(number)
            else:
                torn.add(number)
        waiting = [n for n in waiting if n not in home_of and n not in torn]
    _found(evidence, forest, households, home_of, torn)
    return probability


def _joined_already(evidence: Evidence, forest: Forest, households: list[Household]) -> dict[int, int]:
    """Record number → household number, of all members and of whom a verdict joined to one."""
    home_of = {member: n for n, household in enumerate(households) for member in household.members}
    by_root = {forest.root(member): n for member, n in home_of.items()}
    for number in range(len(evidence.profiles)):
        household = by_root.get(forest.root(number))
        if number not in home_of and household is not None:
            home_of[number] = household
            households[household].members.append(number)
    return home_of


def _neighbours(evidence: Evidence) -> dict[int, list[tuple[int, float]]]:
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for edge in evidence.edges:
        found[edge.left].append((edge.right, edge.household))
        found[edge.right].append((edge.left, edge.household))
    return found


def _claims(
    neighbours: list[tuple[int, float]], home_of: dict[int, int], torn: set[int], sure: dict[int, float]
) -> Claim:
    """How probable each household is: the edge, times how surely the neighbour belongs there."""
    claims: Claim = {}
    for neighbour, probability in neighbours:
        household = home_of.get(neighbour)
        if household is not None and neighbour not in torn:
            claim = probability * sure.get(neighbour, 1.0)
            claims[household] = max(claim, claims.get(household, 0.0))
    return claims


def _choose(claim: Claim, margin: float) -> int | None:
    """The household with the highest claim; None when another comes within `margin`."""
    ranked = sorted(claim.items(), key=lambda item: (-item[1], item[0]))
    if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < margin:
        return None
    return ranked[0][0]


def _found(
    evidence: Evidence, forest: Forest, households: list[Household], home_of: dict[int, int], torn: set[int]
) -> None:
    """Households of those that reach no home: joined by their pairs, the torn ones each alone."""
    for edge in evidence.edges:
        ends = (edge.left, edge.right)
        if not any(end in home_of or end in torn for end in ends):
            forest.join(*ends)
    left = [n for n in range(len(evidence.profiles)) if n not in home_of]
    households.extend(Household(members) for members in forest.groups(left).values())
