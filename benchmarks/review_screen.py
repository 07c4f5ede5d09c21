"""How fast the review screen answers a key with many cases in the queue: p50, p95 and the most, in milliseconds.

    python benchmarks/review_screen.py [--cases 100000] [--keys 60]

The screen runs in a terminal of its own (a pty), whose keys are typed and whose output is read: a key's time ends with
the last byte of what it paints. The queue is made by the product's own statements from stage tables of as many
households, three records each, with a weak bridge in each. Verdicts go to a desk that keeps nothing: keeping them is a
thread's work, and no key waits for it. CPU time is that of the screen's process, wall time also shows the load.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import resource
import select
import statistics
import struct
import termios
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from stormops_graph.cli.review_app import run_screen
from stormops_graph.ledger.claims import Claim
from stormops_graph.ledger.decisions import Decision, Level
from stormops_graph.review.desk import Desk, Order, Outcome
from stormops_graph.review.effects import Moved
from stormops_graph.review.snapshot import snapshot_of
from stormops_graph.tables import (
    CONVERSION,
    MEMBERSHIP,
    PAIR,
    PAIR_KIND,
    PROPERTY,
    RECORD,
    RESIDENCE,
    TOUCH,
    Connection,
)

EVIDENCE = (
    '[{"kind":"given","level":"initial","weight":3.33},{"kind":"surname","level":"exact","weight":6.7},'
    '{"kind":"phones","level":"different","weight":-5.78}]'
)
TOWN = f"""
INSERT INTO record (record, feed, given, surname, phones, emails, address_key, first_seen, last_seen)
SELECT 'calls:' || md5(i::VARCHAR), 'calls', 'name' || i // 3, 'surname' || i // 7 % 900,
       ['+1214555' || lpad((i % 9999)::VARCHAR, 4, '0')], ['a' || i || '@mail.com'], i || ' elm st',
       TIMESTAMP '2024-01-01', TIMESTAMP '2024-05-01' FROM range(3 * $cases) r(i);
INSERT INTO membership (record, household, confidence)
SELECT 'calls:' || md5(i::VARCHAR), md5('h' || i // 3), 0.9 FROM range(3 * $cases) r(i);
CREATE TEMP TABLE ends AS
SELECT least(a, b) AS left_id, greatest(a, b) AS right_id, p FROM (
    SELECT 'calls:' || md5(i::VARCHAR) AS a, 'calls:' || md5((i + 1)::VARCHAR) AS b,
           CASE i % 3 WHEN 0 THEN 0.7 + i % 1000 / 4000 ELSE 0.999 END AS p
    FROM range(3 * $cases) r(i) WHERE i % 3 < 2);
INSERT INTO pair_kind SELECT left_id, right_id, p, p - 0.1, true, true, true FROM ends;
INSERT INTO pair SELECT left_id, right_id, 'household', p, 3, '{EVIDENCE}', 'splink' FROM ends;
CREATE TABLE profile AS SELECT record AS unique_id, given, given AS given_root, surname, phones, emails FROM record;
"""
KEYS = ("k", "s", "d", "u", "]", "m", "b", "w")
WIDTH, HEIGHT = 120, 40
GAP = 0.08  # seconds without output after which a key's answer is whole
FIRST = 5.0  # until the first of it
REST = 0.5  # until what the graph says of the case has come, too


class Nowhere(Desk):
    """A desk that keeps nothing."""

    def __init__(self) -> None:
        pass

    def carry_out(self, orders: Sequence[Order]) -> list[Outcome]:
        return [Outcome(order, decision=_decision(order)) for order in orders if isinstance(order, Claim)]

    def moved(self, records: Sequence[str]) -> Moved:
        return Moved(1, 1, 0, 0.0)

    def newer_run(self) -> bool:
        return False


def _decision(claim: Claim) -> Decision:
    left, right = sorted((claim.one, claim.other))
    return Decision(
        id=f"{left}{right}", left=left, right=right, verdict=claim.verdict, level=claim.level or Level.person,
        by=claim.by, at=datetime(2024, 5, 1), reason=claim.reason,
    )  # fmt: skip


def town(cases: int) -> Connection:
    con = duckdb.connect()
    for table in (CONVERSION, MEMBERSHIP, PAIR, PAIR_KIND, PROPERTY, RECORD, RESIDENCE, TOUCH):
        table.create(con)
    for statement in TOWN.replace("$cases", str(cases)).split(";"):
        con.execute(statement)
    return con


def show(cases: int) -> None:
    """Run the screen in this process."""
    con = town(cases)
    snapshot = snapshot_of(con, "run", [], 2, 0.99)
    con.close()
    run_screen(lambda: (snapshot, Nowhere()), "ana", simulated=True)


class Terminal:
    """The screen in a pty, as its user has it."""

    def __init__(self, cases: int) -> None:
        self.pid, self._file = pty.fork()
        if not self.pid:
            os.environ |= {"TERM": "xterm-256color", "COLUMNS": str(WIDTH), "LINES": str(HEIGHT)}
            show(cases)
            os._exit(0)
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        while b"case 1 of" not in self.painted(REST)[0]:
            pass

    def type(self, key: str) -> None:
        os.write(self._file, key.encode())

    def painted(self, rest: float, first: float | None = None) -> tuple[bytes, float]:
        """What comes until nothing comes for so long (`first`: before the first of it), and when the last came."""
        said, last = b"", time.perf_counter()
        while select.select([self._file], [], [], rest if said or first is None else first)[0]:
            said, last = said + os.read(self._file, 1 << 16), time.perf_counter()
        return said, last

    def cpu(self) -> float:
        """Milliseconds of all its threads."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6


def measure(cases: int, presses: int) -> dict[str, list[tuple[float, float]]]:
    """Key → wall and CPU milliseconds of each press."""
    taken: dict[str, list[tuple[float, float]]] = defaultdict(list)
    terminal = Terminal(cases)
    for number in range(presses * len(KEYS)):
        key = KEYS[number % len(KEYS)]
        terminal.painted(REST)
        cpu, pressed = terminal.cpu(), time.perf_counter()
        terminal.type(key)
        said, last = terminal.painted(GAP, FIRST)
        assert said, f"{key} paints nothing"
        taken[key].append((1e3 * (last - pressed), terminal.cpu() - cpu))
        if key == "w":
            terminal.type("q")
    began = time.perf_counter()
    for letter in "/name99":
        terminal.type(letter)
        terminal.painted(GAP, FIRST)
    began = time.perf_counter()
    terminal.type("\r")
    taken["search"].append((1e3 * (terminal.painted(GAP, FIRST)[1] - began), 0.0))
    terminal.type("q")
    os.waitpid(terminal.pid, 0)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--keys", type=int, default=60, help="presses of each key")
    asked = parser.parse_args()
    taken = measure(asked.cases, asked.keys)
    print(f"{asked.cases:,} cases; load {os.getloadavg()[0]:.1f}")
    print("key                     wall p50   p95   max    CPU p50   p95   max   ms")
    for key, times in [*taken.items(), ("all", [pair for pairs in taken.values() for pair in pairs])]:
        figures = [_figures(sorted(values)) for values in zip(*times, strict=True)]
        print(f"{key:<22}" + "   ".join("".join(f"{figure:>7.1f}" for figure in part) for part in figures))
    print(f"memory {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")


def _figures(values: list[float]) -> tuple[float, float, float]:
    return statistics.median(values), values[min(len(values) - 1, int(0.95 * len(values)))], values[-1]


if __name__ == "__main__":
    main()
