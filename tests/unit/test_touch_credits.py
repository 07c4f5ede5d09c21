"""Credits of single touches, by hand, and that they always sum to what was converted."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormops_graph.attribution.credits import attribute
from stormops_graph.attribution.touch_credits import dealt, touch_credits
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import AREA, CREDIT, JOURNEY, JOURNEY_TOUCH, TOUCH_CREDIT, Connection

EXACT = {"rel": 0, "abs": 1e-11}
OPTIONS = AttributionSettings(draws=100)
END = datetime(2024, 6, 1)
MODELS = {
    *("markov", "shapley", "hybrid", "first_touch", "last_touch", "linear", "time_decay", "position_based"),
}
Taken = tuple[str, str, str, float | None]  # storm, ZIP, path, value of the conversion; None: nobody converted


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def fill(con: Connection, journeys: list[Taken], order: random.Random | None = None) -> None:
    """Journeys of touches a week apart, the last of them at the end."""
    for table in (JOURNEY, JOURNEY_TOUCH):
        table.create(con)
    taken, touches = [], []
    for number, (event, zip_code, path, value) in enumerate(journeys):
        steps, name = path.split(">"), f"h{number}:{event}"
        began = END - timedelta(days=7 * (len(steps) - 1))
        taken.append((name, f"h{number}", event, zip_code, None, value is not None, value, began, END))
        touches += [
            (name, place, f"t{number}.{place}", step, None, began + timedelta(days=7 * place))
            for place, step in enumerate(steps)
        ]
    for rows in (taken, touches):
        if order:
            order.shuffle(rows)
    JOURNEY.append(con, taken)
    JOURNEY_TOUCH.append(con, touches)


def shares(con: Connection, event: str, **markov: float) -> None:
    """The storm's Markov shares, as `attribute` would have found them."""
    CREDIT.ensure(con)
    for channel, share in markov.items():
        row = {"event_id": event, "zip_code": "ALL", "dimension": "channel", "key": channel, "model": "markov"}
        found = {**row, "share": share}
        con.execute(
            f"INSERT INTO credit VALUES ({', '.join('?' for _ in CREDIT.columns)})",
            [found.get(name) for name in CREDIT.columns],
        )


def credits(con: Connection, journey: str, model: str, column: str = "credit") -> list[float]:
    query = f"SELECT {column} FROM touch_credit WHERE journey_id = ? AND model = ? ORDER BY position"
    return [row[0] for row in con.execute(query, [journey, model]).fetchall()]


def test_one_journey_by_hand(con: Connection) -> None:
    fill(con, [("S", "1", "ga4>call>ga4>door_knock", 1000.0), ("S", "1", "sms", None)])
    shares(con, "S", ga4=0.2, call=0.1, door_knock=0.5, sms=0.2)
    assert touch_credits(con, OPTIONS) == 4 * len(MODELS)
    ours = "h0:S"
    # .2, .1 and .5 of the storm's removal effects: .8 on this path, what ga4 earned split over its two touches
    markov = [0.125, 0.125, 0.125, 0.625]
    shapley = [1 / 6, 1 / 3, 1 / 6, 1 / 3]
    assert credits(con, ours, "markov") == pytest.approx(markov, **EXACT)
    assert credits(con, ours, "shapley") == pytest.approx(shapley, **EXACT)
    assert credits(con, ours, "hybrid") == pytest.approx(
        [(m + s) / 2 for m, s in zip(markov, shapley, strict=True)], **EXACT
    )
    assert credits(con, ours, "first_touch") == [1, 0, 0, 0]
    assert credits(con, ours, "last_touch") == [0, 0, 0, 1]
    assert credits(con, ours, "linear") == [0.25] * 4
    assert credits(con, ours, "time_decay") == pytest.approx([1 / 15, 2 / 15, 4 / 15, 8 / 15], **EXACT)
    assert credits(con, ours, "position_based") == pytest.approx([0.4, 0.1, 0.1, 0.4], **EXACT)
    assert credits(con, ours, "markov", "value") == [125, 125, 125, 625]
    whole = con.execute("SELECT * FROM touch_credit WHERE model = 'hybrid' ORDER BY position").fetchall()
    assert touch_credits(con, OPTIONS, "hybrid") == 4
    assert con.execute("SELECT * FROM touch_credit ORDER BY position").fetchall() == whole


def test_what_does_not_divide_goes_to_the_earlier_touch(con: Connection) -> None:
    fill(con, [("S", "1", "a>b>c", 100.0)])
    shares(con, "S", a=1 / 3, b=1 / 3, c=1 / 3)
    touch_credits(con, OPTIONS)
    assert credits(con, "h0:S", "linear") == [0.333333333334, 0.333333333333, 0.333333333333]
    assert credits(con, "h0:S", "linear", "value") == [33.333334, 33.333333, 33.333333]


