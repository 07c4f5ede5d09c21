"""Who is what when: the periods in which a record means a person or household, and a person is in a household."""

from __future__ import annotations

from stormops_graph.tables import Connection

# At any instant a record means one person or household, and a person is in one household: a period ends where
# the next begins. NULL is an open end.
_RECORD_TARGET = """
CREATE OR REPLACE TEMP TABLE record_target AS
WITH period AS (
    SELECT record, coalesce(person, household) AS target, person IS NOT NULL AS is_person,
           CASE WHEN bool_and(valid_from IS NOT NULL) THEN min(valid_from) END AS "from",
           CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END AS "to", max(confidence) AS confidence
    FROM membership SEMI JOIN record USING (record) GROUP BY ALL
)
SELECT * REPLACE (least("to", lead(coalesce("from", TIMESTAMP '0001-01-01')) OVER (
    PARTITION BY record ORDER BY "from" NULLS FIRST, target)) AS "to")
FROM period
"""
_PERSON_HOUSEHOLD = """
CREATE OR REPLACE TEMP TABLE person_household AS
WITH period AS (
    SELECT person, household,
           CASE WHEN bool_and(valid_from IS NOT NULL) THEN min(valid_from) END AS "from",
           CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END AS "to", max(confidence) AS confidence
    FROM membership WHERE person IS NOT NULL GROUP BY ALL
)
SELECT * REPLACE (least("to", lead(coalesce("from", TIMESTAMP '0001-01-01')) OVER (
    PARTITION BY person ORDER BY "from" NULLS FIRST, household)) AS "to")
FROM period
"""


def date_memberships(con: Connection) -> None:
    """Fill record_target and person_household from MEMBERSHIP and RECORD."""
    con.execute(_RECORD_TARGET)
    con.execute(_PERSON_HOUSEHOLD)
