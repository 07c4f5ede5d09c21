from __future__ import annotations

from datetime import datetime

import duckdb
import pytest

from stormops_graph.errors import FeedShrunk, GateBroken
from stormops_graph.planning.households import largest, moves
from stormops_graph.reports.feeds import FeedRows, FileRows
from stormops_graph.reports.plan import Moves, Plan
from stormops_graph.runs.gates import check_columns, check_graph, check_households, check_shrink
from stormops_graph.settings import Gate, GateSettings
from stormops_graph.tables import LAST_MEMBERSHIP, LINEAGE, MEMBERSHIP, Connection


def empty() -> Connection:
    con = duckdb.connect(":memory:")
    for table in (MEMBERSHIP, LAST_MEMBERSHIP, LINEAGE):
        table.create(con)
    return con


@pytest.fixture
def con() -> Connection:
    return empty()


def hold(con: Connection, table: str, **households: str) -> None:
    """Each household with its records, a letter each."""
    for household, records in households.items():
        for record in records:
            con.execute(f"INSERT INTO {table} BY NAME SELECT ? AS record, ? AS household", [record, household])


def planned(con: Connection) -> Plan:
    return Plan(made_at=datetime(2024, 5, 1), households=moves(con, "household"), persons=Moves(), largest=largest(con))


def broken(con: Connection, *passed: str, **gates: float) -> dict[str, str]:
    try:
        check_households(planned(con), GateSettings.model_validate(gates), passed)
    except GateBroken as error:
        assert error.exit_code == 7
        said = dict(line.split(": ", 1) for line in error.message.splitlines())
        assert all(f"--pass {gate}" in error.hint for gate in said)
        return said
    return {}


def test_the_largest_household_is_named_and_counts_a_record_once(con: Connection) -> None:
    hold(con, "membership", h1="abcd", h2="ef", h3="a")  # a's membership is dated
    assert broken(con, largest_household=4) == {}
    assert broken(con, largest_household=3) == {
        "largest_household": "household h1 would have 4 records; at most 3 may be"
    }
    assert broken(con, Gate.largest_household, largest_household=3) == {}


def test_a_first_run_has_no_gates_of_ids(con: Connection) -> None:
    hold(con, "membership", h1="ab", h2="c")
    assert broken(con, ids_changed=0, merges=0) == {}
    assert broken(empty(), ids_changed=0, merges=0) == {}


def test_merges_splits_and_lost_ids_are_shares_of_what_there_was(con: Connection) -> None:
    hold(con, "last_membership", h1="abc", h2="d", h3="efg", h4="hij", gone="z")
    hold(con, "membership", h1="abcd", h3="ef", h5="g", h4="hij", new="n")  # h2 merged into h1, h3 split
    rows = [("household", "h2", "h1", "merged"), ("household", "h3", "h5", "split"), ("person", "p1", "p2", "merged")]
    LINEAGE.append(con, rows)
    assert broken(con, households_gone=1, ids_changed=0.25, merges=0.5) == {}
    assert broken(con, households_gone=1, ids_changed=0.24, merges=0.49) == {
        "ids_changed": "1 of 4 households (25.00%) would lose their id; at most 24.00% may",
        "merges": "2 of 4 households (50.00%) would be merged (1) or split (1); at most 49.00% may",
    }
    assert set(broken(con, "merges", households_gone=1, ids_changed=0.24, merges=0.49)) == {"ids_changed"}


def test_households_of_which_nothing_is_left_are_a_share_of_all_there_were(con: Connection) -> None:
    hold(con, "last_membership", h1="abc", h2="d", h3="e", h4="f")  # another market's graph, or contacts under new ids
    hold(con, "membership", h1="a", new="xyz")
    assert broken(con, households_gone=0.75) == {}
    assert broken(con, households_gone=0.74) == {
        "households_gone": "3 of 4 households (75.00%) would be gone with all their records; at most 74.00% may"
    }
    assert set(broken(con)) == {"households_gone"}
    assert broken(con, Gate.households_gone) == {}


def test_a_small_share_is_told_with_the_digits_that_break_the_gate(con: Connection) -> None:
    hold(con, "last_membership", **{f"h{i}": chr(300 + i) for i in range(3000)})
    hold(con, "membership", **{f"h{i}": chr(300 + i) for i in range(2, 3000)}, h1=chr(300) + chr(301))
    LINEAGE.append(con, [("household", "h0", "h1", "merged")])
    assert broken(con, ids_changed=0)["ids_changed"].startswith("1 of 3,000 households (0.03%)")


