"""What linking costs: source rows through ingest, normalise, link and cluster without a server, beside plain Splink.

    python benchmarks/linking_scale.py [--rows 1000000] [--world FOLDER] [--threads 2] [--memory-mb 2000]

CPU seconds and peak memory so far, stage by stage, of a first run, and of a second that finds one per cent of the rows
new, each in a process of its own, as nights are. Beside the first run plain Splink, in its process and database, on the
same table `profile`:

- Plain Splink: a `Linker` over that table with the same blocking rules, comparisons, trained m and u and prior, and the
  trained frequencies of names registered; `predict()` without a threshold, its table written with the columns that
  Splink keeps by default; then `cluster_pairwise_predictions_at_threshold`, its clusters written with their records.
- Ours: score (what of the profiles is new, then the same linker and prediction, of which only the columns that are read
  are written), gate (the three-class mixture, evidence in words, exact keys; pair_weighed, pair and pair_kind written)
  and cluster (households, persons, dated stays, lasting ids and lineage; all that a later night takes over).

Neither side counts what makes `profile`, nor how common names are; the set-up of a linker is counted on both.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import ParamSpec, TypeVar

from splink import DuckDBAPI

from stormops_graph.adapters.workspace import MEMORY_MB, open_workspace
from stormops_graph.cluster.clustering import cluster
from stormops_graph.ingest import discover, ingest
from stormops_graph.ledger.bindings import bind
from stormops_graph.link.bridges import weigh_bridges
from stormops_graph.link.comparisons import splink_settings
from stormops_graph.link.leftovers import find_leftovers
from stormops_graph.link.linkage import profile_records
from stormops_graph.link.namesakes import with_asides
from stormops_graph.link.pairs import weigh_pairs, write_pairs
from stormops_graph.link.renewal import renewed_pairs
from stormops_graph.link.scoring import linker, score_pairs
from stormops_graph.link.sessions import weigh_sessions
from stormops_graph.normalise import normalise
from stormops_graph.rules.model import Model, read_model
from stormops_graph.rules.ruleset import Rules, read_rules
from stormops_graph.simulation import simulate
from stormops_graph.tables import DECISION, LAST_MEMBERSHIP, RULING, USED_ID, Connection

ROWS_A_HOUSEHOLD = 4.9  # of the simulator's worlds, properties apart
PLAIN_AT_LEAST = 0.95  # from which plain Splink takes two records for one
NEW = 0.01
P, T = ParamSpec("P"), TypeVar("T")


class Clock:
    """CPU seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began, wall = time.process_time(), time.perf_counter()
        yield
        self.seconds[name] = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        wall = time.perf_counter() - wall
        print(f"  {name:32} CPU {self.seconds[name]:7.1f} s   wall {wall:7.1f} s   peak {peak:5.2f} GB", flush=True)

    def sum(self, *names: str) -> float:
        return sum(self.seconds[name] for name in names)


def read_rows(con: Connection, world: Path, rules: Rules, clock: Clock) -> None:
    with clock.step("ingest"):
        ingest(con, discover(world), world)
    RULING.ensure(con)
    with clock.step("normalise"):
        normalise(con, rules.folder)


def resolve(con: Connection, rules: Rules, model: Model, clock: Clock) -> float:
    """Link and cluster; how many people the market has."""
    with clock.step("homes, shared identifiers, names"):
        people = profile_records(con, rules, model)
    matching = with_asides(con, rules)
    with renewed_pairs(con, matching, model, people) as due:
        with clock.step("score"):
            score_pairs(con, matching, model, people, due)
        with clock.step("gate"):
            weigh_pairs(con, matching, model, people)
            write_pairs(con, due)
    with clock.step("anonymous cookies"):
        weigh_sessions(con, rules.session)
    with clock.step("bridges, leftovers"):
        weigh_bridges(con)
        find_leftovers(con, rules.household.cluster.household_at_least)
    DECISION.ensure(con)
    bind(con, datetime.max)
    with clock.step("cluster"):
        at_least = rules.session.place_at_least
        cluster(con, rules.household.cluster, at_least, uuid.UUID(int=1))
    return people


