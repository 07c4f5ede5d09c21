"""How long a million journeys take: from path strings beside ChannelAttribution, and from a Parquet of touches.

ChannelAttribution (GPL-3, and matplotlib, which it needs without saying so) is installed for this comparison only.

    python benchmarks/attribution_speed.py [--journeys 1000000] [--channels 8] [--touches 4] [--zips 100]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from stormops_graph.attribution import attribute, paths, read_journey_file
from stormops_graph.settings import AttributionSettings

try:
    from ChannelAttribution import markov_model
except ImportError:
    markov_model = None

ROUNDS = 3
ROWS = """
COPY (
    SELECT 'property-' || lpad(journey::VARCHAR, 8, '0') AS property_id, (75001 + hash(journey) % $zips)::VARCHAR
           AS zip_code, 'DFW_STORM_24' AS event_id, 'channel' || hash(journey, step) % $channels AS channel,
           CASE WHEN hash(journey, step, 1) % 3 > 0 THEN 'play' || hash(journey, step, 2) % 8 END AS play_id,
           TIMESTAMP '2024-05-28' + INTERVAL (step) DAY + INTERVAL (hash(journey, step, 3) % 80000) SECOND
           AS timestamp, last AND hash(journey, 4) % 5 = 0 AS converted, 100.0 AS conversion_value
    FROM (
        SELECT journey, step, step = steps AS last
        FROM (SELECT range AS journey, hash(range, 5) % (2 * $touches - 1) AS steps FROM range($journeys)),
             (SELECT range AS step FROM range(2 * $touches - 1))
        WHERE step <= steps
    ) ORDER BY hash(journey, step)
) TO '{file}'
"""


def best(work: Callable[[], object]) -> tuple[float, float]:
    """Least CPU and wall seconds of a few rounds, the first of which warms up."""
    taken = []
    for _ in range(ROUNDS + 1):
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        taken.append((time.process_time() - cpu, time.perf_counter() - wall))
    return min(cpu for cpu, _ in taken[1:]), min(wall for _, wall in taken[1:])


def path_table(journeys: int, channels: int, touches: float) -> pd.DataFrame:
    """Paths with popular and rare channels and lengths that fall off, one journey a row, a fifth converting."""
    source = np.random.default_rng(1)
    lengths = source.geometric(1 / touches, journeys)
    popularity = np.arange(channels, 0, -1) / (channels * (channels + 1) / 2)
    steps = iter(source.choice([f"channel{i}" for i in range(channels)], lengths.sum(), p=popularity).tolist())
    strings = [" > ".join(next(steps) for _ in range(length)) for length in lengths.tolist()]
    converted = (source.random(journeys) < 0.2).astype(int)
    return pd.DataFrame({"path": strings, "conversions": converted, "nulls": 1 - converted})


def compare_strings(asked: argparse.Namespace) -> None:
    table = path_table(asked.journeys, asked.channels, asked.touches)
    print(f"{len(table):,} path strings, {table['path'].nunique():,} distinct; CPU and wall seconds, best of {ROUNDS}")
    ours = best(lambda: paths(table["path"], table["conversions"], table["nulls"]))
    print(f"  stormops-graph, Markov, Shapley and four heuristics  {ours[0]:6.2f} {ours[1]:6.2f}")
    if markov_model is None:
        print("  ChannelAttribution is not installed: nothing to compare with")
        return
    columns = {"var_path": "path", "var_conv": "conversions", "var_null": "nulls"}
    theirs = best(lambda: markov_model(table, **columns, verbose=False, flg_pro=False))
    print(f"  ChannelAttribution, Markov alone                     {theirs[0]:6.2f} {theirs[1]:6.2f}")
    print(
        f"  ratio                                                {theirs[0] / ours[0]:6.1f} {theirs[1] / ours[1]:6.1f}"
    )


def time_rows(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        file = Path(folder) / "journeys.parquet"
        figures = {"journeys": asked.journeys, "channels": asked.channels, "zips": asked.zips}
        con.execute(ROWS.format(file=file), {**figures, "touches": round(asked.touches)})
        cpu, wall = time.process_time(), time.perf_counter()
        read = read_journey_file(con, file)
        read_wall = time.perf_counter() - wall
        attribute(con, AttributionSettings())
        total, spent = time.perf_counter() - wall, time.process_time() - cpu
        print(f"{read.journeys:,} journeys of {read.touches:,} rows in {asked.zips} ZIPs from Parquet, all models")
        print(f"  wall {total:.1f} s ({read_wall:.1f} s reading), CPU {spent:.1f} s")
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--journeys", type=int, default=1_000_000)
    parser.add_argument("--channels", type=int, default=8)
    parser.add_argument("--touches", type=float, default=4)
    parser.add_argument("--zips", type=int, default=100)
    asked = parser.parse_args()
    time_rows(asked)
    compare_strings(asked)


if __name__ == "__main__":
    main()
