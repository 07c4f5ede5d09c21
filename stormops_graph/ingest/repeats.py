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
WITH shared AS (SELECT {key} FROM feed_typed GROUP BY {key} HAVING count(*) > 1),
     distinct_row AS (
         SELECT {columns}, min_by(file, (file, line)) AS file, min_by(line, (file, line)) AS line,
                count(*) AS times
         FROM feed_typed SEMI JOIN shared ON {same} GROUP BY {columns})
SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY {rank}) AS rank,
       {superseded} AS superseded
FROM distinct_row
"""


def settle(con: Connection, feed: Feed) -> int:
    """Move the rows of `feed_typed` to the feed's table, one for each key; how many repeats were dropped."""
    names = [column.name for column in feed.typed]
    columns = ", ".join(f'"{name}"' for name in names)
    key = ", ".join(f'"{name}"' for name in feed.key)
    same = " AND ".join(f'feed_typed."{name}" IS NOT DISTINCT FROM shared."{name}"' for name in feed.key)
    dated = feed.life == "snapshot" and "updated_at" in names
    newest = '"updated_at" DESC NULLS LAST, ' if dated else ""
    superseded = f'"updated_at" < max("updated_at") OVER (PARTITION BY {key})' if dated else "false"
    con.execute(_REPEATED.format(key=key, columns=columns, same=same, rank=newest + columns, superseded=superseded))
    table = feed.table.name
    con.execute(
        f'INSERT INTO "{table}" SELECT {columns}, file, line FROM feed_typed'  # noqa: S608
        f" ANTI JOIN feed_repeated AS shared ON {same}"
    )
    con.execute(f'INSERT INTO "{table}" SELECT {columns}, file, line FROM feed_repeated WHERE rank = 1')  # noqa: S608
    con.execute(
        f"INSERT INTO quarantine SELECT ?, file, line, ?, ?, to_json(struct_pack({_fields(names)})), false"  # noqa: S608
        " FROM feed_repeated WHERE rank > 1 AND superseded IS NOT true",
        [feed.name, feed.key[0], OTHER_CONTENT],
    )
    dropped = con.execute(
        "SELECT coalesce(sum(CASE WHEN rank > 1 AND superseded THEN times ELSE times - 1 END), 0) FROM feed_repeated"
    ).fetchall()
    return int(dropped[0][0])


def _fields(names: list[str]) -> str:
    return ", ".join(f'"{name}" := "{name}"' for name in names)
