from __future__ import annotations

import json
from datetime import datetime

import duckdb
import pytest

from stormops_graph.reports.run import Change, RunReport, figures
from stormops_graph.tables import FEED_COUNT, MEMBERSHIP, PAIR, QUARANTINE, Connection

START, END = datetime(2024, 5, 28, 13), datetime(2024, 5, 28, 13, 1)


@pytest.fixture
def con() -> Connection:
    con = duckdb.connect()
    for table in (FEED_COUNT, QUARANTINE, PAIR, MEMBERSHIP):
        table.create(con)
    con.execute(
        "INSERT INTO feed_count VALUES ('sms', 10, 2, 1, 1, MAP {'direction': 9}), ('calls', 5, 0, 0, 2, MAP {})"
    )
    con.execute(
        "INSERT INTO quarantine SELECT 'sms', 'sms.csv', i, NULL, 'no identifier', '{}', false FROM range(2) t(i)"
        " UNION ALL SELECT 'sms', 'sms.csv', 9, 'phone', 'unusable phone', '{}', true"
    )
    con.execute(
        """INSERT INTO pair VALUES
        ('a', 'b', 'person', .9, 3, '[{"kind": "phone"}, {"kind": "email"}, {"kind": "phone"}]', 'x'),
        ('a', 'c', 'household', .9, 3, '[{"kind": "phone"}]', 'identifier')"""
    )
    con.execute(
        """INSERT INTO membership VALUES ('a', 'p', 'h', NULL, 1, NULL, NULL),
        ('b', 'p', 'h', NULL, 1, NULL, NULL),
        ('c', NULL, 'g', NULL, 1, NULL, NULL)"""
    )
    return con


def test_figures_count_what_the_tables_hold(con: Connection) -> None:
    found = figures(con)
    assert [(feed.feed, feed.rows) for feed in found.feeds] == [("calls", 5), ("sms", 10)]
    assert [feed.filled for feed in found.feeds] == [{}, {"direction": 9}]
    assert [(part.reason, part.rows, part.kept) for part in found.quarantine] == [
        ("no identifier", 2, False),
        ("unusable phone", 1, True),
    ]
    assert found.pairs == {"phone": 2, "email": 1}
    assert (found.households, found.households_with_home) == (2, 0)
    assert found.largest is not None
    assert (found.largest.household, found.largest.records, found.largest.persons) == ("h", 2, 1)


def test_an_empty_workspace_has_figures() -> None:
    found = figures(duckdb.connect())
    assert (found.households, found.largest, found.feeds) == (0, None, [])


def report(con: Connection, **changes: Change) -> RunReport:
    return RunReport(**figures(con).model_dump(), run="r", started_at=START, finished_at=END, changes=changes)


def test_a_report_survives_json(con: Connection) -> None:
    before = report(con, Household=Change(new=2))
    assert RunReport.from_dict(json.loads(json.dumps(before.as_dict()))) == before


def test_a_run_without_news_says_so(con: Connection) -> None:
    assert report(con, Household=Change(), HAS=Change()).nothing_changed
    assert not report(con, Household=Change(gone=1)).nothing_changed


def test_who_was_forgotten_is_nothing_to_look_at(con: Connection) -> None:
    con.execute("UPDATE quarantine SET reason = 'forgotten'")
    assert not any("set aside" in advice for advice in report(con).look_next())


def test_the_quarantine_is_the_first_thing_to_look_at(con: Connection) -> None:
    assert report(con).look_next()[0].startswith("2 rows were set aside, most in sms (no identifier)")
