"""Names that email addresses spell."""

from __future__ import annotations

import duckdb
import pytest

from stormops_graph.link.mailnames import name_in_email, read_mail_names, spelt

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


def test_names_that_people_bear_here_are_names() -> None:
    con = duckdb.connect()
    con.execute("CREATE TABLE record AS SELECT 'emails:1' AS record, NULL::VARCHAR AS given, NULL::VARCHAR AS surname")
    con.execute("INSERT INTO record VALUES ('calls:1', NULL, 'quist'), ('crm_contacts:1', 'ylva', 'berg')")
    con.execute("CREATE TABLE holding AS SELECT 'emails:1' AS record, 'email' AS kind, 'ylva.quist@x.com' AS value")
    con.execute(
        "CREATE TABLE full_name AS SELECT * FROM (VALUES ('ylva', 'berg'), ('otto', 'quist')) AS t(given, surname)"
    )
    read_mail_names(con, GIVEN, SURNAMES)
    assert con.execute("FROM mail_name").fetchall() == []  # one Ylva may be a misspelt surname
    con.execute("INSERT INTO full_name VALUES ('ylva', 'lund')")
    read_mail_names(con, GIVEN, SURNAMES)
    assert con.execute("FROM mail_name").fetchall() == [("ylva.quist@x.com", "ylva", "quist")]
