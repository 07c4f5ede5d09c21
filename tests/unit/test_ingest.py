"""Feeds as they come, bad ones too: what is read, what is set aside, and where it stood."""

from __future__ import annotations

import gzip
import json
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormops_graph.errors import ColumnMissing, FeedMissing, InputError, SettingsError
from stormops_graph.ingest import FeedTerms, discover, ingest
from stormops_graph.reports.feeds import feed_rows, file_rows
from stormops_graph.settings import FeedSettings
from stormops_graph.tables import FEED_COUNT, FEED_FILE, QUARANTINE, WORKSPACE_OF, Connection

PROPERTIES = "property_id,address\np1,1 Elm St\n"
NOON = 1716897600000000  # 2024-05-28 12:00 UTC
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
CALLS = "call_id,started_at,caller_number,caller_name\n"


@pytest.fixture
def con() -> Connection:
    return duckdb.connect(config={"threads": 2})


def read(con: Connection, folder: Path, feed: str, content: str | bytes, name: str = "", **said: Any) -> None:
    """Ingest one feed from a file of that content, beside a property."""
    (folder / "properties.csv").write_text(PROPERTIES)
    file = folder / (name or f"{feed}.csv")
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    feeds = {"properties": FeedSettings(path="properties.csv")}
    ingest(con, feeds | {feed: FeedSettings(path=file.name, **said)}, folder)
    QUARANTINE.check(con)
    FEED_COUNT.check(con)


def rows(con: Connection, query: str) -> list[Any]:
    return con.execute(query).fetchall()


def quarantine(con: Connection) -> list[Any]:
    return rows(con, "SELECT line, field, reason FROM quarantine ORDER BY line")


def test_csv_rows_are_typed_and_counted(con: Connection, tmp_path: Path) -> None:
    read(con, tmp_path, "calls", CALLS + "c1,2024-05-28T13:00:00-05:00,2145550123,SMITH JOHN\n")
    assert rows(con, "SELECT call_id, started_at, caller_number, caller_name, play_id FROM feed_calls") == [
        ("c1", datetime(2024, 5, 28, 18), "2145550123", "SMITH JOHN", None)
    ]
    assert rows(con, "SELECT line FROM place_calls") == [(2,)]
    assert rows(con, "SELECT * EXCLUDE filled FROM feed_count WHERE feed = 'calls'") == [("calls", 1, 0, 0, 1)]
    filled = {"caller_name": 1} | dict.fromkeys(("tracking_number", "duration_s", "event_id", "play_id"), 0)
    assert rows(con, "SELECT filled FROM feed_count WHERE feed = 'calls'") == [(filled,)]
    assert rows(con, "SELECT count(*) FROM feed_sms") == [(0,)]


def read_times(con: Connection, folder: Path, times: list[str]) -> None:
    """A call at each of these times, whose id says which it is."""
    read(con, folder, "calls", CALLS + "".join(f'"{time}","{time}",2145550123,\n' for time in times))


def test_times_in_iso_forms(con: Connection, tmp_path: Path) -> None:
    written = [
        "2024-05-28T13:00:00Z",
        "2024-05-28 13:00:00 UTC",
        "2024-05-28 13:00",
        "2024-05-28T08:00:00.000-0500",
        "2024-05-28 08:00:00 -0500",
        "20240528T1300Z",
        "20240528T130000.000+0000",
        "20240528T13:00",
        "20240528T080000-0500",
        "2024-05-28T13Z",
        "2024-05-28t13:00:00z",
        "2024-05-28T13:00:00,000Z",
    ]
    con.execute("SET TimeZone = 'America/Chicago'")
    read_times(con, tmp_path, written)
    assert dict(rows(con, "SELECT call_id, started_at FROM feed_calls")) == dict.fromkeys(
        written, datetime(2024, 5, 28, 13)
    )


