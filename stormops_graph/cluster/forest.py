"""Disjoint sets with verdicts: what a steward joined is joined, what he parted never meets."""

from __future__ import annotations

from collections.abc import Iterable


class Forest:
    """Union-find over 0…n-1; a set's root is its smallest member, so that order does not show."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))
        self._apart: dict[int, set[int]] = {}

    def root(self, member: int) -> int:
        """The smallest member of the set that `member` is in."""
        parent = self._parent
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    def part(self, left: int, right: int) -> None:
        """Keep the two sets apart from now on, whatever else joins them."""
        left, right = self.root(left), self.root(right)
        self._apart.setdefault(left, set()).add(right)
        self._apart.setdefault(right, set()).add(left)

    def parted(self, left: int, right: int) -> bool:
        """Whether the two sets must not meet."""
        return bool(self._apart) and self.root(right) in self._apart.get(self.root(left), ())

    def join(self, left: int, right: int) -> bool:
        """Join the two sets; False when they are parted."""
        left, right = self.root(left), self.root(right)
        if left == right:
            return True
        if left > right:
            left, right = right, left
        if self.parted(left, right):
            return False
        self._parent[right] = left
        for other in self._apart.pop(right, ()):
            self._apart[other].discard(right)
            self._apart[other].add(left)
            self._apart.setdefault(left, set()).add(other)
        return True

    def groups(self, members: Iterable[int]) -> dict[int, list[int]]:
        """Root → its members among `members`, in order."""
        found: dict[int, list[int]] = {}
        parent = self._parent
        for member in members:
            root = parent[member]
            if root != parent[root]:
                root = self.root(member)
            if root in found:
                found[root].append(member)
            else:
                found[root] = [member]
        return found
