"""Journeys as integer-coded chains of states, and what is counted over them in one pass.

Invariant: names are only labels. A state is an integer, and the start, the conversion and the end without one
have numbers that no name can take, so a channel may be called `START`, `(null)` or `conversion`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PART = 65_536
"""Chains counted at once."""

CELLS = 500_000
"""Pairs of a chain and a state that are looked at together."""


@dataclass(frozen=True)
class Chains:
    """Chains of at least one touch each; chain j is `states[offsets[j]:offsets[j + 1]]`.

    `conversions` and `nulls` are how many journeys took a chain and converted, or did not.
    `ages` are the days from a touch to the end of its journey, where times are known.
    """

    names: tuple[str, ...]
    states: Ints
    offsets: Ints
    conversions: Floats
    nulls: Floats
    ages: Floats | None = None

    @property
    def size(self) -> int:
        """How many chains there are."""
        return len(self.offsets) - 1

    @cached_property
    def lengths(self) -> Ints:
        """Touches of each chain."""
        return np.diff(self.offsets)

    @cached_property
    def owner(self) -> Ints:
        """The chain of each touch."""
        return np.repeat(np.arange(self.size), self.lengths)

    @cached_property
    def first_seen(self) -> Flags:
        """Marks the touches that are the first of their state in their chain."""
        marks = np.zeros(len(self.states), dtype=np.bool_)
        k = len(self.names)
        for part, where in self.parts(max(1, CELLS // max(k, 1))):
            touch, cell = np.arange(len(part.states)), part.owner * k + part.states
            first = np.empty(part.size * k, dtype=np.int64)
            first[cell[::-1]] = touch[::-1]  # of several touches of a cell, what is written last is the first
            begin = self.offsets[where.start]
            marks[begin : begin + len(touch)] = first[cell] == touch
        return marks

    def parts(self, size: int = PART) -> Iterator[tuple[Chains, slice]]:
        """The chains a few at a time, and where they are: what is counted over them stays in the cache."""
        for begin in range(0, self.size, size):
            where = slice(begin, min(begin + size, self.size))
            yield self.between(where.start, where.stop), where

    def between(self, begin: int, end: int) -> Chains:
        """The chains from one number up to another."""
        first, last = self.offsets[begin], self.offsets[end]
        return Chains(
            self.names,
            self.states[first:last],
            self.offsets[begin : end + 1] - first,
            self.conversions[begin:end],
            self.nulls[begin:end],
            None if self.ages is None else self.ages[first:last],
        )

    def keep(self, touches: Flags) -> tuple[Chains, Ints]:
        """The chains of only these touches, and which of the present chains are left."""
        if touches.all() and self.lengths.all():
            return self, np.arange(self.size)
        lengths = np.bincount(self.owner[touches], minlength=self.size)
        left = np.flatnonzero(lengths)
        return self._part(touches, lengths[left], left), left

    def converting(self) -> tuple[Chains, Ints]:
        """The chains that somebody converted after, and which of the present chains they are."""
        converted = self.conversions > 0
        left = np.flatnonzero(converted)
        return self._part(np.repeat(converted, self.lengths), self.lengths[left], left), left

    def _part(self, touches: Flags, lengths: Ints, left: Ints) -> Chains:
        ages = None if self.ages is None else self.ages[touches]
        return Chains(
            self.names,
            self.states[touches],
            offsets_of(lengths),
            self.conversions[left],
            self.nulls[left],
            ages,
        )


def offsets_of(lengths: Ints) -> Ints:
    """Where each chain begins and the last one ends, from the chains' lengths."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def transitions(chains: Chains, area: Ints, areas: int) -> Floats:
    """Transition counts of each area, (areas, K + 1, K + 2), K being the number of names.

    Row K is the start; column K is the conversion and column K + 1 the end without one.
    """
    k = len(chains.names)
    width = k + 2
    ends = chains.offsets[1:] - 1
    journeys = chains.conversions + chains.nulls
    weight = np.repeat(journeys, chains.lengths)
    weight[ends] = chains.conversions
    cell = chains.states * width
    cell[:-1] += chains.states[1:]
    cell[ends] = chains.states[ends] * width + k
    begin = k * width + chains.states[chains.offsets[:-1]]
    if areas > 1:
        table = area * ((k + 1) * width)
        cell += np.repeat(table, chains.lengths)
        begin += table
    size = areas * (k + 1) * width
    counts = np.bincount(cell, weight, minlength=size)
    counts += np.bincount(cell[ends] + 1, chains.nulls, minlength=size)
    counts += np.bincount(begin, journeys, minlength=size)
    return counts.astype(np.float64).reshape(areas, k + 1, width)


def cells(chains: Chains, area: Ints) -> Ints:
    """The cell of each touch in a table of areas and states, areas first."""
    return np.repeat(area * len(chains.names), chains.lengths) + chains.states


def sums(chains: Chains, weight: Floats, cell: Ints, areas: int) -> Floats:
    """A weight of each touch, summed by area and state, (areas, K); `cell` as `cells` gives it."""
    k = len(chains.names)
    return np.bincount(cell, weight, minlength=areas * k).astype(np.float64).reshape(areas, k)