def test_other_times_are_never_guessed(con: Connection, tmp_path: Path) -> None:
    written = [
        *("05/28/2024 1:00 PM", "2024-02-30", "yesterday", "1716901200", "20240230", "20240528T130", "20240528 1300"),
        *("20240528130000", "05282024"),
    ]
    read_times(con, tmp_path, written)
    assert quarantine(con) == [(line, "started_at", "unreadable time") for line, _ in enumerate(written, 2)]
    raws = [json.loads(row) for (row,) in rows(con, "SELECT row FROM quarantine ORDER BY line")]
    assert [raw["started_at"] for raw in raws] == written
    assert {raw["caller_number"] for raw in raws} == {"2145550123"}


def test_lines_are_true_lines_of_the_file(con: Connection, tmp_path: Path) -> None:
    text = CALLS + 'c1,2024-05-28,1,"two\nlines"\n\nc2,2024-05-28,2\nc3,bad,3,"x, ""y"""\nc4,2024-05-28,4,z\n'
    read(con, tmp_path, "calls", text)
    assert rows(con, "SELECT call_id, line FROM feed_calls JOIN place_calls USING (print) ORDER BY line") == [
        ("c1", 2),
        ("c4", 7),
    ]
    assert quarantine(con) == [(5, None, "wrong number of columns"), (6, "started_at", "unreadable time")]


@pytest.mark.parametrize(
    ("feed", "name", "content", "held"),
    [
        ("calls", "", f"{CALLS}C1,2024-05-28,2145550101,Ann\nC2,2024-05-28,2145550102,Bob", 2),  # no end of the last
        ("sms", "", 'message_id,phone,occurred_at\nM1,"214\n5550101",2024-05-28\nM2,2145550102,2024-05-28\n', 2),
        ("ga4_events", "ga4.jsonl", f'{{"event_timestamp":{NOON},"event_name":"click","user_pseudo_id":"c"}}\n', 1),
    ],
)
def test_a_file_with_other_line_ends_is_no_news(
    con: Connection, tmp_path: Path, feed: str, name: str, content: str, held: int
) -> None:
    read(con, tmp_path, feed, content, name)
    before = rows(con, f"FROM feed_{feed} ORDER BY ALL")
    con.execute("DELETE FROM row_news")
    read(con, tmp_path, feed, content.replace("\n", "\r\n"), name)
    assert rows(con, f"FROM feed_{feed} ORDER BY ALL") == before
    assert len(before) == held
    if feed != "sms":  # a row that is no line by itself is told, and found to be as it was
        assert rows(con, "FROM row_news") == []


def test_a_quote_that_never_closes_costs_one_line(con: Connection, tmp_path: Path) -> None:
    body = "".join(f"c{number},2024-05-28,{number},x\n" for number in range(3, 20))
    read(con, tmp_path, "calls", CALLS + 'c2,2024-05-28,2,"x\n' + body)
    assert quarantine(con) == [(2, None, "unreadable line")]
    assert rows(con, "SELECT count(*), min(line), max(line) FROM place_calls") == [(17, 3, 19)]


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-8-sig", "José"), ("cp1252", "José"), ("utf-16", "José"), ("utf-8", "José")]
)
def test_encodings(con: Connection, tmp_path: Path, encoding: str, name: str) -> None:
    read(con, tmp_path, "calls", (CALLS + f"c1,2024-05-28,1,{name}\n").encode(encoding))
    assert rows(con, "SELECT call_id, caller_name FROM feed_calls") == [("c1", name)]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiters_are_found(con: Connection, tmp_path: Path, delimiter: str) -> None:
    read(
        con,
        tmp_path,
        "calls",
        CALLS.replace(",", delimiter) + delimiter.join(["c1", "2024-05-28", "1", "a,b"]),
    )
    assert rows(con, "SELECT caller_name FROM feed_calls") == [("a,b",)]


