"""The credits of one area by every model: the share, its interval, and where it comes from.

Points are the shares alone, worked out without a draw. A ZIP's point by Markov is that of its mean chain; published is
the mean of the draws, which differs a little.
Invariant: shares of a model sum to 1 and lie in their intervals; `raw` is the exact answer of the area's own journeys.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from stormops_graph.attribution import markov, pooling, pseudo_journeys
from stormops_graph.attribution.chains import Chains, Floats
from stormops_graph.attribution.counting import Counts, StormChains, ZipCounts
from stormops_graph.attribution.hybrids import Hybrid
from stormops_graph.attribution.intervals import Bootstrap, generator, limits, markov_draws
from stormops_graph.attribution.kappa import Kappa
from stormops_graph.attribution.leanings import Leanings
from stormops_graph.attribution.memory import Memory
from stormops_graph.settings import AttributionSettings

ZIP_CELLS = 200_000
"""Cells of chains that are drawn for one ZIP: with hundreds of plays fewer draws have to do, but no fewer than 200."""


@dataclass(frozen=True)
class Answer:
    """One model's answer for the states of an area, each (K,)."""

    share: Floats
    raw: Floats  # NaN where nobody converted
    own: float  # how much of the share comes from the area's own journeys, the rest from the storm
    shift: Floats  # what the priors of personas moved the share by
    low: Floats | None = None  # None: a point
    high: Floats | None = None

    def within(self, drawn: Floats) -> Answer:
        """The same with the interval of draws of it."""
        low, high = limits(drawn, self.share)
        return replace(self, low=low, high=high)


Answers = dict[str, Answer]

Draws = dict[str, Floats]
"""Model -> draws of its shares, (draws, K)."""


@dataclass(frozen=True)
class How:
    """By what options a storm is answered, with which weights, how its models mix, what memory moves."""

    options: AttributionSettings
    bootstrap: Bootstrap
    hybrid: Hybrid
    memory: Memory

    @classmethod
    def of(cls, storm: StormChains, options: AttributionSettings, bootstrap: Bootstrap) -> How:
        """As the storm's own journeys say."""
        hybrid = Hybrid.of(storm.chains, storm.converting, bootstrap, options.hybrid_alpha)
        return cls(options, bootstrap, hybrid, Memory.of(storm.chains, options.markov_order, bootstrap))

    def together(self, draws: Draws) -> Draws:
        """The draws as the memory moves them, with those of the mix."""
        draws = {**draws, "markov": self.memory.moved_draws(draws["markov"])}
        return {**draws, "hybrid": self.hybrid.draws(draws["markov"], draws["shapley"])}


def storm_draws(storm: StormChains, counts: Counts, how: How) -> Draws:
    """Draws for a whole storm, somebody having converted in it."""
    source = generator(how.options.seed, storm.event, storm.dimension)
    weighed = pseudo_journeys.storm_draws(storm, counts, how.bootstrap)
    chain = markov_draws(counts.steps, storm.leanings, how.options.draws, source)
    return how.together({"markov": chain, **dict(zip(storm.weights, weighed, strict=True))})


def storm_points(storm: StormChains, counts: Counts, alpha: float, memory: Memory) -> Answers:
    """The shares for a whole storm, somebody having converted in it; `alpha` is the part of Markov in hybrid."""
    steps, leanings = counts.steps.sum(axis=0), storm.leanings
    raw = share = memory.moved(markov.shares(steps))
    if not leanings.is_neutral:
        share = memory.moved(markov.normalised(markov.losses(leanings.leaned(markov.rows(steps), counts.steps))))
    answers = {"markov": Answer(share, raw, 1.0, share - raw)}
    own = markov.normalised(counts.credits.sum(axis=0))
    points = own if leanings.is_neutral else pseudo_journeys.storm_points(counts)
    for i, model in enumerate(storm.weights):
        answers[model] = Answer(points[i], own[i], 1.0, points[i] - own[i])
    return answers | {"hybrid": _mixed(answers, alpha)}


def storm_answers(storm: StormChains, counts: Counts, how: How, others: Draws | None = None) -> Answers:
    """The answers for a whole storm, somebody having converted in it; the intervals are of `others` where given."""
    draws = {**storm_draws(storm, counts, how), **(others or {})}
    points = storm_points(storm, counts, how.hybrid.alpha, how.memory)
    return {model: answer.within(draws[model]) for model, answer in points.items()}


