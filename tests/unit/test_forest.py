"""Disjoint sets with verdicts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stormops_graph.cluster.forest import Forest

pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20)


def test_a_parting_holds_however_the_sets_grow() -> None:
    forest = Forest(6)
    forest.part(0, 5)
    assert forest.join(0, 1) and forest.join(4, 5)
    assert not forest.join(1, 4)
    assert forest.parted(1, 4)


def test_a_parting_survives_the_end_of_its_root() -> None:
    forest = Forest(4)
    forest.part(3, 2)
    assert forest.join(0, 3) and forest.join(1, 2)
    assert not forest.join(0, 1)


@given(pairs, pairs)
def test_joins_that_succeed_never_break_a_parting(apart: list[tuple[int, int]], joins: list[tuple[int, int]]) -> None:
    forest = Forest(10)
    apart = [pair for pair in apart if pair[0] != pair[1]]
    for left, right in apart:
        forest.part(left, right)
    for left, right in joins:
        forest.join(left, right)
    assert all(forest.root(left) != forest.root(right) for left, right in apart)


@given(pairs, st.randoms())
def test_order_does_not_matter_without_partings(joins: list[tuple[int, int]], dice) -> None:
    one, other = Forest(10), Forest(10)
    shuffled = list(joins)
    dice.shuffle(shuffled)
    for left, right in joins:
        one.join(left, right)
    for left, right in shuffled:
        other.join(right, left)
    assert [one.root(n) for n in range(10)] == [other.root(n) for n in range(10)]
