"""Markov chains of higher order: what a step depends on is the last k touches, and how far back is worth looking.

A state is the last k touches of a journey, or all of them where it has fewer. Removing a channel makes every state
that it is in lead nowhere; a journey gets into one only by a touch of that channel, so those whose last touch it is
are enough. Order 1 is the chain of `markov`. Invariant: the chain of any order converts at the observed rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from stormops_graph.attribution.chains import Chains, Floats, Ints
from stormops_graph.attribution.markov import normalised

ORDERS = (1, 2, 3, 4)
FOLDS = 5
BACKING = 10.0
"""Journeys that the next lower order weighs as much as, where a state was seen too seldom to foretell from."""

FORETOLD = 200_000
"""Journeys by which orders are compared, or all where there are fewer; the shares are those of all."""

DENSE = 1_200
"""States up to which the chain is inverted; larger ones are followed step by step until nothing moves."""

STILL = 1e-15


@dataclass(frozen=True)
class Order:
    """How well one order foretells journeys it was not fitted on, and what it says."""

    order: int
    states: int
    log_likelihood: float  # of the journeys, each foretold by the other four fifths
    behind: float  # the best order's log-likelihood minus this one's
    error: float  # standard error of that
    shares: Floats  # (K,) of the channels, in the order of their names


@dataclass(frozen=True)
class Steps:
    """Every step of the journeys: the touch or end it leads to, after which touches, and how many journeys took it.

    The end after a conversion is number K, that without one K + 1; before the first touch there is K.
    """

    k: int
    target: Ints
    before: tuple[Ints, ...]  # the last touch, the one before it, …
    chain: Ints
    weight: Floats
    known: dict[int, tuple[Ints, Ints]] = field(default_factory=dict)

    @classmethod
    def of(cls, chains: Chains, deepest: int) -> Steps:
        """The steps of chains, with as many touches before them as asked for."""
        k, begins, ends = len(chains.names), chains.offsets[:-1], chains.offsets[1:]
        number = np.arange(chains.size)
        at = np.concatenate([np.arange(len(chains.states)), ends, ends])
        chain = np.concatenate([chains.owner, number, number])
        target = np.concatenate([chains.states, np.full(chains.size, k), np.full(chains.size, k + 1)])
        journeys = chains.conversions + chains.nulls
        weight = np.concatenate([journeys[chains.owner], chains.conversions, chains.nulls])
        before = tuple(
            np.where(at - back >= begins[chain], chains.states[np.maximum(at - back, 0)], k)
            for back in range(1, deepest + 1)
        )
        taken = weight > 0
        return cls(k, target[taken], tuple(lag[taken] for lag in before), chain[taken], weight[taken])

    def contexts(self, order: int) -> tuple[Ints, Ints]:
        """The states that steps start from, as sorted codes, and the state of each step.

        The last touch is the last digit of a code to the base K + 1.
        """
        if order not in self.known:
            code = np.zeros(len(self.target), dtype=np.int64)
            for lag in reversed(self.before[:order]):
                code = code * (self.k + 1) + lag
            codes, state = np.unique(code, return_inverse=True)
            self.known[order] = codes, state
        return self.known[order]


def compared(chains: Chains, orders: Sequence[int] = ORDERS) -> list[Order]:
    """Every order's log-likelihood and shares; chain j is left out with the others of j modulo 5."""
    steps = Steps.of(chains, max(orders))
    foretold = _foretold(Steps.of(_spaced(chains), max(orders)), min(chains.size, FORETOLD), max(orders))
    totals = {order: foretold[order - 1].sum() for order in orders}
    best = max(orders, key=lambda order: (totals[order], -order))
    found = []
    for order in orders:
        behind = foretold[best - 1] - foretold[order - 1]
        error = float(np.sqrt(behind.size) * behind.std()) if behind.size else 0.0
        states = len(steps.contexts(order)[0])
        shares = normalised(losses(steps, order)) if chains.conversions.any() else np.full(steps.k, np.nan)
        found.append(Order(order, states, float(totals[order]), float(behind.sum()), error, shares))
    return found


