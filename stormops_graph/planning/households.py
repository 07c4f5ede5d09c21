"""Households and persons, rows and touches: the membership that would be against the last one.

Invariant: a household whose records have all gone from the feeds did not change: that is for the gate against shrunk
feeds to watch. What moves are records that were there before and still are.
"""

from __future__ import annotations

from typing import Any

from stormops_graph.plan import SHOWN, Largest, Merge, Moved, Moves, Split
from stormops_graph.tables import LAST_MEMBERSHIP, LINEAGE, MEMBERSHIP, SOURCE_ROW, TOUCH, Connection

_SIDES = """
CREATE OR REPLACE TEMP TABLE side AS
WITH was AS (
    SELECT record, list_sort(list(DISTINCT {level})) AS ids FROM last_membership WHERE {level} IS NOT NULL
    GROUP BY record
), became AS (
    SELECT record, list_sort(list(DISTINCT {level})) AS ids FROM membership WHERE {level} IS NOT NULL GROUP BY record
)
SELECT record, was.ids AS was, became.ids AS became, record IN (SELECT record FROM membership) AS here
FROM was FULL JOIN became USING (record)
"""
# Only ids with a record that is still there are `before`; an id changed where a record came, left or went elsewhere.
_FIGURES = """
WITH before AS (SELECT DISTINCT unnest(was) AS id FROM side WHERE here),
had AS (SELECT DISTINCT unnest(was) AS id FROM side),
now AS (SELECT DISTINCT unnest(became) AS id FROM side),
moved AS (SELECT old_id, new_id, kind FROM lineage WHERE level = $level),
stirred AS (
    SELECT unnest(list_distinct(list_concat(coalesce(was, []), coalesce(became, [])))) AS id FROM side
    WHERE was IS DISTINCT FROM became
)
SELECT (SELECT count(*) FROM before) AS before,
       (SELECT count(*) FROM now) AS now,
       (SELECT count(*) FROM now ANTI JOIN had USING (id) WHERE id NOT IN (SELECT new_id FROM moved)) AS new,
       (SELECT count(*) FROM had ANTI JOIN before USING (id) ANTI JOIN now USING (id)) AS gone,
       (SELECT count(*) FROM before ANTI JOIN now USING (id)) AS ended,
       (SELECT count(*) FROM before WHERE id IN (SELECT old_id FROM moved WHERE kind = 'merged')) AS merged,
       (SELECT count(*) FROM before WHERE id IN (SELECT old_id FROM moved WHERE kind = 'split')) AS split,
       (SELECT count(DISTINCT id) FROM stirred SEMI JOIN before USING (id) SEMI JOIN now USING (id)
        WHERE id NOT IN (SELECT unnest([old_id, new_id]) FROM moved)) AS changed
"""
_MERGES = """
WITH moved AS (SELECT old_id, new_id FROM lineage WHERE level = $level AND kind = 'merged'),
size AS (SELECT unnest(became) AS id, count(*) AS records FROM side GROUP BY id)
SELECT new_id AS "into", list_sort(list(old_id))[:$shown] AS merged, count(*) AS ids, any_value(records) AS records
FROM moved JOIN size ON id = new_id GROUP BY new_id ORDER BY records DESC, ids DESC, new_id LIMIT $shown
"""
_SPLITS = """
WITH moved AS (SELECT DISTINCT old_id FROM lineage WHERE level = $level AND kind = 'split'),
went AS (
    SELECT id, record, unnest(became) AS "to"
    FROM (SELECT unnest(was) AS id, record, became FROM side WHERE here) SEMI JOIN moved ON id = old_id
)
SELECT id AS "of", list_sort(list(DISTINCT "to"))[:$shown] AS "into", count(DISTINCT "to") AS parts,
       count(DISTINCT record) AS records
FROM went GROUP BY id ORDER BY records DESC, parts DESC, id LIMIT $shown
"""
_KEPT_MOVED = """
CREATE OR REPLACE TEMP TABLE moved_{level} AS
SELECT record FROM side WHERE was IS NOT NULL AND became IS DISTINCT FROM was AND here
"""
_ROWS = """
SELECT feed AS name, count(*) AS "all", count(*) FILTER (record IN (SELECT record FROM moved_household)) AS households,
       count(*) FILTER (record IN (SELECT record FROM moved_person)) AS persons
FROM source_row GROUP BY feed ORDER BY feed
"""
_TOUCHES = """
SELECT channel AS name, count(*) AS "all",
       count(*) FILTER (record IN (SELECT record FROM moved_household)) AS households,
       count(*) FILTER (record IN (SELECT record FROM moved_person)) AS persons
FROM touch WHERE channel IS NOT NULL GROUP BY channel ORDER BY channel
"""
_LARGEST = """
SELECT household, count(DISTINCT record) AS records FROM membership WHERE household IS NOT NULL
GROUP BY household ORDER BY records DESC, household LIMIT 1
"""


def moves(con: Connection, level: str) -> Moves:
    """What becomes of the households, or of the persons, by MEMBERSHIP, LAST_MEMBERSHIP and LINEAGE."""
    for table in (MEMBERSHIP, LAST_MEMBERSHIP, LINEAGE):
        table.ensure(con)
    con.execute(_SIDES.replace("{level}", level))
    con.execute(_KEPT_MOVED.replace("{level}", level))
    of = {"level": level}
    return Moves(
        **_named(con, _FIGURES, of)[0],
        merges=[Merge(**row) for row in _named(con, _MERGES, {**of, "shown": SHOWN})],
        splits=[Split(**row) for row in _named(con, _SPLITS, {**of, "shown": SHOWN})],
    )


def rows_moved(con: Connection) -> tuple[list[Moved], list[Moved]]:
    """Rows by feed and touches by channel, with how many go elsewhere; after `moves` of both levels."""
    SOURCE_ROW.ensure(con)
    TOUCH.ensure(con)
    rows, touches = _named(con, _ROWS), _named(con, _TOUCHES)
    return [Moved(**row) for row in rows], [Moved(**row) for row in touches]


def largest(con: Connection) -> Largest | None:
    """The household that would have the most records."""
    return next((Largest(**row) for row in _named(con, _LARGEST)), None)


def _named(con: Connection, query: str, given: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    rows = con.execute(query, given or {}).fetchall()
    names = [column[0] for column in con.description or ()]
    return [dict(zip(names, row, strict=True)) for row in rows]
