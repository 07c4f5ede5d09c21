"""Credited value: what journeys deal, and no change where all are worth the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import duckdb
import pytest

from stormops_graph.attribution.credits import attribute
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import JOURNEY, JOURNEY_TOUCH, Connection

END = datetime(2024, 6, 1)


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def fill(con: Connection, *journeys: tuple[str, str, float | None]) -> None:
    JOURNEY.create(con)
    JOURNEY_TOUCH.create(con)
    for number, (zip_code, path, value) in enumerate(journeys):
        name = f"j{number}"
        taken = [name, name, zip_code, value is not None, value, END, END]
        con.execute("INSERT INTO journey VALUES (?, ?, 'DFW', ?, NULL, ?, ?, ?, ?)", taken)
        for position, channel in enumerate(path):
            con.execute("INSERT INTO journey_touch VALUES (?, ?, NULL, ?, NULL, ?)", [name, position, channel, END])


def values(con: Connection, model: str, zip_code: str = "ALL") -> dict[str, float]:
    attribute(con, AttributionSettings(draws=100))
    rows = con.execute(
        "SELECT key, value FROM credit WHERE model = $model AND zip_code = $zip", {"model": model, "zip": zip_code}
    )
    return dict(rows.fetchall())


def test_a_storms_value_is_the_sum_of_what_its_journeys_deal(con: Connection) -> None:
    fill(con, ("75209", "ab", 100.0), ("75209", "b", 10.0), ("75209", "aac", 60.0), ("75209", "c", None))
    assert values(con, "shapley") == pytest.approx({"a": 80, "b": 60, "c": 30})
    assert values(con, "linear") == pytest.approx({"a": 90, "b": 60, "c": 20})
    assert values(con, "last_touch") == pytest.approx({"a": 0, "b": 110, "c": 60})
    for model in ("markov", "hybrid"):
        assert sum(values(con, model).values()) == pytest.approx(170)


def test_markov_leans_to_what_carries_the_dear_conversions(con: Connection) -> None:
    fill(con, ("75209", "a", 90.0), ("75209", "b", 10.0), ("75209", "c", None))
    assert values(con, "markov") == pytest.approx({"a": 90, "b": 10, "c": 0})


def test_a_zips_value_is_its_own_by_share_and_worth(con: Connection) -> None:
    fill(con, ("75209", "ab", 100.0), ("75209", "b", 10.0), ("75001", "a", 50.0), ("75001", "b", 1.0))
    for model in ("markov", "linear"):
        assert sum(values(con, model, "75001").values()) == pytest.approx(51)


def test_equal_values_are_dealt_by_share_to_the_last_bit(con: Connection) -> None:
    fill(con, ("75209", "ab", 70.0), ("75209", "bca", 70.0), ("75001", "c", 70.0), ("75001", "b", None))
    attribute(con, AttributionSettings(draws=100))
    rows = con.execute("SELECT value, share, conversions FROM credit").fetchall()
    area = dict(con.execute("SELECT zip_code, value FROM area").fetchall())
    assert area["ALL"] == 210
    assert all(value == pytest.approx(70 * conversions, rel=1e-14) for value, _, conversions in rows)


def test_conversions_without_any_value(con: Connection) -> None:
    fill(con, ("75209", "ab", 0.0), ("75209", "b", 0.0))
    assert set(values(con, "markov").values()) == {0.0}
