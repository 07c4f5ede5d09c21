"""What differs between the stage tables and what the graph holds, found without a server."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from stormops_graph.graph.differences import compare
from stormops_graph.graph.kinds import NodeKind, Relation
from stormops_graph.graph.rows import fetched, maps, parts
from stormops_graph.graph.shadow import SHADOW_OF, take_over
from stormops_graph.graph.wanted import want
from stormops_graph.reports.run import Change
from stormops_graph.tables import IDENTITY, USED_ID, Connection

HOMES = """
SELECT name AS key, {zip_code: zip, tags: ['a', zip]} AS properties, {"at": seen} AS times FROM home
"""
HOME = NodeKind("home", "Property", "property_id", HOMES, times=("at",))
KEPT = NodeKind("home", "Property", "property_id", HOMES, "kept", times=("at",))
BARE = Relation(
    "by", "BY", ("A", "a"), ("B", "b"), "SELECT 'x' AS start_key, 'y' AS end_key, NULL AS properties, NULL AS times"
)
NEW = "SELECT key, properties, times, fingerprint FROM difference_home WHERE change = 'new' ORDER BY key"


@pytest.fixture
def con() -> Connection:
    """Two homes, and a graph that holds nothing yet."""
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE home AS FROM (VALUES ('P1', '75001', '2024-05-01'), ('P2', NULL, NULL)) t(name, zip, seen)"
    )
    con.execute("CREATE TABLE shadow_home (key VARCHAR, fingerprint BIGINT, content UBIGINT, timed UBIGINT)")
    for table in (IDENTITY, USED_ID, SHADOW_OF):
        table.create(con)
    return con


def compared(con: Connection, kind: NodeKind = HOME) -> Change:
    want(con, (kind,))
    return compare(con, (kind,)).get(kind, Change())


def changes(con: Connection) -> list[tuple[Any, ...]]:
    return con.execute("SELECT key, change FROM difference_home ORDER BY key").fetchall()


def test_what_was_taken_over_does_not_differ(con: Connection) -> None:
    assert compared(con) == Change(new=2)
    take_over(con, (HOME,))
    assert compared(con) == Change()
    assert changes(con) == []


def test_new_changed_and_gone(con: Connection) -> None:
    compared(con)
    take_over(con, (HOME,))
    con.execute("DELETE FROM home WHERE name = 'P2'")
    con.execute("UPDATE home SET zip = NULL")
    con.execute("INSERT INTO home VALUES ('P3', '75002', NULL)")
    assert compared(con) == Change(new=1, changed=1, gone=1)
    assert changes(con) == [("P1", "changed"), ("P2", "gone"), ("P3", "new")]
    take_over(con, (HOME,))
    assert compared(con) == Change()
    assert con.execute("SELECT key FROM shadow_home ORDER BY key").fetchall() == [("P1",), ("P3",)]


def test_other_times_are_told_from_other_properties(con: Connection) -> None:
    compared(con)
    take_over(con, (HOME,))
    con.execute("UPDATE home SET seen = '2024-06-01' WHERE name = 'P1'")
    con.execute("UPDATE home SET zip = '75009' WHERE name = 'P2'")
    con.execute("INSERT INTO home VALUES ('P3', '75002', NULL)")
    assert compared(con) == Change(new=1, changed=2)
    moved = con.execute("SELECT key, moved FROM difference_home ORDER BY key").fetchall()
    assert moved == [("P1", True), ("P2", False), ("P3", True)]


@pytest.mark.parametrize("content", ["NULL", "content + 1"])
def test_a_shadow_that_was_read_back_or_hashed_by_another_release_is_recognised(con: Connection, content: str) -> None:
    compared(con)
    take_over(con, (HOME,))
    before = con.execute("FROM shadow_home ORDER BY key").fetchall()
    con.execute(f"UPDATE shadow_home SET content = {content}")
    assert compared(con) == Change()
    assert changes(con) == []
    assert con.execute("FROM shadow_home ORDER BY key").fetchall() == before


def test_what_is_gone_is_seen_after_the_graph_was_read_back(con: Connection) -> None:
    compared(con)
    take_over(con, (HOME,))
    con.execute("UPDATE shadow_home SET content = NULL")
    con.execute("DELETE FROM home WHERE name = 'P2'")
    assert compared(con) == Change(gone=1)


def test_what_is_kept_for_good_stays_known(con: Connection) -> None:
    compared(con, KEPT)
    take_over(con, (KEPT,))
    con.execute("DELETE FROM home")
    assert compared(con, KEPT) == Change()
    take_over(con, (KEPT,))
    assert con.execute("SELECT count(*) FROM shadow_home").fetchall() == [(2,)]


def test_rows_as_statements_take_them(con: Connection) -> None:
    compared(con)
    found = fetched(con, NEW)
    first, second = maps(found, HOME, {"is_due": True})
    print_of = dict(con.execute("SELECT key, fingerprint FROM difference_home").fetchall())
    assert first == {
        "key": "P1",
        "at": "2024-05-01",
        "properties": {"zip_code": "75001", "tags": ["a", "75001"], "fingerprint": print_of["P1"], "is_due": True},
    }
    assert second["properties"]["zip_code"] is None
    assert second["at"] is None
    assert [[row["key"] for row in part] for part in parts(found, HOME, 1)] == [["P1"], ["P2"]]


def test_a_relationship_without_properties_has_its_fingerprint_alone() -> None:
    con = duckdb.connect()
    want(con, (BARE,))
    con.execute(
        "CREATE TABLE shadow_by "
        "(start_key VARCHAR, end_key VARCHAR, fingerprint BIGINT, content UBIGINT, timed UBIGINT)"
    )
    assert compare(con, (BARE,)) == {BARE: Change(new=1)}
    (row,) = maps(fetched(con, "FROM difference_by"), BARE)
    assert row.keys() == {"start_key", "end_key", "properties"}
    assert row["properties"].keys() == {"fingerprint"}
