"""What a longer memory moves: Markov credits of order k, where the settings ask for more than order 1.

A storm's shares of order k are exact. What they are beside those of order 1 is a ratio for each state, and moves all
that is worked out at order 1: beliefs of personas; ZIPs, in which triples of touches are too rare for chains of their
own; and draws, with ratios drawn by weighing the storm's journeys anew.
Invariant: of order 1 nothing is moved, to the last bit; shares still sum to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stormops_graph.attribution import markov, orders
from stormops_graph.attribution.chains import Chains, Floats, Ints
from stormops_graph.attribution.intervals import BLOCKS, CELLS, ESCAPE, Bootstrap
from stormops_graph.attribution.orders import ORDERS, Steps
from stormops_graph.errors import InputError
from stormops_graph.settings import Depth

LARGEST = 800
"""States of a chain that can be drawn: five channels have at most 780 of order 4, eight at most 584 of order 3."""

EFFORT, FEWEST, MOST = 4_000_000_000, 48, 200
"""Ratios are drawn as often as so many steps of inverting allow, but at least and at most so often."""


@dataclass(frozen=True)
class Memory:
    """The order of a storm's chain, and its shares beside those of order 1: (K,) and drawn (draws, K)."""

    order: int
    names: tuple[str, ...]
    ratio: Floats
    drawn: Floats

    @classmethod
    def of(cls, chains: Chains, depth: Depth, bootstrap: Bootstrap | None = None) -> Memory:
        """The memory of a storm's chains by the settings, with draws where weights of journeys are given.

        Raises InputError where a chain of the order has too many states to be drawn.
        """
        none = cls(1, chains.names, np.ones(len(chains.names)), np.ones((1, len(chains.names))))
        if depth == 1:
            return none
        order = _foretelling(chains) if depth == "auto" else depth
        if order == 1:
            return none
        steps = Steps.of(chains, order)
        states = len(steps.contexts(order)[0])
        if states > LARGEST:
            raise InputError(
                f"a chain of order {order} has {states:,} states here, and no more than {LARGEST} can be drawn",
                "set a lower markov_order in stormops.toml, or `auto`",
            )
        first, deep = (markov.normalised(orders.losses(steps, each)) for each in (1, order))
        drawn = none.drawn if bootstrap is None else _ratios(steps, order, chains.size, bootstrap)
        return cls(order, chains.names, _beside(deep, first), drawn)

    def moved(self, shares: Floats) -> Floats:
        """Shares of order 1, (..., K), as of this order."""
        return shares if self.order == 1 else markov.normalised(shares * self.ratio)

    def moved_draws(self, draws: Floats) -> Floats:
        """Draws of shares of order 1, (draws, K), as of this order."""
        if self.order == 1:
            return draws
        return markov.normalised(draws * self.drawn[np.arange(len(draws)) % len(self.drawn)])

    def exact(self, chains: Chains, steps: Floats) -> Floats:
        """The shares of some journeys alone, (K,), of which `steps` are the transitions; NaN where nobody converted."""
        if self.order == 1 or not chains.size:
            return markov.shares(steps)
        return markov.normalised(orders.losses(Steps.of(chains, self.order), self.order))

    def over(self, names: Sequence[str]) -> Memory:
        """The same for states with other numbers; one that is not known is not moved."""
        if tuple(names) == self.names:
            return self
        place = {name: i for i, name in enumerate(self.names)}
        ratio, drawn = np.ones(len(names)), np.ones((len(self.drawn), len(names)))
        for i, name in enumerate(names):
            if name in place:
                ratio[i], drawn[:, i] = self.ratio[place[name]], self.drawn[:, place[name]]
        return Memory(self.order, tuple(names), ratio, drawn)


def _foretelling(chains: Chains) -> int:
    """The lowest order that foretells journeys as well as the best, of those that can be drawn."""
    steps = Steps.of(chains, max(ORDERS))
    drawable = [order for order in ORDERS if order == 1 or len(steps.contexts(order)[0]) <= LARGEST]
    return orders.chosen(orders.compared(chains, drawable)).order


def _ratios(steps: Steps, order: int, chains: int, bootstrap: Bootstrap) -> Floats:
    """Draws of the shares beside those of order 1, (draws, K), journeys being weighed anew by block."""
    blocks = min(chains, BLOCKS)
    states = len(steps.contexts(order)[0])
    draws = int(np.clip(EFFORT // states**3, FEWEST, MOST))
    weights = bootstrap.weights[..., :blocks].reshape(-1, blocks)[:draws]
    first, deep = (markov.normalised(_losses(steps, each, weights)) for each in (1, order))
    return _beside(deep, first)


def _losses(steps: Steps, order: int, weights: Floats) -> Floats:
    """Conversion probability lost by removing each channel, (draws, K), by weights of blocks, (draws, blocks).

    With N = (I - Q)^-1, u = s N and h = N r, closing the states R loses u_R N_RR^-1 h_R.
    """
    codes, state = steps.contexts(order)
    base, wide, size, blocks = steps.k + 1, steps.k + 2, len(codes), weights.shape[1]
    cells, which = np.unique(state * wide + steps.target, return_inverse=True)
    block = steps.chain % blocks
    counts = np.bincount(block * len(cells) + which, steps.weight, minlength=blocks * len(cells))
    source, target = np.divmod(cells, wide)
    onward = target < steps.k
    goal = np.searchsorted(codes, (codes[source] * base + target)[onward] % base**order)
    start, last = int(np.searchsorted(codes, base**order - 1)), codes % base
    closed = [np.flatnonzero(last == channel) for channel in range(steps.k)]
    lost = []
    at_once = max(1, CELLS // size**2)
    for begin in range(0, len(weights), at_once):
        drawn = weights[begin : begin + at_once] @ counts.reshape(blocks, -1)
        chance = np.zeros((len(drawn), size * wide))
        chance[:, cells] = drawn
        chance = markov.rows(chance.reshape(-1, size, wide))
        chain = np.zeros((len(drawn), size, size))
        chain[:, source[onward], goal] = chance[:, source[onward], target[onward]] * (1.0 - ESCAPE)
        visits: Floats = np.linalg.inv(np.eye(size) - chain).astype(np.float64)
        reached, converts = visits[:, start], (visits @ chance[:, :, steps.k, None])[..., 0]
        parts = [_lost(visits, reached, converts, states) for states in closed]
        lost.append(np.stack(parts, axis=1))
    return np.maximum(np.concatenate(lost), 0.0)


def _lost(visits: Floats, reached: Floats, converts: Floats, states: Ints) -> Floats:
    within = visits[:, states[:, None], states]
    found: Floats = (reached[:, states] * np.linalg.solve(within, converts[:, states, None])[..., 0]).sum(axis=1)
    return found


def _beside(deep: Floats, first: Floats) -> Floats:
    ratio: Floats = np.divide(deep, first, out=np.ones_like(deep), where=first > 0)
    return ratio
