"""Rows of a kind as the statements take them: its keys, its properties in a map of their own, and its times.

A column at a time: making a map of each struct that DuckDB holds costs eight times as much.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any

import pyarrow as pa

from stormops_graph.graph.kinds import Kind
from stormops_graph.ports import Row
from stormops_graph.tables import Connection


def fetched(con: Connection, query: str) -> pa.Table:
    """The rows of a query that gives a kind's keys, properties, times and fingerprint, among others."""
    return con.sql(query).to_arrow_table()


def parts(found: pa.Table, kind: Kind, size: int) -> Iterator[list[Row]]:
    """All rows, in lists of up to `size`."""
    for first in range(0, found.num_rows, size):
        yield maps(found.slice(first, size), kind)


def maps(found: pa.Table, kind: Kind, fixed: Row | None = None) -> list[Row]:
    """The rows as maps; `fixed` are properties that all of them have besides."""
    properties = _fields(found["properties"]) | {"fingerprint": found["fingerprint"].to_pylist()}
    properties |= {name: repeat(value, found.num_rows) for name, value in (fixed or {}).items()}
    times = _fields(found["times"]) if kind.times else {}
    columns = {name: found[name].to_pylist() for name in kind.columns}
    columns |= {name: times[name] for name in kind.times}
    columns["properties"] = _zipped(properties)
    return _zipped(columns)


def _fields(column: pa.ChunkedArray) -> dict[str, Any]:
    """The values of a column of structs by field; none for a kind that has no properties."""
    if not pa.types.is_struct(column.type):
        return {}
    flat = column.combine_chunks().flatten()
    return {field.name: values.to_pylist() for field, values in zip(column.type, flat, strict=True)}


def _zipped(columns: dict[str, Any]) -> list[Row]:
    names = tuple(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
