"""Credits of models that share out each conversion among its own touches: of a storm with beliefs, and of its ZIPs.

A ZIP's converting journeys are weighted anew, together with journeys of the rest of the storm, taken by personas as the
ZIP has them. How many of those is learnt for each model from how far the ZIPs' credits are apart. A persona takes
journeys as its own in the storm, and ten picked by what it leans to; the beliefs of a storm weigh as much as ten of its
journeys. So beliefs fade as journeys come.
Invariant: the published credit is the mean of what is drawn, but for the pseudo-journey that stands for the unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stormops_graph.attribution import markov
from stormops_graph.attribution.chains import Floats
from stormops_graph.attribution.counting import Counts, StormChains, ZipCounts, block_credits
from stormops_graph.attribution.intervals import BLOCKS, Bootstrap, gammas
from stormops_graph.attribution.kappa import GRID, Kappa
from stormops_graph.attribution.leanings import mix_weights, mixes

JOURNEYS = 10
"""Journeys that a belief weighs as much as."""

SPREAD = 4096
"""How far journeys are from their mean is seen from so many at most, evenly spaced."""


@dataclass(frozen=True)
class Lending:
    """How many journeys of the rest of its storm a ZIP stands on beside its own, by each model."""

    kappas: tuple[Kappa, ...]
    sharpness: Floats  # (M,) how much less a journey's credits vary than if one state had them all

    @classmethod
    def of(cls, zips: ZipCounts, kappa: Kappa) -> Lending:
        """The posterior for each model: how far the ZIPs' mean credits are from what the others foretell."""
        total = zips.total
        mean = total.credits.sum(axis=0) / total.conversions
        spread, ways = _spread(zips.storm, mean)
        evidence = np.zeros((len(mean), len(GRID)))
        for several in zips.groups():
            here = several.at((several.conversions > 0) & (several.conversions < total.conversions))
            elsewhere = total.without(here)
            apart = here.credits.sum(axis=1) / here.conversions[:, None, None] - foretold(here, elsewhere)
            journeys = here.conversions, elsewhere.conversions
            evidence += _log_likelihood((apart**2).sum(axis=2), spread, journeys).sum(axis=0)
        whole = (mean * (1.0 - mean)).sum(axis=1)
        sharpness = np.divide(whole, spread, out=np.ones_like(whole), where=spread > 0)
        kappas = tuple(Kappa.of(each + kappa.alike()) for each in evidence * ways[:, None])
        return cls(kappas, np.maximum(sharpness, 1.0))

    def beside(self, elsewhere: Counts) -> tuple[Kappa, ...]:
        """What is lent of so many journeys."""
        return tuple(kappa.beside(float(elsewhere.conversions)) for kappa in self.kappas)


