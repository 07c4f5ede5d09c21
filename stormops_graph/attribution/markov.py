"""The order-1 Markov chain of journeys and what each state's removal would cost, exactly.

Removal effect RE_i = 1 - P(conversion with i leading nowhere) / P(conversion); the share of i is RE_i / sum RE
(Anderl et al. 2016). One inverse N = (I - Q)^-1 gives all of them: what the removal of i loses is u_i h_i / N_ii,
u = s N being visits from the start and h = N r the chance of a conversion from each state.
"""

from __future__ import annotations

import numpy as np

from stormops_graph.attribution.chains import Floats


def rows(counts: Floats) -> Floats:
    """Transition probabilities from counts (..., K + 1, K + 2); a row without counts stays zero."""
    total = counts.sum(axis=-1, keepdims=True)
    chain: Floats = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    return chain


def losses(chain: Floats) -> Floats:
    """Conversion probability lost by removing each state, (..., K), from transition probabilities."""
    k = chain.shape[-1] - 2
    steps, start, convert = chain[..., :k, :k], chain[..., k, :k], chain[..., :k, k]
    visits = np.linalg.inv(np.eye(k) - steps)
    reached = (start[..., None, :] @ visits)[..., 0, :]
    chance = (visits @ convert[..., None])[..., 0]
    lost: Floats = reached * chance / np.diagonal(visits, axis1=-2, axis2=-1)
    return lost


def shares(counts: Floats) -> Floats:
    """Each state's share of the conversions, (..., K), from transition counts; NaN where none converted."""
    return normalised(losses(rows(counts)))


def normalised(amounts: Floats) -> Floats:
    """Amounts divided by their sum over the last axis; NaN where there is nothing to divide."""
    total = amounts.sum(axis=-1, keepdims=True)
    parts: Floats = np.divide(amounts, total, out=np.full_like(amounts, np.nan), where=total > 0)
    return parts
