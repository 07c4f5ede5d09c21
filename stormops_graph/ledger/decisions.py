"""Decisions: what a steward said of two records or identifiers, when, and what is in force of it.

Invariant: a decision is never changed; of those on a pair the latest counts and those before it are history. It is
in force unless it withdraws, has expired or waits for a second steward.
What is in force binds transitively, on two levels: whoever is one person is one household, and whoever is of two
households is two persons. No verdicts in force hold two records together and apart.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

from stormops_graph.masks import masked


class Verdict(StrEnum):
    """What a steward says of two records; `unsure` is kept and binds nothing, `withdrawn` takes back what was said."""

    same = "same"
    different = "different"
    unsure = "unsure"
    withdrawn = "withdrawn"


class Level(StrEnum):
    """What a verdict is about."""

    person = "person"
    household = "household"


IDENTIFIERS = ("phone", "email", "cookie")
"""What a verdict can be about besides records: `phone:+1…`, as the graph calls it."""


def identifier_of(end: str) -> tuple[str, str] | None:
    """Kind and value of an end that is an identifier; None of one that is a record."""
    kind, _, value = end.partition(":")
    return (kind, value) if kind in IDENTIFIERS and value else None


def end_shown(end: str) -> str:
    """An end as lists and errors show it: an identifier masked."""
    found = identifier_of(end)
    return f"{found[0]}:{masked(*found)}" if found else end


def strongest(verdict: Verdict) -> Level:
    """The level at which a verdict says most: one person is one household, two households are two persons."""
    return Level.person if verdict is Verdict.same else Level.household


def _in_utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Moment = Annotated[datetime, AfterValidator(_in_utc)]  # UTC without an offset, as in all tables


class Decision(BaseModel):
    """One verdict on two records or identifiers, by key, the smaller left; with what they and the model were then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Text
    left: Text
    right: Text
    verdict: Verdict
    level: Level
    by: Text
    at: Moment
    reason: Text
    supersedes: str | None = None
    left_fingerprint: str | None = None
    right_fingerprint: str | None = None
    score: float | None = None
    model: str | None = None
    until: Moment | None = None  # from then on it is history
    needs_second: bool = False  # it binds when another steward has said the same
    confirms: str | None = None  # the decision that it is the second to
    restored_by: str | None = None  # who said it again by an undo; `by` is whose word it is

    @model_validator(mode="after")
    def _is_ordered(self) -> Decision:
        if self.left >= self.right:
            raise ValueError("left must be a smaller key than right")
        return self

    @property
    def pair(self) -> tuple[str, str]:
        """The two ends: records, or identifiers."""
        return self.left, self.right

    @property
    def signed(self) -> str:
        """Whose word it is, and who restored it."""
        return self.by if self.restored_by is None else f"{self.by}, restored by {self.restored_by}"

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The ends that are identifiers."""
        return tuple(end for end in self.pair if identifier_of(end))

    def expired(self, at: datetime) -> bool:
        """Whether its time was over then."""
        return self.until is not None and self.until <= at

    def joins(self, level: Level) -> bool:
        """Whether it holds the two together at `level`."""
        return self.verdict is Verdict.same and (level is Level.household or self.level is Level.person)

    def parts(self, level: Level) -> bool:
        """Whether it keeps the two apart at `level`."""
        return self.verdict is Verdict.different and (level is Level.person or self.level is Level.household)


Chain = tuple[Decision, ...]


def latest(decisions: Iterable[Decision]) -> list[Decision]:
    """The latest decision on each pair, the oldest first."""
    return in_order({decision.pair: decision for decision in in_order(decisions)}.values())


def in_force(decisions: Iterable[Decision], at: datetime) -> list[Decision]:
    """What holds at a time: the latest on each pair, but for what is withdrawn, expired or waits for a second."""
    return [d for d in latest(decisions) if not (d.verdict is Verdict.withdrawn or d.needs_second or d.expired(at))]


def in_order(decisions: Iterable[Decision]) -> list[Decision]:
    """By time, those of one moment by id."""
    return sorted(decisions, key=lambda decision: (decision.at, decision.id))


def contradictions(held: Sequence[Decision]) -> list[Chain]:
    """For each verdict in force that keeps apart whom others hold together: it, and then those others as a chain."""
    found: dict[str, Chain] = {}
    for level in Level:
        group = groups(held, level)
        for decision in held:
            left, right = decision.pair
            if decision.parts(level) and group.get(left, left) == group.get(right, right):
                found.setdefault(decision.id, (decision, *_way(held, level, left, right)))
    return [found[key] for key in sorted(found)]


def groups(held: Iterable[Decision], level: Level) -> Mapping[str, str]:
    """Of each record that a verdict holds to another, the smallest of those held together."""
    group: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for decision in held:
        if not decision.joins(level):
            continue
        one, other = sorted(group.setdefault(record, record) for record in decision.pair)
        if one != other:
            gone = members.pop(other, [other])
            members.setdefault(one, [one]).extend(gone)
            group.update(dict.fromkeys(gone, one))
    return group


def _way(held: Sequence[Decision], level: Level, start: str, end: str) -> list[Decision]:
    """The fewest verdicts that hold `start` and `end` together, in order from the one to the other."""
    steps: dict[str, list[tuple[str, Decision]]] = defaultdict(list)
    for decision in held:
        if decision.joins(level):
            steps[decision.left].append((decision.right, decision))
            steps[decision.right].append((decision.left, decision))
    came: dict[str, tuple[str, Decision]] = {}
    waiting = deque([start])
    while waiting and end not in came:
        here = waiting.popleft()
        for there, decision in steps[here]:
            if there not in came and there != start:
                came[there] = (here, decision)
                waiting.append(there)
    way: list[Decision] = []
    while end != start:
        end, decision = came[end]
        way.append(decision)
    return way[::-1]
