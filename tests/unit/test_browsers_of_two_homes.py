"""Browsers that were given on, or are used from two homes in turn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import small_town

from stormops_graph.tables import Connection

WOMEN = "Olga Petrenko,Emma Kirkland,Sara Nunez,Dina Osterman,Rita Delacroix,Nora Quimby,Amy Lockhart"
MEN = "Raj Subramanian,Will Tanager,Omar Haddad,Carl Lamontagne,Igor Zelenko,Otto Muldoon,Lars Engstrom"
TYPED = [  # at homes of streets where nobody else is
    (("10 Cedar Ln", "10 Cedar Ln", "20 Maple Dr"), None),
    (("13 Cedar Ln", "13 Cedar Ln", "13 Cedar Ln", "23 Maple Dr"), "13 Cedar Ln"),  # of somebody else, once
    (("16 Cedar Ln", "16 Cedarr Ln"), "16 Cedar Ln"),  # a slip is no other home
    (("21 Pine Ct", "12 Pine Ct"), None),
]
CALL = "call2-{n},2024-05-16T10:00:00Z,{his_phone},{his_caller}"
FORMS = [  # for his home, of her email: what is seen besides, and whether she moved
    ((), (), True),  # and he, who is not seen since, has left
    (("k1-{n},2024-05-15T10:00:00Z,{home},75201,{her},",), (), False),
    (("k1-{n},2024-04-15T10:00:00Z,{home},75201,{her},",), (), True),
    (("k1-{n},2024-05-15T10:00:00Z,{his_home},75201,{his},",), (), False),
    ((), (CALL,), False),
]
GIVEN_ON, IN_TURN = len(FORMS), len(FORMS) + 1


def strangers(n: int) -> dict[str, str]:
    """A woman in Elm St and a man in Oak Ave, whose email spells no name."""
    her, his = WOMEN.split(",")[n], MEN.split(",")[n]
    return {
        "n": str(n),
        "her": her,
        "her_name": her.replace(" ", ","),
        "home": f"{10 + n} Elm St",
        "phone": f"214{363 + 7 * n}{1017 + 53 * n}",
        "email": her.replace(" ", ".").lower() + "@gmail.com",
        "his": his,
        "his_caller": " ".join(reversed(his.upper().split())),
        "his_name": his.replace(" ", ","),
        "his_home": f"{20 + n} Oak Ave",
        "his_phone": f"682{774 + 9 * n}{1190 + 61 * n}",
        "his_email": his.replace(" ", ".").lower()[: his.index(" ") + 4] + "@yahoo.com",
    }


def contacts(n: int) -> list[str]:
    return [
        "C1-{n},{her_name},{phone},{email},{home},75201,2024-01-01".format_map(strangers(n)),
        "C2-{n},{his_name},{his_phone},{his_email},{his_home},75201,2024-01-02".format_map(strangers(n)),
    ]


def event(cookie: str, day: int, email: str = "", address: str = "") -> str:
    said = {
        "email_sha256": email and hashlib.sha256(email.encode()).hexdigest(),
        "address": address and f"{address}, 75201",
    }
    parameters = [{"key": key, "value": {"string_value": value}} for key, value in said.items() if value]
    noon = round(datetime.fromisoformat(f"2024-05-{day:02}T12:00:00+00:00").timestamp() * 1e6)
    named = {"event_timestamp": noon, "event_name": "page_view", "user_pseudo_id": cookie}
    return json.dumps(named | {"event_params": parameters})


def shown(n: int, emails: dict[int, str]) -> list[str]:
    """Events of a browser: day → whose email it showed."""
    return [event(f"K{n}", day, strangers(n)[whose]) for day, whose in emails.items()]


def form(n: int) -> str:
    return event(f"K{n}", 3, strangers(n)["email"], strangers(n)["his_home"])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    given_on = {2: "email", 4: "email", 12: "his_email", 14: "his_email"}
    in_turn = {2: "email", 4: "his_email", 12: "email", 14: "his_email", 16: "email"}
    typed = [
        event(f"T{n}", day, address=address)
        for n, (addresses, _) in enumerate(TYPED)
        for day, address in enumerate(addresses, 2)
    ]
    forms = [form(n) for n in range(len(FORMS))]
    with small_town.resolved(
        tmp_path_factory.mktemp("town"),
        crm_contacts=[row for n in range(IN_TURN + 1) for row in contacts(n)],
        door_knocks=[row.format_map(strangers(n)) for n, (rows, _, _) in enumerate(FORMS) for row in rows],
        calls=[row.format_map(strangers(n)) for n, (_, rows, _) in enumerate(FORMS) for row in rows],
        ga4_events=[*shown(GIVEN_ON, given_on), *shown(IN_TURN, in_turn), *typed, *forms],
    ) as con:
        yield con


def memberships(con: Connection, cookie: str) -> list[tuple[str | None, str | None, str | None]]:
    """(home, from, to) of the browser, dates of the month."""
    return con.execute(
        "SELECT m.property_id, strftime(valid_from, '%d'), strftime(valid_to, '%d') FROM membership m"
        " JOIN source_row USING (record) WHERE id = ? ORDER BY valid_from NULLS FIRST",
        [cookie],
    ).fetchall()


def candidates(con: Connection, cookie: str) -> list[tuple[str, float]]:
    return con.execute(
        "SELECT property_id, probability FROM bridged JOIN source_row USING (record) WHERE id = ? ORDER BY property_id",
        [cookie],
    ).fetchall()


def homes_of(n: int) -> tuple[str, str]:
    return strangers(n)["home"], strangers(n)["his_home"]


def test_a_browser_that_showed_one_email_and_then_anothers_was_given_on(town: Connection) -> None:
    home, his_home = homes_of(GIVEN_ON)
    assert memberships(town, f"K{GIVEN_ON}") == [(home, None, "06"), (his_home, "10", None)]


def test_a_browser_that_shows_the_emails_of_two_homes_in_turn_is_at_neither(town: Connection) -> None:
    home, his_home = homes_of(IN_TURN)
    assert memberships(town, f"K{IN_TURN}") == [(None, None, None)]
    assert candidates(town, f"K{IN_TURN}") == [(home, 0.6), (his_home, 0.4)]


@pytest.mark.parametrize("n", range(len(TYPED)), ids=[str(typed) for typed, _ in TYPED])
def test_who_types_two_homes_about_as_often_lives_at_neither(town: Connection, n: int) -> None:
    typed, home = TYPED[n]
    assert memberships(town, f"T{n}") == [(home, None, None)]
    assert [one for one, _ in candidates(town, f"T{n}")] == ([] if home else sorted(set(typed)))


@pytest.mark.parametrize("n", range(len(FORMS)), ids=[f"{knocks} {calls}" for knocks, calls, _ in FORMS])
def test_a_form_alone_moves_nobody_who_is_seen_at_home_since_nor_to_where_another_family_is(
    town: Connection, n: int
) -> None:
    home, his_home = homes_of(n)
    *_, moved = FORMS[n]
    assert small_town.lived(town, f"C1-{n}") == ({home, his_home} if moved else {home})
    assert small_town.lived(town, f"K{n}") == small_town.lived(town, f"C1-{n}")
    assert his_home in small_town.lived(town, f"C2-{n}")


def test_who_is_seen_at_the_home_of_the_form_has_moved_there_whoever_else_is(tmp_path: Path) -> None:
    """In a town of their own: in that of the others it comes out so whatever the form is taken for."""
    home, his_home = homes_of(0)
    knock = "k1,2024-05-15T10:00:00Z,{his_home},75201,{her},{phone}".format_map(strangers(0))
    call = CALL.format_map(strangers(0))
    with small_town.resolved(
        tmp_path, crm_contacts=contacts(0), door_knocks=[knock], calls=[call], ga4_events=[form(0)]
    ) as con:
        assert small_town.lived(con, "C1-0") == small_town.lived(con, "K0") == {home, his_home}
        assert his_home in small_town.lived(con, "C2-0")


def test_nights_on_which_the_call_comes_and_goes_say_what_a_full_run_says(tmp_path: Path) -> None:
    home, his_home = homes_of(0)
    call, other = CALL.format_map(strangers(0)), "call1,2024-05-01T10:00:00Z,4695550123,"
    nights = [((other,), True), ((other, call), False), ((other,), True)]
    found = []
    with duckdb.connect(config={"threads": 1}) as con:
        for calls, moved in nights:
            small_town.write(tmp_path, crm_contacts=contacts(0), calls=calls, ga4_events=[form(0)])
            small_town.resolve(con, tmp_path)
            assert small_town.lived(con, "C1-0") == ({home, his_home} if moved else {home})
            found.append((small_town.together(con), memberships(con, "K0")))
    assert found[0] == found[2] != found[1]  # the first night was a full run
