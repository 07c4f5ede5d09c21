"""Households and persons from hand-made evidence: who lives with whom, and who is left out."""

from __future__ import annotations

from datetime import datetime

import pytest
from cluster_rules import RULES

from stormops_graph.cluster.attachment import attach
from stormops_graph.cluster.clustering import find_households
from stormops_graph.cluster.evidence import Edge, Evidence, Profile, Showings, Verdicts
from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.persons import find_persons
from stormops_graph.cluster.placement import place
from stormops_graph.cluster.residents import find_residents

MAY, JUNE, JULY = (datetime(2024, month, 1) for month in (5, 6, 7))


def record(key: str, name: str = "", home: str | None = None, seen: datetime = MAY) -> Profile:
    given, _, surname = name.partition(" ")
    return Profile(key, given or None, surname or None, home, 1.0 if home else 0.0, seen, seen)


def edge(left: int, right: int, household: float, person: float = 0.0, named: bool = False, home: bool = False) -> Edge:
    return Edge(left, right, household, person, not home, named, not home)


def households(profiles: list[Profile], edges: list[Edge], different: list[tuple[int, int]] | None = None):
    evidence = Evidence(profiles, edges, Verdicts(different=different or []))
    forest = Forest(len(profiles))
    for left, right in evidence.household.different:
        forest.part(left, right)
    found = find_residents(evidence, forest, RULES)
    attach(evidence, forest, found, RULES)
    return sorted(sorted(profiles[n].record for n in household.members) for household in found)


def test_two_surnames_at_one_address_are_one_household() -> None:
    assert households([record("a", "ann lee", "H1"), record("b", "bob ray", "H1")], [edge(0, 1, 0.9, home=True)]) == [
        ["a", "b"]
    ]


def followers(*days: str) -> list[list[str]]:
    """Households where the Lees and the Rays were seen at H1 on these days, the last time with a bare knock."""
    profiles, edges = [record("knock", home="H1", seen=datetime(2024, 5, 30))], []
    for name, seen in zip(("ann lee", "bob ray"), days, strict=True):
        first = len(profiles)
        for day in map(int, seen.split()):
            home = None if day % 2 else "H1"  # on odd days they called
            profiles.append(record(f"{name[0]}{day}", name, home, datetime(2024, 5, day)))
        edges += [edge(first, other, 0.9, 0.9, named=True) for other in range(first + 1, len(profiles))]
    return households(profiles, edges)


def test_two_families_that_followed_each_other_at_a_home_are_two_households() -> None:
    assert followers("2 3 4", "20 21 22") == [["a2", "a3", "a4"], ["b20", "b21", "b22", "knock"]]


@pytest.mark.parametrize("days", [("2 3 22", "20 21 4"), ("2 3", "20 21"), ("2", "20 21 22 24 26 28")])
def test_an_order_that_may_be_chance_parts_nobody(days: tuple[str, str]) -> None:
    assert len(followers(*days)) == 1


def test_four_families_at_one_address_are_a_dormitory_and_a_bare_knock_there_is_nobodys() -> None:
    names = ["ann lee", "bob ray", "cyd poe", "dan fox"]
    profiles = [record(key, name, "H1") for key, name in zip("abcd", names, strict=True)] + [record("e", home="H1")]
    assert households(profiles, []) == [["a"], ["b"], ["c"], ["d"], ["e"]]


def test_the_phone_of_the_front_desk_makes_no_family_of_a_dormitory() -> None:
    names = ["ann lee", "bob ray", "cyd poe", "dan fox", "eve lee", "fay"]
    profiles = [record(name[0], name, "H1") for name in names]
    desk = [edge(0, other, 0.95) for other in (1, 2, 3, 5)]
    assert households(profiles, [*desk, edge(0, 4, 0.95)]) == [["a", "e", "f"], ["b"], ["c"], ["d"]]


@pytest.mark.parametrize(
    ("flats", "found"),
    [
        (("1", "2", None), [["a"], ["b"], ["knock"]]),
        (("1", "1", None), [["a", "b", "knock"]]),
        (("1", None, None), [["a", "b", "knock"]]),  # a remark, or a gate's code
    ],
)
def test_strangers_in_two_flats_of_a_house_that_is_listed_as_one_are_two_households(
    flats: tuple[str | None, ...], found: list[list[str]]
) -> None:
    people = [record("a", "ann lee", "H1"), record("b", "bob ray", "H1"), record("knock", home="H1")]
    assert households([one._replace(flat=flat) for one, flat in zip(people, flats, strict=True)], []) == found