def test_a_line_that_tells_excel_the_delimiter_is_no_header(con: Connection, tmp_path: Path) -> None:
    for said in ("sep=;\r\n", '"SEP=;"\n', "\ufeffsep=;\n"):
        read(con, tmp_path, "calls", said + CALLS.replace(",", ";") + "c1;2024-05-28;1;a,b\nc2;soon;1;\n")
        assert rows(con, "SELECT caller_name FROM feed_calls") == [("a,b",)]
        assert quarantine(con) == [(4, "started_at", "unreadable time")]


def test_a_header_only_is_no_rows_and_no_bytes_is_an_error(con: Connection, tmp_path: Path) -> None:
    read(con, tmp_path, "calls", CALLS)
    assert rows(con, "SELECT * EXCLUDE filled FROM feed_count WHERE feed = 'calls'") == [("calls", 0, 0, 0, 1)]
    with pytest.raises(InputError, match=r"calls.*no header line"):
        read(con, tmp_path, "calls", "")


def test_a_header_may_stand_below_blank_lines_and_blank_lines_are_none(con: Connection, tmp_path: Path) -> None:
    feed = f"{CALLS}c1,2024-05-28T13:00:00-05:00,2145550123,SMITH JOHN\n"
    for below in (f" , ,\n\n{feed}", f"\n  \n{feed}", "\n" + feed.replace(",", ";")):
        read(con, tmp_path, "calls", below)
        assert rows(con, "SELECT call_id FROM feed_calls") == [("c1",)] and quarantine(con) == []
    for blank in ("\n\n", "  \n\t\n", ", ,\n"):
        with pytest.raises(InputError, match=r"calls.*no header line"):
            read(con, tmp_path, "calls", blank)


def test_times_that_cannot_be_are_set_aside(con: Connection, tmp_path: Path) -> None:
    times = ["1024-05-02", "1989-12-31T23:59Z", "1990-01-01", "2025-12-31T23:59Z", "2026-01-01", "2094-05-02"]
    (tmp_path / "properties.csv").write_text(PROPERTIES)
    (tmp_path / "calls.csv").write_text(CALLS + "".join(f"{i},{at},5,x\n" for i, at in enumerate(times)))
    (tmp_path / "crm_contacts.csv").write_text("contact_id,created_at\n1,1900-01-01\n2,2024-05-02\n")
    (tmp_path / "storms.csv").write_text("event_id,started_at,ended_at\ns,2024-05-02,9999-12-31\n")
    event = {"event_timestamp": 10**14, "event_name": "page_view", "user_pseudo_id": "c"}  # in 1973
    (tmp_path / "ga4_events.jsonl").write_text(json.dumps(event))
    for year, early in ((2026, 2), (2095, 0)):  # and the feeds are read again when the limit moves
        ingest(con, discover(tmp_path), tmp_path, terms=FeedTerms(before=datetime(year, 1, 1)))
        found = rows(
            con, "SELECT feed, line, field, kept FROM quarantine WHERE reason = 'a time that cannot be' ORDER BY ALL"
        )
        late = [("calls", line, "started_at", False) for line in (6, 7)][:early]
        aside = [("calls", 2, "started_at", False), ("calls", 3, "started_at", False), *late]
        assert found == [*aside, ("crm_contacts", 2, "created_at", True), ("ga4_events", 1, "event_timestamp", False)]
    assert rows(con, "SELECT contact_id, created_at FROM feed_crm_contacts ORDER BY 1") == [
        ("1", None),
        ("2", datetime(2024, 5, 2)),
    ]
    assert rows(con, "SELECT ended_at FROM feed_storms") == [(datetime(9999, 12, 31),)]


def test_a_folder_in_a_feeds_place_is_told_as_one(con: Connection, tmp_path: Path) -> None:
    (tmp_path / "calls.csv").mkdir()
    (tmp_path / "calls.csv" / "calls.xlsx").touch()
    for path, said in (("calls.csv", "calls.csv is a folder without a file that ends in .csv"), ("x.csv", "not there")):
        with pytest.raises(FeedMissing, match=said):
            ingest(con, {"properties": FeedSettings(path=path)}, tmp_path)


