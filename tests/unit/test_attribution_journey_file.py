"""Journeys from a file: CSV, Parquet and JSON lines, good and bad."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from stormops_graph.attribution.journey_file import read_journey_file
from stormops_graph.attribution.journey_rows import FEED, JourneyFile
from stormops_graph.errors import ColumnMissing, FeedMissing, InputError
from stormops_graph.tables import Connection

HEADER = "property_id,zip_code,event_id,channel,play_id,timestamp,converted,conversion_value"
ROWS = [
    "p1,75209,DFW,ga4,,2024-05-28T10:00:00Z,false,",
    "p1,75209,DFW,call,Financing,2024-05-30T10:00:00+02:00,true,12000",
    "p1,75209,DFW,email,,2024-06-02T10:00:00Z,false,",
    "p1,75209,OKC,sms,,2024-05-29,0,",
    "p2,7501.0,DFW,door_knock,,2024-05-29 09:00,no,",
    "p2,75001-1234,DFW,sms,,2024-05-28 09:00,,",
    "p3,NULL,DFW,ga4,NULL,2024-05-29,yes,",
]


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def write(folder: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    file = folder / "journeys.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding)
    return file


def journeys(con: Connection) -> list[tuple[object, ...]]:
    return con.execute("SELECT * FROM journey ORDER BY journey_id").fetchall()


def touches(con: Connection) -> list[tuple[object, ...]]:
    return con.execute(
        'SELECT journey_id, position, channel, play_id, "at" FROM journey_touch ORDER BY 1, 2'
    ).fetchall()


def test_rows_become_journeys(con: Connection, tmp_path: Path) -> None:
    read = read_journey_file(con, write(tmp_path, *ROWS))
    assert read == JourneyFile(rows=7, quarantined=0, journeys=4, touches=6)
    ended = datetime(2024, 5, 30, 8)
    begun = datetime(2024, 5, 28, 10)
    assert journeys(con)[0] == ("p1:DFW", "p1", "DFW", "75209", None, True, 12000.0, begun, ended)
    assert [row[3] for row in journeys(con)] == ["75209", "75209", "75001", "UNKNOWN"]
    assert [row[5] for row in journeys(con)] == [True, False, False, True]
    assert touches(con)[:2] == [("p1:DFW", 0, "ga4", None, begun), ("p1:DFW", 1, "call", "Financing", ended)]
    assert [row[2] for row in touches(con)[3:5]] == ["sms", "door_knock"]


def test_kinds_of_file_say_the_same(con: Connection, tmp_path: Path) -> None:
    read_journey_file(con, write(tmp_path, *ROWS))
    expected = journeys(con), touches(con)
    con.execute(
        f"CREATE TABLE typed AS SELECT * REPLACE (coalesce(converted IN ('true', 'yes'), false) AS converted, "
        f"CASE WHEN length(timestamp) < 19 THEN timestamp::TIMESTAMP::TIMESTAMPTZ "
        f"ELSE timestamp::TIMESTAMPTZ END AS timestamp) "
        f"FROM read_csv('{tmp_path / 'journeys.csv'}', all_varchar = true, nullstr = '')"
    )
    con.execute("SET TimeZone = 'America/Chicago'")
    con.execute("UPDATE typed SET timestamp = timestamp")
    for name, options in (("j.parquet", "FORMAT parquet"), ("j.jsonl", "FORMAT json")):
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"COPY typed TO '{tmp_path / name}' ({options})")
        con.execute("SET TimeZone = 'America/Chicago'")
        read_journey_file(con, tmp_path / name)
        assert (journeys(con), touches(con)) == expected


def test_order_of_rows_does_not_matter(con: Connection, tmp_path: Path) -> None:
    rows = [*ROWS, *[f"p9,75001,DFW,{channel},,2024-05-28,0," for channel in ("ga4", "email", "sms", "call")]]
    read_journey_file(con, write(tmp_path, *rows))
    expected = journeys(con), touches(con)
    random.Random(1).shuffle(rows)
    read_journey_file(con, write(tmp_path, *rows))
    assert (journeys(con), touches(con)) == expected


def test_a_row_at_the_instant_of_the_conversion_stays(con: Connection, tmp_path: Path) -> None:
    rows = ["p1,75209,DFW,call,,2024-05-28,1,", "p1,75209,DFW,sms,,2024-05-28,0,"]
    read_journey_file(con, write(tmp_path, *rows))
    assert [row[2] for row in touches(con)] == ["sms", "call"]


def test_bad_rows_are_quarantined_with_line_and_reason(con: Connection, tmp_path: Path) -> None:
    bad = [
        ",75209,DFW,ga4,,2024-05-28,0,",
        "p1,75209,DFW,ga4,,28/05/2024,0,",
        "p1,75209,,ga4,,2024-05-28,0,",
        "p1,75209,DFW,,,2024-05-28,0,",
        "p1,75209,DFW,ga4,,2024-05-28,perhaps,",
        "p1,75209,DFW,ga4,,2024-05-28,1,much",
    ]
    read = read_journey_file(con, write(tmp_path, ROWS[0], *bad))
    assert (read.rows, read.quarantined, read.journeys) == (7, 6, 1)
    found = con.execute("SELECT feed, line, reason FROM quarantine ORDER BY line").fetchall()
    assert found == [
        (FEED, 3, "no household_id or property_id"),
        (FEED, 4, "timestamp is not an ISO 8601 time"),
        (FEED, 5, "no event_id"),
        (FEED, 6, "no channel"),
        (FEED, 7, "converted is neither yes nor no"),
        (FEED, 8, "conversion_value is not a number"),
    ]
    assert "28/05/2024" in con.execute("SELECT row FROM quarantine WHERE line = 4").fetchall()[0][0]


def test_a_file_without_a_good_row_is_refused(con: Connection, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 2: no channel"):
        read_journey_file(con, write(tmp_path, "p1,75209,DFW,,,2024-05-28,0,"))


def test_header_only_is_no_journeys(con: Connection, tmp_path: Path) -> None:
    assert read_journey_file(con, write(tmp_path)).journeys == 0


def test_bom_semicolons_and_odd_bytes(con: Connection, tmp_path: Path) -> None:
    marked = write(tmp_path, *ROWS, encoding="utf-8-sig")
    assert read_journey_file(con, marked).journeys == 4
    semicolons = write(tmp_path, *[row.replace(",", ";") for row in ROWS], header=HEADER.replace(",", ";"))
    assert read_journey_file(con, semicolons).journeys == 4
    latin = write(tmp_path, *ROWS, "p7,75209,DFW,caf\xe9,,2024-05-28,0,", encoding="latin-1")
    read_journey_file(con, latin)
    lost = con.execute("SELECT line, reason FROM quarantine").fetchall()
    assert lost == [(9, "the line cannot be read as a row of UTF-8 text")]


def test_what_is_missing_is_named(con: Connection, tmp_path: Path) -> None:
    with pytest.raises(FeedMissing, match="nothing"):
        read_journey_file(con, tmp_path / "nothing.csv")
    with pytest.raises(ColumnMissing, match="household_id or property_id, channel"):
        read_journey_file(con, write(tmp_path, "DFW,2024-05-28", header="event_id,timestamp"))
    with pytest.raises(InputError, match="kind"):
        (tmp_path / "journeys.xlsx").touch()
        read_journey_file(con, tmp_path / "journeys.xlsx")
    (tmp_path / "j.parquet").write_text("not parquet")
    with pytest.raises(InputError, match="cannot be read"):
        read_journey_file(con, tmp_path / "j.parquet")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(InputError):
        read_journey_file(con, tmp_path / "empty.csv")


def test_a_quote_that_never_closes_costs_its_own_line_and_is_told(con: Connection, tmp_path: Path) -> None:
    read = read_journey_file(con, write(tmp_path, *ROWS, 'p9,75209,DFW,"call,,2024-05-28,0,'))
    assert (read.journeys, read.quarantined) == (4, 1)
    assert read.notes == ["1 of 8 rows could not be used, the first: " + read.first_problem]
    assert read.first_problem.startswith("line 9: ")


def test_a_column_that_is_there_twice_is_refused(con: Connection, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names a column twice"):
        read_journey_file(con, write(tmp_path, header=HEADER + ",channel"))


def test_spaces_and_words_for_nothing_are_nothing(con: Connection, tmp_path: Path) -> None:
    blanks = [" p1 ,75209,\u00a0DFW ,ga4 , none ,2024-05-28,0,", "p1,75209,DFW,\u2003call,N/A,2024-05-29,0,"]
    said = ["p1,75209,DFW,email,nonesuch,2024-05-30,0,", "<na>,75209,DFW,sms,,2024-05-30,0,"]
    read = read_journey_file(con, write(tmp_path, *blanks, *said))
    assert (read.journeys, read.quarantined) == (1, 1)
    assert [row[2:4] for row in touches(con)] == [("ga4", None), ("call", None), ("email", "nonesuch")]
