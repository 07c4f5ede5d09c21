"""Claims: what a steward says of two records or identifiers, and the decision that becomes of it.

Invariant: whoever says again what holds already, of records that have not changed, adds nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from stormops_graph.errors import Contradiction, InputError, Mistyped, NotFound
from stormops_graph.ledger.bindings import fingerprints_of
from stormops_graph.ledger.decisions import Decision, Level, Verdict, end_shown, identifier_of, latest, strongest
from stormops_graph.ledger.holders import records_of
from stormops_graph.ledger.naming import records_named, the_record
from stormops_graph.tables import MEMBERSHIP, PAIR, PAIR_KIND, Connection

# How probable `same` is by the strongest evidence between two ends, and whose evidence that is.
_EVIDENCE = """
WITH asked AS (
    SELECT unnest($numbers::INTEGER[]) AS number, unnest($lefts::VARCHAR[]) AS left_id,
           unnest($rights::VARCHAR[]) AS right_id
), likely AS (
    SELECT number, max(household_probability) AS household, max(person_probability) AS person
    FROM asked JOIN pair_kind USING (left_id, right_id) GROUP BY number
), told AS (
    SELECT number, string_agg(DISTINCT model, ', ' ORDER BY model) AS model
    FROM asked JOIN pair USING (left_id, right_id) GROUP BY number
)
SELECT number, household, person, model FROM likely FULL JOIN told USING (number)
"""
# How many records `same` brings together; none by a record that is of all of the households in turn.
_MERGED = """
WITH asked AS (SELECT unnest($numbers::INTEGER[]) AS number, unnest($records::VARCHAR[]) AS record),
home AS (SELECT DISTINCT household, record FROM membership),
held AS (SELECT number, record, count(*) AS households FROM asked JOIN home USING (record) GROUP BY ALL),
joined AS (SELECT DISTINCT number, household FROM asked JOIN home USING (record)),
merged AS (
    SELECT number, count(DISTINCT household) AS households, count(DISTINCT record) AS records
    FROM joined JOIN home USING (household) GROUP BY number
)
SELECT number, records FROM merged m
WHERE NOT EXISTS (FROM held h WHERE h.number = m.number AND h.households = m.households)
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


@dataclass(frozen=True)
class _Evidence:
    """How probable it is that two ends are the same, and by which models."""

    household: float | None = None
    person: float | None = None
    model: str | None = None


