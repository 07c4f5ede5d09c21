"""What stands of the last run: tables by source row, in which new rows are worked out and those that went are dropped.

Invariant: a row's print tells its content, so that what a table says of a row is right as long as the print is there;
all tables of the stage are kept together, or made anew together where the rules or the rulings changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stormops_graph.tables import Connection, Table


@dataclass(frozen=True)
class Kept(Table):
    """A table with a row for each source row, by `print` and perhaps `feed`, and its `record`."""

    def drop_gone(self, con: Connection, source: str) -> None:
        """Drop the rows that are not in table `source` any more; their records are due."""
        key = "feed, print" if "feed" in self.columns else "print"
        gone = f"(FROM {self.name} ANTI JOIN {source} USING ({key}))"
        con.execute(f"CREATE OR REPLACE TEMP TABLE row_gone AS SELECT DISTINCT {key}, record FROM {gone}")  # noqa: S608
        if con.execute("SELECT count(*) FROM row_gone").fetchall() != [(0,)]:
            con.execute("INSERT INTO record_due SELECT DISTINCT record FROM row_gone WHERE record IS NOT NULL")
            con.execute(f"DELETE FROM {self.name} WHERE ({key}) IN (SELECT ({key}) FROM row_gone)")  # noqa: S608

    def show_due(self, con: Connection, name: str, kind: str) -> None:
        """Let `name` be the rows of due records, with their `row` in this table: a TABLE or a VIEW."""
        due = f"SELECT rowid AS row, * FROM {self.name} SEMI JOIN record_due USING (record)"  # noqa: S608
        con.execute(f"CREATE OR REPLACE TEMP {kind} {name} AS {due}")


def drop_due(con: Connection, tables: Iterable[Table]) -> None:
    """Take what the tables say of records in `record_due` out of them."""
    for table in tables:
        con.execute(f"DELETE FROM {table.name} WHERE record IN (SELECT record FROM record_due)")  # noqa: S608
