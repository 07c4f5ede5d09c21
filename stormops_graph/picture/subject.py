"""What is drawn of a household, as the graph holds it now.

Invariant: everything is in a fixed order, and names and identifiers are masked here, so that no drawing can show them
by mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from stormops_graph.lookup.find import no_household
from stormops_graph.lookup.parts import agreeing, parts_of
from stormops_graph.masks import masked, masked_name
from stormops_graph.ports import Graph, Row

MOST = 120  # records, and touches of a journey: more of them no eye can follow


@dataclass(frozen=True)
class Span:
    """From one time to another; None is open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Residence:
    """A home and the time it was theirs."""

    address: str
    time: Span


@dataclass(frozen=True)
class Record:
    """A record, the person it resolves to (None: the household only), and the time it does."""

    key: str
    feed: str
    person: str | None
    name: str
    seen: Span
    time: Span


@dataclass(frozen=True)
class Value:
    """An identifier, shared with strangers or not, and the records that hold it."""

    kind: str
    said: str
    shared: bool
    records: tuple[str, ...]


@dataclass(frozen=True)
class Tie:
    """Evidence between two records; one that `spans` holds records together that nothing stronger joins."""

    left: str
    right: str
    probability: float
    weight: float
    spans: bool
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A touch of a journey and what it earned of the conversion."""

    at: datetime
    channel: str
    play: str | None
    credit: float | None


@dataclass(frozen=True)
class Way:
    """A journey through one storm, to its conversion where there is one."""

    event_id: str
    zip_code: str
    touches: tuple[Step, ...]
    converted_at: datetime | None
    conversion: str | None


@dataclass(frozen=True)
class Subject:
    """A household to be drawn; `left_out` counts the records beyond MOST, the last to appear."""

    household_id: str
    homes: tuple[Residence, ...] = ()
    records: tuple[Record, ...] = ()
    values: tuple[Value, ...] = ()
    ties: tuple[Tie, ...] = ()
    ways: tuple[Way, ...] = ()
    left_out: int = 0

    @property
    def weakest(self) -> Tie | None:
        """The weakest of the ties that hold it together."""
        return min(
            (tie for tie in self.ties if tie.spans), key=lambda tie: (tie.weight, tie.left, tie.right), default=None
        )


def subject(graph: Graph, household_id: str, *, show: bool) -> Subject:
    """The household of an id, or the one it was merged into; masked unless `show`. Raises NotFound."""
    row = next(iter(graph.read("read/household_picture", household_id=household_id, most=MOST)), None)
    if row is None:
        raise no_household(graph, household_id)
    return as_read(row, show=show)


def as_read(row: Row, *, show: bool) -> Subject:
    """The household of a row as the graph gave it."""
    name, value = (str, _as_it_is) if show else (masked_name, masked)
    return Subject(
        household_id=row["household_id"],
        homes=tuple(
            Residence(value("address", home["address"] or ""), Span(home["start"], home["end"]))
            for home in row["homes"]
        ),
        records=tuple(sorted((_record(one, name) for one in row["records"]), key=_by_person)),
        values=_values(row["holdings"], value),
        ties=tuple(_tie(one) for one in row["evidence"]),
        ways=tuple(_way(one) for one in row["journeys"]),
        left_out=row["left_out"],
    )


def _as_it_is(_kind: str, said: str) -> str:
    return said


def _record(row: Row, name: Callable[[str], str]) -> Record:
    return Record(
        key=row["record"],
        feed=row["feed"],
        person=row["person"],
        name=name((row["name"] or "").title()),
        seen=Span(row["first_seen"], row["last_seen"]),
        time=Span(row["start"], row["end"]),
    )


def _by_person(one: Record) -> tuple[bool, str, str, str]:
    """Records of one person stand together, those of none last."""
    return one.person is None, one.person or "", one.feed, one.key


def _values(rows: list[Row], value: Callable[[str, str], str]) -> tuple[Value, ...]:
    records: dict[tuple[str, bool], list[str]] = {}
    for row in rows:
        records.setdefault((row["key"], row["is_shared"]), []).append(row["record"])
    found = []
    for (key, shared), held in sorted(records.items()):
        kind, _, said = key.partition(":")
        found.append(Value(kind, value(kind, said), shared, tuple(sorted(held))))
    return tuple(found)


def _tie(row: Row) -> Tie:
    kinds = agreeing(parts_of(row["evidence"]))
    return Tie(row["left"], row["right"], row["probability"], row["weight"], row["spans"], kinds)


def _way(row: Row) -> Way:
    touches = tuple(Step(one["at"], one["channel"], one["play"], one["credit"]) for one in row["touches"])
    return Way(row["event_id"], row["zip_code"], touches, row["converted_at"], row["conversion"])
