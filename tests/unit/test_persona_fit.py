"""Personas of homes that have none: learnt from the others, with probabilities."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pytest

from stormops_graph.personas.fit import PersonaModel, classify_personas, fit_personas, learnt
from stormops_graph.personas.priors import Priors, property_priors
from stormops_graph.settings import PersonaSettings
from stormops_graph.tables import PROPERTY, Connection

HUNTER, SEEKER = "Deal_Hunter", "Proof_Seeker"
KNOWN = (HUNTER, SEEKER)
SETTINGS = PersonaSettings(features=("median_household_income", "estimated_value"), bands=2)


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def homes(con: Connection, rows: list[dict[str, Any]], order: random.Random | None = None) -> None:
    PROPERTY.create(con)
    rows = [{"property_id": f"P{number:04}", **row} for number, row in enumerate(rows)]
    if order:
        order.shuffle(rows)
    PROPERTY.append(con, [[row.get(name) for name in PROPERTY.columns] for row in rows])


def world(known: int = 400, asked: int = 100, seed: int = 1) -> list[dict[str, Any]]:
    """Deal hunters have little income, proof seekers much; the value of the home says nothing."""
    source = np.random.default_rng(seed)
    rows = []
    for number in range(known + asked):
        hunts = source.random() < 0.4
        income = source.normal(45_000 if hunts else 75_000, 12_000)
        persona = HUNTER if hunts else SEEKER
        row = {"median_household_income": float(income), "estimated_value": float(source.normal(300_000, 9_000))}
        rows.append({**row, "primary_persona": persona if number < known else None, "city": persona})
    return rows


def test_a_model_by_hand() -> None:
    # 4 hunters below 10, 1 above; 1 seeker below, 4 above: bands of five
    features = np.array([[1.0], [2], [3], [4], [11], [5], [12], [13], [14], [15]])
    persona = np.array([0] * 5 + [1] * 5)
    model = PersonaModel.fitted(KNOWN, persona, features, 2)
    assert [edge.tolist() for edge in model.bands] == [[11.0]]
    # smoothed by four homes that are as all: (4 + 4/2) / (5 + 4) against 1/2
    assert np.exp(model.ratios[0]).tolist() == [
        pytest.approx([6 / 9 / 0.5, 3 / 9 / 0.5]),
        pytest.approx([3 / 9 / 0.5, 6 / 9 / 0.5]),
    ]
    assert model.chances(np.array([[3.0], [12.0], [np.nan]])).tolist() == [
        pytest.approx([2 / 3, 1 / 3]),
        pytest.approx([1 / 3, 2 / 3]),
        pytest.approx([0.5, 0.5]),  # what is missing is no evidence
    ]


def test_what_is_learnt_is_right_as_often_as_it_says(con: Connection) -> None:
    homes(con, world(2000, 1000))
    fit = classify_personas(con, KNOWN, PersonaSettings())
    assert fit is not None
    assert fit.accuracy > 0.85 > fit.most_common + 0.2
    rows = con.execute(
        "SELECT avg((property_persona.persona = city)::INT), avg(probability), count(*) "
        "FROM property_persona JOIN property USING (property_id)"
    ).fetchall()
    right, said, number = rows[0]
    assert number == 1000
    assert right == pytest.approx(fit.accuracy, abs=0.04)
    assert right == pytest.approx(said, abs=0.04)
    assert con.execute("SELECT DISTINCT round(list_sum(chances), 3) FROM property_persona").fetchall() == [(1.0,)]
    (note,) = learnt(con)
    assert "1,000 homes were learnt from 2,000" in note


def test_features_that_say_nothing_leave_the_shares(con: Connection) -> None:
    rows = [{**row, "median_household_income": None} for row in world(600, 1)]
    homes(con, rows)
    fit = classify_personas(con, KNOWN, SETTINGS)
    assert fit is not None
    assert fit.accuracy == pytest.approx(fit.most_common, abs=0.02)
    ((chances,),) = con.execute("SELECT chances FROM property_persona").fetchall()
    assert chances == pytest.approx(fit.model.shares.tolist(), abs=0.1)


def test_a_home_without_features_gets_no_persona_nor_do_too_few_teach(con: Connection) -> None:
    homes(con, [*world(100, 1), {}])
    assert classify_personas(con, KNOWN, SETTINGS) is not None
    assert con.execute("SELECT property_id FROM property_persona").fetchall() == [("P0100",)]
    assert classify_personas(con, KNOWN, PersonaSettings(fewest=101)) is None
    assert classify_personas(con, KNOWN, PersonaSettings(classify=False)) is None
    assert classify_personas(con, (HUNTER,), SETTINGS) is None  # one persona alone teaches nothing
    assert con.table("property_persona").count("*").fetchall() == [(0,)]
    assert learnt(con) == []


def test_order_of_rows_changes_nothing(con: Connection) -> None:
    found = []
    for order in (None, random.Random(1)):
        homes(con, world(), order)
        classify_personas(con, KNOWN, PersonaSettings())
        found.append(
            [con.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in ("property_persona", "persona_fit")]
        )
    assert found[0] == found[1]


def test_two_features_that_say_the_same_count_less_than_two() -> None:
    source = np.random.default_rng(3)
    persona = (source.random(1500) < 0.5).astype(np.int64)
    income = source.normal(persona * 1.5, 1.0)
    keys = [str(number) for number in range(1500)]
    once = fit_personas(KNOWN, keys, persona, income[:, None], 8)
    thrice = fit_personas(KNOWN, keys, persona, np.repeat(income[:, None], 3, axis=1), 8)
    assert once.model.temper >= 0.8
    assert thrice.model.temper == pytest.approx(once.model.temper / 3, abs=0.11)
    assert thrice.log_loss == pytest.approx(once.log_loss, abs=0.01)


def test_multipliers_of_chances_are_their_mean(con: Connection) -> None:
    homes(con, world(400, 1))
    priors = Priors.shipped()
    classify_personas(con, tuple(priors.personas), PersonaSettings())
    property_priors(con, priors)
    ((stored, income, value, personas, chances),) = con.execute(
        """SELECT persona_priors, median_household_income, estimated_value, personas, chances
        FROM property_priors JOIN property USING (property_id) JOIN property_persona USING (property_id)"""
    ).fetchall()
    each = [priors.get_priors(persona, income, value)["channels"].get("email", 1.0) for persona in personas]
    mean = sum(chance * multiplier for chance, multiplier in zip(chances, each, strict=True))
    assert json.loads(stored)["channels"]["email"] == pytest.approx(mean, abs=2e-4)
