"""What is counted over the journeys of a storm in one dimension: by ZIP, and summed to the storm.

Invariant: a storm's counts are the sums of its ZIPs' counts, and a ZIP's are of its own journeys alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, reduce

import numpy as np

from stormops_graph.attribution.chains import Chains, Floats, Ints, transitions
from stormops_graph.attribution.coding import CodedJourneys
from stormops_graph.attribution.leanings import Leanings, Multipliers, by_persona
from stormops_graph.attribution.touch_weights import touch_weights
from stormops_graph.settings import AttributionSettings

KEPT = 20_000_000
"""Cells of transition counts that are kept for a storm."""


@dataclass(frozen=True)
class Counts:
    """Counts of one area: a ZIP, or the whole storm."""

    steps: Floats  # (P, K + 1, K + 2) transitions by persona
    personas: Floats  # (P,) journeys by persona
    touches: Floats  # (K,)
    journeys: Floats  # (K,) journeys that a state is in
    conversions: np.float64
    value: np.float64
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


def count_zip(storm: StormChains, zips: int) -> Counts:
    """The counts of one ZIP of a storm."""
    first, last = storm.bounds[zips : zips + 2]
    chains, persona = storm.chains.between(first, last), storm.persona[first:last]
    k, personas = len(storm.names), len(storm.leanings.multipliers)
    steps, touches, taken = np.zeros((personas, k + 1, k + 2)), np.zeros(k), np.zeros(k)
    for part, where in chains.parts():
        steps += transitions(part, persona[where], personas)
        touches += np.bincount(part.states, minlength=k)
        taken += np.bincount(part.states[part.first_seen], minlength=k)
    first, last = storm.converting_bounds[zips : zips + 2]
    taker = storm.taker[first:last]
    return Counts(
        steps,
        by_persona(persona, personas),
        touches,
        taken,
        np.float64(last - first),
        storm.value[first:last].sum(),
        by_persona(taker, personas),
        _credits(storm, first, last, (np.arange(personas)[:, None] == taker).astype(np.float64)),
        storm.taken[:, first:last].sum(axis=1),
        _credits(storm, first, last, storm.taken[:, first:last]),
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
        return reduce(Counts.plus, self)

    def __iter__(self) -> Iterator[Counts]:
        return map(self.of, self.present)

    def of(self, number: int) -> Counts:
        """The counts of one ZIP."""
        if number in self.kept:
            return self.kept[number]
        counts = count_zip(self.storm, number)
        if counts.steps.size * len(self.present) <= KEPT:
            self.kept[number] = counts
        return counts


def block_credits(storm: StormChains, first: int, last: int, blocks: int, each: Floats) -> Floats:
    """Credits of some converting chains dealt out to blocks, (M, blocks, K), each chain times a weight of its own."""
    converting = storm.converting.between(first, last)
    block = np.arange(converting.size) % blocks
    cell = np.repeat(block * len(storm.names), converting.lengths) + converting.states
    among = slice(storm.converting.offsets[first], storm.converting.offsets[last])
    scale = np.repeat(each, converting.lengths)
    size = blocks * len(storm.names)
    dealt = [summed(weight[among] * scale, cell, size) for weight in storm.weights.values()]
    return np.stack(dealt).reshape(-1, blocks, len(storm.names))


def summed(weight: Floats, cell: Ints, size: int) -> Floats:
    """A weight of each touch, summed by cell."""
    return np.bincount(cell, weight, minlength=size).astype(np.float64)


def _credits(storm: StormChains, first: int, last: int, weights: Floats) -> Floats:
    """Credits of some converting chains, (P, M, K), by weights of each chain, (P, chains)."""
    return np.stack([block_credits(storm, first, last, 1, each)[:, 0] for each in weights])
