"""How long a split and its merge take to be in graph and credits, and what a plan adds to a run.

    python benchmarks/amendment.py PROJECT [--times 3] [--no-run]

PROJECT was resolved and attributed, its servers are up. Seconds of the wall clock by part, and of this process's CPU
(the servers' is not in it); unless --no-run, also a `resolve` without news, and the share of it that is the plan.

A workspace of 20,000 households: `stormops-graph simulate feeds --households 20000 --seed 77`, `init p --feeds feeds`,
and in `p` `resolve` and `attribute`. Two computers, or one at two times, are compared by CPU only within one run.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from stormops_graph import pipeline
from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.ledger.partings import Joining, Parting, Wish
from stormops_graph.ports import Unwatched
from stormops_graph.project import Project

# Of households with a journey that was paid for, so that credit moves.
CHOSEN = """
SELECT household, list_sort(list(DISTINCT record)) FROM membership
WHERE household IN (
    SELECT household FROM membership JOIN conversion USING (record) JOIN conversion_storm USING (conversion_id)
) GROUP BY household HAVING count(DISTINCT record) BETWEEN 4 AND 12 ORDER BY household
"""


class Spent(Unwatched):
    """A progress that keeps the CPU seconds of each stage."""

    def __init__(self) -> None:
        self.cpu: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Spent]:
        started = time.process_time()
        yield self
        self.cpu[name] = self.cpu.get(name, 0.0) + time.process_time() - started


def amended(project: Project, wish: Wish) -> tuple[dict[str, float], dict[str, float], pipeline.Amendment]:
    """Wall and CPU seconds by part of one amendment, with the whole of it."""
    spent, wall, cpu = Spent(), time.monotonic(), time.process_time()
    done = pipeline.amend(project, os.environ, spent, wish)
    whole = (time.monotonic() - wall, time.process_time() - cpu)
    assert done.report is not None
    return {**done.report.seconds, "whole": whole[0]}, {**spent.cpu, "whole": whole[1]}, done


def parts(project: Project, times: int) -> list[tuple[dict[str, float], dict[str, float]]]:
    """Seconds of as many splits, each merged again."""
    with open_workspace(project.workspace) as con:
        chosen = random.Random(2).sample(con.execute(CHOSEN).fetchall(), times)
    found = []
    for household, records in chosen:
        wall, cpu, done = amended(project, Parting(household, tuple(records[:2]), "benchmark", "for its time"))
        found.append((wall, cpu))
        into = next(one for split in done.plan.households.splits for one in split.into if one != household)
        found.append(amended(project, Joining(household, into, "benchmark", "for its time"))[:2])
    return found


def show(title: str, rows: list[tuple[dict[str, float], dict[str, float]]]) -> None:
    print(f"{title}\n  {'':12}{'wall s':>8}{'CPU s':>8}")
    for name in rows[0][0]:
        wall, cpu = (median(row[side].get(name, 0.0) for row in rows) for side in (0, 1))
        print(f"  {name:12}{wall:8.2f}{cpu:8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--no-run", action="store_true")
    asked = parser.parse_args()
    project = Project.open(asked.project)
    show(f"an amendment, median of {2 * asked.times}", parts(project, asked.times))
    if not asked.no_run:
        spent = Spent()
        report = pipeline.resolve(project, os.environ, spent)
        show("a resolve without news", [(report.seconds, spent.cpu)])
        for name, seconds in (("wall", report.seconds), ("CPU", spent.cpu)):
            rest = sum(seconds.values()) - seconds["plan"]
            print(f"the plan adds {100 * seconds['plan'] / rest:.0f} % to the {name} seconds of the run")


if __name__ == "__main__":
    main()
