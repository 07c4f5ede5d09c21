"""A number on a card that was left in the form from another customer: what the market's other cards say of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_town import resolved, together

NUMBER = "469-538-2287"
AT_HOME = f"C1,Petra,Vandermeer,{NUMBER},petra@vandermeer.com,12 Cedar Ln,75201,2024-05-02"
CALLS = [f"L1,2024-05-09,{NUMBER},"]


def homeless(name: str = "Oleg,Petrovsky", email: str = "oleg@petrovsky.com") -> str:
    return f"C2,{name},{NUMBER},{email},,,2024-05-04"


def found_at(*homes: str) -> list[str]:
    """Cards of strangers who share a number, two by two, at these homes."""
    names = ("Kim,Parkhurst", "Sara,Nunez", "Will,Tanager", "Dina,Osterman", "Hubert,Lamontagne", "Jude,Okafor")
    return [
        f"S{n},{names[n]},972-{610 + n // 2}-{2000 + n // 2},,{home},75201,2024-04-1{n}" for n, home in enumerate(homes)
    ]


def households(folder: Path, *contacts: str) -> list[set[str]]:
    with resolved(folder, crm_contacts=contacts, calls=CALLS) as con:
        return [members for members in together(con) if members & {"C1", "C2", "L1"}]


APART = found_at("20 Elm St", "14 Pine Ct", "17 Oak Ave", "22 Maple Dr")


def test_where_strangers_share_numbers_at_two_homes_a_number_alone_ties_no_stranger(tmp_path: Path) -> None:
    assert households(tmp_path, AT_HOME, homeless(), *APART) == [{"C1", "L1"}, {"C2"}]


@pytest.mark.parametrize("others", [(), found_at("20 Elm St", "20 Elm St", "17 Oak Ave", "17 Oak Ave")])
def test_where_they_share_them_at_one_home_it_does(tmp_path: Path, others: tuple[str, ...]) -> None:
    assert households(tmp_path, AT_HOME, homeless(), *others) == [{"C1", "C2", "L1"}]


@pytest.mark.parametrize(
    "card",
    [
        homeless(name="Oleg,Vandermeer"),
        homeless(name="Vandermeer,Oleg"),
        homeless(name="Petra,Petrovsky"),
        homeless(email="petra@vandermeer.com"),
    ],
)
def test_who_shares_a_name_or_an_email_as_well_is_tied(tmp_path: Path, card: str) -> None:
    assert households(tmp_path, AT_HOME, card, *APART) == [{"C1", "C2", "L1"}]


def test_of_two_cards_without_a_home_neither_goes_before_the_other(tmp_path: Path) -> None:
    nowhere = AT_HOME.replace("12 Cedar Ln,75201", ",")
    assert households(tmp_path, nowhere, homeless(), *APART) == [{"C1", "C2", "L1"}]