def test_missing_things_are_named(con: Connection, tmp_path: Path) -> None:
    with pytest.raises(ColumnMissing, match=r"feed calls: .*calls.csv has no column caller_number") as error:
        read(con, tmp_path, "calls", "call_id,started_at,caller_numbr\n")
    assert "caller_numbr" in error.value.hint
    with pytest.raises(ColumnMissing) as error:  # more like it is another column of the feed
        read(con, tmp_path, "calls", "call_id,started_at,Caller Nr,caller_name\n")
    assert error.value.hint.startswith("Caller Nr looks like it: ")
    WORKSPACE_OF.fill(con, [{"run": "last"}])
    with pytest.raises(FeedMissing, match="feed calls"):
        ingest(
            con,
            {"properties": FeedSettings(path="properties.csv"), "calls": FeedSettings(path="x.csv")},
            tmp_path,
        )
    assert con.table("workspace_of").fetchall() == [("last",)]  # nothing was touched
    with pytest.raises(FeedMissing, match="properties"):
        ingest(con, {}, tmp_path)
    with pytest.raises(SettingsError, match="cals"):
        ingest(con, {"cals": FeedSettings(path="x.csv")}, tmp_path)
    with pytest.raises(ColumnMissing, match="caller_number"):
        read(con, tmp_path, "calls", '{"call_id": "1", "started_at": "2024-05-28"}\n', "calls.jsonl")


def test_own_column_names(con: Connection, tmp_path: Path) -> None:
    columns = {"call_id": "Id", "started_at": "When", "caller_number": "From"}
    read(con, tmp_path, "calls", "id,when,from,more\n1,2024-05-28,5,x\n", columns=columns)
    assert rows(con, "SELECT call_id, caller_number FROM feed_calls") == [("1", "5")]
    with pytest.raises(SettingsError, match="caller_nmber"):
        read(con, tmp_path, "calls", CALLS, columns={"caller_nmber": "x"})


def test_words_for_no_value(con: Connection, tmp_path: Path) -> None:
    words = (
        *("", "  ", "NULL", "null", "N/A", "none", "-", "(not set)", "undefined"),
        *("\\N", "#N/A", "<NA>", "nan", "NaN", "(null)", "--"),
    )
    text = "".join(f"lacks {n},2024-05-28,{word},x\nhas {n},2024-05-28,2,{word}\n" for n, word in enumerate(words))
    read(con, tmp_path, "calls", CALLS + text)
    lines = [2 + 2 * n for n, _ in enumerate(words)]
    assert quarantine(con) == [(line, "caller_number", "required value missing") for line in lines]
    assert dict(rows(con, "SELECT call_id, caller_name FROM feed_calls")) == {
        f"has {n}": None for n, _ in enumerate(words)
    }
    read(con, tmp_path, "calls", CALLS + "nan,2024-05-28,2,x\nher,2024-05-28,2,Nan\n")
    assert dict(rows(con, "SELECT call_id, caller_name FROM feed_calls"))["her"] == "Nan"


def test_numbers_are_read_or_left_empty(con: Connection, tmp_path: Path) -> None:
    text = 'property_id,address,estimated_value\na,1 Elm,"$443,670"\nb,2 Elm,400k\nc,3 Elm,nan\nd,4 Elm,1e5\n'
    (tmp_path / "properties.csv").write_text(text)
    ingest(con, {"properties": FeedSettings(path="properties.csv")}, tmp_path)
    assert rows(con, "SELECT estimated_value FROM feed_properties ORDER BY property_id") == [
        (443670.0,), (None,), (None,), (100000.0,)
    ]  # fmt: skip


