"""Do the 90 % intervals of small ZIPs hold the truth nine times in ten? Replications of storms whose truth is known.

A storm has 30 ZIPs of 5, 20 and 100 journeys, or those asked for; one ZIP is answered as its storm is. The rows of a
ZIP's chain vary around the storm's: by a Dirichlet of concentration 50 (the family of the model), by normal noise of
the logits, or because a ZIP is of one of two kinds (not its family). The storm's chain is that of a storm-response
campaign (`typical`), or another one in each storm. `known` are the intervals of somebody who knows the storm's chain
and the concentration: where the family is right nothing honest is narrower. With personas, a ZIP has a mix of four,
whose rows are the storm's, tilted by multipliers, and vary by ZIP too; the model is told the right multipliers, their
inverse, or none. Truths are exact, by the chain.

    python benchmarks/coverage_zips.py [--replications 100] [--sizes 5 20 100] [--worlds typical dirichlet right …]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from itertools import combinations

import numpy as np
from coverage import CHANNELS, K, sample, world

from stormops_graph.attribution import markov
from stormops_graph.attribution.answers import Answers, How, Pooled, storm_answers
from stormops_graph.attribution.chains import Floats, transitions
from stormops_graph.attribution.coding import CodedJourneys
from stormops_graph.attribution.counting import ZipCounts, storm_chains
from stormops_graph.attribution.intervals import Bootstrap, limits
from stormops_graph.attribution.leanings import Leanings
from stormops_graph.settings import AttributionSettings

SIZES = (5,) * 10 + (20,) * 10 + (100,) * 10
OPTIONS = AttributionSettings(draws=400)
BOOTSTRAP = Bootstrap.drawn(OPTIONS.draws, 1)
CONCENTRATION = 50.0
PERSONAS = ("Deal_Hunter", "Family_Protector", "Proof_Seeker", "Status_Conscious")
LEANS = np.array([[1, 0.5, 2, 1, 1], [1, 1, 1, 2, 0.5], [1, 2, 1, 1, 0.5], [1, 0.5, 1, 1, 2.0]])
WORLDS = ("typical", "typical-logits", "typical-kinds", "dirichlet", "logits", "kinds", "right", "wrong", "absent")
# ga4, email, sms, call, door_knock, then the start: the chance of each channel, of a conversion, of the end without one
TYPICAL = np.array(
    [
        [0.10, 0.30, 0.10, 0.05, 0.25, 0.02, 0.18],
        [0.10, 0.05, 0.05, 0.20, 0.25, 0.10, 0.25],
        [0.05, 0.05, 0.05, 0.25, 0.15, 0.15, 0.30],
        [0.05, 0.05, 0.05, 0.05, 0.10, 0.45, 0.25],
        [0.05, 0.20, 0.10, 0.25, 0.05, 0.15, 0.20],
        [0.60, 0.10, 0.05, 0.05, 0.20, 0.00, 0.00],
    ]
)


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
) -> tuple[CodedJourneys, Floats, list[Floats]]:
    """Journeys of a storm, its chain, and those of its ZIPs."""
    rows = TYPICAL if kind.startswith("typical") else world(source)
    is_mixed = kind in ("right", "wrong", "absent")
    tilted = Leanings(LEANS).tilted(rows) if is_mixed else rows[None]
    walks, persona, truths = [], [], []
    for size in sizes:
        mix = source.dirichlet(np.ones(len(tilted)))
        chains = [varied(each, kind, source) for each in tilted]
        who = source.choice(len(mix), size, p=mix)
        for each, chain in enumerate(chains):
            count = int((who == each).sum())
            if count:
                walks.append(sample(chain, count, source))
                persona.append(np.full(count, each))
        truths.append(mixed(np.array(chains), mix))
    return (
        CodedJourneys(
            tuple(("S", f"{i:05}") for i in range(len(sizes))),
            np.repeat(np.arange(len(sizes)), sizes),
            np.concatenate([walk.conversions for walk in walks]) > 0,
            np.zeros(sum(sizes)),
            PERSONAS[: len(tilted)] if is_mixed else ("",),
            np.concatenate(persona),
            np.concatenate([walk.lengths for walk in walks]),
            {"channel": CHANNELS},
            {"channel": np.concatenate([walk.states for walk in walks])},
            np.concatenate([walk.ages for walk in walks if walk.ages is not None]),
        ),
        rows,
        truths,
    )


def mixed(chains: Floats, mix: Floats) -> Floats:
    """The chain that journeys of several personas make together."""
    steps, start = chains[:, :K, :K], chains[:, K, :K]
    visits = np.linalg.solve(np.eye(K) - steps.swapaxes(1, 2), start[..., None])[..., 0]
    weight = mix[:, None] * np.concatenate([visits, np.ones((len(mix), 1))], axis=1)
    return markov.rows((weight[..., None] * chains).sum(axis=0))


def truth(chain: Floats) -> dict[str, Floats]:
    """Shares of four models in the long run of a chain."""
    steps, start, convert = chain[:K, :K], chain[K, :K], chain[:K, K]
    visits = np.linalg.inv(np.eye(K) - steps)
    within: dict[tuple[int, ...], float] = {(): 0.0}
    shapley = np.zeros(K)
    for size in range(1, K + 1):
        for kept in combinations(range(K), size):
            states = np.array(kept)
            inside = np.linalg.solve(np.eye(size) - steps[np.ix_(states, states)], convert[states])
            parts = sum(within[part] for less in range(size) for part in combinations(kept, less))
            within[kept] = float(start[states] @ inside) - parts  # the journeys of just these states
            shapley[states] += within[kept] / size
    exact = {
        "markov": markov.losses(chain),
        "shapley": shapley,
        "first_touch": start * (visits @ convert),
        "last_touch": (start @ visits) * convert,
    }
    found = {model: markov.normalised(values) for model, values in exact.items()}
    return found | {"hybrid": 0.5 * found["markov"] + 0.5 * found["shapley"]}


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
    leans = {"right": LEANS, "wrong": 1 / LEANS}.get(kind)
    told = None if leans is None else {
        persona: {"channels": dict(zip(CHANNELS, row.tolist(), strict=True))}
        for persona, row in zip(PERSONAS, leans, strict=True)
    }  # fmt: skip
    storm = storm_chains(journeys, "channel", OPTIONS, told)
    if not storm.converting.size:
        return [None] * len(journeys.areas)
    zips, how = ZipCounts(storm), How.of(storm, OPTIONS, BOOTSTRAP)
    if len(zips.present) == 1:
        return [storm_answers(storm, zips.total, how)]
    pooled = Pooled.of(zips, OPTIONS.hybrid_alpha, how.memory)
    return [pooled.answers(number, how) for number in zips.present]


def measured(kind: str, replications: int, sizes: tuple[int, ...]) -> dict[tuple[str, int], Floats]:
    """(Model, journeys) -> coverage, width, squared error, averaged over channels, ZIPs and replications."""
    found: dict[tuple[str, int], list[Floats]] = defaultdict(list)
    for replication in range(replications):
        source = np.random.default_rng([20240528, replication])
        journeys, rows, chains = storm_of(kind, sizes, source)
        seen = np.bincount(journeys.states["channel"], minlength=K) > 0
        if not seen.all():
            continue  # a channel that nobody met has no answer
        for number, (size, chain, answers) in enumerate(zip(sizes, chains, answered(journeys, kind), strict=True)):
            if answers is None:
                continue
            for model, true in truth(chain).items():
                answer = answers[model]
                if answer.low is not None and answer.high is not None:
                    found[model, size].append(_row(answer.low, answer.high, true, answer.share))
            if kind in ("typical", "dirichlet"):
                low, high = known(rows, journeys, number, source)
                found["known", size].append(_row(low, high, truth(chain)["markov"], (low + high) / 2))
    return {key: np.mean(rows, axis=0) for key, rows in found.items()}


def _row(low: Floats, high: Floats, true: Floats, share: Floats) -> Floats:
    held = (low <= true) & (true <= high)
    return np.array([held.mean(), (high - low).mean(), ((share - true) ** 2).mean()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=100)
    parser.add_argument("--worlds", nargs="+", default=WORLDS, choices=WORLDS)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="journeys of each ZIP")
    asked = parser.parse_args()
    for kind in asked.worlds:
        print(f"{kind}: {asked.replications} storms; journeys of a ZIP, coverage, mean width, RMSE")
        for (model, size), (held, width, error) in sorted(
            measured(kind, asked.replications, tuple(asked.sizes)).items()
        ):
            print(f"  {model:12} {size:4}  {held:.3f}  {width:.3f}  {error**0.5:.5f}")


if __name__ == "__main__":
    main()
