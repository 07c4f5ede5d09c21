"""Credits without intervals: what `attribute` publishes but for the means of draws, and what touches would earn."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import duckdb
import pytest

from stormops_graph.attribution.credits import attribute
from stormops_graph.attribution.points import point_credits
from stormops_graph.attribution.touch_credits import touch_credits
from stormops_graph.errors import NotFound
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import JOURNEY, JOURNEY_TOUCH, Connection

OPTIONS = AttributionSettings(draws=2000)
END = datetime(2024, 6, 1)
KEY = ("event_id", "zip_code", "dimension", "key", "model")
DRAWN = ("markov", "hybrid")
PRIORS = {"Deal_Hunter": {"channels": {"sms": 1.5}, "plays": {"finance": 1.3}}}
PATHS = [("ga4>email/report>call", True), ("ga4>sms/finance>call", True), ("email>email", False), ("call", True)]


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def fill(con: Connection, order: random.Random | None = None) -> None:
    """Two storms: one of two ZIPs, one of a single ZIP."""
    taken, touches = [], []
    for number in range(60):
        event, zip_code = ("OKC", "73101") if number % 5 == 0 else ("DFW", f"7520{number % 2}")
        path, converted = PATHS[number % 4]
        steps, name, persona = path.split(">"), f"h{number}:{event}", "Deal_Hunter" if number % 3 else None
        began = END - timedelta(days=len(steps))
        value = 100.0 * number if converted else None
        taken.append((name, f"h{number}", event, zip_code, persona, converted, value, began, END))
        for place, step in enumerate(steps):
            channel, _, play = step.partition("/")
            touches.append((name, place, f"t{number}.{place}", channel, play or None, began + timedelta(days=place)))
    for table, rows in ((JOURNEY, taken), (JOURNEY_TOUCH, touches)):
        if order:
            order.shuffle(rows)
        table.create(con)
        table.append(con, rows)


def credits(con: Connection) -> dict[tuple[str, ...], tuple[float, ...]]:
    columns = ", ".join((*KEY, "share", "conversions", "value", "raw", "own", "touches", "journeys"))
    return {row[:5]: row[5:] for row in con.execute(f"SELECT {columns} FROM credit").fetchall()}


@pytest.mark.parametrize("priors", [None, PRIORS])
def test_points_are_what_is_published(con: Connection, priors: dict[str, dict[str, dict[str, float]]] | None) -> None:
    fill(con)
    attribute(con, OPTIONS, priors=priors)
    published, areas = credits(con), con.execute("SELECT * FROM area ORDER BY ALL").fetchall()
    touch_credits(con, OPTIONS, "markov")
    touches = con.execute("SELECT * FROM touch_credit ORDER BY ALL").fetchall()
    point_credits(con, OPTIONS, priors=priors)
    points = credits(con)
    assert points.keys() == published.keys() and len(points) > 100
    for key, found in points.items():
        drawn = key[1] not in ("ALL", "73101") and key[4] in DRAWN
        assert found == pytest.approx(published[key], rel=0.1 if drawn else 1e-12, abs=0.02 if drawn else 1e-12)
    assert con.execute("SELECT * FROM area ORDER BY ALL").fetchall() == areas
    assert con.execute("SELECT * FROM touch_credit ORDER BY ALL").fetchall() == touches
    assert con.execute("SELECT count(low), count(high) FROM credit").fetchall() == [(0, 0)]


def test_points_of_one_storm_in_any_order_of_rows(con: Connection) -> None:
    fill(con)
    point_credits(con, OPTIONS)
    both = credits(con)
    fill(con, random.Random(3))
    point_credits(con, OPTIONS, "DFW")
    assert credits(con) == {key: found for key, found in both.items() if key[0] == "DFW"}
    with pytest.raises(NotFound, match="no journey is in storm TUL"):
        point_credits(con, OPTIONS, "TUL")
