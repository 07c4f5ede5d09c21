"""Homes of anonymous cookies: posteriors worked by hand in small towns."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from visited_town import NOON, Home, knock, near, touch, town, visit, weigh

from stormops_graph.carryover import tell, tell_held
from stormops_graph.errors import SettingsError
from stormops_graph.rules.ruleset import read_rules
from stormops_graph.tables import (
    IDENTIFIER_NEWS,
    RECORD_NEWS,
    Connection,
)

SHIPPED = Path(__file__).parents[2] / "matching_rules"
# Two homes of 2014 among four in the ZIP, and four elsewhere: no other has a year like theirs.
YEARS: list[Home] = [
    ("a", "75001", None, None, 10),
    ("b", "75001", None, None, 10),
    ("c", "75001", None, None, 30),
    ("d", "75001", None, None, 50),
    *((f"far{n}", "75002", None, None, 70 + n) for n in range(4)),
]
# Each of a and b: .9 × .5 / 4 × (.8 × 8 / 2) = .36. The rest: 1 - .45, and c and d, .45 × (.1 × 8 / 6) × 2 / 4 = .03.
BY_YEAR = 0.36 / (0.36 * 2 + 0.58)


def test_equal_homes_share_what_the_year_tells() -> None:
    con = town(YEARS)
    visit(con, "v", year=2014)
    assert weigh(con) == {("v", "a"): near(BY_YEAR), ("v", "b"): near(BY_YEAR)}


def test_a_home_like_no_other_in_a_long_list_is_found() -> None:
    con = town(
        [("mansion", "75001", 9_020_000, 100_003, 7), *((f"h{n}", "75002", 300_000, 2000, 30) for n in range(3000))]
    )
    visit(con, "v", band="9000k", year=2017, area=100_003)
    assert weigh(con) == {("v", "mansion"): near(1)}


def test_a_visitor_may_tell_of_another_home_than_his_own() -> None:
    con = town(YEARS)
    visit(con, "v", year=2014)
    assert weigh(con, own=0.9)["v", "a"] == near(0.9 * BY_YEAR)


def test_the_share_of_listed_homes_is_measured_on_given_addresses() -> None:
    con = town(YEARS)
    visit(con, "v", year=2014)
    for number in range(10):  # half of ten live in a listed home: with .9 for ten more, .7
        listed = "d" if number < 5 else None
        record = f"crm_contacts:{number}"
        con.execute("INSERT INTO record_home VALUES (?, 'x', ?, ?, 1)", [record, listed, listed or "x"])
    mass, rest = 0.35 / 4 * 3.2, 1 - 0.35 + 0.35 * (0.1 * 8 / 6) * 2 / 4
    assert weigh(con)["v", "a"] == near(mass / (2 * mass + rest))


def test_a_list_of_a_few_leads_does_not_hold_the_whole_zip() -> None:
    con = town(YEARS)
    visit(con, "v", year=2014)
    # Four of forty homes are listed, so that only .045 of all visitors live in one of them.
    mass, rest = 0.045 / 4 * 3.2, 1 - 0.045 + 0.045 * (0.1 * 8 / 6) * 2 / 4
    assert weigh(con, zip_homes=40)["v", "a"] == near(mass / (2 * mass + rest))


def test_a_figure_copied_exactly_beats_a_like_one() -> None:
    con = town([(home, "75001", None, area, None) for home, area in zip("abcd", (1437, 1440, 2000, 3000), strict=True)])
    visit(con, "v", area=1437)
    # a: no other has its area, and the two within 71.85 make one expect 2 / 144.7; b is close; c and d are off.
    exact, close, off = 0.8 * 4 / (2 / 144.7), 0.12 * 4 / 1, 0.04 * 4 / 2
    total = 0.45 / 4 * (exact + close) + 0.55 + 0.45 * off * 2 / 4
    found = weigh(con, candidate_at_least=0.001)
    assert found == {("v", "a"): near(0.45 / 4 * exact / total), ("v", "b"): near(0.45 / 4 * close / total)}


def test_a_round_figure_stands_for_what_rounds_to_it() -> None:
    con = town([(home, "75001", None, area, None) for home, area in zip("abcd", (1510, 1560, 2000, 3000), strict=True)])
    visit(con, "v", area=1500)
    close, close_by, off = 0.5 * 4 / 1, 0.3 * 4 / 1, 0.1 * 4 / 2
    total = 0.45 / 4 * (close + close_by) + 0.55 + 0.45 * off * 2 / 4
    assert weigh(con) == {("v", "a"): near(0.45 / 4 * close / total), ("v", "b"): near(0.45 / 4 * close_by / total)}


def test_the_next_band_is_likelier_than_a_far_one() -> None:
    homes: list[Home] = [
        ("fits", "75001", 310_000, None, 10),
        ("near", "75001", 360_000, None, 10),
        ("off", "75001", 900_000, None, 10),
    ]
    con = town(homes)
    visit(con, "v", band="300k", year=2014)
    # All three are of 2014 (.8 × 3 / 3), and each is the only one of its band level.
    masses = {"fits": 0.15 * 0.8 * 0.8 * 3, "near": 0.15 * 0.8 * 0.1 * 3, "off": 0.15 * 0.8 * 0.1 * 3}
    total = sum(masses.values()) + 0.55
    assert weigh(con) == {("v", home): near(mass / total) for home, mass in masses.items()}


def test_without_a_zip_only_a_home_with_both_year_and_area_counts() -> None:
    homes: list[Home] = [
        (f"h{n}", f"7500{n % 4}", None, 1000 + 101 * n, 10 + 3 * n if n < 8 else None) for n in range(10)
    ]
    con = town(homes)
    visit(con, "nowhere", None, year=2014, area=1000)
    visit(con, "wrong", "75001", year=2014, area=1000)
    # Round 1000: .1 × 10 / (0 + 1 / 101) for the area, .8 × 8 / 1 for the year.
    ratio = 0.1 * 10 * 101 * 0.8 * 8
    found = weigh(con)
    mass = 0.9 / 10 * ratio
    assert found["nowhere", "h0"] == near(mass / (mass + 1))
    # The ZIP holds three homes, all off in both: .45 × (.1 × 10 / 9) × (.1 × 8 / 7); seven homes are elsewhere.
    mass, rest = 0.45 / 7 * ratio, 0.55 + 0.45 * (0.1 * 10 / 9) * (0.1 * 8 / 7)
    assert found["wrong", "h0"] == near(mass / (mass + rest))
    assert set(found) == {("nowhere", "h0"), ("wrong", "h0")}


def towns() -> Connection:
    """Two towns of a ZIP each: two homes of 2014 and two of 1974, one of 1010 and one of 1900 square feet."""
    homes: list[Home] = [
        (f"{city}{n}", zip5, None, (1010, 1900)[n % 2], (10, 50)[n // 2])
        for city, zip5 in (("avon", "75001"), ("brook", "75002"))
        for n in range(4)
    ]
    con = town(homes)
    con.execute("UPDATE property SET city = regexp_replace(property_id, '[0-9]', '')")
    return con


def test_without_a_zip_a_home_is_looked_for_in_the_city_of_the_browser() -> None:
    con = towns()
    visit(con, "v", None, year=2014, area=1010, city="avon")
    # Nothing known of avon: half of all homes are there, and so half of its visitors. One of four has both, as in
    # brook; year .8 × 8 / 4, area .8 × 8 / (4 - 1 + 4 / 102).
    ratio = 0.8 * 8 / 4 * 0.8 * 8 / (3 + 4 / 102)
    mass = 0.45 / 4 * ratio
    rest = 0.55 + 0.45 * (1 - 0.96 * 0.9)
    assert weigh(con) == {("v", home): near(mass / (2 * mass + rest)) for home in ("avon0", "brook0")}


def test_where_a_browsers_city_is_those_tell_whose_zip_is_known() -> None:
    con = towns()
    visit(con, "v", None, year=2014, area=1010, city="avon")
    for number in range(10):  # with ten of whom half live there: .75
        visit(con, f"known{number}", "75001", city="avon")
    visit(con, "elsewhere", "99999", city="avon")
    ratio = 0.8 * 8 / 4 * 0.8 * 8 / (3 + 4 / 102)
    avon, brook = 0.9 * 0.75 / 4 * ratio, 0.9 * 0.25 / 4 * ratio
    total = avon + brook + 1 - 0.9 * 0.75 + 0.9 * 0.75 * (1 - 0.96 * 0.9)
    assert weigh(con) == {("v", "avon0"): near(avon / total), ("v", "brook0"): near(brook / total)}


def test_without_a_year_only_a_home_just_as_large_counts_in_a_city() -> None:
    con = towns()
    visit(con, "v", None, area=1010, city="avon")
    visit(con, "large", None, area=1011, city="avon")
    visit(con, "nowhere", None, area=1010)
    mass = 0.45 / 4 * 0.8 * 8 / (4 - 1 + 4 / 102)
    total = 2 * mass + 0.55 + 0.45 * (1 - 0.8)
    assert weigh(con) == {("v", home): near(mass / total) for home in ("avon0", "avon2")}


def test_a_zip_goes_before_the_city_and_a_city_without_homes_says_nothing() -> None:
    con, plain = towns(), towns()
    for each, city in ((con, "brook"), (plain, None)):
        visit(each, "zip", year=2014, area=1010, city=city)
        visit(each, "v", None, year=2014, area=1010, city="corinth" if city else None)
    assert weigh(con) == weigh(plain)


def test_visitors_of_a_city_are_weighed_again_where_more_is_known_of_it() -> None:
    kept = towns()
    visit(kept, "v", None, year=2014, area=1010, city="avon")
    before = weigh(kept)
    whole = towns()
    visit(whole, "v", None, year=2014, area=1010, city="avon")
    for each in (kept, whole):
        for number in range(10):
            visit(each, f"known{number}", "75001", city="avon")
    assert weigh(kept) == weigh(whole) != before


def test_figures_that_no_home_has_say_nothing() -> None:
    con = towns()
    visit(con, "v", None, area=1010, city="avon")
    before = weigh(con)
    con.execute("UPDATE property SET property_age = 3e9 WHERE property_id = 'avon2'")
    visit(con, "known", "75001", year=2014, area=1010)
    assert weigh(con).keys() > before.keys()


def test_ages_are_counted_up_to_the_year_of_the_list() -> None:
    homes: list[Home] = [(f"h{n}", "75001", None, 1001 + 37 * n, n) for n in range(0, 60, 3)]
    con = town(homes)
    for n in (6, 15, 24, 45):  # visits of 2024 and a list of 2026: four say so, and a year without any counts as three
        visit(con, f"v{n}", year=2026 - n, area=1001 + 37 * n)
    found = weigh(con)
    assert all(found[f"v{n}", f"h{n}"] > 0.9 for n in (6, 15, 24, 45))
    con = town(homes)
    visit(con, "v", year=2026 - 6)
    visit(con, "w", year=2024 - 6)
    assert weigh(con)["w", "h6"] > weigh(con)["v", "h6"]


def test_a_knock_just_before_the_visit_tells_equal_homes_apart() -> None:
    con = town(YEARS)
    visit(con, "v", year=2014)
    knock(con, "a", NOON - timedelta(minutes=30))
    touched = BY_YEAR * (1 + 0.5 * 4 / 1)
    total = touched + BY_YEAR + 1 - 2 * BY_YEAR
    assert weigh(con) == {("v", "a"): near(touched / total), ("v", "b"): near(BY_YEAR / total)}


def test_an_older_touch_tells_less_and_a_later_one_nothing() -> None:
    con = town(YEARS)
    visit(con, "v", year=2014)
    knock(con, "a", NOON - timedelta(hours=5))
    knock(con, "d", NOON - timedelta(hours=6))  # one of two that were touched
    knock(con, "b", NOON + timedelta(minutes=1))
    touched = BY_YEAR * (1 + 0.2 * 4 / 2)
    total = touched + BY_YEAR + 1 - 2 * BY_YEAR
    assert weigh(con) == {("v", "a"): near(touched / total), ("v", "b"): near(BY_YEAR / total)}


def test_a_call_counts_as_a_touch_of_the_home_that_shows_its_number() -> None:
    con = town(YEARS)
    visit(con, "v", year=2014)
    knock(con, "a", NOON - timedelta(days=30))
    for record in ("knock-a", "call"):
        con.execute(
            "INSERT INTO holding BY NAME SELECT ? AS record, 'phone' AS kind, '+12145550000' AS value", [record]
        )
    touch(con, "call", NOON - timedelta(minutes=5))
    assert weigh(con)["v", "a"] > 0.5
    con.execute("INSERT INTO shared_identifier BY NAME SELECT 'phone' AS kind, '+12145550000' AS value")
    tell(con, "SELECT 'call' AS record")
    assert weigh(con)["v", "a"] == near(BY_YEAR)


def test_touches_that_came_or_went_before_a_visit_have_it_weighed_again() -> None:
    con, whole = town(YEARS), town(YEARS)
    for each in (con, whole):
        visit(each, "v", year=2014)
        visit(each, "w", zip5="75002", year=1954)
    untouched = weigh(con)
    knock(con, "a", NOON - timedelta(hours=2))
    knock(whole, "a", NOON - timedelta(hours=2))
    assert weigh(con) == weigh(whole) != untouched
    con.execute("DELETE FROM touch WHERE record = 'knock-a'")
    tell(con, "SELECT 'knock-a' AS record")
    assert weigh(con) == untouched


def test_homes_are_touched_by_whoever_holds_what_is_found_there_now() -> None:
    kept, dice = town(YEARS), random.Random(7)
    world: dict[str, tuple[set[str], str | None]] = {f"r{n}": (set(), None) for n in range(4)}
    visit(kept, "v", year=2014)
    for record in world:
        touch(kept, record, NOON - timedelta(minutes=5))
    for step in range(12):
        record = dice.choice(sorted(world))
        tell(kept, f"SELECT '{record}' AS record")
        tell_held(kept, f"SELECT kind, value FROM holding WHERE record = '{record}'")
        world[record] = {phone for phone in PHONES if dice.random() < 0.4}, dice.choice([None, None, "a", "b"])
        inhabit(kept, world)
        whole = town(YEARS)
        visit(whole, "v", year=2014)
        for other in world:
            touch(whole, other, NOON - timedelta(minutes=5))
        inhabit(whole, world)
        assert weigh(kept) == weigh(whole), step
        for table in (RECORD_NEWS, IDENTIFIER_NEWS):
            table.create(kept)


PHONES = ("+12145550000", "+12145550001")


def inhabit(con: Connection, world: dict[str, tuple[set[str], str | None]]) -> None:
    """Let records hold these phones and live at these homes."""
    con.execute("DELETE FROM holding; DELETE FROM record_home")
    for record, (phones, home) in world.items():
        for phone in sorted(phones):
            con.execute("INSERT INTO holding BY NAME SELECT ? AS record, 'phone' AS kind, ? AS value", [record, phone])
        if home:
            con.execute("INSERT INTO record_home VALUES (?, ?, ?, ?, 1)", [record, home, home, home])


def test_cookies_that_lead_to_an_address_are_left_alone() -> None:
    con = town(YEARS)
    for cookie in ("own", "one", "two", "none"):
        visit(con, cookie, year=2014)
    con.execute("INSERT INTO record_home VALUES ('own', 'x', NULL, NULL, 1), ('contact', 'y', 'd', 'd', 1)")
    ties = [("contact", "one"), ("call", "contact"), ("call", "two"), ("email", "none")]
    con.executemany("INSERT INTO pair_kind VALUES (?, ?, 0.9, 0.9, true, true, true)", ties)
    assert set(weigh(con)) == {("none", "a"), ("none", "b")}


def test_only_the_best_candidates_are_kept() -> None:
    con = town([(f"h{n}", "75001", None, None, 10) for n in range(9)])
    visit(con, "v", year=2014)
    assert list(weigh(con)) == [("v", "h0"), ("v", "h1"), ("v", "h2")]
    assert not weigh(con, candidate_at_least=0.2)


@pytest.mark.parametrize(
    "features", [{}, {"band": "300k"}, {"area": 0}, {"year": 1800}, {"year": 2014, "zip5": "99999"}]
)
def test_what_tells_nothing_gives_no_candidate(features: dict[str, object]) -> None:
    con = town(YEARS)
    visit(con, "v", **features)  # type: ignore[arg-type]
    assert weigh(con) == {}


def test_without_homes_or_cookies_there_are_no_candidates() -> None:
    assert weigh(town(YEARS)) == {}
    con = town([("a", "75001", None, None, None)])
    con.execute("DELETE FROM property")
    visit(con, "v", year=2014, area=1000, band="300k")
    assert weigh(con) == {}


def test_order_and_threads_do_not_show() -> None:
    homes: list[Home] = [
        (f"h{n:03}", f"7500{n % 3}", 100_000 + n * 7_919 % 400_000, 900 + n * 37 % 1500, n * 13 % 60)
        for n in range(400)
    ]
    found = []
    for step, threads in ((1, 1), (-1, 4)):
        con = town(homes[::step])
        con.execute(f"SET threads = {threads}")
        for home, zip5, value, area, age in homes[:60][::step]:
            visit(con, f"v-{home}", zip5, band=f"{(value or 0) // 50_000 * 50}k", year=2024 - (age or 0), area=area)
        found.append(weigh(con))
    assert found[0] == found[1]
    best = {cookie: home for (cookie, home), probability in found[0].items() if probability > 0.8}
    assert best
    assert all(cookie == f"v-{home}" for cookie, home in best.items())


def test_shares_that_exceed_all_visitors_are_refused(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "rules")
    file = tmp_path / "rules" / "session.toml"
    file.write_text(file.read_text("utf-8").replace("near = 0.12", "near = 0.30"), "utf-8")
    with pytest.raises(SettingsError, match="more than 1"):
        read_rules(tmp_path / "rules")
