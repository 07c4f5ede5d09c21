from __future__ import annotations

import json
import stat
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from stormops_graph.errors import InputError
from stormops_graph.ledger.ruling_file import keep_ruling, released_keys, rulings_in_force, store_rulings
from stormops_graph.ledger.rulings import IdentifierKind, Outcome, Ruling
from stormops_graph.link.sharing import find_shared
from stormops_graph.lookup.asked import Asked, AskedReader
from stormops_graph.normalise import FeedRules
from stormops_graph.normalise.placeholders import release
from stormops_graph.normalise.rules import read_feed_rules
from stormops_graph.rules.ruleset import SharedRules
from stormops_graph.tables import HOLDING, PLACEHOLDER, PROPERTY, RECORD, RECORD_HOME, SHARED_IDENTIFIER, Connection

START = datetime(2024, 5, 1)
RULES = Path(__file__).parents[2] / "matching_rules"
LIMITS = {"phone": {"surnames": 2, "homes": 2}, "email": {"surnames": 2, "homes": 2}}


def ruled(minute: int, value: str, outcome: str, kind: str = "phone") -> Ruling:
    at = START + timedelta(minutes=minute)
    return Ruling(
        kind=IdentifierKind(kind), value=value, ruling=Outcome(outcome), by="ana", at=at, reason="an office line"
    )


@pytest.fixture
def rules() -> FeedRules:
    return read_feed_rules(RULES)


@pytest.fixture
def con() -> Connection:
    """Three surnames hold 1, one surname holds 2, and 3 is a placeholder."""
    con = duckdb.connect(":memory:")
    for table in (RECORD, HOLDING, RECORD_HOME, PLACEHOLDER, PROPERTY):
        table.create(con)
    for record, surname, phone in (("a", "adams", 1), ("b", "baker", 1), ("c", "clark", 1), ("d", "davis", 2)):
        con.execute("INSERT INTO record BY NAME SELECT ? AS record, ? AS surname, 'x' AS given", [record, surname])
        con.execute("INSERT INTO holding BY NAME SELECT ? AS record, 'phone' AS kind, ? AS value", [record, str(phone)])
    con.execute("INSERT INTO placeholder VALUES ('a', 'phone', '3', 'fiction')")
    return con


def shared(con: Connection, *rulings: Ruling) -> list[tuple[object, ...]]:
    store_rulings(con, rulings)
    find_shared(con, SharedRules.model_validate(LIMITS))
    return con.execute(f"SELECT * FROM {SHARED_IDENTIFIER.name} ORDER BY value").fetchall()


def test_a_ruling_goes_before_the_count(con: Connection) -> None:
    crowded, fictional = ("phone", "1", 3, 3, "too many people"), ("phone", "3", 1, 1, "placeholder")
    assert shared(con) == [crowded, fictional]
    assert shared(con, ruled(1, "1", "released")) == [fictional]
    assert shared(con, ruled(1, "2", "blocked")) == [crowded, ("phone", "2", 1, 1, "blocked"), fictional]
    assert shared(con, ruled(1, "1", "blocked")) == [("phone", "1", 3, 3, "blocked"), fictional]
    assert shared(con, ruled(1, "2", "blocked", "email")) == [crowded, fictional]


@pytest.mark.parametrize(
    ("surnames", "homes", "reason"),
    [
        ("adams baker clark", "elm elm elm", None),  # a household, and one whom the caller's name misspells
        ("adams baker clark", "elm elm oak", "too many people"),
        ("adams baker clark davis", "elm elm elm elm", "too many people"),
    ],
)
def test_one_home_may_show_a_name_more(con: Connection, surnames: str, homes: str, reason: str | None) -> None:
    for record, (surname, home) in enumerate(zip(surnames.split(), homes.split(), strict=True)):
        con.execute("INSERT INTO record BY NAME SELECT ? AS record, ? AS surname", [record, surname])
        con.execute("INSERT INTO record_home BY NAME SELECT ? AS record, ? AS home", [record, home])
        con.execute("INSERT INTO holding BY NAME SELECT ? AS record, 'phone' AS kind, '7' AS value", [record])
    assert [row[4] for row in shared(con) if row[1] == "7"] == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("surnames", "homes", "is_shared"),
    [
        ("adams baker", "elm-1 elm-2", True),
        ("adams adams", "elm-1 elm-2", False),  # a family that took another flat, or wrote the wrong one
        ("adams baker", "elm-1 elm-1", False),  # a couple
        ("adams baker", "elm-1 oak-1", False),  # a number that was given on
        ("adams baker", "elm-0 elm-2", False),  # somebody who lives beside the house
    ],
)
def test_a_number_on_two_flats_of_one_house_is_the_houses(
    con: Connection, surnames: str, homes: str, is_shared: bool
) -> None:
    for home in ("elm-0", "elm-1", "elm-2", "oak-1"):
        street, unit = home.split("-")
        con.execute(
            "INSERT INTO property BY NAME SELECT ? AS property_id, '7' AS street_no, ? AS street_name,"
            " nullif(?, '0') AS unit, '75201' AS zip5",
            [home, street, unit],
        )
    for record, (surname, home) in enumerate(zip(surnames.split(), homes.split(), strict=True)):
        con.execute("INSERT INTO record BY NAME SELECT ? AS record, ? AS surname, 'x' AS given", [record, surname])
        con.execute(
            "INSERT INTO record_home BY NAME SELECT ? AS record, ? AS property_id, ? AS home", [record, home, home]
        )
    con.execute("INSERT INTO record BY NAME SELECT 'call' AS record")
    for record in ("0", "1", "call"):
        con.execute("INSERT INTO holding BY NAME SELECT ? AS record, 'phone' AS kind, '7' AS value", [record])
    found = [row for row in shared(con) if row[1] == "7"]
    assert found == ([("phone", "7", 2, 3, "flats of one house")] if is_shared else [])


