"""What ZIP and feed say of two records that only their names bring together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from listed_homes import market

from stormops_graph.cli.progress import progress_for
from stormops_graph.link.linkage import compare_records
from stormops_graph.link.namesakes import with_asides
from stormops_graph.rules.matching import Aside
from stormops_graph.rules.model import read_model
from stormops_graph.rules.ruleset import read_rules
from stormops_graph.tables import PLACEHOLDER, Connection

RULES = read_rules(Path(__file__).parents[2] / "matching_rules")
FEED = Aside("feed", RULES.household.namesakes.same_feed, 0.0)
ZIPS = ("75001", "75002", "75003", "75004")


def homes(zips: Sequence[str | None], each: int = 50) -> Connection:
    """So many listed homes in each of these ZIPs."""
    listed = {f"{zip5} {n}": (str(n), "oak", "st", None, zip5) for zip5 in zips for n in range(1, each + 1)}
    return market(listed)


def test_the_fewer_strangers_share_a_zip_the_more_it_says() -> None:
    asides = with_asides(homes(ZIPS), RULES).asides
    assert asides == (FEED, Aside("zip5", 2.0, -4.0, unless="home"))  # .95 : 1/4 and .05 : 3/4, to half a bit


def test_one_more_home_changes_nothing() -> None:
    con = homes(ZIPS)
    before = with_asides(con, RULES)
    con.execute("INSERT INTO property (property_id, zip5) VALUES ('new', '75001')")
    assert with_asides(con, RULES) == before


@pytest.mark.parametrize("zips", [(), (None,), ("75001",)])
def test_where_all_homes_have_one_zip_or_none_it_says_nothing(zips: Sequence[str | None]) -> None:
    assert with_asides(homes(zips), RULES).asides == (FEED,)


def test_namesakes_of_one_zip_are_likelier_one_household_and_two_of_one_feed_less() -> None:
    con = homes(ZIPS)
    PLACEHOLDER.create(con)
    records = {
        "crm_contacts:at home": ("1", "oak", "st", "75001"),
        "crm_contacts:without": (None, None, None, None),
        "conversions:without": (None, None, None, None),
        "conversions:same": (None, None, None, "75001"),
        "conversions:other": (None, None, None, "75002"),
    }
    for record, parts in records.items():
        con.execute(
            "INSERT INTO record (record, feed, given, surname, address_key, street_no, street_name, street_type, zip5)"
            " VALUES (?, ?, 'orla', 'quent', ?, ?, ?, ?, ?)",
            [record, record.split(":")[0], parts[0] and "1 oak st, 75001", *parts],
        )
    con.execute(  # strangers, so that the name is rare
        "INSERT INTO record (record, feed, given, surname)"
        " SELECT 'emails:' || n, 'emails', 'given' || n, 'surname' || n FROM range(300) t(n)"
    )
    with progress_for().stage("pairs") as task:
        compare_records(con, RULES, read_model(RULES), task)
    found = con.execute(
        "SELECT if(left_id = $home, right_id, left_id), household_probability FROM pair_kind"
        " WHERE $home IN (left_id, right_id)",
        {"home": "crm_contacts:at home"},
    ).fetchall()
    bits = {record: math.log2(p / (1 - p)) for record, p in found}
    plain = bits["conversions:without"]
    said = {"crm_contacts:without": FEED.same, "conversions:same": 2.0, "conversions:other": -4.0}
    assert {record: bits[record] - plain for record in said} == pytest.approx(said, abs=0.01)
