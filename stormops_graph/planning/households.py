"""Households and persons, rows and touches: the membership that would be against the last one.

Invariant: a household whose records have all gone from the feeds did not change: that is for the gate against shrunk
feeds to watch. What moves are records that were there before and still are.
"""

from __future__ import annotations

from typing import Any

from stormops_graph.reports.plan import SHOWN, Largest, Merge, Moved, Moves, Split
from stormops_graph.tables import LAST_MEMBERSHIP, LINEAGE, MEMBERSHIP, SOURCE_ROW, TOUCH, Connection

# The records that are not of the same ids as before, and the ids that have or had any of them.
_ELSEWHERE = """
CREATE OR REPLACE TEMP TABLE elsewhere AS
WITH was AS (SELECT record, {level} AS id FROM last_membership WHERE {level} IS NOT NULL),
became AS (SELECT record, {level} AS id FROM membership WHERE {level} IS NOT NULL)
SELECT record FROM was ANTI JOIN became USING (record, id)
UNION SELECT record FROM became ANTI JOIN was USING (record, id)
"""
_ID_MOVED = """
CREATE OR REPLACE TEMP TABLE id_moved AS
SELECT {level} AS id FROM last_membership SEMI JOIN elsewhere USING (record) WHERE {level} IS NOT NULL
UNION SELECT {level} FROM membership SEMI JOIN elsewhere USING (record) WHERE {level} IS NOT NULL
"""
# Only ids with a record that is still there are `before`; an id changed where a record came, left or went elsewhere. Of
# the others nothing has to be looked at.
_FIGURES = """
WITH had AS (SELECT DISTINCT id, true AS had FROM id_moved JOIN last_membership ON id = {level}),
before AS (
    SELECT DISTINCT id, true AS before
    FROM id_moved JOIN last_membership ON id = {level} SEMI JOIN membership USING (record)
),
now AS (SELECT DISTINCT id, true AS now FROM id_moved JOIN membership ON id = {level}),
went AS (
    SELECT old_id AS id, bool_or(kind = 'merged') AS merged, bool_or(kind = 'split') AS split
    FROM lineage WHERE level = $level GROUP BY old_id
),
came AS (SELECT DISTINCT new_id AS id, true AS came FROM lineage WHERE level = $level)
SELECT (SELECT count(DISTINCT {level}) FROM last_membership) - count(*) FILTER (had AND before IS NULL) AS before,
       (SELECT count(DISTINCT {level}) FROM membership) AS now,
       count(*) FILTER (now AND had IS NULL AND came IS NULL) AS new,
       count(*) FILTER (had AND before IS NULL AND now IS NULL) AS gone,
       count(*) FILTER (before AND now IS NULL) AS ended,
       count(*) FILTER (before AND merged) AS merged,
       count(*) FILTER (before AND split) AS split,
       count(*) FILTER (before AND now AND merged IS NULL AND came IS NULL) AS changed
FROM id_moved LEFT JOIN had USING (id) LEFT JOIN before USING (id) LEFT JOIN now USING (id)
LEFT JOIN went USING (id) LEFT JOIN came USING (id)
"""
_MERGES = """
WITH moved AS (SELECT old_id, new_id FROM lineage WHERE level = $level AND kind = 'merged'),
size AS (
    SELECT {level} AS id, count(DISTINCT record) AS records FROM membership
    WHERE {level} IN (SELECT new_id FROM moved) GROUP BY id
)
SELECT new_id AS "into", list_sort(list(old_id))[:$shown] AS merged, count(*) AS ids, any_value(records) AS records
FROM moved JOIN size ON id = new_id GROUP BY new_id ORDER BY records DESC, ids DESC, new_id LIMIT $shown
"""
_SPLITS = """
WITH moved AS (SELECT DISTINCT old_id FROM lineage WHERE level = $level AND kind = 'split'),
had AS (SELECT DISTINCT record, {level} AS id FROM last_membership SEMI JOIN moved ON old_id = {level}),
went AS (SELECT id, record, {level} AS "to" FROM had JOIN membership USING (record) WHERE {level} IS NOT NULL)
SELECT id AS "of", list_sort(list(DISTINCT "to"))[:$shown] AS "into", count(DISTINCT "to") AS parts,
       count(DISTINCT record) AS records
FROM went GROUP BY id ORDER BY records DESC, parts DESC, id LIMIT $shown
"""
_KEPT_MOVED = """
CREATE OR REPLACE TEMP TABLE moved_{level} AS
FROM elsewhere SEMI JOIN (FROM last_membership WHERE {level} IS NOT NULL) USING (record)
SEMI JOIN membership USING (record)
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
_GIVEN = "SELECT level, count(*) FROM identity GROUP BY level"
_LARGEST = """
SELECT household, count(DISTINCT record) AS records FROM membership WHERE household IS NOT NULL
GROUP BY household ORDER BY records DESC, household LIMIT 1
"""


def moves(con: Connection, level: str) -> Moves:
    """What becomes of the households, or of the persons, by MEMBERSHIP, LAST_MEMBERSHIP and LINEAGE."""
    for table in (MEMBERSHIP, LAST_MEMBERSHIP, LINEAGE):
        table.ensure(con)
    for step in (_ELSEWHERE, _ID_MOVED, _KEPT_MOVED):
        con.execute(step.replace("{level}", level))
    figures, merges, splits = (query.replace("{level}", level) for query in (_FIGURES, _MERGES, _SPLITS))
    shown = {"level": level, "shown": SHOWN}
    return Moves(
        **_named(con, figures, {"level": level})[0],
        merges=[Merge(**row) for row in _named(con, merges, shown)],
        splits=[Split(**row) for row in _named(con, splits, shown)],
    )


def ids_given(con: Connection) -> dict[str, int]:
    """How many households and persons there are, by IDENTITY."""
    return dict(con.execute(_GIVEN).fetchall())


def among(part: Moves, before: int) -> Moves:
    """What becomes of all households or persons, `before` having been there, where it is those of a part that move."""
    return part.model_copy(update={"before": before, "now": before - part.before + part.now})


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
