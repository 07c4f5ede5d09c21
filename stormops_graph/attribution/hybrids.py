"""The hybrid of Markov and Shapley: how the two err together, so that an interval of their mix is of the right width.

Both see the same journeys. Weighed anew, a storm's journeys move its Markov and its Shapley shares together by so much,
and so they are taken to move in its ZIPs. Mixed as if they had nothing to do with each other intervals hold the truth
too seldom (.84 in a ZIP of 100 journeys), mixed as if they were one too often.
Invariant: the correlation depends on the storm's journeys and the seed alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stormops_graph.attribution import markov
from stormops_graph.attribution.chains import Chains, Floats, cells, sums, transitions
from stormops_graph.attribution.intervals import BLOCKS, CELLS, ESCAPE, SLAB, Bootstrap, prior
from stormops_graph.attribution.touch_weights import shapley

FEWEST = 16
"""Blocks of journeys, where a chain has so many cells that no more are affordable."""

DRAWS = 200_000
"""Cells of chains that are drawn for a correlation, but at least 25 slabs of chains and at most all."""


@dataclass(frozen=True)
class Hybrid:
    """The part of Markov, and for each state of a storm the correlation of its two shares, (K,)."""

    alpha: float
    names: tuple[str, ...]
    together: Floats

    @classmethod
    def of(cls, chains: Chains, converting: Chains, bootstrap: Bootstrap, alpha: float) -> Hybrid:
        """Weigh the journeys of a storm anew and see how its shares move; `converting` are those that converted."""
        k = len(chains.names)
        size = (k + 1) * (k + 2)
        blocks = min(chains.size, BLOCKS, max(FEWEST, CELLS // size))
        block = np.arange(chains.size) % blocks
        steps = transitions(chains, block, blocks)
        credits = sums(converting, shapley(converting), cells(converting, block[chains.conversions > 0]), blocks)
        slabs = min(len(bootstrap.weights), max(25, DRAWS // size // SLAB))
        weights = bootstrap.weights[:slabs, :, :blocks]
        chain = (weights @ steps.reshape(blocks, -1)).reshape(-1, k + 1, k + 2) + prior(k)
        rows = markov.rows(chain)
        rows[:, :k, :k] *= 1.0 - ESCAPE
        by_markov = markov.normalised(markov.losses(rows))
        by_shapley = markov.normalised((weights @ credits).reshape(-1, k) + 1.0 / k)
        return cls(alpha, chains.names, _correlation(by_markov, by_shapley))

    def over(self, names: Sequence[str]) -> Hybrid:
        """The same for states with other numbers."""
        if tuple(names) == self.names:
            return self
        known = dict(zip(self.names, self.together.tolist(), strict=True))
        return Hybrid(self.alpha, tuple(names), np.array([known.get(name, 0.0) for name in names]))

    def draws(self, by_markov: Floats, by_shapley: Floats) -> Floats:
        """Draws of the mix, (draws, K), of draws that were made apart: as wide as if they had been made together."""
        draws = min(len(by_markov), len(by_shapley))
        one, other = self.alpha * by_markov[:draws], (1.0 - self.alpha) * by_shapley[:draws]
        mixed = one + other
        apart = one.std(axis=0) ** 2 + other.std(axis=0) ** 2
        joint = np.maximum(apart + 2.0 * self.together * one.std(axis=0) * other.std(axis=0), 0.0)
        wider = np.sqrt(np.divide(joint, apart, out=np.ones_like(apart), where=apart > 0))
        mean = mixed.mean(axis=0)
        found: Floats = mean + wider * (mixed - mean)
        return np.clip(found, 0.0, 1.0)


def _correlation(one: Floats, other: Floats) -> Floats:
    """Of each column; 0 where one does not move."""
    first, second = one - one.mean(axis=0), other - other.mean(axis=0)
    scale = np.sqrt((first**2).sum(axis=0) * (second**2).sum(axis=0))
    found: Floats = np.divide((first * second).sum(axis=0), scale, out=np.zeros_like(scale), where=scale > 0)
    return np.round(found, 9)
