"""Which storm a touch or conversion belongs to.

Invariant: one that names a storm keeps it; another goes to the latest storm that was open at its home's ZIP at its
time, or to none; never to two. A pure function of TOUCH, CONVERSION, MEMBERSHIP, PROPERTY and STORM.
"""

from __future__ import annotations

from stormops_graph.tables import CONVERSION_STORM, TOUCH_STORM, Connection

# A storm without an end is open for half a year: most policies want a claim filed within that.
OPEN_DAYS = 180

# The ZIP of the home that the record was placed in then, else the one that the row itself gives.
_UNPLACED = """
CREATE OR REPLACE TABLE unplaced AS
WITH home AS (
    SELECT record, property.zip5, valid_from, valid_to
    FROM membership JOIN property USING (property_id) WHERE property.zip5 IS NOT NULL
), loose AS (
    SELECT 'touch' AS what, touch_id AS id, record, "at", zip5 FROM touch WHERE event_id IS NULL
    UNION ALL SELECT 'conversion', conversion_id, record, "at", zip5 FROM conversion WHERE event_id IS NULL
)
SELECT what, id, any_value(loose."at") AS "at",
       coalesce(arg_max(home.zip5, (coalesce(valid_from, TIMESTAMP '0001-01-01'), home.zip5)), any_value(loose.zip5))
         AS zip5
FROM loose LEFT JOIN home ON home.record = loose.record
     AND (valid_from IS NULL OR valid_from <= "at") AND (valid_to IS NULL OR "at" < valid_to)
WHERE "at" IS NOT NULL
GROUP BY what, id
"""
_PLACED = """
CREATE OR REPLACE TABLE placed AS
SELECT what, id, arg_max(event_id, (started_at, event_id)) AS event_id
FROM unplaced JOIN storm
  ON started_at <= "at" AND "at" <= coalesce(ended_at, started_at + to_days($open_days))
WHERE len(coalesce(zip_codes, [])) = 0 OR list_contains(zip_codes, zip5)
GROUP BY what, id
"""
_TOUCHES = """
INSERT INTO touch_storm
SELECT touch_id, event_id FROM touch WHERE event_id IS NOT NULL
UNION ALL SELECT id, event_id FROM placed WHERE what = 'touch'
ORDER BY ALL
"""
_CONVERSIONS = """
INSERT INTO conversion_storm
SELECT conversion_id, event_id FROM conversion WHERE event_id IS NOT NULL
UNION ALL SELECT id, event_id FROM placed WHERE what = 'conversion'
ORDER BY ALL
"""


def place_storms(con: Connection, open_days: int = OPEN_DAYS) -> None:
    """Fill TOUCH_STORM and CONVERSION_STORM; a storm without an end counts as open for `open_days`."""
    TOUCH_STORM.create(con)
    CONVERSION_STORM.create(con)
    con.execute(_UNPLACED)
    con.execute(_PLACED, {"open_days": open_days})
    con.execute(_TOUCHES)
    con.execute(_CONVERSIONS)
