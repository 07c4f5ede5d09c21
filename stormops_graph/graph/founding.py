"""The first load at once: the whole graph as files for Neo4j's importer, as statements would have written it.

Invariant: done only where the graph holds nothing but its books (namespace, runs, lock), which the files carry too, but
for the migrations: those are due again on the new data.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa

from stormops_graph.graph.kinds import Kind, NodeKind, sql
from stormops_graph.ports import Graph, GraphFile, Row
from stormops_graph.tables import Connection

_TYPES = {"varchar": "string", "bigint": "long", "integer": "long", "double": "double", "boolean": "boolean"}
_NEW = "FROM difference_{name} WHERE change = 'new' ORDER BY {order}"
_KNOWN = "SELECT count(*) FROM shadow_{name}"


def is_unwritten(con: Connection, graph: Graph, kinds: Sequence[Kind]) -> bool:
    """Whether the graph holds nothing but its books."""
    known = sum(con.execute(sql(kind, _KNOWN)).fetchall()[0][0] for kind in kinds)
    return not known and not any(graph.read("read/any"))


def write_files(
    con: Connection, graph: Graph, kinds: Sequence[Kind], run: str, fixed: dict[str, Row], folder: Path
) -> list[GraphFile]:
    """Write `difference_<kind>` of all kinds and the books of the graph into files of `folder`, as of `run`."""
    files = [_write_kind(con, kind, run, fixed.get(kind.name, {}), folder) for kind in kinds]
    return files + [_write_books(con, label, list(rows), folder) for label, rows in _books(graph)]


def _write_kind(con: Connection, kind: Kind, run: str, fixed: Row, folder: Path) -> GraphFile:
    said = dict(zip((new := con.sql(sql(kind, _NEW))).columns, new.types, strict=True))
    columns = [*_key_columns(kind)]
    columns += [_column(name, f'properties."{name}"', type) for name, type in _fields(said["properties"])]
    columns += [f'times."{name}" AS "{name}:localdatetime"' for name in kind.times]
    columns += ['fingerprint AS "fingerprint:long"']
    columns += [f'{value} AS "{name}:boolean"' for name, value in fixed.items() if value is not None]
    if isinstance(kind, NodeKind):
        columns += [f"'{run}' AS {name}" for name in ("first_run", "changed_run")]
    _write(new.project(", ".join(columns)), folder / (file := f"{kind.name}.csv"))
    if isinstance(kind, NodeKind):
        return GraphFile("nodes", kind.label, file)
    return GraphFile("relationships", kind.type, file)


def _key_columns(kind: Kind) -> Sequence[str]:
    if isinstance(kind, NodeKind):
        return (f'key AS "{kind.key}:ID({kind.label.partition(":")[0]})"',)
    return (f'start_key AS ":START_ID({kind.start[0]})"', f'end_key AS ":END_ID({kind.end[0]})"')


def _books(graph: Graph) -> Any:
    return groupby(graph.read("read/books"), lambda row: str(row["label"]))


def _write_books(con: Connection, label: str, rows: Sequence[Row], folder: Path) -> GraphFile:
    names = sorted({name for row in rows for name in row["properties"]})
    con.register("book", pa.Table.from_pylist([{name: row["properties"].get(name) for name in names} for row in rows]))
    book = con.table("book")
    columns = [_column(name, f'"{name}"', type) for name, type in zip(book.columns, book.types, strict=True)]
    _write(book.project(", ".join(columns)), folder / (file := f"book_{label}.csv"))
    con.unregister("book")
    return GraphFile("nodes", label, file)


def _fields(type: Any) -> list[tuple[str, Any]]:
    """The fields of a struct; none for a kind that has no properties."""
    return list(type.children) if type.id == "struct" else []


def _column(name: str, value: str, type: Any) -> str:
    """A value as the importer reads it, under the name that tells its type."""
    if type.id == "list":
        (_, inner), *_ = type.children
        return f'array_to_string({value}, chr(31)) AS "{name}:{_TYPES[inner.id]}[]"'
    if type.id.startswith("timestamp"):
        return f'iso({value}) AS "{name}:localdatetime"'
    return f'{value} AS "{name}:{_TYPES[type.id]}"'


def _write(rows: Any, file: Path) -> None:
    rows.write_csv(str(file), header=True, quoting=csv.QUOTE_ALL)  # an empty text is quoted too, and no NULL
