"""Credits per persona: like those of ZIPs, whatever the order of rows, in JSON, on the terminal and on the page."""

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

OPTIONS = AttributionSettings(draws=200)
END = datetime(2024, 6, 1)
# Deal hunters convert after calls alone, proof seekers after knocks; of one home nobody knows the persona.
TAKEN = [
    *[("Deal_Hunter", "75001", "email>call", True), ("Deal_Hunter", "75002", "email", False)] * 40,
    *[("Proof_Seeker", "75001", "email>door_knock", True), ("Proof_Seeker", "75002", "door_knock", False)] * 40,
    (None, "75001", "email>call", True),
]


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def personas(con: Connection, taken: list[tuple[Any, ...]], options: AttributionSettings = OPTIONS) -> dict[Any, Any]:
    """Persona -> its part of the JSON."""
    JOURNEY.create(con)
    JOURNEY_TOUCH.create(con)
    rows, touches = [], []
    for number, persona, zip_code, path, converted in taken:
        name, steps = f"J{number}", path.split(">")
        value = 100.0 if converted else None
        rows.append((name, f"h{number}", "S", zip_code, persona, converted, value, END - timedelta(days=9), END))
        touches += [(name, i, None, step, None, END - timedelta(days=len(steps) - i)) for i, step in enumerate(steps)]
    JOURNEY.append(con, rows)
    JOURNEY_TOUCH.append(con, touches)
    attribute(con, options)
    (whole, *zips) = credits_json(con, None)["areas"]
    assert all("personas" not in area for area in zips)
    return {one["persona"]: one for one in whole["personas"]}


def test_each_persona_has_its_own_credits(con: Connection) -> None:
    found = personas(con, [(number, *row) for number, row in enumerate(TAKEN)])
    assert [(one["persona"], one["journeys"], one["conversions"]) for one in found.values()] == [
        ("Deal_Hunter", 80, 40),
        ("Proof_Seeker", 80, 40),
        (None, 1, 1),
    ]
    for one in found.values():
        for model in {row["model"] for row in one["channels"]}:
            rows = [row for row in one["channels"] if row["model"] == model]
            assert sum(row["credit"] for row in rows) == pytest.approx(1, abs=1e-12)
            assert all(row["low"] <= row["credit"] <= row["high"] for row in rows)
    linear = {
        (persona, row["key"]): row["credit"]
        for persona, one in found.items()
        for row in one["channels"]
        if row["model"] == "linear"
    }
    # all of their conversions had an email and a call; little is borrowed, as the personas are unlike
    assert linear["Deal_Hunter", "call"] == pytest.approx(0.5, abs=0.03)
    assert linear["Proof_Seeker", "door_knock"] == pytest.approx(0.5, abs=0.03)
    own = {persona: one["channels"][0]["own"] for persona, one in found.items()}
    assert own["Deal_Hunter"] > 0.9 > own[None]


def test_order_of_rows_changes_nothing(con: Connection) -> None:
    rows = [(number, *row) for number, row in enumerate(TAKEN)]
    assert personas(con, rows) == personas(con, random.Random(1).sample(rows, len(rows)))


def test_few_journeys_and_a_single_persona_have_none(con: Connection) -> None:
    rows = [(number, *row) for number, row in enumerate(TAKEN)]
    assert set(personas(con, rows, OPTIONS.model_copy(update={"minimum_journeys": 2}))) == {
        "Deal_Hunter",
        "Proof_Seeker",
    }
    assert personas(con, [row for row in rows if row[1] == "Deal_Hunter"]) == {}
    assert personas(con, [(number, None, *row[1:]) for number, *row in rows]) == {}
