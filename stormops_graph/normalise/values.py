"""Distinct values, each read once in Python and joined back; those that the last run has read are not read again.

Invariant: a reading is a function of the value alone, so it does not matter which row or which run showed it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa

from stormops_graph.carryover import carried, forget, keep
from stormops_graph.tables import Connection, Table

_BATCH = 50_000
Reading = tuple[str | None, ...]


@dataclass(frozen=True)
class Reader:
    """How values are read: the columns of a reading, and the lists and patterns (`by`) that it goes by."""

    columns: tuple[str, ...]
    read: Callable[[str], Reading]
    by: tuple[object, ...] = field(default=())


def read_values(con: Connection, name: str, source: str, reader: Reader) -> None:
    """Write table `name(raw, *columns)` of the distinct texts `raw` of query `source`, and of no others."""
    table = Table(name, dict.fromkeys(("raw", *reader.columns), "VARCHAR"))
    known = carried(con, name, reader.columns, *reader.by)
    forget(con, name)
    con.execute(f"CREATE OR REPLACE TEMP TABLE raw_value AS SELECT DISTINCT raw FROM ({source}) WHERE raw IS NOT NULL")  # noqa: S608
    if known:
        con.execute(f"DELETE FROM {name} WHERE raw NOT IN (FROM raw_value)")  # noqa: S608
    else:
        table.create(con)
    news = con.sql(f"SELECT raw FROM raw_value ANTI JOIN {name} USING (raw)").to_arrow_table()  # noqa: S608
    for batch in news.to_batches(_BATCH):
        readings = zip(*((raw, *reader.read(raw)) for raw in batch["raw"].to_pylist()), strict=True)
        chunk = pa.table([pa.array(values, pa.string()) for values in readings], names=["raw", *reader.columns])
        con.from_arrow(chunk).insert_into(name)
    con.execute("DROP TABLE raw_value")
    keep(con, name, reader.columns, *reader.by)
