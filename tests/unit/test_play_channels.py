"""Which channels carry each play, worked by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest

from stormops_graph.attribution.credits import attribute
from stormops_graph.attribution.credits_json import credits_json
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import JOURNEY, JOURNEY_TOUCH, Connection

OPTIONS = AttributionSettings(draws=400, published_model="shapley")
END = datetime(2024, 6, 1)
Taken = tuple[str, str, bool]
Cell = tuple[str, str, str]

# By Shapley the report earned 1 of the first journey (half a call's), .5 of the second and .5 of the third.
JOURNEYS: list[Taken] = [
    ("75209", "ga4/report>call/report", True),
    ("75209", "ga4/report>call/finance", True),
    ("75204", "sms/report>call/finance>sms", True),
    ("75204", "ga4>email/finance", False),
    ("75201", "ga4>email", True),
]


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def carried(con: Connection, options: AttributionSettings = OPTIONS, **asked: Any) -> dict[Cell, dict[str, Any]]:
    """(ZIP, play, channel) -> the figures."""
    attribute(con, options, **asked)
    areas = credits_json(con, None)["areas"]
    return {
        (area["zip_code"] or "ALL", cell["play"], cell["channel"]): cell
        for area in areas
        for cell in area["play_channels"]
    }


def fill(con: Connection, journeys: list[Taken], order: random.Random | None = None) -> None:
    JOURNEY.create(con)
    JOURNEY_TOUCH.create(con)
    taken, touches = [], []
    for number, (zip_code, path, converted) in enumerate(journeys):
        name = f"j{number:03}"
        taken.append((name, f"h{number}", "DFW", zip_code, None, converted, None, END, END))
        for position, step in enumerate(path.split(">")):
            channel, _, play = step.partition("/")
            at = END - timedelta(days=9 - position)
            touches.append((name, position, f"{name}.{position}", channel, play or None, at))
    if order:
        order.shuffle(taken)
        order.shuffle(touches)
    con.executemany("INSERT INTO journey VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", taken)
    con.executemany("INSERT INTO journey_touch VALUES (?, ?, ?, ?, ?, ?)", touches)


def test_parts_of_a_storm_by_hand(con: Connection) -> None:
    fill(con, JOURNEYS)
    found = carried(con)
    whole = {key[1:]: cell["part"] for key, cell in found.items() if key[0] == "ALL"}
    assert whole == {
        ("finance", "call"): pytest.approx(1.0),
        ("finance", "email"): 0.0,  # it was on no way to a conversion
        ("report", "ga4"): pytest.approx(0.5),  # .5 + .5 of 2
        ("report", "call"): pytest.approx(0.25),
        ("report", "sms"): pytest.approx(0.25),
    }
    report = found["ALL", "report", "ga4"]
    assert (report["touches"], report["own"], report["model"]) == (2, 1.0, "shapley")
    assert report["conversions"] == pytest.approx(0.5 * 2.0)  # the play's two of the three conversions


def test_a_zip_stands_on_its_own_and_on_the_plays_journeys_elsewhere(con: Connection) -> None:
    fill(con, JOURNEYS)
    found = carried(con)
    # its own: half a conversion of report, by sms; elsewhere 1.5, by ga4 two thirds
    assert found["75204", "report", "sms"]["part"] == pytest.approx(0.5 / 2)
    assert found["75204", "report", "ga4"]["part"] == pytest.approx(1.0 / 2)
    assert found["75204", "report", "sms"]["own"] == pytest.approx(0.25)
    assert not [key for key in found if key[0] == "75201"]  # nobody met a play there


def test_markov_parts_go_by_removal_effects(con: Connection) -> None:
    fill(con, JOURNEYS)
    found = carried(con, AttributionSettings(draws=400))
    # the chance of a conversion, 3/4, falls by 7/12 without the report and by 1/2 without financing: 7 to 6
    assert {key[1:]: cell["part"] for key, cell in found.items() if key[0] == "ALL"} == {
        ("finance", "call"): pytest.approx(1.0),
        ("finance", "email"): 0.0,
        ("report", "ga4"): pytest.approx((1 / 2 + 7 / 13) / (27 / 13)),
        ("report", "call"): pytest.approx((1 / 2) / (27 / 13)),
        ("report", "sms"): pytest.approx((7 / 13) / (27 / 13)),
    }


def test_parts_are_whole_and_inside_their_intervals(con: Connection) -> None:
    fill(con, JOURNEYS * 7)
    found = carried(con)
    plays: dict[tuple[str, str], float] = {}
    for (zip_code, play, _), cell in found.items():
        plays[zip_code, play] = plays.get((zip_code, play), 0.0) + cell["part"]
        assert 0 <= cell["low"] <= cell["part"] <= cell["high"] <= 1
    assert list(plays.values()) == pytest.approx([1.0] * len(plays))
    few, many = found["75204", "report", "sms"], found["ALL", "report", "sms"]
    assert few["high"] - few["low"] > many["high"] - many["low"]


def test_order_of_rows_and_what_else_is_asked_change_nothing(con: Connection) -> None:
    fill(con, JOURNEYS * 5)
    found = carried(con)
    fill(con, JOURNEYS * 5, random.Random(1))
    again = carried(con)
    assert found.keys() == again.keys()
    for key in ("part", "low", "high", "conversions", "touches", "own"):
        assert [cell[key] for cell in found.values()] == [cell[key] for cell in again.values()]
    assert carried(con, zip_codes=["75204"]) == {key: cell for key, cell in again.items() if key[0] == "75204"}


def test_the_only_zip_is_the_storm(con: Connection) -> None:
    fill(con, [("75209", path, converted) for _, path, converted in JOURNEYS])
    found = carried(con)
    for (zip_code, play, channel), cell in found.items():
        assert cell == found["ALL", play, channel] if zip_code == "75209" else zip_code == "ALL"


def test_without_plays_or_conversions_there_is_nothing(con: Connection) -> None:
    fill(con, [("75209", "ga4>call", True), ("75209", "ga4/report", False)])
    assert carried(con) == {}
