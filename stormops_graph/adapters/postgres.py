"""Postgres as the place of the outputs.

Invariant: all tables of one publication change in one transaction, and a row that has not changed is not touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Self

import psycopg
from psycopg import sql

from stormops_graph.errors import ServerDown, StoreError
from stormops_graph.ports import Output

_TIMEOUT_SECONDS = 10
_COLUMNS = """
SELECT attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = %s AND relname = %s AND attnum > 0 AND NOT attisdropped
"""


class PostgresOutputs:
    """The tables in `schema` of the database behind `dsn`; connects at once. Close it, or use `with`."""

    def __init__(self, dsn: str, schema: str = "public") -> None:
        self._schema = schema
        with _told("connect"):
            self._connection = psycopg.connect(dsn, connect_timeout=_TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def publish(self, outputs: Sequence[Output]) -> int:
        """Write tables in one transaction, changing only what differs; rows added, changed and removed."""
        with _told("publish"), self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self._schema)))
            return sum(self._publish(cursor, output) for output in outputs)

    def read(self, output: Output) -> list[tuple[Any, ...]]:
        """All rows of a table within the output's scope, by its columns; none where there is no such table."""
        return self._read(output, _scope(output) + sql.SQL("true"), _values(output))

    def read_history(self, output: Output, at: datetime | None) -> list[tuple[Any, ...]]:
        """The rows of a history that held at a time (UTC; None: that still hold), within the output's scope."""
        scope = _scope(output)
        if at is None:
            return self._read(output, scope + sql.SQL("valid_to IS NULL"), _values(output))
        then = at.replace(tzinfo=UTC)
        held = sql.SQL("valid_from <= %s AND (valid_to IS NULL OR %s < valid_to)")
        return self._read(output, scope + held, [*_values(output), then, then])

    def rename(self, output: Output, column: str, names: Mapping[str, str], ending: str = "") -> int:
        """Put new names in a column for old ones, in one transaction; how many rows changed.

        With an `ending` a value is the name, a colon and the value of that other column.
        """
        tail = sql.SQL(" || ':' || {}").format(sql.Identifier(ending)) if ending else sql.SQL("")
        update = sql.SQL("UPDATE {table} SET {column} = %s::text{tail} WHERE {column} = %s::text{tail}").format(
            table=self._table(output), column=sql.Identifier(column), tail=tail
        )
        with _told("rename"), self._connection.transaction(), self._connection.cursor() as cursor:
            if not names or not self._exists(cursor, output):
                return 0
            cursor.executemany(update, [(new, old) for old, new in names.items()])
            return cursor.rowcount

    def _exists(self, cursor: psycopg.Cursor[Any], output: Output) -> bool:
        cursor.execute("SELECT to_regclass(%s)", (self._table(output).as_string(self._connection),))
        return cursor.fetchone() != (None,)

    def _read(self, output: Output, where: sql.Composable, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with _told("read"), self._connection.transaction(), self._connection.cursor() as cursor:
            if not self._exists(cursor, output):
                return []
            columns = _names(list(output.columns))
            query = sql.SQL("SELECT {} FROM {} AS old WHERE {} ORDER BY {}")
            cursor.execute(query.format(columns, self._table(output), where, _names(output.key)), values)
            return cursor.fetchall()

    def _publish(self, cursor: psycopg.Cursor[Any], output: Output) -> int:
        table, fresh = self._table(output), sql.Identifier(f"new_{output.name}")
        cursor.execute(_create(output, table))
        cursor.execute(_COLUMNS, (self._schema, output.name))
        known = {name for (name,) in cursor.fetchall()}
        for name in [name for name in output.columns if name not in known]:
            add = sql.SQL("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}")
            cursor.execute(add.format(table, sql.Identifier(name), _type(output.columns[name])))
        cursor.execute(sql.SQL("CREATE TEMP TABLE {} (LIKE {}) ON COMMIT DROP").format(fresh, table))
        columns = _names(list(output.columns))
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(fresh, columns)) as copy:
            for row in output.rows:
                copy.write_row(row)
        cursor.execute(_upsert(output, table, fresh))
        written = cursor.rowcount
        if output.is_history:
            return written
        spared = [list(values) for values in output.spares.values()]
        cursor.execute(_sweep(output, table, fresh), [*_values(output), *spared])
        return written + cursor.rowcount

    def _table(self, output: Output) -> sql.Identifier:
        return sql.Identifier(self._schema, output.name)


