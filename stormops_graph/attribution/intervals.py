"""90 % credible intervals of credits: how far the shares could be from what these few journeys say.

Markov: each row of the chain ~ Dirichlet(counts + 1/K), K being the cells the row can have; impossible cells stay
impossible (nothing leads to the start, no journey ends before its first touch), and states that were never seen
are no cells. The other models: a Bayesian bootstrap of the converting journeys beside one pseudo-journey spread
over the states, so that a state without a conversion gets a width too.
Invariant: draws depend on the counts and the generator alone, never on the order of rows or on threads.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from stormops_graph.attribution import markov
from stormops_graph.attribution.chains import Floats
from stormops_graph.attribution.leanings import Leanings

LEVELS = (0.05, 0.95)
BLOCKS = 256
"""Journeys of one area are bootstrapped in at most this many random blocks; below that, one by one. The width of
an interval is estimated to 1 / sqrt(2 * 256), about 4 %, and costs the same for a million journeys as for 256."""

SLAB = 8
"""Draws multiplied at once: small products stay on one thread, whatever the linear algebra library would do."""

CELLS = 2_000_000
"""Cells of chains that are drawn at once, so that hundreds of plays need no more memory than a few channels."""

TRACE = 1e-9
"""A draw keeps this much of its shape: those of shapes far below 1 come out as zero."""

ESCAPE = 1e-9
"""Sparse draws can close a loop for good; a visit leaves it with this chance, so that the inverse exists."""


def generator(seed: int, *names: str) -> np.random.Generator:
    """A generator of its own for an area, so that no area's draws depend on which others are asked for."""
    digest = hashlib.blake2b("\x1f".join(names).encode(), digest_size=16).digest()
    return np.random.default_rng([seed, int.from_bytes(digest, "little")])


def gammas(source: np.random.Generator, shape: Floats, draws: int | None = None) -> Floats:
    """A gamma draw for each shape, or so many; none is zero where its shape is not.

    In single precision, which is twice as fast and far finer than what a thousand draws tell.
    """
    size = None if draws is None else (draws, *shape.shape)
    drawn: Floats = source.standard_gamma(shape.astype(np.float32), size=size, dtype=np.float32).astype(np.float64)
    drawn += TRACE * shape
    return drawn


def prior(k: int) -> Floats:
    """One pseudo-count a row, over the cells that K states can have, (K + 1, K + 2)."""
    cells = np.full((k + 1, k + 2), 1.0 / (k + 2))
    cells[k] = 1.0 / k
    cells[k, k:] = 0.0
    return cells


def markov_draws(counts: Floats, leanings: Leanings, draws: int, source: np.random.Generator) -> Floats:
    """Draws of the Markov shares, (draws, K), from transitions by persona (P, K + 1, K + 2); all states were seen."""
    together = counts.sum(axis=0)
    k = len(together) - 1
    at_once = max(1, CELLS // counts.size)
    drawn = []
    for done in range(0, draws, at_once):
        size = (min(at_once, draws - done), *together.shape)
        chain = leanings.leaned(markov.rows(source.standard_gamma(together + prior(k), size=size)), counts)
        chain[:, :k, :k] *= 1.0 - ESCAPE
        drawn.append(markov.normalised(markov.losses(chain)))
    return np.concatenate(drawn)


@dataclass(frozen=True)
class Bootstrap:
    """Weights of journeys, drawn once and used for every area: (slabs, SLAB, BLOCKS) for `draws` draws."""

    weights: Floats
    draws: int
    seed: int

    @classmethod
    def drawn(cls, draws: int, seed: int) -> Bootstrap:
        """Draw the weights."""
        slabs = -(-draws // SLAB)
        return cls(generator(seed, "bootstrap").standard_exponential((slabs, SLAB, BLOCKS)), draws, seed)

    def shares(self, blocks: Floats) -> Floats:
        """Draws of the shares of several models, (models, draws, K), from credits by block, (models, blocks, K).

        All models are drawn with the same weights of journeys, so they can be compared draw by draw.
        """
        return markov.normalised(self.credits(blocks) + self.unseen(blocks.shape[-1]))

    def credits(self, blocks: Floats) -> Floats:
        """Draws of the conversions credited, (models, draws, K), from credits by block, (models, blocks, K)."""
        models, count, k = blocks.shape
        return (self.weights[..., :count] @ blocks[:, None]).reshape(models, -1, k)[:, : self.draws]

    def unseen(self, k: int) -> Floats:
        """Draws of the pseudo-journey that is spread over K states, (draws, K)."""
        return generator(self.seed, "unseen").standard_gamma(1.0 / k, size=(self.draws, k))


def limits(draws: Floats, point: Floats) -> tuple[Floats, Floats]:
    """Low and high of each state, (..., K), from draws (..., draws, K); widened to hold the point where need be."""
    ordered = np.sort(np.ascontiguousarray(np.swapaxes(draws, -1, -2)), axis=-1)
    low, high = (ordered[..., round(level * (ordered.shape[-1] - 1))] for level in LEVELS)
    # rounded, so that how a library splits a product among threads cannot show
    return np.minimum(np.round(low, 9), point), np.maximum(np.round(high, 9), point)
