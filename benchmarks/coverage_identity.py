"""Do the 90 % intervals hold the truth where it is in doubt who visited? With draws of the memberships, and without.

A storm of homes with journeys of a fixed chain (`known_chains.TYPICAL`). A home that the web visits of another could
belong to is found for as many as there are homes without visits; whose they are has the probability that follows from
the chain and the times. As `resolve` does, visits are placed at a home with at least 0.9, and stay alone else. The
truth is exact, by the chain.

    python benchmarks/coverage_identity.py [--replications 60] [--homes 300 1500]
"""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import duckdb
import numpy as np
from known_chains import CHANNELS, TYPICAL, K, sample, truth

from stormops_graph.attribution.credits import attribute
from stormops_graph.attribution.worlds import journeys_of_all
from stormops_graph.journeys import no_doubts
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import MEMBER_IN_DOUBT, OTHER_HOUSEHOLD, TRACE, Connection

DRAWS, MEMBERSHIPS = 400, 40
START = datetime(2024, 5, 1)
PLACED = 0.9
STARTS, GAP = 6.0, 3.0  # days: journeys begin within, and mean time between two touches
GA4 = CHANNELS.index("ga4")
MODELS = ("markov", "shapley", "hybrid", "first_touch", "last_touch")
Timeline = list[tuple[float, int]]  # day and state of each touch, in order


class Home(NamedTuple):
    """What a home did."""

    name: str
    touches: Timeline
    converted: bool

    @property
    def visits(self) -> Timeline:
        return [touch for touch in self.touches if touch[1] == GA4]

    @property
    def others(self) -> Timeline:
        return [touch for touch in self.touches if touch[1] != GA4]


def homes_of(number: int, source: np.random.Generator) -> list[Home]:
    chains, homes = sample(TYPICAL, number, source), []
    for home in range(number):
        states = chains.states[chains.offsets[home] : chains.offsets[home + 1]]
        days = source.uniform(0, STARTS) + np.concatenate([[0.0], source.exponential(GAP, len(states) - 1).cumsum()])
        touches = list(zip(days.tolist(), states.tolist(), strict=True))
        homes.append(Home(f"home{home}", touches, bool(chains.conversions[home])))
    return homes


def log_chance(touches: Timeline, last: float, converted: bool) -> float:
    """Log density of a home's journey that ended with a conversion on the day `last`, or with none."""
    if not touches or touches[0][0] > STARTS or (converted and touches[-1][0] != last):
        return -np.inf
    states = [K, *(state for _, state in touches), K if converted else K + 1]
    steps = sum(float(np.log(TYPICAL[here, there])) for here, there in pairwise(states))
    return steps - (touches[-1][0] - touches[0][0]) / GAP - (len(touches) - 1) * float(np.log(GAP))


def chance_of(owner: Home, other: Home) -> float:
    """How probable it is that the visits are the owner's, where one of the two has them all and the other none."""

    def with_visits(home: Home, visits: Timeline) -> float:
        return log_chance(sorted([*home.others, *visits]), home.touches[-1][0], home.converted)

    right = with_visits(owner, owner.visits) + with_visits(other, [])
    wrong = with_visits(owner, []) + with_visits(other, owner.visits)
    return float(1.0 / (1.0 + np.exp(np.clip(wrong - right, -700, 700))))


def fill_world(con: Connection, number: int, source: np.random.Generator) -> None:
    """Traces of homes, visits in doubt, and the journeys by the likeliest memberships."""
    traces, members, others = [], [], []

    def trace(household: str, record: str, day: float, channel: str | None) -> None:
        at, name = START + timedelta(days=day), f"{record}.{day}"
        traces.append((household, None, record, name, channel is None, at, "S", channel, None, None))

    homes = homes_of(number, source)
    doubles = [home for home in homes if not home.visits]
    for home in homes:
        for day, state in home.others:
            trace(home.name, home.name, day, CHANNELS[state])
        if home.converted:
            trace(home.name, home.name, home.touches[-1][0], None)
        if not home.visits:
            continue
        cookie, lives = f"cookie of {home.name}", home.name
        if doubles:
            double = doubles.pop()
            chances = {home.name: (right := chance_of(home, double)), double.name: 1.0 - right}
            likeliest = max(chances, key=lambda name: chances[name])
            lives = likeliest if chances[likeliest] >= PLACED else f"of {cookie}"
            if lives == likeliest:
                members.append((cookie, lives, None, chances[likeliest], False))
            others += [(cookie, lives, name, chances[name]) for name in sorted(chances) if name != lives]
        for day, _ in home.visits:
            trace(lives, cookie, day, "ga4")
    no_doubts(con)
    for table, rows in ((TRACE, traces), (MEMBER_IN_DOUBT, members), (OTHER_HOUSEHOLD, others)):
        table.append(con, rows)
    journeys_of_all(con)


def covered(homes: int, replications: int) -> dict[tuple[str, int], np.ndarray]:
    """(Model, draws of the memberships) -> coverage, width, error of the share, averaged over channels."""
    true, found = (
        truth(TYPICAL[None], np.ones(1)),
        {(model, times): [] for model in MODELS for times in (0, MEMBERSHIPS)},
    )
    for replication in range(replications):
        with duckdb.connect() as con:
            fill_world(con, homes, np.random.default_rng([20240528, replication]))
            for times in (0, MEMBERSHIPS):
                attribute(con, AttributionSettings(draws=DRAWS, identity_draws=times), zip_codes=["ALL"])
                rows = con.execute("SELECT model, key, share, low, high FROM credit WHERE dimension = 'channel'")
                for model, key, share, low, high in rows.fetchall():
                    if model in MODELS:
                        right = true[model][CHANNELS.index(key)]
                        found[model, times].append((low <= right <= high, high - low, share - right))
    return {key: np.array(rows, dtype=float) for key, rows in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=60)
    parser.add_argument("--homes", type=int, nargs="+", default=[300, 1500])
    asked = parser.parse_args()
    for homes in asked.homes:
        print(
            f"{homes} homes, {asked.replications} storms: coverage ± standard error, width, if sure -> in doubt; RMSE"
        )
        found = covered(homes, asked.replications)
        for model in MODELS:
            storms = [found[model, times].reshape(asked.replications, -1, 3) for times in (0, MEMBERSHIPS)]
            held, wide = zip(*(told(each.mean(axis=1)) for each in storms), strict=True)
            error = float((storms[0][..., 2] ** 2).mean() ** 0.5)
            print(f"  {model:12} {' -> '.join(held)}  {' -> '.join(wide)}  {error:.4f}", flush=True)


def told(storms: np.ndarray) -> tuple[str, str]:
    """Coverage with its standard error, and width, from those of each storm."""
    held = storms[:, 0]
    return f"{held.mean():.3f} ± {held.std() / len(held) ** 0.5:.3f}", f"{storms[:, 1].mean():.3f}"


if __name__ == "__main__":
    main()
