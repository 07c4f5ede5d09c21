"""A number on a card that was left in the form from another customer: what the market's other cards say of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_town import resolved, together

# A card at a home and one without, of one number: name, email, home and name, email.
STRANGER = ("Petra,Vandermeer", "petra@vandermeer.com", "12 Cedar Ln,75201", "Oleg,Petrovsky", "oleg@petrovsky.com")
TIED = {
    "by surname": ("Rita,Delacroix", "rita@delacroix.com", "16 Elm St,75201", "Igor,Delacroix", "igor@zelenko.com"),
    "in another order": ("Amy,Lockhart", "amy@lockhart.com", "15 Oak Ave,75201", "Lockhart,Sven", "sven@beckwith.com"),
    "by given name": ("Nora,Quimby", "nora@quimby.com", "19 Maple Dr,75201", "Nora,Haddad", "omar@haddad.com"),
    "by email": ("Faye,Wolcott", "faye@wolcott.com", "21 Pine Ct,75201", "Raj,Iyengar", "faye@wolcott.com"),
    "both without a home": ("Ruth,Steinmetz", "ruth@steinmetz.com", ",", "Lars,Engstrom", "lars@engstrom.com"),
}
CASES = {"not": STRANGER, **TIED}


def found_at(*homes: str) -> list[str]:
    """Cards of strangers who share a number, two by two, at these homes."""
    names = ("Kim,Parkhurst", "Sara,Nunez", "Will,Tanager", "Dina,Osterman")
    return [
        f"S{n},{names[n]},972-{610 + n // 2}-{2000 + n // 2},,{home},75201,2024-04-1{n}" for n, home in enumerate(homes)
    ]


def households(folder: Path, others: list[str], *cases: str) -> dict[str, list[set[str]]]:
    """Of each case the households of its cards and of a call."""
    contacts, calls = [*others], []
    for n, case in enumerate(cases):
        name, email, home, other, other_email = CASES[case]
        number = f"469-{538 + 41 * n}-{2287 + 613 * n}"
        contacts += [
            f"{case} C1,{name},{number},{email},{home},2024-05-02",
            f"{case} C2,{other},{number},{other_email},,,2024-05-04",
        ]
        calls.append(f"{case} L1,2024-05-09,{number},")
    with resolved(folder, crm_contacts=contacts, calls=calls) as con:
        return {case: together(con, case=case) for case in cases}


def one(case: str) -> list[set[str]]:
    return [{f"{case} C1", f"{case} C2", f"{case} L1"}]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[set[str]]]:
    """Where strangers share numbers at two homes."""
    apart = found_at("20 Elm St", "14 Pine Ct", "17 Oak Ave", "22 Maple Dr")
    return households(tmp_path_factory.mktemp("market"), apart, *CASES)


def test_where_strangers_share_numbers_at_two_homes_a_number_alone_ties_no_stranger(
    market: dict[str, list[set[str]]],
) -> None:
    assert market["not"] == [{"not C1", "not L1"}, {"not C2"}]


@pytest.mark.parametrize("others", [(), ("20 Elm St", "20 Elm St", "17 Oak Ave", "17 Oak Ave")])
def test_where_they_share_them_at_one_home_it_does(tmp_path: Path, others: tuple[str, ...]) -> None:
    assert households(tmp_path, found_at(*others), "not") == {"not": one("not")}


@pytest.mark.parametrize("case", TIED)
def test_who_shares_a_name_or_an_email_as_well_is_tied_and_of_two_without_a_home_neither_goes_before_the_other(
    market: dict[str, list[set[str]]], case: str
) -> None:
    assert market[case] == one(case)
