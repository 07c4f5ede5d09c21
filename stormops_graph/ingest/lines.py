"""Lines of text files that the last run has read: their rows stay in the feed's table, wherever the lines stand now.

Invariant: a line is known only where it was a row by itself, without fault or doubt, and where everything that says
how it is read is the same; so it would be read as it was. Such a row has its line's print, and no two rows have one.
Rows that come or go are told (ROW_NEWS) before they do.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from stormops_graph.carryover import carried, forget, keep
from stormops_graph.ingest.feeds import Feed
from stormops_graph.tables import Connection

# `row` is where the last run's places have the print; NULL where the line is new.
_LINES = """
CREATE OR REPLACE TEMP TABLE feed_line (file VARCHAR, line BIGINT, print UHUGEINT, row BIGINT)
"""
_KEYED = """
INSERT INTO feed_line
SELECT $file, said.line, said.print, place.row
FROM (SELECT line, (hash($how, body)::UHUGEINT << 64) | hash(body, $how) AS print FROM line_batch) AS said
LEFT JOIN (SELECT print, rowid AS row FROM "{places}") AS place USING (print)
"""
_UNREAD = """
SELECT line, text FROM line_batch
SEMI JOIN (SELECT line FROM feed_line WHERE row IS NULL AND file = $file AND line >= $first) USING (line) ORDER BY line
"""
# A row has the print of its line; one that was no line by itself, of its values.
_PRINTED = """
SELECT said.*, coalesce(l.print, {content}) AS print FROM ({rows}) AS said
LEFT JOIN (SELECT file, line, print FROM feed_line WHERE row IS NULL) AS l USING (file, line)
"""
_GONE = (
    """
CREATE OR REPLACE TEMP TABLE line_gone AS
SELECT print FROM (SELECT print, rowid AS row FROM "{places}") ANTI JOIN feed_line USING (row)
""",
    "INSERT INTO row_news SELECT '{feed}', print FROM line_gone",
    'DELETE FROM "{table}" WHERE print IN (FROM line_gone)',
)
# A line that is there twice is one row, at the first of them.
_ONCE = """
WITH twice AS (SELECT row FROM feed_line WHERE row IS NOT NULL GROUP BY row HAVING count(*) > 1),
ranked AS (
    SELECT rowid AS place, row_number() OVER (PARTITION BY row ORDER BY file, line) AS rank
    FROM feed_line SEMI JOIN twice USING (row))
DELETE FROM feed_line WHERE rowid IN (SELECT place FROM ranked WHERE rank > 1)
"""
_PLACED = 'CREATE OR REPLACE TABLE "{places}" AS SELECT file, line, print FROM feed_line WHERE row IS NOT NULL'
# What was set aside is in no table, so that it is read and told again; what was noted has to be as well.
_NOTED = """
UPDATE feed_typed SET print = xor(print, 1::UHUGEINT)
WHERE (file, line) IN (SELECT (file, line) FROM quarantine WHERE feed = '{feed}')
"""
_NEW = (
    "INSERT INTO row_news SELECT '{feed}', print FROM feed_typed",
    'INSERT INTO "{table}" SELECT * EXCLUDE (file, line) FROM feed_typed',
    'INSERT INTO "{places}" SELECT file, line, print FROM feed_typed',
)


@dataclass
class Lines:
    """The lines of one file of a feed: which of them are new."""

    con: Connection
    feed: Feed
    file: str

    def unread(self, lines: pa.Table, how: str) -> pa.Table:
        """Those of (line, text) that nothing is known of; `how` names all that their reading depends on.

        Each line is taken for a row by itself, which the next run may know, unless they are taken back.
        """
        # However lines end, they say the same; DuckDB's rtrim takes ten times as long as all else here.
        bodies = pc.ascii_rtrim(lines["text"], "\r\n")
        self.con.register("line_batch", lines.append_column("body", bodies))
        self.con.execute(_said(_KEYED, self.feed), {"file": self.file, "how": how})
        first = lines["line"][0].as_py() if len(lines) else 0
        news: pa.Table = self.con.sql(_UNREAD, params={"file": self.file, "first": first}).to_arrow_table()
        self.con.unregister("line_batch")
        return news

    def take_back(self, first: int) -> None:
        """The lines from `first` on are no rows by themselves."""
        self.con.execute("DELETE FROM feed_line WHERE file = ? AND line >= ?", [self.file, first])

    def known(self) -> int:
        """How many lines of the file are known."""
        query = "SELECT count(row) FROM feed_line WHERE file = ?"
        return int(self.con.execute(query, [self.file]).fetchall()[0][0])


def recall(con: Connection, feed: Feed, by: tuple[object, ...]) -> None:
    """Keep the feed's table where its lines were read `by` the same; else begin a new one."""
    known = carried(con, _name(feed), *by)
    forget(con, _name(feed))
    if not known:
        begin(con, feed)
    con.execute(_LINES)


def begin(con: Connection, feed: Feed) -> None:
    """Begin a new table of the feed."""
    feed.places.ensure(con)
    con.execute(_said("INSERT INTO row_news SELECT '{feed}', print FROM \"{places}\"", feed))
    for table in (feed.table, feed.places):
        table.create(con)


def printed(feed: Feed, rows: str) -> str:
    """A query over that of new rows, with their prints."""
    columns = [f'said."{column.name}"' for column in feed.typed]
    content = f"(hash({', '.join(columns)})::UHUGEINT << 64) | hash({', '.join(reversed(columns))}, 0)"
    return _PRINTED.format(rows=rows, content=content)


def drop_gone(con: Connection, feed: Feed) -> int:
    """Leave the rows of known lines in the feed's table, with the places of these; how many lines repeat another."""
    for step in _GONE:
        con.execute(_said(step, feed))
    ((repeats,),) = con.execute(_ONCE).fetchall()
    con.execute(_said(_PLACED, feed))
    return int(repeats)


def add_new(con: Connection, feed: Feed) -> None:
    """Add `feed_typed` to the feed's table."""
    for step in (_NOTED, *_NEW):
        con.execute(_said(step, feed))


def remember(con: Connection, feed: Feed, by: tuple[object, ...]) -> None:
    """After the feed's table is filled: let the next run know its lines."""
    keep(con, _name(feed), *by)


def _said(statement: str, feed: Feed) -> str:
    return statement.format(feed=feed.name, table=feed.table.name, places=feed.places.name)


def _name(feed: Feed) -> str:
    return f"lines of {feed.name}"
