"""The credits of one area by every model: the share, its interval, and where it comes from.

Invariant: shares of a model sum to 1 and lie in their intervals; `raw` is the exact answer of the area's own journeys.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from stormops_graph.attribution import markov, pooling, pseudo_journeys
from stormops_graph.attribution.chains import Floats
from stormops_graph.attribution.counting import Counts, StormChains, ZipCounts
from stormops_graph.attribution.intervals import Bootstrap, generator, limits, markov_draws
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


def storm_draws(storm: StormChains, counts: Counts, options: AttributionSettings, bootstrap: Bootstrap) -> Draws:
    """Draws for a whole storm, somebody having converted in it."""
    source = generator(options.seed, storm.event, storm.dimension)
    weighed = pseudo_journeys.storm_draws(storm, counts, bootstrap)
    chain = markov_draws(counts.steps, storm.leanings, options.draws, source)
    return {"markov": chain, **dict(zip(storm.weights, weighed, strict=True))}


def storm_answers(
    storm: StormChains,
    counts: Counts,
    options: AttributionSettings,
    bootstrap: Bootstrap,
    others: Draws | None = None,
) -> Answers:
    """The answers for a whole storm, somebody having converted in it; the intervals are of `others` where given."""
    draws = {**storm_draws(storm, counts, options, bootstrap), **(others or {})}
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
    return answers | {"hybrid": _both(answers["markov"], answers["shapley"], options.hybrid_alpha)}


@dataclass(frozen=True)
class Pooled:
    """What the ZIPs of a storm share when they are answered."""

    storm: StormChains
    zips: ZipCounts
    kappa: pooling.Kappa
    pool: pseudo_journeys.Pool
    bootstrap: Bootstrap
    options: AttributionSettings

    @classmethod
    def of(cls, zips: ZipCounts, bootstrap: Bootstrap, options: AttributionSettings) -> Pooled:
        """What the storm says of its ZIPs."""
        storm = zips.storm
        kappa = pooling.Kappa.of(zips, zips.total, storm.leanings)
        return cls(storm, zips, kappa, pseudo_journeys.Pool.of(storm, bootstrap), bootstrap, options)

    def draws(self, number: int) -> Draws:
        """Draws for one ZIP, pooled with the rest of its storm."""
        storm, here = self.storm, self.zips.of(number)
        elsewhere = self.zips.total.without(here)
        source = generator(self.options.seed, storm.event, storm.zips[number], storm.dimension)
        chain = self._markov_draws(here, elsewhere, source)
        weighed = pseudo_journeys.zip_draws(storm, number, (here, elsewhere), (self.pool, self.bootstrap, source))
        return {"markov": chain, **dict(zip(storm.weights, weighed, strict=True))}

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
        return answers | {"hybrid": _both(answers["markov"], answers["shapley"], self.options.hybrid_alpha)}

    def _markov(self, here: Counts, elsewhere: Counts, share: Floats, drawn: Floats) -> Answer:
        low, high = limits(drawn, share)
        own = pooling.own_part(here, self.zips.total, self.kappa)
        raw = markov.shares(here.steps.sum(axis=0))
        return Answer(share, low, high, raw, own, self._markov_shift(here, elsewhere))

    def _markov_draws(self, here: Counts, elsewhere: Counts, source: np.random.Generator) -> Floats:
        draws = min(self.options.draws, max(200, ZIP_CELLS // here.steps[0].size))
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
        points = pseudo_journeys.zip_points(here, elsewhere)
        neutral = points
        if not self.storm.leanings.is_neutral:
            neutral = pseudo_journeys.zip_points(here.neutral(), elsewhere.neutral())
        raw = markov.normalised(here.credits.sum(axis=0))
        own = float(here.conversions / (here.conversions + pseudo_journeys.borrowed(elsewhere)))
        return {
            model: Answer(points[i], *limits(draws[model], points[i]), raw[i], own, points[i] - neutral[i])
            for i, model in enumerate(self.storm.weights)
        }


def _both(first: Answer, second: Answer, alpha: float) -> Answer:
    """A mix of two models. Both see the same journeys and move together, so their quantiles add.

    Mixed draw by draw, as if they did not, intervals hold the truth too seldom: .84 in a ZIP of 100 journeys.
    """

    def mixed(name: str) -> Any:
        return alpha * getattr(first, name) + (1.0 - alpha) * getattr(second, name)

    return Answer(*(mixed(field.name) for field in fields(Answer)))
