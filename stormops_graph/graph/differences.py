"""What has to be written: `difference_<kind>`, wanted against shadow, each row new, changed or gone; `moved` says
whether it came or went, or has other times, and not other properties alone.

Content is compared by DuckDB's own hash, which is quick and means something to this workspace only; the
fingerprint that the graph keeps is worked out where that differs.
"""

from __future__ import annotations

from collections.abc import Sequence

from stormops_graph.graph.kinds import Kind, Relation, sql
from stormops_graph.reports.run import Change
from stormops_graph.tables import Connection

# 63 bits of the MD5 of what a node or relationship says: the same on every machine and in every release of DuckDB.
_FINGERPRINT = "CAST(md5_number_upper(concat(to_json(other.properties), to_json(other.times))) >> 1 AS BIGINT)"

# Keys and contents alone are joined over all rows; what a row says is looked up where it differs.
_DIFFERENCE = """
CREATE OR REPLACE TEMP TABLE difference_{name} AS
WITH apart AS (
    SELECT {keys}, other.content, shadow.fingerprint AS held, coalesce(other.timed <> shadow.timed, true) AS moved
    FROM (SELECT {keys}, content, timed FROM wanted_{name}) other FULL JOIN shadow_{name} shadow USING ({keys})
    WHERE other.content IS NULL OR other.content IS DISTINCT FROM shadow.content
), said AS (
    SELECT {keys}, other.properties, other.times, other.content, other.timed, held, moved,
           CASE WHEN other.content IS NOT NULL THEN {fingerprint} END AS fingerprint
    FROM apart LEFT JOIN wanted_{name} other USING ({keys})
)
SELECT * EXCLUDE held,
       CASE WHEN held IS NULL THEN 'new' WHEN content IS NULL THEN 'gone' WHEN held = fingerprint THEN 'same'
            ELSE 'changed' END AS change
FROM said ORDER BY {order}
"""
# What was read back from the graph, or hashed by another release of DuckDB, and is as wanted all the same.
_RECOGNISED = (
    "UPDATE shadow_{name} AS shadow SET content = other.content, timed = other.timed "
    "FROM difference_{name} other WHERE {same} AND change = 'same'",
    "DELETE FROM difference_{name} WHERE change = 'same'",
)
_NOT_ENDED = "DELETE FROM difference_{name} WHERE change = 'gone' AND start_key NOT IN (SELECT key FROM wanted_{start})"
_COUNTS = "SELECT '{name}', change, count(*) FROM difference_{name} GROUP BY change"


def compare(con: Connection, kinds: Sequence[Kind]) -> dict[Kind, Change]:
    """Fill `difference_<kind>` of every kind; the kinds that differ. What is gone but kept for good does not count."""
    for kind in kinds:
        con.execute(sql(kind, _DIFFERENCE.replace("{fingerprint}", _FINGERPRINT)))
        if isinstance(kind, Relation) and kind.when_gone == "ended":
            con.execute(sql(kind, _NOT_ENDED.replace("{start}", kind.start[0].lower())))
    counts: dict[str, dict[str, int]] = {kind.name: {} for kind in kinds}
    for name, change, rows in con.execute(" UNION ALL ".join(sql(kind, _COUNTS) for kind in kinds)).fetchall():
        counts[name][change] = rows
    for kind in kinds:
        if counts[kind.name].pop("same", 0):
            for step in _RECOGNISED:
                con.execute(sql(kind, step))
        if kind.when_gone == "kept":
            counts[kind.name].pop("gone", None)
    return {kind: Change(**counts[kind.name]) for kind in kinds if counts[kind.name]}
