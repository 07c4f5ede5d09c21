"""Names that email addresses spell."""

from __future__ import annotations

import itertools
import random

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormops_graph.carryover import differing, tell, tell_held
from stormops_graph.link.mailnames import SHORTEST, may_be_names, name_in_email, read_mail_names, spelt
from stormops_graph.link.sharing import find_identifiers
from stormops_graph.tables import IDENTIFIER_NEWS, RECORD_NEWS, SHARED_IDENTIFIER

GIVEN = {"jane", "john", "ann", "anna"}
SURNAMES = spelt(["doe", "smith", "nelson", "elson", "shelby", "martinez-lopez", "garcia ruiz", "na"])
PEOPLE = {("kason", "metcalf"), ("otto", "garcia ruiz")}


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
        ("otto.smith@x.com", (None, None)),
        ("roofing.dallas@x.com", (None, None)),
        ("cowboysfan7979@x.com", (None, None)),
        ("@x.com", (None, None)),
        ("a.b.c@x.com", (None, None)),
    ],
)
def test_what_an_address_spells(email: str, name: tuple[str | None, str | None]) -> None:
    assert name_in_email(email, GIVEN, SURNAMES, PEOPLE) == name


LOCAL = st.text("aben.-1", min_size=1, max_size=7)
NAMES = st.sets(st.text("aben", min_size=1, max_size=4), max_size=4)


@given(
    LOCAL, NAMES, NAMES, st.sets(st.tuples(st.text("aben", min_size=1, max_size=4), st.sampled_from(["ben", "ane"])))
)
def test_what_an_address_spells_depends_on_its_parts_alone(
    local: str, given: set[str], surnames: set[str], people: set[tuple[str, str]]
) -> None:
    email, parts = f"{local}@x.com", may_be_names(f"{local}@x.com")
    known = spelt(name for name in surnames if len(name) >= SHORTEST)
    near = {spelling: surname for spelling, surname in known.items() if spelling in parts}
    of_parts = {whole for whole in people if whole[0] in parts}
    assert name_in_email(email, given, known, people) == name_in_email(email, given & parts, near, of_parts)


def test_addresses_are_read_again_where_a_name_of_theirs_came_or_went() -> None:
    kept = duckdb.connect()
    for seed in range(20):
        dice = random.Random(seed)
        mails = [mail for mail in MAILS if dice.random() < 0.7]
        people = [name for name in itertools.product(("ann", "ylva", "otto"), ("berg", "quist")) if dice.random() < 0.6]
        said = []
        for con in (kept, duckdb.connect()):
            write_records(con, mails, people)
            read_mail_names(con, {"ann"} if seed % 5 else {"ann", "otto"}, {"doe", "elson"})
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
    read_mail_names(con, GIVEN, SURNAMES)
    assert con.execute("FROM mail_name").fetchall() == []  # one Ylva may be a misspelt surname
    con.execute("INSERT INTO full_name VALUES ('ylva', 'lund')")
    read_mail_names(con, GIVEN, SURNAMES)
    assert con.execute("FROM mail_name").fetchall() == [("ylva.quist@x.com", "ylva", "quist")]
