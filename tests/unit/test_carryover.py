from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stormops_graph import carryover
from stormops_graph.ingest import FEEDS, discover, ingest, reading, sources
from stormops_graph.normalise.values import Reader, Reading, read_values
from stormops_graph.settings import FeedSettings
from stormops_graph.tables import Connection, Table

PROPERTIES = "property_id,address\np1,1 Elm St\n"
CALLS = [
    "c1,2024-05-28T10:00:00Z,2143634567,JOHN DOE",
    'c2,2024-05-28T11:00:00Z,2143634568,"DOE, JANE"',
    "c3,2024-05-28,2143634569,",
    "c4,yesterday,2143634570,MOE",  # set aside, and told again in every run
    "c5,2024-05-28T12:00:00Z,2143634571,ANN,one too many",
    "c6,2024-05-28T13:00:00Z,2143634572,EVE",
]
EVENTS = [
    '{"event_timestamp": 1716900000000000, "event_name": "page_view", "user_pseudo_id": "1.1", "event_params": []}',
    '{"event_timestamp": 1716900060000000, "event_name": "page_view", "user_pseudo_id": "1.2", "event_params": '
    '[{"key": "zip_code", "value": {"string_value": "75211"}}, {"key": "year_built", "value": {"int_value": "9"}}]}',
    "no object",
]
_OF_FEEDS = (name for feed in FEEDS.values() for name in (feed.table.name, feed.places.name))
TABLES = (*_OF_FEEDS, "quarantine", "feed_count", "feed_file")


def write(
    folder: Path, calls: list[str], events: list[str], header: str = "call_id,started_at,caller_number,caller_name"
) -> None:
    (folder / "properties.csv").write_text(PROPERTIES)
    (folder / "calls.csv").write_text("\n".join([header, *calls]) + "\n")
    (folder / "ga4_events.jsonl").write_text("\n".join(events) + "\n")


def said(con: Connection) -> dict[str, list[Any]]:
    return {name: con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in TABLES}


def anew(folder: Path, feeds: dict[str, FeedSettings] | None = None) -> dict[str, list[Any]]:
    con = duckdb.connect()
    ingest(con, feeds or discover(folder), folder)
    return said(con)


