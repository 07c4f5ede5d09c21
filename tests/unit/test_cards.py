"""Two cards of one name, and who goes by the name alone to whom the other card belongs."""

from __future__ import annotations

import cluster_rules
from listed_homes import market

from stormops_graph.cluster.evidence import gather_evidence
from stormops_graph.tables import BINDING, CANDIDATE, PAIR_KIND, RECORD_HOME

HOME = {"here": ("5002", "elm", "st", None, "75201"), "there": ("77", "oak", "st", None, "75201")}
CARD, CALL, OTHER_CARD, KNOCK = "crm_contacts:a", "calls:b", "crm_contacts:c", "door_knocks:d"
TIED = (0.99, 0.99, True, True, True)
BY_NAME = (0.9, 0.9, True, True, False)
Pairs = dict[tuple[str, str], tuple[float, float, bool, bool, bool]]

# The card and its call, the other card at a home where a knock has the name as well; the cards' own pair is unlikely.
PEOPLE = {CARD: ("ann", "lee"), CALL: ("ann", "lee"), OTHER_CARD: ("ann", "lee"), KNOCK: ("ann", "lee")}
HOMES = {OTHER_CARD: "here", KNOCK: "here"}
PAIRS: Pairs = {
    (CALL, CARD): TIED,
    (OTHER_CARD, KNOCK): (0.99, 0.99, True, True, False),
    (CALL, KNOCK): BY_NAME,
    (CARD, KNOCK): BY_NAME,
    (CARD, OTHER_CARD): (0.1, 0.1, True, True, False),
}


def parted(
    pairs: Pairs,
    people: dict[str, tuple[str | None, str | None]] = PEOPLE,
    homes: dict[str, str] = HOMES,
    verdicts: tuple[tuple[str, str, str, str], ...] = (),
) -> set[tuple[str, str]]:
    """The pairs that join nobody although they are likely."""
    con = market(HOME)
    for table in (RECORD_HOME, CANDIDATE, PAIR_KIND, BINDING):
        table.create(con)
    con.execute("CREATE TABLE profile (unique_id VARCHAR, given_root VARCHAR)")
    for record, names in people.items():
        con.execute("INSERT INTO record BY NAME SELECT ? AS record, ? AS given, ? AS surname", [record, *names])
    for record, home in homes.items():
        con.execute(
            "INSERT INTO record_home BY NAME SELECT $1 AS record, $2 AS property_id, $2 AS home", [record, home]
        )
    PAIR_KIND.append(con, [(*two, *said) for two, said in pairs.items()])
    BINDING.append(con, verdicts)
    gather_evidence(con, cluster_rules.RULES, 0.75, whole=True)
    edges = con.execute(
        'SELECT l.record, r.record FROM evidence_edge JOIN evidence_record l ON l.n = "left"'
        ' JOIN evidence_record r ON r.n = "right"'
    ).fetchall()
    return {two for two, said in pairs.items() if said[0] >= cluster_rules.RULES.household_at_least}.difference(edges)


def test_who_belongs_to_one_card_is_not_the_others_by_the_name() -> None:
    assert parted(PAIRS) == {(CALL, KNOCK), (CARD, KNOCK)}


def test_cards_that_nobody_compared_are_two_as_well() -> None:
    assert parted({two: said for two, said in PAIRS.items() if two != (CARD, OTHER_CARD)}) == {
        (CALL, KNOCK),
        (CARD, KNOCK),
    }


def test_whom_a_steward_ties_to_a_card_belongs_to_it_as_by_a_phone() -> None:
    untied = {two: said for two, said in PAIRS.items() if two != (CALL, CARD)}
    assert parted(untied, verdicts=(("household", CALL, CARD, "same"),)) == {(CALL, KNOCK), (CARD, KNOCK)}
    assert parted(untied, verdicts=(("household", CALL, CARD, "different"),)) == {(CARD, KNOCK)}
    assert parted(PAIRS, verdicts=(("household", CARD, OTHER_CARD, "same"),)) == set()


def test_cards_that_are_rather_one_part_nobody() -> None:
    assert parted(PAIRS | {(CARD, OTHER_CARD): (0.49, 0.49, True, True, False)}) == {(CALL, KNOCK), (CARD, KNOCK)}
    assert parted(PAIRS | {(CARD, OTHER_CARD): (0.5, 0.5, True, True, False)}) == set()
    assert parted(PAIRS | {(CARD, OTHER_CARD): BY_NAME}) == set()


SECOND_CARD = "crm_contacts:e"  # held by the call's phone, as the first is
WITH_SECOND: Pairs = PAIRS | {(CALL, SECOND_CARD): TIED}


def test_of_several_cards_the_likeliest_pair_of_one_name_decides() -> None:
    kept_twice = PEOPLE | {SECOND_CARD: ("ann", "lee")}
    assert parted(WITH_SECOND, kept_twice) == {(CALL, KNOCK), (CARD, KNOCK)}
    likely: Pairs = {(OTHER_CARD, SECOND_CARD): (0.6, 0.6, True, True, False)}
    assert parted(WITH_SECOND | likely, kept_twice) == set()


def test_the_card_of_husband_or_wife_says_nothing() -> None:
    family: Pairs = {(OTHER_CARD, SECOND_CARD): (0.6, 0.1, True, False, False)}
    assert parted(WITH_SECOND | family, PEOPLE | {SECOND_CARD: ("bob", "lee")}) == {(CALL, KNOCK), (CARD, KNOCK)}


def test_cards_of_two_people_who_may_live_together_part_nobody() -> None:
    assert parted(PAIRS, PEOPLE | {OTHER_CARD: ("bob", "lee")}) == set()
    assert parted(PAIRS, PEOPLE | {OTHER_CARD: ("a", "lee"), CARD: ("a", "lee")}) == set()  # an initial is two names
    assert parted(PAIRS, PEOPLE | {OTHER_CARD: (None, "lee")}) == set()


def test_who_shares_more_than_the_name_stays() -> None:
    assert parted(PAIRS | {(CALL, KNOCK): TIED}) == set()


def test_a_card_that_is_tied_to_neither_parts_nobody() -> None:
    lone = {two: said for two, said in PAIRS.items() if two != (CALL, CARD)}
    assert parted(lone) == {(CARD, KNOCK)}
    assert parted(lone, homes={OTHER_CARD: "there", KNOCK: "here"}) == set()  # one home does not tie the knock to it
