"""Whatever a feed holds, each of its rows is used or told, and nothing of it acts where it is shown."""

from __future__ import annotations

import csv
import json
import unicodedata
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import stormops_graph.matching_rules
from stormops_graph.exports import write_file
from stormops_graph.ingest import FEEDS, ingest
from stormops_graph.ingest.feeds import SEEN_TOGETHER, Feed
from stormops_graph.ingest.quarantine import FIELD_LIMIT
from stormops_graph.normalise import normalise, read_feed_rules
from stormops_graph.pages.drawing import escaped
from stormops_graph.plain_text import plain
from stormops_graph.reports.run import figures
from stormops_graph.settings import FeedSettings

RULES = read_feed_rules(Path(stormops_graph.matching_rules.__path__[0]))
READ = [feed for feed in FEEDS.values() if feed.name != SEEN_TOGETHER]
UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}
FEW = settings(max_examples=5, suppress_health_check=list(HealthCheck))

HOSTILE = (
    "'; DROP TABLE record; --",
    '"}) DETACH DELETE n //',
    "{{config}} ${jndi:ldap://x} %s %n",
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200f",
    "a\x00b",
    '=HYPERLINK("http://x","y")',
    "<script>alert(1)</script>",
    "line\nbreak\r\nand\ttab\u2028",
    '"',
    "'",
    "\ufeff=1+1",
    "-0",
    "1e999",
    "١٢٣",
    "ﷺ" * 50,
    "\u0301" * 400,
    "[" * 5_000,
)
HONEST = (
    *("214-363-1111", "(214) 363-1111 x9", "+1 214 363 1111", "ana@home.example", "12 Main St", "75201", "2024-05-01"),
    *("2024-06-04T11:52:04-05:00", "1717600000000000", "page_view", "C1", "LOPEZ,ANA", "Ana", "Lopez", "S1", "opened"),
    *("", "null", "claim", "1,200.50", "yes"),
)
CELL = st.one_of(
    st.sampled_from(HONEST), st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
)


def rows_of(feed: Feed) -> SearchStrategy[list[dict[str, Any]]]:
    columns = {column.name: CELL for column in feed.columns}
    return st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=12)


def read(folder: Path, feed: Feed, name: str) -> tuple[duckdb.DuckDBPyConnection, int]:
    """The stage tables of one feed's file, and how many of its rows are accounted for."""
    con = duckdb.connect(config={"threads": 1})
    homes = folder / "homes.csv"
    homes.write_text("property_id,address\nP1,12 Main St\n")
    feeds = {"properties": FeedSettings(path=str(homes)), feed.name: FeedSettings(path=str(folder / name))}
    ingest(con, feeds, folder)
    normalise(con, RULES)
    [found] = [one for one in figures(con).feeds if one.feed == feed.name]
    assert found.used >= 0
    return con, found.read


