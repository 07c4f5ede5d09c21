"""Browsers that were given on, or are used from two homes in turn."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import small_town

from stormops_graph.tables import Connection

CONTACTS = (
    "C1,Olga,Petrenko,2143631017,olga.petrenko@gmail.com,10 Elm St,75201,2024-01-01",
    "C2,Raj,Subramanian,6827740190,raj.sub@yahoo.com,20 Oak Ave,75201,2024-01-02",  # spells no name
)
OLGA, RAJ = "olga.petrenko@gmail.com", "raj.sub@yahoo.com"


def event(day: int, **parameters: str) -> str:
    said = [{"key": key, "value": {"string_value": value}} for key, value in parameters.items()]
    noon = round(datetime.fromisoformat(f"2024-05-{day:02}T12:00:00+00:00").timestamp() * 1e6)
    return json.dumps({"event_timestamp": noon, "event_name": "page_view", "user_pseudo_id": "K", "event_params": said})


def form(day: int, email: str) -> str:
    return event(day, email_sha256=hashlib.sha256(email.encode()).hexdigest())


def filled_in(day: int, email: str, address: str) -> str:
    return event(day, email_sha256=hashlib.sha256(email.encode()).hexdigest(), address=f"{address}, 75201")


def memberships(con: Connection) -> list[tuple[str | None, str | None, str | None]]:
    """(home, from, to) of the browser, dates of the month."""
    return con.execute(
        "SELECT m.property_id, strftime(valid_from, '%d'), strftime(valid_to, '%d') FROM membership m"
        " JOIN source_row USING (record) WHERE feed = 'ga4' ORDER BY valid_from NULLS FIRST"
    ).fetchall()


def candidates(con: Connection) -> list[tuple[str, float]]:
    return con.execute("SELECT property_id, probability FROM bridged ORDER BY property_id").fetchall()


def test_a_browser_that_showed_one_email_and_then_anothers_was_given_on(tmp_path: Path) -> None:
    events = [form(2, OLGA), form(4, OLGA), form(12, RAJ), form(14, RAJ)]
    with small_town.resolved(tmp_path, crm_contacts=CONTACTS, ga4_events=events) as con:
        assert memberships(con) == [("10 Elm St", None, "06"), ("20 Oak Ave", "10", None)]


def test_a_browser_that_shows_the_emails_of_two_homes_in_turn_is_at_neither(tmp_path: Path) -> None:
    events = [form(2, OLGA), form(4, RAJ), form(12, OLGA), form(14, RAJ), form(16, OLGA)]
    with small_town.resolved(tmp_path, crm_contacts=CONTACTS, ga4_events=events) as con:
        assert memberships(con) == [(None, None, None)]
        assert candidates(con) == [("10 Elm St", 0.6), ("20 Oak Ave", 0.4)]


@pytest.mark.parametrize(
    ("typed", "home"),
    [
        (("10 Elm St", "10 Elm St", "20 Oak Ave"), None),
        (("10 Elm St", "10 Elm St", "10 Elm St", "20 Oak Ave"), "10 Elm St"),  # of somebody else, once
        (("10 Elm St", "10 Elmm St"), "10 Elm St"),  # a slip is no other home
        (("21 Elm St", "12 Elm St"), None),
    ],
)
def test_who_types_two_homes_about_as_often_lives_at_neither(
    tmp_path: Path, typed: tuple[str, ...], home: str | None
) -> None:
    events = [event(day, address=f"{address}, 75201") for day, address in enumerate(typed, 2)]
    with small_town.resolved(tmp_path, ga4_events=events) as con:
        assert memberships(con) == [(home, None, None)]
        assert [one for one, _ in candidates(con)] == ([] if home else sorted(set(typed)))


RAJ_CALLS = "call2,2024-05-16T10:00:00Z,6827740190,SUBRAMANIAN RAJ"


@pytest.mark.parametrize(
    ("knocks", "calls", "moved"),
    [
        ((), (), True),  # and Raj, who is not seen since, has left
        (("k1,2024-05-15T10:00:00Z,10 Elm St,75201,Olga Petrenko,",), (), False),
        (("k1,2024-04-15T10:00:00Z,10 Elm St,75201,Olga Petrenko,",), (), True),
        (("k1,2024-05-15T10:00:00Z,20 Oak Ave,75201,Raj Subramanian,",), (), False),
        ((), (RAJ_CALLS,), False),
        (("k1,2024-05-15T10:00:00Z,20 Oak Ave,75201,Olga Petrenko,2143631017",), (RAJ_CALLS,), True),
    ],
)
def test_a_form_alone_moves_nobody_who_is_seen_at_home_since_nor_to_where_another_family_is(
    tmp_path: Path, knocks: tuple[str, ...], calls: tuple[str, ...], moved: bool
) -> None:
    form = filled_in(3, OLGA, "20 Oak Ave")
    with small_town.resolved(
        tmp_path, crm_contacts=CONTACTS, door_knocks=knocks, calls=calls, ga4_events=[form]
    ) as con:
        assert small_town.lived(con, "C1") == ({"10 Elm St", "20 Oak Ave"} if moved else {"10 Elm St"})
        assert small_town.lived(con, "K") == small_town.lived(con, "C1")
        assert "20 Oak Ave" in small_town.lived(con, "C2")


def test_nights_on_which_the_call_comes_and_goes_say_what_a_full_run_says(tmp_path: Path) -> None:
    form, other = filled_in(3, OLGA, "20 Oak Ave"), "call1,2024-05-01T10:00:00Z,4695550123,"
    nights = [((other,), True), ((other, RAJ_CALLS), False), ((other,), True)]
    found = []
    with duckdb.connect(config={"threads": 1}) as con:
        for calls, moved in nights:
            small_town.write(tmp_path, crm_contacts=CONTACTS, calls=calls, ga4_events=[form])
            small_town.resolve(con, tmp_path)
            assert small_town.lived(con, "C1") == ({"10 Elm St", "20 Oak Ave"} if moved else {"10 Elm St"})
            found.append((small_town.together(con), memberships(con)))
    assert found[0] == found[2] != found[1]  # the first night was a full run
