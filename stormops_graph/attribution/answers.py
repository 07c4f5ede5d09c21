"""The credits of one area by every model: the share, its interval, and where it comes from.

Invariant: shares of a model sum to 1 and lie in their intervals; `raw` is the exact answer of the area's own journeys.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stormops_graph.attribution import markov, pooling, pseudo_journeys
from stormops_graph.attribution.chains import Floats
from stormops_graph.attribution.counting import Counts, StormChains, ZipCounts
from stormops_graph.attribution.hybrids import Hybrid
from stormops_graph.attribution.intervals import Bootstrap, generator, limits, markov_draws
from stormops_graph.attribution.kappa import Kappa
from stormops_graph.attribution.leanings import Leanings
from stormops_graph.settings import AttributionSettings

ZIP_CELLS = 200_000
"""Cells of chains that are drawn for one ZIP: with hundreds of plays fewer draws have to do, but no fewer than 200."""


@dataclass(frozen=True)
class Answer:
    """One model's answer for the states of an area, each (K,)."""

    share: Floats
    low: Floats
    high: Floats
    raw: Floats  # NaN where nobody converted
    own: float  # how much of the share comes from the area's own journeys, the rest from the storm
    shift: Floats  # what the priors of personas moved the share by


Answers = dict[str, Answer]

Draws = dict[str, Floats]
"""Model -> draws of its shares, (draws, K)."""


@dataclass(frozen=True)
class How:
    """By what options a storm is answered, with which weights of journeys, and how Markov and Shapley mix in it."""

    options: AttributionSettings
    bootstrap: Bootstrap
    hybrid: Hybrid

    @classmethod
    def of(cls, storm: StormChains, options: AttributionSettings, bootstrap: Bootstrap) -> How:
        """As the storm's own journeys say."""
        return cls(options, bootstrap, Hybrid.of(storm.chains, storm.converting, bootstrap, options.hybrid_alpha))

    def with_hybrid(self, draws: Draws) -> Draws:
        """The draws with those of the mix."""
        return {**draws, "hybrid": self.hybrid.draws(draws["markov"], draws["shapley"])}


def storm_draws(storm: StormChains, counts: Counts, how: How) -> Draws:
    """Draws for a whole storm, somebody having converted in it."""
    source = generator(how.options.seed, storm.event, storm.dimension)
    weighed = pseudo_journeys.storm_draws(storm, counts, how.bootstrap)
    chain = markov_draws(counts.steps, storm.leanings, how.options.draws, source)
    return how.with_hybrid({"markov": chain, **dict(zip(storm.weights, weighed, strict=True))})


def storm_answers(storm: StormChains, counts: Counts, how: How, others: Draws | None = None) -> Answers:
    """The answers for a whole storm, somebody having converted in it; the intervals are of `others` where given."""
    draws = {**storm_draws(storm, counts, how), **(others or {})}
    steps, leanings = counts.steps.sum(axis=0), storm.leanings
    raw = markov.shares(steps)
    share = raw
    if not leanings.is_neutral:
        share = markov.normalised(markov.losses(leanings.leaned(markov.rows(steps), counts.steps)))
    answers = {"markov": Answer(share, *limits(draws["markov"], share), raw, 1.0, share - raw)}
    own = markov.normalised(counts.credits.sum(axis=0))
    points = own if leanings.is_neutral else pseudo_journeys.storm_points(counts)
    for i, model in enumerate(storm.weights):
        answers[model] = Answer(points[i], *limits(draws[model], points[i]), own[i], 1.0, points[i] - own[i])
    return answers | {"hybrid": _mixed(answers, how.hybrid, draws["hybrid"])}