@FEW
@given(feed=st.sampled_from(READ), data=st.data())
def test_rows_of_a_table_are_used_or_told(tmp_path: Path, feed: Feed, data: st.DataObject) -> None:
    rows = data.draw(rows_of(feed))
    with (tmp_path / "feed.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [column.name for column in feed.columns], quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    read(tmp_path, feed, "feed.csv")
    source = duckdb.connect()
    source.execute("CREATE TABLE said (line BIGINT" + "".join(f', "{c.name}" VARCHAR' for c in feed.columns) + ")")
    source.executemany(
        f"INSERT INTO said VALUES ({', '.join('?' * (len(feed.columns) + 1))})",
        [[number, *row.values()] for number, row in enumerate(rows)],
    )
    source.sql("FROM said").write_parquet(str(tmp_path / "feed.parquet"))
    assert read(tmp_path, feed, "feed.parquet")[1] == len(rows)


@FEW
@given(feed=st.sampled_from(READ), data=st.data())
def test_objects_of_a_file_are_used_or_told(tmp_path: Path, feed: Feed, data: st.DataObject) -> None:
    value = st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), CELL),
        lambda part: st.one_of(st.lists(part, max_size=3), st.dictionaries(CELL, part, max_size=3)),
        max_leaves=6,
    )
    required = {column.name: CELL for column in feed.columns}
    rows = data.draw(st.lists(st.one_of(st.fixed_dictionaries(required), value), min_size=1, max_size=10))
    whole = dict.fromkeys(required, "2024-05-01")  # or the file would have none of a required column
    lines = [json.dumps(row) for row in (whole, *rows)]
    lines += ['{"a": "\\ud800"}', "[" * 10_000, '{"event_params": ' + "[" * 10_000, "not json", '{"x": 1e999}', "\x00"]
    (tmp_path / "feed.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert read(tmp_path, feed, "feed.jsonl")[1] == len(lines)


@FEW
@given(feed=st.sampled_from(READ), text=st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
@example(feed=FEEDS["calls"], text=',"\n",,"' * 20)
def test_a_file_that_is_no_table_is_told(tmp_path: Path, feed: Feed, text: str) -> None:
    header = ",".join(column.name for column in feed.columns)
    (tmp_path / "feed.csv").write_text(f"{header}\n{text}\n{',' * 100_000}\n", encoding="utf-8", newline="")
    con, _ = read(tmp_path, feed, "feed.csv")
    [(wide,)] = con.execute("SELECT count(*) FROM quarantine WHERE length(row) > 10000").fetchall()
    assert wide == 0


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_field_of_ten_megabytes_is_set_aside_and_cut(tmp_path: Path, ending: str) -> None:
    long, feed = "x" * 10_000_000, FEEDS["calls"]
    rows = [
        {"call_id": "K1", "started_at": "2024-06-04", "caller_number": "214-363-1111", "caller_name": long},
        {"call_id": "K2", "started_at": "2024-06-04", "caller_number": "214-363-1112", "caller_name": "Ana Lopez"},
    ]
    file = tmp_path / f"feed.{ending}"
    if ending == "jsonl":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        source = duckdb.connect()
        source.execute("CREATE TABLE said AS SELECT unnest(?, recursive := true)", [rows])
        relation = source.sql("FROM said")
        relation.write_csv(str(file)) if ending == "csv" else relation.write_parquet(str(file))
    con, accounted = read(tmp_path, feed, file.name)
    told = con.execute("SELECT reason, length(row) < 3000 FROM quarantine WHERE feed = 'calls'").fetchall()
    assert (accounted, told) == (2, [("field too long", True)])
    assert con.execute("SELECT count(*) FROM record WHERE feed = 'calls'").fetchall() == [(1,)]
    assert con.execute(f"SELECT count(*) FROM feed_calls WHERE length(caller_name) > {FIELD_LIMIT}").fetchall() == [
        (0,)
    ]


@given(said=st.one_of(st.text(), st.sampled_from(HOSTILE)))
@example(said="\ud800\U0001f600")
def test_plain_text_holds_nothing_that_acts(said: str) -> None:
    found = plain(said)
    assert not {unicodedata.category(letter) for letter in found} & {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
    assert plain(found) == found
    found.encode()
    assert "<" not in escaped(said)


@given(cells=st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)), min_size=1, max_size=10))
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_no_cell_of_an_export_begins_like_a_formula(tmp_path: Path, cells: list[str]) -> None:
    honest = [cell.encode(errors="ignore").decode() for cell in cells]
    con = duckdb.connect()
    con.execute("CREATE TABLE t AS SELECT unnest(?::VARCHAR[]) AS v", [honest])
    out = tmp_path / "t.csv"
    assert write_file(con.sql("FROM t"), out) == len(honest)
    with out.open(newline="", encoding="utf-8") as file:
        read_back = [row[0] if row else "" for row in csv.reader(file)][1:]
    for cell in read_back:
        seen = "".join(letter for letter in cell if unicodedata.category(letter) not in UNSEEN).lstrip()
        assert not seen.startswith(("=", "+", "-", "@", "＝")) or seen[1:2].isdigit()
