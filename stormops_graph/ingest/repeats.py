"""Rows that share a key: one of them stays, whatever order they came in.

An identical repeat is dropped and counted. Of rows with other content the newest stays in a snapshot with
`updated_at`, its older versions counted as repeats; else the row whose values sort first stays and the others
are quarantined.
"""

from __future__ import annotations

from stormops_graph.ingest.feeds import Feed
from stormops_graph.ingest.quarantine import OTHER_CONTENT
from stormops_graph.tables import Connection

# The rows of the table so far share no keys with each other.
_SHARED = """
CREATE OR REPLACE TEMP TABLE feed_shared AS
SELECT {key} FROM (
    SELECT {key} FROM feed_typed
    UNION ALL SELECT {key} FROM "{table}" AS said SEMI JOIN feed_typed AS shared ON {same})
GROUP BY {key} HAVING count(*) > 1
"""
_REPEATED = """
CREATE OR REPLACE TEMP TABLE feed_repeated AS
WITH distinct_row AS (
    SELECT {columns}, min_by(file, (file, line)) AS file, min_by(line, (file, line)) AS line,
           min_by(print, (file, line)) AS print, count(*) AS times
    FROM "{table}" AS said SEMI JOIN feed_shared AS shared ON {same} GROUP BY {columns})
SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY {rank}) AS rank,
       {superseded} AS superseded
FROM distinct_row
"""


def find_shared_keys(con: Connection, feed: Feed) -> None:
    """Write `feed_shared`, the keys that rows of `feed_typed` share, with each other or with the feed's table."""
    key, same = _key(feed)
    con.execute(_SHARED.format(table=feed.table.name, key=key, same=same))


def settle(con: Connection, feed: Feed) -> int:
    """Leave one row for each of these keys in the feed's table; how many repeats were dropped."""
    names = [column.name for column in feed.typed]
    table, columns = feed.table.name, ", ".join(f'"{name}"' for name in names)
    key, same = _key(feed)
    dated = feed.life == "snapshot" and "updated_at" in names
    newest = '"updated_at" DESC NULLS LAST, ' if dated else ""
    superseded = f'"updated_at" < max("updated_at") OVER (PARTITION BY {key})' if dated else "false"
    parts = {"table": table, "key": key, "columns": columns, "same": same, "rank": newest + columns}
    con.execute(_REPEATED.format(**parts, superseded=superseded))
    dropped = con.execute(
        "SELECT count(*), sum(CASE WHEN rank > 1 AND superseded THEN times ELSE times - 1 END) FROM feed_repeated"
    ).fetchall()
    if not dropped[0][0]:
        return 0
    con.execute(f'DELETE FROM "{table}" AS said USING feed_shared AS shared WHERE {same}')  # noqa: S608
    con.execute(f'INSERT INTO "{table}" SELECT {columns}, file, line, print FROM feed_repeated WHERE rank = 1')  # noqa: S608
    con.execute(
        f"INSERT INTO quarantine SELECT ?, file, line, ?, ?, to_json(struct_pack({_fields(names)})), false"  # noqa: S608
        " FROM feed_repeated WHERE rank > 1 AND superseded IS NOT true",
        [feed.name, feed.key[0], OTHER_CONTENT],
    )
    return int(dropped[0][1])


def _key(feed: Feed) -> tuple[str, str]:
    """The columns of the feed's key, and SQL of `said` having the same in `shared`."""
    same = " AND ".join(f'said."{name}" IS NOT DISTINCT FROM shared."{name}"' for name in feed.key)
    return ", ".join(f'"{name}"' for name in feed.key), same


def _fields(names: list[str]) -> str:
    return ", ".join(f'"{name}" := "{name}"' for name in names)
