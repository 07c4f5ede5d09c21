"""Which listed home an address means: hand-made streets, and what must stay open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from stormops_graph.link.homes import place_addresses
from stormops_graph.rules.ruleset import read_rules
from stormops_graph.tables import PROPERTY, RECORD

RULES = read_rules(Path(__file__).parents[2] / "matching_rules").household.address
PARTS = ("street_no", "street_name", "street_type", "unit", "zip5")
Address = tuple[str | None, ...]

LISTED: dict[str, Address] = {
    "oak": ("11", "oak", "st", None, "75201"),
    "cedar": ("20", "w cedar creek", "ln", None, "75201"),
    "flat 1": ("30", "elm", "st", "1", "75201"),
    "flat 2": ("30", "elm", "st", "2", "75201"),
    "far oak": ("11", "oak", "st", None, "75299"),
    "two directions": ("8665", "w s bernardino", "rd", None, "75201"),
    "mountain": ("56", "green mountain", "rd", None, "75201"),
    "number": ("1374", "pine", "rd", None, "75201"),
}


def homes(address: Address) -> list[tuple[str | None, str | None]]:
    """(property, home) of one record with the address."""
    con = duckdb.connect()
    for table in (PROPERTY, RECORD):
        table.create(con)
    for key, parts in LISTED.items():
        con.execute(f"INSERT INTO property (property_id, {', '.join(PARTS)}) VALUES (?, ?, ?, ?, ?, ?)", [key, *parts])
    con.execute(
        f"INSERT INTO record (record, address_key, {', '.join(PARTS)}) VALUES ('r', 'a', ?, ?, ?, ?, ?)", address
    )
    place_addresses(con, RULES)
    return con.execute("SELECT property_id, home FROM record_home").fetchall()


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        (("11", "oak", "st", None, "75201"), "oak"),
        (("20", "cedar creke", "ln", None, "75201"), "cedar"),
        (("11", "oak", None, None, "75201"), "oak"),
        (("20", "cedar creek", "ln", None, "75201"), "cedar"),
        (("20", "cedar", "crk", None, "75201"), "cedar"),
        (("8665", "s bernardino", "rd", None, "75201"), "two directions"),
        (("8665", "s bernardino", "rd", None, None), "two directions"),
        (("56", "green", "mtn", None, "75201"), "mountain"),
        (("30", "elm", "st", "2", "75201"), "flat 2"),
        (("30", "elm", "st", "2", None), "flat 2"),
    ],
)
def test_an_address_finds_its_home(address: Address, meant: str) -> None:
    assert homes(address) == [(meant, meant)]


def test_two_homes_that_fit_alike_leave_it_open() -> None:
    assert homes(("11", "oak", "st", None, None)) == [(None, "a")]


def test_a_building_without_the_unit_is_nobodys_home() -> None:
    assert homes(("30", "elm", "st", None, "75201")) == [(None, None)]


@pytest.mark.parametrize("address", [("99", "oak", "st", None, "75201"), ("30", "elm", "st", "3", "75201")])
def test_what_is_not_listed_is_a_home_of_its_own(address: Address) -> None:
    assert homes(address) == [(None, "a")]


def test_a_mistyped_number_is_not_enough() -> None:
    assert homes(("1347", "pine", "rd", None, "75201")) == [(None, "a")]


def street(listed: range, written: Sequence[str], no_zip: str = "") -> list[str | None]:
    """Which of the listed numbers of one street each written number means; `no_zip` is written without its ZIP."""
    con = duckdb.connect()
    for table in (PROPERTY, RECORD):
        table.create(con)
    row = "street_name, street_type, zip5) SELECT n, n, 'pine', 'rd', '75201' FROM (SELECT unnest($n)::VARCHAR AS n)"
    con.execute(f"INSERT INTO property (property_id, street_no, {row}", {"n": [str(n) for n in listed]})
    con.execute(f"INSERT INTO record (record, street_no, {row}", {"n": written})
    con.execute("UPDATE record SET address_key = street_no, zip5 = CASE WHEN street_no <> ? THEN zip5 END", [no_zip])
    place_addresses(con, RULES)
    return [row[0] for row in con.execute("SELECT property_id FROM record_home ORDER BY record").fetchall()]


def test_where_every_home_is_listed_a_wrong_digit_is_a_slip() -> None:
    # 1000, 1137, 1274 …: no two are a digit apart, so all that are a digit from one are slips
    listed = range(1000, 6000, 137)
    slips = [f"{number // 10}{(number + 5) % 10}" for number in listed]
    assert street(listed, slips) == [str(number) for number in listed]
    assert street(listed, slips, no_zip=slips[3]) == [str(number) for number in listed]


def test_where_homes_lie_a_digit_apart_a_wrong_digit_may_be_another_home() -> None:
    # every second number of a street is listed, as leads are: an unlisted one is a digit from one of them by chance
    assert street(range(1000, 1400, 4), [str(number) for number in range(1002, 1400, 8)]) == [None] * 50


def among(asked: Address, unlisted: int) -> str | None:
    """The home of an address, where 40 others on listed streets are listed and so many are not."""
    con = duckdb.connect()
    for table in (PROPERTY, RECORD):
        table.create(con)
    listed = [(str(1000 + 137 * n), f"{tree} hill", "rd", None, "75201") for n in range(20) for tree in ("pine", "fir")]
    others = [(str(7 * n + 200), "pine hill", "rd", None, "75201") for n in range(unlisted)]
    for address in listed:
        con.execute(
            f"INSERT INTO property (property_id, {', '.join(PARTS)}) VALUES ($1 || $2, $1, $2, $3, $4, $5)", address
        )
    for key, address in enumerate([*listed, *others, asked]):
        con.execute(
            f"INSERT INTO record (record, address_key, {', '.join(PARTS)}) VALUES ($6, $6, $1, $2, $3, $4, $5)",
            [*address, f"{key:03}"],
        )
    place_addresses(con, RULES)
    return con.execute("SELECT property_id FROM record_home ORDER BY record DESC LIMIT 1").fetchall()[0][0]


def test_where_every_home_is_listed_two_slips_still_mean_the_nearest() -> None:
    slips = ("1137", "pine hlil", "ave", None, "75201")
    assert among(slips, unlisted=0) == "1137pine hill"
    assert among(slips, unlisted=60) is None  # another street


def test_two_digits_of_a_zip_are_swapped_where_nobody_lives_there() -> None:
    assert among(("1137", "pine hill", "rd", None, "72501"), unlisted=0) == "1137pine hill"
    assert among(("1137", "pine hlil", "rd", None, "60601"), unlisted=0) is None  # another town


def named(flat_1: str, flat_2: str, given: str | None) -> str | None:
    """The home of a Roe at 30 Elm, no unit, where these are seen in its two flats."""
    con = duckdb.connect()
    for table in (PROPERTY, RECORD):
        table.create(con)
    elm = [("flat 1", "30", "elm", "1", *flat_1.split()), ("flat 2", "30", "elm", "2", *flat_2.split())]
    fir = [(f"fir {n}", str(n), "fir", None, "ann", f"name{n}") for n in range(30)]
    for key, number, street_name, unit, *_ in [*elm, *fir]:
        con.execute(
            f"INSERT INTO property (property_id, {', '.join(PARTS)}) VALUES (?, ?, ?, 'st', ?, '75201')",
            [key, number, street_name, unit],
        )
    for key, number, street_name, unit, first, surname in [*elm, *fir, ("asked", "30", "elm", None, given, "roe")]:
        con.execute(
            f"INSERT INTO record (record, address_key, given, surname, {', '.join(PARTS)}) "
            "VALUES ($key, $key, $first, $surname, $number, $street, 'st', $unit, '75201')",
            {"key": key, "first": first, "surname": surname, "number": number, "street": street_name, "unit": unit},
        )
    place_addresses(con, RULES)
    ((home,),) = con.execute("SELECT home FROM record_home WHERE record = 'asked'").fetchall()
    return None if home is None else str(home)


def test_somebody_named_at_a_building_lives_where_the_name_is_found() -> None:
    assert named("jane roe", "john doe", "jane") == "flat 1"
    assert named("jane roe", "john doe", None) == "flat 1"
    assert named("jane roe", "john doe", "bob") is None  # another Roe
    assert named("jane roe", "jack roe", None) is None  # which of them
