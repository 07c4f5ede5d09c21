"""Which listed home an address means: hand-made streets, and what must stay open."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from stormops_graph.link.homes import place_addresses
from stormops_graph.rules import read_rules
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