def _spread(storm: StormChains, mean: Floats) -> tuple[Floats, Floats]:
    """How far single journeys are from their mean by each model, squared, (M,); and in how many ways they are, (M,)."""
    size = storm.converting.size
    credits = storm.credit_of(np.arange(min(size, SPREAD)) * size // min(size, SPREAD)) - mean
    spread = (credits**2).sum(axis=2).mean(axis=0)
    joint = np.stack([np.einsum("ji,jk->ik", each, each) / len(each) for each in credits.swapaxes(0, 1)])
    ways = np.divide(spread**2, (joint**2).sum(axis=(1, 2)), out=np.ones_like(spread), where=spread > 0)
    return spread, ways


def _log_likelihood(apart: Floats, spread: Floats, journeys: tuple[Floats, Floats]) -> Floats:
    """Of each kappa, (ZIPs, M, GRID), for one way: means so far, (ZIPs, M), from what is foretold, by normal theory."""
    here, elsewhere = (each[:, None, None] for each in journeys)
    factor = (1.0 + GRID / here) / (GRID + 1.0) + 1.0 / (elsewhere + 1.0)
    expected = spread[:, None] * factor
    ratio = np.divide(apart[..., None], expected, out=np.ones_like(expected), where=expected > 0)
    found: Floats = -0.5 * (np.log(factor) + ratio)
    return found


def foretold(here: Counts, elsewhere: Counts) -> Floats:
    """Mean shares by each model that the rest of the storm foretells for the personas of ZIPs, (..., M, K)."""
    weights = mix_weights(here.personas, elsewhere.personas)
    return _together(_of_personas(elsewhere), weights / weights.sum(axis=-1, keepdims=True))


def _of_personas(elsewhere: Counts) -> Floats:
    """Mean shares of what each persona takes, (..., P, M, K)."""
    leaned = JOURNEYS * elsewhere.leaned / elsewhere.mass[..., None, None]
    each: Floats = (elsewhere.credits + leaned) / (elsewhere.takers + JOURNEYS)[..., None, None]
    return each


def own_parts(here: Counts, elsewhere: Counts, lending: Lending) -> Floats:
    """How much of a ZIP's mean shares comes from its own journeys, by each model, (M,)."""
    if not here.conversions:
        return np.zeros(len(lending.kappas))
    return np.array([float(kappa.own(np.asarray(here.conversions))) for kappa in lending.beside(elsewhere)])


def zip_points(here: Counts, elsewhere: Counts, lending: Lending) -> Floats:
    """Mean shares of a ZIP by each model, (M, K)."""
    own = markov.normalised(here.credits.sum(axis=0))
    if not elsewhere.conversions:
        return own
    part = own_parts(here, elsewhere, lending)[:, None]
    points: Floats = part * np.nan_to_num(own) + (1.0 - part) * foretold(here, elsewhere)
    return points


def zip_draws(
    storm: StormChains,
    number: int,
    counts: tuple[Counts, Counts],
    how: tuple[Lending, Bootstrap],
    source: np.random.Generator,
) -> Floats:
    """Draws of a ZIP's shares by each model, (M, draws, K); `counts` are its own and those of the rest of the storm."""
    (here, elsewhere), (lending, bootstrap) = counts, how
    among = slice(*storm.converting_bounds[number : number + 2])
    own = block_credits(storm, among, min(max(int(among.stop - among.start), 1), BLOCKS))
    credit, k = bootstrap.credits(own), own.shape[-1]
    if not elsewhere.conversions:
        return markov.normalised(credit + bootstrap.unseen(k))
    mean = _of_personas(elsewhere)
    if len(mean) > 1:
        mean = np.einsum("dp,pmk->dmk", mixes(here.personas, elsewhere.personas, bootstrap.draws, source), mean)
    mean = (elsewhere.conversions * mean.swapaxes(0, 1) + 1.0 / k) / (elsewhere.conversions + 1.0)
    chance = source.random(bootstrap.draws)
    lent = np.stack([kappa.drawn(chance) for kappa in lending.beside(elsewhere)])[..., None]  # (M, draws, 1)
    # a journey's credits that go to several states vary less than those of as many journeys that go to one
    sharp = (lent + 1.0) * lending.sharpness[:, None, None] - 1.0
    credit += gammas(source, sharp * mean) * (lent / sharp)
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
    drawn = bootstrap.shares(block_credits(storm, slice(0, journeys), blocks))
    if storm.leanings.is_neutral:
        return drawn
    own = journeys / (journeys + JOURNEYS)
    part = counts.personas / counts.personas.sum()
    believed = np.zeros_like(drawn)
    for share, taken in zip(part, storm.taken, strict=True):
        believed += share * bootstrap.shares(block_credits(storm, slice(0, journeys), blocks, taken / taken.mean()))
    mixed: Floats = own * drawn + (1.0 - own) * believed
    return mixed


def _together(each: Floats, mix: Floats) -> Floats:
    """Shares of a mix of personas, (..., M, K), from those of each, (..., P, M, K)."""
    shares: Floats = (mix[..., None, None] * each).sum(axis=-3)
    return shares
