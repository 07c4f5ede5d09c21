"""Rows that share a key: one of them stays, whatever order they came in.

An identical repeat is dropped and counted. Of rows with other content the newest stays in a snapshot with
`updated_at`, its older versions counted as repeats; else the row whose values sort first stays and the others
are quarantined.
"""

from __future__ import annotations

from stormops_graph.ingest.feeds import Feed
from stormops_graph.ingest.quarantine import OTHER_CONTENT
from stormops_graph.tables import Connection

# The rows of the table share no keys with each other.
_SHARED = """
CREATE OR REPLACE TEMP TABLE feed_shared AS
SELECT {key} FROM (
    SELECT {key} FROM feed_typed
    UNION ALL SELECT {key} FROM "{table}" AS said SEMI JOIN feed_typed AS shared ON {same})
GROUP BY {key} HAVING count(*) > 1
"""
_ANY = "SELECT 1 FROM feed_shared LIMIT 1"
_REPEATED = """
CREATE OR REPLACE TEMP TABLE feed_repeated AS
WITH distinct_row AS (
    SELECT {columns}, min_by(file, (file, line)) AS file, min_by(line, (file, line)) AS line,
           min_by(print, (file, line)) AS print, count(*) AS times
    FROM (
        SELECT said.* FROM feed_typed AS said SEMI JOIN feed_shared AS shared ON {same}
        UNION ALL BY NAME
        SELECT * FROM (SELECT said.* FROM "{table}" AS said SEMI JOIN feed_shared AS shared ON {same})
        JOIN "{places}" USING (print))
    GROUP BY {columns})
SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY {rank}) AS rank,
       {superseded} AS superseded
FROM distinct_row
"""


# What was in the table of such a key is to be added again, or not.
_TAKEN_OUT = (
    """
INSERT INTO row_news SELECT '{feed}', print FROM "{table}" AS said SEMI JOIN feed_shared AS shared ON {same}
""",
    """
DELETE FROM "{places}" WHERE print IN (SELECT print FROM "{table}" AS said SEMI JOIN feed_shared AS shared ON {same})
""",
    'DELETE FROM "{table}" AS said USING feed_shared AS shared WHERE {same}',
    "DELETE FROM feed_typed AS said USING feed_shared AS shared WHERE {same}",
)


def settle(con: Connection, feed: Feed) -> int:
    """Leave one row for each key that rows of `feed_typed` share, with each other or with the feed's table, to be
    added; how many repeats were dropped.
    """
    key, same = _key(feed)
    names = [column.name for column in feed.typed]
    columns = ", ".join(f'"{name}"' for name in names)
    parts = {"feed": feed.name, "table": feed.table.name, "places": feed.places.name}
    parts |= {"key": key, "same": same, "columns": columns}
    con.execute(_SHARED.format(**parts))
    if not con.execute(_ANY).fetchall():
        return 0
    dated = feed.life == "snapshot" and "updated_at" in names
    newest = '"updated_at" DESC NULLS LAST, ' if dated else ""
    superseded = f'"updated_at" < max("updated_at") OVER (PARTITION BY {key})' if dated else "false"
    con.execute(_REPEATED.format(**parts, rank=newest + columns, superseded=superseded))
    dropped = con.execute(
        "SELECT sum(CASE WHEN rank > 1 AND superseded THEN times ELSE times - 1 END) FROM feed_repeated"
    ).fetchall()
    for step in _TAKEN_OUT:
        con.execute(step.format(**parts))
    con.execute(f"INSERT INTO feed_typed SELECT {columns}, file, line, print FROM feed_repeated WHERE rank = 1")  # noqa: S608
    con.execute(
        f"INSERT INTO quarantine SELECT ?, file, line, ?, ?, to_json(struct_pack({_fields(names)})), false"  # noqa: S608
        " FROM feed_repeated WHERE rank > 1 AND superseded IS NOT true",
        [feed.name, feed.key[0], OTHER_CONTENT],
    )
    return int(dropped[0][0])


def _key(feed: Feed) -> tuple[str, str]:
    """The columns of the feed's key, and SQL of `said` having the same in `shared`."""
    same = " AND ".join(f'said."{name}" IS NOT DISTINCT FROM shared."{name}"' for name in feed.key)
    return ", ".join(f'"{name}"' for name in feed.key), same


def _fields(names: list[str]) -> str:
    return ", ".join(f'"{name}" := "{name}"' for name in names)