@dataclass(frozen=True)
class Pooled:
    """What the ZIPs of a storm share when they are answered."""

    storm: StormChains
    zips: ZipCounts
    kappa: Kappa
    lending: pseudo_journeys.Lending
    alpha: float
    memory: Memory

    @classmethod
    def of(cls, zips: ZipCounts, alpha: float, memory: Memory) -> Pooled:
        """What the storm says of its ZIPs; `alpha` is the part of Markov in hybrid."""
        kappa = pooling.kappa_of(zips)
        return cls(zips.storm, zips, kappa, pseudo_journeys.Lending.of(zips, kappa), alpha, memory)

    def draws(self, number: int, how: How) -> Draws:
        """Draws for one ZIP, pooled with the rest of its storm."""
        storm, here = self.storm, self.zips.of(number)
        elsewhere = self.zips.total.without(here)
        source = generator(how.options.seed, storm.event, storm.zips[number], storm.dimension)
        times = min(how.options.draws, max(200, ZIP_CELLS // here.steps[0].size))
        chain = pooling.zip_draws(here, elsewhere, storm.leanings, self.kappa, (times, source))
        weighed = pseudo_journeys.zip_draws(storm, number, (here, elsewhere), (self.lending, how.bootstrap), source)
        return how.together({"markov": chain, **dict(zip(storm.weights, weighed, strict=True))})

    def answers(self, number: int, how: How, others: Draws | None = None) -> Answers:
        """The answers for one ZIP; the intervals are of `others` where there are such draws."""
        own = self.draws(number, how)
        points = self.points(number, markov.normalised(own["markov"].mean(axis=0)))
        draws = {**own, **(others or {})}
        return {model: answer.within(draws[model]) for model, answer in points.items()}

    def points(self, number: int, by_markov: Floats | None = None) -> Answers:
        """The shares for one ZIP; by Markov those of its mean chain, where no others are given."""
        here, leanings = self.zips.of(number), self.storm.leanings
        elsewhere = self.zips.total.without(here)
        mean = neutral = self._expected(here, elsewhere, leanings)
        if not leanings.is_neutral:
            neutral = self._expected(here, elsewhere, leanings.neutral())
        answers = {
            "markov": Answer(
                mean if by_markov is None else by_markov,
                self.memory.exact(self._chains(number), here.steps.sum(axis=0)),
                pooling.own_part(here, self.zips.total, self.kappa),
                mean - neutral,  # on the mean chain: what is drawn twice would differ by chance alone
            ),
            **self._touch(here, elsewhere),
        }
        return answers | {"hybrid": _mixed(answers, self.alpha)}

    def _expected(self, here: Counts, elsewhere: Counts, leanings: Leanings) -> Floats:
        counts = here.steps.sum(axis=0)
        own = self.kappa.own(counts.sum(axis=1))[:, None]
        chain = own * markov.rows(counts) + (1.0 - own) * pooling.expected_row(here, elsewhere, leanings)
        return self.memory.moved(markov.normalised(markov.losses(chain)))

    def _chains(self, number: int) -> Chains:
        return self.storm.chains.between(*self.storm.bounds[number : number + 2])

    def _touch(self, here: Counts, elsewhere: Counts) -> Answers:
        points = pseudo_journeys.zip_points(here, elsewhere, self.lending)
        neutral = points
        if not self.storm.leanings.is_neutral:
            neutral = pseudo_journeys.zip_points(here.neutral(), elsewhere.neutral(), self.lending)
        raw = markov.normalised(here.credits.sum(axis=0))
        own = pseudo_journeys.own_parts(here, elsewhere, self.lending).tolist()
        return {
            model: Answer(points[i], raw[i], own[i], points[i] - neutral[i])
            for i, model in enumerate(self.storm.weights)
        }


def _mixed(answers: Answers, alpha: float) -> Answer:
    """The point of the hybrid."""
    one, other = answers["markov"], answers["shapley"]
    share, raw, own, shift = (
        alpha * getattr(one, name) + (1.0 - alpha) * getattr(other, name) for name in ("share", "raw", "own", "shift")
    )
    return Answer(share, raw, own, shift)
