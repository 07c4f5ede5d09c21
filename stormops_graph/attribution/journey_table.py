"""Journeys that lie in a table elsewhere, handed over in batches; read as those of a file are.

Invariant: a table and a file of the same rows make the same journeys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from stormops_graph.attribution.journey_rows import COLUMNS, FEED, JourneyFile, Source, quoted, read_journey_rows
from stormops_graph.errors import InputError
from stormops_graph.tables import Connection

SOURCE = "journey_source"


@dataclass(frozen=True)
class JourneyTable:
    """A table's name and all its columns; and the rows, in the columns that journeys are made of."""

    said: str
    columns: tuple[str, ...]
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


def used(columns: tuple[str, ...]) -> list[str]:
    """Those of a table's columns that journeys are made of."""
    return [column for column in columns if column.strip().lower() in COLUMNS]


def read_journey_table(con: Connection, table: JourneyTable) -> JourneyFile:
    """Fill JOURNEY and JOURNEY_TOUCH; raises ColumnMissing, or InputError where no row is good."""
    if len({column.casefold() for column in table.columns}) < len(table.columns):
        raise InputError(f"{FEED}: {table.said} names a column twice", "read it through a view that does not")
    con.execute(f"DROP TABLE IF EXISTS {SOURCE}")
    con.from_arrow(table.schema.empty_table()).create(SOURCE)
    for column in table.columns:
        if column not in table.schema.names:  # never fetched, but to be named where one is missing
            con.execute(f"ALTER TABLE {SOURCE} ADD COLUMN {quoted(column)} VARCHAR")
    unused = len(table.columns) - len(table.schema.names)
    for batch in table.batches:
        rows = pa.Table.from_batches([batch])
        con.execute(f"INSERT INTO {SOURCE} SELECT *{', NULL' * unused} FROM rows")  # noqa: S608  (constants)
        del rows
    try:
        return read_journey_rows(con, Source(SOURCE, table.said))
    finally:
        con.execute(f"DROP TABLE {SOURCE}")
