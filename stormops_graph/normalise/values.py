"""Distinct values, each read once in Python and joined back.

Invariant: a reading is a function of the value alone, so it does not matter which row or which run showed it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from stormops_graph.tables import Connection

_BATCH = 50_000
Reading = tuple[str | None, ...]


@dataclass(frozen=True)
class Reader:
    """How values are read, and the columns of a reading."""

    columns: tuple[str, ...]
    read: Callable[[str], Reading]


def read_values(con: Connection, name: str, source: str, reader: Reader) -> None:
    """Write temporary table `name(raw, *columns)` of the distinct texts `raw` of query `source`."""
    columns = ", ".join(f'"{column}" VARCHAR' for column in ("raw", *reader.columns))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
    raws = con.sql(f"SELECT DISTINCT raw FROM ({source}) WHERE raw IS NOT NULL").to_arrow_table()  # noqa: S608
    for batch in raws.to_batches(_BATCH):
        readings = zip(*((raw, *reader.read(raw)) for raw in batch["raw"].to_pylist()), strict=True)
        chunk = pa.table([pa.array(values, pa.string()) for values in readings], names=["raw", *reader.columns])
        con.from_arrow(chunk).insert_into(name)
