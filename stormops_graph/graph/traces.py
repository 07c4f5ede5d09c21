"""What journeys are read from, of all households, as the graph will have it once the stage tables are loaded.

Invariant: TRACE and TRACE_HOME say of a household what `read/traces` and `read/homes` would say of it then.
"""

from __future__ import annotations

from dataclasses import dataclass

from stormops_graph.graph.periods import date_memberships
from stormops_graph.tables import TRACE, TRACE_HOME, Connection

_SEEN = """
CREATE OR REPLACE TEMP TABLE seen AS
SELECT record, touch_id AS trace_id, false AS is_conversion, "at", touch_storm.event_id AS event_id, channel, play_id,
       NULL::DOUBLE AS value
FROM touch JOIN touch_storm USING (touch_id)
UNION ALL
SELECT record, conversion_id, true, "at", conversion_storm.event_id, NULL, NULL, value
FROM conversion JOIN conversion_storm USING (conversion_id)
"""
_TRACES = """
INSERT INTO trace
SELECT household, person, record, trace_id, is_conversion, "at", event_id, channel, play_id, value
FROM (
    SELECT m.household, r.target AS person, seen.*
    FROM seen JOIN record_target r USING (record) JOIN person_household m ON m.person = r.target
    WHERE r.is_person AND (r."from" IS NULL OR r."from" <= "at") AND (r."to" IS NULL OR "at" < r."to")
      AND (m."from" IS NULL OR m."from" <= "at") AND (m."to" IS NULL OR "at" < m."to")
    UNION ALL
    SELECT r.target, NULL, seen.* FROM seen JOIN record_target r USING (record)
    WHERE NOT r.is_person AND (r."from" IS NULL OR r."from" <= "at") AND (r."to" IS NULL OR "at" < r."to")
)
"""
_HOMES = """
INSERT INTO trace_home
SELECT household, property_id, zip5, primary_persona,
       CASE WHEN bool_and(valid_from IS NOT NULL) THEN min(valid_from) END,
       CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END
FROM residence JOIN property USING (property_id) SEMI JOIN membership USING (household)
GROUP BY household, property_id, zip5, primary_persona
"""

# A print of the rows of what these are made of, whatever their order.
_PRINTED = """
WITH said AS (
    SELECT hash(record, touch_id, "at", touch_storm.event_id, channel, play_id, 1) AS row
    FROM touch JOIN touch_storm USING (touch_id)
    UNION ALL SELECT hash(record, conversion_id, "at", conversion_storm.event_id, value, 2)
    FROM conversion JOIN conversion_storm USING (conversion_id)
    UNION ALL SELECT hash(record, person, household, valid_from, valid_to, record IN (SELECT record FROM record), 3)
    FROM membership
    UNION ALL SELECT hash(household, property_id, zip5, primary_persona, valid_from, valid_to, 4)
    FROM residence JOIN property USING (property_id)
)
SELECT count(*), sum(hash(row)::HUGEINT) FROM said
"""


@dataclass(frozen=True)
class TracePrint:
    """Rows that TRACE and TRACE_HOME are made of, as a print: where it is the same, so are they."""

    rows: int
    said: int  # the sum of their hashes

    @classmethod
    def read(cls, text: str) -> TracePrint:
        """The print that `str` wrote."""
        return cls(*map(int, text.strip("()").split(",")))

    def __str__(self) -> str:
        return f"({self.rows}, {self.said})"

    def where(self, before: TracePrint, after: TracePrint) -> TracePrint:
        """This print, where some of its rows were as `before` and are as `after`."""
        return TracePrint(self.rows - before.rows + after.rows, self.said - before.said + after.said)


def print_traces(con: Connection) -> TracePrint:
    """The print of the stage tables, or of a part of them."""
    rows, said = con.execute(_PRINTED).fetchall()[0]
    return TracePrint(rows, said or 0)


def trace_all(con: Connection) -> None:
    """Fill TRACE and TRACE_HOME from the stage tables."""
    date_memberships(con)
    TRACE.create(con)
    TRACE_HOME.create(con)
    for step in (_SEEN, _TRACES, "DROP TABLE seen", _HOMES):
        con.execute(step)
