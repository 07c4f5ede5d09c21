"""Phone numbers that are a slip of the pen, and those that are another person's."""

from __future__ import annotations

import random

import duckdb
import pytest

from stormops_graph.link.phoneslips import find_phone_slips
from stormops_graph.tables import HOLDING, IDENTIFIER_NEWS, RECORD, RECORD_NEWS, SHARED_IDENTIFIER, Connection

Held = list[tuple[str, str | None, str]]  # record, surname, number
RIGHT, SWAPPED, MISTYPED = "+19725553412", "+19725553142", "+19725553472"


def workspace(held: Held) -> Connection:
    con = duckdb.connect(config={"threads": 1})
    for table in (RECORD, HOLDING, SHARED_IDENTIFIER, RECORD_NEWS, IDENTIFIER_NEWS):
        table.create(con)
    hold(con, held)
    return con


def hold(con: Connection, held: Held) -> None:
    for record, surname, number in held:
        con.execute("INSERT INTO record BY NAME SELECT ? AS record, ? AS surname", [record, surname])
        con.execute("INSERT INTO holding BY NAME SELECT ? AS record, 'phone' AS kind, ? AS value", [record, number])


def slips(con: Connection, new: Held | None = None) -> list[tuple[str, str]]:
    """What numbers mean, where those of `new` came since the last time, or all of them."""
    due = [number for *_, number in new or con.execute("SELECT value FROM holding").fetchall()]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE identifier_due AS SELECT 'phone' AS kind, unnest($due) AS value", {"due": due}
    )
    con.execute("CREATE OR REPLACE TEMP TABLE identifier_held AS FROM holding SEMI JOIN identifier_due USING (value)")
    find_phone_slips(con)
    return con.execute("SELECT value, meant FROM phone_slip ORDER BY ALL").fetchall()


def market(numbers: int, seed: int = 1) -> Held:
    """People of a market who have a number each, far from each other's."""
    dice = random.Random(seed)
    return [(f"sms:{n}", None, f"+1817{dice.randrange(2_000_000, 9_999_999)}") for n in range(numbers)]


@pytest.mark.parametrize("slip", [SWAPPED, MISTYPED])
def test_a_number_one_slip_from_another_is_that_one(slip: str) -> None:
    typed = [("crm_contacts:a", "lee", RIGHT), ("sms:b", None, slip)]
    assert slips(workspace(typed)) == [(max(RIGHT, slip), min(RIGHT, slip))]


def mistyped(many: int) -> Held:
    """Numbers that two people wrote down, one of them with a slip in it."""
    pairs = [(f"+1214{n}{n}8{n}{n}05", f"+1214{n}{n}8{n}{n}{('50', '09')[n % 2]}") for n in range(1, many + 1)]
    return [(f"sms:{number}", None, number) for pair in pairs for number in pair]


@pytest.mark.parametrize(
    "others",
    [
        [("calls:a", None, RIGHT), ("calls:b", None, SWAPPED)],  # no telephone mistypes its number
        [("crm_contacts:a", "lee", RIGHT), ("door_knocks:b", "ray", SWAPPED)],
        [("sms:a", None, RIGHT), ("sms:b", None, SWAPPED), ("sms:c", None, "+19725551342")],  # which of the two?
        [("sms:a", None, RIGHT), ("sms:b", None, "+19725554321")],  # two slips
    ],
)
def test_another_persons_number_is_no_slip(others: Held) -> None:
    assert [slip for slip in slips(workspace([*others, *mistyped(9)])) if slip[1].startswith("+1972")] == []


def test_a_shared_number_means_nobodys() -> None:
    con = workspace([("sms:a", None, RIGHT), ("sms:b", None, SWAPPED)])
    con.execute("INSERT INTO shared_identifier VALUES ('phone', ?, 3, 9, 'too many people')", [RIGHT])
    assert slips(con) == []


def test_where_numbers_are_near_by_chance_nearness_says_nothing() -> None:
    block = [(f"sms:{n}", None, f"+1972555{n:04}") for n in range(0, 9999, 7)]
    assert slips(workspace(block)) == []


def test_which_numbers_are_slips_does_not_depend_on_which_are_new() -> None:
    held = [*market(200), *mistyped(9), ("crm_contacts:a", "lee", RIGHT), ("sms:b", None, SWAPPED)]
    random.Random(3).shuffle(held)
    con = workspace(held[:120])
    slips(con)
    hold(con, held[120:])
    found = slips(con, held[120:])
    assert found == slips(workspace(held))
    assert (RIGHT, SWAPPED) in found


def test_a_night_counts_what_is_near_by_chance_once() -> None:
    apart = [("+12145550101", "+12145558181"), ("+14695550101", "+14695558181")]  # two wrong digits: one less is chance
    by_chance = [(f"sms:{number}", None, number) for pair in apart for number in pair]
    con = workspace([("crm_contacts:a", "lee", RIGHT), ("sms:b", None, MISTYPED), *by_chance])
    found = slips(con)
    assert found == [(max(RIGHT, MISTYPED), min(RIGHT, MISTYPED))]
    new: Held = [("sms:c", None, "+18175550000")]
    hold(con, new)
    assert slips(con, new) == found


def test_whoever_holds_a_number_that_now_means_another_is_news() -> None:
    con = workspace([("crm_contacts:a", "lee", RIGHT)])
    slips(con)
    con.execute("DELETE FROM record_news")
    new: Held = [("sms:b", None, SWAPPED)]
    hold(con, new)
    slips(con, new)
    assert con.execute("SELECT record FROM record_news ORDER BY ALL").fetchall() == [("crm_contacts:a",)]