@pytest.mark.parametrize(
    ("kind", "value", "cards", "is_shared"),
    [
        ("email", "roof@x.com", "ann-adams@elm bob-baker@oak", True),  # their agent's
        ("phone", "7", "ann-adams@elm bob-baker@oak", False),  # a number that was given on
        ("email", "roof@x.com", "ann-adams@elm bob-baker@elm", False),  # a couple
        ("email", "roof@x.com", "ann-adams@elm ann-adams@oak", False),  # a family that moved
        ("email", "roof@x.com", "ann-adams@elm bob-baker@elm ann-adams@oak", False),
        # where Baker lives nobody says
        ("email", "roof@x.com", "ann-adams@elm bob-baker@", True),
        ("email", "roof@x.com", "ann-adams@ bob-baker@", True),
        ("email", "theadams@x.com", "ann-adams@elm bob-baker@", False),
        ("email", "bob7@x.com", "ann-adams@elm bob-baker@", False),
        ("email", "roof@x.com", "ann-adams@elm ann-baker@", False),  # one who married
    ],
)
def test_an_email_of_two_families_at_two_homes_is_neithers(
    con: Connection, kind: str, value: str, cards: str, is_shared: bool
) -> None:
    for record, card in enumerate(cards.split()):
        name, home = card.split("@")
        said = [record, *name.split("-")]
        con.execute("INSERT INTO record BY NAME SELECT ? AS record, ? AS given, ? AS surname", said)
        con.execute("INSERT INTO record_home BY NAME SELECT ? AS record, nullif(?, '') AS home", [record, home])
        con.execute("INSERT INTO holding BY NAME SELECT ? AS record, ? AS kind, ? AS value", [record, kind, value])
    found = [row[4] for row in shared(con) if row[1] == value]
    assert found == (["homes of two families"] if is_shared else [])


def test_a_released_placeholder_identifies_again(con: Connection) -> None:
    for kind in ("phone", "email"):
        con.execute(f"CREATE TABLE {kind}_value AS SELECT 'raw' AS raw, '3' AS {kind}, 'fiction' AS reason")
    store_rulings(con, [ruled(1, "3", "released")])
    release(con)
    assert con.execute("SELECT reason FROM phone_value").fetchall() == [(None,)]
    assert con.execute("SELECT reason FROM email_value").fetchall() == [("fiction",)]


def test_the_latest_ruling_is_in_force_and_none_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "shared.jsonl"
    assert rulings_in_force(file) == []
    keep_ruling(file, ruled(5, "+12143630000", "blocked"))
    keep_ruling(file, ruled(6, "+12143630001", "blocked"))
    later = keep_ruling(file, ruled(1, "+12143630000", "released"))  # the clock was set back
    assert later.at == START + timedelta(minutes=5, microseconds=1)
    assert [(r.value, str(r.ruling)) for r in rulings_in_force(file)] == [
        ("+12143630000", "released"),
        ("+12143630001", "blocked"),
    ]
    assert released_keys(file) == {"phone:+12143630000"}
    assert len(file.read_text().splitlines()) == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_line_cut_short_does_not_count_and_a_wrong_one_is_told_without_its_value(tmp_path: Path) -> None:
    file = tmp_path / "shared.jsonl"
    keep_ruling(file, ruled(1, "+12143630000", "blocked"))
    whole = file.read_text()
    file.write_text(whole + whole[:40])
    assert len(rulings_in_force(file)) == 1
    assert file.read_text() == whole
    file.write_text(json.dumps({**json.loads(whole), "kind": "cookie"}) + "\n" + whole)
    with pytest.raises(InputError, match=r"shared\.jsonl:1: kind: ") as refused:
        rulings_in_force(file)
    assert "2143630000" not in refused.value.message + refused.value.hint


def test_what_is_named_is_read_as_the_feeds_are(rules: FeedRules) -> None:
    reader = AskedReader(rules)
    assert reader.named("phone", " (214) 363-4567 ").key == "phone:+12143634567"
    assert reader.named("email", "Jane@Mail.com").key == "email:jane@mail.com"
    assert reader.named("phone", "214-555-0100").value == "+12145550100"  # a placeholder has a name too
    for kind, raw in (("phone", "555"), ("email", "jane"), ("phone", "")):
        with pytest.raises(InputError, match="is not a"):
            reader.named(kind, raw)


def test_a_released_placeholder_can_be_asked_for(rules: FeedRules) -> None:
    asked = Asked(phone="214-555-0100")
    assert AskedReader(rules).read(asked)[0] == []
    assert [one.key for one in AskedReader(rules, {"phone:+12145550100"}).read(asked)[0]] == ["phone:+12145550100"]
