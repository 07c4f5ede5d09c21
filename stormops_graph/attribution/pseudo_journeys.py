"""Credits of models that share out each conversion among its own touches: of a storm with beliefs, and of its ZIPs.

A ZIP's converting journeys are weighted anew, together with ten pseudo-journeys: converting journeys of the rest of the
storm, taken by personas as the ZIP has them. A persona takes journeys as its own in the storm, and ten picked by what
it leans to; the beliefs of a storm weigh as much as ten of its journeys. So beliefs fade as journeys come.
Invariant: the published credit is the mean of what is drawn, but for the pseudo-journey that stands for the unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stormops_graph.attribution import markov
from stormops_graph.attribution.chains import Floats, Ints
from stormops_graph.attribution.counting import Counts, StormChains, block_credits
from stormops_graph.attribution.intervals import BLOCKS, CELLS, Bootstrap
from stormops_graph.attribution.leanings import mix_weights, mixes

JOURNEYS = 10
"""Pseudo-journeys of a ZIP, or fewer where the rest of the storm has fewer."""

PICKED = 4096
"""Pseudo-journeys are picked among this many journeys of a storm at most, evenly spaced."""


@dataclass(frozen=True)
class Pool:
    """Converting journeys of a storm that pseudo-journeys are picked from, ZIP after ZIP."""

    credits: Floats  # (journeys, M, K)
    bounds: Ints  # (Z + 1,) the journeys of each ZIP
    before: Floats  # (2 P, journeys + 1) each persona's journeys before one; then how much it would take all before one
    unseen: Floats  # (draws, K) the pseudo-journey of the storm that stands for the unseen

    @classmethod
    def of(cls, storm: StormChains, bootstrap: Bootstrap) -> Pool:
        """The journeys of a storm, or evenly spaced ones of its many."""
        size = storm.converting.size
        journeys = np.arange(size) if size <= PICKED else np.arange(PICKED) * size // PICKED
        own = np.arange(len(storm.taken))[:, None] == storm.taker[journeys]
        before = np.zeros((2 * len(own), len(journeys) + 1))
        np.cumsum(np.concatenate([own, storm.taken[:, journeys]]), axis=1, out=before[:, 1:])
        bounds = np.searchsorted(journeys, storm.converting_bounds)
        return cls(storm.credit_of(journeys), bounds, before, bootstrap.unseen(len(storm.names)))

    def elsewhere(self, number: int) -> int:
        """How many of the journeys are not in a ZIP."""
        return len(self.credits) - int(self.bounds[number + 1] - self.bounds[number])

    def pick(self, number: int, row: Ints, chance: Floats) -> Ints:
        """A journey that is not in a ZIP for each row of `before` and chance in [0, 1), by the row's weights."""
        first, last = self.bounds[number : number + 2]
        start, here = self.before[:, first], self.before[:, last] - self.before[:, first]
        place = chance * (self.before[:, -1] - here)[row]
        place += np.where(place >= start[row], here[row], 0.0)
        picked = np.zeros(place.shape, dtype=np.int64)
        for each, before in enumerate(self.before):
            mine = row == each
            picked[mine] = np.searchsorted(before, place[mine], side="right") - 1
        return np.clip(picked, 0, len(self.credits) - 1)


def borrowed(elsewhere: Counts) -> float:
    """How many pseudo-journeys a ZIP gets: no more than the rest of the storm has to lend."""
    return min(float(JOURNEYS), float(elsewhere.conversions))


def zip_points(here: Counts, elsewhere: Counts) -> Floats:
    """Mean shares of a ZIP by each model, (M, K)."""
    weights, lent, own = mix_weights(here.personas, elsewhere.personas), borrowed(elsewhere), here.credits.sum(axis=0)
    if not lent:
        return markov.normalised(own)
    leaned = JOURNEYS * elsewhere.leaned / elsewhere.mass[:, None, None]
    each = (elsewhere.credits + leaned) / (elsewhere.takers + JOURNEYS)[:, None, None]
    points: Floats = (own + lent * _together(each, weights / weights.sum())) / (here.conversions + lent)
    return points


