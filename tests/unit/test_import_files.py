"""Files for Neo4j's importer, without a server: types in headers, nothing lost between NULL and an empty text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from stormops_graph.graph.differences import compare
from stormops_graph.graph.import_files import write_files
from stormops_graph.graph.kinds import NodeKind, Relation
from stormops_graph.graph.wanted import want
from stormops_graph.pipeline.importing import is_likely
from stormops_graph.ports import GraphFile
from stormops_graph.project import Project
from stormops_graph.settings import Settings
from stormops_graph.tables import JOURNEY, JOURNEY_TOUCH, TRACE, Connection

HOME = NodeKind(
    "home",
    "Property:Home",
    "property_id",
    """SELECT name AS key, {address: address, tags: tags, worth: worth, rooms: rooms, sold: sold} AS properties,
       {"at": iso(seen)} AS times FROM home""",
    times=("at",),
)
NEAR = Relation(
    *("near", "NEAR", ("Property", "property_id"), ("Property", "property_id")),
    "SELECT 'P1' AS start_key, 'P2' AS end_key, NULL AS properties, NULL AS times",
)
AT = datetime(2024, 5, 1, 12, 30)


class Books:
    """The books of an empty graph: two runs, one of them under way."""

    def read(self, statement: str, **_: Any) -> Iterator[dict[str, Any]]:
        assert statement == "read/books"
        yield {"label": "Graph", "properties": {"name": "identity", "created_at": AT}}
        yield {"label": "Run", "properties": {"run_id": "R0", "report": '{"failed": "no, never"}'}}
        yield {"label": "Run", "properties": {"run_id": "R1", "loading_at": AT}}


def written(con: Connection, folder: Path) -> tuple[list[GraphFile], dict[str, str]]:
    for table in (JOURNEY, JOURNEY_TOUCH, TRACE):
        table.create(con)
    JOURNEY.append(con, [("h1:S1", "h1", "S1", "75001", None, True, 9.5, AT, AT)])
    JOURNEY_TOUCH.append(con, [("h1:S1", place, f"t{place}", "sms", None, AT) for place in (0, 1)])
    for trace in ("k2", "k1"):  # at the same instant: the first by its id ended the journey
        TRACE.append(con, [("h1", None, "r", trace, True, AT, "S1", None, None, 9.5)])
    for kind in (HOME, NEAR):
        keys = ", ".join(f"{name} VARCHAR" for name in kind.columns)
        con.execute(f"CREATE TABLE shadow_{kind.name} ({keys}, fingerprint BIGINT, content UBIGINT, timed UBIGINT)")
    want(con, (HOME, NEAR))
    compare(con, (HOME, NEAR))
    files = write_files(con, Books(), (HOME, NEAR), "R1", folder)  # type: ignore[arg-type]
    return files, {one.name: (folder / one.file).read_text() for one in files}


def test_headers_tell_types_and_values_stay(tmp_path: Path) -> None:
    con = duckdb.connect()
    con.execute(
        """CREATE TABLE home AS FROM (VALUES
           ('P1', 'a "b", c', ['x', 'y'], 0.1::DOUBLE, 9007199254740993, true, TIMESTAMP '2024-05-01 12:00'),
           ('P2', '', NULL, NULL, NULL, NULL, NULL)) t(name, address, tags, worth, rooms, sold, seen)"""
    )
    files, texts = written(con, tmp_path)
    assert [(one.holds, one.name) for one in files[:2]] == [("nodes", "Property:Home"), ("relationships", "NEAR")]
    marks = dict(con.execute("SELECT key, fingerprint FROM difference_home").fetchall())
    assert texts["Property:Home"].splitlines() == [
        '"property_id:ID(Property)","address:string","tags:string[]","worth:double","rooms:long","sold:boolean",'
        '"at:localdatetime","fingerprint:long","first_run","changed_run"',
        '"P1","a ""b"", c","x\x1fy","0.1","9007199254740993","true","2024-05-01T12:00:00.000000",'
        f'"{marks["P1"]}","R1","R1"',
        f'"P2","",,,,,,"{marks["P2"]}","R1","R1"',
    ]
    assert texts["NEAR"].startswith('":START_ID(Property)",":END_ID(Property)","fingerprint:long"\n"P1","P2","')


def test_books_and_journeys_go_along(tmp_path: Path) -> None:
    con = duckdb.connect()
    columns = "name TEXT, address TEXT, tags TEXT[], worth DOUBLE, rooms INT, sold BOOL, seen TIMESTAMP"
    con.execute(f"CREATE TABLE home ({columns})")
    _, texts = written(con, tmp_path)
    assert texts["Graph"].splitlines()[1] == '"2024-05-01T12:30:00.000000","identity"'
    assert texts["Run"].splitlines() == [
        '"loading_at:localdatetime","report:string","run_id:string"',
        ',"{""failed"": ""no, never""}","R0"',
        '"2024-05-01T12:30:00.000000",,"R1"',
    ]
    assert texts["ENDED_IN"].splitlines()[1:] == ['"h1:S1","k1"']
    assert texts["NEXT"].splitlines()[1:] == ['"t0","t1","h1:S1"']
    assert texts["HAS_TOUCH"].splitlines()[1:] == ['"h1:S1","t0","0"', '"h1:S1","t1","1"']
    assert texts["IN"].splitlines()[1:] == ['"h1:S1","S1:75001"']


def test_an_import_is_expected_of_large_files_only(tmp_path: Path) -> None:
    for name in ("calls-1.csv", "calls-2.csv"):
        (tmp_path / name).write_text("x" * 1750)
    feeds = {"calls": {"path": "calls-*.csv"}, "sms": {"table": "crm.sms"}}
    for at_least, expected in ((100, True), (101, False)):
        settings = Settings.model_validate({"feeds": feeds, "neo4j": {"import_at_least": at_least}})
        assert is_likely(Project(tmp_path, settings)) is expected
