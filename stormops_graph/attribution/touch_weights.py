"""Models that give each conversion to the touches of its own journey: Shapley and the five heuristics.

Invariant: a model is a weight of each touch, and the weights of one journey sum to 1. So a journey's credits sum
to its conversions, and a model's credit of an area is a plain sum over its touches.
"""

from __future__ import annotations

import numpy as np

from stormops_graph.attribution.chains import Chains, Floats, Ints, offsets_of
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


def summed_credits(chains: Chains, options: AttributionSettings) -> dict[str, Floats]:
    """Model -> conversions credited to each state, (K,), by every model of the chains' order alone.

    Whole conversions are counted first, by the lengths of their chains and the places in them, and weighted then: so
    the order of the chains does not show in the last bit.
    """
    lengths, kind = np.unique(chains.lengths, return_inverse=True)
    k = len(chains.names)
    placed, distinct = np.zeros((3, len(lengths), k)), np.zeros((min(k, lengths.max(initial=0)) + 1, k))
    for part, where in chains.parts():
        converting, which = part.converting()
        placed += _by_place(converting, kind[where][which], len(lengths))
        distinct += _by_distinct(converting, len(distinct))
    # one chain of each length tells what a model gives to its places
    none = np.zeros(len(lengths))
    example = Chains(chains.names, np.zeros(lengths.sum(), np.int64), offsets_of(lengths), none, none)
    first, last = example.offsets[:-1], example.offsets[1:] - 1
    places = np.stack([first, np.minimum(first + 1, last), last])
    weights = touch_weights(example, options)
    credits: dict[str, Floats] = {
        model: (weight[places][..., None] * placed).sum(axis=(0, 1)) for model, weight in weights.items()
    }
    return credits | {"shapley": (distinct[1:] / np.arange(1, len(distinct))[:, None]).sum(axis=0)}


def _by_place(chains: Chains, kind: Ints, kinds: int) -> Floats:
    """Conversions by place in the chain (first, between, last), kind of chain and state, (3, kinds, K)."""
    k = len(chains.names)
    ends, several = chains.offsets[1:] - 1, chains.lengths > 1
    counted = np.repeat(chains.conversions, chains.lengths)
    whole = np.bincount(np.repeat(kind * k, chains.lengths) + chains.states, counted, minlength=kinds * k)
    first = np.bincount(kind * k + chains.states[chains.offsets[:-1]], chains.conversions, minlength=kinds * k)
    last = np.bincount(kind * k + chains.states[ends], chains.conversions * several, minlength=kinds * k)
    return np.stack([first, whole - first - last, last]).reshape(3, kinds, k)


def _by_distinct(chains: Chains, kinds: int) -> Floats:
    """Conversions by the number of distinct states of a chain and each of them, (kinds, K)."""
    k, seen = len(chains.names), chains.first_seen
    owner, states = chains.owner[seen], chains.states[seen]
    number = np.bincount(owner, minlength=chains.size)
    found = np.bincount(number[owner] * k + states, chains.conversions[owner], minlength=kinds * k)
    return found.astype(np.float64).reshape(kinds, k)


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