def test_a_household_that_split_into_many_counts_once(con: Connection) -> None:
    hold(con, "last_membership", h1="abc", h2="d")
    hold(con, "membership", h3="a", h4="b", h5="c", h2="d")
    LINEAGE.append(con, [("household", "h1", new, "split") for new in ("h3", "h4", "h5")])
    assert broken(con)["merges"].startswith("1 of 2 households (50.00%) would be merged (0) or split (1)")


def test_a_graph_that_was_lost_stops_the_run() -> None:
    check_graph(None, None)  # a first run
    check_graph("run1", "run1")  # which may have been killed before its end
    check_graph("run1", None, passed=["ids_changed"])
    with pytest.raises(
        GateBroken, match=r"^ids_changed: the graph is empty, though the last run was run1: all"
    ) as stop:
        check_graph("run1", None, passed=["merges"])
    assert "stormops-graph restore FILE" in stop.value.hint and "--pass ids_changed" in stop.value.hint


def test_a_feed_that_shrank_says_what_is_counted() -> None:
    check_shrink({"calls": 8}, {"calls": 10}, 0.2)
    check_shrink({}, {"calls": 12}, 0.2, ["calls"])
    with pytest.raises(FeedShrunk, match=r"calls from 12 to 0 rows \(those that can be read, repeats once\)$"):
        check_shrink({}, {"calls": 12}, 0.2)


def contacts(rows: int, **filled: int) -> FeedRows:
    return FeedRows(feed="crm_contacts", rows=rows, quarantined=0, repeats=0, files=1, filled=filled)


def test_a_column_that_rows_had_and_none_has_now_stops_the_run() -> None:
    before, now = contacts(200, phone=150, email=12, city=10), contacts(190, phone=0, email=0, city=0)
    with pytest.raises(
        GateBroken, match=r"gone, or empty: phone of crm_contacts \(75%.*\), email of .* \(6%"
    ) as stopped:
        check_columns([now], [], [before], 0.05)
    assert "[feeds.crm_contacts.columns]" in stopped.value.hint
    assert "--pass column_lost" in stopped.value.hint
    check_columns([now], [], [before], 0.05, [Gate.column_lost])
    check_columns([now], [], [before], 1)
    check_columns([now], [], [now], 0.05)  # it was told once


def test_few_rows_without_a_value_say_nothing_of_its_column() -> None:
    before = contacts(200, phone=150)
    check_columns([contacts(190, phone=1)], [], [before], 0.05)
    check_columns([contacts(4, phone=0)], [], [before], 0.05)  # one time in 256 that is chance
    with pytest.raises(GateBroken):
        check_columns([contacts(5, phone=0)], [], [before], 0.05)
    check_columns([contacts(4, phone=0)], [], [contacts(200, phone=200)], 0.05)  # too few, whatever the chance
    check_columns([contacts(65, phone=0)], [], [contacts(200, phone=20)], 0.05)  # .9 to the power of 65 is .00106
    with pytest.raises(GateBroken):
        check_columns([contacts(66, phone=0)], [], [contacts(200, phone=20)], 0.05)
    check_columns([contacts(200, phone=0)], [], [], 0.05)  # a first run
    check_columns([contacts(200, phone=0)], [], [contacts(200)], 0.05)  # the report of an earlier release
    check_columns([contacts(200, mobile=0)], [], [before], 0.05)  # a column that only an earlier release knew


def last(lacking: dict[str, list[str]] | None) -> FeedRows:
    return contacts(100, phone=90, city=3).model_copy(update={"lacking": lacking})


def test_a_new_file_that_lacks_a_column_of_the_others_stops_the_run() -> None:
    now = contacts(130, phone=90, city=3)
    files = [
        FileRows(feed="crm_contacts", file="/in/a.csv", rows=100, filled={"phone": 90, "city": 3}),
        FileRows(feed="crm_contacts", file="/in/b.csv", rows=30, filled={"phone": 0, "city": 0}),
    ]
    with pytest.raises(GateBroken, match=r"phone of crm_contacts \(90% of its rows\) in /in/b.csv$") as stopped:
        check_columns([now], files, [last({})], 0.05)
    assert "--pass column_lost" in stopped.value.hint
    check_columns([now], files, [last({})], 0.05, [Gate.column_lost])
    check_columns([now], files, [last({})], 0.95)
    check_columns([now], files, [last({"phone": ["/in/b.csv"]})], 0.05)  # it was told once
    check_columns([now], files, [last(None)], 0.05)  # the report of an earlier release
    check_columns([now], files, [], 0.05)  # a first run
    few = files[1].model_copy(update={"rows": 4})
    check_columns([now], [files[0], few], [last({})], 0.05)
    with pytest.raises(GateBroken, match="gone, or empty: phone of crm_contacts"):  # not of each file once more
        check_columns([contacts(30, phone=0)], [files[1]], [last({})], 0.05)
