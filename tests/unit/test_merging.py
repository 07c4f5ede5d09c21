"""Merging by strength with vetoes: hand-worked cases, and what no order of pairs may change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.merging import Pair, merge, part


def groups(size: int, pairs: list[Pair], same: float = 0.5, apart: float = 0.9) -> list[list[int]]:
    forest = Forest(size)
    part(forest, pairs, apart)
    merge(forest, pairs, same)
    return list(forest.groups(range(size)).values())


def test_a_chain_does_not_join_two_people_whom_a_pair_shows_to_be_two() -> None:
    ann, bare, bob = 0, 1, 2
    pairs = [Pair(ann, bare, 0.9, 0.05), Pair(bare, bob, 0.8, 0.1), Pair(ann, bob, 0.01, 0.95)]
    assert groups(3, pairs) == [[ann, bare], [bob]]


def test_the_stronger_of_two_claims_wins_whichever_comes_first() -> None:
    pairs = [Pair(0, 1, 0.7, 0.0), Pair(1, 2, 0.8, 0.0), Pair(0, 2, 0.0, 1.0)]
    assert groups(3, pairs) == groups(3, pairs[::-1]) == [[0], [1, 2]]


def test_a_veto_does_not_part_what_a_verdict_joined() -> None:
    forest = Forest(2)
    forest.join(0, 1)
    part(forest, [Pair(0, 1, 0.0, 1.0)], 0.9)
    assert forest.root(0) == forest.root(1)


def test_weak_pairs_join_nothing() -> None:
    assert groups(2, [Pair(0, 1, 0.49, 0.0)]) == [[0], [1]]


def test_a_guard_sees_the_sets_as_they_grow() -> None:
    class AtMostTwo:
        def __init__(self) -> None:
            self.size = dict.fromkeys(range(3), 1)

        def allows(self, pair: Pair, left: int, right: int) -> bool:
            return self.size[left] + self.size[right] <= 2

        def joined(self, left: int, right: int, root: int) -> None:
            self.size[root] = self.size[left] + self.size[right]

    forest = Forest(3)
    merge(forest, [Pair(0, 1, 0.9, 0.0), Pair(1, 2, 0.8, 0.0)], 0.5, AtMostTwo())
    assert list(forest.groups(range(3)).values()) == [[0, 1], [2]]


SHARE = st.integers(0, 10).map(lambda tenth: tenth / 10)
PAIRS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), SHARE, SHARE)
    .filter(lambda row: row[0] < row[1])
    .map(lambda row: Pair(*row)),
    max_size=15,
    unique_by=lambda pair: pair[:2],
)


@given(PAIRS, st.randoms())
def test_order_changes_nothing_and_no_veto_is_broken(pairs: list[Pair], dice) -> None:
    found = groups(7, pairs)
    dice.shuffle(pairs)
    assert groups(7, pairs) == found
    together = {number: n for n, group in enumerate(found) for number in group}
    assert not [p for p in pairs if p.apart >= 0.9 and together[p.left] == together[p.right]]
