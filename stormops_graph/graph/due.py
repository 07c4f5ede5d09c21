"""Households whose journeys have to be read again.

Invariant: the mark (`journeys_due` on the household) is set before the data change and taken off by the
transaction that has written the journeys, so that no kill in between can leave a journey stale.
"""

from __future__ import annotations

from stormops_graph.ports import Graph
from stormops_graph.tables import Connection

_DUE = """
CREATE OR REPLACE TEMP TABLE journeys_due AS
WITH home AS (
    SELECT record, household FROM membership
    UNION SELECT start_key, end_key FROM shadow_resolves_to_household
    UNION SELECT r.start_key, m.end_key
    FROM shadow_resolves_to_person r JOIN shadow_member_of m ON m.start_key = r.end_key
), stirred AS (
    SELECT end_key AS record FROM difference_touch_by
    UNION SELECT end_key FROM difference_conversion_by
    UNION SELECT end_key FROM shadow_touch_by JOIN difference_touch ON key = start_key
    UNION SELECT end_key FROM wanted_touch_by JOIN difference_touch ON key = start_key
    UNION SELECT end_key FROM shadow_conversion_by JOIN difference_conversion ON key = start_key
    UNION SELECT end_key FROM wanted_conversion_by JOIN difference_conversion ON key = start_key
    UNION SELECT start_key FROM difference_resolves_to_person WHERE moved
    UNION SELECT start_key FROM difference_resolves_to_household WHERE moved
), stirred_home AS (
    SELECT household FROM home SEMI JOIN stirred USING (record)
    UNION SELECT end_key FROM difference_member_of WHERE moved
    UNION SELECT start_key FROM difference_lives_at WHERE moved
    UNION SELECT start_key FROM wanted_lives_at SEMI JOIN difference_property ON key = end_key
    UNION SELECT start_key FROM shadow_lives_at SEMI JOIN difference_property ON key = end_key
)
SELECT DISTINCT household AS key FROM stirred_home SEMI JOIN shadow_household ON key = household ORDER BY key
"""


def mark_due(con: Connection, graph: Graph) -> int:
    """Mark the households of the graph whose touches, members, homes or their times are about to change; their number.

    A household that is new or itself changed gets the mark with its own write.
    """
    con.execute(_DUE)
    keys = [{"key": row[0]} for row in con.table("journeys_due").fetchall()]
    return graph.write("write/journeys_due", keys)


def mark_all_due(con: Connection, graph: Graph) -> int:
    """Mark every household that the graph holds, so that all journeys are read again; their number.

    Journeys that no household has any more go at once: nobody would remove them before they are read.
    """
    graph.run("write/journeys_orphaned")
    return graph.write(
        "write/journeys_due",
        [{"key": row[0]} for row in con.execute("SELECT key FROM shadow_household ORDER BY key").fetchall()],
    )
