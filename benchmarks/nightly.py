"""What a typed night costs beside the first run: `stormops-graph resolve` and its servers, on a market that grows.

    python benchmarks/nightly.py [--households 20000] [--nights 3] [--folder FOLDER]

A simulated world is dealt out by time: each night brings the next per cent of every feed's rows, and one after them
brings none. Wall seconds are those of the command as it is typed, from the start of Python to its end; CPU seconds are
its own, with the importer's, and Neo4j's: the first run's begin where the import ends and the server starts. Asked are
15 % of the first run. The first night meets a server that has compiled nothing yet.

172,000 households are a million source rows: a quarter of an hour, and 12 GB of disk.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from graph_load import Clock

from stormops_graph.project import Project

NEW = 0.01
WRITTEN = {  # when a row of a feed was written
    "calls.csv": "started_at",
    "conversions.csv": "occurred_at",
    "crm_contacts.csv": "created_at",
    "door_knocks.csv": "knocked_at",
    "emails.csv": "occurred_at",
    "sms.csv": "occurred_at",
}
EVENTS = "ga4_events.jsonl"
EVENT_TIME = re.compile(r'"event_timestamp":\s*"?(\d+)')


def deal(world: Path, to: Path, share: float) -> None:
    """The feeds of a world as they were when this share of each feed's rows had been written."""
    to.mkdir(exist_ok=True)
    for path in (path for path in world.iterdir() if path.is_file()):
        if path.name == EVENTS:
            lines = pd.Series(path.read_text("utf-8").splitlines(keepends=True))
            times = lines.str.extract(EVENT_TIME, expand=False).astype("int64")
            (to / path.name).write_text("".join(lines[_first(times, share)]), "utf-8")
        elif path.name in WRITTEN:
            rows = pd.read_csv(path, dtype=str, keep_default_na=False)
            rows[_first(rows[WRITTEN[path.name]], share)].to_csv(to / path.name, index=False)
        else:
            shutil.copy(path, to)


def _first(times: pd.Series, share: float) -> pd.Series:
    return times.rank(method="first") <= share * len(times)


@dataclass(frozen=True)
class Cost:
    """Wall seconds, and CPU seconds of the command and of the graph's server."""

    wall: float
    ours: float
    server: float

    def beside(self, first: Cost) -> str:
        whole, cpu = self.wall / first.wall, (self.ours + self.server) / (first.ours + first.server)
        return f"{self.wall:7.1f} s  CPU {self.ours:6.1f} + {self.server:5.1f} s   {whole:6.1%} wall  {cpu:6.1%} CPU"


def resolve(project: Project) -> Cost:
    clock, began = Clock(project), time.monotonic()
    ours, pid, served = clock.cpu()
    _type("resolve", project.folder)
    wall, (ours_now, pid_now, served_now) = time.monotonic() - began, clock.cpu()
    return Cost(wall, ours_now - ours, served_now - (served if pid_now == pid else 0.0))


def _type(command: str, folder: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("stormops-graph"), *command.split()],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=20_000)
    parser.add_argument("--nights", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the world and the project are kept, else a passing one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        folder = asked.folder or Path(passing)
        world, feeds = folder / "world", folder / "feeds"
        _type(f"simulate {world} --households {asked.households} --seed 9802", Path.cwd())
        deal(world, feeds, 1 - asked.nights * NEW)
        _type(f"init {folder / 'project'} --feeds {feeds}", folder)
        project = Project.open(folder / "project")
        _type("up", project.folder)
        try:
            print(f"load {os.getloadavg()[0]:.1f}; {asked.households:,} households", flush=True)
            first = resolve(project)
            print(f"first run     {first.beside(first)}", flush=True)
            for left in reversed(range(asked.nights)):
                deal(world, feeds, 1 - left * NEW)
                print(f"{NEW:.0%} new        {resolve(project).beside(first)}", flush=True)
            print(f"nothing new   {resolve(project).beside(first)}")
        finally:
            _type("down", project.folder)


if __name__ == "__main__":
    main()