@pytest.mark.parametrize(
    ("hers", "flats", "found"),
    [
        ("1", ("1", "2", "2", None), [["ann", "knock1", "knock4"], ["knock2", "knock3"]]),
        (None, ("2", None), [["ann", "knock1", "knock2"]]),  # she may have left it out
        (
            "1",
            ("1", "2", "2", "3", "4", None),
            [["ann", "knock1"], ["knock2", "knock3"], *[[f"knock{n}"] for n in (4, 5, 6)]],
        ),
        (
            None,
            ("1", "2", "3", "4"),
            [["ann"], *[[f"knock{n}"] for n in (1, 2, 3, 4)]],
        ),  # many flats: in which of them is she?
    ],
)
def test_a_bare_knock_at_another_flat_is_not_hers_who_wrote_her_own(
    hers: str | None, flats: tuple[str | None, ...], found: list[list[str]]
) -> None:
    ann = record("ann", "ann lee", "H1")._replace(flat=hers)
    knocks = [record(f"knock{n}", home="H1")._replace(flat=flat) for n, flat in enumerate(flats, 1)]
    assert households([ann, *knocks], []) == found


def test_one_name_in_two_flats_is_a_family_that_wrote_one_of_them_wrong() -> None:
    people = [record("a", "ann lee", "H1")._replace(flat="1"), record("b", "bob lee", "H1")._replace(flat="2")]
    assert households(people, [edge(0, 1, 0.9)]) == [["a", "b"]]


@pytest.mark.parametrize("fourth", ["bob mracroft", "bob marcroft-fox", "bob"])
def test_another_spelling_of_a_surname_is_no_further_family(fourth: str) -> None:
    profiles = [record(name, name, "H1") for name in ("ann lee", "bob marcroft", "cyd poe", fourth)]
    assert len(households(profiles, [])) == 1


def test_who_holds_the_email_goes_before_a_namesake() -> None:
    profiles = [record("lura", "lura price", "H1"), record("lynne", "lynne price", "H2"), record("mail", "l price")]
    namesake = Edge(0, 2, 0.95, 0.95, beyond_home=True, named=True, tied=False)
    holder = Edge(1, 2, 0.99, 0.99, beyond_home=True, named=True, tied=True)
    assert households(profiles, [holder, namesake]) == [["lura"], ["lynne", "mail"]]
    other = holder._replace(left=0)
    assert households(profiles, [holder, other]) == [["lura"], ["lynne"], ["mail"]]


def test_of_two_who_hold_a_number_it_is_hers_whom_the_caller_names() -> None:
    profiles = [record("a", "ann lee", "H1"), record("b", "bob ray", "H2"), record("call", "bob ray"), record("junk")]
    holders = [edge(0, 2, 0.97), edge(1, 2, 0.97, 0.97, named=True)]
    nobody = [edge(0, 3, 0.97), edge(1, 3, 0.97)]  # who calls at the same time without a name is neither's
    assert households(profiles, [*holders, *nobody]) == [["a"], ["b", "call"], ["junk"]]


def test_what_two_unsure_steps_lead_to_is_less_sure_than_either() -> None:
    profiles = [record("a", "ann lee", "H1"), record("b", "ann lee"), record("emails:c", "ann lee")]
    assert households(profiles, [edge(0, 1, 0.8), edge(1, 2, 0.9)]) == [["a", "b", "emails:c"]]
    assert households(profiles, [edge(0, 1, 0.8), edge(1, 2, 0.8)]) == [["a", "b"], ["emails:c"]]
    assert households(profiles, [edge(0, 1, 0.95), edge(1, 2, 0.65)]) == [
        ["a", "b", "emails:c"]
    ]  # a mail asks for less


def test_two_homes_with_one_phone_stay_two_households() -> None:
    profiles = [record("a", "ann lee", "H1"), record("b", "bob ray", "H2")]
    assert households(profiles, [edge(0, 1, 0.95, 0.3)]) == [["a"], ["b"]]


