"""What is counted over the journeys of a storm in one dimension: by ZIP, and summed to the storm.

Invariant: a storm's counts are the sums of its ZIPs' counts, and a ZIP's are of its own journeys alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, reduce

import numpy as np

from stormops_graph.attribution.chains import Chains, Flags, Floats, Ints, cells, transitions
from stormops_graph.attribution.coding import CodedJourneys
from stormops_graph.attribution.leanings import Leanings, Multipliers, by_persona
from stormops_graph.attribution.touch_weights import touch_weights
from stormops_graph.settings import AttributionSettings

KEPT = 20_000_000
"""Cells of transition counts that are kept for a storm."""

TOGETHER = 500_000
"""Cells of transition counts, and chains, of the ZIPs that are counted at once."""


@dataclass(frozen=True)
class Counts:
    """Counts of one area: a ZIP, or the whole storm. Those of several ZIPs together have a first axis more."""

    steps: Floats  # (P, K + 1, K + 2) transitions by persona
    personas: Floats  # (P,) journeys by persona
    touches: Floats  # (K,)
    journeys: Floats  # (K,) journeys that a state is in
    conversions: Floats  # ()
    value: Floats  # ()
    takers: Floats  # (P,) converting journeys by persona
    credits: Floats  # (P, M, K) conversions credited by each model of touch weights
    mass: Floats  # (P,) the sum of how much a persona would take each converting journey, whoever took it
    leaned: Floats  # (P, M, K) the credits of all of them, weighted by that

    def plus(self, other: Counts) -> Counts:
        """The counts of two areas together."""
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def without(self, other: Counts) -> Counts:
        """What is left when the journeys of another area are taken out."""
        return Counts(*(getattr(self, each.name) - getattr(other, each.name) for each in fields(self)))

    def at(self, zips: int | Flags) -> Counts:
        """The counts of one or some of several ZIPs."""
        return Counts(*(getattr(self, each.name)[zips] for each in fields(self)))

    def summed(self) -> Counts:
        """The counts of several ZIPs together, in one area."""
        return Counts(*(getattr(self, each.name).sum(axis=0) for each in fields(self)))

    def neutral(self) -> Counts:
        """The same counts where no persona leans to anything."""
        leaned = np.repeat(self.credits.sum(axis=0)[None], len(self.mass), axis=0)
        return replace(self, mass=np.full(len(self.mass), self.conversions), leaned=leaned)


@dataclass(frozen=True)
class StormChains:
    """The chains of a storm in one dimension, ZIP after ZIP."""

    event: str
    zips: tuple[str, ...]
    dimension: str
    chains: Chains
    bounds: Ints  # (Z + 1,) the chains of each ZIP
    persona: Ints  # of each chain
    converting: Chains
    converting_bounds: Ints
    taker: Ints  # the persona of each converting chain
    value: Floats  # of each converting chain
    weights: dict[str, Floats]  # model -> weight of each touch of the converting chains
    leanings: Leanings
    taken: Floats  # (P, converting chains) how much a persona would take each

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the states, all of which were seen in the storm."""
        return self.chains.names

    def credit_of(self, converting: Ints) -> Floats:
        """Credits of single converting chains, (chains, M, K)."""
        lengths = self.converting.lengths[converting]
        first = np.cumsum(lengths) - lengths
        touch = np.repeat(self.converting.offsets[converting] - first, lengths) + np.arange(lengths.sum())
        k = len(self.names)
        cell = np.repeat(np.arange(len(converting)) * k, lengths) + self.converting.states[touch]
        credit = [summed(weight[touch], cell, len(converting) * k) for weight in self.weights.values()]
        return np.stack(credit).reshape(len(credit), -1, k).swapaxes(0, 1)


def storm_chains(
    storm: CodedJourneys, dimension: str, options: AttributionSettings, priors: Multipliers | None
) -> StormChains:
    """The chains of one storm, and what each converting journey gives to its touches."""
    chains, journey = storm.chains(dimension)
    area, zips = storm.area[journey], np.arange(len(storm.areas) + 1)
    converting, which = chains.converting()
    weights = {
        model: weight for model, weight in touch_weights(converting, options).items() if not np.isnan(weight).any()
    }
    leanings = Leanings.of(priors, storm.personas, dimension, chains.names)
    return StormChains(
        storm.areas[0][0],
        tuple(zip_code for _, zip_code in storm.areas),
        dimension,
        chains,
        np.searchsorted(area, zips),
        storm.persona[journey],
        converting,
        np.searchsorted(area[which], zips),
        storm.persona[journey[which]],
        storm.value[journey[which]],
        weights,
        leanings,
        leanings.weights(converting),
    )


