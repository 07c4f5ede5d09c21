"""Email addresses that are a slip of the pen, and those that are another person's."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping

import duckdb
import pytest

from stormops_graph.link.mailboxes import write_mailboxes
from stormops_graph.link.mailnames import Names, spelt
from stormops_graph.link.mailslips import apart, find_mail_slips, meant
from stormops_graph.tables import HOLDING, IDENTIFIER_NEWS, RECORD_NEWS

NAMES = Names(
    {"jane": 0.002, "john": 0.004, "marc": 0.001, "mark": 0.004},
    spelt({"doerr": 0.001, "smith": 0.01, "moore": 0.003}),
)


def said(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    """What addresses mean where these pairs are held."""
    return meant(apart(pairs), NAMES)


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("jane.dorer84@x.com", "jane.doerr84@x.com"),  # two letters exchanged
        ("jane.deorr84@x.com", "jane.doerr84@x.com"),
        ("johnsmmith@x.com", "johnsmith@x.com"),  # one too many
        ("johnsmth@x.com", "johnsmith@x.com"),  # one left out
        ("johnsmuth@x.com", "johnsmith@x.com"),  # the letter beside
        ("jmsith@x.com", "jsmith@x.com"),
        ("jane.dowrr84@x.com", "jane.doerr84@x.com"),
        ("jane.doewr84@x.com", "jane.doerr84@x.com"),  # next to the last one, with two digits
    ],
)
def test_a_slip_means_the_address_beside_it(slip: str, right: str) -> None:
    first, second = sorted((slip, right))
    assert said([(first, second)]) == {slip: right}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("johnsmit8h4@x.com", "johnsmith84@x.com"),  # the same letters and digits
        ("sunflower@x.com", "sunflwoer@x.com"),  # neither is a name
    ],
)
def test_where_either_may_be_right_the_first_in_order_stands_for_both(first: str, second: str) -> None:
    assert said([(first, second)]) == {second: first}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jsmith@x.com", "ksmith@x.com"),  # another initial
        ("smithj@x.com", "smithk@x.com"),
        ("kowalskia@x.com", "kowalskib@x.com"),  # of a name that nobody knows
        ("kowalski@x.com", "kowalskib@x.com"),
        ("marc1968@x.com", "mark1968@x.com"),  # both are names
        ("jane.doewr8@x.com", "jane.doerr8@x.com"),  # near the end, with a digit that many have
        ("wane.doerr84@x.com", "jane.doerr84@x.com"),
    ],
)
def test_another_persons_address_is_no_slip(one: str, other: str) -> None:
    assert said([(one, other)]) == {}


def test_a_slip_of_two_addresses_means_neither() -> None:
    near = [("johnmith@x.com", "johnsmith@x.com"), ("janemooore@x.com", "janemoore@x.com")]
    assert said(near) == {"johnmith@x.com": "johnsmith@x.com", "janemooore@x.com": "janemoore@x.com"}
    assert said([("sunflower@x.com", "sunlower@x.com"), ("sunlower@x.com", "sunloower@x.com")]) == {}


def hold(con: duckdb.DuckDBPyConnection, emails: list[str], due: list[str]) -> dict[str, str]:
    """What addresses mean where these are held, the ones due being those that came or went."""
    for table in (HOLDING, RECORD_NEWS, IDENTIFIER_NEWS):
        table.create(con)
    con.execute("CREATE OR REPLACE TABLE identifier_due AS SELECT 'email' AS kind, unnest(?) AS value", [due])
    for email in emails:
        con.execute("INSERT INTO holding (record, kind, value) VALUES (?, 'email', ?)", [f"r:{email}", email])
    con.execute("CREATE OR REPLACE TABLE identifier_held AS FROM holding SEMI JOIN identifier_due USING (kind, value)")
    find_mail_slips(con, NAMES)
    return dict(con.execute("FROM mail_slip").fetchall())


def test_slips_are_found_where_domain_and_digits_are_the_same() -> None:
    mails = [
        "jane.doerr84@x.com",
        "jane.dorer84@x.com",
        "jane.dorer84@y.com",
        "jane.doerr85@x.com",
        "jane.dorer83@x.com",
    ]
    assert hold(duckdb.connect(), mails, []) == {"jane.dorer84@x.com": "jane.doerr84@x.com"}


@pytest.mark.parametrize(
    "others",
    ["sunflower312", "sunflower122", "sunflower1"],
)
def test_a_digit_too_few_is_a_slip_where_no_third_address_has_the_letters(others: str) -> None:
    mails = ["sunflower12@x.com", f"{others}@x.com"]
    found = {max(mails): min(mails)} if others != "sunflower1" else {}
    assert hold(duckdb.connect(), mails, []) == found
    assert hold(duckdb.connect(), [*mails, "sunflower@y.com"], []) == {}


def test_another_digit_is_another_persons() -> None:
    assert hold(duckdb.connect(), ["sunflower12@x.com", "sunflower13@x.com"], []) == {}
    assert hold(duckdb.connect(), ["sunflower32@x.com", "sunflower23@x.com"], []) == {}
    assert hold(duckdb.connect(), ["sunflower12@x.com", "sunflower124@y.com"], []) == {}
    assert hold(duckdb.connect(), ["lily12@x.com", "lily124@x.com"], []) == {}  # as short as many


def test_what_addresses_mean_does_not_depend_on_which_are_new() -> None:
    words = ("johnsmith", "johnsmmith", "johnsmih", "jonhsmith", "sunflower", "sunfower", "janemoore", "jnaemoore")
    mails = [f"{word}{number}@x.com" for word, number in itertools.product(words, ("", "75", "57", "575"))]
    kept, before = duckdb.connect(), set[str]()
    changed = 0
    for seed in range(20):
        dice = random.Random(seed)
        held = {mail for mail in mails if dice.random() < 0.6}
        kept_so = hold(kept, sorted(held), sorted(held ^ before))
        assert kept_so == hold(duckdb.connect(), sorted(held), []), seed
        changed += len(kept.execute("FROM record_news").fetchall())
        before = held
    assert changed


def test_whoever_holds_an_address_that_now_means_another_is_news() -> None:
    con = duckdb.connect()
    assert hold(con, ["johnsmmith@x.com"], []) == {}
    assert hold(con, ["johnsmmith@x.com", "johnsmith@x.com"], ["johnsmith@x.com"]) == {
        "johnsmmith@x.com": "johnsmith@x.com"
    }
    assert con.execute("FROM record_news").fetchall() == [("r:johnsmmith@x.com",)]
    write_mailboxes(con)
    assert con.execute("FROM mailbox").fetchall() == [("johnsmmith@x.com", "johnsmith@x.com")]