def known(con: Connection, feed: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM feed_{feed}").fetchall()[0][0])


def test_a_second_reading_takes_over_what_it_knows_and_says_the_same(tmp_path: Path) -> None:
    con = duckdb.connect()
    write(tmp_path, CALLS[:4], EVENTS[:1])
    ingest(con, discover(tmp_path), tmp_path)
    assert (known(con, "calls"), known(con, "ga4_events")) == (3, 1)  # the fourth call was set aside
    for seed in range(3):
        dice = random.Random(seed)
        write(tmp_path, dice.sample(CALLS * 2, 9), dice.sample(EVENTS * 2, 5))
        ingest(con, discover(tmp_path), tmp_path)
        assert said(con) == anew(tmp_path)


CONTACTS = [
    "k1,ANN,2143634567,2024-05-01",
    "k1,ANNE,2143634567,2024-05-02",  # the newest of a contact's rows stays
    "k1,ANNE ,2143634567,2024-05-02",  # the same, written otherwise
    "k2,BOB,2143634568,",
    "k2,ROB,2143634568,",  # of rows without a time one stays and the other is set aside
    "k3,EVE,no number,2024-05-03",
]


def test_whichever_row_of_a_key_stands_or_goes_the_next_run_says_what_a_full_one_would(tmp_path: Path) -> None:
    con = duckdb.connect()
    for seed in range(8):
        dice = random.Random(seed)
        write(tmp_path, CALLS, EVENTS)
        rows = dice.sample(CONTACTS * 2, dice.randint(1, 12))
        (tmp_path / "crm_contacts.csv").write_text("\n".join(["contact_id,first_name,phone,updated_at", *rows]) + "\n")
        ingest(con, discover(tmp_path), tmp_path)
        assert said(con) == anew(tmp_path), seed


@pytest.mark.parametrize(
    "calls",
    [
        [*CALLS[:3], 'c7,2024-05-28,2143634573,"MOE', 'LESTER"', CALLS[5]],  # a record of two lines
        [*CALLS[:2], 'c7,2024-05-28,2143634573,"MOE', *CALLS[2:]],  # a quote that never closes
        [*CALLS[:2], 'c7,2024-05-28,2143634573,"MOE"Y', *CALLS[2:]],
        [*CALLS[:2], 'ab"cd,"2024-05-28', CALLS[2], 'x",1,2', *CALLS[3:]],
        ["", CALLS[0], "", CALLS[5]],
    ],
)
def test_lines_that_are_no_record_by_themselves_are_read_in_their_place(tmp_path: Path, calls: list[str]) -> None:
    con = duckdb.connect()
    write(tmp_path, CALLS, EVENTS)
    ingest(con, discover(tmp_path), tmp_path)
    without = said(con)
    write(tmp_path, calls, EVENTS)
    with_them = anew(tmp_path)
    for rows, expected in ((calls, with_them), (calls, with_them), (CALLS, without)):
        write(tmp_path, rows, EVENTS)
        ingest(con, discover(tmp_path), tmp_path)
        assert said(con) == expected


def test_lines_under_another_header_or_mapping_are_read_again(tmp_path: Path) -> None:
    con = duckdb.connect()
    write(tmp_path, CALLS, EVENTS)
    ingest(con, discover(tmp_path), tmp_path)
    write(tmp_path, CALLS, EVENTS, header="call_id,started_at,caller_number,tracking_number")
    ingest(con, discover(tmp_path), tmp_path)
    assert said(con) == anew(tmp_path)
    feeds = discover(tmp_path)
    feeds["calls"] = FeedSettings(path="calls.csv", columns={"caller_name": "tracking_number", "tracking_number": "x"})
    ingest(con, feeds, tmp_path)
    assert said(con) == anew(tmp_path, feeds)


def test_a_run_that_broke_off_leaves_nothing_to_take_over(tmp_path: Path) -> None:
    con = duckdb.connect()
    write(tmp_path, CALLS, EVENTS)
    ingest(con, discover(tmp_path), tmp_path)
    carryover.forget(con, "feed_calls")  # as the first steps of reading the feed do
    carryover.forget(con, "lines of calls")
    con.execute("DELETE FROM feed_calls")
    ingest(con, discover(tmp_path), tmp_path)
    assert said(con) == anew(tmp_path)


def test_values_are_read_once() -> None:
    asked: list[str] = []

    def read(text: str) -> Reading:
        asked.append(text)
        return (text.upper(),)

    con = duckdb.connect()
    con.execute("CREATE TABLE said AS FROM (VALUES ('a'), ('b'), ('a'), (NULL)) AS v(raw)")
    read_values(con, "loud", "FROM said", Reader(("said",), read))
    assert sorted(asked) == ["a", "b"]
    assert con.execute("SELECT * FROM loud ORDER BY 1").fetchall() == [("a", "A"), ("b", "B")]


def test_a_table_is_carried_over_only_while_what_made_it_is_the_same() -> None:
    con = duckdb.connect()
    assert not carryover.carried(con, "t", 1)
    carryover.keep(con, "t", 1, ("a",))
    assert carryover.carried(con, "t", 1, ("a",))
    assert not carryover.carried(con, "t", 1, ("b",))
    carryover.forget(con, "t")
    assert not carryover.carried(con, "t", 1, ("a",))
    assert len(carryover.software()) == 64


def test_a_workspace_of_a_version_with_other_columns_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / "properties.csv").write_text("property_id,address,control\nP1,1 Elm St,yes\n")
    feeds = {"properties": FeedSettings(path="properties.csv")}
    con = duckdb.connect()
    ingest(con, feeds, tmp_path)
    con.execute("ALTER TABLE feed_properties DROP COLUMN control")
    con.execute("UPDATE carried SET made_by = 'another version'")
    ingest(con, feeds, tmp_path)
    assert con.execute("SELECT property_id, control FROM feed_properties").fetchall() == [("P1", True)]


def test_files_that_did_not_change_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    con = duckdb.connect()
    write(tmp_path, CALLS, EVENTS)
    ingest(con, discover(tmp_path), tmp_path)
    first = said(con)
    opened: list[object] = []
    monkeypatch.setattr(reading, "_read_file", lambda *what: opened.append(what))
    (tmp_path / "calls.csv").touch()
    ingest(con, discover(tmp_path), tmp_path)
    assert (opened, said(con)) == ([], first)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("text", ["", "a", "a\n", "a\r\nb", "\n\na\rb\r\n", "é\rß\n\r", "\ufeffa\n\ufeffb\n"])
def test_lines_are_cut_as_a_text_file_is(tmp_path: Path, text: str, encoding: str) -> None:
    file = tmp_path / "lines.txt"
    file.write_bytes(text.encode(encoding, errors="ignore"))
    found = [row for batch in sources.line_batches(file, encoding, 2) for row in batch.to_pylist()]
    with sources.open_text(file, encoding) as stream:
        assert [(row["line"], row["text"]) for row in found] == list(enumerate(stream, 1))


def test_a_table_is_built_on_only_where_the_last_run_completed_it_by_the_same() -> None:
    con, table = duckdb.connect(), Table("made", {"row": "INTEGER"})

    def run(by: str, rows: list[int], *, breaks: bool = False, also: bool = True) -> list[Any]:
        with carryover.renewed(con, table.name, by, also=also) as known:
            carryover.open_tables(con, [table], known=known)
            table.append(con, ([row] for row in rows))
            if breaks:
                raise InterruptedError
        return con.execute("FROM made ORDER BY ALL").fetchall()

    assert run("these rules", [1]) == [(1,)]
    assert run("these rules", [2]) == [(1,), (2,)]
    assert run("other rules", [3]) == [(3,)]
    with pytest.raises(InterruptedError):
        run("other rules", [4], breaks=True)
    assert run("other rules", [5]) == [(5,)]
    assert run("other rules", [6], also=False) == [(6,)]
