"""Forests: which edges connect what was apart, and what hangs together."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def _root(parent: dict[T, T], node: T) -> T:
    while (above := parent.setdefault(node, node)) != node:
        parent[node] = parent[above]  # halve the path
        node = parent[node]
    return node


def spanning(edges: Iterable[tuple[T, T]]) -> list[int]:
    """Places of the edges that join two trees, taken in order (Kruskal 1956: strongest first is maximal)."""
    parent: dict[T, T] = {}
    kept = []
    for place, (left, right) in enumerate(edges):
        one, other = _root(parent, left), _root(parent, right)
        if one != other:
            parent[one] = other
            kept.append(place)
    return kept


def trees(edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Of each node in the edges the smallest node that hangs together with it."""
    parent: dict[str, str] = {}
    for left, right in edges:
        one, other = _root(parent, left), _root(parent, right)
        parent[max(one, other)] = min(one, other)
    return {node: _root(parent, node) for node in list(parent)}
