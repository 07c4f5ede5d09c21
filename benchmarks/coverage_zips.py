"""Do the 90 % intervals of small ZIPs hold the truth nine times in ten? Replications of storms whose truth is known.

A storm has 30 ZIPs of 5, 20 and 100 journeys, or those asked for; one ZIP is answered as its storm is. The rows of a
ZIP's chain vary around the storm's: by a Dirichlet of concentration 50 (the family of the model), by normal noise of
the logits, or because a ZIP is of one of two kinds (not its family). The storm's chain is that of a storm-response
campaign (`typical`), or another one in each storm. `known` are the intervals of somebody who knows the storm's chain
and the concentration: where the family is right nothing honest is narrower. With personas, a ZIP has a mix of four,
whose rows are the storm's, tilted by multipliers, and vary by ZIP too; the model is told the right multipliers, their
inverse (`wrong`), none (`absent`), or not even whose journeys are whose (`unknown`). Truths are exact, by the chain.
The standard error is that of the storms, whose ZIPs err together.

    python benchmarks/coverage_zips.py [--replications 100] [--sizes 5 20 100] [--worlds typical dirichlet right …]
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np
from coverage import BOOTSTRAP, OPTIONS, bounds
from known_chains import LEANS, TOLD, TYPICAL, K, coded, priors, sample, truth, world

from stormops_graph.attribution import markov
from stormops_graph.attribution.answers import Answers, How, Pooled, storm_answers
from stormops_graph.attribution.chains import Floats, transitions
from stormops_graph.attribution.coding import CodedJourneys
from stormops_graph.attribution.counting import ZipCounts, storm_chains
from stormops_graph.attribution.intervals import limits
from stormops_graph.attribution.leanings import Leanings

SIZES = (5,) * 10 + (20,) * 10 + (100,) * 10
CONCENTRATION = 50.0
WORLDS = ("typical", "typical-logits", "typical-kinds", "dirichlet", "logits", "kinds", *TOLD)


def varied(rows: Floats, how: str, source: np.random.Generator) -> Floats:
    """A ZIP's rows around the storm's."""
    if how.endswith("logits"):
        noisy = rows * np.exp(source.normal(0.0, 0.4, rows.shape))
    elif how.endswith("kinds"):
        noisy = rows * np.exp(np.where(source.random() < 0.5, 1.0, -1.0) * KIND)
    else:
        noisy = source.standard_gamma(CONCENTRATION * rows) + 1e-12 * rows
    return markov.rows(noisy)


KIND = np.random.default_rng(9).normal(0.0, 0.3, (K + 1, K + 2))


def storm_of(
    kind: str, sizes: tuple[int, ...], source: np.random.Generator
) -> tuple[CodedJourneys, Floats, list[dict[str, Floats]]]:
    """Journeys of a storm, its chain, and the truth about its ZIPs."""
    rows = TYPICAL if kind.startswith("typical") else world(source)
    tilted = Leanings(LEANS).tilted(rows) if kind in TOLD else rows[None]
    walks, truths = [], []
    for size in sizes:
        mix = source.dirichlet(np.ones(len(tilted)))
        chains = np.array([varied(each, kind, source) for each in tilted])
        who = np.bincount(source.choice(len(mix), size, p=mix), minlength=len(mix))
        walks += [(each, sample(chains[each], int(who[each]), source)) for each in np.flatnonzero(who)]
        truths.append(truth(chains, mix))
    return coded(sizes, walks, kind), rows, truths


def known(rows: Floats, journeys: CodedJourneys, number: int, source: np.random.Generator) -> tuple[Floats, Floats]:
    """Low and high of a ZIP's Markov shares, its rows being known to be of the concentration around the storm's."""
    chains, of = journeys.chains("channel")
    first, last = np.searchsorted(journeys.area[of], [number, number + 1])
    mine = chains.between(first, last)
    counts = transitions(mine, np.zeros(mine.size, dtype=np.int64), 1)[0]
    around = np.repeat((CONCENTRATION * rows + counts)[None], OPTIONS.draws, axis=0)
    drawn = markov.normalised(markov.losses(markov.rows(source.standard_gamma(around) + 1e-12 * around)))
    return limits(drawn, drawn.mean(axis=0))


def answered(journeys: CodedJourneys, kind: str) -> list[Answers | None]:
    """The answers for each ZIP of a storm; none where the storm has no conversion."""
    storm = storm_chains(journeys, "channel", OPTIONS, priors(kind))
    if not storm.converting.size:
        return [None] * len(journeys.areas)
    zips, how = ZipCounts(storm), How.of(storm, OPTIONS, BOOTSTRAP)
    if len(zips.present) == 1:
        return [storm_answers(storm, zips.total, how)]
    pooled = Pooled.of(zips, OPTIONS.hybrid_alpha, how.memory)
    return [pooled.answers(number, how) for number in zips.present]


Row = tuple[float, float, float]
"""Coverage, width and squared error, averaged over the channels and ZIPs of a size in one storm."""


def measured(kind: str, replications: int, sizes: tuple[int, ...]) -> dict[tuple[str, int], list[Row]]:
    """(Model, journeys) -> a row for each storm."""
    found: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for replication in range(replications):
        source = np.random.default_rng([20240528, replication])
        journeys, rows, truths = storm_of(kind, sizes, source)
        if not (np.bincount(journeys.states["channel"], minlength=K) > 0).all():
            continue  # a channel that nobody met has no answer
        of_storm: dict[tuple[str, int], list[Row]] = defaultdict(list)
        for number, (size, true, answers) in enumerate(zip(sizes, truths, answered(journeys, kind), strict=True)):
            if answers is None:
                continue
            for model, right in true.items():
                of_storm[model, size].append(
                    _row(bounds(answers[model].low, answers[model].high), right, answers[model].share)
                )
            if kind in ("typical", "dirichlet"):
                low, high = known(rows, journeys, number, source)
                of_storm["known", size].append(_row((low, high), true["markov"], (low + high) / 2))
        for key, of_zips in of_storm.items():
            found[key].append(tuple(np.mean(of_zips, axis=0).tolist()))
    return found


def _row(ends: tuple[Floats, Floats], true: Floats, share: Floats) -> Row:
    low, high = ends
    held = (low <= true) & (true <= high)
    return float(held.mean()), float((high - low).mean()), float(((share - true) ** 2).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=100)
    parser.add_argument("--worlds", nargs="+", default=WORLDS, choices=WORLDS)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="journeys of each ZIP")
    asked = parser.parse_args()
    for kind in asked.worlds:
        print(f"{kind}: journeys of a ZIP, storms; coverage ± standard error, mean width, RMSE")
        for (model, size), rows in sorted(measured(kind, asked.replications, tuple(asked.sizes)).items()):
            held, width, error = np.transpose(rows)
            deviation = f"{held.mean():.3f} ± {held.std() / len(held) ** 0.5:.3f}"
            print(
                f"  {model:15} {size:4} {len(rows):5}  {deviation}  {width.mean():.3f}  {error.mean() ** 0.5:.5f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
