"""Models that give each conversion to the touches of its own journey: Shapley and the five heuristics.

Invariant: a model is a weight of each touch, and the weights of one journey sum to 1. So a journey's credits sum
to its conversions, and a model's credit of an area is a plain sum over its touches.
"""

from __future__ import annotations

import numpy as np

from stormops_graph.attribution.chains import Chains, Floats, Ints
from stormops_graph.settings import AttributionSettings


def touch_weights(chains: Chains, options: AttributionSettings) -> dict[str, Floats]:
    """Model → weight of each touch. `time_decay` is there only where the times of touches are known."""
    weights = {
        "shapley": shapley(chains),
        "first_touch": _marked(chains, chains.offsets[:-1]),
        "last_touch": _marked(chains, chains.offsets[1:] - 1),
        "linear": linear(chains),
        "position_based": position_based(chains, options.position_first, options.position_last),
    }
    if chains.ages is not None:
        weights["time_decay"] = time_decay(chains, chains.ages, options.half_life_days)
    return weights


def shapley(chains: Chains) -> Floats:
    """1 / (distinct states of the journey), at the first touch of each.

    Exact Shapley values for any number of states when a coalition is worth the conversions of journeys that lie
    wholly inside it: phi_i = sum over paths with i of conversions / |set of the path| (Zhao et al. 2018).
    """
    first = chains.first_seen.astype(np.float64)
    return _per_journey(chains, first)


def linear(chains: Chains) -> Floats:
    """The same for every touch of a journey."""
    return np.repeat(1.0 / chains.lengths, chains.lengths)


def position_based(chains: Chains, first: float, last: float) -> Floats:
    """`first` to the first touch, `last` to the last, the rest in equal parts; a journey of two by first : last."""
    between = np.maximum(1.0 - first - last, 0.0) / np.maximum(chains.lengths - 2, 1)
    weights = np.repeat(between, chains.lengths)
    weights[chains.offsets[:-1]] = first
    weights[chains.offsets[1:] - 1] = np.where(chains.lengths == 1, 1.0, last)
    total = np.add.reduceat(weights, chains.offsets[:-1]) if chains.size else np.zeros(0)
    even = np.repeat(total == 0, chains.lengths)  # two touches, and neither end counts
    return _per_journey(chains, np.where(even, 1.0, weights))


def time_decay(chains: Chains, ages: Floats, half_life_days: float) -> Floats:
    """Half the weight for each half-life between a touch and the conversion; NaN where a time is missing."""
    if not chains.size:
        return np.zeros(0)
    youngest = np.minimum.reduceat(ages, chains.offsets[:-1])  # only differences count; keeps old journeys above 0
    return _per_journey(chains, np.exp2((np.repeat(youngest, chains.lengths) - ages) / half_life_days))


def _marked(chains: Chains, touches: Ints) -> Floats:
    weights = np.zeros(len(chains.states))
    weights[touches] = 1.0
    return weights


def _per_journey(chains: Chains, weights: Floats) -> Floats:
    if not chains.size:
        return weights
    total = np.add.reduceat(weights, chains.offsets[:-1])
    parts: Floats = weights / np.repeat(total, chains.lengths)
    return parts
