"""Which listed home an address means: hand-made streets, and what must stay open."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from listed_homes import PARTS, RULES, Address, market

from stormops_graph.link.addresses import find_listed_twice, listed_alike
from stormops_graph.link.homes import place_addresses
from stormops_graph.tables import RECORD_NEWS, Connection

LISTED: dict[str, Address] = {
    "oak": ("11", "oak", "st", None, "75201"),
    "cedar": ("20", "w cedar creek", "ln", None, "75201"),
    "flat 1": ("30", "elm", "st", "1", "75201"),
    "flat 2": ("30", "elm", "st", "2", "75201"),
    "far oak": ("11", "oak", "st", None, "75299"),
    "two directions": ("8665", "w s bernardino", "rd", None, "75201"),
    "mountain": ("56", "green mountain", "rd", None, "75201"),
    "number": ("1374", "pine", "rd", None, "75201"),
    "numbered": ("77", "12th", "st", None, "75201"),
}


def show(con: Connection, record: str, address: Address) -> None:
    """Let a record show an address, known as `a`."""
    con.execute(
        f"INSERT INTO record (record, address_key, {', '.join(PARTS)}) VALUES (?, 'a', ?, ?, ?, ?, ?)",
        [record, *address],
    )


def homes(address: Address) -> list[tuple[str | None, str | None]]:
    """(property, home) of one record with the address."""
    con = market(LISTED)
    show(con, "r", address)
    place_addresses(con, RULES)
    return con.execute("SELECT property_id, home FROM record_home").fetchall()


def test_a_known_address_stays_placed_until_records_say_it_otherwise_or_no_more() -> None:
    con = market(LISTED)
    oak, cedar = LISTED["oak"], ("20", "cedar creek", "ln", None, "75201")
    for said, meant, changed in (
        ({"one": oak}, "oak", 1),
        ({"one": oak, "two": oak}, "oak", 0),
        ({"one": cedar, "two": cedar}, "cedar", 1),
        ({"two": cedar}, "cedar", 0),
        ({}, None, 1),
    ):
        con.execute("DELETE FROM record")
        for record, address in said.items():
            show(con, record, address)
        RECORD_NEWS.create(con)
        con.execute("INSERT INTO record_news VALUES ('one'), ('two')")
        place_addresses(con, RULES)
        assert con.execute("SELECT count(*) FROM address_changed").fetchall() == [(changed,)]
        found = con.execute("SELECT record, home FROM record_home ORDER BY ALL").fetchall()
        assert found == [(record, meant) for record in sorted(said)]


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        (("11", "oak", "st", None, "75201"), "oak"),
        (("20", "cedar creke", "ln", None, "75201"), "cedar"),
        (("11", "oak", None, None, "75201"), "oak"),
        (("20", "cedar creek", "ln", None, "75201"), "cedar"),
        (("20", "cedar", "crk", None, "75201"), "cedar"),
        (("8665", "s bernardino", "rd", None, "75201"), "two directions"),
        (("8665", "s bernardino", "rd", None, None), "two directions"),
        (("56", "green", "mtn", None, "75201"), "mountain"),
        (("30", "elm", "st", "2", "75201"), "flat 2"),
        (("30", "elm", "st", "2", None), "flat 2"),
    ],
)
def test_an_address_finds_its_home(address: Address, meant: str) -> None:
    assert homes(address) == [(meant, meant)]


def test_two_homes_that_fit_alike_leave_it_open() -> None:
    assert homes(("11", "oak", "st", None, None)) == [(None, "a")]


def test_a_home_that_is_listed_twice_is_one_and_two_that_differ_stay_open() -> None:
    con = market({"b": LISTED["number"], "a": LISTED["number"], "c": LISTED["oak"], "d": LISTED["oak"]})
    con.execute("UPDATE property SET address_key = street_name")
    find_listed_twice(con)  # nothing is known of them but the address: they may be two flats
    assert [note.partition(";")[0] for note in listed_alike(con)] == ["different homes listed under one address: 4"]
    con.execute("UPDATE property SET square_footage = 1800")
    find_listed_twice(con)
    assert listed_alike(con) == ["homes listed twice: 2; who is there is shown at the one with the first id"]
    con.execute("UPDATE property SET square_footage = 950 WHERE property_id = 'd'")
    for record, listed in (("r", "number"), ("s", "oak")):
        show(con, record, LISTED[listed])
        con.execute("UPDATE record SET address_key = record")
    place_addresses(con, RULES)
    assert con.execute("SELECT record, property_id FROM record_home ORDER BY ALL").fetchall() == [
        ("r", "a"),
        ("s", None),
    ]
    assert [note.partition(";")[0] for note in listed_alike(con)] == [
        "homes listed twice: 1", "different homes listed under one address: 2"
    ]  # fmt: skip


def test_a_building_without_the_unit_is_nobodys_home() -> None:
    assert homes(("30", "elm", "st", None, "75201")) == [(None, None)]


@pytest.mark.parametrize(("listed", "home"), [("123", "main"), ("132", None), ("9", None)])
def test_a_placeholder_is_nobodys_home_unless_it_is_listed(listed: str, home: str | None) -> None:
    con = market({"main": (listed, "main", "st", None, "75201")} | LISTED)
    for stranger in ("r", "s"):
        show(con, stranger, ("123", "main", "st", None, "75201"))
    place_addresses(con, RULES)
    assert con.execute("SELECT home FROM record_home").fetchall() == [(home,)] * 2


@pytest.mark.parametrize("zip5", ["75201", "75999", None])
def test_a_zip_and_its_town_are_nobodys_home(zip5: str | None) -> None:
    number = zip5 or "75201"
    assert homes((number, "dallas tx", None, None, zip5)) == [(None, None)]
    assert homes((number, "oak", "st", None, zip5)) == [(None, "a")]


@pytest.mark.parametrize(
    ("address", "home"),
    [
        (("2", "story brick", None, None, "75201"), None),
        (("2", "story brick", None, None, None), None),
        (("2", "story brick", None, None, "75999"), "a"),  # of which the list says nothing
        (("2", "bluestem", "ln", None, "75201"), "a"),
        (("2", "hwy 80", None, None, "75201"), "a"),
        (("9999", "oak", None, None, "75201"), "a"),
    ],
)
def test_what_names_no_street_of_a_whole_list_is_nobodys_home(address: Address, home: str | None) -> None:
    con = market({str(n): (str(n), "oak", "st", None, "75201") for n in range(100, 160)})
    con.execute(
        "INSERT INTO record (record, address_key, street_no, street_name, street_type, zip5)"
        " SELECT property_id, property_id, street_no, street_name, street_type, zip5 FROM property"
    )
    for stranger in ("r", "s"):
        show(con, stranger, address)
    place_addresses(con, RULES)
    assert con.execute("SELECT home FROM record_home WHERE address_key = 'a'").fetchall() == [(home,)] * 2


@pytest.mark.parametrize("address", [("99", "oak", "st", None, "75201"), ("30", "elm", "st", "3", "75201")])
def test_what_is_not_listed_is_a_home_of_its_own(address: Address) -> None:
    assert homes(address) == [(None, "a")]


def test_a_mistyped_number_is_not_enough() -> None:
    assert homes(("1347", "pine", "rd", None, "75201")) == [(None, "a")]


def test_addresses_are_placed_alike_however_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = ("address_points", "address_home", "no_home", "record_home")
    written = [(number, *address[1:]) for address in LISTED.values() for number in (address[0], "12", "1347")]
    written.append(("30", "elm", "st", None, "75201"))
    placed = []
    for batch in (1000, 5, 1):
        monkeypatch.setattr("stormops_graph.link.homes._BATCH", batch)
        con = market({})
        for table, key, addresses in (("property", "property_id", LISTED.values()), ("record", "record", written)):
            for n, parts in enumerate(addresses):
                con.execute(
                    f"INSERT INTO {table} ({key}, address_key, {', '.join(PARTS)}) VALUES ($6, $6, $1, $2, $3, $4, $5)",
                    [*parts, f"{n:02}"],
                )
        place_addresses(con, RULES)
        placed.append([con.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in tables])
    assert placed[0] == placed[1] == placed[2]
    assert all(placed[0])


def street(listed: range, written: Sequence[str], no_zip: str = "") -> list[str | None]:
    """Which of the listed numbers of one street each written number means; `no_zip` is written without its ZIP."""
    con = market({})
    row = "street_name, street_type, zip5) SELECT n, n, 'pine', 'rd', '75201' FROM (SELECT unnest($n)::VARCHAR AS n)"
    con.execute(f"INSERT INTO property (property_id, street_no, {row}", {"n": [str(n) for n in listed]})
    con.execute(f"INSERT INTO record (record, street_no, {row}", {"n": written})
    con.execute("UPDATE record SET address_key = street_no, zip5 = CASE WHEN street_no <> ? THEN zip5 END", [no_zip])
    place_addresses(con, RULES)
    return [row[0] for row in con.execute("SELECT property_id FROM record_home ORDER BY record").fetchall()]


def test_where_every_home_is_listed_a_wrong_digit_is_a_slip() -> None:
    # 1000, 1137, 1274 …: no two are a digit apart, so all that are a digit from one are slips
    listed = range(1000, 6000, 137)
    slips = [f"{number // 10}{(number + 5) % 10}" for number in listed]
    assert street(listed, slips) == [str(number) for number in listed]
    assert street(listed, slips, no_zip=slips[3]) == [str(number) for number in listed]


def test_where_every_home_is_listed_a_digit_may_be_left_out_or_too_many() -> None:
    listed = range(1000, 6000, 137)
    for slips in ([str(number)[:3] for number in listed], [f"{number}{number % 10}" for number in listed]):
        assert street(listed, slips) == [str(number) for number in listed]


def test_in_a_full_block_a_wrong_last_digit_may_mean_any_home_but_other_slips_mean_the_nearest() -> None:
    block = range(3600, 3680, 3)
    listed = [str(number) for number in block]
    for slips in ([f"9{no[1:]}" for no in listed], [f"3{no}" for no in listed], [no[1:] for no in listed]):
        assert street(block, slips) == listed
    assert street(block, [str(number + 1) for number in block]) == [None] * len(listed)


def test_in_a_full_block_two_swapped_digits_mean_one_home_though_a_wrong_last_digit_may_mean_many() -> None:
    swapped = [str(number) for number in range(3621, 3700, 2) if number // 10 % 2 == 0]  # of 3612, 3632, 3652 …
    assert street(range(3610, 3700, 2), swapped) == [f"36{no[3]}{no[2]}" for no in swapped]


def test_homes_between_those_of_a_list_are_no_slips_though_others_are() -> None:
    block = range(3600, 3680, 3)
    between, slips = [str(number + 1) for number in block], [f"9{number % 1000}" for number in block]
    assert street(block, [*between, *slips]) == [None] * len(between) + [str(number) for number in block]


def test_where_homes_lie_a_digit_apart_a_wrong_digit_may_be_another_home() -> None:
    # every second number of a street is listed, as leads are: an unlisted one is a digit from one of them by chance
    assert street(range(1000, 1400, 4), [str(number) for number in range(1002, 1400, 8)]) == [None] * 50


def among(asked: Address, unlisted: int, slips: int = 0) -> str | None:
    """The listed home of an address, as `placed_among` finds it."""
    return placed_among([asked], unlisted, slips)[0][0]


def placed_among(
    asked: Sequence[Address], unlisted: int, slips: int = 0, later: int = 0
) -> list[tuple[str | None, str | None]]:
    """(property, home) of records with these addresses, where 40 others on listed streets are listed, so many are not,
    and of each of the 40 so many `slips` of the last digit are written. The last `later` records come in a second run.
    """
    con = market({})
    listed = [(str(1000 + 137 * n), f"{tree} hill", "rd", None, "75201") for n in range(20) for tree in ("pine", "fir")]
    others = [(str(7 * n + 200), "pine hill", "rd", None, "75201") for n in range(unlisted)]
    for address in listed:
        con.execute(
            f"INSERT INTO property (property_id, {', '.join(PARTS)}) VALUES ($1 || $2, $1, $2, $3, $4, $5)", address
        )
    wrong = [(f"{home[0][:3]}{(int(home[0]) + n) % 10}", *home[1:]) for home in listed for n in range(1, slips + 1)]
    written = [*listed, *others, *wrong, *asked]
    for key, address in enumerate(written):
        if key == len(written) - later:
            place_addresses(con, RULES)
            RECORD_NEWS.create(con)
        con.execute(
            f"INSERT INTO record (record, address_key, {', '.join(PARTS)}) VALUES ($6, $7, $1, $2, $3, $4, $5)",
            [*address, f"{key:03}", " ".join(map(str, address))],
        )
        if key >= len(written) - later:
            con.execute("INSERT INTO record_news VALUES (?)", [f"{key:03}"])
    place_addresses(con, RULES)
    rows = con.execute("SELECT property_id, home FROM record_home ORDER BY record").fetchall()
    return rows[-len(asked) :]


def test_where_every_home_is_listed_two_slips_still_mean_the_nearest() -> None:
    slips = ("1137", "pine hlil", "ave", None, "75201")
    assert among(slips, unlisted=0) == "1137pine hill"
    assert among(slips, unlisted=60) is None  # another street


def test_where_wrong_digits_are_slips_number_and_street_may_both_be_mistyped() -> None:
    both = ("1187", "pine hlil", "rd", None, "75201")
    assert among(both, unlisted=0, slips=8) == "1137pine hill"
    assert among(both, unlisted=60) is None  # where no digit was ever found to be wrong, both at once are no slips


def test_a_street_of_several_slips_is_the_one_that_has_the_number() -> None:
    assert among(("1137", "fie hikl", "rd", None, "75201"), unlisted=0) is None  # half of Fir Hill, half of Pine Hill
    assert among(("1137", "pnie hikl", "rd", None, "75201"), unlisted=0) == "1137pine hill"
    assert homes(("56", "gren mountin", "rd", None, "75201")) == [("mountain", "mountain")]
    assert homes(("1374", "fir", "rd", None, "75201")) == [(None, "a")]  # another tree


def test_a_numbered_street_is_another_by_one_digit() -> None:
    assert homes(("77", "21st", "st", None, "75201")) == [(None, "a")]


def test_two_digits_of_a_zip_are_swapped_where_nobody_lives_there() -> None:
    assert among(("1137", "pine hill", "rd", None, "72501"), unlisted=0) == "1137pine hill"
    assert among(("1137", "pine hlil", "rd", None, "60601"), unlisted=0) is None  # another town


@pytest.mark.parametrize(
    ("zip5", "city", "home"),
    [
        ("75023", "plano", "a"),
        ("75023", "dalas", "cedar"),  # both are slips
        ("75023", None, "cedar"),
        ("75201", "highland park", "cedar"),  # as some call that part of the town
        (None, "plano", "cedar"),
    ],
)
def test_who_shows_another_zip_and_another_town_lives_in_none_of_this_one(
    zip5: str | None, city: str | None, home: str
) -> None:
    con = market({"cedar": ("20", "cedar creek", "ln", None, "75201")})
    con.execute("UPDATE property SET city = 'dallas'")
    show(con, "r", ("20", "cedar creek", "ln", None, zip5))
    con.execute("UPDATE record SET city = ?", [city])
    place_addresses(con, RULES)
    assert con.execute("SELECT home FROM record_home").fetchall() == [(home,)]


def test_where_every_home_is_listed_an_address_that_nobody_can_read_is_no_home_of_its_own() -> None:
    unread = ("4711", "qneihl", "rd", None, "75201")
    assert placed_among([unread], unlisted=0) == [(None, None)]
    assert placed_among([unread], unlisted=60) == [(None, "4711 qneihl rd None 75201")]
    assert placed_among([unread, unread], unlisted=0) == [(None, "4711 qneihl rd None 75201")] * 2  # it has its reader
    assert placed_among([unread, unread], unlisted=0, later=1) == placed_among([unread, unread], unlisted=0)
    elsewhere = ("4711", "qneihl", "rd", None, "60601")
    assert placed_among([elsewhere], unlisted=0) == [(None, "4711 qneihl rd None 60601")]  # another town


def found(people: dict[str, str], asked: Address, who: dict[str, str], kind: str = "phone") -> str | None:
    """The home of an address with this `surname`, `given` or `phone`, or identifier of another `kind`, where these are
    seen in the flats of 30 Elm.
    """
    rows = [(flat, ("30", "elm", "st", flat[-1], "75201"), said.split()) for flat, said in people.items()]
    rows += [(f"fir {n}", (str(n), "fir", "st", None, "75201"), ["ann", f"name{n}"]) for n in range(30)]
    con = market({key: parts for key, parts, _ in rows})
    for key, parts, said in [*rows, ("asked", asked, [who.get("given"), who.get("surname"), who.get("phone")])]:
        given, surname, phone = [*said, None][:3]
        con.execute(
            f"INSERT INTO record (record, address_key, given, surname, {', '.join(PARTS)}) VALUES "
            "($1, $1, $2, $3, $4, $5, $6, $7, $8)",
            [key, given, surname, *parts],
        )
        if phone:
            con.execute("INSERT INTO holding (record, kind, value) VALUES (?, ?, ?)", [key, kind, phone])
    place_addresses(con, RULES)
    ((home,),) = con.execute("SELECT property_id FROM record_home WHERE record = 'asked'").fetchall()
    return None if home is None else str(home)


BUILDING = ("30", "elm", "st", None, "75201")
FLATS = {"flat 1": "jane roe 1", "flat 2": "john doe 2"}


@pytest.mark.parametrize("given", ["jane", "bob", None])
def test_who_gives_the_building_lives_where_the_family_is_found(given: str | None) -> None:
    assert found(FLATS, BUILDING, {"surname": "roe", "given": given}) == "flat 1"


def test_where_two_flats_show_the_name_it_stays_open() -> None:
    assert found({"flat 1": "jane roe 1", "flat 2": "jack roe 2"}, BUILDING, {"surname": "roe"}) is None


def test_a_name_that_is_found_in_no_flat_leaves_it_open() -> None:
    assert found(FLATS, BUILDING, {"surname": "poe", "given": "ann"}) is None


def test_a_phone_that_is_found_in_one_flat_tells_the_flat() -> None:
    assert found(FLATS, BUILDING, {"phone": "2"}) == "flat 2"
    assert found({**FLATS, "flat 3": "ann poe 2"}, BUILDING, {"phone": "2"}) is None  # the landlord's


def test_a_claim_that_names_a_contact_is_where_the_contact_is_found() -> None:
    assert found(FLATS, BUILDING, {"phone": "2"}, kind="contact") == "flat 2"


def test_an_address_with_many_slips_is_that_of_whoever_is_found_near_by() -> None:
    slips = ("30", "elms", "rd", None, None)
    assert found(FLATS, slips, {}) is None
    assert found(FLATS, slips, {"surname": "doe"}) == "flat 2"
