"""Three kinds of pair: one person, two people of one household, unrelated.

The members of a family agree on surname, home and landline without being one person, so two kinds are not enough:
a two-kind model takes families for persons. Levels are independent within a kind (Fellegi and Sunter 1969, with
three latent classes); the shares are found by EM over the counts of comparison patterns (Dempster, Laird and Rubin
1977), with Dirichlet priors around the declared expectation. A missing value (-1) says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Mixture:
    """kinds: (3,) shares; levels: one (3, L) array a comparison, columns by gamma from 0 up."""

    kinds: Array
    levels: tuple[Array, ...]

    def log_shares(self, patterns: NDArray[np.int64]) -> Array:
        """log of share × likelihood, (patterns, 3), for gammas (patterns, comparisons)."""
        total = np.tile(np.log(self.kinds), (len(patterns), 1))
        for column, shares in enumerate(self.levels):
            padded = np.hstack([np.zeros((3, 1)), np.log(shares)])  # gamma -1 adds nothing
            total += padded[:, patterns[:, column] + 1].T
        return total

    def posterior(self, patterns: NDArray[np.int64]) -> Array:
        """P(kind | pattern), (patterns, 3)."""
        return normalised(self.log_shares(patterns))


def normalised(logs: Array) -> Array:
    """The probabilities, (n, 3), that their logarithms stand for, each up to a constant of its row."""
    columns = logs.T.copy()  # three long rows are quicker than many short ones
    columns -= columns.max(axis=0)
    shares = np.exp(columns)
    return np.asarray((shares / shares.sum(axis=0)).T)


def fit(start: Mixture, patterns: NDArray[np.int64], counts: Array, pairs: float, rounds: int = 500) -> Mixture:
    """The mixture that the pattern counts ask for, from `start`, which counts as so many `pairs` a kind.

    Stops when no share moves by more than 1e-6.
    """
    now = start
    for _ in range(rounds):
        weight = now.posterior(patterns) * counts[:, None]
        kinds = (weight.sum(axis=0) + pairs * start.kinds) / (counts.sum() + pairs)
        levels = tuple(
            level_shares(patterns[:, column], weight, pairs * expected) for column, expected in enumerate(start.levels)
        )
        moved = max(float(np.abs(new - old).max()) for new, old in zip(levels, now.levels, strict=True))
        now = Mixture(kinds, levels)
        if moved < 1e-6:
            break
    return now


def level_shares(gammas: NDArray[np.int64], weight: Array, prior: Array) -> Array:
    """(3, L) shares of each level by kind, for pairs of these gammas and weights by kind, and what counts before."""
    seen = prior.copy()
    for level in range(prior.shape[1]):
        seen[:, level] += weight[gammas == level].sum(axis=0)
    return np.asarray(seen / seen.sum(axis=1, keepdims=True))
