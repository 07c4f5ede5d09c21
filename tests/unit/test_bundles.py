"""Which households change together, without a server."""

from __future__ import annotations

import duckdb
import pytest

from stormops_graph.graph import bundles
from stormops_graph.graph.differences import compare
from stormops_graph.graph.kinds import sql
from stormops_graph.graph.load import HOUSEHOLD_KINDS
from stormops_graph.tables import LINEAGE, Connection

# What the graph holds, and what it should hold: of each kind the rows, as `start end` or `key`.
Rows = dict[str, str]
HELD = {
    "household": "h1 h2 h3 h4",
    "person": "p1 p2 p3 p4",
    "member_of": "p1>h1 p2>h2 p3>h3 p4>h4 p4>h3",
    "resolves_to_person": "r1>p1 r2>p2 r3>p3 r4>p4",
    "resolves_to_household": "r5>h1",
}


def together(
    held: Rows, wanted: Rows, changed: str = "", lineage: tuple[str, str] | None = None
) -> set[frozenset[str]]:
    """The households of which something is written, those of a bundle together."""
    con = duckdb.connect()
    LINEAGE.create(con)
    if lineage:
        con.execute("INSERT INTO lineage (old_id, new_id, level) VALUES (?, ?, 'household')", lineage)
    for kind in HOUSEHOLD_KINDS:
        tables(con, sql(kind, "shadow_{name}"), kind.columns, held.get(kind.name, ""), "")
        tables(con, sql(kind, "wanted_{name}"), kind.columns, wanted.get(kind.name, ""), changed)
    compare(con, HOUSEHOLD_KINDS)
    bundles.cut(con, HOUSEHOLD_KINDS)
    rows = con.execute("SELECT bundle, list(key) FROM bundled_household GROUP BY bundle").fetchall()
    return {frozenset(keys) for _, keys in rows}


def tables(con: Connection, name: str, columns: tuple[str, ...], rows: str, changed: str) -> None:
    keys = ", ".join(f"{column} VARCHAR" for column in columns)
    hashes = "fingerprint BIGINT, content UBIGINT, timed UBIGINT"
    con.execute(f"CREATE TABLE {name} ({keys}, {hashes}, properties INT, times INT)")
    for row in rows.split():
        content = 2 if row in changed.split() else 1
        con.execute(
            f"INSERT INTO {name} VALUES ({'?, ' * len(columns)} 0, ?, NULL, NULL, NULL)", [*row.split(">"), content]
        )


ALL = "h1 h2 h3 h4"


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        ({}, "h1 | h2 | h3 | h4"),
        ({"member_of": "p1>h2 p2>h2 p3>h3 p4>h4 p4>h3"}, "h1 h2 | h3 | h4"),  # a person moves
        ({"resolves_to_person": "r1>p2 r2>p2 r3>p3 r4>p4"}, "h1 h2 | h3 | h4"),  # a record does
        ({"resolves_to_household": "r5>h3"}, "h1 h3 | h2 | h4"),
        (
            {"resolves_to_person": "r1>p1 r2>p2 r3>p3 r4>p4 r6>p4"},
            "h1 | h2 | h3 h4",
        ),  # a record of somebody who moved once
    ],
)
def test_households_that_give_and_take_change_together(news: Rows, expected: str) -> None:
    found = together(HELD, HELD | news, changed=ALL)
    assert found == {frozenset(bundle.split()) for bundle in expected.split("|")}


def test_a_person_written_anew_ties_its_households_and_lineage_does() -> None:
    assert frozenset({"h3", "h4"}) in together(HELD, HELD, changed=f"{ALL} p4")
    assert frozenset({"h1", "h4"}) in together(HELD, HELD, changed=ALL, lineage=("h4", "h1"))
