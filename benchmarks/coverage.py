"""Do the 90 % intervals of a whole storm hold the truth nine times in ten? Replications of storms whose truth is known.

Each replication has a chain of its own over five channels (`typical`: that of a storm-response campaign), with journeys
that do not convert. With personas, four of them lean to channels of their own, and the model is told the right
multipliers, their inverse (`wrong`), none (`absent`), or not even whose journeys are whose (`unknown`). Prints, for
each model, coverage and mean width, averaged over channels, with the standard error of the coverage over the storms.

    python benchmarks/coverage.py [--replications 1000] [--journeys 300 3000] [--worlds random typical right …]
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np
from known_chains import LEANS, TOLD, TYPICAL, K, coded, priors, sample, truth, world

from stormops_graph.attribution.answers import How, storm_answers
from stormops_graph.attribution.chains import Floats
from stormops_graph.attribution.counting import ZipCounts, storm_chains
from stormops_graph.attribution.intervals import Bootstrap
from stormops_graph.attribution.leanings import Leanings
from stormops_graph.settings import AttributionSettings

OPTIONS = AttributionSettings(draws=400)
BOOTSTRAP = Bootstrap.drawn(OPTIONS.draws, 1)
WORLDS = ("random", "typical", *TOLD)
Found = dict[str, list[tuple[float, float]]]
"""Model -> coverage and width of each storm."""


def measure(kind: str, journeys: int, source: np.random.Generator, found: Found) -> None:
    """One storm: the intervals of each model against the truth."""
    chains = (TYPICAL if kind == "typical" else world(source))[None]
    if kind in TOLD:
        chains = Leanings(LEANS).tilted(chains[0])
    mix = source.dirichlet(np.ones(len(chains)))
    of_each = source.multinomial(journeys, mix)
    walks = [
        (each, sample(chain, size, source))
        for each, (chain, size) in enumerate(zip(chains, of_each, strict=True))
        if size
    ]
    storm = storm_chains(next(coded([journeys], walks, kind).storms()), "channel", OPTIONS, priors(kind))
    if len(storm.names) < K or not storm.converting.size:
        return  # a channel that nobody met has no answer
    answers = storm_answers(storm, ZipCounts(storm).total, How.of(storm, OPTIONS, BOOTSTRAP))
    for model, right in truth(chains, mix).items():
        low, high = bounds(answers[model].low, answers[model].high)
        found[model].append((float(((low <= right) & (right <= high)).mean()), float((high - low).mean())))


def bounds(low: Floats | None, high: Floats | None) -> tuple[Floats, Floats]:
    """The two ends of an interval that is there."""
    assert low is not None and high is not None
    return low, high


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--journeys", type=int, nargs="+", default=[300, 3000])
    parser.add_argument("--worlds", nargs="+", default=WORLDS, choices=WORLDS)
    asked = parser.parse_args()
    for kind in asked.worlds:
        for journeys in asked.journeys:
            found: Found = defaultdict(list)
            for replication in range(asked.replications):
                measure(kind, journeys, np.random.default_rng([20240528, replication]), found)
            print(
                f"{kind}: {len(found['markov'])} storms of {journeys} journeys; coverage ± standard error, mean width"
            )
            for model, rows in sorted(found.items()):
                held, width = np.transpose(rows)
                print(f"  {model:15} {held.mean():.3f} ± {held.std() / len(held) ** 0.5:.3f}  {width.mean():.3f}")


if __name__ == "__main__":
    main()
