"""A case: everything that one screen shows of a question, and what each verdict would do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from stormops_graph.ledger.decisions import Decision, Level, Verdict
from stormops_graph.lookup.parts import Part, in_words, parts_of
from stormops_graph.review.agreement import Agreement, agreement
from stormops_graph.review.queue import Question
from stormops_graph.review.snapshot import Snapshot
from stormops_graph.tables import Connection

FIELDS = ("given", "surname", "phone", "email", "address", "cookie")
_MANY = 200  # records of a household that a case shows
# Values that are listed one by one are found by an index; those of a list or a subquery are not, nor is anything where
# the rows are held against a list.
_RECORDS = """
SELECT * EXCLUDE shown FROM review_record WHERE household IN ($household, $other)
ORDER BY record <> $left, record <> $right, household <> $household, record LIMIT $many
"""
_LINKS = """
SELECT left_id, right_id, household_probability, person_probability, evidence, model, spans FROM review_pair
WHERE left_id IN ({listed})
ORDER BY household_probability, left_id, right_id
"""


@dataclass(frozen=True)
class Link:
    """A pair of records with its evidence; `spans` says that it holds the household together."""

    left: str
    right: str
    household_probability: float | None
    person_probability: float | None
    parts: tuple[Part, ...]
    model: str
    spans: bool


@dataclass(frozen=True)
class Shown:
    """A record as a case shows it."""

    household: str
    record: str
    person: str | None
    feed: str
    given_root: str | None  # what its given name is short for
    fields: dict[str, tuple[str, ...]]  # field → its values
    first_seen: datetime | None
    last_seen: datetime | None
    touches: int
    conversions: int

    def agreement(self, other: Shown, field: str) -> Agreement:
        """How the values of a field compare with those of another record; a name and its short form are near."""
        found = agreement(self.fields[field], other.fields[field])
        short = field == "given" and self.given_root is not None and self.given_root == other.given_root
        return Agreement.near if short and found is Agreement.differs else found


@dataclass(frozen=True)
class Case:
    """A question with its records, the two that it is about first, and the pairs among them, the weakest first."""

    question: Question
    records: tuple[Shown, ...]
    links: tuple[Link, ...]
    said: tuple[Decision, ...]  # verdicts on the two so far, the oldest first

    @cached_property
    def link(self) -> Link | None:
        """The pair in question; None where the model saw no pair in it."""
        return next((link for link in self.links if (link.left, link.right) == self.question.pair), None)

    @property
    def level(self) -> Level:
        """What is in doubt: whether the two are one household, or one person."""
        last = self.said[-1] if self.said and self.question.together else None
        of_persons = last is not None and last.level is Level.person and last.verdict is not Verdict.same
        return Level.person if of_persons or self.question.kind == Level.person else Level.household

    @property
    def one_person(self) -> bool:
        """Whether the two are one person now."""
        left, right = self.records[:2]
        return left.person == right.person is not None

    @property
    def bridges(self) -> list[Link]:
        """What holds the households together, the weakest first."""
        return [link for link in self.links if link.spans]

    def reason(self, blind: bool) -> str:
        """The evidence in words without personal data: a verdict's reason where the steward gives none."""
        told = in_words(self.link.parts) if self.link else ""
        return f"reviewed{' without its weights' if blind else ''}: {told or 'no common evidence'}"


def read_case(snapshot: Snapshot, question: Question, decisions: Sequence[Decision]) -> Case:
    """The case of a question of the queue."""
    wanted = {"household": question.household, "other": question.other, "left": question.left, "right": question.right}
    rows = snapshot.con.execute(_RECORDS, {**wanted, "many": _MANY}).fetchall()
    records = tuple(_shown(row) for row in rows)
    links = tuple(_links(snapshot.con, [shown.record for shown in records]))
    return Case(question, records, links, tuple(d for d in decisions if d.pair == question.pair))


def _shown(row: Sequence[object]) -> Shown:
    (
        household,
        record,
        person,
        feed,
        given,
        root,
        surname,
        phones,
        emails,
        address,
        cookie,
        first,
        last,
        touches,
        won,
    ) = row
    values = (given, surname, phones, emails, address, cookie)
    fields = {name: _values(value) for name, value in zip(FIELDS, values, strict=True)}
    return Shown(household, record, person, feed, root, fields, first, last, touches, won)  # type: ignore[arg-type]


def _values(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(sorted(map(str, value)))
    return () if value is None else (str(value),)


def _links(con: Connection, records: Sequence[str]) -> Iterator[Link]:
    named = {f"r{number}": record for number, record in enumerate(records)}
    query = _LINKS.replace("{listed}", ", ".join(f"${name}" for name in named))
    rows, here = con.execute(query, named).fetchall() if named else [], {*records}
    for left, right, household, person, evidence, model, spans in rows:
        if right in here:
            yield Link(left, right, household, person, parts_of(evidence), model, spans)
