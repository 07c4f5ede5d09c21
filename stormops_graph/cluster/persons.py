"""Persons inside a household: pairs from the strongest to the weakest, but never two given names in one person.

A record without a name belongs to the one person that its pairs point to; where they point to two, as a landline's
do, it stays with the household and has no person.
"""

from __future__ import annotations

from collections import defaultdict

from stormops_graph.cluster.evidence import Edge, Evidence
from stormops_graph.cluster.forest import Forest


def find_persons(evidence: Evidence, household_of: list[int], at_least: float, forest: Forest) -> list[list[int]]:
    """The record numbers of each person, in order; `forest` holds the verdicts and is grown."""
    edges = [
        edge
        for edge in evidence.edges
        if edge.person >= at_least and household_of[edge.left] == household_of[edge.right]
    ]
    edges.sort(key=lambda edge: (-edge.person, edge.left, edge.right))
    _join_named(evidence, edges, forest)
    undecided = _join_nameless(evidence, edges, forest)
    groups = forest.groups(range(len(evidence.profiles))).values()
    return [members for members in groups if len(members) > 1 or _is_person(evidence, members[0], undecided)]


def _is_person(evidence: Evidence, number: int, undecided: set[int]) -> bool:
    """Whether a lone record is somebody: it has a name, or a phone, email or cookie that is nobody else's."""
    if _names(evidence, number):
        return True
    return number not in undecided and evidence.profiles[number].home is None


def _join_named(evidence: Evidence, edges: list[Edge], forest: Forest) -> None:
    """Join records that name somebody."""
    names: dict[int, set[str]] = {}
    for number, profile in enumerate(evidence.profiles):
        if profile.given and len(profile.given) > 1:
            names.setdefault(forest.root(number), set()).add(profile.given)
    for edge in edges:
        if not (_names(evidence, edge.left) and _names(evidence, edge.right)):
            continue
        left, right = forest.root(edge.left), forest.root(edge.right)
        both = names.get(left, set()) | names.get(right, set())
        if left == right or (not edge.named and len(both) > 1):
            continue
        if forest.join(left, right):
            names[forest.root(left)] = both


def _names(evidence: Evidence, number: int) -> bool:
    profile = evidence.profiles[number]
    return bool(profile.given or profile.surname)


def _join_nameless(evidence: Evidence, edges: list[Edge], forest: Forest) -> set[int]:
    """Join records without a name to the person they point to; returns those that point to several.

    Records that a verdict holds together point together, and to a name that one of them has.
    """
    numbers = range(len(evidence.profiles))
    named = {forest.root(n) for n in numbers if _names(evidence, n)}
    pointed: dict[int, set[int]] = defaultdict(set)
    between: list[tuple[int, int]] = []
    for edge in edges:
        left, right = forest.root(edge.left), forest.root(edge.right)
        if left in named and right in named:
            continue
        if left not in named and right not in named:
            between.append((left, right))
        elif not forest.parted(left, right):
            nameless, person = (right, left) if left in named else (left, right)
            pointed[nameless].add(person)
    torn = {nameless for nameless, persons in pointed.items() if len(persons) > 1}
    undecided = {n for n in numbers if forest.root(n) in torn}
    for nameless, persons in sorted(pointed.items()):
        if nameless not in torn:
            forest.join(nameless, next(iter(persons)))
    for left, right in between:
        if left not in pointed and right not in pointed:
            forest.join(left, right)
    return undecided
