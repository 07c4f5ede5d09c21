"""Who is on record at homes where others live: a landlord, an agent, a builder. Nobody lives where he lets.

One person at several homes moved, as `moves` says, unless at two of them others, not the same ones, lived before he
came and still after: nobody moves in with strangers twice. Nor does anybody move through more homes than `mover_homes`:
of so many he lets those where others ever lived, and lives at the one that is left, if it is one. What ties such a
person's records between homes is his, and what the homes tie is their people's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from itertools import combinations

from stormops_graph.cluster.crowds import are_strangers
from stormops_graph.cluster.evidence import Edge, Evidence, Profile
from stormops_graph.cluster.forest import Forest
from stormops_graph.rules.ruleset import ClusterRules

Homes = Mapping[str, Sequence[int]]  # home → record numbers


def leave_let_homes(evidence: Evidence, rules: ClusterRules) -> Evidence:
    """The evidence without the homes that people let: their records there have none, and nothing but a phone, an email
    or an id ties them. Who is at more homes than a mover and lets none of them is tied between none.
    """
    people = _people_at_homes(evidence, rules)
    if not people:
        return evidence
    living = _living(evidence)
    let: set[int] = set()
    scattered: dict[int, int] = {}
    for person, homes in people.items():
        many = len(homes) > rules.mover_homes
        tenants = {home: found for home in homes if (found := _tenants(evidence, homes[home], living[home], many))}
        if any(_strangers(one, other) for one, other in combinations(tenants.values(), 2)):
            own = [home for home in homes if home not in tenants]
            away = homes if many and len(own) > 1 else tenants
            let.update(n for home in away for n in homes[home])
        elif many:
            scattered |= {n: person for numbers in homes.values() for n in numbers}
    if not let and not scattered:  # all of them moved
        return evidence
    profiles = [p._replace(home=None) if n in let else p for n, p in enumerate(evidence.profiles)]
    return replace(evidence, profiles=profiles, edges=_kept(evidence, let, scattered))


def _people_at_homes(evidence: Evidence, rules: ClusterRules) -> dict[int, Homes]:
    """Of each person that a name and a phone, an email or an id tie over several homes, the records at each."""
    ties = [edge for edge in evidence.edges if _is_one_at_two_homes(evidence, edge, rules)]
    forest = Forest(len(evidence.profiles))
    for edge in ties:
        forest.join(edge.left, edge.right)
    people: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number in sorted({end for edge in ties for end in (edge.left, edge.right)}):
        people[forest.root(number)][evidence.profiles[number].home or ""].append(number)
    return dict(people)


def _is_one_at_two_homes(evidence: Evidence, edge: Edge, rules: ClusterRules) -> bool:
    one, other = evidence.profiles[edge.left].home, evidence.profiles[edge.right].home
    if one is None or other is None or one == other:
        return False
    return edge.tied and edge.named and edge.person >= rules.mover_at_least


def _living(evidence: Evidence) -> dict[str, list[Profile]]:
    """Those with a surname, by home."""
    living: dict[str, list[Profile]] = defaultdict(list)
    for profile in evidence.profiles:
        if profile.home is not None and profile.surname is not None:
            living[profile.home].append(profile)
    return living


def _tenants(evidence: Evidence, his: Sequence[int], living: Sequence[Profile], ever: bool) -> list[Profile]:
    """Those of other names who lived at a home: before he was seen there, by surname, and after; or `ever`."""
    came = min(evidence.profiles[n].first_seen or datetime.min for n in his)
    one = evidence.profiles[his[0]]
    others = [other for other in living if are_strangers(one, other)]
    if ever:
        return others
    stayed = {other.surname for other in others if (other.last_seen or datetime.max) > came}
    return [other for other in others if other.surname in stayed and (other.first_seen or datetime.min) < came]


def _strangers(some: Sequence[Profile], others: Sequence[Profile]) -> bool:
    return all(are_strangers(one, other) for one in some for other in others)


def _kept(evidence: Evidence, let: AbstractSet[int], scattered: Mapping[int, int]) -> list[Edge]:
    """Without what ties a let home's owner to its people, and a scattered person's records at two homes."""
    kept = []
    for edge in evidence.edges:
        homes = evidence.profiles[edge.left].home, evidence.profiles[edge.right].home
        person = scattered.get(edge.left)
        if person is not None and person == scattered.get(edge.right) and homes[0] != homes[1]:
            continue
        if edge.tied or let.isdisjoint((edge.left, edge.right)):
            kept.append(edge)
    return kept
