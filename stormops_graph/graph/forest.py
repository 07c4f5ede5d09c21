"""Forests: which edges connect what was apart, and what hangs together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray


def _root(parent: dict[str, str], node: str) -> str:
    while (above := parent.setdefault(node, node)) != node:
        parent[node] = parent[above]  # halve the path
        node = parent[node]
    return node


def spanning(left: ArrayLike, right: ArrayLike) -> NDArray[np.int64]:
    """Places of the edges that join two trees, taken in order: with the strongest first, a maximum spanning forest.

    All trees grow at once, each by the first edge that leads out of it (Borůvka 1926), in a few passes over all edges.
    """
    ends = np.unique(np.concatenate([np.asarray(left), np.asarray(right)]), return_inverse=True)[1]
    tree = np.arange(ends.max(initial=-1) + 1)
    from_, to = np.split(ends, 2)
    place, kept = np.arange(len(from_)), np.zeros(len(from_), bool)
    while True:
        one, other = tree[from_[place]], tree[to[place]]
        place, one, other = (array[one != other] for array in (place, one, other))
        if not place.size:
            return np.flatnonzero(kept)
        out = np.full(len(tree), len(place))  # of each tree the first edge that leads out of it
        for side in (one, other):
            np.minimum.at(out, side, np.arange(len(place)))
        grows = np.flatnonzero(out < len(place))
        kept[place[out[grows]]] = True
        tree = _grafted(tree, grows, one[out[grows]] + other[out[grows]] - grows)


def _grafted(tree: NDArray[np.int64], grows: NDArray[np.int64], onto: NDArray[np.int64]) -> NDArray[np.int64]:
    """The tree of each node, once each of `grows` has become part of the tree beside it in `onto`."""
    above = np.arange(len(tree))
    above[grows] = onto
    both = above[above] == np.arange(len(tree))  # two that chose the same edge: the smaller stays a root
    above = np.where(both, np.minimum(above, np.arange(len(tree))), above)
    while not np.array_equal(higher := above[above], above):
        above = higher
    return above[tree]


def trees(edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Of each node in the edges the smallest node that hangs together with it."""
    parent: dict[str, str] = {}
    for left, right in edges:
        one, other = _root(parent, left), _root(parent, right)
        parent[max(one, other)] = min(one, other)
    return {node: _root(parent, node) for node in list(parent)}
