"""Why records are together, or apart: the evidence, homes and verdicts that the last complete `resolve` went by.

Invariant: nothing is weighed anew. Evidence is the rows of PAIR, whatever found them; the graph shows a part of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from stormops_graph.adapters.workspace import open_beside
from stormops_graph.errors import Incomplete, NotFound
from stormops_graph.graph.forest import spanning, trees
from stormops_graph.ledger.decisions import Decision, in_order
from stormops_graph.ledger.naming import household_named, record_named
from stormops_graph.lookup.common import Common, common_to
from stormops_graph.lookup.parts import Part, parts_of
from stormops_graph.lookup.said import verdicts_on, verdicts_parting
from stormops_graph.project import Project
from stormops_graph.tables import (
    CANDIDATE,
    DECISION,
    HOLDING,
    MEMBERSHIP,
    PAIR,
    PLACEHOLDER,
    PROPERTY,
    RECORD,
    RECORD_HOME,
    SHARED_IDENTIFIER,
    SOURCE_ROW,
    WORKSPACE_OF,
    Connection,
)

_TABLES = (
    *(CANDIDATE, DECISION, HOLDING, MEMBERSHIP, PAIR, PLACEHOLDER, PROPERTY, RECORD, RECORD_HOME),
    *(SHARED_IDENTIFIER, SOURCE_ROW, WORKSPACE_OF),
)
_READ = (*(table.name for table in _TABLES), "profile")  # which holds the names that mail addresses tell

# The few memberships first: all else is then looked up for them alone.
_MEMBERS = """
WITH m AS MATERIALIZED (
    FROM membership WHERE list_contains($records::VARCHAR[], record) OR household = $household
)
SELECT m.record, r.feed, m.household, m.person, p.address, m.confidence, m.valid_from, m.valid_to,
       CASE WHEN h.home = m.property_id THEN h.probability END, c.probability,
       trim(concat_ws(' ', coalesce(r.given, s.given), coalesce(r.surname, s.surname), r.suffix)),
       r.phones, r.emails, r.address_key, r.cookie
FROM m JOIN record r USING (record) LEFT JOIN (FROM profile WHERE unique_id IN (SELECT record FROM m)) s
    ON s.unique_id = m.record
LEFT JOIN (FROM property SEMI JOIN m USING (property_id)) p USING (property_id)
LEFT JOIN (FROM record_home SEMI JOIN m USING (record)) h USING (record)
LEFT JOIN (FROM candidate SEMI JOIN m USING (record)) c ON c.record = m.record AND c.property_id = m.property_id
ORDER BY m.record, m.valid_to DESC NULLS FIRST, m.valid_from DESC NULLS FIRST, m.household -- the present one first
"""
# Both levels of a pair are told of together; weight and evidence are those of the household's.
_LINKS = """
SELECT left_id, right_id, max(CASE WHEN level = 'household' THEN probability END),
       max(CASE WHEN level = 'person' THEN probability END), max(weight), arg_max(model, weight),
       arg_max(evidence, weight)
