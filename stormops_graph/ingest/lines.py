"""Lines of text files that the last run has read: their rows are taken over instead of being read again.

Invariant: a line is taken over only where it was a row by itself, without fault or doubt, and where everything that
says how it is read is the same; so it would be read as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from stormops_graph.carryover import carried, forget, keep
from stormops_graph.ingest.feeds import Feed
from stormops_graph.tables import Connection

_READ = "read_line_{feed}"  # (file, line, key) of the rows of `feed_<name>` that were one line each
_KNOWN = """
CREATE OR REPLACE TEMP TABLE feed_known AS
SELECT read.key, said.* EXCLUDE (file, line)
FROM "read_line_{feed}" AS read JOIN "feed_{feed}" AS said USING (file, line)
"""
_NOTHING_KNOWN = """
CREATE OR REPLACE TEMP TABLE feed_known AS
SELECT NULL::UHUGEINT AS key, * EXCLUDE (file, line) FROM "feed_{feed}" WHERE false
"""
_KEYED = "CREATE OR REPLACE TEMP TABLE line_keyed AS SELECT line, md5_number($how || text) AS key FROM line_batch"
_TAKEN = """
INSERT INTO feed_typed
SELECT known.* EXCLUDE (key), file, line FROM feed_line JOIN feed_known AS known USING (key)
"""
# What was set aside or noted is read again, so that it is told again.
_KEPT = """
CREATE OR REPLACE TABLE "read_line_{feed}" AS
SELECT file, line, key FROM feed_line ANTI JOIN (FROM quarantine WHERE feed = '{feed}') AS told USING (file, line)
"""


@dataclass
class Lines:
    """The lines of one file: which of them are new, and what the others said."""

    con: Connection
    file: str
    _batch: pa.Table = field(default_factory=lambda: pa.table({}))

    def unread(self, lines: pa.Table, how: str) -> pa.Table:
        """Those of (line, text) that nothing is known of; `how` names all that their reading depends on."""
        self._batch = lines
        self.con.register("line_batch", lines)
        self.con.execute(_KEYED, {"how": how})
        self.con.unregister("line_batch")
        known = self.con.sql("SELECT line FROM line_keyed SEMI JOIN feed_known USING (key)").to_arrow_table()
        return lines.filter(pc.invert(pc.is_in(lines["line"], known["line"].combine_chunks()))) if len(known) else lines

    def note(self) -> None:
        """Each line of the last batch is a row by itself: the next run may take it over."""
        self.con.execute("INSERT INTO feed_line SELECT ?, line, key FROM line_keyed", [self.file])


def recall(con: Connection, feed: Feed, by: tuple[object, ...]) -> None:
    """Before the feed's table is replaced: fill `feed_known` with what its lines said, read `by` the same."""
    name = _READ.format(feed=feed.name)
    known = carried(con, name, *by)
    if not known:
        feed.table.create(con)  # what another version read may have other columns
    forget(con, name)  # until the table is filled again, lines and rows do not belong together
    con.execute((_KNOWN if known else _NOTHING_KNOWN).format(feed=feed.name))
    con.execute("CREATE OR REPLACE TEMP TABLE feed_line (file VARCHAR, line BIGINT, key UHUGEINT)")


def take_over(con: Connection) -> None:
    """Add the rows of known lines to `feed_typed`."""
    con.execute(_TAKEN)


def taken(con: Connection, file: str) -> int:
    """How many lines of a file are known."""
    query = "SELECT count(*) FROM feed_line SEMI JOIN feed_known USING (key) WHERE file = ?"
    return int(con.execute(query, [file]).fetchall()[0][0])


def remember(con: Connection, feed: Feed, by: tuple[object, ...]) -> None:
    """After the feed's table is filled: let the next run know its lines."""
    con.execute(_KEPT.format(feed=feed.name))
    con.execute("DROP TABLE IF EXISTS line_keyed")
    keep(con, _READ.format(feed=feed.name), *by)