def plain_splink(con: Connection, rules: Rules, model: Model, people: float, clock: Clock) -> None:
    settings = splink_settings(rules.matching, model, people)
    settings.retain_intermediate_calculation_columns = False  # as Splink does where nobody asks for them
    with ExitStack() as until_done:
        with clock.step("plain Splink: predict"):
            made = until_done.enter_context(linker(DuckDBAPI(con), rules.matching, settings))
            predicted = made.inference.predict()
        with clock.step("plain Splink: cluster"):
            made.clustering.cluster_pairwise_predictions_at_threshold(predicted, PLAIN_AT_LEAST)


def without_some(world: Path, folder: Path) -> None:
    """The world as it was before its newest rows came."""
    dice = random.Random(1)
    for file in sorted(world.iterdir()):
        if file.stem in ("properties", "storms", "simulated"):
            shutil.copy(file, folder)
        elif file.is_file():
            with file.open() as rows, (folder / file.name).open("w") as kept:
                for number, row in enumerate(rows):
                    if (number == 0 and file.suffix == ".csv") or dice.random() >= NEW:
                        kept.write(row)


def recall(con: Connection) -> None:
    """The last membership and ids as the graph would give them to the next run."""
    LAST_MEMBERSHIP.create(con)
    con.execute("INSERT INTO last_membership SELECT record, person, household FROM membership")
    USED_ID.create(con)
    con.execute("INSERT INTO used_id FROM identity")


def count(con: Connection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


@contextmanager
def opened(file: Path, threads: int, memory_mb: int, clock: Clock) -> Iterator[Connection]:
    """The workspace as a run has it: opened anew, and closed with its log taken into the file, which is a step."""
    with ExitStack() as until_done:
        con = until_done.enter_context(open_workspace(file, threads=threads, memory_mb=memory_mb))
        con.execute("SET enable_progress_bar = false")
        yield con
        with clock.step("close"):
            until_done.close()


def first(feeds: Path, file: Path, rules: Rules, threads: int, memory_mb: int) -> float:
    """CPU seconds of a first run; plain Splink's are told beside."""
    model, clock = read_model(rules), Clock()
    with opened(file, threads, memory_mb, clock) as con:
        read_rows(con, feeds, rules, clock)
        people = resolve(con, rules, model, clock)
        rows = con.execute("SELECT sum(rows) FROM feed_count WHERE feed NOT IN ('properties', 'storms')").fetchall()
        told = {name: count(con, name) for name in ("record", "profile", "pair_weighed")}
        print(f"  {rows[0][0]:,.0f} source rows; " + ", ".join(f"{n:,} {name}" for name, n in told.items()))
        plain_splink(con, rules, model, people, clock)
        ours = clock.sum("score", "gate", "cluster")
        plain = clock.sum("plain Splink: predict", "plain Splink: cluster")
        print(f"score, gate and cluster: {ours:.1f} CPU-s, {ours / plain:.2f} times plain Splink's {plain:.1f}")
        recall(con)
    return sum(seconds for name, seconds in clock.seconds.items() if "plain" not in name)


def night(feeds: Path, file: Path, rules: Rules, threads: int, memory_mb: int) -> float:
    """CPU seconds of a run on what the last one left."""
    clock = Clock()
    with opened(file, threads, memory_mb, clock) as con:
        read_rows(con, feeds, rules, clock)
        resolve(con, rules, read_model(rules), clock)
    return sum(clock.seconds.values())


def measure(world: Path, folder: Path, threads: int, memory_mb: int) -> None:
    with as_file(files("stormops_graph.matching_rules")) as shipped:
        feeds = folder / "feeds"
        feeds.mkdir()
        without_some(world, feeds)
        run = feeds, folder / "workspace.duckdb", read_rules(shipped), threads, memory_mb
        before = alone(first, *run)
        shutil.copytree(world, feeds, dirs_exist_ok=True)
        print(f"{NEW:.0%} of the rows are new")
        after = alone(night, *run)
        print(f"all stages: {after:.1f} of {before:.1f} CPU-s, {after / before:.0%}")


def alone(work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """What `work` returns in a process of its own, as each run has: neither memory nor warmth is left from another."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(work, *args, **named).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--world", type=Path, help="a folder of simulated feeds instead of a new world")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--memory-mb", type=int, default=MEMORY_MB, help="what DuckDB may hold; Python's own comes on top"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = asked.world or Path(folder) / "world"
        if asked.world is None:
            alone(simulate, world, round(asked.rows / ROWS_A_HOUSEHOLD), 1)
        work = Path(folder) / "work"
        work.mkdir()
        measure(world, work, asked.threads, asked.memory_mb)


if __name__ == "__main__":
    main()
