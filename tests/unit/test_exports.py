from __future__ import annotations

import csv
import stat
from pathlib import Path

import duckdb
import pytest

from stormops_graph.attribution.journey_file import read_journey_file
from stormops_graph.errors import Incomplete, InputError
from stormops_graph.exports import write_export, write_file
from stormops_graph.tables import (
    CONVERSION,
    JOURNEY,
    JOURNEY_TOUCH,
    MEMBERSHIP,
    RECORD,
    SOURCE_ROW,
    TOUCH,
    WORKSPACE_OF,
)


def cells(file: Path) -> list[str]:
    with file.open(newline="", encoding="utf-8") as opened:
        return [row[0] for row in csv.reader(opened)][1:]


def test_formulas_cannot_act_and_numbers_stay(tmp_path: Path) -> None:
    con = duckdb.connect()
    texts = [
        "=1+1",
        "+12145550100",
        "+1 (214) 555-0100",
        "-5",
        "-cmd",
        "@sum",
        "\t=x",
        " =x",
        "+a",
        "a=b",
        '"q",x',
        "＝1",
    ]
    con.execute("CREATE TABLE t AS SELECT unnest(?) AS v", [texts])
    out = tmp_path / "t.csv"
    assert write_file(con.sql("SELECT v FROM t"), out) == len(texts)
    assert cells(out) == [
        "'=1+1", "+12145550100", "+1 (214) 555-0100", "-5", "'-cmd", "'@sum", "'\t=x", "' =x", "'+a", "a=b", '"q",x',
        "'＝1",
    ]  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_is_its_owners_and_leaves_nothing_beside(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"t.{ending}"
    out.write_text("old")
    write_file(duckdb.connect().sql("SELECT 'a' AS v, 1 AS n"), out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [out]
    assert b"old" not in out.read_bytes()


def test_a_failed_export_keeps_the_file_before_it(tmp_path: Path) -> None:
    out = tmp_path / "t.csv"
    out.write_text("old")
    with pytest.raises(duckdb.Error):
        write_file(duckdb.connect().sql("SELECT CAST(v AS INTEGER) AS n FROM (VALUES ('x')) t(v)"), out)
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("name", ["t.xlsx", "none/t.csv"])
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        write_file(duckdb.connect().sql("SELECT 1 AS n"), tmp_path / name)


def test_assignments_have_one_row_for_each_source_row_by_who_had_its_record_then(tmp_path: Path) -> None:
    con = duckdb.connect()
    for table in (SOURCE_ROW, RECORD, TOUCH, CONVERSION, MEMBERSHIP):
        table.create(con)
    con.execute("INSERT INTO source_row VALUES ('calls', '1', 'a'), ('calls', '2', 'a'), ('calls', '3', 'a')")
    con.execute("INSERT INTO source_row VALUES ('sms', '1', 'b')")
    con.execute(
        "INSERT INTO touch BY NAME SELECT 'calls:' || id AS touch_id, 'a' AS record, day AS \"at\" "
        "FROM (VALUES ('1', TIMESTAMP '2023-12-31'), ('2', '2024-01-15'), ('3', '2024-02-01')) AS t(id, day)"
    )
    con.execute(
        "INSERT INTO membership VALUES ('a', 'p', 'old', 'x', 1, NULL, '2024-01-01'),"
        " ('a', 'p', 'new', 'y', .5, '2024-02-01', NULL)"
    )
    out = tmp_path / "a.csv"
    WORKSPACE_OF.create(con)  # a run is under way, or stopped
    with pytest.raises(Incomplete, match="no resolve is complete"):
        write_export(con, "assignments", out)
    WORKSPACE_OF.append(con, [("run",)])
    assert write_export(con, "assignments", out) == 4
    assert out.read_text().splitlines() == [
        "feed,record_id,household_id,person_id,property_id,confidence",
        "calls,1,old,p,x,1.0",
        "calls,2,,,,",  # nobody's then
        "calls,3,new,p,y,0.5",
        "sms,1,,,,",
    ]


def test_exported_journeys_are_read_back_as_they_were(tmp_path: Path) -> None:
    con = duckdb.connect()
    JOURNEY.create(con)
    JOURNEY_TOUCH.create(con)
    con.execute(
        "INSERT INTO journey VALUES"
        " ('j1', 'h1', 's', '75209', 'p', true, 100, '2024-05-01 10:00:00', '2024-05-03 10:00:00'),"
        " ('j2', 'h2', 's', 'UNKNOWN', NULL, false, NULL, '2024-05-01 10:00:00', '2024-05-01 10:00:00')"
    )
    con.execute(
        "INSERT INTO journey_touch VALUES ('j1', 0, 't1', 'ga4', NULL, '2024-05-01 10:00:00'),"
        " ('j1', 1, 't2', 'call', 'x', '2024-05-02 10:00:00'), ('j2', 0, 't3', 'sms', NULL, '2024-05-01 10:00:00')"
    )
    out = tmp_path / "journeys.parquet"
    assert write_export(con, "journeys", out) == 3
    again = duckdb.connect()
    read_journey_file(again, out)
    journeys = "SELECT household, event_id, zip_code, converted, value FROM journey ORDER BY household"
    assert again.execute(journeys).fetchall() == con.execute(journeys).fetchall()
    touches = (
        'SELECT household, position, channel, play_id, "at" FROM journey_touch JOIN journey USING (journey_id)'
        " ORDER BY household, position"
    )
    assert again.execute(touches).fetchall() == con.execute(touches).fetchall()


def test_without_a_resolve_there_is_nothing_to_export(tmp_path: Path) -> None:
    with pytest.raises(Incomplete, match="no assignments yet"):
        write_export(duckdb.connect(), "assignments", tmp_path / "a.csv")
