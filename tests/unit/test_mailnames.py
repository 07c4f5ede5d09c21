"""Names that email addresses spell."""

from __future__ import annotations

import pytest

from stormops_graph.link.mailnames import name_in_email

GIVEN = {"jane", "john", "ann", "anna"}
SURNAMES = {"doe", "smith", "nelson", "elson", "shelby"}


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("jane.doe84@x.com", ("jane", "doe")),
        ("doe.jane@x.com", ("jane", "doe")),
        ("j_smith@x.com", ("j", "smith")),
        ("johnsmith@x.com", ("john", "smith")),
        ("smithjohn12@x.com", ("john", "smith")),
        ("jshelby12@x.com", ("j", "shelby")),
        ("jane.doe+storm@x.com", ("jane", "doe")),
        ("annnelson@x.com", ("ann", "nelson")),
        ("roofing.dallas@x.com", (None, None)),
        ("cowboysfan7979@x.com", (None, None)),
        ("@x.com", (None, None)),
        ("a.b.c@x.com", (None, None)),
    ],
)
def test_what_an_address_spells(email: str, name: tuple[str | None, str | None]) -> None:
    assert name_in_email(email, GIVEN, SURNAMES) == name
