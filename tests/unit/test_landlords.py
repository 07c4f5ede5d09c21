"""Who is on record at homes where others live: he lives at his own, they at theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from small_town import STREETS, lived, resolved, together

from stormops_graph.tables import Connection

TENANTS = """Kim Parkhurst,Oleg Petrovsky,Sara Nunez,Will Tanager,Dina Osterman,Petra Vandermeer,Jude Okafor,
Raj Iyengar,Rita Delacroix,James Kirkland,Amy Lockhart,Hana Yoshida,Tom Beckwith,Lena Fitzroy,Omar Haddad,Ines Carvalho,
Paul Gruber,Nora Quimby,Igor Zelenko,Faye Wolcott,Dev Chatterjee,Ruth Steinmetz,Cora Billings,Lars Engstrom,
Mina Ebrahimi,Gus Laroche,Ada Pritchard,Sven Holmqvist,Joy Umeh""".replace("\n", "").split(",")
OWN = 9  # the home where nobody else lives
LET = {  # how many homes, since when his tenants are there, whether he is on record at his own
    "Hubert Lamontagne": (2, "2021-06-01", True),
    "Edgar Whitcombe": (5, "2021-06-01", True),
    "Basil Fontenot": (5, "2023-06-01", True),
    "Conrad Muldoon": (2, "2021-06-01", False),
    "Ivo Castellanos": (5, "2021-06-01", False),
    "Milton Rutherford": (5, "2023-06-01", False),
}
MOVER, SPOUSE, BUILDER, BROKER = "Abel Dombrowski", "Otto Nightingale", "Hugo Valdespino", "Rex Cunningham"
ON_RECORD = {
    **{
        name: {n: f"2022-0{n + 2}-01" for n in range(lets)} | ({OWN: "2022-01-01"} if own else {})
        for name, (lets, _, own) in LET.items()
    },
    MOVER: {OWN: "2022-01-01", 0: "2022-06-01"},
    SPOUSE: {0: "2021-07-01", OWN: "2022-07-01"},
    BUILDER: {n: f"2022-0{n + 1}-01" for n in range(5)},
    BROKER: {n: f"2022-0{n + 1}-01" for n in range(6)},
}
NAMES = [*TENANTS, *ON_RECORD]


def home(owner: str, n: int) -> str:
    """Nine homes next to each other, for each owner their own, and one in another street."""
    tens, street = divmod(list(ON_RECORD).index(owner), len(STREETS))
    return f"{10 + 10 * tens + n} {STREETS[(street + 2 * (n == OWN)) % len(STREETS)]}"


def phone(name: str) -> str:
    return f"972-{610 + 7 * NAMES.index(name)}-{2000 + 53 * NAMES.index(name)}"


def contact(row: str, name: str, email: str, address: str, since: str) -> str:
    return f"{row},{name.replace(' ', ',')},{phone(name)},{email},{address},75201,{since}"


def owns(owner: str) -> list[str]:
    email = f"{owner.split(maxsplit=1)[0]}@rentals.com"
    return [contact(f"{owner} O{n}", owner, email, home(owner, n), since) for n, since in ON_RECORD[owner].items()]


def calls(owner: str) -> list[str]:
    first, last = owner.split()
    return [f"{owner} L1,2024-05-09,{phone(owner)},", f"{owner} L2,2024-05-10,{phone(owner)},{last} {first}"]


def lives(owner: str, n: int, name: str, since: str, until: str = "2024-05-08") -> tuple[str, str]:
    """A contact and a named knock, T0 and K0 and so on."""
    at = home(owner, n)
    return contact(f"{owner} T{n}", name, "", at, since), f"{owner} K{n},{until},{at},75201,{name},"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    names = iter(TENANTS)
    tenants = [lives(owner, n, next(names), since) for owner, (lets, since, _) in LET.items() for n in range(lets)]
    tenants += [lives(MOVER, 0, next(names), "2021-06-01")]
    buyers = [lives(BUILDER, n, next(names), "2023-06-01") for n in range(3)]
    spouse = next(names)
    moving = [lives(SPOUSE, n, spouse, f"{y}-06-01", f"{y}-08-01") for n, y in ((0, 2021), (OWN, 2022))]
    with resolved(
        tmp_path_factory.mktemp("town"),
        crm_contacts=[row for owner in ON_RECORD for row in owns(owner)]
        + [row for row, _ in (*tenants, *buyers, *moving)],
        door_knocks=[row for _, row in (*tenants, *moving)],
        calls=[row for owner in (*LET, BUILDER, BROKER) for row in calls(owner)],
    ) as con:
        yield con


def his(owner: str) -> set[str]:
    """The rows of who is on record there."""
    return {f"{owner} O{n}" for n in ON_RECORD[owner]} | {f"{owner} L1", f"{owner} L2"}


@pytest.mark.parametrize("owner", LET)
def test_a_landlord_lives_where_no_others_do_and_none_of_his_tenants_lives_with_him(
    town: Connection, owner: str
) -> None:
    lets, _, own = LET[owner]
    theirs = [{f"{owner} K{n}", f"{owner} T{n}"} for n in range(lets)]
    assert together(town, case=owner) == [*theirs, his(owner)]
    shown = (
        "SELECT DISTINCT id[-2:], property_id FROM source_row JOIN membership USING (record)"
        " WHERE starts_with(id, ?) AND id[-2] = ? ORDER BY id"
    )
    called = home(owner, OWN) if own else None
    assert town.execute(shown, [owner, "L"]).fetchall() == [("L1", called), ("L2", called)]
    assert town.execute(shown, [owner, "O"]).fetchall() == [(f"O{n}", home(owner, n)) for n in ON_RECORD[owner]]
    assert town.execute("SELECT count(*) FROM shared_identifier").fetchall() == [(0,)]


def test_who_moves_in_with_one_other_lives_there(town: Connection) -> None:
    assert lived(town, f"{MOVER} O0") == {home(MOVER, OWN), home(MOVER, 0)}


def test_a_couple_of_two_names_that_moves_lets_nothing(town: Connection) -> None:
    assert lived(town, f"{SPOUSE} O0") == {home(SPOUSE, 0), home(SPOUSE, OWN)}


def test_a_builder_lives_with_none_of_his_buyers_nor_in_what_he_has_not_sold(town: Connection) -> None:
    assert together(town, case=BUILDER) == [his(BUILDER), *({f"{BUILDER} T{n}"} for n in range(3))]
    assert lived(town, f"{BUILDER} L1") == set()


def test_who_is_on_record_at_many_empty_homes_ties_none_of_them(town: Connection) -> None:
    cards = {f"{BROKER} O{n}" for n in ON_RECORD[BROKER]}
    assert [home for home in together(town, case=BROKER) if len(home & cards) > 1] == []
