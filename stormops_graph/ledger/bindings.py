"""From decisions to what clustering must do, and to what of them wants a second look.

Invariant: verdicts bind each other through a record that has gone: what A shares with B, and B with C, holds of A
and C while B is away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import ValidationError

from stormops_graph.errors import Contradiction, StoreError
from stormops_graph.ledger.decisions import (
    Chain,
    Decision,
    Level,
    Verdict,
    contradictions,
    end_shown,
    groups,
    identifier_of,
    in_force,
    latest,
)
from stormops_graph.ledger.holders import binding, opposed_by_records
from stormops_graph.tables import (
    BINDING,
    DECISION,
    HOLDING,
    LAST_MEMBERSHIP,
    RECORD,
    SHARED_IDENTIFIER,
    Connection,
    Table,
)

# When a record was seen is no part of what it is. An identifier is the names that are seen with it.
_FINGERPRINTS = """
SELECT record, left(sha256(to_json([given, surname, address_key, zip5, cookie, list_sort(phones)::VARCHAR,
    list_sort(emails)::VARCHAR, list_sort(hashes)::VARCHAR, home_value_band, year_built::VARCHAR,
    square_footage::VARCHAR])::VARCHAR), 16)
FROM record SEMI JOIN (SELECT unnest($ends::VARCHAR[]) AS record) USING (record) ORDER BY record
"""
_IDENTIFIER_FINGERPRINTS = """
SELECT kind || ':' || value, left(sha256(list_sort(list(DISTINCT concat_ws(' ', given, surname)))::VARCHAR), 16)
FROM holding JOIN record USING (record) ANTI JOIN shared_identifier USING (kind, value)
WHERE list_contains($kinds, kind) AND list_contains($ends, kind || ':' || value) GROUP BY ALL
ORDER BY 1
"""


class State(StrEnum):
    """What has become of a decision."""

    in_force = "in force"
    review = "in force, to be reviewed again"  # a record's values are not what they were
    dormant = "dormant"  # a record has gone, or nobody alone holds an identifier; it binds again when they are back
    opposed = "set aside: other verdicts oppose it"  # records show what they did not when it was said of identifiers
    unsure = "unsure"
    pending = "waits for a second steward"
    expired = "expired"
    withdrawn = "withdrawn"
    superseded = "superseded"


@dataclass(frozen=True)
class Listed:
    """A decision and what has become of it."""

    decision: Decision
    state: State
    changed: bool = False  # a record's values are not what they were when it was said


def store(con: Connection, decisions: Sequence[Decision]) -> None:
    """Fill DECISION."""
    DECISION.create(con)
    DECISION.append(con, [_row(decision) for decision in decisions])


def stored(con: Connection) -> list[Decision]:
    """The decisions of DECISION, the oldest first; raises StoreError for one that is not whole."""
    DECISION.check(con)
    found = con.execute('SELECT * FROM decision ORDER BY "at", id').fetchall()
    names = ["left" if n == "left_id" else "right" if n == "right_id" else n for n in DECISION.columns]
    try:
        return [Decision.model_validate(dict(zip(names, row, strict=True))) for row in found]
    except ValidationError as error:
        raise StoreError(
            "a (:Decision) of the graph is not whole", "it was made or edited by hand: undo that, or remove the node"
        ) from error


def bind(con: Connection, at: datetime) -> int:
    """Read DECISION and RECORD, write BINDING as of `at`; how many. Raises Contradiction with the chains."""
    rows = bound(con, stored(con), at)
    BINDING.create(con)
    return BINDING.append(con, rows)


def bound(
    con: Connection, decisions: Sequence[Decision], at: datetime, homes: Table = LAST_MEMBERSHIP
) -> list[tuple[str, str, str, str]]:
    """The rows of BINDING that decisions make as of `at`, `homes` being the households of the last run.

    Raises Contradiction with the chains.
    """
    held = binding(con, in_force(decisions, at), homes)
    refuse(contradictions(held))
    here = {end for end in fingerprints(con, held) if not identifier_of(end)}
    return sorted(row for level in Level for row in _bindings(held, here, level))


def refuse(chains: Sequence[Chain]) -> None:
    """Raise Contradiction for chains of verdicts that oppose each other, if there are any."""
    if chains:
        raise Contradiction(
            "\n".join(["these verdicts cannot all hold:", *(line for chain in chains for line in told(chain))]),
            "decide one of these pairs anew: a later verdict on a pair replaces the earlier one",
        )


def told(chain: Chain) -> list[str]:
    """A chain in words, a line a verdict; without the reasons, which may name people."""
    return [
        f"  {end_shown(d.left)} {d.verdict} {end_shown(d.right)} "
        f"({d.level}; by {d.signed}, {d.at:%Y-%m-%d %H:%M}, {d.id})"
        for d in chain
    ]


def listed(con: Connection, at: datetime) -> list[Listed]:
    """All decisions with their states at a time, the oldest first."""
    decisions = stored(con)
    last = {decision.id for decision in latest(decisions)}
    bound = {decision.id for decision in binding(con, in_force(decisions, at))}
    now = fingerprints(con, decisions)
    found = []
    for decision in decisions:
        then = (decision.left_fingerprint, decision.right_fingerprint)
        changed = any(old and old != now.get(end) for end, old in zip(decision.pair, then, strict=True))
        changed = changed or (decision.id in bound and opposed_by_records(con, decision))
        state = _state(decision, now, at, changed) if decision.id in last else State.superseded
        if state in (State.in_force, State.review) and decision.id not in bound:
            state = State.opposed
        found.append(Listed(decision, state, changed))
    return found


def dormant(con: Connection, at: datetime) -> list[str]:
    """What is to be said of verdicts in force of which a record, or who holds an identifier, is not there now."""
    held = in_force(stored(con), at)
    here = fingerprints(con, held).keys()
    gone = sum(not here >= set(decision.pair) for decision in held)
    said = "verdicts in force on records that are not there now, which bind again when these are back"
    return [f"{said}: {gone:,} (stormops-graph decisions list)"] if gone else []


def fingerprints(con: Connection, decisions: Sequence[Decision]) -> dict[str, str]:
    """Of each record and identifier in the decisions that is there, a fingerprint."""
    return fingerprints_of(con, sorted({end for decision in decisions for end in decision.pair}))


def fingerprints_of(con: Connection, ends: Sequence[str]) -> dict[str, str]:
    """Key → fingerprint, of the records that are there and the identifiers that one of them holds as its own."""
    for table in (RECORD, HOLDING, SHARED_IDENTIFIER):
        table.ensure(con)
    kinds = sorted({found[0] for end in ends if (found := identifier_of(end))})
    rows = con.execute(_FINGERPRINTS, {"ends": list(ends)}).fetchall()
    if kinds:
        rows += con.execute(_IDENTIFIER_FINGERPRINTS, {"ends": list(ends), "kinds": kinds}).fetchall()
    return dict(rows)


def _state(decision: Decision, now: dict[str, str], at: datetime, changed: bool) -> State:
    if decision.verdict is Verdict.withdrawn:
        return State.withdrawn
    if decision.expired(at):
        return State.expired
    if decision.left not in now or decision.right not in now:
        return State.dormant
    if decision.needs_second:
        return State.pending
    if decision.verdict is Verdict.unsure:
        return State.unsure
    return State.review if changed else State.in_force


def _bindings(held: Sequence[Decision], here: set[str], level: Level) -> list[tuple[str, str, str, str]]:
    """One record that is there stands for each group; the others are tied to it, and it is parted from others."""
    group = groups(held, level)
    first: dict[str, str] = {}
    rows = set()
    for record in sorted(here):
        of = group.get(record, record)
        if of in first:
            rows.add((str(level), first[of], record, "same"))
        first.setdefault(of, record)
    for decision in held:
        ends = sorted(first.get(group.get(record, record), "") for record in decision.pair)
        if decision.parts(level) and all(ends):
            rows.add((str(level), ends[0], ends[1], "different"))
    return sorted(rows)


def _row(decision: Decision) -> tuple[object, ...]:
    values = decision.model_dump()
    values |= {"left_id": decision.left, "right_id": decision.right}
    values |= {"verdict": str(decision.verdict), "level": str(decision.level)}
    return tuple(values[name] for name in DECISION.columns)
