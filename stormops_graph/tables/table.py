"""A table that stages speak: its name and its columns, held to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import duckdb
import pyarrow as pa

from stormops_graph.errors import StoreError
from stormops_graph.unread import unread

with unread("pandas"):  # which pyarrow looks for once, with its first array; to read it would take half a second
    pa.array([])

Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Table:
    """A named table: column name → DuckDB type, in order."""

    name: str
    columns: dict[str, str]

    def create(self, con: Connection) -> None:
        """Replace the table by an empty one."""
        body = ", ".join(f'"{name}" {kind}' for name, kind in self.columns.items())
        con.execute(f'CREATE OR REPLACE TABLE "{self.name}" ({body})')

    def ensure(self, con: Connection) -> None:
        """Create the table where it does not exist; keep its rows where it does."""
        body = ", ".join(f'"{name}" {kind}' for name, kind in self.columns.items())
        con.execute(f'CREATE TABLE IF NOT EXISTS "{self.name}" ({body})')

    def check(self, con: Connection) -> int:
        """Rows in the table; raises StoreError when its columns are not the declared ones."""
        found = [row[0] for row in con.execute(f'DESCRIBE "{self.name}"').fetchall()]
        if found != list(self.columns):
            apart = ", ".join(sorted(set(found) ^ set(self.columns))) or "in another order"
            raise StoreError(
                f"table {self.name} has other columns than this version of the software reads: {apart}",
                "if another version made the workspace, bring it up to date: stormops-graph resolve",
            )
        return int(con.table(self.name).count("*").fetchall()[0][0])

    def fill(self, con: Connection, rows: Iterable[Mapping[str, Any]]) -> int:
        """Replace the table by rows named by its columns; how many they are. What else they say is left out."""
        self.create(con)
        return self.append(con, ([row[name] for name in self.columns] for row in rows))

    def append(self, con: Connection, rows: Iterable[Sequence[Any]], batch: int = 100_000) -> int:
        """Add rows of values in the order of the columns; how many they were."""
        source, added = iter(rows), 0
        while part := list(islice(source, batch)):
            chunk = pa.table(list(map(pa.array, zip(*part, strict=True))), names=list(self.columns))
            con.from_arrow(chunk).insert_into(self.name)
            added += len(part)
        return added