@dataclass(frozen=True)
class Pooled:
    """What the ZIPs of a storm share when they are answered."""

    storm: StormChains
    zips: ZipCounts
    kappa: Kappa
    lending: pseudo_journeys.Lending
    how: How

    @classmethod
    def of(cls, zips: ZipCounts, how: How) -> Pooled:
        """What the storm says of its ZIPs."""
        storm = zips.storm
        kappa = pooling.kappa_of(zips, zips.total, storm.leanings)
        return cls(storm, zips, kappa, pseudo_journeys.Lending.of(zips, storm, zips.total, kappa), how)

    def draws(self, number: int) -> Draws:
        """Draws for one ZIP, pooled with the rest of its storm."""
        storm, here = self.storm, self.zips.of(number)
        elsewhere = self.zips.total.without(here)
        source = generator(self.how.options.seed, storm.event, storm.zips[number], storm.dimension)
        chain = self._markov_draws(here, elsewhere, source)
        shared = (self.lending, self.how.bootstrap)
        weighed = pseudo_journeys.zip_draws(storm, number, (here, elsewhere), shared, source)
        return self.how.with_hybrid({"markov": chain, **dict(zip(storm.weights, weighed, strict=True))})

    def answers(self, number: int, others: Draws | None = None) -> Answers:
        """The answers for one ZIP; the intervals are of `others` where there are such draws."""
        here = self.zips.of(number)
        elsewhere = self.zips.total.without(here)
        own = self.draws(number)
        share = markov.normalised(own["markov"].mean(axis=0))
        draws = {**own, **(others or {})}
        answers = {
            "markov": self._markov(here, elsewhere, share, draws["markov"]),
            **self._touch(here, elsewhere, draws),
        }
        return answers | {"hybrid": _mixed(answers, self.how.hybrid, draws["hybrid"])}

    def _markov(self, here: Counts, elsewhere: Counts, share: Floats, drawn: Floats) -> Answer:
        low, high = limits(drawn, share)
        own = pooling.own_part(here, self.zips.total, self.kappa)
        raw = markov.shares(here.steps.sum(axis=0))
        return Answer(share, low, high, raw, own, self._markov_shift(here, elsewhere))

    def _markov_draws(self, here: Counts, elsewhere: Counts, source: np.random.Generator) -> Floats:
        draws = min(self.how.options.draws, max(200, ZIP_CELLS // here.steps[0].size))
        return pooling.zip_draws(here, elsewhere, self.storm.leanings, self.kappa, (draws, source))

    def _markov_shift(self, here: Counts, elsewhere: Counts) -> Floats:
        """On the mean chain: what is drawn twice would differ by chance alone."""
        leanings = self.storm.leanings
        if leanings.is_neutral:
            return np.zeros(len(self.storm.names))
        leaned, neutral = (self._expected(here, elsewhere, each) for each in (leanings, leanings.neutral()))
        return leaned - neutral

    def _expected(self, here: Counts, elsewhere: Counts, leanings: Leanings) -> Floats:
        counts = here.steps.sum(axis=0)
        own = self.kappa.own(counts.sum(axis=1))[:, None]
        chain = own * markov.rows(counts) + (1.0 - own) * pooling.expected_row(here, elsewhere, leanings)
        return markov.normalised(markov.losses(chain))

    def _touch(self, here: Counts, elsewhere: Counts, draws: Draws) -> Answers:
        points = pseudo_journeys.zip_points(here, elsewhere, self.lending)
        neutral = points
        if not self.storm.leanings.is_neutral:
            neutral = pseudo_journeys.zip_points(here.neutral(), elsewhere.neutral(), self.lending)
        raw = markov.normalised(here.credits.sum(axis=0))
        own = pseudo_journeys.own_parts(here, elsewhere, self.lending).tolist()
        return {
            model: Answer(points[i], *limits(draws[model], points[i]), raw[i], own[i], points[i] - neutral[i])
            for i, model in enumerate(self.storm.weights)
        }


def _mixed(answers: Answers, hybrid: Hybrid, drawn: Floats) -> Answer:
    """The answer of the hybrid: points of both mixed, the interval of draws of the mix."""
    one, other = answers["markov"], answers["shapley"]
    share, raw, shift = (hybrid.mixed(getattr(one, name), getattr(other, name)) for name in ("share", "raw", "shift"))
    own = hybrid.alpha * one.own + (1.0 - hybrid.alpha) * other.own
    return Answer(share, *limits(drawn, share), raw, own, shift)
