"""A home that is sold or left: whose it was and whose it is, though the one's number is a digit from the other's."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from small_town import lived, resolved, together

SELLER, HOME, NEW_HOME = "214-827-1248", "12 Elm St", "25 Pine Ct"


@pytest.mark.parametrize("phone", ["214-941-6664", "214-827-1249"])
def test_the_buyer_is_another_household_than_the_seller(tmp_path: Path, phone: str) -> None:
    contacts = [
        f"S1,James,Kirkland,{SELLER},jk@mail.com,{HOME},75201,2022-03-01",
        f"S2,James,Kirkland,{SELLER},jk@mail.com,{NEW_HOME},75201,2024-03-10",
        f"B1,Petra,Lockhart,{phone},petra@mail.com,{HOME},75201,2024-03-20",
    ]
    knocks = [
        f"S3,2023-06-01,{HOME},75201,James Kirkland,",
        f"B2,2024-05-15,{HOME},75201,Petra Lockhart,",
    ]
    calls = [f"S4,2023-05-10,{SELLER},KIRKLAND JAMES", f"B3,2024-05-16,{phone},LOCKHART PETRA"]
    with resolved(tmp_path, crm_contacts=contacts, door_knocks=knocks, calls=calls) as con:
        assert together(con) == [{"B1", "B2", "B3"}, {"S1", "S2", "S3", "S4"}]
        assert lived(con, "B1") == {HOME}
        assert lived(con, "S1") == {HOME, NEW_HOME}


def test_who_leaves_a_family_takes_only_herself_along(tmp_path: Path) -> None:
    contacts = [
        "MOTHER,Rita,Delacroix,214-551-0001,rita@mail.com,15 Elm St,75201,2019-01-01",
        "OLD,Emma,Delacroix,214-551-0002,emma@mail.com,15 Elm St,75201,2021-01-01",
        "NEW,Emma,Delacroix,214-551-0002,emma@mail.com,28 Pine Ct,75201,2024-02-01",
    ]
    knocks = [
        "STAYED,2024-05-09,15 Elm St,75201,Rita Delacroix,",
        "LEFT,2024-05-09,28 Pine Ct,75201,Emma Delacroix,",
    ]
    calls = ["HERS,2024-05-07,214-551-0001,DELACROIX RITA", "BOTHS,2024-05-07,214-551-0002,DELACROIX EMMA"]
    with resolved(tmp_path, crm_contacts=contacts, door_knocks=knocks, calls=calls) as con:
        assert together(con) == [{"BOTHS", "HERS", "MOTHER", "OLD", "STAYED"}, {"BOTHS", "LEFT", "NEW"}]
        assert (lived(con, "HERS"), lived(con, "LEFT")) == ({"15 Elm St"}, {"28 Pine Ct"})
        turns = con.execute(
            "SELECT property_id, valid_from, valid_to FROM membership JOIN source_row USING (record)"
            " WHERE id = 'BOTHS' ORDER BY ALL"
        ).fetchall()
    # Between her last sight at the old home and her first at the new one, a quarter is of each.
    away, back = datetime(2021, 10, 9, 12), datetime(2023, 4, 25, 12)
    assert turns == [("15 Elm St", None, away), ("28 Pine Ct", back, None)]
