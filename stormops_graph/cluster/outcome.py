"""What is settled, under the ids that last, as the tables that the other stages read."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from stormops_graph.cluster.identity import name_groups
from stormops_graph.tables import IDENTITY, LINEAGE, MEMBERSHIP, PERSON, RESIDENCE, Connection

_GROUPED = {
    "household": """
CREATE OR REPLACE TEMP TABLE grouped AS
SELECT DISTINCT component, household AS number, record FROM settled_member WHERE lasting
""",
    "person": """
CREATE OR REPLACE TEMP TABLE grouped AS
SELECT DISTINCT component, person AS number, record FROM settled_member WHERE person IS NOT NULL
""",
}
_NAMED = "CREATE OR REPLACE TEMP TABLE named_{level} AS SELECT component, number AS {level}, id FROM named"
_MEMBERSHIP = """
INSERT INTO membership
SELECT record, p.id, h.id, property_id, confidence, valid_from, valid_to
FROM settled_member JOIN named_household h USING (component, household)
LEFT JOIN named_person p USING (component, person)
LEFT JOIN (SELECT DISTINCT property_id FROM property) ON property_id = home
"""
_RESIDENCE = """
INSERT INTO residence
SELECT id, home, valid_from, valid_to FROM settled_stay JOIN named_household USING (component, household)
WHERE home IN (SELECT property_id FROM property)
"""
_PERSON = """
INSERT INTO person
SELECT id, given, surname FROM settled_person JOIN named_person USING (component, person)
"""
_REPORT = """
SELECT (SELECT count(*) FROM named_household), (SELECT count(*) FROM named_person), coalesce(max(records), 0)
FROM (SELECT count(DISTINCT record) AS records FROM settled_member GROUP BY component, household)
"""


@dataclass(frozen=True)
class ClusterReport:
    """How many there are, and the most records in one household."""

    households: int
    persons: int
    largest: int


def write_outcome(con: Connection, namespace: uuid.UUID) -> ClusterReport:
    """Read the settled tables, property, last_membership and used_id; write the tables of the cluster stage."""
    for table in (MEMBERSHIP, RESIDENCE, PERSON, LINEAGE, IDENTITY):
        table.create(con)
    for level, grouped in _GROUPED.items():
        con.execute(grouped)
        name_groups(con, level, namespace)
        con.execute(_NAMED.format(level=level))
    for statement in (_MEMBERSHIP, _RESIDENCE, _PERSON):
        con.execute(statement)
    return ClusterReport(*con.execute(_REPORT).fetchall()[0])