def zip_draws(
    storm: StormChains, number: int, counts: tuple[Counts, Counts], draw: tuple[Pool, Bootstrap, np.random.Generator]
) -> Floats:
    """Draws of a ZIP's shares by each model, (M, draws, K); `counts` are its own and those of the rest of the storm."""
    (here, elsewhere), (pool, bootstrap, source) = counts, draw
    first, last = storm.converting_bounds[number : number + 2]
    own = block_credits(storm, first, last, min(max(int(last - first), 1), BLOCKS), np.ones(last - first))
    lent, available = borrowed(elsewhere), float(elsewhere.conversions)
    credit = bootstrap.credits(own) + pool.unseen * min(JOURNEYS, available + 1) / (available + 1)
    if lent and pool.elsewhere(number):
        mix = mixes(here.personas, elsewhere.personas, bootstrap.draws, source)
        size = (bootstrap.draws, int(lent))
        persona = _personas(mix, source.random(size))
        leans = source.random(size) * (elsewhere.takers + JOURNEYS)[persona] >= elsewhere.takers[persona]
        picked = pool.pick(number, persona + len(storm.taken) * leans, source.random(size))
        credit += _weighed(pool.credits, picked, source.standard_exponential(size)).swapaxes(0, 1)
    return markov.normalised(credit)


def storm_points(counts: Counts) -> Floats:
    """Shares of a storm by each model with the beliefs of its personas, (M, K)."""
    believed = _together(counts.leaned / counts.mass[:, None, None], counts.personas / counts.personas.sum())
    points: Floats = (counts.credits.sum(axis=0) + JOURNEYS * believed) / (counts.conversions + JOURNEYS)
    return points


def storm_draws(storm: StormChains, counts: Counts, bootstrap: Bootstrap) -> Floats:
    """Draws of a storm's shares by each model with the beliefs of its personas, (M, draws, K)."""
    journeys = storm.converting.size
    blocks = min(journeys, BLOCKS)
    drawn = bootstrap.shares(block_credits(storm, 0, journeys, blocks, np.ones(journeys)))
    if storm.leanings.is_neutral:
        return drawn
    own = journeys / (journeys + JOURNEYS)
    part = counts.personas / counts.personas.sum()
    believed = np.zeros_like(drawn)
    for share, taken in zip(part, storm.taken, strict=True):
        believed += share * bootstrap.shares(block_credits(storm, 0, journeys, blocks, taken / taken.mean()))
    mixed: Floats = own * drawn + (1.0 - own) * believed
    return mixed


def _together(each: Floats, mix: Floats) -> Floats:
    """Shares of a mix of personas, (M, K), from those of each, (P, M, K)."""
    shares: Floats = (mix[:, None, None] * each).sum(axis=0)
    return shares


def _personas(mix: Floats, chance: Floats) -> Ints:
    """A persona for each chance, (draws, n), of the mix of each draw, (draws, P)."""
    edges = mix.cumsum(axis=1)[:, None, :-1]
    persona: Ints = (chance[..., None] >= edges).sum(axis=-1)
    return persona


def _weighed(credits: Floats, picked: Ints, weight: Floats) -> Floats:
    """Credits of the picked journeys (draws, n) by their weights, summed over each draw, (draws, M, K)."""
    _, models, k = credits.shape
    at_once = max(1, CELLS // (picked.shape[1] * models * k))
    flat = credits.reshape(len(credits), -1)
    parts = [
        (weight[begin : begin + at_once, None, :] @ flat[picked[begin : begin + at_once]])[:, 0]
        for begin in range(0, len(picked), at_once)
    ]
    return np.concatenate(parts).reshape(-1, models, k)
