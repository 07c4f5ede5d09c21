"""Claims: what a steward says of two records or identifiers, and the decision that becomes of it.

Invariant: whoever says again what holds already, of records that have not changed, adds nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from stormops_graph.errors import InputError, NotFound
from stormops_graph.ledger.bindings import fingerprints_of
from stormops_graph.ledger.decisions import Decision, Level, Verdict, end_shown, identifier_of, latest, strongest
from stormops_graph.ledger.holders import records_of
from stormops_graph.ledger.naming import record_named
from stormops_graph.tables import MEMBERSHIP, PAIR, PAIR_KIND, Connection

_BETWEEN = "(left_id IN $ones AND right_id IN $others) OR (left_id IN $others AND right_id IN $ones)"
_EVIDENCE = f"""
SELECT (
    SELECT max(CASE WHEN $level = 'person' THEN person_probability ELSE household_probability END)
    FROM pair_kind WHERE {_BETWEEN}
), (SELECT string_agg(DISTINCT model, ', ' ORDER BY model) FROM pair WHERE {_BETWEEN})
"""  # noqa: S608  (a constant)
# A record that is of two households in turn joins none to another.
_MERGED = """
WITH home AS (SELECT household, record FROM membership),
held AS (
    SELECT record, list(DISTINCT household) AS of
    FROM home SEMI JOIN (SELECT unnest($records::VARCHAR[]) AS record) USING (record) GROUP BY record
),
joined AS (SELECT DISTINCT household FROM home SEMI JOIN held USING (record))
SELECT CASE WHEN EXISTS (FROM held WHERE len(of) = (SELECT count(*) FROM joined)) THEN 0 ELSE count(DISTINCT record) END
FROM home SEMI JOIN joined USING (household)
"""


@dataclass(frozen=True)
class Claim:
    """What a steward says of two records, each named by its key or as feed:id, or of identifiers by their keys.

    The level is the strongest if None.
    """

    one: str
    other: str
    verdict: Verdict
    reason: str
    by: str
    level: Level | None = None
    until: datetime | None = None


def made(con: Connection, claim: Claim, known: Sequence[Decision], at: datetime, second_above: int = 0) -> Decision:
    """The decision of a claim: a new one, or the known one that says the same of the same records.

    A `same` that merges households of more than `second_above` records together needs a second steward (0: none
    does). Raises NotFound for a record that nobody knows, or where there is nothing to withdraw.
    """
    pair = _pair(con, claim, known)
    before = next((decision for decision in latest(known) if decision.pair == pair), None)
    if claim.verdict is Verdict.withdrawn and before is None:
        raise NotFound("there is no verdict on the two to withdraw", "list them: stormops-graph decisions list")
    if before is not None and claim.verdict is before.verdict is Verdict.withdrawn:
        return before
    level = claim.level or strongest(claim.verdict)
    left, right = (fingerprints_of(con, list(pair)).get(record) for record in pair)
    score, model = _evidence(con, pair, level, at)
    waiting = _waiting(before, claim, level, at)
    new = Decision(
        id=str(uuid.uuid4()),
        left=pair[0],
        right=pair[1],
        verdict=claim.verdict,
        level=level,
        by=claim.by,
        at=after(before, at),
        reason=claim.reason,
        supersedes=before.id if before else None,
        left_fingerprint=left,
        right_fingerprint=right,
        score=score,
        model=model,
        until=claim.until,
        needs_second=waiting is None and _needs_second(con, claim.verdict, pair, at, second_above),
        confirms=waiting.id if waiting else None,
    )
    return before if before is not None and _says(before) == _says(new) else new


def restored(undone: Decision, known: Sequence[Decision], by: str, at: datetime) -> Decision:
    """The decision that takes `undone` back: what was said before it, or that nothing is said any more.

    Taking back what took something back says that again. Raises InputError where a later verdict has replaced it.
    """
    by_id = {decision.id: decision for decision in known}
    last = next(decision for decision in latest(known) if decision.pair == undone.pair)
    if last.id != undone.id:
        raise InputError(
            "a later verdict on the two has replaced it, so it cannot be undone",
            "undo the later one first, or decide anew: stormops-graph decisions list",
        )
    before = by_id.get(undone.supersedes or "")
    ours = {"id": str(uuid.uuid4()), "by": by, "at": after(undone, at), "supersedes": undone.id}
    if before is None or before.verdict is Verdict.withdrawn:
        ours |= {"verdict": Verdict.withdrawn, "reason": f"undone: {undone.reason}", "until": None}
        return undone.model_copy(update={**ours, "needs_second": False, "confirms": None})
    return before.model_copy(update=ours)


def after(before: Decision | None, at: datetime) -> datetime:
    """A time after that of the decision before: a clock that was set back must not make history of the new one."""
    return at if before is None else max(at, before.at + timedelta(microseconds=1))


def _pair(con: Connection, claim: Claim, known: Sequence[Decision]) -> tuple[str, str]:
    mentioned = {end for decision in known for end in decision.pair}
    left, right = sorted(_end_named(con, name, mentioned) for name in (claim.one, claim.other))
    if left == right:
        raise InputError(
            f"both names mean {'' if identifier_of(left) else 'the record '}{end_shown(left)}",
            "a record is one feed's distinct values: name two of them",
        )
    return left, right


def _end_named(con: Connection, name: str, mentioned: Collection[str]) -> str:
    found = identifier_of(name)
    if found is None:
        return record_named(con, name, mentioned)
    if name in mentioned or fingerprints_of(con, [name]):
        return name
    raise NotFound(
        f"no record holds {end_shown(name)} as its own",
        "what strangers share is for `shared release` and `shared block`; else it is in no feed that was read",
    )


def _says(decision: Decision) -> dict[str, object]:
    """What a decision says, apart from when it was said and what the model thought then."""
    apart = {"id", "at", "supersedes", "score", "model", "needs_second", "confirms"}
    return decision.model_dump(exclude=apart)


def _waiting(before: Decision | None, claim: Claim, level: Level, at: datetime) -> Decision | None:
    """The verdict that waits for this one: another steward's, saying the same."""
    if before is None or not before.needs_second or before.by == claim.by or before.expired(at):
        return None
    return before if (before.verdict, before.level) == (claim.verdict, level) else None


def _needs_second(con: Connection, verdict: Verdict, pair: tuple[str, str], at: datetime, above: int) -> bool:
    if verdict is not Verdict.same or not above:
        return False
    MEMBERSHIP.ensure(con)
    records = sorted({record for end in pair for record in records_of(con, end, at)})
    return bool(con.execute(_MERGED, {"records": records}).fetchall()[0][0] > above)


def _evidence(con: Connection, pair: tuple[str, str], level: Level, at: datetime) -> tuple[float | None, str | None]:
    """How probable `same` is by the strongest evidence between the two, and whose evidence that is."""
    for table in (PAIR, PAIR_KIND):
        table.ensure(con)
    ones, others = (records_of(con, end, at) for end in pair)
    ((score, model),) = con.execute(_EVIDENCE, {"ones": ones, "others": others, "level": str(level)}).fetchall()
    return score, model