def test_touches_sum_to_the_conversions_of_every_area(con: Connection) -> None:
    dice = random.Random(4)
    made: list[Taken] = [
        (
            dice.choice("ST"),
            dice.choice("123"),
            ">".join(dice.choices("abcde", k=dice.randint(1, 9))),
            dice.choice([None, 0.0, round(dice.uniform(1, 30_000), 2)]),
        )
        for _ in range(400)
    ]
    fill(con, made)
    attribute(con, OPTIONS)
    touch_credits(con, OPTIONS)
    exact = "SUM(CAST(credit AS DECIMAL(30, 12))), SUM(CAST(touch_credit.value AS DECIMAL(30, 6)))"
    for by in ("journey_id", "event_id, zip_code", "event_id"):
        sums = con.execute(f"SELECT model, {exact}, count(DISTINCT journey_id), {by} FROM touch_credit GROUP BY ALL")
        assert all(total == journeys for _, total, _, journeys, *_ in sums.fetchall())
    areas = {
        row[:2]: row[2:] for row in con.execute("SELECT event_id, zip_code, conversions, value FROM area").fetchall()
    }
    found = con.execute(
        f"SELECT event_id, zip_code, model, {exact}, sum(credit) FROM touch_credit GROUP BY ALL"
    ).fetchall()
    assert {row[2] for row in found} == MODELS
    for event, zip_code, _, conversions, value, as_floats in found:
        assert conversions == areas[event, zip_code][0]
        assert float(value) == pytest.approx(areas[event, zip_code][1], rel=1e-12)
        assert as_floats == pytest.approx(float(conversions), rel=1e-12)
    assert AREA.check(con) == 8


def test_the_order_of_rows_decides_nothing(con: Connection) -> None:
    made: list[Taken] = [("S", "1", "a>b>a", 10.0), ("S", "2", "b>c", 7.0), ("S", "2", "c", None), ("T", "1", "a", 1.0)]
    fill(con, made)
    shares(con, "S", a=0.3, b=0.3, c=0.4)
    touch_credits(con, OPTIONS)
    first = con.execute("SELECT * FROM touch_credit ORDER BY ALL").fetchall()
    fill(con, made, random.Random(2))
    touch_credits(con, OPTIONS)
    assert con.execute("SELECT * FROM touch_credit ORDER BY ALL").fetchall() == first
    assert {row[0] for row in first} == {"S"}  # nothing is published of T


def test_a_missing_time_leaves_time_decay_out_of_its_storm_alone(con: Connection) -> None:
    fill(con, [("S", "1", "a>b", 10.0), ("S", "1", "a", 10.0), ("T", "1", "a>b", 1.0)])
    shares(con, "S", a=0.5, b=0.5)
    shares(con, "T", a=0.5, b=0.5)
    con.execute("UPDATE journey_touch SET \"at\" = NULL WHERE touch_id = 't0.0'")
    touch_credits(con, OPTIONS)
    models = "SELECT DISTINCT model FROM touch_credit WHERE event_id = ?"
    assert {row[0] for row in con.execute(models, ["S"]).fetchall()} == MODELS - {"time_decay"}
    assert {row[0] for row in con.execute(models, ["T"]).fetchall()} == MODELS


def test_channels_without_any_effect_share_alike_and_nothing_is_nothing(con: Connection) -> None:
    fill(con, [("S", "1", "a>b", None)])
    shares(con, "S", a=0.0, b=0.0, c=1.0)
    assert touch_credits(con, OPTIONS) == 0
    TOUCH_CREDIT.check(con)
    fill(con, [("S", "1", "a>b>b", 4.0)])
    touch_credits(con, OPTIONS)
    assert credits(con, "h0:S", "markov") == [0.5, 0.25, 0.25]


@given(
    st.lists(st.lists(st.floats(1e-9, 1), min_size=1, max_size=12), min_size=1, max_size=6),
    st.sampled_from([1.0, 3.0, 1e12, 4_711_000_001.0, -250.0]),
)
def test_units_are_dealt_whole_and_near_what_is_due(chains: list[list[float]], units: float) -> None:
    weights = np.array([weight / math.fsum(chain) for chain in chains for weight in chain])
    offsets = np.cumsum([0, *map(len, chains)])
    found = dealt(weights, offsets, np.full(len(chains), units))
    for first, last in itertools.pairwise(offsets):
        assert sum(Decimal(part) for part in found[first:last]) == Decimal(units)
        assert np.abs(found[first:last] - weights[first:last] * units).max() <= 1


def test_published_shares_give_what_exact_ones_give(con: Connection) -> None:
    dice = random.Random(9)
    fill(con, [("S", "1", ">".join(dice.choices("abcde", k=dice.randint(2, 9))), 10.0) for _ in range(300)])
    attribute(con, OPTIONS)
    touch_credits(con, OPTIONS)
    exact = con.execute("SELECT * FROM touch_credit ORDER BY ALL").fetchall()
    con.execute("UPDATE credit SET share = round(share, 12)")
    touch_credits(con, OPTIONS)
    assert con.execute("SELECT * FROM touch_credit ORDER BY ALL").fetchall() == exact
