"""Areas and credits from the journey tables, by hand, and what must hold whatever the order of rows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import duckdb
import numpy as np
import pytest

from stormops_graph.attribution.credits import attribute
from stormops_graph.attribution.credits_json import credits_json
from stormops_graph.attribution.intervals import Bootstrap, generator, limits, markov_draws
from stormops_graph.attribution.leanings import Leanings
from stormops_graph.errors import NotFound
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import AREA, CREDIT, JOURNEY, JOURNEY_TOUCH, Connection

EXACT = {"rel": 0, "abs": 1e-9}
OPTIONS = AttributionSettings(draws=200)
NEUTRAL = Leanings(np.ones((1, 1)))
END = datetime(2024, 6, 1)
MODELS = {
    "markov",
    "shapley",
    "hybrid",
    "first_touch",
    "last_touch",
    "linear",
    "time_decay",
    "position_based",
}
Taken = tuple[str, str, str | None, bool]

# The storm of the hand-worked Markov shares in two ZIPs, and another storm that nobody converted in.
JOURNEYS: list[Taken] = [
    ("DFW", "75209", "ga4>email/report>door_knock>call/report", True),
    ("DFW", "75209", "ga4>email>door_knock>call", True),
    ("DFW", "75204", "ga4>door_knock/finance>email>call", True),
    ("DFW", "75204", "ga4>door_knock/finance>sms>call", True),
    ("DFW", "75204", "ga4>door_knock", False),
    ("OKC", "73101", "ga4", False),
]


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def fill(con: Connection, journeys: list[Taken], order: random.Random | None = None) -> None:
    JOURNEY.create(con)
    JOURNEY_TOUCH.create(con)
    taken, touches = [], []
    for number, (event, zip_code, path, converted) in enumerate(journeys):
        steps = path.split(">") if path else []
        begin, value = END - timedelta(days=7 * (len(steps) - 1)), 1000.0 if converted else None
        name = f"j{number:03}"
        taken.append((name, f"h{number}", event, zip_code, None, converted, value, begin, END))
        for position, step in enumerate(steps):
            channel, _, play = step.partition("/")
            at = begin + timedelta(days=7 * position)
            touches.append((name, position, f"{name}.{position}", channel, play or None, at))
    if order:
        order.shuffle(taken)
        order.shuffle(touches)
    if taken:
        con.executemany("INSERT INTO journey VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", taken)
    if touches:
        con.executemany("INSERT INTO journey_touch VALUES (?, ?, ?, ?, ?, ?)", touches)


def shares(
    con: Connection, model: str, zip_code: str = "ALL", dimension: str = "channel", column: str = "share"
) -> dict[str, float]:
    where = {"model": model, "zip": zip_code, "dimension": dimension}
    found = con.execute(
        f"SELECT key, {column} FROM credit WHERE model = $model AND zip_code = $zip AND dimension = $dimension", where
    )
    return dict(found.fetchall())


def table(con: Connection, name: str) -> list[tuple[object, ...]]:
    return con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall()


def test_hand_worked_storm(con: Connection) -> None:
    fill(con, JOURNEYS)
    attribute(con, OPTIONS)
    assert AREA.check(con) == 5
    CREDIT.check(con)
    expected = {"ga4": 30 / 109, "call": 30 / 109, "door_knock": 25 / 109, "email": 33 / 218, "sms": 15 / 218}
    assert shares(con, "markov") == pytest.approx(expected, **EXACT)
    # three sets {ga4, email, door_knock, call} and one with sms instead of email
    assert shares(con, "shapley") == pytest.approx(
        {"ga4": 1 / 4, "call": 1 / 4, "door_knock": 1 / 4, "email": 3 / 16, "sms": 1 / 16}, **EXACT
    )
    # a week between touches and a half-life of a week: 1, 2, 4, 8 of 15
    exact = {"ga4": 1 / 15, "email": 2 / 15, "door_knock": 4 / 15, "call": 8 / 15, "sms": 0}
    assert shares(con, "time_decay", "75209", column="raw") == pytest.approx(exact, **EXACT)
    assert set(shares(con, "first_touch").values()) == {0.0, 1.0}


def test_areas_count_what_there_is(con: Connection) -> None:
    fill(con, JOURNEYS)
    attribute(con, OPTIONS)
    assert table(con, "area") == [
        ("DFW", "75204", 3, 2, 2000.0, 10, 0),
        ("DFW", "75209", 2, 2, 2000.0, 8, 1),
        ("DFW", "ALL", 5, 4, 4000.0, 18, 1),
        ("OKC", "73101", 1, 0, 0.0, 1, 0),
        ("OKC", "ALL", 1, 0, 0.0, 1, 0),
    ]
    assert con.execute("SELECT count(*) FROM credit WHERE event_id = 'OKC'").fetchall() == [(0,)]


def test_plays_skip_touches_without_one(con: Connection) -> None:
    fill(con, JOURNEYS)
    attribute(con, OPTIONS)
    # chains report>report, finance, finance: three conversions to share out of four
    assert shares(con, "shapley", dimension="play") == pytest.approx({"report": 1 / 3, "finance": 2 / 3}, **EXACT)
    credited = con.execute(
        "SELECT sum(conversions), sum(value) FROM credit WHERE dimension = 'play' AND model = 'markov' "
        "AND zip_code = 'ALL'"
    ).fetchall()[0]
    assert credited == pytest.approx((3.0, 3000.0), **EXACT)


def test_every_credit_is_whole_and_inside_its_interval(con: Connection) -> None:
    fill(con, JOURNEYS)
    attribute(con, OPTIONS)
    for models, total in con.execute(
        "SELECT list(DISTINCT model), max(abs(total - 1)) FROM (SELECT model, sum(share) AS total FROM credit "
        "GROUP BY event_id, zip_code, dimension, model)"
    ).fetchall():
        assert set(models) == MODELS
        assert total < 1e-12
    bad = "SELECT count(*) FROM credit WHERE NOT (0 <= low AND low <= share AND share <= high AND high <= 1)"
    assert con.execute(bad).fetchall() == [(0,)]
    labels = "SELECT DISTINCT zip_code, interval FROM credit ORDER BY 1"
    assert con.execute(labels).fetchall() == [("75204", "pooled"), ("75209", "pooled"), ("ALL", "event")]


def test_the_only_zip_of_a_storm_is_the_storm(con: Connection) -> None:
    fill(con, [(event, "75001", path, converted) for event, _, path, converted in JOURNEYS[:5]])
    attribute(con, OPTIONS)
    columns = "event_id, dimension, key, model, share, low, high, interval, touches, journeys"
    whole, only = (
        con.execute(f"SELECT {columns} FROM credit WHERE zip_code = ? ORDER BY ALL", [zip_code]).fetchall()
        for zip_code in ("ALL", "75001")
    )
    assert whole == only


def test_neither_order_of_rows_nor_threads_matter(con: Connection) -> None:
    draw = random.Random(3)
    steps = ["ga4", "email/report", "sms", "call", "door_knock/finance"]
    many = [
        ("DFW", f"7500{draw.randrange(3)}", ">".join(draw.choices(steps, k=draw.randint(1, 6))), draw.random() < 0.4)
        for _ in range(700)
    ]
    fill(con, many)
    con.execute("SET threads = 1")
    attribute(con, OPTIONS)
    first = (table(con, "area"), table(con, "credit"))
    fill(con, many, random.Random(7))
    con.execute("SET threads = 4")
    attribute(con, OPTIONS)
    assert (table(con, "area"), table(con, "credit")) == first


def test_one_area_gets_what_it_gets_among_all(con: Connection) -> None:
    fill(con, JOURNEYS)
    attribute(con, OPTIONS)
    of_zip = con.execute("SELECT * FROM credit WHERE zip_code = '75204' ORDER BY ALL").fetchall()
    attribute(con, OPTIONS, event="DFW", zip_codes=["75204"])
    assert table(con, "credit") == of_zip
    attribute(con, OPTIONS, event="OKC")
    assert [row[:2] for row in table(con, "area")] == [("OKC", "73101"), ("OKC", "ALL")]
    attribute(con, OPTIONS, zip_codes=["ALL"])
    assert {row[1] for row in table(con, "area")} == {"ALL"}


def test_areas_with_few_journeys_can_be_held_back(con: Connection) -> None:
    fill(con, JOURNEYS)
    attribute(con, OPTIONS.model_copy(update={"minimum_journeys": 3}))
    credited = con.execute("SELECT DISTINCT event_id, zip_code FROM credit ORDER BY ALL").fetchall()
    assert credited == [("DFW", "75204"), ("DFW", "ALL")]
    assert AREA.check(con) == 5


def test_a_zip_where_nobody_converted_is_credited_by_its_storm(con: Connection) -> None:
    fill(con, [*JOURNEYS, ("DFW", "75001", "ga4>email/report", False)])
    attribute(con, OPTIONS)
    found = con.execute(
        "SELECT sum(share), count(raw), max(conversions), min(own), max(own) FROM credit "
        "WHERE zip_code = '75001' AND model = 'shapley' AND dimension = 'channel'"
    ).fetchall()
    assert found == [(pytest.approx(1, abs=1e-12), 0, 0, 0, 0)]


def test_personas_of_journeys_lean_where_priors_are_given(con: Connection) -> None:
    fill(con, JOURNEYS)
    con.execute("UPDATE journey SET persona = 'Deal_Hunter' WHERE event_id = 'DFW'")
    priors = {"Deal_Hunter": {"channels": {"sms": 1.3, "email": 0.8}, "plays": {"finance": 1.5}}}
    attribute(con, OPTIONS, priors=priors)
    leaned = table(con, "credit")
    # four conversions and ten journeys' belief: a path with sms weighs 1.3, one with email .8
    believed = (1.3 / 4) / (1.3 + 3 * 0.8)
    assert shares(con, "shapley")["sms"] == pytest.approx((1 / 4 + 10 * believed) / 14, **EXACT)
    assert shares(con, "shapley", column="shift")["sms"] > 0
    assert shares(con, "shapley", dimension="play", column="shift")["finance"] > 0
    attribute(con, OPTIONS, priors={"Deal_Hunter": {"channels": {"sms": 1.0}, "plays": {}}})
    neutral = table(con, "credit")
    attribute(con, OPTIONS)
    assert table(con, "credit") == neutral != leaned


def test_an_unknown_storm_or_zip_is_not_found(con: Connection) -> None:
    fill(con, JOURNEYS)
    with pytest.raises(NotFound, match="NOWHERE") as refused:
        attribute(con, OPTIONS, event="NOWHERE")
    assert "DFW" in refused.value.hint
    with pytest.raises(NotFound, match="99999"):
        attribute(con, OPTIONS, zip_codes=["99999"])


def test_no_journeys_at_all(con: Connection) -> None:
    fill(con, [])
    attribute(con, OPTIONS)
    assert credits_json(con, "r1") == {"run": "r1", "areas": []}


def test_odd_rows(con: Connection) -> None:
    """A ZIP that is blank, a journey without touches, positions with gaps, a touch without a time."""
    fill(con, [("S", "", "a>b", True), ("S", "1", "", True), ("S", "1", "b", True)])
    con.execute("UPDATE journey_touch SET position = position * 10")
    attribute(con, OPTIONS)
    assert [row[1:4] for row in table(con, "area")] == [("1", 2, 2), ("ALL", 3, 3), ("UNKNOWN", 1, 1)]
    assert shares(con, "last_touch", "UNKNOWN", column="raw") == {"a": 0, "b": 1}
    assert shares(con, "first_touch") == {"a": 0.5, "b": 0.5}
    con.execute('UPDATE journey_touch SET "at" = NULL WHERE position = 10')
    attribute(con, OPTIONS)
    assert shares(con, "time_decay", "UNKNOWN") == shares(con, "time_decay", "1") == {}


def test_json_is_as_promised(con: Connection) -> None:
    fill(con, JOURNEYS)
    attribute(con, OPTIONS)
    areas = credits_json(con, "r1")["areas"]
    assert [(area["event_id"], area["zip_code"]) for area in areas] == [
        ("DFW", None),
        ("DFW", "75204"),
        ("DFW", "75209"),
        ("OKC", None),
        ("OKC", "73101"),
    ]
    assert {row["model"] for row in areas[0]["channels"]} == MODELS
    assert areas[3]["channels"] == areas[3]["plays"] == []
    first = areas[0]["plays"][0]
    assert list(first)[:5] == ["key", "model", "credit", "low", "high"]
    assert first["low"] <= first["credit"] <= first["high"]


def test_impossible_steps_stay_impossible_and_one_channel_is_certain() -> None:
    certain = markov_draws(np.array([[[1.0, 2.0, 3.0], [5.0, 0.0, 0.0]]]), NEUTRAL, 50, generator(1, "a"))
    assert certain == pytest.approx(np.ones((50, 1)))
    closed = markov_draws(np.array([[[9.0, 0, 1, 0], [0, 0, 1, 0], [1, 1, 0, 0.0]]]), NEUTRAL, 500, generator(1, "b"))
    assert np.isfinite(closed).all()
    assert closed.sum(axis=1) == pytest.approx(np.ones(500))


def test_bootstrap_weighs_journeys_and_widens_for_the_unseen() -> None:
    blocks = np.zeros((1, 40, 3))
    blocks[0, :20, 0] = blocks[0, 20:, 1] = 1.0
    drawn = Bootstrap.drawn(4001, 5).shares(blocks)
    assert drawn.shape == (1, 4001, 3)
    # a Dirichlet of 20 + 1/3, 20 + 1/3, 1/3
    assert drawn[0].mean(axis=0) == pytest.approx([20.333 / 41, 20.333 / 41, 0.333 / 41], abs=0.005)
    assert drawn[0, :, 0].std() == pytest.approx((0.25 / 42) ** 0.5, rel=0.1)
    low, high = limits(drawn, np.array([[0.5, 0.5, 0.0]]))
    assert low[0, 2] == 0 < high[0, 2]
