"""Verdicts on identifiers, spread over the records that hold them.

Invariant: an identifier stands for whoever held it when the verdict was given, and for all who come to show it since.
It stands for nobody where strangers share it, nor for a record that shows both identifiers of `different`: such a
record says itself that it is of both. What a steward said of records goes before what was said of identifiers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from stormops_graph.ledger.decisions import Decision, Verdict, contradictions, identifier_of
from stormops_graph.tables import HOLDING, MEMBERSHIP, SHARED_IDENTIFIER, Connection, Table
from stormops_graph.turns import Span, in_turn

_EVER = (datetime.min, datetime.max)
_HELD = """
WITH asked AS (SELECT unnest($kinds::VARCHAR[]) AS kind, unnest($values::VARCHAR[]) AS value),
held AS (
    SELECT kind, value, record, min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM holding SEMI JOIN asked USING (kind, value) ANTI JOIN shared_identifier USING (kind, value) GROUP BY ALL
), home AS (
    SELECT record, list_sort(list(DISTINCT household)) AS households FROM {homes} SEMI JOIN held USING (record)
    WHERE household IS NOT NULL GROUP BY record
)
SELECT kind || ':' || value, record, first_seen, last_seen, coalesce(households, [])
FROM held LEFT JOIN home USING (record) ORDER BY ALL
"""


@dataclass(frozen=True)
class _Holding:
    """That a record was seen with an identifier, and the households it is of; several where it is of each in turn."""

    record: str
    first: datetime | None
    last: datetime | None
    households: tuple[str, ...]


Holdings = Mapping[str, Sequence[_Holding]]


def spread(con: Connection, held: Sequence[Decision], homes: Table = MEMBERSHIP) -> list[Decision]:
    """The decisions, each on an identifier replaced by what it says of the records that hold it, under the same id.

    Who held it when is read off HOLDING and the households of `homes`. The identifier itself stays an end, so that what
    is said of it holds records together that show it at different times.
    """
    keys = sorted({end for decision in held for end in decision.pair if identifier_of(end)})
    if not keys:
        return list(held)
    holdings = _holdings(con, keys, homes)
    return [part for decision in held for part in _parts(decision, holdings)]


def binding(con: Connection, held: Sequence[Decision], homes: Table = MEMBERSHIP) -> list[Decision]:
    """What of the decisions in force binds, spread over records.

    A verdict on identifiers that others oppose, as records can come to show what they did not, is set aside whole; of
    two such the later holds.
    """
    whole = spread(con, held, homes)
    if not any(decision.identifiers for decision in held) or not contradictions(whole):
        return whole
    parts: dict[str, list[Decision]] = defaultdict(list)
    for part in whole:
        parts[part.id].append(part)
    kept = [decision for decision in held if not decision.identifiers]
    for decision in reversed([one for one in held if one.identifiers]):
        if not contradictions([*kept, *parts[decision.id]]):
            kept += parts[decision.id]
    return kept


def records_of(con: Connection, ends: Iterable[str], at: datetime) -> dict[str, list[str]]:
    """The records that each end of verdicts given at a time means, in order."""
    ends = sorted(set(ends))
    keys = [end for end in ends if identifier_of(end)]
    holdings = _holdings(con, keys, MEMBERSHIP) if keys else {}
    return {end: _current(holdings.get(end, ()), at)[1] if identifier_of(end) else [end] for end in ends}


def opposed_by_records(con: Connection, decision: Decision) -> bool:
    """Whether a record shows both identifiers of a `different`, so that it is on neither side."""
    if decision.verdict is not Verdict.different or not decision.identifiers:
        return False
    left, right = map(set, records_of(con, decision.pair, decision.at).values())
    return not left.isdisjoint(right)


def _holdings(con: Connection, keys: Iterable[str], homes: Table) -> Holdings:
    for table in (HOLDING, SHARED_IDENTIFIER, homes):
        table.ensure(con)
    kinds, values = zip(*(key.split(":", 1) for key in keys), strict=True)
    rows = con.execute(_HELD.replace("{homes}", homes.name), {"kinds": list(kinds), "values": list(values)}).fetchall()
    found: dict[str, list[_Holding]] = defaultdict(list)
    for key, record, first, last, households in rows:
        found[key].append(_Holding(record, first, last, tuple(households)))
    return found


def _parts(decision: Decision, holdings: Holdings) -> Iterator[Decision]:
    """What a decision says of records; of an identifier that several held in turn, of those of one turn."""
    sides = [_side(end, holdings, decision.at) for end in decision.pair]
    if not decision.identifiers or decision.verdict is Verdict.unsure:
        yield decision
    elif decision.verdict is Verdict.same:
        yield _between(decision, sides[0][0], sides[1][0])
        for name, records in sides:
            yield from (_between(decision, name, record) for record in records if record != name)
    else:
        (one, left), (other, right) = sides
        both = set(left) & set(right)
        for mine in dict.fromkeys([one, *left]):
            for theirs in dict.fromkeys([other, *right]):
                if both.isdisjoint((mine, theirs)):
                    yield _between(decision, mine, theirs)


def _side(end: str, holdings: Holdings, at: datetime) -> tuple[str, list[str]]:
    """An end as it is called, and the records that it means."""
    if not identifier_of(end):
        return end, [end]
    start, records = _current(holdings.get(end, ()), at)
    return (end if start == _EVER[0] else f"{end} since {start:%Y-%m-%dT%H:%M:%S}"), records


def _current(holdings: Sequence[_Holding], at: datetime) -> tuple[datetime, list[str]]:
    """Since when the holder of that time had it, and the records that are his; who held it in turn is no one's."""
    start, end = _turn(holdings, at)
    return start, [
        held.record
        for held in holdings
        if len(held.households) < 2
        and (held.last is None or held.last >= start)
        and (held.first is None or held.first < end)
    ]


def _turn(holdings: Sequence[_Holding], at: datetime) -> Span:
    seen: dict[str, list[datetime]] = defaultdict(list)
    for held in holdings:
        if len(held.households) == 1:
            if held.first is None or held.last is None:
                return _EVER
            seen[held.households[0]] += [held.first, held.last]
    turns = in_turn({household: (min(times), max(times)) for household, times in seen.items()})
    return max((turn for turn in turns.values() if turn[0] <= at), default=_EVER)


def _between(decision: Decision, one: str, other: str) -> Decision:
    left, right = sorted((one, other))
    return decision.model_copy(update={"left": left, "right": right})
