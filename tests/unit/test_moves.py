"""Who moved from one home to another: by a name, or by a number that was seen at both."""

from __future__ import annotations

from datetime import datetime

import pytest
from cluster_rules import RULES

from stormops_graph.cluster.clustering import find_households
from stormops_graph.cluster.evidence import Edge, Evidence, Profile
from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.moves import join_movers
from stormops_graph.cluster.placement import place


def seen(key: str, name: str, home: str | None, first: str, last: str = "") -> Profile:
    """A record of somebody, at a home, on days of 2024."""
    given, _, surname = name.partition(" ")
    days = (datetime.fromisoformat(f"2024-{day}") for day in (first, last or first))
    return Profile(key, given or None, surname or None, home, 1.0 if home else 0.0, *days)


def number(left: int, right: int, household: float = 0.98) -> Edge:
    """They share a number, and nothing tells whether they are one person."""
    return Edge(left, right, household, 0.6, beyond_home=True, named=False, tied=True)


def moved(*profiles: Profile, edge: Edge | None = None) -> bool:
    """Whether the first two are one household's at two homes."""
    evidence = Evidence(list(profiles), [edge or number(0, 1)])
    return bool(join_movers(evidence, Forest(len(profiles)), RULES))


CONTACT = seen("a", "ann lee", "H1", "01-10")
KNOCK = seen("b", "", "H2", "05-01")


def test_a_number_that_is_left_at_another_door_later_shows_who_moved_there() -> None:
    assert moved(CONTACT, KNOCK)
    assert moved(seen("b", "", "H1", "01-10"), seen("a", "ann lee", "H2", "05-01"))


@pytest.mark.parametrize("name", [" lee", "ann "])
def test_half_a_name_that_agrees_or_says_nothing_of_the_family_is_no_obstacle(name: str) -> None:
    assert moved(CONTACT, seen("b", name, "H2", "05-01"))


def test_another_surname_at_the_other_door_is_another_holder() -> None:
    assert not moved(CONTACT, seen("b", "bob ray", "H2", "05-01"))
    assert not moved(CONTACT, KNOCK, seen("c", "bob ray", "H2", "04-01", "06-01"))


def test_who_was_at_the_new_home_before_the_old_one_was_left_made_room() -> None:
    assert moved(CONTACT, KNOCK, seen("c", "bob ray", "H2", "01-02"))
    assert not moved(CONTACT, KNOCK, seen("c", "bob ray", "H2", "04-02"))


def test_who_came_to_the_old_home_after_the_new_one_was_lived_in_is_no_obstacle() -> None:
    nameless, later = seen("b", "", "H1", "01-10"), seen("a", "ann lee", "H2", "05-01")
    assert moved(nameless, later, seen("c", "bob ray", "H1", "06-01"))
    assert not moved(nameless, later, seen("c", "bob ray", "H1", "01-05", "06-01"))


CARDS = seen("crm_contacts:1", "ann lee", "H1", "01-10"), seen("crm_contacts:2", "ann lee", "H2", "05-01")
PERSON = Edge(0, 1, 0.99, 0.98, beyond_home=True, named=True, tied=True)


def test_who_leaves_others_of_the_family_moves_none_of_them() -> None:
    assert moved(*CARDS, edge=PERSON)
    assert not moved(*CARDS, seen("knock", "rita lee", "H1", "05-09"), edge=PERSON)
    assert not moved(*CARDS, seen("crm_contacts:3", "rita lee", "H1", "05-09"), edge=PERSON)


@pytest.mark.parametrize(
    "others",
    [
        [seen("knock", "rita lee", "H1", "03-09")],  # before
        [seen("crm_contacts:3", "rita lee", "H1", "01-10", "05-09")],  # a card that nobody has changed the address of
        [seen("knock", "anne lee", "H1", "05-09")],  # herself
        [seen("knock", " lee", "H1", "05-09")],
        [seen("knock", "rita lee", "H1", "05-09"), seen("later", "rita lee", "H2", "05-20")],  # who came after
        [seen("knock", "rita lee", "H1", "05-09"), seen("later", "r lee", "H2", "05-20")],
        [seen("knock", "rita lee", "H1", "05-09"), seen("later", " lee", "H2", "05-20")],
    ],
)
def test_a_family_of_which_nobody_is_known_to_stay_moves(others: list[Profile]) -> None:
    assert moved(*CARDS, *others, edge=PERSON)


KEYED = Edge(0, 1, 0.999, 0.999, beyond_home=True, named=True, tied=True)  # a claim that gives a contact's id


def test_a_claim_at_another_home_moves_its_contact_there_only_where_no_other_family_lives() -> None:
    assert moved(CONTACT, seen("claim", "", "H2", "05-01"), edge=KEYED)
    assert moved(CONTACT, seen("claim", "ann", "H2", "05-01"), seen("c", "bob ray", "H2", "04-02"), edge=KEYED)
    assert not moved(CONTACT, seen("claim", "", "H2", "05-01"), seen("c", "bob ray", "H2", "04-02"), edge=KEYED)
    assert not moved(CONTACT, seen("claim", "bob", "H2", "05-01"), edge=KEYED)


def test_a_number_that_is_seen_at_both_homes_by_turns_shows_no_move() -> None:
    assert not moved(seen("a", "ann lee", "H1", "01-10", "06-01"), KNOCK)


def test_a_doubtful_tie_shows_no_move() -> None:
    assert not moved(CONTACT, KNOCK, edge=number(0, 1, household=0.9))


def namesake(household: float = 0.8) -> Edge:
    """They bear one name, and nothing else ties them."""
    return Edge(0, 1, household, household, beyond_home=True, named=True, tied=False)


LATER = seen("b", "ann lee", "H2", "05-01")
NEW_FAMILY = seen("c", "bob ray", "H1", "04-01")


def test_a_full_name_alone_shows_a_move_where_others_have_come_to_the_old_home() -> None:
    assert moved(CONTACT, LATER, NEW_FAMILY, edge=namesake())
    assert not moved(CONTACT, LATER, edge=namesake())  # a namesake
    assert not moved(CONTACT, LATER, seen("c", "bob ray", "H1", "01-02"), edge=namesake())  # who lives with her
    assert not moved(
        CONTACT, LATER, NEW_FAMILY, seen("d", "tom lee", "H1", "04-02"), edge=namesake()
    )  # her family stayed


def test_an_initial_alone_shows_no_move() -> None:
    assert not moved(CONTACT, seen("b", "a lee", "H2", "05-01"), NEW_FAMILY, edge=namesake())


def test_mails_of_a_household_whose_new_home_only_its_number_shows_are_there_from_then_on() -> None:
    mail = seen("m", "", None, "02-01", "07-01")
    evidence = Evidence([CONTACT, KNOCK, mail], [number(0, 1), number(0, 2, 0.99)])
    households, attached = find_households(evidence, RULES)
    rows = place(evidence, households, [], attached).members.to_pylist()
    assert [(row["home"], row["valid_from"], row["valid_to"]) for row in rows if row["number"] == 2] == [
        ("H1", None, datetime(2024, 2, 7)),
        ("H2", datetime(2024, 5, 1), None),
        (None, datetime(2024, 2, 7), datetime(2024, 5, 1)),
    ]
