"""Phones, emails and addresses: what each text means, by hand-worked cases and by the reference libraries."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import fastaddress
import phonenumbers
import pytest
import usaddress
from hypothesis import given
from hypothesis import strategies as st

from stormops_graph.errors import SettingsError
from stormops_graph.normalise.addresses import PO_BOX, UNUSABLE, read_address
from stormops_graph.normalise.emails import read_email, read_emails
from stormops_graph.normalise.phones import read_phones
from stormops_graph.normalise.rules import read_feed_rules

RULES = Path(__file__).parents[2] / "matching_rules"
IDENTIFIERS = read_feed_rules(RULES).identifiers


def phones(*raws: str) -> dict[str, tuple[str | None, str | None]]:
    con = duckdb.connect()
    con.execute("CREATE TABLE said AS SELECT unnest(?) AS raw", [list(raws)])
    read_phones(con, "SELECT raw FROM said", IDENTIFIERS.phone)
    return {raw: (phone, reason) for raw, phone, reason in con.execute("FROM phone_value").fetchall()}


@pytest.mark.parametrize(
    "raw",
    [
        "2146578910", "12146578910", "+1 214 657 8910", "(214) 657-8910", "214.657.8910", "1-214-657-8910",
        "214-657-8910 ext. 12", "2146578910x12", "214 657 8910 #4", "2146578910.0", "+12146578910", "2146578910.00",
        "214-657-8910 (cell)", "cell 214-657-8910", "2146578910 Mary", "214-657-8910 / 972-222-3344",
        "call after 5 214-657-8910", "214–657–8910", "'2146578910", "214-657-8910 or 972-222-3344", "tel:+12146578910",
        "001 214 657 8910", "0012146578910", "+1-(214)-657-8910", "214-657-891O", "2l4 657 891o", "214_657_8910",
    ],
)  # fmt: skip
def test_forms_of_one_number(raw: str) -> None:
    assert phones(raw)[raw] == ("+12146578910", None)


def test_a_long_text_is_not_gone_through_for_a_number() -> None:
    essay = "214-657-8910 " * 20
    assert phones(essay)[essay] == (None, None)


def test_numbers_that_are_none_and_placeholders() -> None:
    found = phones(
        "555",
        "+2146578910",
        "soon",
        "214-6S7-8910",
        "OOOO lool",
        "001 2146578",
        "ll",
        "0000000000",
        "(999) 999-9999",
        "1234567890",
        "214-555-0142",
        "8885551212",
    )
    none = ("555", "soon", "+2146578910", "214-6S7-8910", "OOOO lool", "001 2146578", "ll")
    assert {found[raw] for raw in none} == {(None, None)}
    assert found["0000000000"] == ("+10000000000", "one digit over and over")
    assert found["(999) 999-9999"] == ("+19999999999", "one digit over and over")
    assert found["1234567890"] == ("+11234567890", "digits in a row")
    assert found["214-555-0142"] == ("+12145550142", "number kept free for fiction")
    assert found["8885551212"] == ("+18885551212", "directory assistance")
    assert phones("+44 20 7946 0958")["+44 20 7946 0958"] == ("+442079460958", None)


def test_the_patterns_in_sql_answer_as_the_library_does() -> None:
    dice = random.Random(4)
    raws = [f"{dice.randrange(10**10):010d}" for _ in range(3000)]
    raws += [f"+1{dice.randrange(2 * 10**9, 10**10)}" for _ in range(3000)]
    for raw, (phone, reason) in phones(*raws).items():
        number = phonenumbers.parse(raw, "US")
        valid = phonenumbers.is_valid_number(number)
        expected = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else None
        assert reason or phone == expected


def test_emails() -> None:
    raws = {
        "Jo.Smith+x@Gmail.com": ("jo.smith+x@gmail.com", None),
        "josé@exämple.org": ("josé@exämple.org", None),
        "jo@gmial.com": ("jo@gmial.com", None),
        "o'brien@x.co.uk": ("o'brien@x.co.uk", None),
        "none@none.com": ("none@none.com", "placeholder address"),
        "noemail@gmail.com": ("noemail@gmail.com", "placeholder address"),
        "info@stormroof.com": ("info@stormroof.com", "role account"),
        "mailto:jo@x.org": ("jo@x.org", None),
        "Jo Smith <Jo@x.org>": ("jo@x.org", None),
        "jo@x.org; ann@x.org": ("jo@x.org", None),
        "jo@x.org (home)": ("jo@x.org", None),
        "'jo@x.org'": ("jo@x.org", None),
        "jo@x.org.": ("jo@x.org", None),
        "'jo@x.org": ("jo@x.org", None),  # as a spreadsheet marks a text
        **dict.fromkeys(
            (
                *(
                    "jo @ x.org",
                    "jo@ x.org",
                    "jo @x.org",
                    "jo@x,org",
                    "jo@x. org",
                    "jo@x .org",
                    "jo@x;org",
                    "jo@x..org",
                ),
                *("jo(at)x.org", "jo [at] x.org", "jo at x.org", "Jo at x dot org", "jo(at)x(dot)org", "jo@x dot org"),
                *("jo@@x.org", "jo.@x.org", "jo@.x.org", ".jo@x.org", "jo\u200b@x.org", "jo\uff20x.org", "jo@x.org,"),
                *("Jo Smith <jo@x,org>", "mailto: jo@x.org", "email: jo @ x.org"),
            ),
            ("jo@x.org", None),
        ),
        "jo.at.x.dot.org": (None, None),
        "look at x.org": ("look@x.org", None),
        "jo is at x.org": (None, None),
        "jo@x.org at home": ("jo@x.org", None),
        "jo@x, org chart": (None, None),
        "jo@x.org/none": ("jo@x.org", None),
        "jo..x@y.org": (None, None),
        "jo@x": (None, None),
        "jo smith@x.org": (None, None),
        "2146578910": (None, None),
        "a@b@c.org": (None, None),
    }
    con = duckdb.connect()
    con.execute("CREATE TABLE said AS SELECT unnest(?) AS raw", [list(raws)])
    read_emails(con, "SELECT raw FROM said", IDENTIFIERS.email)
    assert {raw: (email, reason) for raw, email, reason in con.execute("FROM email_value").fetchall()} == raws


def test_one_email_is_read_as_among_many() -> None:
    raws = {
        "JOSÉ@Exämple.ORG": "josé@exämple.org",
        "ΝΊΚΟΣ@x.gr": "νίκοσ@x.gr",  # no final sigma: letters are made small one by one
        "İlkay <ilkay@x.org>": "ilkay@x.org",
        "李@例え.jp": "李@例え.jp",
        "jo¼@x.org": "jo¼@x.org",  # a sign that is a number
        "jo@x.org": "jo@x.org",
        "jo’s@x.org": None,
        "e\u0301@x.org": None,  # an accent of its own is no letter
        "jo@x.—": None,
    }
    con = duckdb.connect()
    con.execute("CREATE TABLE said AS SELECT unnest(?) AS raw", [list(raws)])
    read_emails(con, "SELECT raw FROM said", IDENTIFIERS.email)
    assert dict(con.execute("SELECT raw, email FROM email_value").fetchall()) == raws
    assert {raw: read_email(con, raw, IDENTIFIERS.email)[0] for raw in raws} == raws


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1374 Windmill Ln, Dallas, TX 75211", ("1374", "windmill", "ln", None, "75211", "dallas", None)),
        ("1374  WINDMILL  LANE", ("1374", "windmill", "ln", None, None, None, None)),
        ("100 North Main Street Apt. 4", ("100", "n main", "st", "4", None, None, None)),
        ("100 N. Main St. #B", ("100", "n main", "st", "b", None, None, None)),
        ("100 Main St, Unit 4-B", ("100", "main", "st", "4b", None, None, None)),
        *(
            (f"4 Elm St {unit}{zip5}", ("4", "elm", "st", "1", "75201", None, None))
            for unit in ("Apt 1", "#1", "Unit 01")
            for zip5 in (", 75201", " 75201", ", 75201-1234")
        ),
        ("4 Elm St Apt 75201", ("4", "elm", "st", "75201", None, None, None)),
        ("100 Main St Apt4B", ("100", "main", "st", "4b", None, None, None)),
        ("123-125 Main St", ("123", "main", "st", None, None, None, None)),
        ("123 - 125 Main St", ("123", "main", "st", None, None, None, None)),
        *(
            (f"{number} Main St", ("123", "main", "st", None, None, None, None))
            for number in ("123/125", "123 / 125", "123&125")
        ),
        ("125/123 Main St", ("125/123", "main", "st", None, None, None, None)),
        ("45-46 193rd St", ("45-46", "193rd", "st", None, None, None, None)),
        ("0123 Main St", ("123", "main", "st", None, None, None, None)),
        ("123.0 Main St", ("123", "main", "st", None, None, None, None)),
        ("123½ Main St", ("123 1/2", "main", "st", None, None, None, None)),
        ("22.5 Main St", ("22 1/2", "main", "st", None, None, None, None)),
        ("22.25 Main St", (None, None, None, None, None, None, UNUSABLE)),  # not 2225
        ("N 123 Main St", ("123", "n main", "st", None, None, None, None)),
        ("123 Main Streeet Apt 4", ("123", "main", "st", "4", None, None, None)),
        ("123 Oak Hill Driev", ("123", "oak hill", "dr", None, None, None, None)),
        ("123 Bear Ridge Way", ("123", "bear ridge", "way", None, None, None, None)),
        ("123 Bear Ridge Way, Dallas, TX 75228", ("123", "bear ridge", "way", None, "75228", "dallas", None)),
        *(
            (f"123 Main St {lot}", ("123", "main", "st", "38", None, None, None))
            for lot in ("Lot 38", "SP 38", "Spc 38", "Space #38", "Trailer 38", "Unit SP38", "Lt 38")
        ),
        ("123 E 21 St", ("123", "e 21st", "st", None, None, None, None)),
        ("9630 S NW 27 CT", ("9630", "s nw 27th", "ct", None, None, None, None)),
        ("123 112 Ave", ("123", "112th", "ave", None, None, None, None)),
        ("123 Cotton Tail", ("123", "cotton tail", None, None, None, None, None)),
        ("123 Hwy 21", ("123", "hwy 21", None, None, None, None, None)),
        ("123 Farm to Market Rd 12", ("123", "fm 12", None, None, None, None, None)),
        ("123 County Road 12", ("123", "cr 12", None, None, None, None, None)),
        *(
            (f"123 {road} 12", ("123", "hwy 12", None, None, None, None, None))
            for road in ("State Highway", "State Hwy", "St Hwy", "SH", "Texas State Highway", "TX", "U.S.", "US Hwy")
        ),
        *(
            (f"123 {road}12", ("123", "hwy 12", None, None, None, None, None))
            for road in ("SH-", "TX-", "TX- ", "TX - ", "US-", "SH")
        ),
        *(
            (f"123 {road}", ("123", "fm 12", None, None, None, None, None))
            for road in ("F.M. 12", "F M 12", "FM12", "FM-12", "FM Rd 12", "Farm Road 12", "Farm-to-Market 12")
        ),
        *(
            (f"123 {road}", ("123", "cr 12", None, None, None, None, None))
            for road in ("Cnty Rd 12", "Co Rd 12", "County Rd. 12", "C.R. 12", "CR-12", "CR12")
        ),
        ("123 CR 12A", ("123", "cr 12a", None, None, None, None, None)),
        ("123 Ranch Road 620", ("123", "rm 620", None, None, None, None, None)),
        ("123 RR 620", ("123", "rm 620", None, None, None, None, None)),
        *(
            (f"123 {road} 620 {lot}", ("123", f"{short} 620", None, "12", None, None, None))
            for road, short in (("CR", "cr"), ("FM", "fm"), ("Private Rd", "pr"), ("Loop", "loop"), ("RM", "rm"))
            for lot in ("Lot 12", "Sp 12", "Trlr 12", "Apt 12", "Lot #12", "Space 12")
        ),
        ("123 FM 620 Bldg 2 Apt 5", ("123", "fm 620", None, "2-5", None, None, None)),
        ("123 State Loop 12", ("123", "loop 12", None, None, None, None, None)),
        *(
            (f"123 {road} 3912", ("123", "pr 3912", None, None, None, None, None))
            for road in ("Private Road", "Private Rd", "Pvt. Rd", "PR", "P.R.")
        ),
        ("123 W Farm to Market Rd 12 Apt 4", ("123", "w fm 12", None, "4", None, None, None)),
        *(
            (f"123 {road}", ("123", "i-35", None, None, None, None, None))
            for road in ("I-35 Frontage Rd", "IH 35 Frontage Road", "Interstate 35", "IH35", "I 35 Service Rd")
        ),
        ("123 N IH 35 E", ("123", "n i-35e", None, None, None, None, None)),
        ("123 Oak Ln, TX 75209", ("123", "oak", "ln", None, "75209", None, None)),
        ("415-1/2 Main St", ("415 1/2", "main", "st", None, None, None, None)),
        ("415-½ Main St", ("415 1/2", "main", "st", None, None, None, None)),
        ("100 Main St BLDG3 APT12", ("100", "main", "st", "3-12", None, None, None)),
        ("100 Main St Apt 12, Bldg 3", ("100", "main", "st", "3-12", None, None, None)),
        ("100 Main St Apt 012", ("100", "main", "st", "12", None, None, None)),
        ("100 Main St, Dallas, TX 752091234", ("100", "main", "st", None, "75209", "dallas", None)),
        ("123 MLK Blvd", ("123", "martin luther king", "blvd", None, None, None, None)),
        ("123 Dr. Martin Luther King Jr. Blvd", ("123", "martin luther king", "blvd", None, None, None, None)),
        ("123 Main St PO Box 12", ("123", "main", "st", None, None, None, None)),
        ("RR 2 Box 14", (None, None, None, None, None, None, PO_BOX)),
        ("12 1/2 Elm Avenue NW", ("12 1/2", "elm nw", "ave", None, None, None, None)),
        ("12B Baker Str", ("12b", "baker", "st", None, None, None, None)),
        ("500 Old Mill Rd Bldg 3 Apt 4", ("500", "old mill", "rd", "3-4", None, None, None)),
        ("5 South St Johns #12", ("5", "s st johns", None, "12", None, None, None)),
        ("606 4th", ("606", "4th", None, None, None, None, None)),
        ("6363 E Sw 105Th", ("6363", "e sw 105th", None, None, None, None, None)),
        ("7595 S Nw 44Th Apt 1B", ("7595", "s nw 44th", None, "1b", None, None, None)),
        ("680 Ne Ne 32 #2B", ("680", "ne ne 32nd", None, "2b", None, None, None)),
        ("4179 Ridge #1B", ("4179", "ridge", None, "1b", None, None, None)),
        ("4455 FM 1234", ("4455", "fm 1234", None, None, None, None, None)),
        ("77 Fifth Ave", ("77", "5th", "ave", None, None, None, None)),
        *(
            (f"77 {street} Ave", ("77", "4th", "ave", None, None, None, None))
            for street in ("4ht", "4thh", "4rth", "Fourht", "Fouurth")
        ),
        *(
            (f"77 {street} Ave", ("77", street.lower(), "ave", None, None, None, None))
            for street in ("Firth", "Sixty", "Secord", "4d", "2rd")
        ),
        ("9 Saint Johns Blvd", ("9", "st johns", "blvd", None, None, None, None)),
        ("9 Peña Ct, Dallas TX 75209-1234", ("9", "pena", "ct", None, "75209", "dallas", None)),
        ("75211 TX", (None, None, None, None, "75211", None, UNUSABLE)),
        ("PO Box 123, Dallas, TX 75211", (None, None, None, None, "75211", "dallas", PO_BOX)),
        ("Main St", (None, None, None, None, None, None, UNUSABLE)),
        ("", (None, None, None, None, None, None, UNUSABLE)),
    ],
)  # fmt: skip
def test_addresses(text: str, parts: tuple[str | None, ...]) -> None:
    assert read_address(text) == parts


@pytest.mark.parametrize(
    "line", ["Oak Ridge Ln Apt 1111, Plano, TX 75023", "FM 1460 lot 7", "S 1st St", "Elm", "Lakeview Driev #100"]
)
def test_the_homes_of_a_street_are_read_alike(line: str) -> None:
    first, *others = (read_address(f"{number} {line}") for number in (1111, 1951, 2075))
    assert others == [("1951", *first[1:]), ("2075", *first[1:])]
    assert read_address(f"1951 {line.upper()}") == others[0]


def test_the_fast_parser_answers_as_usaddress_does() -> None:
    dice = random.Random(7)
    streets = ["Elm", "Oak Ridge", "Martin Luther King Jr", "5th", "St Johns", "La Vista", "Park"]
    kinds = ["St", "Ave", "Blvd.", "Lane", "DR", "ct", ""]
    for _ in range(200):
        line = (
            f"{dice.randrange(1, 9999)} {dice.choice(['', 'N ', 'South '])}{dice.choice(streets)} {dice.choice(kinds)}"
        )
        line += dice.choice(["", " Apt 4", " #12", ", Unit B"]) + dice.choice(["", ", Dallas, TX 75209"])
        assert fastaddress.tag(line) == (dict(usaddress.tag(line)[0]), usaddress.tag(line)[1])


def test_rules_are_held_to_their_form(tmp_path: Path) -> None:
    for name in ("identifiers.toml", "channels.toml"):
        (tmp_path / name).write_text((RULES / name).read_text())
    channels = (RULES / "channels.toml").read_text()
    (tmp_path / "channels.toml").write_text(channels.replace("session_minutes", "sesion_minutes"))
    with pytest.raises(SettingsError, match=r"channels.toml:\d+: ga4"):
        read_feed_rules(tmp_path)
    (tmp_path / "channels.toml").write_text(channels)
    identifiers = (RULES / "identifiers.toml").read_text()
    for wrong in ("0{7,}(|", r"(0)\1{7,}|"):
        (tmp_path / "identifiers.toml").write_text(identifiers.replace("0{7,}|", wrong))
        with pytest.raises(SettingsError, match=r"identifiers.toml:\d+: phone.0.pattern: must be a regular expression"):
            read_feed_rules(tmp_path)


@given(st.text(max_size=400))
def test_no_text_breaks_an_address(text: str) -> None:
    number, name, *_, reason = read_address(text)
    assert (number is None) == (name is None) == (reason is not None)


def test_what_is_far_too_long_is_nothing() -> None:
    assert read_address("1 " * 1_000_000)[-1] == UNUSABLE
