"""Names that email addresses spell."""

from __future__ import annotations

import itertools
import random

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormops_graph.carryover import differing, tell, tell_held
from stormops_graph.link.frequencies import NAME_COLUMNS, write_shares
from stormops_graph.link.mailnames import (
    SHORTEST,
    Names,
    Surname,
    may_be_names,
    name_in_email,
    read_mail_names,
    spelt,
)
from stormops_graph.link.sharing import find_identifiers
from stormops_graph.rules.model import Model
from stormops_graph.tables import IDENTIFIER_NEWS, RECORD_NEWS, SHARED_IDENTIFIER

RAREST = 0.00004
GIVEN = {"jane": 0.002, "john": 0.004, "ann": 0.002, "anna": 0.001, "scott": 0.002, "kelly": 0.001, "carlos": 0.004}
GIVEN |= {"smith": RAREST, "aguilar": RAREST, "williams": RAREST}  # of contacts whose names were swapped
FAMILIES = {"doe": 0.0001, "smith": 0.01, "nelson": 0.001, "elson": RAREST, "shelby": RAREST, "martinez-lopez": RAREST}
FAMILIES |= {"garcia ruiz": RAREST, "na": 0.001, "scott": 0.002, "kelly": 0.001, "john": RAREST, "carlos": RAREST}
FAMILIES |= {"aguilar": 0.002, "williams": 0.01, "ann": RAREST}
PEOPLE = {("kason", "metcalf"): RAREST, ("otto", "garcia ruiz"): RAREST}


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("jane.doe84@x.com", ("jane", "doe")),
        ("doe.jane@x.com", ("jane", "doe")),
        ("j_smith@x.com", ("j", "smith")),
        ("johnsmith@x.com", ("john", "smith")),
        ("smithjohn12@x.com", ("john", "smith")),
        ("jshelby12@x.com", ("j", "shelby")),
        ("shelbyj12@x.com", ("j", "shelby")),
        ("anna1994@x.com", (None, None)),  # not A. Nna, and not N. Anna's mailbox either
        ("nelsonelson@x.com", (None, None)),
        ("jane.doe+storm@x.com", ("jane", "doe")),
        ("annnelson@x.com", ("ann", "nelson")),
        ("amartinezlopez@x.com", ("a", "martinez-lopez")),
        ("jane.garciaruiz@x.com", ("jane", "garcia ruiz")),
        ("garciaruiz.otto@x.com", ("otto", "garcia ruiz")),  # known by the whole name alone
        ("anna@x.com", (None, None)),  # no An Na
        ("aguilarcarlos1962@x.com", ("carlos", "aguilar")),  # .004 × .002, not .00004 × .00004
        ("johnsmith@x.com", ("john", "smith")),
        ("smith.john@x.com", ("john", "smith")),
        ("john_smith@x.com", ("john", "smith")),
        ("scott.kelly@x.com", ("scott", "kelly")),  # .002 × .001 × 16, not .001 × .002
        ("scottkelly@x.com", (None, None)),  # .002 × .001 as near as .001 × .002
        ("smithj@x.com", ("j", "smith")),
        ("smith.j@x.com", ("j", "smith")),
        ("williamsj@x.com", ("j", "williams")),
        ("annj@x.com", (None, None)),  # Ann Jones rather than J. Ann
        ("ann.j@x.com", (None, None)),
        ("jann@x.com", ("j", "ann")),
        ("otto.smith@x.com", (None, None)),
        ("roofing.dallas@x.com", (None, None)),
        ("cowboysfan7979@x.com", (None, None)),
        ("@x.com", (None, None)),
        ("a.b.c@x.com", (None, None)),
    ],
)
def test_what_an_address_spells(email: str, name: tuple[str | None, str | None]) -> None:
    assert name_in_email(email, Names(GIVEN, spelt(FAMILIES), PEOPLE)) == name


LOCAL = st.text("aben.-1", min_size=1, max_size=7)
NAME = st.text("aben", min_size=1, max_size=4)
SHARES = st.dictionaries(NAME, st.sampled_from((0.001, 0.002, 0.1)), max_size=4)
WHOLE = st.dictionaries(st.tuples(NAME, st.sampled_from(["ben", "ane"])), st.just(0.001))


@given(LOCAL, SHARES, SHARES, WHOLE)
def test_what_an_address_spells_depends_on_its_parts_alone(
    local: str, given: dict[str, float], surnames: dict[str, float], people: dict[tuple[str, str], float]
) -> None:
    email, parts = f"{local}@x.com", may_be_names(f"{local}@x.com")
    known = spelt({name: share for name, share in surnames.items() if len(name) >= SHORTEST})
    names = Names(given, known, people)
    near = Names(
        {name: share for name, share in given.items() if name in parts},
        {spelling: surname for spelling, surname in known.items() if spelling in parts},
        {whole: share for whole, share in people.items() if whole[0] in parts},
    )
    assert name_in_email(email, names) == name_in_email(email, near)


def test_two_surnames_that_are_spelt_alike_are_read_as_the_one_of_letters_alone() -> None:
    assert spelt({"de leon": 0.002, "deleon": 0.001}) == {"deleon": Surname("deleon", 0.001)}


