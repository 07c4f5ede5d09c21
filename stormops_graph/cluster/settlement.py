"""What became of each component of the evidence, kept from run to run under a print of all that was read of it.

A component whose print is known is taken over; the others are settled. Households and persons are numbered here and get
their ids later, as an id depends on the last membership, which may change while the evidence does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from stormops_graph.carryover import open_tables, renewed
from stormops_graph.cluster.placement import Placement
from stormops_graph.tables import BINDING, Connection, Table

_BATCH = 250_000  # records that are clustered at a time

SETTLED = Table("settled", {"component": "UHUGEINT"})
SETTLED_MEMBER = Table(
    "settled_member",  # a record where it lives with its household; in several rows where it moved or changed hands
    {
        "component": "UHUGEINT",
        "household": "BIGINT",
        "person": "BIGINT",
        "record": "VARCHAR",
        "home": "VARCHAR",
        "confidence": "DOUBLE",
        "lasting": "BOOLEAN",  # one of those that give the household its id
        "valid_from": "TIMESTAMP",
        "valid_to": "TIMESTAMP",
    },
)
SETTLED_STAY = Table(
    "settled_stay",  # where a household lives, when
    {
        "component": "UHUGEINT",
        "household": "BIGINT",
        "home": "VARCHAR",
        "valid_from": "TIMESTAMP",
        "valid_to": "TIMESTAMP",
    },
)
SETTLED_PERSON = Table(
    "settled_person",  # by the names that the records say most often
    {"component": "UHUGEINT", "person": "BIGINT"} | dict.fromkeys(("given", "surname", "suffix"), "VARCHAR"),
)
SETTLED_BINDING = Table("settled_binding", BINDING.columns)  # the verdicts that this was settled by
KEPT = (SETTLED, SETTLED_MEMBER, SETTLED_STAY, SETTLED_PERSON)

_LEFT = """
CREATE OR REPLACE TEMP TABLE settled_left AS
SELECT DISTINCT record FROM settled_member SEMI JOIN settled_gone USING (component)
"""
_FORGOTTEN = "DELETE FROM {table} WHERE component IN (SELECT component FROM settled_gone)"
_UNSETTLED = """
CREATE OR REPLACE TEMP TABLE unsettled AS
SELECT label, component, records FROM evidence_component ANTI JOIN settled USING (component)
"""
_DUE = """
CREATE OR REPLACE TEMP TABLE due AS
WITH batched AS (
    SELECT label, component, ((sum(records) OVER (ORDER BY label) - 1) // $batch)::BIGINT AS batch
    FROM unsettled ANTI JOIN agreeing USING (label)
)
SELECT n, component, batch, row_number() OVER (PARTITION BY batch ORDER BY n) - 1 AS number
FROM evidence_label JOIN batched USING (label)
"""
_BATCHES = "SELECT DISTINCT batch FROM due ORDER BY batch"
_MEMBERS = """
INSERT INTO settled_member
SELECT component, household, person, record, coalesce(r.home, m.home),
       round(CASE WHEN r.home IS NULL THEN coalesce(attached, 1) ELSE home_probability END, 6),
       lasting, valid_from, valid_to
FROM members m JOIN (FROM due WHERE batch = $batch) AS due USING (number) JOIN evidence_record r USING (n)
"""
_STAYS = """
INSERT INTO settled_stay SELECT component, household, home, valid_from, valid_to
FROM stays JOIN (FROM due WHERE batch = $batch) AS due USING (number)
"""
# A record of several homes has several rows.
_IN_BATCH = """
    SELECT DISTINCT n, component, person FROM members JOIN (FROM due WHERE batch = $batch) AS due USING (number)
    WHERE person IS NOT NULL
"""
_IN_AGREEMENT = "SELECT n, component, person FROM agreed JOIN agreeing USING (label) WHERE person IS NOT NULL"
_PERSONS = """
INSERT INTO settled_person
WITH said AS MATERIALIZED (
    SELECT component, person, CASE WHEN length(called) > 1 THEN called END AS given, surname, suffix
    FROM ({source}) JOIN evidence_record USING (n)
), one AS MATERIALIZED (  -- most persons have one name, and counting is dear
    SELECT component, person, min(given) AS given, min(surname) AS surname, min(suffix) AS suffix,
           coalesce(min(given) <> max(given), false) OR coalesce(min(surname) <> max(surname), false) AS several
    FROM said GROUP BY component, person
), times AS (
    SELECT *, count(given) OVER (PARTITION BY component, person, given) AS givens,
           count(surname) OVER (PARTITION BY component, person, surname) AS surnames
    FROM said SEMI JOIN (FROM one WHERE several) USING (component, person)
)
SELECT component, person, given, surname, suffix FROM one WHERE NOT several
UNION ALL
SELECT component, person, arg_min(given, (-givens, given)), arg_min(surname, (-surnames, surname)), min(suffix)
FROM times GROUP BY component, person
"""

# Components that agree: the household of each is its only one.
_AGREED = (
    """
INSERT INTO settled_member
SELECT component, 0, person, record, coalesce(r.home, c.home),
       round(CASE WHEN r.home IS NULL THEN coalesce(attached, 1) ELSE home_probability END, 6), true, NULL, NULL
FROM agreed JOIN agreeing c USING (label) JOIN evidence_record r USING (n)
""",
    "INSERT INTO settled_stay SELECT component, 0, home, NULL, NULL FROM agreeing WHERE home IS NOT NULL",
)


@contextmanager
def settling(con: Connection, *made_by: object) -> Iterator[bool]:
    """Settle what is unsettled meanwhile. Yields whether the last run settled by these rules; if not, nothing is."""
    with renewed(con, SETTLED.name, *made_by) as known:
        open_tables(con, (*KEPT, SETTLED_BINDING), known=known)
        con.execute("CREATE OR REPLACE TEMP TABLE settled_gone (component UHUGEINT)")
        yield known
        con.execute("INSERT INTO settled SELECT component FROM unsettled")
        con.execute("CREATE OR REPLACE TABLE settled_binding AS FROM binding")


def find_unsettled(con: Connection) -> None:
    """Write `unsettled`, the components that no run has settled. Forget what was settled of the components in
    `settled_gone` that are no longer as they were; `settled_left` has their records.
    """
    con.execute("DELETE FROM settled_gone WHERE component IN (SELECT component FROM evidence_component)")
    con.execute(_LEFT)
    for table in KEPT:
        con.execute(_FORGOTTEN.format(table=table.name))
    con.execute(_UNSETTLED)


def settle_agreed(con: Connection) -> None:
    """Add what became of the components in `agreeing`."""
    for statement in (*_AGREED, _PERSONS.format(source=_IN_AGREEMENT)):
        con.execute(statement)


def batch_due(con: Connection) -> list[int]:
    """Write `due`, the records of the other components in `unsettled`, numbered in batches; returns the batches."""
    con.execute(_DUE, {"batch": _BATCH})
    return [batch for (batch,) in con.execute(_BATCHES).fetchall()]


def settle(con: Connection, batch: int, placement: Placement) -> None:
    """Add what became of the records of a batch."""
    for name, statements in (("members", (_MEMBERS, _PERSONS.format(source=_IN_BATCH.strip()))), ("stays", (_STAYS,))):
        con.register(name, pa.table(getattr(placement, name)))
        for statement in statements:
            con.execute(statement, {"batch": batch})
        con.unregister(name)