def test_a_family_that_moved_is_one_household_and_whom_it_left_room_for_another() -> None:
    profiles = [
        record("a", "ann lee", "H1", MAY),
        record("b", "ann lee", "H2", JUNE),
        record("c", "bob ray", "H1", JULY),
        record("d", home="H1", seen=MAY),  # a knock before the move
        record("e", home="H1", seen=JULY),  # and one after it
    ]
    assert households(profiles, [edge(0, 1, 0.99, 0.99, named=True)]) == [["a", "b", "d"], ["c", "e"]]


def test_the_calls_of_a_family_that_moved_are_at_no_home_between_its_last_sight_at_one_and_its_first_at_the_next() -> (
    None
):
    profiles = [
        record("a", "ann lee", "H1", datetime(2024, 1, 1)),
        record("b", "ann lee", "H2", datetime(2024, 3, 1)),
        record("call"),
        record("knock", home="H1", seen=datetime(2024, 2, 25)),  # nobody says that she still lived there
    ]
    evidence = Evidence(profiles, [edge(0, 1, 0.99, 0.99, named=True), edge(0, 2, 0.99)])
    found, attached = find_households(evidence, RULES)
    lived = place(evidence, found, [], attached).members.to_pylist()
    assert [(row["home"], row["valid_from"], row["valid_to"]) for row in lived if row["number"] == 2] == [
        ("H1", None, datetime(2024, 1, 16)),
        ("H2", datetime(2024, 3, 1), None),
        (None, datetime(2024, 1, 16), datetime(2024, 3, 1)),
    ]


def test_a_record_without_a_home_follows_its_identifier() -> None:
    assert households([record("a", "ann lee", "H1"), record("b")], [edge(0, 1, 0.9)]) == [["a", "b"]]


def test_a_record_reaches_a_home_over_another_record() -> None:
    profiles = [record("a", "ann lee", "H1"), record("b"), record("c")]
    assert households(profiles, [edge(0, 1, 0.95), edge(1, 2, 0.9)]) == [["a", "b", "c"]]


def test_a_record_that_two_homes_claim_alike_belongs_to_neither() -> None:
    profiles = [record("a", "ann lee", "H1"), record("b", "bob ray", "H2"), record("c")]
    assert households(profiles, [edge(0, 2, 0.9), edge(1, 2, 0.85)]) == [["a"], ["b"], ["c"]]


def test_the_stronger_claim_wins_where_it_is_clearly_stronger() -> None:
    profiles = [record("a", "ann lee", "H1"), record("b", "bob ray", "H2"), record("c")]
    assert households(profiles, [edge(0, 2, 0.98), edge(1, 2, 0.72)]) == [["a", "c"], ["b"]]


@pytest.mark.parametrize("home", ["H1", None])
def test_what_a_steward_parted_never_meets(home: str | None) -> None:
    profiles = [record("a", "ann lee", "H1"), record("b", "ann lee", home)]
    assert households(profiles, [edge(0, 1, 0.99, 0.99, named=True)], [(0, 1)]) == [["a"], ["b"]]


def persons(profiles: list[Profile], edges: list[Edge]):
    found = find_persons(Evidence(profiles, edges), [0] * len(profiles), RULES, Forest(len(profiles)))
    return sorted(sorted(profiles[n].record for n in members) for members in found)


def test_a_couple_with_one_landline_is_two_persons_and_its_calls_are_nobodys() -> None:
    profiles = [record("a", "ann lee"), record("b", "bob lee"), record("c")]
    edges = [edge(0, 1, 0.9, 0.85), edge(0, 2, 0.9, 0.9), edge(1, 2, 0.9, 0.9)]
    assert persons(profiles, edges) == [["a"], ["b"]]


def test_a_call_from_a_phone_of_one_person_is_his() -> None:
    assert persons([record("a", "ann lee"), record("b")], [edge(0, 1, 0.9, 0.9)]) == [["a", "b"]]


def test_an_address_alone_is_nobody() -> None:
    assert persons([record("a", home="H1"), record("b", "ann lee", "H1")], []) == [["b"]]


def tenures(
    profiles: list[Profile], edges: list[Edge], shown: Showings | None = None
) -> dict[str, list[tuple[str, datetime, datetime]]]:
    """Of each record that is a household's for a time: that household's smallest record, from, to."""
    evidence = Evidence(profiles, edges, shown=shown or {})
    forest = Forest(len(profiles))
    found = find_residents(evidence, forest, RULES)
    attach(evidence, forest, found, RULES)
    held = {}
    for household in found:
        for number, (start, end) in household.tenures.items():
            held.setdefault(profiles[number].record, []).append((profiles[household.members[0]].record, start, end))
    return {record: sorted(periods, key=lambda period: period[1]) for record, periods in held.items()}


