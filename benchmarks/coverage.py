"""Do 90 % intervals hold the truth nine times in ten? Replications of a storm whose truth is known.

A world is a chain over five channels with journeys that do not convert. Its true Markov shares follow from the chain;
those of the other models from a very large sample. Prints the coverage of each model, averaged over the channels.

    python benchmarks/coverage.py [--replications 1000] [--journeys 300 3000]
"""

from __future__ import annotations

import argparse

import numpy as np

from stormops_graph.attribution import intervals, markov
from stormops_graph.attribution.chains import Chains, Floats, cells, offsets_of, sums, transitions
from stormops_graph.attribution.hybrids import Hybrid
from stormops_graph.attribution.leanings import Leanings
from stormops_graph.attribution.touch_weights import touch_weights
from stormops_graph.settings import AttributionSettings

CHANNELS = ("ga4", "email", "sms", "call", "door_knock")
K = len(CHANNELS)
DRAWS = 400
NOBODY = Leanings(np.ones((1, K)))
OPTIONS = AttributionSettings()


def world(source: np.random.Generator) -> Floats:
    """A chain, (K + 1, K + 2): rows of chance, conversions rarer than journeys that end without one."""
    chain = source.dirichlet(np.array([1.0] * K + [0.5, 1.5]), size=K + 1)
    chain[K, K:] = 0.0
    return markov.rows(chain)


def sample(chain: Floats, journeys: int, source: np.random.Generator) -> Chains:
    """Journeys of a chain, all walked at once."""
    bounds = chain.cumsum(axis=1)
    state, alive = np.full(journeys, K), np.arange(journeys)
    converted = np.zeros(journeys)
    walked: list[tuple[np.ndarray, np.ndarray]] = []
    while alive.size:
        step = (source.random(alive.size)[:, None] > bounds[state[alive]]).sum(axis=1)
        converted[alive[step == K]] = 1.0
        alive, step = alive[step < K], step[step < K]
        state[alive] = step
        walked.append((alive, step))
    owner = np.concatenate([journey for journey, _ in walked])
    order = np.argsort(owner, kind="stable")
    states = np.concatenate([step for _, step in walked])[order]
    lengths = np.bincount(owner, minlength=journeys)
    ages = source.exponential(7.0, states.size)
    return Chains(CHANNELS, states, offsets_of(lengths), converted, 1.0 - converted, ages)


def measured(chains: Chains, bootstrap: intervals.Bootstrap | None, seed: int) -> dict[str, tuple[Floats, ...]]:
    """Model → point, low, high; only points without a bootstrap."""
    one = np.zeros(chains.size, dtype=np.int64)
    counts = transitions(chains, one, 1)[0]
    converting, _ = chains.converting()
    found: dict[str, tuple[Floats, ...]] = {"markov": (markov.shares(counts),)}
    drawn: dict[str, Floats] = {}
    blocks = min(converting.size, intervals.BLOCKS)
    cell = cells(converting, np.arange(converting.size) % blocks)
    for model, weight in touch_weights(converting, OPTIONS).items():
        credits = sums(converting, weight, cell, blocks)
        point = markov.normalised(credits.sum(axis=0))
        found[model] = (point,)
        if bootstrap is not None:
            drawn[model] = bootstrap.shares(credits[None])[0]
    half = zip(found["markov"], found["shapley"], strict=True)
    found["hybrid"] = tuple(OPTIONS.hybrid_alpha * m + (1 - OPTIONS.hybrid_alpha) * s for m, s in half)
    if bootstrap is not None:
        source = intervals.generator(seed, "coverage")
        drawn["markov"] = intervals.markov_draws(counts[None], NOBODY, DRAWS, source)
        hybrid = Hybrid.of(chains, converting, bootstrap, OPTIONS.hybrid_alpha)
        drawn["hybrid"] = hybrid.draws(drawn["markov"], drawn["shapley"])
        for model, draws in drawn.items():
            found[model] += intervals.limits(draws, found[model][0])
    return found


def coverage(chain: Floats, journeys: int, replications: int, source: np.random.Generator) -> dict[str, list[float]]:
    """Model → coverage and mean width over channels."""
    truth = {model: values[0] for model, values in measured(sample(chain, 1_000_000, source), None, 0).items()}
    truth["markov"] = markov.normalised(markov.losses(chain))
    bootstrap = intervals.Bootstrap.drawn(DRAWS, 1)
    inside: dict[str, list[list[float]]] = {model: [] for model in truth}
    for replication in range(replications):
        found = measured(sample(chain, journeys, source), bootstrap, replication)
        for model, (_, low, high) in found.items():
            held = float(((low <= truth[model]) & (truth[model] <= high)).mean())
            inside[model].append([held, float((high - low).mean())])
    return {model: np.mean(values, axis=0).tolist() for model, values in inside.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--journeys", type=int, nargs="+", default=[300, 3000])
    parser.add_argument("--worlds", type=int, default=5)
    asked = parser.parse_args()
    for journeys in asked.journeys:
        source = np.random.default_rng(20240528)
        each = asked.replications // asked.worlds
        worlds = [coverage(world(source), journeys, each, source) for _ in range(asked.worlds)]
        print(f"{journeys} journeys, {asked.worlds} worlds × {each} replications: coverage, mean width")
        for model in worlds[0]:
            held, width = np.mean([found[model] for found in worlds], axis=0)
            print(f"  {model:15} {held:.3f}  {width:.3f}")


if __name__ == "__main__":
    main()
