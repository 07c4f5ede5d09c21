"""Distinct values, each read once in Python and joined back.

Invariant: a reading is a function of the value alone, so it does not matter which row showed it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from stormops_graph.tables import Connection

_BATCH = 50_000
Reading = tuple[str | None, ...]


def read_values(
    con: Connection, table: str, query: str, columns: tuple[str, ...], read: Callable[[str], Reading]
) -> None:
    """Write temp table `table(raw, *columns)` from `query`, a select of distinct texts `raw`."""
    schema = pa.schema([("raw", pa.string()), *((column, pa.string()) for column in columns)])
    empty = schema.empty_table()
    con.register("value_batch", empty)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM value_batch")
    con.unregister("value_batch")
    raws: list[Any] = con.sql(query).to_arrow_table()["raw"].to_pylist()
    for start in range(0, len(raws), _BATCH):
        part = raws[start : start + _BATCH]
        readings = list(zip(*((raw, *read(raw)) for raw in part), strict=True))
        con.register("value_batch", pa.table([pa.array(v, pa.string()) for v in readings], schema=schema))
        con.execute(f"INSERT INTO {table} FROM value_batch")
        con.unregister("value_batch")
