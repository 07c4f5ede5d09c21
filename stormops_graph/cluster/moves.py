"""Families that one person, or one number, ties over several homes: a household that moved.

A person who is named at both homes moved. So did a household where one of the two records names nobody, if its homes
come one after the other and no name speaks against it: neither another surname in the two families, nor another
family at the nameless record's home at the time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from stormops_graph.cluster.evidence import Edge, Evidence, Profile
from stormops_graph.cluster.forest import Forest
from stormops_graph.rules.ruleset import ClusterRules


def join_movers(evidence: Evidence, forest: Forest, rules: ClusterRules) -> set[int]:
    """Join families that are found at several homes; returns the roots of those that moved."""
    homes: dict[int, set[str]] = defaultdict(set)
    surnames: dict[int, set[str]] = defaultdict(set)
    living: dict[str, list[Profile]] = defaultdict(list)  # those with a surname
    for number, profile in enumerate(evidence.profiles):
        if profile.home is not None:
            root = forest.root(number)
            homes[root].add(profile.home)
            if profile.surname is not None:
                surnames[root].add(profile.surname)
                living[profile.home].append(profile)
    for edge in evidence.edges:
        left, right = forest.root(edge.left), forest.root(edge.right)
        if left == right or not edge.tied or not homes[left] or not homes[right]:
            continue
        both, names = homes[left] | homes[right], surnames[left] | surnames[right]
        if edge.named:
            moved = edge.person >= rules.mover_at_least
        else:
            agree = not surnames[left] or not surnames[right] or not surnames[left].isdisjoint(surnames[right])
            moved = agree and edge.household >= rules.mover_at_least and _unopposed(evidence, edge, names, living)
        if moved and len(both) <= rules.mover_homes and forest.join(left, right):
            homes[forest.root(left)], surnames[forest.root(left)] = both, names
    return {root for root, found in homes.items() if len(found) > 1 and forest.root(root) == root}


def _unopposed(evidence: Evidence, edge: Edge, surnames: set[str], living: Mapping[str, Sequence[Profile]]) -> bool:
    """Whether two records were seen one after the other, and nobody else was at the home of one without a surname: at
    the old one before the new one was lived in, or at the new one after the old one was.
    """
    ends = evidence.profiles[edge.left], evidence.profiles[edge.right]
    early, late = sorted(ends, key=lambda end: (end.first_seen or datetime.min, end.record))
    left, arrived = early.last_seen or datetime.max, late.first_seen or datetime.min
    if left >= arrived:
        return False
    before = [] if early.surname else [other.first_seen for other in _others(early, surnames, living)]
    after = [] if late.surname else [other.last_seen for other in _others(late, surnames, living)]
    return all(seen is not None and seen >= arrived for seen in before) and all(
        seen is not None and seen <= left for seen in after
    )


def _others(profile: Profile, surnames: set[str], living: Mapping[str, Sequence[Profile]]) -> list[Profile]:
    """Who is seen at its home and has none of these surnames."""
    return [other for other in living.get(profile.home or "", ()) if other.surname not in surnames]
