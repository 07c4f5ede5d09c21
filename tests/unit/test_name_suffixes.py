"""Fathers and sons of one name: two people of one household, and of two where they live apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from small_town import resolved, together

from stormops_graph.tables import Connection


def cards(name: str, suffixes: Sequence[str], phones: Sequence[str], emails: Sequence[str], *homes: str) -> list[str]:
    """Contacts Smith0, Smith1 … of a John Smith, at these homes in turn."""
    given, last = name.split()
    return [
        f'{last}{n},{given},"{last}{suffix}",{phones[n]},{emails[n]},{homes[n % len(homes)]},75201,2024-03-0{n + 1}'
        for n, suffix in enumerate(suffixes)
    ]


SR_JR = (" Sr", ", Jr.")
CARDS = [
    *cards("John Smith", SR_JR, ["214-363-4040"] * 2, ("johnsmith@mail.com", "js1990@web.com"), "12 Elm St"),
    *cards(
        "Walter Brown", SR_JR, ("972-518-7260", "972-518-7261"), ("walterbrown@mail.com", "wb77@web.com"), "17 Oak Ave"
    ),
    *cards("Peter Miller", SR_JR, ("", ""), ("petermiller@mail.com", "pm2001@web.com"), "26 Cedar Ln"),
    *cards("Hubert Walker", (" Jr", " II", " III"), ["469-702-1935"] * 3, [""] * 3, "21 Maple Dr"),
    *cards("Oscar Turner", (" Sr", "", " Jr"), ["817-294-6618"] * 3, [""] * 3, "14 Pine Ct"),
    *cards("Rupert Quenthoven", ("", ""), ["682-845-3307"] * 2, ["quent@mail.com"] * 2, "29 Elm St", "23 Pine Ct"),
    *cards("Silas Abernathy", SR_JR, ["940-671-8852"] * 2, ["aber@mail.com"] * 2, "24 Oak Ave", "11 Maple Dr"),
    *cards("Eugene Okonkwo", (*SR_JR, ""), ["903-538-1126"] * 3, ["oko@mail.com"] * 3, "28 Cedar Ln", "19 Pine Ct", ""),
]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with resolved(tmp_path_factory.mktemp("town"), crm_contacts=CARDS) as con:
        yield con


# Of one number, of two near each other, of none.
@pytest.mark.parametrize(("given", "name"), [("john", "Smith"), ("walter", "Brown"), ("peter", "Miller")])
def test_a_father_and_a_son_of_one_home_are_two_people_whatever_they_share(
    town: Connection, given: str, name: str
) -> None:
    assert together(town, case=name) == [{f"{name}0", f"{name}1"}]
    assert together(town, "person", name) == [{f"{name}0"}, {f"{name}1"}]
    called = town.execute("SELECT given, suffix FROM person WHERE surname = lower(?) ORDER BY ALL", [name]).fetchall()
    assert called == [(given, "jr"), (given, "sr")]


def test_the_second_of_a_name_is_written_in_two_ways_and_the_third_is_another(town: Connection) -> None:
    assert together(town, case="Walker") == [{"Walker0", "Walker1", "Walker2"}]
    assert together(town, "person", "Walker") == [{"Walker0", "Walker1"}, {"Walker2"}]


def test_who_says_nothing_of_it_is_either_but_joins_no_two(town: Connection) -> None:
    persons = together(town, "person", "Turner")
    assert len(persons) == 2
    assert not any({"Turner0", "Turner2"} <= person for person in persons)


def test_somebody_moves(town: Connection) -> None:
    assert together(town, case="Quenthoven") == [{"Quenthoven0", "Quenthoven1"}]


@pytest.mark.parametrize("name", ["Abernathy", "Okonkwo"])  # the second with a card between them that says neither
def test_no_father_moves_to_his_son(town: Connection, name: str) -> None:
    assert len([home for home in together(town, case=name) if home & {f"{name}0", f"{name}1"}]) == 2
