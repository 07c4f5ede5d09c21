"""What makes a pair as likely as it is: the parts of its evidence add up to what is stated of it, whatever ties it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from listed_homes import market

from stormops_graph.link.comparisons import level_weights, mixture_weights
from stormops_graph.link.linkage import compare_records
from stormops_graph.link.scoring import market as people_of
from stormops_graph.link.weighing import RARITY_BITS
from stormops_graph.rules.model import Calibration, Model, read_model
from stormops_graph.rules.ruleset import read_rules
from stormops_graph.tables import PLACEHOLDER, Connection

RULES = read_rules(Path(__file__).parents[2] / "matching_rules")
MODEL = read_model(RULES)
Parts = dict[tuple[str, str], float]

# record → given, surname, house number on Oak St, ZIP, phone
RECORDS: dict[str, tuple[str, str, str | None, str | None, str | None]] = {
    "crm_contacts:1": ("orla", "quent", "1", "75001", "+12145550101"),
    "crm_contacts:2": ("orla", "quent", None, None, None),
    "conversions:3": ("orla", "quent", None, "75001", None),
    "conversions:4": ("orla", "quent", None, "75002", None),
    "calls:5": ("orla", "quent", None, None, "+12145550101"),
    "door_knocks:6": ("tim", "quent", "1", "75001", None),
    "door_knocks:7": ("zoe", "abbot", "1", "75001", None),
}


@pytest.fixture
def con() -> Connection:
    """Two hundred homes in four ZIPs, namesakes beside and at one of them, their family, and strangers."""
    zips = ("75001", "75002", "75003", "75004")
    con = market({f"{z} {n}": (str(n), "oak", "st", None, z) for z in zips for n in range(1, 51)})
    PLACEHOLDER.create(con)
    for record, (given, surname, number, zip5, phone) in RECORDS.items():
        street = ("oak", "st") if number else (None, None)
        con.execute(
            "INSERT INTO record (record, feed, given, surname, address_key, street_no, street_name, street_type, zip5)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [record, record.split(":")[0], given, surname, number and "1 oak st, 75001", number, *street, zip5],
        )
        if phone:
            con.execute("INSERT INTO holding (record, kind, value) VALUES (?, 'phone', ?)", [record, phone])
    con.execute(
        "INSERT INTO record (record, feed, given, surname)"
        " SELECT 'emails:' || n, 'emails', 'given' || n, 'surname' || n FROM range(300) t(n)"
    )
    return con


def tallies(con: Connection, model: Model) -> dict[tuple[str, str], tuple[float, Parts]]:
    """What is stated of each pair, in bits, and its parts by kind and level."""
    compare_records(con, RULES, model)
    rows = con.execute("SELECT left_id, right_id, weight, evidence FROM pair WHERE level = 'household'").fetchall()
    return {
        (left, right): (weight, {(p["kind"], p.get("level", "")): p["weight"] for p in json.loads(evidence)})
        for left, right, weight, evidence in rows
    }


FINE = 15  # bits up to which a probability of six digits says them to a hundredth


def test_of_every_pair_the_parts_add_up_to_what_is_stated(con: Connection) -> None:
    corrected = replace(
        MODEL, calibration={"household": Calibration(low=-3.0, high=8.0, lower=-0.7, upper=0.8, verdicts=40)}
    )
    for model in (MODEL, corrected):
        found = tallies(con, model)
        kinds = {kind for _, parts in found.values() for kind, _ in parts}
        assert kinds == {"given", "surname", "phones", "home", "feed", "zip5", "prior", "family"} | (
            {"verdicts"} if model is corrected else set()
        )
        for weight, parts in found.values():
            assert min(sum(parts.values()), FINE) == pytest.approx(min(weight, FINE), abs=0.03)


BORNE_BY_ALL = "UPDATE record SET surname = 'quent' WHERE feed = 'emails'"
BORNE_BY_ONE = """
DELETE FROM record WHERE surname = 'quent' AND record NOT IN ('crm_contacts:1', 'door_knocks:6');
UPDATE record SET given = 'orla' WHERE record = 'door_knocks:6'
"""


@pytest.mark.parametrize(
    ("borne", "rarest", "bound"),
    [(BORNE_BY_ALL, MODEL.rarest["surname"], -RARITY_BITS), (BORNE_BY_ONE, 1e-6, RARITY_BITS)],
    ids=["by all", "by one"],
)
def test_what_a_home_ties_is_tallied_with_no_rarer_or_commoner_names_than_the_mixture_takes(
    con: Connection, borne: str, rarest: float, bound: float
) -> None:
    con.execute(borne)
    weight, parts = tallies(con, replace(MODEL, rarest=MODEL.rarest | {"surname": rarest}))[
        "crm_contacts:1", "door_knocks:6"
    ]
    ((share,),) = con.execute("SELECT share FROM surname_frequency WHERE name = 'quent'").fetchall()
    assert math.log2(MODEL.chance["surname"][0] / share) / bound > 1
    assert parts["surname", "exact"] == pytest.approx(mixture_weights("surname", MODEL)[-1] + bound, abs=0.01)
    assert min(sum(parts.values()), FINE) == pytest.approx(min(weight, FINE), abs=0.03)


def test_namesakes_are_tallied_as_splink_weighs_them_with_zip_and_feed(con: Connection) -> None:
    found = tallies(con, MODEL)
    prior = round(-math.log2(people_of(con, RULES) - 1), 2)
    names = found["crm_contacts:1", "crm_contacts:2"][1]
    assert names.pop(("feed", "same")) == RULES.household.namesakes.same_feed == -2
    assert names.keys() == {("prior", ""), ("given", "exact"), ("surname", "exact")}
    assert names["prior", ""] == prior
    for column, name in (("given", "orla"), ("surname", "quent")):
        ((share,),) = con.execute(f"SELECT share FROM {column}_frequency WHERE name = ?", [name]).fetchall()
        rare = math.log2(MODEL.chance[column][0] / share)  # than names are on average
        assert names[column, "exact"] == pytest.approx(level_weights(column, MODEL)[-1] + rare, abs=0.01)
    assert found["conversions:3", "crm_contacts:1"][1] == names | {("zip5", "same"): 2.0}  # of four ZIPs
    assert found["conversions:4", "crm_contacts:1"][1] == names | {("zip5", "different"): -4.0}


def test_what_a_home_ties_is_tallied_as_the_mixture_weighs_it_with_the_family(con: Connection) -> None:
    _, parts = tallies(con, MODEL)["crm_contacts:1", "door_knocks:7"]  # another name at the same home
    person, household = MODEL.kinds["person"], MODEL.kinds["household"]
    different = {column: mixture_weights(column, MODEL)[0] for column in ("given", "surname")}
    for column, bits in different.items():
        assert parts.pop((column, "different")) == pytest.approx(bits, abs=0.01)
        person *= MODEL.levels[column]["person"][-1]
        household *= MODEL.levels[column]["household"][-1]
    ((_, level),) = (key for key in parts if key[0] == "home")
    place = [one.kind for one in RULES.matching.comparisons[RULES.matching.columns.index("home")].level].index(level)
    assert parts.pop(("home", level)) == pytest.approx(mixture_weights("home", MODEL)[-1 - place], abs=0.01)
    person *= MODEL.levels["home"]["person"][place]
    household *= MODEL.levels["home"]["household"][place]
    assert parts == {
        ("prior", ""): pytest.approx(math.log2(MODEL.kinds["person"] / MODEL.kinds["unrelated"]), abs=0.01),
        ("family", ""): pytest.approx(math.log2(1 + household / person), abs=0.01),
    }