def _spaced(chains: Chains) -> Chains:
    """The chains, or evenly spaced ones of many."""
    if chains.size <= FORETOLD:
        return chains
    wanted = np.zeros(chains.size, dtype=np.bool_)
    wanted[np.arange(FORETOLD) * chains.size // FORETOLD] = True
    return chains.keep(np.repeat(wanted, chains.lengths))[0]


def chosen(found: Sequence[Order]) -> Order:
    """The lowest order that is no more than one standard error behind the best."""
    return min((each for each in found if each.behind <= each.error), key=lambda each: each.order)


def losses(steps: Steps, order: int) -> Floats:
    """Conversion probability lost by removing each channel from the chain of an order, (K,)."""
    last = steps.contexts(order)[0] % (steps.k + 1)
    chance = conversion_chances(steps, order, [last == channel for channel in range(steps.k)])
    lost: Floats = chance[0] - chance[1:]
    return np.maximum(lost, 0.0)


def conversion_chances(steps: Steps, order: int, removed: Sequence[Ints]) -> Floats:
    """P(conversion) from the start, whole, then with each set of states leading nowhere, (1 + sets,)."""
    codes, state = steps.contexts(order)
    base = steps.k + 1
    onward = steps.target < steps.k
    total = np.bincount(state, steps.weight, minlength=len(codes))
    share = steps.weight / total[state]
    convert = np.bincount(state, share * (steps.target == steps.k), minlength=len(codes))
    after = (codes[state[onward]] * base + steps.target[onward]) % base**order
    edge, which = np.unique(state[onward] * len(codes) + np.searchsorted(codes, after), return_inverse=True)
    moves: Floats = np.bincount(which, share[onward], minlength=len(edge)).astype(np.float64)
    source, goal = np.divmod(edge, len(codes))
    open_states = np.stack([np.ones(len(codes)), *(~gone for gone in removed)]).astype(np.float64)
    start = int(np.searchsorted(codes, base**order - 1))
    solve = _inverted if len(codes) <= DENSE else _followed
    return solve((source, goal, moves), convert * open_states, open_states)[:, start]


def _inverted(edges: tuple[Ints, Ints, Floats], convert: Floats, open_states: Floats) -> Floats:
    source, goal, moves = edges
    size = convert.shape[1]
    chain = np.zeros((size, size))
    chain[source, goal] = moves
    solved = [
        np.linalg.solve(np.eye(size) - chain * opened[:, None], each)
        for each, opened in zip(convert, open_states, strict=True)
    ]
    return np.stack(solved)


def _followed(edges: tuple[Ints, Ints, Floats], convert: Floats, open_states: Floats) -> Floats:
    source, goal, moves = edges
    starts = np.flatnonzero(np.diff(source, prepend=-1))
    chance = convert.copy()
    while True:
        arrived = np.zeros_like(chance)
        arrived[:, source[starts]] = np.add.reduceat(moves * chance[:, goal], starts, axis=1)
        following = convert + arrived * open_states
        if np.abs(following - chance).max() < STILL:
            return following
        chance = following


def _foretold(steps: Steps, chains: int, deepest: int) -> list[Floats]:
    """Of each order from 1, the log-likelihood of each chain by counts of the other folds."""
    logs = [np.zeros(chains) for _ in range(deepest)]
    places = [steps.contexts(order)[1] for order in range(1, deepest + 1)]
    cells = [np.unique(place * (steps.k + 2) + steps.target, return_inverse=True)[1] for place in places]
    fold = steps.chain % FOLDS
    for left_out in range(FOLDS):
        kept, asked = steps.weight * (fold != left_out), fold == left_out
        chance: Floats = np.full(int(asked.sum()), 1.0 / (steps.k + 2))
        for depth, (place, cell) in enumerate(zip(places, cells, strict=True)):
            seen = np.bincount(cell, kept)[cell[asked]]
            chance = (seen + BACKING * chance) / (np.bincount(place, kept)[place[asked]] + BACKING)
            logs[depth] += np.bincount(steps.chain[asked], steps.weight[asked] * np.log(chance), minlength=chains)
    return logs
