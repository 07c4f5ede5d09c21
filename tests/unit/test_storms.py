from __future__ import annotations

from datetime import datetime

import duckdb
import pytest

from stormops_graph.journeys.storms import place_storms
from stormops_graph.tables import CONVERSION, MEMBERSHIP, PROPERTY, STORM, TOUCH, Connection


def at(month: int, day: int) -> datetime:
    return datetime(2024, month, day)


@pytest.fixture
def con() -> Connection:
    """Record r lived at 75001 until June and at 75002 after; record s has no home."""
    con = duckdb.connect()
    for table in (TOUCH, CONVERSION, MEMBERSHIP, PROPERTY, STORM):
        table.create(con)
    STORM.append(
        con,
        [
            ("EARLY", None, at(1, 1), None, ["75001"]),
            ("LATE", None, at(4, 1), at(5, 1), ["75001", "75002"]),
            ("WIDE", None, at(9, 1), at(9, 30), []),
        ],
    )
    con.execute("INSERT INTO property BY NAME SELECT 'P1' AS property_id, '75001' AS zip5")
    con.execute("INSERT INTO property BY NAME SELECT 'P2' AS property_id, '75002' AS zip5")
    MEMBERSHIP.append(
        con,
        [
            ("r", "p", "h1", "P1", 0.9, None, at(4, 15)),
            ("r", "p", "h2", "P2", 0.9, at(4, 15), None),
            ("s", None, "h3", None, 0.9, None, None),
        ],
    )
    return con


def placed(con: Connection, *touches: tuple[str, datetime, str | None, str | None]) -> dict[str, str]:
    for number, (record, when, event, zip5) in enumerate(touches):
        TOUCH.append(con, [(str(number), record, "call", when, event, None, None, zip5)])
    place_storms(con)
    return dict(con.table("touch_storm").fetchall())


@pytest.mark.parametrize(
    ("record", "when", "event", "zip5", "storm"),
    [
        ("r", at(3, 1), None, None, "EARLY"),
        ("r", at(4, 2), None, None, "LATE"),  # both are open: the latest
        ("r", at(4, 20), None, None, "LATE"),  # the home of then
        ("r", at(4, 20), None, "75001", "LATE"),  # the home counts before what the row says
        ("r", at(5, 1), None, None, "LATE"),  # the end is still in
        ("r", at(5, 2), None, None, None),  # EARLY is open, but not at the new home
        ("r", at(5, 2), "EARLY", None, "EARLY"),  # what is named is kept
        ("r", at(5, 2), "UNHEARD_OF", None, "UNHEARD_OF"),
        ("s", at(4, 2), None, "75002", "LATE"),
        ("s", at(4, 2), None, None, None),
        ("s", at(9, 2), None, None, "WIDE"),  # a storm without ZIPs is everywhere
        ("s", at(6, 28), None, "75001", "EARLY"),  # 179 days after its begin
        ("s", at(6, 30), None, "75001", None),  # 181 days
    ],
)
def test_a_touch_goes_to_one_storm_or_none(
    con: Connection, record: str, when: datetime, event: str | None, zip5: str | None, storm: str | None
) -> None:
    assert placed(con, (record, when, event, zip5)) == ({} if storm is None else {"0": storm})


def test_conversions_are_placed_as_touches_are(con: Connection) -> None:
    CONVERSION.append(con, [("k", "r", "claim", at(4, 2), None, None, 1.0)])
    place_storms(con)
    assert con.table("conversion_storm").fetchall() == [("k", "LATE")]


def test_two_storms_of_one_start_are_told_apart_by_name(con: Connection) -> None:
    STORM.append(con, [("LATER", None, at(4, 1), at(5, 1), ["75002"])])
    assert placed(con, ("s", at(4, 2), None, "75002")) == {"0": "LATER"}
