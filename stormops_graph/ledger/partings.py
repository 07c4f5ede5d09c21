"""Parting a household and joining two: what a steward says with it, as verdicts on records.

Invariant: a parting says no more than that the part is one household and none of the rest is of it, in as few verdicts
as bind that through others. They carry the name of their act, so that a joining takes back all of it: then evidence and
older verdicts speak as they did before.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stormops_graph.errors import InputError, Mistyped
from stormops_graph.ledger.claims import Claim, Hearing, restored
from stormops_graph.ledger.decisions import Decision, Level, Verdict, groups, in_force
from stormops_graph.ledger.naming import household_named, record_named
from stormops_graph.tables import Connection

_MEMBERS = "SELECT DISTINCT record FROM membership WHERE household = $household ORDER BY record"
# A record that is in a household for a time only says nothing of who is one household.
_OWN = """
SELECT household, record FROM (
    SELECT record, any_value(household) AS household
    FROM membership SEMI JOIN (SELECT unnest($records::VARCHAR[]) AS record) USING (record)
    GROUP BY record HAVING count(*) = 1
) ORDER BY record
"""
_ACT = re.compile(r" \[(split [0-9a-f]{8})\]$")

Said = tuple[str, str, Verdict]
"""Two records, and what is said of them at the level of households."""


class Wish(Protocol):
    """What a steward wants of households, in decisions on records."""

    def news(self, con: Connection, known: Sequence[Decision], at: datetime, second_above: int) -> list[Decision]:
        """The decisions that say it; `known` are all that there are."""

    def rest(self, con: Connection, known: Sequence[Decision], at: datetime, second_above: int) -> list[Decision]:
        """What has to be said besides, MEMBERSHIP being what came of the news."""


@dataclass(frozen=True)
class Saying:
    """Verdicts on records, as they are."""

    claims: tuple[Claim, ...]

    def news(self, con: Connection, known: Sequence[Decision], at: datetime, second_above: int) -> list[Decision]:
        """The claims' decisions; see `Hearing.made` for what it raises."""
        return _made(con, self.claims, known, at, second_above)

    def rest(self, *_: object) -> list[Decision]:
        """Nothing."""
        return []


@dataclass(frozen=True)
class Parting:
    """Some records of a household, named by key or as feed:id, are another household."""

    household: str
    records: tuple[str, ...]
    by: str
    reason: str

    def news(self, con: Connection, known: Sequence[Decision], at: datetime, second_above: int) -> list[Decision]:
        """Raises NotFound for a household or record that nobody knows, InputError for one of another household."""
        members = members_of(con, self.household)
        mentioned = {record for decision in known for record in decision.pair}
        part = {record_named(con, name, mentioned) for name in self.records}
        if strangers := sorted(part.difference(members)):
            raise InputError(
                f"{', '.join(strangers)} is not of household {self.household}",
                f"see who is: stormops-graph household {self.household}",
            )
        if not part or len(part) == len(members):
            raise InputError("a part is some of the household's records and not all", "name those that shall leave it")
        reason = f"{self.reason} [split {secrets.token_hex(4)}]"
        said = parting(part, set(members) - part, in_force(known, at))
        claims = [Claim(one, other, verdict, reason, self.by, Level.household) for one, other, verdict in said]
        return _made(con, claims, known, at, second_above)

    def rest(self, *_: object) -> list[Decision]:
        """Nothing."""
        return []


class Joining:
    """Two households are one: what parted them is taken back, and only where that is not enough it is said."""

    def __init__(self, one: str, other: str, by: str, reason: str) -> None:
        self._households, self._by, self._reason = (one, other), by, reason
        self._members: list[str] = []

    def news(self, con: Connection, known: Sequence[Decision], at: datetime, second_above: int) -> list[Decision]:
        """What takes back the verdicts that keep the two apart; raises NotFound for a household nobody knows."""
        one, other = (set(members_of(con, household)) for household in self._households)
        if one == other:
            raise Mistyped("both names mean the same household", "name two")
        self._members = sorted(one | other)
        news: list[Decision] = []
        for decision in keeping_apart(one, other, in_force(known, at)):
            back = restored(decision, [*known, *news], self._by, at)
            if back.verdict is Verdict.withdrawn:
                back = back.model_copy(update={"reason": self._reason})
            news.append(back)
        return news

    def rest(self, con: Connection, known: Sequence[Decision], at: datetime, second_above: int) -> list[Decision]:
        """That they are one, where evidence does not say so: a verdict for each household that is still apart.

        A verdict on two records brings along who hangs on them, which need not be all: ask again until it is.
        """
        first: dict[str, str] = {}
        for household, record in con.execute(_OWN, {"records": self._members}).fetchall():
            first.setdefault(household, record)
        home, *others = first.values()
        claims = [Claim(home, other, Verdict.same, self._reason, self._by, Level.household) for other in others]
        return _made(con, claims, known, at, second_above)


def members_of(con: Connection, household: str) -> list[str]:
    """The records of a household in MEMBERSHIP, in order; raises NotFound where there are none."""
    found = con.execute(_MEMBERS, {"household": household_named(con, household)}).fetchall()
    return [record for (record,) in found]


def parting(part: Iterable[str], rest: Iterable[str], held: Sequence[Decision]) -> list[Said]:
    """The fewest verdicts that, with those in force, hold `part` together and keep each of `rest` from it."""
    group = groups(held, Level.household)
    first, *others = _representatives(part, group)
    ours = {group.get(record, record) for record in (first, *others)}
    apart = {
        frozenset(group.get(record, record) for record in decision.pair)
        for decision in held
        if decision.parts(Level.household)
    }
    said = [(first, other, Verdict.same) for other in others]
    for record in _representatives(rest, group):
        theirs = group.get(record, record)
        if not any(frozenset((mine, theirs)) in apart for mine in ours):
            said.append((first, record, Verdict.different))
    return said


def keeping_apart(one: set[str], other: set[str], held: Sequence[Decision]) -> list[Decision]:
    """The verdicts in force that keep a record of one from a record of the other, with all of the acts they are of."""
    crossing = [
        decision
        for decision in held
        if decision.parts(Level.household)
        and ((decision.left in one and decision.right in other) or (decision.left in other and decision.right in one))
    ]
    acts = {act for decision in crossing if (act := act_of(decision))}
    ids = {decision.id for decision in crossing}
    return [decision for decision in held if decision.id in ids or act_of(decision) in acts]


def _representatives(records: Iterable[str], group: Mapping[str, str]) -> list[str]:
    """The smallest record of each group of those that verdicts hold together."""
    first: dict[str, str] = {}
    for record in sorted(records):
        first.setdefault(group.get(record, record), record)
    return list(first.values())


def act_of(decision: Decision) -> str | None:
    """The split that a decision is a part of."""
    found = _ACT.search(decision.reason)
    return found[1] if found else None


def _made(
    con: Connection, claims: Sequence[Claim], known: Sequence[Decision], at: datetime, second_above: int
) -> list[Decision]:
    hearing = Hearing(con, claims, known, at, second_above)
    decisions = {decision.id: decision for decision in (hearing.made(claim, at) for claim in claims)}
    old = {decision.id for decision in known}
    return [decision for key, decision in decisions.items() if key not in old]
