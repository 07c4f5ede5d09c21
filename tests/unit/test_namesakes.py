"""What ZIP, feed, time, near phones and others' identifiers say of two records that only their names bring together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from listed_homes import market

from stormops_graph.carryover import tell
from stormops_graph.link.comparisons import level_weights
from stormops_graph.link.linkage import compare_records
from stormops_graph.link.namesakes import with_asides
from stormops_graph.rules.matching import Aside
from stormops_graph.rules.model import read_model
from stormops_graph.rules.ruleset import Rules, read_rules
from stormops_graph.tables import PLACEHOLDER, Connection

RULES = read_rules(Path(__file__).parents[2] / "matching_rules")
MODEL = read_model(RULES)
FEED = Aside(
    "feed",
    RULES.household.namesakes.same_feed,
    RULES.household.namesakes.caller_and_contact,
    by="pair",
    pair=("calls", "crm_contacts"),
)
SLIP = Aside("phones", 10.0, by="slip")  # .01 : 1e-5, to half a bit
ANOTHER = RULES.household.namesakes.another
OTHERS = tuple(Aside(f"circle_{kind}", 0.0, ANOTHER, unless=kind) for kind in ("phones", "emails"))
DAYS = {"near": RULES.household.namesakes.near_days, "far": RULES.household.namesakes.far_days}
ZIPS = ("75001", "75002", "75003", "75004")


def homes(zips: Sequence[str | None], each: int = 50) -> Connection:
    """So many listed homes in each of these ZIPs."""
    listed = {f"{zip5} {n}": (str(n), "oak", "st", None, zip5) for zip5 in zips for n in range(1, each + 1)}
    con = market(listed)
    con.execute(
        "CREATE TABLE profile (unique_id VARCHAR, given VARCHAR, surname VARCHAR, phones VARCHAR[], emails VARCHAR[],"
        " first_seen TIMESTAMP, last_seen TIMESTAMP)"
    )
    return con


def test_the_fewer_strangers_share_a_zip_the_more_it_says() -> None:
    asides = with_asides(homes(ZIPS), RULES).asides
    assert asides == (
        FEED,
        SLIP,
        *OTHERS,
        Aside("zip5", 2.0, -4.0, unless="home"),
    )  # .95 : 1/4 and .05 : 3/4, to half a bit


def test_one_more_home_changes_nothing() -> None:
    con = homes(ZIPS)
    before = with_asides(con, RULES)
    con.execute("INSERT INTO property (property_id, zip5) VALUES ('new', '75001')")
    assert with_asides(con, RULES) == before


@pytest.mark.parametrize("zips", [(), (None,), ("75001",)])
def test_where_all_homes_have_one_zip_or_none_it_says_nothing(zips: Sequence[str | None]) -> None:
    assert with_asides(homes(zips), RULES).asides == (FEED, SLIP, *OTHERS)


def seen(con: Connection, days: Sequence[int], people: int = 200) -> Connection:
    """So many people, each with two records of one phone so many days apart, in their turn; the people come one after
    the other, years apart.
    """
    con.execute(
        "INSERT INTO profile SELECT n || '-' || k, 'given' || n, 'surname' || n, ['+1214' || n], NULL, day, day FROM ("
        "SELECT n, k, TIMESTAMP '2000-01-01' + to_days((1000 * n + k * days[n % len(days) + 1])::INTEGER) AS day"
        " FROM range($people) p(n), range(2) r(k), (SELECT $days AS days)) AS met",
        {"days": list(days), "people": people},
    )
    return con


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([1], (1.5, -5.0)),  # all are seen at one time, where hardly any two are; so many bits at most
        ([60], (0.0, -5.0)),  # never far apart, where nearly all are
        ([1, 400], (1.5, -0.5)),  # half of them: one bit, and half a bit of it is left
    ],
)
def test_when_namesakes_were_seen_says_what_it_does_of_who_holds_one_phone(
    days: Sequence[int], said: tuple[float, float]
) -> None:
    asides = with_asides(seen(homes(ZIPS[:1]), days), RULES).asides
    assert asides[4:] == (Aside("seen", *said, by="time", **DAYS),)


def test_a_few_records_say_nothing_of_time() -> None:
    assert with_asides(seen(homes(ZIPS[:1]), [1], people=99), RULES).asides == (FEED, SLIP, *OTHERS)


def test_where_namesakes_are_as_far_apart_as_any_two_nothing_is_said_of_time() -> None:
    assert with_asides(seen(homes(ZIPS[:1]), [400]), RULES).asides == (FEED, SLIP, *OTHERS)


def named(
    con: Connection,
    record: str,
    zip5: str | None = None,
    home: str | None = None,
    given: str = "orla",
    surname: str = "quent",
) -> None:
    """A record of Orla Quent or another, perhaps at a number of Oak St."""
    street = (home, "oak", "st") if home else (None, None, None)
    con.execute(
        "INSERT INTO record (record, feed, given, surname, address_key, street_no, street_name, street_type, zip5)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [record, record.partition(":")[0], given, surname, home and f"{home} oak st, {zip5}", *street, zip5],
    )


def holds(con: Connection, record: str, kind: str, value: str) -> None:
    con.execute("INSERT INTO holding (record, kind, value) VALUES (?, ?, ?)", [record, kind, value])


def bits_with(con: Connection, one: str, rules: Rules = RULES) -> dict[str, float]:
    """What is stated of each record beside `one`, in bits, among strangers, so that its name is rare."""
    PLACEHOLDER.create(con)
    con.execute(
        "INSERT INTO record (record, feed, given, surname)"
        " SELECT 'emails:' || n, 'emails', 'given' || n, 'surname' || n FROM range(300) t(n)"
    )
    con.execute("DROP TABLE profile")
    return compared(con, one, rules)


def compared(con: Connection, one: str, rules: Rules = RULES) -> dict[str, float]:
    """The same after a run, or one more."""
    compare_records(con, rules, MODEL)
    return bits_of(con, one)


def bits_of(con: Connection, one: str) -> dict[str, float]:
    found = con.execute(
        "SELECT if(left_id = $one, right_id, left_id), household_probability FROM pair_kind"
        " WHERE $one IN (left_id, right_id)",
        {"one": one},
    ).fetchall()
    return {record: math.log2(p / (1 - p)) for record, p in found}


def test_namesakes_of_one_zip_and_a_caller_and_a_contact_are_likelier_one_household_and_two_of_one_feed_less() -> None:
    con = homes(ZIPS)
    named(con, "crm_contacts:at home", "75001", home="1")
    said = {
        "crm_contacts:without": FEED.same,
        "calls:without": FEED.different,
        "conversions:same": 2.0,
        "conversions:other": -4.0,
    }
    for record, zip5 in zip(("conversions:without", *said), (None, None, None, "75001", "75002"), strict=True):
        named(con, record, zip5)
    bits = bits_with(con, "crm_contacts:at home")
    plain = bits["conversions:without"]
    assert {record: bits[record] - plain for record in said} == pytest.approx(said, abs=0.01)


def test_phones_one_slip_apart_say_what_a_slip_does_and_not_what_others_do() -> None:
    seldom = RULES.household.namesakes.model_copy(
        update={"near_phone": 8e-5}
    )  # three bits: six digits say no more than 15
    rules = replace(RULES, household=RULES.household.model_copy(update={"namesakes": seldom}))
    con = homes(ZIPS)
    said = {
        "calls:digit": ("+12145550137", 3.0),  # one digit is another
        "calls:swapped": ("+12145550123", 3.0),  # two neighbours are exchanged
        "calls:other": ("+12145550177", level_weights("phones", MODEL)[0]),
    }
    named(con, "calls:without", "75001", given="o")
    named(con, "calls:one", "75001")
    holds(con, "calls:one", "phone", "+12145550132")
    for record, (phone, _) in said.items():  # as all rang, no slip is read
        named(con, record, "75001", given="o")
        holds(con, record, "phone", phone)
    bits = bits_with(con, "calls:one", rules)
    assert {record: bits[record] - bits["calls:without"] for record in said} == pytest.approx(
        {record: weight for record, (_, weight) in said.items()}, abs=0.02
    )


def test_an_email_of_somebody_at_the_card_is_another_household_than_the_namesakes() -> None:
    families = {
        "quent": ({}, 0.0),  # nobody at the card's home shows an email
        "brook": ({"email": "dan@brook.org"}, ANOTHER),
        "zelenko": ({"email": "dan@zelenko.org", "phone": "+12145550132"}, ANOTHER),  # the namesakes show no phone
        "haddad": ({"email": "orla@haddad.org"}, 0.0),  # it is the namesake's: all is one circle
        "muldoon": ({"cookie": "c.1"}, 0.0),
    }
    con = homes(ZIPS)
    for number, (surname, (shown, _)) in enumerate(families.items(), 1):
        named(con, f"crm_contacts:{surname}", "75001", home=f"{10 * number}", surname=surname)
        named(con, f"conversions:dan {surname}", "75001", home=f"{10 * number}", given="dan", surname=surname)
        named(con, f"conversions:{surname}", surname=surname)
        named(con, f"ga4:{surname}", surname=surname)
        holds(con, f"ga4:{surname}", "email", f"orla@{surname}.org")
        for kind, value in shown.items():
            holds(con, f"conversions:dan {surname}", kind, value)
    bits_with(con, "crm_contacts:quent")
    found = {}
    for surname in families:
        bits = bits_of(con, f"crm_contacts:{surname}")
        found[surname] = bits[f"ga4:{surname}"] - bits[f"conversions:{surname}"]
    assert found == pytest.approx({surname: said for surname, (_, said) in families.items()}, abs=0.01)


def test_whoever_comes_to_show_an_email_has_the_pairs_of_his_circle_weighed_anew() -> None:
    con = homes(ZIPS)
    named(con, "crm_contacts:card", "75001", home="1")
    named(con, "conversions:dan", "75001", home="1", given="dan")
    named(con, "ga4:mail")
    holds(con, "ga4:mail", "email", "orla@quent.org")
    before = bits_with(con, "crm_contacts:card")["ga4:mail"]
    con.execute("DELETE FROM record_news")  # as the last stage does
    holds(con, "conversions:dan", "email", "dan@quent.org")
    tell(con, "SELECT 'conversions:dan' AS record")
    assert compared(con, "crm_contacts:card")["ga4:mail"] - before == pytest.approx(ANOTHER, abs=0.01)


def test_who_is_seen_anew_is_weighed_anew() -> None:
    con = homes(ZIPS)
    con.execute(
        "INSERT INTO record (record, feed, given, surname, first_seen, last_seen)"
        " SELECT feed || ':' || n, feed, 'given' || n, 'surname' || n, day, day"
        " FROM (SELECT *, TIMESTAMP '2000-01-01' + to_days((100 * n)::INTEGER) AS day"
        " FROM range(300) p(n), (VALUES ('calls'), ('emails')) f(feed))"
    )
    con.execute(
        "INSERT INTO holding (record, kind, value) SELECT record, 'phone', '+1214' || substr(record, -3) FROM record"
    )
    for record, day in (("crm_contacts:one", "2001-01-01"), ("conversions:other", "2003-01-01")):
        named(con, record, "75001", given="orla" if record == "crm_contacts:one" else "o")
        con.execute("UPDATE record SET first_seen = $2, last_seen = $2 WHERE record = $1", [record, day])
    far = bits_with(con, "crm_contacts:one")["conversions:other"]
    con.execute("DELETE FROM record_news")  # as the last stage does
    con.execute("UPDATE record SET last_seen = '2003-01-10' WHERE record = 'crm_contacts:one'")
    tell(con, "SELECT 'crm_contacts:one' AS record")
    near = compared(con, "crm_contacts:one")["conversions:other"]
    assert near - far == pytest.approx(1.5 + 5.0, abs=0.02)


def test_a_browser_bears_the_name_that_all_its_emails_spell() -> None:
    browsers = [
        (["orla.quent"], ("orla", "quent")),
        (["oquent", "orla.quent"], ("orla", "quent")),
        (["dan.quent", "orla.quent"], (None, "quent")),  # two of one family
        (["dan.brook", "orla.quent"], (None, None)),
        (["xk47", "orla.quent"], (None, None)),  # the other may be anybody's
    ]
    con = homes(ZIPS)
    for number, (given, surname) in enumerate((g, s) for g in ("orla", "dan") for s in ("quent", "brook")):
        con.execute(
            "INSERT INTO record (record, feed, given, surname) VALUES (?, 'calls', ?, ?)",
            [f"calls:{number}", given, surname],
        )
    for number, (mailboxes, _) in enumerate(browsers):
        con.execute("INSERT INTO record (record, feed, cookie) VALUES ($1, 'ga4', $1)", [f"ga4:{number}"])
        for mailbox in mailboxes:
            holds(con, f"ga4:{number}", "email", f"{mailbox}@mail.org")
    bits_with(con, "calls:0")
    found = con.execute("SELECT given, surname FROM profile WHERE unique_id LIKE 'ga4:%' ORDER BY unique_id").fetchall()
    assert found == [name for _, name in browsers]
