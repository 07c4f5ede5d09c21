"""What a verdict would do: whom it joins or parts, which verdicts it opposes, and the journeys and credit that move.

The next `resolve` decides over all evidence; this is what the evidence shown makes of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from stormops_graph.ledger.bindings import told
from stormops_graph.ledger.decisions import Decision, Level, groups
from stormops_graph.ports import Graph
from stormops_graph.review.case import Case


@dataclass(frozen=True)
class Effect:
    """The records on either side of the question, and the verdicts in force that speak against joining or parting."""

    left_side: tuple[str, ...]
    right_side: tuple[str, ...]
    against_same: tuple[str, ...]
    against_different: tuple[str, ...]

    @property
    def moving(self) -> tuple[str, ...]:
        """The records that would move: the smaller side."""
        return min(self.right_side, self.left_side, key=len)


@dataclass(frozen=True)
class Moved:
    """What goes where its records go."""

    touches: int
    journeys: int
    conversions: int
    credit: float  # conversions, by the published model


def effect(case: Case, held: Sequence[Decision]) -> Effect:
    """What verdicts on the question would join or part, given the verdicts in force."""
    left, right = case.question.pair
    level = case.level
    left_side, right_side = _of_persons(case) if level is Level.person else _of_households(case)
    group = groups(held, level)
    ends = {group.get(left, left), group.get(right, right)}
    others = [decision for decision in held if decision.pair != case.question.pair]
    apart = [d for d in others if d.parts(level) and {group.get(r, r) for r in d.pair} == ends]
    without = groups(others, level)
    together = without.get(left, left) == without.get(right, right)
    chain = [d for d in others if together and d.joins(level) and without.get(d.left) == without.get(left)]
    return Effect(left_side, right_side, tuple(told(tuple(apart))), tuple(told(tuple(chain))))


def moved(graph: Graph, records: Sequence[str]) -> Moved:
    """The touches of records, and the journeys, conversions and credit that they are in."""
    row = next(iter(graph.read("read/review_moves", records=list(records))))
    return Moved(row["touches"], row["journeys"], row["conversions"], row["credit"])


def _of_households(case: Case) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The records of the two households, or of the two that a household would come apart into."""
    if case.question.together:
        return _parted(case)
    left = tuple(r.record for r in case.records if r.household == case.question.household)
    return left, tuple(r.record for r in case.records if r.household == case.question.other)


def _of_persons(case: Case) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The records of the two persons, or of the two that a person would come apart into."""
    left, right = case.records[:2]
    if not case.one_person:
        sides = (tuple(r.record for r in case.records if r.person == end.person) for end in (left, right))
        return next(sides), next(sides)
    side = {left.record: left.record, right.record: right.record}
    members = {r.record for r in case.records if r.person == left.person}
    ties = [link for link in case.links if {link.left, link.right} <= members]
    ties.sort(key=lambda link: (-(link.person_probability or 0.0), link.left, link.right))
    while grown := next(((t.left, t.right) for t in ties if (t.left in side) != (t.right in side)), None):
        known, new = grown if grown[0] in side else grown[::-1]
        side[new] = side[known]
    there = [r.record for r in case.records if r.record in members]
    aside = {record for record, end in side.items() if end == right.record}
    return tuple(r for r in there if r not in aside), tuple(r for r in there if r in aside)


def _parted(case: Case) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The two sides of a household when the question's pair no longer holds it together."""
    left, right = case.question.pair
    near: dict[str, set[str]] = defaultdict(set)
    for link in case.bridges:
        if (link.left, link.right) != (left, right):
            near[link.left].add(link.right)
            near[link.right].add(link.left)
    aside, waiting = {right}, [right]
    while waiting:
        for record in near[waiting.pop()] - aside - {left}:
            aside.add(record)
            waiting.append(record)
    there = [shown.record for shown in case.records if shown.household == case.question.household]
    return tuple(r for r in there if r not in aside), tuple(r for r in there if r in aside)
