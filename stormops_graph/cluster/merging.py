"""Merging from the strongest pair to the weakest, but never two that a pair shows to be two people.

One chain of weak pairs would otherwise make a family one person: each link is likely enough, the whole is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from stormops_graph.cluster.forest import Forest


class Pair(NamedTuple):
    """Two numbers, how likely they are one, and how likely two that belong together otherwise."""

    left: int
    right: int
    same: float
    apart: float


class Guard(Protocol):
    """What else a merge has to ask; `left` and `right` are roots."""

    def allows(self, pair: Pair, left: int, right: int) -> bool:
        """Whether the pair may join the two sets."""

    def joined(self, left: int, right: int, root: int) -> None:
        """Learn that the two sets are one now."""


def part(forest: Forest, pairs: Iterable[Pair], apart_at_least: float) -> None:
    """Keep apart whom a pair shows to be two, but for those that a verdict joined."""
    for pair in pairs:
        if pair.apart >= apart_at_least and forest.root(pair.left) != forest.root(pair.right):
            forest.part(pair.left, pair.right)


def merge(forest: Forest, pairs: Iterable[Pair], at_least: float, guard: Guard | None = None) -> None:
    """Join by the pairs from `at_least` up, the strongest first, ties by number."""
    strong = [(-pair.same, pair) for pair in pairs if pair.same >= at_least]
    for _, pair in sorted(strong):
        left, right = forest.root(pair.left), forest.root(pair.right)
        if left == right or (guard is not None and not guard.allows(pair, left, right)):
            continue
        if forest.join(left, right) and guard is not None:
            guard.joined(left, right, forest.root(left))
