"""What the conversions that a state is credited with are worth, beside those of all: 1 where it makes no difference.

Each converting journey is dealt out to its touches as the model deals it, once as one conversion and once as its value;
Markov deals a journey by the removal effects of its states, RE_c / sum of RE in the journey. Invariant: where all
conversions have the same value every worth is exactly 1.
"""

from __future__ import annotations

import numpy as np

from stormops_graph.attribution.chains import Chains, Floats
from stormops_graph.attribution.counting import StormChains, summed


def worths(storm: StormChains, by_markov: Floats, alpha: float) -> dict[str, Floats]:
    """Model → worth of each state, (K,); `by_markov` are the storm's shares, `alpha` the part of them in hybrid."""
    models = ("markov", "hybrid", *storm.weights)
    if not storm.value.size or np.ptp(storm.value) == 0 or storm.value.sum() <= 0:
        return {model: np.ones(len(storm.names)) for model in models}
    by_path = _by_path(storm.converting, by_markov)
    weights = {
        "markov": by_path,
        "hybrid": alpha * by_path + (1.0 - alpha) * storm.weights["shapley"],
        **storm.weights,
    }
    return {model: _worth(storm, weight) for model, weight in weights.items()}


def valued(share: Floats, worth: Floats, value: float) -> Floats:
    """An area's value, dealt to the states by share and worth.

    Of a whole storm, by a model that deals journeys to touches, that is the sum of what its journeys deal.
    """
    if (worth == 1.0).all():
        return share * value
    parts = share * worth
    total = parts.sum()
    dealt: Floats = parts / total * value if total > 0 else share * value
    return dealt


def _by_path(chains: Chains, shares: Floats) -> Floats:
    removal = shares[chains.states] * chains.first_seen
    total = np.repeat(np.add.reduceat(removal, chains.offsets[:-1]), chains.lengths)
    weight: Floats = np.divide(removal, total, out=np.zeros_like(removal), where=total > 0)
    return weight


def _worth(storm: StormChains, weight: Floats) -> Floats:
    states, k = storm.converting.states, len(storm.names)
    value = np.repeat(storm.value / storm.value.mean(), storm.converting.lengths)
    conversions, values = summed(weight, states, k), summed(weight * value, states, k)
    worth: Floats = np.divide(values, conversions, out=np.ones(k), where=conversions > 0)
    return worth