def count_zips(storm: StormChains, first: int, last: int) -> Counts:
    """The counts of the ZIPs from one number up to another, together."""
    zips, personas, k = last - first, len(storm.leanings.multipliers), len(storm.names)
    among = slice(storm.bounds[first], storm.bounds[last])
    of = np.repeat(np.arange(zips), np.diff(storm.bounds[first : last + 1]))
    group = of * personas + storm.persona[among]
    steps, touches, taken = np.zeros((zips * personas, k + 1, k + 2)), np.zeros(zips * k), np.zeros(zips * k)
    for part, where in storm.chains.between(among.start, among.stop).parts():
        steps += transitions(part, group[where], zips * personas)
        cell = cells(part, of[where])
        touches += np.bincount(cell, minlength=zips * k)
        taken += np.bincount(cell[part.first_seen], minlength=zips * k)
    return Counts(
        steps.reshape(zips, personas, k + 1, k + 2),
        by_persona(group, zips * personas).reshape(zips, personas),
        touches.reshape(zips, k),
        taken.reshape(zips, k),
        *_earned(storm, first, last),
    )


def _earned(storm: StormChains, first: int, last: int) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """What is counted over the converting chains of some ZIPs, in the order of Counts, from conversions on."""
    zips, personas = last - first, len(storm.leanings.multipliers)
    among = slice(storm.converting_bounds[first], storm.converting_bounds[last])
    of = np.repeat(np.arange(zips), np.diff(storm.converting_bounds[first : last + 1]))
    group = of * personas + storm.taker[among]
    credits = group_credits(storm, among, group, zips * personas)
    leaned = [group_credits(storm, among, of, zips, each) for each in storm.taken[:, among]]
    return (
        np.bincount(of, minlength=zips).astype(np.float64),
        summed(storm.value[among], of, zips),
        by_persona(group, zips * personas).reshape(zips, personas),
        credits.reshape(-1, zips, personas, credits.shape[-1]).transpose(1, 2, 0, 3),
        np.stack([summed(each, of, zips) for each in storm.taken[:, among]], axis=1),
        np.stack(leaned, axis=1).transpose(2, 1, 0, 3),
    )


@dataclass(frozen=True)
class ZipCounts:
    """The counts of the ZIPs of a storm, kept where they are few: hundreds of plays are counted anew when asked."""

    storm: StormChains
    kept: dict[int, Counts] = field(default_factory=dict)

    @cached_property
    def present(self) -> list[int]:
        """The ZIPs that have a journey in this dimension."""
        found: list[int] = np.flatnonzero(np.diff(self.storm.bounds)).tolist()
        return found

    @cached_property
    def total(self) -> Counts:
        """The counts of the whole storm."""
        return reduce(Counts.plus, (several.summed() for several in self.groups()))

    @cached_property
    def _cells(self) -> int:
        k = len(self.storm.names)
        return len(self.storm.leanings.multipliers) * (k + 1) * (k + 2)

    @cached_property
    def _bounds(self) -> list[int]:
        """The first ZIP of each group that is counted at once, and the number of ZIPs."""
        chains, at_once = self.storm.bounds, max(1, TOGETHER // self._cells)
        found = [0]
        for number in range(1, len(self.storm.zips)):
            if number - found[-1] >= at_once or chains[number + 1] - chains[found[-1]] > TOGETHER:
                found.append(number)
        return [*found, len(self.storm.zips)]

    def groups(self) -> Iterator[Counts]:
        """The counts of all ZIPs, some at a time; ZIPs without a journey in this dimension count nothing."""
        return map(self._group, range(len(self._bounds) - 1))

    def of(self, number: int) -> Counts:
        """The counts of one ZIP."""
        group = bisect_right(self._bounds, number) - 1
        return self._group(group).at(number - self._bounds[group])

    def _group(self, group: int) -> Counts:
        if group in self.kept:
            return self.kept[group]
        counts = count_zips(self.storm, *self._bounds[group : group + 2])
        if self._cells * len(self.storm.zips) <= KEPT:
            self.kept[group] = counts
        return counts


def group_credits(storm: StormChains, among: slice, group: Ints, groups: int, each: Floats | None = None) -> Floats:
    """Credits of some converting chains summed by group, (M, groups, K), each chain times a weight of its own."""
    converting = storm.converting.between(among.start, among.stop)
    cell, size = cells(converting, group), groups * len(storm.names)
    touches = slice(storm.converting.offsets[among.start], storm.converting.offsets[among.stop])
    scale = 1.0 if each is None else np.repeat(each, converting.lengths)
    found = [summed(weight[touches] * scale, cell, size) for weight in storm.weights.values()]
    return np.stack(found).reshape(-1, groups, len(storm.names))


def block_credits(storm: StormChains, among: slice, blocks: int, each: Floats | None = None) -> Floats:
    """Credits of some converting chains dealt out to blocks, (M, blocks, K), each chain times a weight of its own."""
    return group_credits(storm, among, np.arange(among.stop - among.start) % blocks, blocks, each)


def summed(weight: Floats, cell: Ints, size: int) -> Floats:
    """A weight of each touch, summed by cell."""
    return np.bincount(cell, weight, minlength=size).astype(np.float64)