def test_repeats_are_dropped_and_other_content_is_set_aside_whatever_the_order(con: Connection, tmp_path: Path) -> None:
    lines = [f"c{number % 5},2024-05-28,{number % 3},x" for number in range(40)]
    seen = set()
    for seed in range(4):
        random.Random(seed).shuffle(lines)
        read(con, tmp_path, "calls", CALLS + "\n".join(lines))
        kept = rows(con, "SELECT call_id, caller_number FROM feed_calls ORDER BY ALL")
        counts = rows(con, "SELECT rows, quarantined, repeats FROM feed_count WHERE feed = 'calls'")
        seen.add((tuple(kept), tuple(counts)))
    assert seen == {(tuple((f"c{number}", "0") for number in range(5)), ((5, 10, 25),))}
    assert {reason for _, _, reason in quarantine(con)} == {"same id, other content"}


def test_the_newest_row_of_a_snapshot_wins(con: Connection, tmp_path: Path) -> None:
    text = "contact_id,email,updated_at\n1,old@x.org,2024-01-01\n1,new@x.org,2024-02-01\n"
    text += "1,old@x.org,2024-01-01\n"
    read(con, tmp_path, "crm_contacts", text)
    assert rows(con, "SELECT email FROM feed_crm_contacts") == [("new@x.org",)]
    assert rows(con, "SELECT rows, quarantined, repeats FROM feed_count WHERE feed LIKE 'crm%'") == [(1, 0, 2)]


def test_a_conversion_needs_an_identifier(con: Connection, tmp_path: Path) -> None:
    read(
        con,
        tmp_path,
        "conversions",
        "conversion_id,occurred_at,phone,value\n1,2024-05-28,,5\n2,2024-05-28,555,\n",
    )
    assert quarantine(con) == [(2, None, "no identifier")]


EVENT = {
    "event_timestamp": "1716901200000000",
    "event_name": "page_view",
    "user_pseudo_id": "k.1",
    "geo": {"city": "Dallas"},
    "event_params": [
        {"key": "zip_code", "value": {"int_value": "75209"}},
        {"key": "square_footage", "value": {"double_value": 2100.5}},
        {"key": "home_value_band", "value": {"string_value": "350k"}},
        {"key": "page_location", "value": {"string_value": "https://x.org/?a=1&mid=m%201#top"}},
    ],
}
BARE = {"event_timestamp": 1716901200000001, "event_name": "scroll", "user_pseudo_id": "k.1"}
FLAT = (
    "SELECT zip_code, square_footage, home_value_band, mid, geo_city, event_timestamp FROM feed_ga4_events ORDER BY ALL"
)
FOUND = [
    ("75209", 2100.5, "350k", "m 1", "Dallas", datetime(2024, 5, 28, 13)),
    (None, None, None, None, None, datetime(2024, 5, 28, 13, 0, 0, 1)),
]


def test_web_events_of_json_lines(con: Connection, tmp_path: Path) -> None:
    early = BARE | {"event_timestamp": 1716901200, "user_pseudo_id": ""}
    lines = [json.dumps(EVENT), "", json.dumps(BARE), "{broken", "[1]", json.dumps(early), json.dumps(EVENT)]
    read(con, tmp_path, "ga4_events", "\n".join(lines), "ga4.jsonl")
    assert rows(con, FLAT) == FOUND
    assert quarantine(con) == [
        (4, None, "not a JSON object"),
        (5, None, "not a JSON object"),
        (6, "user_pseudo_id", "required value missing"),
    ]
    assert rows(con, "SELECT rows, repeats FROM feed_count WHERE feed = 'ga4_events'") == [(2, 1)]


