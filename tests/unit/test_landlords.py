"""Who is on record at homes where others live: he lives at his own, they at theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_town import lived, resolved, together

TENANTS = ("Kim Parkhurst", "Oleg Petrovsky", "Sara Nunez", "Will Tanager", "Dina Osterman")
OWN = "18 Oak Ave"
CALLS = ["L1,2024-05-09,469-538-2287,", "L2,2024-05-10,469-538-2287,LAMONTAGNE HUBERT"]


def lives(number: int, home: str, since: str, until: str = "2024-05-08") -> tuple[str, str]:
    """A tenant's contact and a named knock, T1 and K1 and so on."""
    name = TENANTS[number]
    first, last = name.split()
    phone = f"972-{610 + 7 * number}-{2000 + 53 * number}"
    return (
        f"T{number},{first},{last},{phone},,{home},75201,{since}",
        f"K{number},{until},{home},75201,{name},",
    )


def owns(home: str, since: str) -> str:
    return f"O{home[:2]},Hubert,Lamontagne,469-538-2287,hubert@rentals.com,{home},75201,{since}"


@pytest.mark.parametrize(("lets", "since"), [(2, "2021-06-01"), (5, "2021-06-01"), (5, "2023-06-01")])
@pytest.mark.parametrize("own", [True, False])
def test_a_landlord_lives_where_no_others_do_and_none_of_his_tenants_lives_with_him(
    tmp_path: Path, lets: int, since: str, *, own: bool
) -> None:
    homes = [f"{20 + n} Elm St" for n in range(lets)]
    tenants = [lives(n, home, since) for n, home in enumerate(homes)]
    cards = [owns(home, f"2022-0{n + 2}-01") for n, home in enumerate(homes)] + [owns(OWN, "2022-01-01")] * own
    contacts, knocks = [*cards, *(contact for contact, _ in tenants)], [knock for _, knock in tenants]
    with resolved(tmp_path, crm_contacts=contacts, door_knocks=knocks, calls=CALLS) as con:
        his = {"L1", "L2", *(card.split(",")[0] for card in cards)}
        theirs = [{f"K{n}", f"T{n}"} for n in range(lets)]
        assert sorted(together(con), key=min) == sorted([his, *theirs], key=min)
        called = con.execute(
            "SELECT DISTINCT property_id FROM source_row JOIN membership USING (record) WHERE feed = 'calls'"
        ).fetchall()
        assert called == [(OWN if own else None,)]
        shown = "SELECT id, property_id FROM source_row JOIN membership USING (record) WHERE id LIKE 'O%' ORDER BY id"
        assert con.execute(shown).fetchall() == sorted((card.split(",")[0], card.split(",")[5]) for card in cards)
        assert con.execute("SELECT count(*) FROM shared_identifier").fetchall() == [(0,)]


def test_who_moves_in_with_one_other_lives_there(tmp_path: Path) -> None:
    contact, knock = lives(0, "20 Elm St", "2021-06-01")
    cards = [owns(OWN, "2022-01-01"), owns("20 Elm St", "2022-06-01")]
    with resolved(tmp_path, crm_contacts=[*cards, contact], door_knocks=[knock]) as con:
        assert lived(con, "O20") == {OWN, "20 Elm St"}


def test_a_couple_of_two_names_that_moves_lets_nothing(tmp_path: Path) -> None:
    early, late = lives(0, "20 Elm St", "2021-06-01", "2021-08-01"), lives(0, "25 Pine Ct", "2022-06-01", "2022-08-01")
    contacts = [
        owns("20 Elm St", "2021-07-01"),
        owns("25 Pine Ct", "2022-07-01"),
        early[0],
        late[0].replace("T0", "T9"),
    ]
    knocks = [early[1], late[1].replace("K0", "K9")]
    with resolved(tmp_path, crm_contacts=contacts, door_knocks=knocks) as con:
        assert lived(con, "O20") == {"20 Elm St", "25 Pine Ct"}


def test_a_builder_lives_with_none_of_his_buyers_nor_in_what_he_has_not_sold(tmp_path: Path) -> None:
    homes = [f"{20 + n} Elm St" for n in range(5)]
    buyers = [lives(n, home, "2023-06-01")[0] for n, home in enumerate(homes[:3])]
    cards = [owns(home, f"2022-0{n + 1}-01") for n, home in enumerate(homes)]
    with resolved(tmp_path, crm_contacts=[*cards, *buyers], calls=CALLS) as con:
        his = {"L1", "L2", *(card.split(",")[0] for card in cards)}
        assert sorted(together(con), key=min) == sorted([his, {"T0"}, {"T1"}, {"T2"}], key=min)
        assert lived(con, "L1") == set()


def test_who_is_on_record_at_many_empty_homes_ties_none_of_them(tmp_path: Path) -> None:
    cards = [owns(f"{10 + n} Pine Ct", f"2022-0{n + 1}-01") for n in range(6)]
    with resolved(tmp_path, crm_contacts=cards, calls=CALLS) as con:
        assert [home for home in together(con) if len(home & {card.split(",")[0] for card in cards}) > 1] == []
