"""Whatever the evidence, what stewards decided holds: of households and of persons, directly and through others."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import cluster_rules
from hypothesis import given, settings
from hypothesis import strategies as st

from stormops_graph.cluster.clustering import find_households, persons_in
from stormops_graph.cluster.evidence import Edge, Evidence, Profile, Verdicts
from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.residents import ALWAYS, Household

RULES = cluster_rules.RULES.model_copy(update={"families": 2, "mover_homes": 2})
SIZE = 9
NUMBER = st.integers(0, SIZE - 1)
PAIRS = st.lists(st.tuples(NUMBER, NUMBER).filter(lambda pair: pair[0] < pair[1]), max_size=5)
SHARE = st.sampled_from([0.72, 0.85, 0.9, 0.97, 0.99])


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    profiles = [
        Profile(
            f"r{n}",
            draw(st.sampled_from([None, "ann", "bob"])),
            draw(st.sampled_from([None, "lee", "ray", "poe"])),
            draw(st.sampled_from([None, None, "H1", "H2", "H3"])),
            1.0,
            seen := datetime(2024, draw(st.integers(1, 4)), 1),
            seen,
        )
        for n in range(SIZE)
    ]
    tied = {pair for pair in draw(st.lists(st.tuples(NUMBER, NUMBER), max_size=14)) if pair[0] < pair[1]}
    edges = [Edge(*pair, draw(SHARE), draw(SHARE), *(draw(st.booleans()) for _ in range(3))) for pair in sorted(tied)]
    edges.sort(key=lambda edge: (-edge.household, -edge.person, edge.left, edge.right))
    same_person = draw(PAIRS)
    same_home = same_person + draw(PAIRS)
    apart = [pair for pair in draw(PAIRS) if not together(same_home, pair)]
    apart_person = apart + [pair for pair in draw(PAIRS) if not together(same_person, pair)]
    return Evidence(profiles, edges, Verdicts(same_home, apart), Verdicts(same_person, apart_person))


def together(pairs: list[tuple[int, int]], pair: tuple[int, int]) -> bool:
    forest = Forest(SIZE)
    for one, other in pairs:
        forest.join(one, other)
    return forest.root(pair[0]) == forest.root(pair[1])


@given(evidence())
@settings(max_examples=120)
def test_verdicts_hold_whatever_the_evidence(given: Evidence) -> None:
    households, _ = find_households(given, RULES)
    persons = persons_in(given, households, RULES)
    homes: dict[int, list[Household]] = {n: [h for h in households if n in h.members] for n in range(SIZE)}
    for number, found in homes.items():
        held = sorted(household.tenures.get(number, ALWAYS) for household in found)
        assert held and held == sorted(set(held))
        assert all(one[1] <= other[0] for one, other in pairwise(held))  # nobody's two at one time
    home = {n: {id(household) for household in found} for n, found in homes.items()}
    person = {n: i for i, members in enumerate(persons) for n in members}
    for members in persons:
        assert len({frozenset(home[n]) for n in members}) == 1
    for left, right in given.household.same:
        assert home[left] == home[right]
    for left, right in given.household.different:
        assert home[left].isdisjoint(home[right])
    for left, right in given.person.same:
        assert person[left] == person[right]
    for left, right in given.person.different:
        assert person.get(left, -1) != person.get(right, -2)


def people(profiles: list[Profile], edges: list[Edge], person: Verdicts) -> list[list[int]]:
    home = [(n, n + 1) for n in range(len(profiles) - 1)]
    given = Evidence(profiles, edges, Verdicts(same=home), person)
    return sorted(persons_in(given, find_households(given, RULES)[0], RULES))


MAY = datetime(2024, 5, 1)
ANN = Profile("a", "ann", "lee", None, 0.0, MAY, MAY)
BOB = Profile("b", "bob", "lee", None, 0.0, MAY, MAY)
CALL = Profile("c", None, None, None, 0.0, MAY, MAY)


def tie(left: int, right: int, named: bool = False) -> Edge:
    return Edge(left, right, 0.9, 0.9, True, named, True)


def test_a_couples_call_goes_to_whom_a_steward_named() -> None:
    edges = [tie(0, 2), tie(1, 2)]
    assert people([ANN, BOB, CALL], edges, Verdicts()) == [[0], [1]]
    assert people([ANN, BOB, CALL], edges, Verdicts(same=[(0, 2)])) == [[0, 2], [1]]
    assert people([ANN, BOB, CALL], edges, Verdicts(different=[(0, 2)])) == [[0], [1, 2]]


def test_a_call_that_is_anns_by_verdict_does_not_make_bob_ann() -> None:
    assert people([ANN, BOB, CALL], [tie(1, 2)], Verdicts(same=[(0, 2)])) == [[0, 2], [1]]


def test_two_calls_held_together_do_not_make_two_people_one() -> None:
    given = people([ANN, BOB, CALL, CALL._replace(record="d")], [tie(0, 2), tie(1, 3)], Verdicts(same=[(2, 3)]))
    assert given == [[0], [1], [2, 3]]


def test_two_of_one_name_in_one_home_are_two_people_by_verdict() -> None:
    senior = ANN._replace(record="b")
    assert people([ANN, senior], [tie(0, 1, named=True)], Verdicts()) == [[0, 1]]
    assert people([ANN, senior], [tie(0, 1, named=True)], Verdicts(different=[(0, 1)])) == [[0], [1]]
