"""The households held against the ledger's verdicts, where nobody has labels.

Clustering enforces verdicts, so what is published agrees with all that were in force at the last resolve. What says how
good the linking is, is the clustering of the same evidence with an empty ledger: that is made here, in memory. Stewards
judge doubtful pairs first: these figures are about such pairs, not about all.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from stormops_graph import runs
from stormops_graph.carryover import CARRIED
from stormops_graph.cluster.clustering import cluster
from stormops_graph.cluster.settlement import KEPT, SETTLED_BINDING
from stormops_graph.evaluation.findings import Judged, JudgedLevel, JudgedPairs
from stormops_graph.ledger.bindings import fingerprints, stored
from stormops_graph.ledger.decisions import Decision, Level, Verdict, in_force
from stormops_graph.ledger.holders import binding
from stormops_graph.rules.ruleset import Rules
from stormops_graph.tables import (
    BINDING,
    DECISION,
    ENDED_ID,
    IDENTIFIER_NEWS,
    IDENTITY,
    LAST_MEMBERSHIP,
    LINEAGE,
    MEMBERSHIP,
    PERSON,
    RECORD_NEWS,
    REPLACED_RECORD,
    RESIDENCE,
    USED_ID,
    Connection,
)

# What clustering writes, and what it knows of the past; all else it reads is evidence.
_PAST = (LAST_MEMBERSHIP, USED_ID, ENDED_ID, REPLACED_RECORD)
_NOT_EVIDENCE = (DECISION, BINDING, *_PAST, MEMBERSHIP, RESIDENCE, PERSON, LINEAGE, IDENTITY)
# What clustering takes over, and brings up to date.
_REMEMBERED = (CARRIED, RECORD_NEWS, IDENTIFIER_NEWS, SETTLED_BINDING, *KEPT)

_EVIDENCE = """
SELECT current_database(), list(table_name) FROM duckdb_tables()
WHERE database_name = current_database() AND NOT list_contains($but, table_name)
"""
_JUDGED = "CREATE OR REPLACE TEMP TABLE judged (level VARCHAR, left_id VARCHAR, right_id VARCHAR, same BOOLEAN)"
_AGREEMENT = """
WITH placed AS (
    SELECT record, first({level} ORDER BY valid_to DESC NULLS FIRST, {level}) AS cluster
    FROM membership GROUP BY record
)
SELECT count(*) FILTER (same) AS same, count(*) FILTER (same AND l.cluster = r.cluster) AS same_together,
       count(*) FILTER (NOT same) AS different,
       count(*) FILTER (NOT same AND l.cluster = r.cluster) AS different_together
FROM judged JOIN placed l ON l.record = left_id JOIN placed r ON r.record = right_id WHERE level = $level
"""


def judge(con: Connection, rules: Rules) -> Judged:
    """Hold MEMBERSHIP against the verdicts of DECISION that are in force; no levels where none of them decides."""
    DECISION.ensure(con)
    held = binding(con, in_force(stored(con), runs.now()))
    known = set(fingerprints(con, held))
    alive = [decision for decision in held if known.issuperset(decision.pair)]
    counts = {"unsure": sum(one.verdict is Verdict.unsure for one in alive), "dormant": len(held) - len(alive)}
    if not _keep(con, alive):
        return Judged(levels=(), **counts)
    published = [_agreement(con, level) for level in Level]
    with _nobody_judged(con):
        cluster(con, rules.household.cluster, rules.session.place_at_least, uuid.UUID(int=0))
        unaided = [_agreement(con, level) for level in Level]
    levels = tuple(
        JudgedLevel(name=level.value, published=with_verdicts, unaided=without)
        for level, with_verdicts, without in zip(Level, published, unaided, strict=True)
        if with_verdicts.same or with_verdicts.different
    )
    return Judged(levels=levels, **counts)


def _keep(con: Connection, alive: Sequence[Decision]) -> int:
    """Fill `judged` with what the verdicts say at each level; how many they are."""
    con.execute(_JUDGED)
    rows = [
        (level.value, *decision.pair, decision.joins(level))
        for level in Level
        for decision in alive
        if decision.joins(level) or decision.parts(level)
    ]
    if rows:
        con.executemany("INSERT INTO judged VALUES (?, ?, ?, ?)", rows)
    return len(rows)


@contextmanager
def _nobody_judged(con: Connection) -> Iterator[None]:
    """In the workspace's place, a database in memory that shows its evidence, but no verdict and no past."""
    workspace, tables = con.execute(_EVIDENCE, {"but": [table.name for table in _NOT_EVIDENCE]}).fetchall()[0]
    remembered = {table.name for table in _REMEMBERED}
    con.execute("ATTACH ':memory:' AS unaided")
    try:
        for name in tables:
            kind = "TABLE" if name in remembered else "VIEW"
            con.execute(f'CREATE {kind} unaided."{name}" AS FROM "{workspace}"."{name}"')
        con.execute("USE unaided")
        yield
    finally:
        con.execute(f'USE "{workspace}"')
        con.execute("DETACH unaided")


def _agreement(con: Connection, level: Level) -> JudgedPairs:
    row = con.execute(_AGREEMENT.format(level=level.value), {"level": level.value}).fetchall()[0]
    return JudgedPairs(**dict(zip(("same", "same_together", "different", "different_together"), row, strict=True)))
