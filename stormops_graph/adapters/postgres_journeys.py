"""A table of journeys in Postgres, every value as text.

Invariant: only columns that journeys are made of are fetched; neither address nor credential is in an error.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import csv

from stormops_graph.attribution.journey_table import JourneyTable, used
from stormops_graph.errors import FeedMissing, SettingsError, StoreError

BLOCK = 8 << 20
"""Bytes of rows that are taken apart at once."""


@contextmanager
def postgres_journeys(said: str, table: str, dsn: str, dsn_env: str) -> Iterator[JourneyTable]:
    """The table or view `table` (or `schema.table`); `dsn_env` is the variable that holds the DSN.

    Raises SettingsError without a DSN, FeedMissing without such a table, StoreError where Postgres refuses.
    """
    if not dsn:
        raise SettingsError(
            f"{said}: {dsn_env} is not set",
            f"set {dsn_env} to the database's address, as in postgresql://user@host/name",
        )
    try:
        with psycopg.connect(dsn, options="-c TimeZone=UTC -c DateStyle=ISO", client_encoding="utf8") as connection:
            yield _table(connection, said, table)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        hint = "name it as postgres:TABLE or postgres:SCHEMA.TABLE"
        raise FeedMissing(f"{said}: there is no such table", hint) from error
    except psycopg.Error as error:
        raise StoreError(
            f"{said}: Postgres refuses to read it ({type(error).__name__})",
            f"check {dsn_env} and the right to read the table",
        ) from error


def _table(connection: psycopg.Connection, said: str, table: str) -> JourneyTable:
    name = sql.Identifier(*table.split("."))
    header = connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(name)).description or []
    columns = tuple(column.name for column in header)
    wanted = used(columns)
    listed = sql.SQL(", ").join(map(sql.Identifier, wanted))
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv)").format(listed, name)
    batches = _copied(connection, query, wanted) if wanted else iter(())
    return JourneyTable(said, columns, pa.schema([(column, pa.string()) for column in wanted]), batches)


def _copied(connection: psycopg.Connection, query: sql.Composed, names: list[str]) -> Iterator[pa.RecordBatch]:
    """Blocks of whole rows: Postgres sends a row a message, whatever stands in it."""
    block = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(query) as rows:
        for row in rows:
            block.write(row)
            if block.tell() >= BLOCK:
                yield from _taken_apart(block, names)
                block = io.BytesIO()
    if block.tell():
        yield from _taken_apart(block, names)


def _taken_apart(block: io.BytesIO, names: list[str]) -> Iterator[pa.RecordBatch]:
    size = block.tell()
    block.seek(0)
    found = csv.read_csv(
        block,
        csv.ReadOptions(column_names=names, block_size=size + 1),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    yield from found.to_batches()
