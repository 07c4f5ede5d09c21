"""A home that is sold: whose it was and whose it is, though the one's number is a digit from the other's."""

from __future__ import annotations

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
