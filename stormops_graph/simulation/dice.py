"""Chance: every draw of a world comes from one seeded generator, in one order.

Invariant: the same seed gives the same draws on every machine; uniforms are drawn in blocks for speed.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar
from uuid import UUID

import numpy as np

T = TypeVar("T")
BLOCK = 8192


class Dice:
    """Draws from `numpy`'s default generator seeded with `seed`."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.default_rng(seed)
        self._block: list[float] = []

    def uniform(self) -> float:
        """A number in [0, 1)."""
        if not self._block:
            self._block = self._generator.random(BLOCK).tolist()
        return self._block.pop()

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.uniform() < probability

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1."""
        return int(self.uniform() * count)

    def between(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self.uniform()

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, all equally likely."""
        return choices[self.below(len(choices))]

    def waiting(self, mean: float) -> float:
        """An exponential waiting time."""
        return -mean * math.log(1.0 - self.uniform())

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> float:
        """A normal number (Box and Muller 1958)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.uniform()))
        return mean + deviation * radius * math.cos(2.0 * math.pi * self.uniform())

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """The things in a random order."""
        return [things[place] for place in self._generator.permutation(len(things)).tolist()]

    def digits(self, count: int) -> str:
        """Decimal digits."""
        return "".join(str(self.below(10)) for _ in range(count))

    def uuid(self) -> str:
        """A random UUID (version 4)."""
        return str(UUID(bytes=self._generator.bytes(16), version=4))


class Wheel:
    """Weighted choices, drawn in logarithmic time."""

    def __init__(self, choices: Sequence[str], weights: Sequence[float]) -> None:
        self._choices = choices
        self._sums = list(accumulate(weights))

    def spin(self, dice: Dice) -> str:
        """One of the choices, by weight."""
        place = bisect_right(self._sums, dice.uniform() * self._sums[-1])
        return self._choices[min(place, len(self._choices) - 1)]
