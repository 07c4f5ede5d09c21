"""How much the rest of a storm weighs in its ZIPs, in journeys: learnt from how well ZIPs are foretold by the others.

Invariant: chances of values on a grid; where the ZIPs say nothing about it, one value for certain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stormops_graph.attribution.chains import Floats

GRID = np.exp2(np.arange(0.0, 10.5, 0.5))
"""Values of kappa, 1 to 1,024."""

FALLBACK = 10.0
"""kappa where the ZIPs say nothing about it."""

SAYS_NOTHING = 0.1
"""Difference of log-likelihoods over the grid, below which they do."""

LESS, ALIKE = 0.75, 1.25
"""Of the binary logarithms of two models' kappas: how far that of touches is below that of steps, as a journey's
credits follow from several rows that vary, and the standard deviation of that. By simulation: kappas that a storm tells
little of, taken at their word, gave intervals that held .81 to .93 of the truths; with this belief .85 to .91."""

LEAST = 0.01
"""Journeys that the rest of a storm always tells as much as, so that a ZIP without any of its own has an answer."""


@dataclass(frozen=True)
class Kappa:
    """Values in journeys, and their chances."""

    values: Floats
    chances: Floats

    @classmethod
    def fixed(cls, value: float) -> Kappa:
        """One value for certain."""
        return cls(np.array([value]), np.ones(1))

    @classmethod
    def of(cls, evidence: Floats) -> Kappa:
        """The posterior by log-likelihoods of the grid's values, all equally likely before."""
        if np.ptp(evidence) < SAYS_NOTHING:
            return cls.fixed(FALLBACK)
        chances = np.exp(np.round(evidence - evidence.max(), 9))
        return cls(GRID, chances / chances.sum())

    def trusted(self, part: float) -> Kappa:
        """Smaller by a factor; a value for certain stays."""
        return self if len(self.values) == 1 else Kappa(self.values * part, self.chances)

    def alike(self) -> Floats:
        """Log of the chances of the grid's values for a model of touches, where those of steps are these."""
        apart = (np.log2(GRID)[:, None] - np.log2(self.values) + LESS) / ALIKE
        found: Floats = np.log(np.exp(-0.5 * apart**2) @ self.chances)
        return found

    def own(self, counts: Floats) -> Floats:
        """The part of a mean that comes from the ZIP, by its number of journeys."""
        part: Floats = (counts[..., None] / (counts[..., None] + self.values)) @ self.chances
        return part

    def drawn(self, chance: Floats) -> Floats:
        """A value for each chance in [0, 1)."""
        found: Floats = self.values[
            np.minimum(np.searchsorted(self.chances.cumsum(), chance, side="right"), len(self.chances) - 1)
        ]
        return found

    def beside(self, others: float) -> Kappa:
        """As many journeys as tell as much as these, where what they are around is itself known from `others` only."""
        told = 1.0 / (1.0 / (self.values + 1.0) + 1.0 / (others + 1.0)) - 1.0
        return Kappa(np.maximum(told, LEAST), self.chances)
