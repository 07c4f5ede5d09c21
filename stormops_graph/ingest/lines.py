"""Lines of text files that the last run has read: their rows stay in the feed's table, wherever the lines stand now.

Invariant: a line is known only where it was a row by itself, without fault or doubt, and where everything that says
how it is read is the same; so it would be read as it was. Such a row has its line's print, and no two rows have one.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from stormops_graph.carryover import carried, forget, keep
from stormops_graph.ingest.feeds import Feed
from stormops_graph.tables import Connection

_KEYED = """
CREATE OR REPLACE TEMP TABLE line_keyed AS
SELECT line, print, print IN (SELECT print FROM "{table}") AS known
FROM (SELECT line, (hash($how, text)::UHUGEINT << 64) | hash(text, $how) AS print FROM line_batch)
"""
_UNREAD = "SELECT line, text FROM line_batch JOIN (FROM line_keyed WHERE NOT known) USING (line) ORDER BY line"
_NEW = """
INSERT INTO "{table}"
SELECT said.*, coalesce(l.print, {content}) FROM feed_typed AS said
LEFT JOIN (FROM feed_line WHERE NOT known) AS l USING (file, line)
"""
_GONE = 'DELETE FROM "{table}" WHERE print NOT IN (SELECT print FROM feed_line WHERE known)'
_COUNTED = 'SELECT (SELECT count(*) FROM feed_line WHERE known) - (SELECT count(*) FROM "{table}")'
# A line that is there twice is one row, at the first of them.
_ONCE = """
WITH twice AS (SELECT print FROM feed_line WHERE known GROUP BY print HAVING count(*) > 1),
ranked AS (
    SELECT rowid AS row, row_number() OVER (PARTITION BY print ORDER BY file, line) AS rank
    FROM feed_line SEMI JOIN twice USING (print))
DELETE FROM feed_line WHERE rowid IN (SELECT row FROM ranked WHERE rank > 1)
"""
_MOVED = """
UPDATE "{table}" AS said SET file = l.file, line = l.line
FROM (FROM feed_line WHERE known) AS l WHERE l.print = said.print AND (l.file, l.line) <> (said.file, said.line)
"""
# What was set aside is in no table, so that it is read and told again; what was noted has to be as well.
_TOLD = """
UPDATE "{table}" SET print = xor(print, 1::UHUGEINT)
FROM (SELECT DISTINCT file, line FROM quarantine WHERE feed = $feed) AS told
WHERE told.file = "{table}".file AND told.line = "{table}".line
"""


@dataclass
class Lines:
    """The lines of one file of a feed: which of them are new."""

    con: Connection
    feed: Feed
    file: str

    def unread(self, lines: pa.Table, how: str) -> pa.Table:
        """Those of (line, text) that nothing is known of; `how` names all that their reading depends on."""
        self.con.register("line_batch", lines)
        self.con.execute(_KEYED.format(table=self.feed.table.name), {"how": how})
        news: pa.Table = self.con.sql(_UNREAD).to_arrow_table()
        self.con.unregister("line_batch")
        return news

    def note(self) -> None:
        """Each line of the last batch is a row by itself: the next run may know it."""
        self.con.execute("INSERT INTO feed_line SELECT ?, line, print, known FROM line_keyed", [self.file])

    def known(self) -> int:
        """How many lines of the file are known."""
        query = "SELECT count(*) FROM feed_line WHERE known AND file = ?"
        return int(self.con.execute(query, [self.file]).fetchall()[0][0])


def recall(con: Connection, feed: Feed, by: tuple[object, ...]) -> None:
    """Keep the feed's table where its lines were read `by` the same; else begin a new one."""
    known = carried(con, _name(feed), *by)
    forget(con, _name(feed))
    (feed.table.ensure if known else feed.table.create)(con)
    con.execute("CREATE OR REPLACE TEMP TABLE feed_line (file VARCHAR, line BIGINT, print UHUGEINT, known BOOLEAN)")


def drop_gone(con: Connection, feed: Feed) -> int:
    """Leave the rows of known lines in the feed's table, where these stand now; how many lines repeat another."""
    con.execute(_GONE.format(table=feed.table.name))
    ((repeats,),) = con.execute(_COUNTED.format(table=feed.table.name)).fetchall()
    if repeats:
        con.execute(_ONCE)
    con.execute(_MOVED.format(table=feed.table.name))
    return int(repeats)


def add_new(con: Connection, feed: Feed) -> None:
    """Add `feed_typed` to the feed's table."""
    columns = [f'said."{column.name}"' for column in feed.typed]
    content = f"(hash({', '.join(columns)})::UHUGEINT << 64) | hash({', '.join(reversed(columns))}, 0)"
    con.execute(_NEW.format(table=feed.table.name, content=content))


def remember(con: Connection, feed: Feed, by: tuple[object, ...]) -> None:
    """After the feed's table is filled: let the next run know its lines."""
    con.execute(_TOLD.format(table=feed.table.name), {"feed": feed.name})
    keep(con, _name(feed), *by)


def _name(feed: Feed) -> str:
    return f"lines of {feed.name}"
