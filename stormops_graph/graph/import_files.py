"""The first load at once: the whole graph as files for Neo4j's importer, journeys too, as statements would write it.

Invariant: done only where the graph holds nothing but its books (namespace, runs, lock), which the files carry too, but
for the migrations: those are due again on the new data.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from stormops_graph.graph.kinds import Kind, NodeKind, sql
from stormops_graph.ports import LIST_SEPARATOR, Graph, GraphFile, Row
from stormops_graph.tables import JOURNEY, JOURNEY_TOUCH, TRACE, Connection

Holds = Literal["nodes", "relationships"]
_TYPES = {"varchar": "string", "bigint": "long", "integer": "long", "double": "double", "boolean": "boolean"}
_NEW = "FROM difference_{name} WHERE change = 'new' ORDER BY {order}"
# As `write/journeys` makes them; an area has no key of its own.
_JOURNEYS: dict[tuple[Holds, str], str] = {
    ("nodes", "Journey"): """
SELECT journey_id AS "journey_id:ID(Journey)", event_id, zip_code, persona, converted AS "converted:boolean",
       value AS "value:double", iso(started_at) AS "started_at:localdatetime", iso(ended_at) AS "ended_at:localdatetime"
FROM journey ORDER BY journey_id
""",
    ("nodes", "Area"): """
SELECT DISTINCT event_id || ':' || zip_code AS ":ID(Area)", event_id, zip_code FROM journey ORDER BY 1
""",
    ("relationships", "OF"): """
SELECT DISTINCT event_id || ':' || zip_code AS ":START_ID(Area)", event_id AS ":END_ID(Storm)" FROM journey ORDER BY 1
""",
    ("relationships", "IN"): """
SELECT journey_id AS ":START_ID(Journey)", event_id || ':' || zip_code AS ":END_ID(Area)" FROM journey ORDER BY 1
""",
    ("relationships", "TOOK"): """
SELECT household AS ":START_ID(Household)", journey_id AS ":END_ID(Journey)" FROM journey ORDER BY 2
""",
    ("relationships", "HAS_TOUCH"): """
SELECT journey_id AS ":START_ID(Journey)", touch_id AS ":END_ID(Touch)", position AS "position:long"
FROM journey_touch ORDER BY ALL
""",
    ("relationships", "NEXT"): """
SELECT touch_id AS ":START_ID(Touch)", next AS ":END_ID(Touch)", journey_id
FROM (SELECT *, lead(touch_id) OVER (PARTITION BY journey_id ORDER BY position) AS next FROM journey_touch)
WHERE next IS NOT NULL ORDER BY ALL
""",
    ("relationships", "ENDED_IN"): """
SELECT journey_id AS ":START_ID(Journey)", arg_min(trace_id, (trace."at", trace_id)) AS ":END_ID(Conversion)"
FROM journey JOIN trace USING (household, event_id) WHERE converted AND is_conversion GROUP BY journey_id ORDER BY 1
""",
}
_KNOWN = "SELECT count(*) FROM shadow_{name}"


def is_unwritten(con: Connection, graph: Graph, kinds: Sequence[Kind]) -> bool:
    """Whether the graph holds nothing but its books."""
    known = sum(con.execute(sql(kind, _KNOWN)).fetchall()[0][0] for kind in kinds)
    return not known and not any(graph.read("read/any"))


def write_files(con: Connection, graph: Graph, kinds: Sequence[Kind], run: str, folder: Path) -> list[GraphFile]:
    """Write `difference_<kind>` of all kinds, the journeys and the books of the graph into files, as of `run`.

    JOURNEY, JOURNEY_TOUCH and TRACE say which journeys the graph will have.
    """
    for table in (JOURNEY, JOURNEY_TOUCH, TRACE):
        table.check(con)
    found = graph.read("read/books")
    books = [(label, list(rows)) for label, rows in groupby(found, lambda row: str(row["label"]))]
    return [
        *(_write_kind(con, kind, run, folder) for kind in kinds),
        *(_written(con.sql(query), folder, holds, name) for (holds, name), query in _JOURNEYS.items()),
        *(_write_books(con, label, rows, folder) for label, rows in books),
    ]


def _write_kind(con: Connection, kind: Kind, run: str, folder: Path) -> GraphFile:
    said = dict(zip((new := con.sql(sql(kind, _NEW))).columns, new.types, strict=True))
    columns = [*_key_columns(kind)]
    columns += [_column(name, f'properties."{name}"', type) for name, type in _fields(said["properties"])]
    columns += [f'times."{name}" AS "{name}:localdatetime"' for name in kind.times]
    columns += ['fingerprint AS "fingerprint:long"']
    if isinstance(kind, NodeKind):
        columns += [f"'{run}' AS {name}" for name in ("first_run", "changed_run")]
        return _written(new.project(", ".join(columns)), folder, "nodes", kind.label)
    return _written(new.project(", ".join(columns)), folder, "relationships", kind.type)


def _key_columns(kind: Kind) -> Sequence[str]:
    if isinstance(kind, NodeKind):
        return (f'key AS "{kind.key}:ID({kind.label.partition(":")[0]})"',)
    return (f'start_key AS ":START_ID({kind.start[0]})"', f'end_key AS ":END_ID({kind.end[0]})"')


def _write_books(con: Connection, label: str, rows: Sequence[Row], folder: Path) -> GraphFile:
    names = sorted({name for row in rows for name in row["properties"]})
    con.register("book", pa.Table.from_pylist([{name: row["properties"].get(name) for name in names} for row in rows]))
    book = con.table("book")
    columns = [_column(name, f'"{name}"', type) for name, type in zip(book.columns, book.types, strict=True)]
    written = _written(book.project(", ".join(columns)), folder, "nodes", label)
    con.unregister("book")
    return written


def _fields(type: Any) -> list[tuple[str, Any]]:
    """The fields of a struct; none for a kind that has no properties."""
    return list(type.children) if type.id == "struct" else []


def _column(name: str, value: str, type: Any) -> str:
    """A value as the importer reads it, under the name that tells its type."""
    if type.id == "list":
        (_, inner), *_ = type.children
        return f'array_to_string({value}, chr({ord(LIST_SEPARATOR)})) AS "{name}:{_TYPES[inner.id]}[]"'
    if type.id.startswith("timestamp"):
        return f'iso({value}) AS "{name}:localdatetime"'
    return f'{value} AS "{name}:{_TYPES[type.id]}"'


def _written(rows: Any, folder: Path, holds: Holds, name: str) -> GraphFile:
    """The rows as a file of their own, numbered, as several kinds have a type in common."""
    file = f"{len(list(folder.iterdir())):02}_{name.replace(':', '_')}.csv"
    rows.write_csv(str(folder / file), header=True, quoting=csv.QUOTE_ALL)  # an empty text is quoted too, and no NULL
    return GraphFile(holds, name, file)
