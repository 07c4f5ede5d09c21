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
from stormops_graph.ledger.decisions import Chain, Decision, Level, Verdict, contradictions, groups, in_force, latest
from stormops_graph.tables import BINDING, DECISION, RECORD, Connection

# When a record was seen is no part of what it is.
_FINGERPRINTS = """
SELECT record, left(sha256(to_json([given, surname, address_key, zip5, cookie, list_sort(phones)::VARCHAR,
    list_sort(emails)::VARCHAR, list_sort(hashes)::VARCHAR, home_value_band, year_built::VARCHAR,
    square_footage::VARCHAR])::VARCHAR), 16)
FROM record WHERE list_contains($records, record) ORDER BY record
"""


class State(StrEnum):
    """What has become of a decision."""

    in_force = "in force"
    review = "in force, to be reviewed again"  # a record's values are not what they were
    dormant = "dormant"  # a record has gone; it binds again when the record is back
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
    held = in_force(stored(con), at)
    refuse(contradictions(held))
    here = set(fingerprints(con, held))
    BINDING.create(con)
    return BINDING.append(con, sorted(row for level in Level for row in _bindings(held, here, level)))


def refuse(chains: Sequence[Chain]) -> None:
    """Raise Contradiction for chains of verdicts that oppose each other, if there are any."""
    if chains:
        raise Contradiction(
            "\n".join(["these verdicts cannot all hold:", *(line for chain in chains for line in told(chain))]),
            "decide one of these pairs anew: a later verdict on a pair replaces the earlier one",
        )


def told(chain: Chain) -> list[str]:
    """A chain in words, a line a verdict; without the reasons, which may name people."""
    return [f"  {d.left} {d.verdict} {d.right} ({d.level}; by {d.by}, {d.at:%Y-%m-%d %H:%M}, {d.id})" for d in chain]


def listed(con: Connection, at: datetime) -> list[Listed]:
    """All decisions with their states at a time, the oldest first."""
    decisions = stored(con)
    last = {decision.id for decision in latest(decisions)}
    now = fingerprints(con, decisions)
    found = []
    for decision in decisions:
        then = (decision.left_fingerprint, decision.right_fingerprint)
        changed = any(old and old != now.get(record) for record, old in zip(decision.pair, then, strict=True))
        state = _state(decision, now, at, changed) if decision.id in last else State.superseded
        found.append(Listed(decision, state, changed))
    return found


def fingerprints(con: Connection, decisions: Sequence[Decision]) -> dict[str, str]:
    """Of each record in the decisions that is there, a fingerprint of its values."""
    return fingerprints_of(con, sorted({record for decision in decisions for record in decision.pair}))


def fingerprints_of(con: Connection, records: Sequence[str]) -> dict[str, str]:
    """Record key → fingerprint of its values, of those that are there."""
    RECORD.ensure(con)
    return dict(con.execute(_FINGERPRINTS, {"records": list(records)}).fetchall())


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