def test_web_events_of_parquet(con: Connection, tmp_path: Path) -> None:
    value = pa.struct([("string_value", pa.string()), ("int_value", pa.int64()), ("double_value", pa.float64())])
    kind = pa.list_(pa.struct([("key", pa.string()), ("value", value)]))
    params = [
        {"key": name, "value": {"string_value": text, "int_value": number, "double_value": real}}
        for name, text, number, real in [
            ("zip_code", None, 75209, None),
            ("square_footage", None, None, 2100.5),
            ("home_value_band", "350k", None, None),
            ("page_location", "https://x.org/?a=1&mid=m%201#top", None, None),
        ]
    ]
    table = pa.table(
        {
            "event_timestamp": pa.array([1716901200000000, 1716901200000001]),
            "event_name": ["page_view", "scroll"],
            "user_pseudo_id": ["k.1", "k.1"],
            "geo": [{"city": "Dallas"}, None],
            "event_params": pa.array([params, None], kind),
        }
    )
    pq.write_table(table, tmp_path / "made.parquet")
    read(con, tmp_path, "ga4_events", (tmp_path / "made.parquet").read_bytes(), "ga4_events.parquet")
    assert rows(con, FLAT) == FOUND
    with pytest.raises(InputError, match="not a Parquet file"):
        read(con, tmp_path, "ga4_events", b"no", "ga4_events.parquet")


def test_a_json_array_is_refused_with_words(con: Connection, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="JSON array"):
        read(con, tmp_path, "calls", '[{"call_id": 1}]', "calls.ndjson")


def test_files_are_found_by_name_pattern_and_kind(con: Connection, tmp_path: Path) -> None:
    (tmp_path / "properties.csv").write_text(PROPERTIES)
    (tmp_path / "calls-05.csv").write_text(CALLS + "b,2024-05-28,1,\n")
    (tmp_path / "calls-06.csv").write_text(CALLS + "a,2024-05-28,1,\n")
    with gzip.open(tmp_path / "sms.csv.gz", "wt") as file:
        file.write("message_id,phone,occurred_at\nm,1,2024-05-28\n")
    found = discover(tmp_path)
    assert sorted(found) == ["calls", "properties", "sms"]
    ingest(con, found, tmp_path)
    assert rows(con, "SELECT rows, files FROM feed_count WHERE feed = 'calls'") == [(2, 2)]
    assert rows(con, "SELECT count(*) FROM feed_sms") == [(1,)]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_what_came_from_each_file_is_counted_and_which_of_them_lacks_a_column(
    con: Connection, tmp_path: Path, form: str
) -> None:
    def write(number: int, rows: int, name: str) -> None:
        told = [
            {"call_id": f"{number}-{i}", "started_at": "2024-05-28", "caller_number": f"214555{i:04}", name: "DOE"}
            for i in range(rows)
        ]
        file = tmp_path / f"calls-{number}.{form}"
        match form:
            case "csv":
                file.write_text("\n".join(map(",".join, [told[0], *(row.values() for row in told)])))
            case "jsonl":
                file.write_text("\n".join(map(json.dumps, told)))
            case _:
                pq.write_table(pa.Table.from_pylist(told), file)

    def lacking() -> dict[str, list[str]] | None:
        ingest(con, discover(tmp_path), tmp_path)
        return next(feed.lacking for feed in feed_rows(con) if feed.feed == "calls")

    (tmp_path / "properties.csv").write_text(PROPERTIES)
    write(1, 30, "caller_name")
    assert (lacking(), file_rows(con)) == ({}, [])  # it is all of the feed
    write(2, 4, "cnam")
    assert lacking() == {}  # too few of them
    write(3, 20, "cnam")
    write(4, 20, "caller_name")
    assert lacking() == {"caller_name": [str(tmp_path / f"calls-3.{form}")]}
    assert [(file.rows, file.filled["caller_name"]) for file in file_rows(con)] == [
        (30, 30),
        (4, 0),
        (20, 0),
        (20, 20),
    ]
    write(3, 20, "caller_name")
    assert lacking() == {}


