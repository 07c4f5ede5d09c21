"""A home that is sold or left: whose it was and whose it is, though the one's number is a digit from the other's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from small_town import lived, resolved, together

from stormops_graph.tables import Connection

SALES = [  # seller and number, buyer and number, the home and the seller's new one
    ("James Kirkland", "214-827-1248", "Petra Lockhart", "214-941-6664", "12 Elm St", "25 Pine Ct"),
    ("Oleg Petrovsky", "972-360-5517", "Sara Nunez", "972-360-5518", "19 Oak Ave", "22 Cedar Ln"),
]
CONTACTS = [
    "MOTHER,Rita,Delacroix,214-551-0001,rita@mail.com,15 Elm St,75201,2019-01-01",
    "OLD,Emma,Delacroix,214-551-0002,emma@mail.com,15 Elm St,75201,2021-01-01",
    "NEW,Emma,Delacroix,214-551-0002,emma@mail.com,28 Pine Ct,75201,2024-02-01",
]
KNOCKS = [
    "STAYED,2024-05-09,15 Elm St,75201,Rita Delacroix,",
    "LEFT,2024-05-09,28 Pine Ct,75201,Emma Delacroix,",
]
CALLS = ["HERS,2024-05-07,214-551-0001,DELACROIX RITA", "BOTHS,2024-05-07,214-551-0002,DELACROIX EMMA"]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    contacts, knocks, calls = [*CONTACTS], [*KNOCKS], [*CALLS]
    for sale, (seller, sellers, buyer, buyers, home, new) in enumerate(SALES):
        (sold, by), (bought, to) = seller.split(), buyer.split()
        contacts += [
            f"{sale}S1,{sold},{by},{sellers},{sold}@mail.com,{home},75201,2022-03-01",
            f"{sale}S2,{sold},{by},{sellers},{sold}@mail.com,{new},75201,2024-03-10",
            f"{sale}B1,{bought},{to},{buyers},{bought}@mail.com,{home},75201,2024-03-20",
        ]
        knocks += [f"{sale}S3,2023-06-01,{home},75201,{seller},", f"{sale}B2,2024-05-15,{home},75201,{buyer},"]
        calls += [f"{sale}S4,2023-05-10,{sellers},{by} {sold}", f"{sale}B3,2024-05-16,{buyers},{to} {bought}"]
    folder = tmp_path_factory.mktemp("town")
    with resolved(folder, crm_contacts=contacts, door_knocks=knocks, calls=calls) as con:
        yield con


@pytest.mark.parametrize("sale", range(len(SALES)))
def test_the_buyer_is_another_household_than_the_seller(town: Connection, sale: int) -> None:
    *_, home, new = SALES[sale]
    buyer, seller = {f"{sale}B{n}" for n in (1, 2, 3)}, {f"{sale}S{n}" for n in (1, 2, 3, 4)}
    assert together(town, case=str(sale)) == [buyer, seller]
    assert lived(town, f"{sale}B1") == {home}
    assert lived(town, f"{sale}S1") == {home, new}


def test_who_leaves_a_family_takes_only_herself_along(town: Connection) -> None:
    stay, leave = {"BOTHS", "HERS", "MOTHER", "OLD", "STAYED"}, {"BOTHS", "LEFT", "NEW"}
    assert together(town)[2 * len(SALES) :] == [stay, leave]
    assert (lived(town, "HERS"), lived(town, "LEFT")) == ({"15 Elm St"}, {"28 Pine Ct"})
    turns = town.execute(
        "SELECT property_id, valid_from, valid_to FROM membership JOIN source_row USING (record)"
        " WHERE id = 'BOTHS' ORDER BY ALL"
    ).fetchall()
    # Between her last sight at the old home and her first at the new one, a quarter is of each.
    away, back = datetime(2021, 10, 9, 12), datetime(2023, 4, 25, 12)
    assert turns == [("15 Elm St", None, away), ("28 Pine Ct", back, None)]