def test_a_number_that_changed_hands_is_each_ones_for_its_time_and_nobodys_in_between() -> None:
    profiles = [record("a", "ann lee", "H1", datetime(2024, 1, 1)), record("b", "bob ray", "H2", datetime(2024, 3, 1))]
    number = Profile("n", None, None, None, 0.0, datetime(2024, 1, 2), datetime(2024, 6, 1))
    assert tenures([*profiles, number], [edge(0, 2, 0.9), edge(1, 2, 0.9)]) == {
        "n": [("a", datetime.min, datetime(2024, 1, 16)), ("b", datetime(2024, 2, 15), datetime.max)]
    }


@pytest.mark.parametrize(("a_seen", "b_seen"), [(MAY, MAY), (JULY, MAY), (MAY, JULY)])
def test_a_cookie_is_each_ones_when_it_showed_that_ones_email_whenever_these_were_typed_in(
    a_seen: datetime, b_seen: datetime
) -> None:
    profiles = [record("a", "ann lee", "H1", a_seen), record("b", "bob ray", "H2", b_seen), record("cookie")]
    edges = [edge(0, 2, 0.9), edge(1, 2, 0.9)]
    shown = {(2, 0): (datetime(2024, 1, 1), datetime(2024, 1, 1)), (2, 1): (datetime(2024, 3, 1), datetime(2024, 6, 1))}
    assert tenures(profiles, edges, shown) == {
        "cookie": [("a", datetime.min, datetime(2024, 1, 16)), ("b", datetime(2024, 2, 15), datetime.max)]
    }
    shared = shown | {(2, 1): (datetime(2023, 12, 1), datetime(2024, 6, 1))}  # of two homes at one time
    assert tenures(profiles, edges, shared) == {}


@pytest.mark.parametrize(("holders", "held"), [(3, True), (4, False)])
def test_a_tablet_into_which_many_type_their_emails_is_nobodys(holders: int, *, held: bool) -> None:
    profiles = [record(f"h{n}", f"ann n{n}", f"H{n}") for n in range(holders)]
    edges = [edge(n, holders, 0.9) for n in range(holders)]
    shown = {(holders, n): (datetime(2024, 1 + n, 1), datetime(2024, 1 + n, 2)) for n in range(holders)}
    assert bool(tenures([*profiles, record("tablet")], edges, shown)) == held


def test_whom_a_verdict_keeps_from_a_number_does_not_come_to_one_of_its_holders() -> None:
    profiles = [record("a", "ann lee", "H1", datetime(2024, 1, 1)), record("b", "bob ray", "H2", datetime(2024, 3, 1))]
    profiles += [record("n"), record("mail", "bob ray")]
    edges = [edge(0, 2, 0.9), edge(1, 2, 0.9), edge(1, 3, 0.85)]
    assert households(profiles, edges) == [["a", "n"], ["b", "mail", "n"]]
    assert households(profiles, edges, different=[(2, 3)]) == [["a", "n"], ["b", "n"], ["mail"]]


def test_a_number_that_two_homes_show_at_one_time_is_neither_ones() -> None:
    lived = Profile("a", "ann", "lee", "H1", 1.0, MAY, JULY)
    profiles = [lived, record("b", "bob ray", "H2", JUNE), record("n")]
    edges = [edge(0, 2, 0.9), edge(1, 2, 0.9)]
    assert tenures(profiles, edges) == {}
    assert households(profiles, edges) == [["a"], ["b"], ["n"]]


def test_a_bare_address_is_each_residents_for_its_time_and_of_somebody_new_after_the_last_one_left() -> None:
    knocks = Profile("d", None, None, "H1", 1.0, MAY, JULY)
    profiles = [record("a", "ann lee", "H1", MAY), record("b", "ann lee", "H2", JUNE), knocks]
    assert tenures(profiles, [edge(0, 1, 0.99, 0.99, named=True)]) == {
        "d": [("a", datetime.min, JUNE), ("d", JUNE, datetime.max)]
    }
