"""Rows that share a key: one of them stays, whatever order they came in.

An identical repeat is dropped and counted. Of rows with other content the newest stays in a snapshot with
`updated_at`, its older versions counted as repeats; else the row whose values sort first stays and the others
are quarantined.
"""

from __future__ import annotations

from stormops_graph.ingest.feeds import Feed
from stormops_graph.ingest.quarantine import OTHER_CONTENT
from stormops_graph.tables import Connection

_REPEATED = """
CREATE OR REPLACE TEMP TABLE feed_repeated AS
WITH shared AS (SELECT {key} FROM "{table}" GROUP BY {key} HAVING count(*) > 1),
     distinct_row AS (
         SELECT {columns}, min_by(file, (file, line)) AS file, min_by(line, (file, line)) AS line,
                min_by(print, (file, line)) AS print, count(*) AS times
         FROM "{table}" AS said SEMI JOIN shared ON {same} GROUP BY {columns})
SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY {rank}) AS rank,
       {superseded} AS superseded
FROM distinct_row
"""


def settle(con: Connection, feed: Feed) -> int:
    """Leave one row for each key in the feed's table; how many repeats were dropped."""
    names = [column.name for column in feed.typed]
    table, columns = feed.table.name, ", ".join(f'"{name}"' for name in names)
    key = ", ".join(f'"{name}"' for name in feed.key)
    same = " AND ".join(f'said."{name}" IS NOT DISTINCT FROM shared."{name}"' for name in feed.key)
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
    shared = f"(SELECT DISTINCT {key} FROM feed_repeated) AS shared"  # noqa: S608
    con.execute(f'DELETE FROM "{table}" AS said USING {shared} WHERE {same}')  # noqa: S608
    con.execute(f'INSERT INTO "{table}" SELECT {columns}, file, line, print FROM feed_repeated WHERE rank = 1')  # noqa: S608
    con.execute(
        f"INSERT INTO quarantine SELECT ?, file, line, ?, ?, to_json(struct_pack({_fields(names)})), false"  # noqa: S608
        " FROM feed_repeated WHERE rank > 1 AND superseded IS NOT true",
        [feed.name, feed.key[0], OTHER_CONTENT],
    )
    return int(dropped[0][1])


def _fields(names: list[str]) -> str:
    return ", ".join(f'"{name}" := "{name}"' for name in names)