def test_addresses_are_read_again_where_a_name_of_theirs_came_or_went() -> None:
    kept = duckdb.connect()
    for seed in range(20):
        dice = random.Random(seed)
        mails = [mail for mail in MAILS if dice.random() < 0.7]
        people = [name for name in itertools.product(("ann", "ylva", "otto"), ("berg", "quist")) if dice.random() < 0.6]
        said = []
        for con in (kept, duckdb.connect()):
            write_records(con, mails, people)
            read(con, {"ann"} if seed % 5 else {"ann", "otto"}, {"doe": RAREST, "elson": RAREST})
            said.append(con.execute("FROM mail_name ORDER BY ALL").fetchall())
        assert said[0] == said[1], seed


MAILS = ("ann.quist@x.com", "ylva.berg@x.com", "otto.quist@x.com", "annberg@x.com", "yberg@x.com", "a.b.c@x.com")


def write_records(con: duckdb.DuckDBPyConnection, mails: list[str], people: list[tuple[str, str]]) -> None:
    """Let there be these records; what differs from those before is news."""
    rows = [(mail, None, None, mail) for mail in mails] + [(f"{one}{other}", one, other, None) for one, other in people]
    for name in ("row", "said"):
        con.execute(
            f"CREATE TABLE IF NOT EXISTS {name} (record VARCHAR, given VARCHAR, surname VARCHAR, email VARCHAR)"
        )
    con.execute("CREATE OR REPLACE TABLE said AS FROM row; DELETE FROM row")
    con.executemany("INSERT INTO row VALUES (?, ?, ?, ?)", [*rows, ("x", None, None, None)])
    con.execute("CREATE OR REPLACE TABLE record AS SELECT record, given, surname FROM row")
    con.execute(
        "CREATE OR REPLACE TABLE holding AS"
        " SELECT record, 'email' AS kind, email AS value FROM row WHERE email IS NOT NULL"
    )
    con.execute("CREATE OR REPLACE TABLE full_name AS SELECT DISTINCT given, surname FROM row WHERE given IS NOT NULL")
    for table in (RECORD_NEWS, IDENTIFIER_NEWS):
        table.create(con)
    tell(con, f"SELECT record FROM ({differing('row', 'said')})")
    tell_held(
        con, "SELECT 'email' AS kind, email AS value FROM said ANTI JOIN row USING (email) WHERE email IS NOT NULL"
    )
    find_identifiers(con, known=True)


def read(con: duckdb.DuckDBPyConnection, given: set[str], surnames: dict[str, float]) -> None:
    """Read the addresses, with these names trained."""
    trained = Model({}, {}, {}, {}, {"given": {}, "surname": surnames}, dict.fromkeys(NAME_COLUMNS, RAREST))
    for column in NAME_COLUMNS:
        write_shares(con, trained, column)
    read_mail_names(con, given, RAREST)


def test_names_that_people_bear_here_are_names() -> None:
    con = duckdb.connect()
    con.execute("CREATE TABLE record AS SELECT 'emails:1' AS record, NULL::VARCHAR AS given, NULL::VARCHAR AS surname")
    con.execute("INSERT INTO record VALUES ('calls:1', NULL, 'quist'), ('crm_contacts:1', 'ylva', 'berg')")
    con.execute("CREATE TABLE holding AS SELECT 'emails:1' AS record, 'email' AS kind, 'ylva.quist@x.com' AS value")
    con.execute(
        "CREATE TABLE full_name AS SELECT * FROM (VALUES ('ylva', 'berg'), ('otto', 'quist')) AS t(given, surname)"
    )
    SHARED_IDENTIFIER.create(con)
    find_identifiers(con, known=False)
    read(con, set(GIVEN), FAMILIES)
    assert con.execute("FROM mail_name").fetchall() == []  # one Ylva may be a misspelt surname
    con.execute("INSERT INTO full_name VALUES ('ylva', 'berg')")  # seen elsewhere as well
    read(con, set(GIVEN), FAMILIES)
    assert con.execute("FROM mail_name").fetchall() == []
    con.execute("INSERT INTO full_name VALUES ('ylva', 'lund')")
    read(con, set(GIVEN), FAMILIES)
    assert con.execute("FROM mail_name").fetchall() == [("ylva.quist@x.com", "ylva", "quist")]


def test_an_address_is_read_again_where_a_name_of_its_became_common() -> None:
    con = duckdb.connect()
    write_records(con, ["scottkelly@x.com"], [("scott", "kelly")])
    read(con, {"scott", "kelly"}, {"scott": RAREST})
    assert con.execute("FROM mail_name").fetchall() == []  # Scott Kelly or Kelly Scott
    write_records(con, ["scottkelly@x.com"], [("scott", "kelly"), ("ann", "kelly")])
    read(con, {"scott", "kelly"}, {"scott": RAREST})
    assert con.execute("FROM mail_name").fetchall() == [("scottkelly@x.com", "scott", "kelly")]
    assert con.execute("SELECT record FROM record_news WHERE contains(record, '@')").fetchall() == [
        ("scottkelly@x.com",)
    ]
