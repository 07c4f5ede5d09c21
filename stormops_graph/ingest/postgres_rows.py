"""Rows of a Postgres table, each value as text; `line` is the row's place in the order of the feed's key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import psycopg
import pyarrow as pa
from psycopg import sql

from stormops_graph.errors import FeedMissing, SettingsError, StoreError
from stormops_graph.ingest.columns import locate, own_names
from stormops_graph.ingest.feeds import Feed
from stormops_graph.settings import FeedSettings

_BATCH = 50_000


def read_postgres(feed: Feed, settings: FeedSettings, dsns: Mapping[str, str]) -> Iterator[pa.Table]:
    """Batches of (line, the columns as text) of `settings.table`, read through `dsns[settings.dsn_env]`."""
    dsn = dsns.get(settings.dsn_env, "")
    if not dsn:
        raise SettingsError(
            f"[feeds.{feed.name}] table: {settings.dsn_env} is not set",
            f"set {settings.dsn_env} to the database's address, as in postgresql://user@host/name",
        )
    try:
        with psycopg.connect(dsn, options="-c TimeZone=UTC") as connection:
            yield from _rows(connection, feed, settings)
    except psycopg.errors.UndefinedTable as error:
        raise FeedMissing(
            f"feed {feed.name}: there is no table {settings.table}",
            f"correct table under [feeds.{feed.name}]",
        ) from error
    except psycopg.Error as error:
        raise StoreError(
            f"feed {feed.name}: Postgres refuses to read {settings.table} ({type(error).__name__})",
            f"check {settings.dsn_env} and the right to read the table",
        ) from error


def _rows(connection: psycopg.Connection, feed: Feed, settings: FeedSettings) -> Iterator[pa.Table]:
    table = sql.Identifier(*settings.table.split("."))
    header = connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(table)).description or []
    names = [column.name for column in header]
    places = locate(feed, own_names(feed, settings.columns), names, settings.table)
    known = [column.name for column in feed.columns if column.name in places]
    shown = [sql.SQL("{}::text").format(sql.Identifier(names[places[name]])) for name in known]
    order = [sql.Identifier(names[places[name]]) for name in feed.key if name in places]
    query = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(sql.SQL(", ").join(shown), table, sql.SQL(", ").join(order))
    line = 0
    with connection.cursor(name="feed") as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(_BATCH):
            values = dict(zip(known, zip(*rows, strict=True), strict=True))
            columns = {"line": pa.array(range(line + 1, line + len(rows) + 1), pa.int64())}
            for column in feed.columns:
                columns[column.name] = pa.array(values.get(column.name, [None] * len(rows)), pa.string())
            yield pa.table(columns)
            line += len(rows)