def test_settings_that_cannot_be(con: Connection, tmp_path: Path) -> None:
    for wrong in ({"delimiter": ", "}, {"encoding": "utf-9"}, {"table": "calls"}):
        with pytest.raises(SettingsError):
            read(con, tmp_path, "calls", CALLS, **wrong)
    with pytest.raises(InputError, match="is not ascii"):
        read(con, tmp_path, "calls", CALLS + "c1,2024-05-28,1,José\n", encoding="ascii")


def test_a_broken_archive_is_told(con: Connection, tmp_path: Path) -> None:
    whole = gzip.compress((CALLS + "c1,2024-05-28,1,x\n").encode())
    with pytest.raises(InputError, match="cannot be read"):
        read(con, tmp_path, "calls", whole[:-12], "calls.csv.gz")
    with pytest.raises(InputError, match="cannot be read"):
        read(con, tmp_path, "calls", b"no archive", "calls.csv.gz")


@pytest.mark.parametrize(
    ("begins", "kind"),
    [(gzip.compress(b"calls", mtime=0), "a gzip file"), (b"PK\x03\x04\x14\x00", "a ZIP file or an Excel workbook")],
    ids=["gzip", "zip"],
)
def test_a_file_that_is_no_text_is_told_as_what_it_is(
    con: Connection, tmp_path: Path, begins: bytes, kind: str
) -> None:
    for ending, content in ((".csv", begins), (".jsonl", begins), (".csv.gz", gzip.compress(begins))):
        with pytest.raises(InputError, match=f"calls{ending} is {kind}, which its name does not say"):
            read(con, tmp_path, "calls", content, f"calls{ending}")


def test_files_and_their_encodings_are_listed(con: Connection, tmp_path: Path) -> None:
    read(con, tmp_path, "calls", (CALLS + "c1,2024-05-28,1,José\n").encode("cp1252"))
    FEED_FILE.check(con)
    found = rows(con, "SELECT feed, file, encoding, rows FROM feed_file ORDER BY feed")
    assert found == [
        ("calls", str(tmp_path / "calls.csv"), "cp1252", 1),
        ("properties", str(tmp_path / "properties.csv"), "utf-8", 1),
    ]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(st.binary(max_size=40), st.text(max_size=20).map(lambda text: f'c1,2024-05-28,1,"{text}'.encode()))
    )
)
def test_no_bytes_break_a_csv(con: Connection, tmp_path: Path, lines: list[bytes]) -> None:
    try:
        read(con, tmp_path, "calls", CALLS.encode() + b"\n".join(lines))
    except InputError as error:
        assert error.hint


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["event_timestamp", "event_name", "user_pseudo_id", "event_params"]), JSON)
    )
)
def test_no_values_break_json_lines(con: Connection, tmp_path: Path, events: list[dict[str, Any]]) -> None:
    full = {"event_timestamp": NOON, "event_name": "x", "user_pseudo_id": "k"}
    read(con, tmp_path, "ga4_events", "\n".join(json.dumps(full | event) for event in [*events, full]), "ga4.jsonl")
    ((used, aside, repeats),) = rows(con, "SELECT rows, quarantined, repeats FROM feed_count WHERE feed LIKE 'ga4%'")
    assert used + aside + repeats == len(events) + 1


def test_a_value_that_cannot_be_read_is_told_and_its_row_kept(con: Connection, tmp_path: Path) -> None:
    header = "conversion_id,occurred_at,contact_id,zip_code,value\n"
    first = "v1,2024-05-28,c1,7501.0,abc\n"
    body = first + "v2,2024-05-28,c2,unknown,nan\nv3,2024-05-28,,75201,abc\n" + first
    read(con, tmp_path, "conversions", header + body)
    assert rows(con, "SELECT line, field, reason, kept FROM quarantine ORDER BY ALL") == [
        (2, "value", "unreadable number", True),
        (3, "zip_code", "unusable ZIP code", True),
        (4, None, "no identifier", False),
    ]
    assert rows(con, "SELECT rows, quarantined, repeats FROM feed_count WHERE feed = 'conversions'") == [(2, 1, 1)]
