"""Persons inside a household: pairs from the strongest to the weakest, but never two given names in one person.

Pairs that show two people of one household keep these apart. A record without a name belongs to the one person that
its pairs point to; where they point to two, as a landline's do, it stays with the household and has no person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set

from stormops_graph.cluster.evidence import Edge, Evidence
from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.merging import Pair, merge, part
from stormops_graph.rules.ruleset import ClusterRules

NOBODY: frozenset[str] = frozenset()


def find_persons(evidence: Evidence, household_of: list[int], rules: ClusterRules, forest: Forest) -> list[list[int]]:
    """The record numbers of each person, in order; `forest` holds the verdicts and is grown."""
    named = {n for n, profile in enumerate(evidence.profiles) if profile.given or profile.surname}
    inside = [edge for edge in evidence.edges if household_of[edge.left] == household_of[edge.right]]
    both = [edge for edge in inside if edge.left in named and edge.right in named]
    _join_named(evidence, both, rules, forest)
    strong = [edge for edge in inside if edge.person >= rules.person_at_least]
    undecided = _join_nameless(_strongest_first(strong, named), named, forest)
    # A lone record is somebody where it has a name, or a phone, email or cookie that is nobody else's.
    nobody = {n for n, profile in enumerate(evidence.profiles) if profile.home is not None or n in undecided} - named
    groups = forest.groups(range(len(evidence.profiles))).values()
    return [members for members in groups if len(members) > 1 or members[0] not in nobody]


def _strongest_first(edges: Sequence[Edge], named: Set[int]) -> list[tuple[int, int]]:
    """The two ends of edges that a record without a name is at."""
    ranked = sorted((-e.person, e.left, e.right) for e in edges if e.left not in named or e.right not in named)
    return [(left, right) for _, left, right in ranked]


class _GivenNames:
    """The given names of each person so far: two only where a pair finds them alike (Bob and Robert, a typo)."""

    def __init__(self, evidence: Evidence, forest: Forest, alike: set[tuple[int, int]]) -> None:
        self._alike = alike
        self._names: dict[int, frozenset[str]] = {}
        for number, profile in enumerate(evidence.profiles):
            if profile.given and len(profile.given) > 1:
                root = forest.root(number)
                self._names[root] = self._of(root) | {profile.given}

    def allows(self, pair: Pair, left: int, right: int) -> bool:
        return (pair.left, pair.right) in self._alike or len(self._of(left) | self._of(right)) <= 1

    def joined(self, left: int, right: int, root: int) -> None:
        self._names[root] = self._of(left) | self._of(right)

    def _of(self, root: int) -> frozenset[str]:
        return self._names.get(root, NOBODY)


def _join_named(evidence: Evidence, edges: Sequence[Edge], rules: ClusterRules, forest: Forest) -> None:
    """Join records that name somebody by the edges between them."""
    pairs = [Pair(edge.left, edge.right, edge.person, edge.household - edge.person) for edge in edges]
    part(forest, pairs, rules.apart_at_least)
    alike = {(edge.left, edge.right) for edge in edges if edge.named}
    merge(forest, pairs, rules.person_at_least, _GivenNames(evidence, forest, alike))


def _join_nameless(ties: Sequence[tuple[int, int]], names: Set[int], forest: Forest) -> set[int]:
    """Join records without a name to the person they point to; returns those that point to several.

    Records that a verdict holds together point together, and to a name that one of them has.
    """
    named = {forest.root(n) for n in names}
    pointed: dict[int, set[int]] = defaultdict(set)
    between: list[tuple[int, int]] = []
    ends = {end for tie in ties for end in tie}
    for one, other in ties:
        left, right = forest.root(one), forest.root(other)
        if left in named and right in named:
            continue
        if left not in named and right not in named:
            between.append((left, right))
        elif not forest.parted(left, right):
            nameless, person = (right, left) if left in named else (left, right)
            pointed[nameless].add(person)
    torn = {nameless for nameless, persons in pointed.items() if len(persons) > 1}
    undecided = {n for n in ends if forest.root(n) in torn}
    for nameless, persons in sorted(pointed.items()):
        if nameless not in torn:
            forest.join(nameless, next(iter(persons)))
    for left, right in between:
        if left not in pointed and right not in pointed:
            forest.join(left, right)
    return undecided
