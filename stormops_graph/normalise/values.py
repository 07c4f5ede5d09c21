"""Distinct values, each read once in Python and joined back.

Invariant: a reading is a function of the value alone, so it does not matter which row showed it.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from stormops_graph.tables import Connection

_BATCH = 50_000
Reading = tuple[str | None, ...]


def read_values(
    con: Connection, table: str, source: str, columns: tuple[str, ...], read: Callable[[str], Reading]
) -> None:
    """Write temp table `table(raw, *columns)` of the distinct texts `raw` of query `source`."""
    body = ", ".join(f"{column} VARCHAR" for column in ("raw", *columns))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({body})")
    raws = con.sql(f"SELECT DISTINCT raw FROM ({source}) WHERE raw IS NOT NULL").to_arrow_table()  # noqa: S608
    for batch in raws.to_batches(_BATCH):
        readings = zip(*((raw, *read(raw)) for raw in batch["raw"].to_pylist()), strict=True)
        chunk = pa.table([pa.array(values, pa.string()) for values in readings], names=["raw", *columns])
        con.from_arrow(chunk).insert_into(table)