def _names(names: Sequence[str], prefix: str = "") -> sql.Composable:
    return sql.SQL(", ").join(sql.SQL(prefix) + sql.Identifier(name) for name in names)


def _type(kind: str) -> sql.SQL:
    return {
        "text": sql.SQL("text"),
        "double precision": sql.SQL("double precision"),
        "bigint": sql.SQL("bigint"),
        "timestamptz": sql.SQL("timestamptz"),
    }[kind]


def _create(output: Output, table: sql.Identifier) -> sql.Composed:
    columns = sql.SQL(", ").join(
        sql.Identifier(name) + sql.SQL(" ") + _type(kind) for name, kind in output.columns.items()
    )
    text = sql.SQL("CREATE TABLE IF NOT EXISTS {} ({}, PRIMARY KEY ({}))")
    return text.format(table, columns, _names(output.key))


def _upsert(output: Output, table: sql.Identifier, fresh: sql.Identifier) -> sql.Composed:
    rest = [name for name in output.columns if name not in output.key]
    compared = [name for name in rest if name not in output.keeps]
    text = sql.SQL(
        "INSERT INTO {table} AS old ({columns}) SELECT {columns} FROM {fresh} "
        "ON CONFLICT ({key}) DO UPDATE SET ({rest}) = ROW({new}) "
        "WHERE ROW({was}) IS DISTINCT FROM ROW({now})"
    )
    return text.format(
        table=table,
        columns=_names(list(output.columns)),
        fresh=fresh,
        key=_names(output.key),
        rest=_names(rest),
        new=_names(rest, "excluded."),
        was=_names(compared, "old."),
        now=_names(compared, "excluded."),
    )


def _scope(output: Output) -> sql.Composed:
    """The condition for an output's scope, open for a further one."""
    parts = [sql.SQL("old.{} = ANY(%s) AND ").format(sql.Identifier(name)) for name in output.scope]
    return sql.SQL("").join(parts)


def _values(output: Output) -> list[list[str]]:
    """What the condition for an output's scope is bound to."""
    return [list(values) for values in output.scope.values()]


def _sweep(output: Output, table: sql.Identifier, fresh: sql.Identifier) -> sql.Composed:
    spared = [sql.SQL("NOT old.{} = ANY(%s) AND ").format(sql.Identifier(name)) for name in output.spares]
    same = [sql.SQL("old.{0} = fresh.{0}").format(sql.Identifier(name)) for name in output.key]
    text = sql.SQL("DELETE FROM {} AS old WHERE {} NOT EXISTS (SELECT 1 FROM {} AS fresh WHERE {})")
    within = _scope(output) + sql.SQL("").join(spared)
    return text.format(table, within, fresh, sql.SQL(" AND ").join(same))


@contextmanager
def _told(act: str) -> Iterator[None]:
    """Turn psycopg's errors into ours; the text of the server is left out, as it may quote data or the DSN."""
    try:
        yield
    except psycopg.errors.InvalidPassword as error:
        raise StoreError("Postgres refuses the user or the password", "check the DSN's variable") from error
    except psycopg.errors.DiskFull as error:
        raise StoreError(f"Postgres has no room to {act}", "make room on its disk, then run again") from error
    except psycopg.OperationalError as error:
        raise ServerDown(
            f"Postgres does not answer ({act})", "start it with `stormops-graph up`, or check the DSN's variable"
        ) from error
    except psycopg.Error as error:
        code = error.sqlstate or type(error).__name__
        raise StoreError(
            f"Postgres refuses to {act} ({code})", "check the rights of the user and the schema"
        ) from error
