"""What the shipped personas lean to, and what is refused in a rules file."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from stormops_graph.errors import InputError, NotFound, SettingsError
from stormops_graph.personas.priors import Priors, property_priors
from stormops_graph.tables import PROPERTY, PROPERTY_PRIORS

SMALL = "version = 1\n[personas.Deal_Hunter.channels]\nsms = 1.3\n"


def test_deal_hunter_exactly() -> None:
    assert Priors.shipped().get_priors("Deal_Hunter", 45000, 450000) == {
        "channels": {"sms": 1.3, "door_knock": 1.2, "email": 0.8},
        "plays": {"Financing_Aggressive": 1.5, "Premium_Showcase": 0.6},
    }


@pytest.mark.parametrize(
    ("persona", "channel", "plays"),
    [
        ("Proof_Seeker", "email", ("Impact_Report_Premium", "Impact_Report_Standard")),
        ("Family_Protector", "sms", ("Safety_Warranty", "Safety_Standard")),
        ("Status_Conscious", "door_knock", ("Premium_Showcase", "Premium_Standard")),
    ],
)
def test_leanings(persona: str, channel: str, plays: tuple[str, str]) -> None:
    found = Priors.shipped().get_priors(persona)
    assert max(found["channels"], key=found["channels"].__getitem__) == channel
    assert all(found["plays"][play] > 1 for play in plays)


def test_income_and_value_adjust_only_where_known() -> None:
    priors = Priors.shipped()
    own = priors.get_priors("Deal_Hunter")
    assert own == priors.get_priors("Deal_Hunter", 45000, 450000)
    assert priors.get_priors("Deal_Hunter", 39999)["plays"]["Financing_Aggressive"] == 1.65
    assert priors.get_priors("Deal_Hunter", 40000) == own
    assert priors.get_priors("Deal_Hunter", None, 600000)["channels"]["door_knock"] == 1.32
    assert priors.get_priors("Deal_Hunter", 200000, 900000)["plays"]["Premium_Showcase"] == 0.864


def test_unknown_persona_and_odd_figures() -> None:
    with pytest.raises(NotFound) as refused:
        Priors.shipped().get_priors("Nobody")
    assert "Deal_Hunter" in refused.value.hint
    for income in (-1.0, float("nan"), float("inf"), "45000"):
        with pytest.raises(InputError, match="income"):
            Priors.shipped().get_priors("Deal_Hunter", income)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (SMALL + "[personas.Deal_Hunter.chanels]\nsms = 1\n", "personas.Deal_Hunter.chanels"),
        (SMALL.replace("1.3", "0"), "personas.Deal_Hunter.channels.sms"),
        (SMALL + "[[income]]\nbelow = 9\n[[income]]\nbelow = 8\n", "must rise"),
        (SMALL + "[[income]]\n[[income]]\nbelow = 8\n", "must rise"),
        (SMALL.replace("version = 1", "version = 2"), "version"),
        ("personas = [", "personas.toml"),
        (None, "personas.toml"),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_key(tmp_path: Path, text: str | None, word: str) -> None:
    file = tmp_path / "personas.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsError, match=word) as refused:
        Priors.read(file)
    assert "personas.toml" in refused.value.message


def test_properties_get_their_priors() -> None:
    with closing(duckdb.connect()) as con:
        PROPERTY.create(con)
        con.executemany(
            "INSERT INTO property (property_id, primary_persona, median_household_income, estimated_value) "
            "VALUES (?, ?, ?, ?)",
            [
                ("p1", "Deal_Hunter", 45000, 450000),
                ("p2", "Deal_Hunter", None, None),
                ("p3", "Deal_Hunter", 30000, -5),
                ("p4", None, 45000, 450000),
                ("p5", "Unheard_Of", 45000, 450000),
            ],
        )
        property_priors(con, Priors.shipped())
        assert PROPERTY_PRIORS.check(con) == 3
        found = dict(con.execute("SELECT * FROM property_priors").fetchall())
    assert json.loads(found["p1"]) == Priors.shipped().get_priors("Deal_Hunter", 45000, 450000)
    assert found["p1"] == found["p2"]
    assert json.loads(found["p3"])["plays"]["Financing_Aggressive"] == 1.65


def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "personas.toml"
    file.write_text("version = 1\n[personas.Deal_Hunter.channels]\nsms = -1\n")
    with pytest.raises(SettingsError, match=r"personas\.toml:3: personas\.Deal_Hunter\.channels\.sms: "):
        Priors.read(file)


def test_a_personas_own_multipliers_are_those_of_middling_homes() -> None:
    priors = Priors.shipped()
    for persona, own in priors.of_personas().items():
        assert own == priors.get_priors(persona, 60_000, 400_000)
