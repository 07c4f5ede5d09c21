"""Fathers and sons of one name: two people of one household, and of two where they live apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from small_town import resolved, together

LANDLINE = "214-363-4040"


def cards(last: Sequence[str], phones: Sequence[str], emails: Sequence[str], homes: Sequence[str] = ()) -> list[str]:
    """Contacts C0, C1 … of John, at 12 Elm St or these homes."""
    at = dict(enumerate(homes))
    return [
        f'C{n},John,"{last[n]}",{phones[n]},{emails[n]},{at.get(n, "12 Elm St")},75201,2024-03-0{n + 1}'
        for n in range(len(last))
    ]


@pytest.mark.parametrize("phones", [(LANDLINE, LANDLINE), ("214-363-4040", "214-363-4041"), ("", "")])
def test_a_father_and_a_son_of_one_home_are_two_people_whatever_they_share(
    tmp_path: Path, phones: tuple[str, str]
) -> None:
    contacts = cards(("Smith Sr", "Smith, Jr."), phones, ("johnsmith@mail.com", "js1990@web.com"))
    with resolved(tmp_path, crm_contacts=contacts) as con:
        assert together(con) == [{"C0", "C1"}]
        assert together(con, "person") == [{"C0"}, {"C1"}]
        called = con.execute("SELECT given, surname, suffix FROM person ORDER BY ALL").fetchall()
    assert called == [("john", "smith", "jr"), ("john", "smith", "sr")]


def test_the_second_of_a_name_is_written_in_two_ways_and_the_third_is_another(tmp_path: Path) -> None:
    with resolved(tmp_path, crm_contacts=cards(("Smith Jr", "Smith II", "Smith III"), [LANDLINE] * 3, [""] * 3)) as con:
        assert together(con) == [{"C0", "C1", "C2"}]
        assert together(con, "person") == [{"C0", "C1"}, {"C2"}]


def test_who_says_nothing_of_it_is_either_but_joins_no_two(tmp_path: Path) -> None:
    with resolved(tmp_path, crm_contacts=cards(("Smith Sr", "Smith", "Smith Jr"), [LANDLINE] * 3, [""] * 3)) as con:
        persons = together(con, "person")
    assert len(persons) == 2
    assert not any({"C0", "C2"} <= person for person in persons)


@pytest.mark.parametrize(("last", "households"), [(("", ""), 1), ((" Sr", " Jr"), 2)])
def test_somebody_moves_but_no_father_to_his_son(tmp_path: Path, last: tuple[str, str], households: int) -> None:
    names = [f"Quenthoven{suffix}" for suffix in last]
    contacts = cards(names, [LANDLINE] * 2, ["quent@mail.com"] * 2, ("12 Elm St", "25 Pine Ct"))
    with resolved(tmp_path, crm_contacts=contacts) as con:
        assert len(together(con)) == households
