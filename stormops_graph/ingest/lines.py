"""Lines of text files that the last run has read: their rows are taken over instead of being read again.

Invariant: a line is taken over only where it was a row by itself, without fault or doubt, and where everything that
says how it is read is the same; so it would be read as it was. Such a row has its line's print.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from stormops_graph.carryover import carried, forget, keep
from stormops_graph.ingest.feeds import Feed
from stormops_graph.tables import Connection

KNOWN = "feed_known"  # the feed's table of the last run, while it is replaced

_KEYED = """
CREATE OR REPLACE TEMP TABLE line_keyed AS
SELECT line, (hash($how, text)::UHUGEINT << 64) | hash(text, $how) AS print FROM line_batch
"""
_UNREAD = """
SELECT line, text FROM line_batch JOIN (FROM line_keyed ANTI JOIN feed_known USING (print)) USING (line) ORDER BY line
"""
_NEW = """
INSERT INTO "{table}"
SELECT said.*, coalesce(l.print, {content}) FROM feed_typed AS said LEFT JOIN feed_line AS l USING (file, line)
"""
_TAKEN = """
INSERT INTO "{table}"
SELECT known.* EXCLUDE (file, line, print), l.file, l.line, print FROM feed_line AS l JOIN feed_known AS known
USING (print)
"""
# What was set aside is in no table, so that it is read and told again; what was noted has to be as well.
_TOLD = """
UPDATE "{table}" SET print = xor(print, 1::UHUGEINT)
FROM (SELECT DISTINCT file, line FROM quarantine WHERE feed = $feed) AS told
WHERE told.file = "{table}".file AND told.line = "{table}".line
"""


@dataclass
class Lines:
    """The lines of one file: which of them are new, and what the others said."""

    con: Connection
    file: str

    def unread(self, lines: pa.Table, how: str) -> pa.Table:
        """Those of (line, text) that nothing is known of; `how` names all that their reading depends on."""
        self.con.register("line_batch", lines)
        self.con.execute(_KEYED, {"how": how})
        news: pa.Table = self.con.sql(_UNREAD).to_arrow_table()
        self.con.unregister("line_batch")
        return news

    def note(self) -> None:
        """Each line of the last batch is a row by itself: the next run may take it over."""
        self.con.execute("INSERT INTO feed_line SELECT ?, line, print FROM line_keyed", [self.file])


def recall(con: Connection, feed: Feed, by: tuple[object, ...]) -> None:
    """Put the feed's table aside as `feed_known`, where its lines were read `by` the same, and begin a new one."""
    known = carried(con, _name(feed), *by)
    if not known:
        feed.table.create(con)  # what another version read may have other columns
    forget(con, _name(feed))
    con.execute(f"DROP TABLE IF EXISTS {KNOWN}")
    con.execute(f'ALTER TABLE "{feed.table.name}" RENAME TO {KNOWN}')
    feed.table.create(con)
    con.execute("CREATE OR REPLACE TEMP TABLE feed_line (file VARCHAR, line BIGINT, print UHUGEINT)")


def fill(con: Connection, feed: Feed) -> None:
    """Fill the feed's table with the rows of `feed_typed` and of known lines."""
    columns = [f'said."{column.name}"' for column in feed.typed]
    content = f"(hash({', '.join(columns)})::UHUGEINT << 64) | hash({', '.join(reversed(columns))}, 0)"
    con.execute(_NEW.format(table=feed.table.name, content=content))
    con.execute(_TAKEN.format(table=feed.table.name))


def taken(con: Connection, file: str) -> int:
    """How many lines of a file are known."""
    query = "SELECT count(*) FROM feed_line SEMI JOIN feed_known USING (print) WHERE file = ?"
    return int(con.execute(query, [file]).fetchall()[0][0])


def remember(con: Connection, feed: Feed, by: tuple[object, ...]) -> None:
    """After the feed's table is filled: let the next run know its lines."""
    con.execute(_TOLD.format(table=feed.table.name), {"feed": feed.name})
    con.execute("DROP TABLE IF EXISTS line_keyed")
    keep(con, _name(feed), *by)


def _name(feed: Feed) -> str:
    return f"lines of {feed.name}"
