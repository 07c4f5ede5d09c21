"""What the last run left, row by row: tables with a row for each source row, to which new rows are added and from which
rows that are gone are dropped.

Invariant: a row's print tells its content, so what a table says of a row is right as long as the feed has the print.
All tables of the stage are kept together, or made anew together where rules or rulings changed. Which rows came or went
is told by the reader of the feeds (ROW_NEWS).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stormops_graph.tables import Connection, Table

ALL_ROWS = '"feed_{feed}"'
NEW_ROWS = f"{ALL_ROWS} SEMI JOIN (FROM row_stirred WHERE feed = '{{feed}}' AND NOT gone) USING (print)"
# What was told and is in both, or in neither, is as it was.
_STIRRED = """
CREATE OR REPLACE TEMP TABLE row_stirred AS
WITH held AS (FROM (SELECT {feed} AS feed, print FROM {table}) SEMI JOIN row_news USING (feed, print)),
there AS ({there})
SELECT feed, print, there.print IS NULL AS gone FROM held FULL JOIN there USING (feed, print)
WHERE held.print IS NULL OR there.print IS NULL
"""
_THERE = """
SELECT '{feed}' AS feed, print FROM "feed_{feed}" SEMI JOIN (FROM row_news WHERE feed = '{feed}') USING (print)
"""
_GONE = (
    """
CREATE OR REPLACE TEMP TABLE {table}_gone AS
SELECT rowid AS row, * FROM {table} WHERE rowid IN (
    SELECT row FROM (SELECT {feed} AS feed, print, rowid AS row FROM {table})
    SEMI JOIN (FROM row_stirred WHERE gone) USING (feed, print))
""",
    "DELETE FROM {table} WHERE rowid IN (SELECT row FROM {table}_gone)",
)


@dataclass(frozen=True)
class Kept(Table):
    """A table with a row for each source row of some feeds, by `print` and perhaps `feed`, and whose it is."""

    feeds: tuple[str, ...] = ()

    def drop_gone(self, con: Connection) -> None:
        """Move the rows that are in the feeds no more to `<name>_gone`, and find those that are new (NEW_ROWS)."""
        feed = "feed" if "feed" in self.columns else f"'{self.feeds[0]}'"
        there = " UNION ALL ".join(_THERE.format(feed=name) for name in self.feeds)
        for step in (_STIRRED, *_GONE):
            con.execute(step.format(feed=feed, table=self.name, there=there))

    def show_due(self, con: Connection, name: str, kind: str) -> None:
        """Let `name` be the rows of due records, with their `row` in this table: a TABLE or a VIEW."""
        due = f"SELECT rowid AS row, * FROM {self.name} SEMI JOIN record_due USING (record)"  # noqa: S608
        con.execute(f"CREATE OR REPLACE TEMP {kind} {name} AS {due}")


def drop_due(con: Connection, tables: Iterable[Table]) -> None:
    """Take what the tables say of records in `record_due` out of them."""
    for table in tables:
        con.execute(f"DELETE FROM {table.name} WHERE record IN (SELECT record FROM record_due)")  # noqa: S608