class Hearing:
    """Claims that become decisions one after the other; what records say of their ends is looked up once for all.

    A `same` that merges households of more than `second_above` records together needs a second steward (0: none does).
    """

    def __init__(
        self, con: Connection, claims: Sequence[Claim], known: Sequence[Decision], at: datetime, second_above: int = 0
    ) -> None:
        self._con, self._above = con, second_above
        self._last = {decision.pair: decision for decision in latest(known)}
        self._mentioned = {end for pair in self._last for end in pair}
        names = {name for claim in claims for name in (claim.one, claim.other)}
        self._named = records_named(con, (name for name in names if not identifier_of(name)))
        ends = {end for found in self._named.values() for end in found}
        ends |= {name for name in names if identifier_of(name) or name in self._mentioned}
        self._fingerprints = fingerprints_of(con, sorted(ends))
        self._records = records_of(con, ends, at)
        pairs = sorted({pair for claim in claims if (pair := self._likely_pair(claim))})
        self._evidence = self._looked_up(pairs)
        self._merged = self._counted(pairs) if second_above else {}

    def made(self, claim: Claim, at: datetime) -> Decision:
        """The decision of a claim: a new one, or the earlier one that says the same of the same records.

        Raises NotFound for a record that nobody knows, or where there is nothing to withdraw.
        """
        pair = self._pair(claim)
        before = self._last.get(pair)
        if claim.verdict is Verdict.withdrawn and before is None:
            raise NotFound("there is no verdict on the two to withdraw", "list them: stormops-graph decisions list")
        if before is not None and claim.verdict is before.verdict is Verdict.withdrawn:
            return before
        new = self._new(claim, pair, before, at)
        if before is not None and _says(before) == _says(new):
            return before
        self._last[pair] = new
        return new

    def _new(self, claim: Claim, pair: tuple[str, str], before: Decision | None, at: datetime) -> Decision:
        level = claim.level or strongest(claim.verdict)
        left, right = map(self._fingerprints.get, pair)
        evidence = self._evidence.get(pair, _Evidence())
        waiting = _waiting(before, claim, level, at)
        return Decision(
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
            score=evidence.person if level is Level.person else evidence.household,
            model=evidence.model,
            until=claim.until,
            needs_second=waiting is None and self._needs_second(claim.verdict, pair),
            confirms=waiting.id if waiting else None,
        )

    def _likely_pair(self, claim: Claim) -> tuple[str, str] | None:
        try:
            return self._pair(claim)
        except (NotFound, InputError):  # told when its turn comes
            return None

    def _pair(self, claim: Claim) -> tuple[str, str]:
        left, right = sorted(map(self._end, (claim.one, claim.other)))
        if left == right:
            raise Mistyped(
                f"both names mean {'' if identifier_of(left) else 'the record '}{end_shown(left)}",
                "a record is one feed's distinct values: name two of them",
            )
        return left, right

    def _end(self, name: str) -> str:
        if name in self._mentioned:
            return name
        if not identifier_of(name):
            return the_record(name, self._named.get(name, []))
        if name in self._fingerprints:
            return name
        raise NotFound(
            f"no record holds {end_shown(name)} as its own",
            "what strangers share is for `shared release` and `shared block`; else it is in no feed that was read",
        )

    def _looked_up(self, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], _Evidence]:
        for table in (PAIR, PAIR_KIND):
            table.ensure(self._con)
        between = [
            (number, min(one, other), max(one, other))
            for number, (left, right) in enumerate(pairs)
            for one in self._records[left]
            for other in self._records[right]
        ]
        numbers, lefts, rights = map(list, zip(*between, strict=True)) if between else ([], [], [])
        rows = self._con.execute(_EVIDENCE, {"numbers": numbers, "lefts": lefts, "rights": rights}).fetchall()
        return {pairs[number]: _Evidence(*said) for number, *said in rows}

    def _counted(self, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """How many records each of the pairs brings together, as `same`."""
        MEMBERSHIP.ensure(self._con)
        ends = [
            (number, record)
            for number, pair in enumerate(pairs)
            for record in {record for end in pair for record in self._records[end]}
        ]
        numbers, records = map(list, zip(*ends, strict=True)) if ends else ([], [])
        rows = self._con.execute(_MERGED, {"numbers": numbers, "records": records}).fetchall()
        return {pairs[number]: merged for number, merged in rows}

    def _needs_second(self, verdict: Verdict, pair: tuple[str, str]) -> bool:
        return verdict is Verdict.same and self._above > 0 and self._merged.get(pair, 0) > self._above


def restored(undone: Decision, known: Sequence[Decision], by: str, at: datetime) -> Decision:
    """The decision that takes `undone` back: what was said before it, or that nothing is said any more.

    Taking back what took something back says that again. Raises Contradiction where a later verdict has replaced it.
    """
    by_id = {decision.id: decision for decision in known}
    last = next(decision for decision in latest(known) if decision.pair == undone.pair)
    if last.id != undone.id:
        raise Contradiction(
            "a later verdict on the two has replaced it, so it cannot be undone",
            f"undo the later one: stormops-graph decisions undo {last.id}",
        )
    before = by_id.get(undone.supersedes or "")
    ours = {"id": str(uuid.uuid4()), "at": after(undone, at), "supersedes": undone.id}
    if before is None or before.verdict is Verdict.withdrawn:
        ours |= {"verdict": Verdict.withdrawn, "reason": f"undone: {undone.reason}", "until": None, "by": by}
        return undone.model_copy(update={**ours, "needs_second": False, "confirms": None, "restored_by": None})
    return before.model_copy(update={**ours, "restored_by": by})


def after(before: Decision | None, at: datetime) -> datetime:
    """A time after that of the decision before: a clock that was set back must not make history of the new one."""
    return at if before is None else max(at, before.at + timedelta(microseconds=1))


def _says(decision: Decision) -> dict[str, object]:
    """What a decision says, apart from when it was said, what the model thought then and who restored it."""
    apart = {"id", "at", "supersedes", "score", "model", "needs_second", "confirms", "restored_by"}
    return decision.model_dump(exclude=apart)


def _waiting(before: Decision | None, claim: Claim, level: Level, at: datetime) -> Decision | None:
    """The verdict that waits for this one: another steward's, saying the same."""
    if before is None or not before.needs_second or before.by == claim.by or before.expired(at):
        return None
    return before if (before.verdict, before.level) == (claim.verdict, level) else None
