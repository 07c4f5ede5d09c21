"""Which homes a cookie may be of that shows the emails of several."""

from __future__ import annotations

import duckdb
import pytest

from stormops_graph.link.bridges import weigh_bridges
from stormops_graph.tables import (
    HOLDING,
    LISTED_TWICE,
    PROPERTY,
    RECORD_HOME,
    RECORD_NEWS,
    SHARED_IDENTIFIER,
    Connection,
)

AT = "2024-05-01"


@pytest.fixture
def con() -> Connection:
    con = duckdb.connect(config={"threads": 1})
    for table in (HOLDING, LISTED_TWICE, PROPERTY, RECORD_HOME, RECORD_NEWS, SHARED_IDENTIFIER):
        table.create(con)
    for who, home in {"ann": "p1", "ben": "p1", "cleo": "p2"}.items():
        RECORD_HOME.append(con, [(f"crm_contacts:{who}", "", home, home, 1.0)])
        shows(con, f"crm_contacts:{who}", who)
    return con


def shows(con: Connection, record: str, who: str, times: int = 1) -> None:
    HOLDING.append(con, [(record, "email", f"{who}@mail.com", "row", AT, AT, times)])


def bridged(con: Connection) -> list[tuple[object, ...]]:
    weigh_bridges(con)
    return con.execute("FROM bridged ORDER BY ALL").fetchall()


def test_a_tablet_with_a_guest_is_of_each_home_as_often_as_it_showed_its_people(con: Connection) -> None:
    shows(con, "ga4:tablet", "ann", 4)
    shows(con, "ga4:tablet", "ben", 2)
    shows(con, "ga4:tablet", "cleo", 2)
    assert bridged(con) == [("ga4:tablet", "p1", 0.75), ("ga4:tablet", "p2", 0.25)]
    assert con.execute("FROM record_news").fetchall() == [("ga4:tablet",)]


def test_the_tablet_of_one_home_needs_no_candidates(con: Connection) -> None:
    shows(con, "ga4:tablet", "ann", 4)
    shows(con, "ga4:tablet", "ben", 2)
    shows(con, "ga4:tablet", "nobody")
    assert bridged(con) == []


def test_what_strangers_share_or_leads_to_two_homes_leads_to_none(con: Connection) -> None:
    shows(con, "ga4:browser", "ann")
    shows(con, "ga4:browser", "cleo")
    SHARED_IDENTIFIER.append(con, [("email", "cleo@mail.com", 9, 9, "too many people")])
    assert bridged(con) == []
    con.execute("DELETE FROM shared_identifier")
    shows(con, "crm_contacts:ben", "cleo")  # who lives in the other
    assert bridged(con) == []


def test_a_cookie_that_typed_an_address_lives_there(con: Connection) -> None:
    shows(con, "ga4:browser", "ann")
    shows(con, "ga4:browser", "cleo")
    RECORD_HOME.append(con, [("ga4:browser", "", "p3", "p3", 1.0)])
    assert bridged(con) == []


def test_a_cookie_that_typed_two_addresses_is_of_each_as_often_as_it_typed_it(con: Connection) -> None:
    con.execute(
        "INSERT INTO property BY NAME"
        " SELECT unnest(['p1', 'p3']) AS property_id, unnest(['1 elm', '3 oak']) AS address_key"
    )
    HOLDING.append(con, [("crm_contacts:ann", "address", "1 elm", "row", AT, AT, 1)])
    HOLDING.append(con, [("ga4:browser", "address", "1 elm", "row", AT, AT, 1)])
    HOLDING.append(con, [("ga4:browser", "address", "3 oak", "row", AT, AT, 3)])  # which nobody else shows
    HOLDING.append(con, [("ga4:browser", "address", "5 fir", "row", AT, AT, 3)])  # which is not listed
    assert bridged(con) == [("ga4:browser", "p1", 0.25), ("ga4:browser", "p3", 0.75)]
