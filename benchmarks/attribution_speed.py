"""How long attribution takes: a Parquet of a million journeys, path strings beside two other packages, ten million
path strings, a storm of many ZIPs, and a storm that is credited anew after new touches. CPU and wall seconds.

ChannelAttribution (GPL-3; it needs matplotlib without saying so) and DP6's marketing-attribution-models are installed
for this comparison only, best in a folder of their own that PYTHONPATH names.

    pip install --target PEERS ChannelAttribution marketing-attribution-models matplotlib
    PYTHONPATH=PEERS python benchmarks/attribution_speed.py [--journeys 1000000] [--channels 8] [--parts strings …]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stormops_graph.attribution import paths
from stormops_graph.attribution.credits import attribute
from stormops_graph.attribution.journey_file import read_journey_file
from stormops_graph.settings import AttributionSettings

try:
    from ChannelAttribution import markov_model
except ImportError:
    markov_model = None
try:
    from mam.core import MAM
except ImportError:
    MAM = None

ROUNDS = 3
CHUNK = 1_000_000
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
NEW_TOUCHES = """
INSERT INTO journey_touch
SELECT journey_id, max(position) + 1, NULL, 'channel0', NULL, max("at") + INTERVAL 1 HOUR
FROM journey_touch WHERE hash(journey_id) % 100 = 0 GROUP BY journey_id
"""


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def best(work: Callable[[], object]) -> tuple[float, float]:
    """Least CPU and wall seconds of a few rounds, the first of which warms up."""
    taken = [spent(work) for _ in range(ROUNDS + 1)][1:]
    return min(cpu for cpu, _ in taken), min(wall for _, wall in taken)


def told(what: str, taken: tuple[float, float]) -> None:
    print(f"  {what:<56}{taken[0]:6.2f} {taken[1]:6.2f}")


def peak() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB"


def path_table(journeys: int, channels: int, touches: float) -> pa.Table:
    """Paths with popular and rare channels and lengths that fall off, one journey a row, a fifth converting."""
    source = np.random.default_rng(1)
    popularity = np.arange(channels, 0, -1) / (channels * (channels + 1) / 2)
    names, chunks = pa.array([f"channel{i}" for i in range(channels)]), []
    for begin in range(0, journeys, CHUNK):
        lengths = source.geometric(1 / touches, min(CHUNK, journeys - begin))
        offsets = pa.array(np.concatenate([[0], lengths.cumsum()]).astype(np.int32))
        steps = names.take(pa.array(source.choice(channels, lengths.sum(), p=popularity)))
        chunks.append(pc.binary_join(pa.ListArray.from_arrays(offsets, steps), " > "))
    converted = (source.random(journeys) < 0.2).astype(np.int64)
    return pa.table({"path": pa.chunked_array(chunks), "conversions": converted, "nulls": 1 - converted})


def compare_strings(asked: argparse.Namespace) -> None:
    table = path_table(asked.journeys, asked.channels, asked.touches)
    print(f"{len(table):,} path strings, {pc.count_distinct(table['path']).as_py():,} distinct, best of {ROUNDS}")
    given = table["path"], table["conversions"].to_numpy(), table["nulls"].to_numpy()
    ours = best(lambda: paths(*given))
    told("stormops-graph, Markov, Shapley and four heuristics", ours)
    print(f"  peak memory so far {peak()}")
    for name, work in peers(table):
        if work is None:
            print(f"  {name} is not installed: nothing to compare with")
            continue
        theirs = best(work)
        told(f"{name}, Markov alone", theirs)
        told("  times ours", (theirs[0] / ours[0], theirs[1] / ours[1]))


def peers(table: pa.Table) -> Iterator[tuple[str, Callable[[], object] | None]]:
    """What other packages take for their Markov credits of the same paths, handed over as they like them best."""
    frame = table.to_pandas()
    columns = {"var_path": "path", "var_conv": "conversions", "var_null": "nulls"}
    yield (
        "ChannelAttribution",
        markov_model and (lambda: markov_model(frame, **columns, verbose=False, flg_pro=False)),
    )
    grouped = frame.assign(occurrences=1)
    yield "DP6", MAM and (lambda: MAM(grouped, "grouped_journey", "path", "conversions").run_markov(True).to_dict())


def time_many_strings(asked: argparse.Namespace) -> None:
    table = path_table(10 * asked.journeys, asked.channels, asked.touches)
    given = table["path"], table["conversions"].to_numpy(), table["nulls"].to_numpy()
    told(f"{len(table):,} path strings", spent(lambda: paths(*given)))
    print(f"  peak memory {peak()}, of which the strings {table.nbytes / 1e9:.2f} GB")


def filled(con: duckdb.DuckDBPyConnection, folder: Path, journeys: int, zips: int, asked: argparse.Namespace) -> Path:
    """A Parquet file of journeys."""
    con.execute("SET enable_progress_bar = false")
    file = folder / "journeys.parquet"
    figures = {"journeys": journeys, "channels": asked.channels, "zips": zips, "touches": round(asked.touches)}
    con.execute(ROWS.format(file=file), figures)
    return file


def time_rows(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        file = filled(con, Path(folder), asked.journeys, asked.zips, asked)
        read = spent(lambda: read_journey_file(con, file))
        credited = spent(lambda: attribute(con, AttributionSettings()))
        print(f"{asked.journeys:,} journeys in {asked.zips} ZIPs from Parquet, all models; CPU and wall seconds")
        told("reading", read)
        told("crediting", credited)
        told("together", (read[0] + credited[0], read[1] + credited[1]))
    print(f"  peak memory {peak()}")


def time_storms(asked: argparse.Namespace) -> None:
    for what, journeys, zips in (("500 ZIPs", 10_000, 500), ("a storm", asked.journeys // 10, 10)):
        with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
            read_journey_file(con, filled(con, Path(folder), journeys, zips, asked))
            first = spent(lambda con=con: attribute(con, AttributionSettings()))
            told(f"{what}: {journeys:,} journeys, {zips} ZIPs, 1,000 draws", first)
            if zips >= 500:
                con.execute("UPDATE journey_touch SET play_id = NULL")
                told("  channels alone", spent(lambda con=con: attribute(con, AttributionSettings())))
                continue
            con.execute(NEW_TOUCHES)
            again = spent(lambda con=con: attribute(con, AttributionSettings(), event="DFW_STORM_24"))
            told("  again, after new touches", again)


PARTS = {"rows": time_rows, "strings": compare_strings, "storms": time_storms, "many": time_many_strings}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--journeys", type=int, default=1_000_000)
    parser.add_argument("--channels", type=int, default=8)
    parser.add_argument("--touches", type=float, default=4)
    parser.add_argument("--zips", type=int, default=50)  # as a hailstorm over Dallas reaches
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    asked = parser.parse_args()
    for part in asked.parts:
        PARTS[part](asked)


if __name__ == "__main__":
    main()