FROM pair WHERE list_contains($records::VARCHAR[], left_id) AND list_contains($records::VARCHAR[], right_id)
GROUP BY left_id, right_id ORDER BY max(weight) DESC, left_id, right_id
"""
_SCORES = ("left", "right", "household_probability", "person_probability", "weight", "model")  # and then evidence


@dataclass(frozen=True)
class Link:
    """The evidence between two records; a probability is None where it was too small to be kept."""

    left: str
    right: str
    household_probability: float | None
    person_probability: float | None
    weight: float  # log2 odds of one household
    model: str  # identifier | splink
    parts: tuple[Part, ...]  # they add up to the weight


@dataclass(frozen=True)
class Standing:
    """Where a record stands: its household and person from one time to another, and what its home goes by."""

    record: str
    feed: str
    household_id: str
    person_id: str | None
    address: str | None
    confidence: float
    valid_from: datetime | None
    valid_to: datetime | None
    by_address: float | None  # how surely its own address is the home
    by_visits: float | None  # how surely the features and times of an anonymous cookie mean the home
    name: str  # one that its mail address tells, where the record says none
    phones: Sequence[str]
    emails: Sequence[str]
    address_key: str | None
    cookie: str | None


@dataclass(frozen=True)
class Bridge:
    """A link that alone holds some records of a household to the others; `side` is the fewer of them."""

    link: Link
    side: tuple[str, ...]
    others: int


@dataclass(frozen=True)
class Apart:
    """Why two households are not one: what keeps them apart, and what ties them nevertheless."""

    parted_by: tuple[str, ...]  # the verdicts that keep them apart, by id
    common: tuple[Common, ...]
    likeliest: Link | None  # between a record of the one and one of the other


@dataclass(frozen=True)
class Between:
    """What is between two records; `way` is the strongest chain of links from the one to the other.

    left, right: where each stands now, and then where it stood before, the latest first.
    """

    left: tuple[Standing, ...]
    right: tuple[Standing, ...]
    together: str  # one person | one household | two households
    direct: Link | None
    way: tuple[Link, ...]
    apart: Apart | None  # None: they are of one household
    verdicts: tuple[Decision, ...]  # on either of the two, and of two households those that part them


@dataclass(frozen=True)
class Bonds:
    """What holds a household together, its weakest bridge first; `unlinked` are members that no evidence ties."""

    household_id: str
    members: tuple[Standing, ...]
    bridges: tuple[Bridge, ...]
    links: int
    unlinked: tuple[Standing, ...]
    verdicts: tuple[Decision, ...]


@contextmanager
def open_reasons(project: Project) -> Iterator[Connection]:
    """The tables of the last complete `resolve`, to read; raises Incomplete where it stopped, Busy during a run."""
    if not project.workspace.exists():
        raise Incomplete("this machine has no evidence yet", "make it: stormops-graph resolve")
    with open_beside(project.workspace, _READ) as con:
        if WORKSPACE_OF.check(con) == 0:
            raise Incomplete("no resolve is complete in this workspace", "run it: stormops-graph resolve")
        yield con


def explain_records(con: Connection, one: str, other: str) -> Between:
    """What is between two records, each named by its key or as feed:id; raises NotFound for one that is unknown."""
    left, right = (record_named(con, name) for name in (one, other))
    found = _members(con, records=[left, right])
    lefts, rights = (tuple(s for s in found if s.record == record) for record in (left, right))
    together = _together(lefts, rights)
    ones, others = ({s.record for s in _members(con, household=side[0].household_id)} for side in (lefts, rights))
    links = _links(con, sorted(ones | others))
    direct = next((link for link in links if {link.left, link.right} == {left, right}), None)
    is_one = together != "two households"
    parting = () if is_one else verdicts_parting(con, ones, others)
    verdicts = {verdict.id: verdict for verdict in (*verdicts_on(con, {left, right}), *parting)}
    return Between(
        left=lefts,
        right=rights,
        together=together,
        direct=direct,
        way=_way(_kept(links), left, right) if is_one else (),
        apart=None if is_one else _apart(con, (ones - others, others - ones), (direct, links), parting),
        verdicts=tuple(in_order(verdicts.values())),
    )


def explain_household(con: Connection, name: str) -> Bonds:
    """What holds a household together, named by its id or by a record in it; raises NotFound where neither is known."""
    household_id = _latest_household(con, record_named(con, name)) if ":" in name else household_named(con, name)
    members = _members(con, household=household_id)
    records = sorted({standing.record for standing in members})
    links = _links(con, records)
    held = _kept(links)
    linked = {record for link in held for record in (link.left, link.right)}
    return Bonds(
        household_id=household_id,
        members=tuple(members),
        bridges=tuple(_bridge(held, link, len(records)) for link in reversed(held)),
        links=len(links),
        unlinked=tuple(standing for standing in members if standing.record not in linked),
        verdicts=verdicts_on(con, set(records)),
    )


def _latest_household(con: Connection, record: str) -> str:
    found = _members(con, records=[record])
    if not found:
        raise NotFound(f"{record} is in no household", "name another: stormops-graph export assignments --out FILE")
    return found[0].household_id


def _members(con: Connection, records: Sequence[str] = (), household: str | None = None) -> list[Standing]:
    rows = con.execute(_MEMBERS, {"records": list(records), "household": household}).fetchall()
    return [Standing(*row) for row in rows]


def _links(con: Connection, records: Sequence[str]) -> list[Link]:
    """The links among records, the strongest first."""
    rows = con.execute(_LINKS, {"records": list(records)}).fetchall()
    return [Link(**dict(zip(_SCORES, row, strict=False)), parts=parts_of(row[-1])) for row in rows]


def _kept(links: Sequence[Link]) -> list[Link]:
    """A maximum spanning forest, the strongest first: cut one, and nothing stronger joins what it parts."""
    return [links[place] for place in spanning([link.left for link in links], [link.right for link in links])]


def _bridge(held: Sequence[Link], cut: Link, records: int) -> Bridge:
    left = trees((link.left, link.right) for link in held if link is not cut)
    sides = [[r for r, of in left.items() if of == left.get(end, end)] or [end] for end in (cut.left, cut.right)]
    side = min(sides, key=lambda some: (len(some), min(some)))
    return Bridge(cut, tuple(sorted(side)), records - len(side))


def _way(held: Sequence[Link], start: str, end: str) -> tuple[Link, ...]:
    """The only way from one record to another in a forest; empty where there is none."""
    came: dict[str, tuple[str, Link] | None] = {start: None}
    waiting = [start]
    for here in waiting:
        for link in held:
            if here in (link.left, link.right):
                there = link.right if here == link.left else link.left
                if there not in came:
                    came[there] = (here, link)
                    waiting.append(there)
    return tuple(_back(came, end))[::-1]


def _back(came: Mapping[str, tuple[str, Link] | None], end: str) -> Iterator[Link]:
    while step := came.get(end):
        end, link = step
        yield link


def _together(lefts: Sequence[Standing], rights: Sequence[Standing]) -> str:
    """What two records are now, by the first of the standings of each."""
    persons = {s.person_id for s in lefts[:1]} & {s.person_id for s in rights[:1]} - {None}
    homes = {s.household_id for s in lefts[:1]} & {s.household_id for s in rights[:1]}
    return "one person" if persons else "one household" if homes else "two households"


def _apart(
    con: Connection,
    sides: tuple[set[str], set[str]],
    between: tuple[Link | None, Sequence[Link]],
    parting: Sequence[Decision],
) -> Apart:
    """Of the records of either household alone: one that moved from the one to the other ties nothing to itself.

    `between` are the link of the two that were asked about, and all.
    """
    ones, others = sides
    direct, links = between
    across = [link for link in links if (link.left in ones) != (link.right in ones)]
    across = [link for link in across if (link.left in others) != (link.right in others)]
    return Apart(
        parted_by=tuple(verdict.id for verdict in parting),
        common=common_to(con, ones, others),
        likeliest=max(across, key=lambda link: (link.household_probability or 0, link is direct), default=None),
    )
