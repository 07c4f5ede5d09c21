"""How fast a graph is loaded, whole and at a difference of one per cent, against what the server can at most.

    python benchmarks/graph_load.py PROJECT [--touched 0.01]

The project has been resolved once: its workspace (a copy of it) says what to load. Everything goes into an empty server
of its own. The limit is so many nodes and relationships, with a key and three short properties each, sent as plain
UNWIND ... CREATE against the same constraints by two writers. CPU seconds are ours and the server's together.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import neo4j

from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.errors import StormopsError
from stormops_graph.graph.history import read_history
from stormops_graph.graph.load import KINDS, find_differences, load
from stormops_graph.journeys import count_journeys, make_journeys
from stormops_graph.ports import Progress
from stormops_graph.project import Project
from stormops_graph.services import local
from stormops_graph.tables import Connection

BATCH = 10_000
NODES = "UNWIND $rows AS row CREATE (n:Limit) SET n = row"
RELATIONS = "UNWIND $rows AS row MATCH (a:Limit {key: row[0]}) MATCH (b:Limit {key: row[1]}) CREATE (a)-[:LINK]->(b)"
LATER = """
UPDATE {table} SET {column} = {value} WHERE hash({key}) % 10000 < {share}
"""


class Clock:
    """Seconds of the wall clock, and CPU seconds of this process and of the server."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def timed(self, what: str, rows: int = 0) -> Iterator[list[float]]:
        wall, cpu, taken = time.monotonic(), self.cpu(), []
        yield taken
        taken += [time.monotonic() - wall, self.cpu() - cpu]
        speed = f"{rows / taken[0]:>9,.0f} rows/s {rows / taken[1]:>9,.0f} rows/CPU-s" if rows else ""
        print(f"{what:<44}{taken[0]:>7.1f} s {taken[1]:>7.1f} CPU-s{speed}", flush=True)


def limit(driver: neo4j.Driver, clock: Clock, nodes: int, relations: int) -> float:
    """CPU seconds of writing so much in the plainest way there is."""
    with driver.session() as session:
        session.run("CREATE CONSTRAINT limit_key FOR (n:Limit) REQUIRE n.key IS UNIQUE").consume()

    def send(statement: str, rows: list[object]) -> None:
        with driver.session() as session:
            session.execute_write(lambda transaction: transaction.run(statement, rows=rows).consume())

    def node(i: int) -> dict[str, object]:
        return {"key": f"touch:{i:012d}", "channel": "door_knock", "event_id": "DFW_STORM_24", "fingerprint": i * 7919}

    def ends(i: int) -> list[str]:
        return [f"touch:{i * 7919 % nodes:012d}", f"touch:{i * nodes // relations:012d}"]

    with clock.timed("limit: plain UNWIND of as much", nodes + relations) as taken:
        for statement, row, count in ((NODES, node, nodes), (RELATIONS, ends, relations)):
            with ThreadPoolExecutor(2) as pool:
                firsts = range(0, count, BATCH)
                parts = ([row(i) for i in range(first, min(first + BATCH, count))] for first in firsts)
                for done in [pool.submit(send, statement, part) for part in parts]:
                    done.result()
    with driver.session() as session:
        session.run("MATCH (n:Limit) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 20000 ROWS").consume()
        session.run("DROP CONSTRAINT limit_key").consume()
    return taken[1]


def size(con: Connection) -> tuple[int, int]:
    """Nodes and relationships that the tables ask for."""
    counts = {kind: con.execute(f"SELECT count(*) FROM wanted_{kind.name}").fetchall()[0][0] for kind in KINDS}
    nodes = sum(count for kind, count in counts.items() if len(kind.columns) == 1)
    return nodes, sum(counts.values()) - nodes


def stir(con: Connection, share: float) -> None:
    """Let a share of the touches be at another time, and of the records be surer of their household."""
    for table, column, value, key in (
        ("touch", '"at"', '"at" + INTERVAL 1 MINUTE', "touch_id"),
        ("membership", "confidence", "confidence * 0.99", "record"),
    ):
        words = {"table": table, "column": column, "value": value, "key": key, "share": str(int(share * 10_000))}
        con.execute(LATER.format(**words))


def measure(con: Connection, graph: Neo4jGraph, driver: neo4j.Driver, clock: Clock, touched: float) -> None:
    migrate(graph)
    for kind in KINDS:
        con.execute(f"DROP TABLE IF EXISTS shadow_{kind.name}")
    with clock.timed("history of an empty graph"):
        read_history(con, graph)
    with clock.timed("find what is new"):
        find_differences(con, graph)
    nodes, relations = size(con)
    print(f"{nodes:,} nodes, {relations:,} relationships")
    least = limit(driver, clock, nodes, relations)
    with clock.timed("first load", nodes + relations) as first:
        load(con, graph, "B1", datetime(2026, 1, 1))
    print(f"  {first[1] / least:.2f} times the CPU of the limit")
    with clock.timed("first journeys") as journeys:
        make_journeys(graph)
    print(f"  {count_journeys(graph):,} journeys; graph and journeys {first[0] + journeys[0]:.1f} s")
    with clock.timed("load again: nothing new"):
        assert load(con, graph, "B2", datetime(2026, 1, 2)).total == 0
    stir(con, touched)
    with clock.timed(f"load {touched:.0%} of touches and memberships") as later:
        changed = load(con, graph, "B3", datetime(2026, 1, 3)).total
    with clock.timed("journeys of those") as again:
        households = make_journeys(graph)
    print(f"  {changed:,} rows, {households:,} households; {sum(later[:1] + again[:1]):.1f} s together")


class Quiet(Progress):
    def note(self, text: str) -> None:
        pass

    @contextmanager
    def stage(self, name: str) -> Iterator[Quiet]:
        yield self

    def advance(self, amount: int = 1) -> None:
        pass

    def total(self, amount: int) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--touched", type=float, default=0.01)
    asked = parser.parse_args()
    source = Project.open(asked.project)
    environ = {name: value for name, value in os.environ.items() if name not in ("NEO4J_URI", "POSTGRES_DSN")}
    with tempfile.TemporaryDirectory(prefix="graph-load-") as folder:
        project = Project(Path(folder), source.settings)
        project.state.mkdir(mode=0o700)
        shutil.copyfile(source.workspace, project.workspace)
        try:
            started = time.monotonic()
            local.up(project, environ, Quiet())
            print(f"servers up after {time.monotonic() - started:.1f} s")
            known = local.connections(project, environ)
            address, auth = known.neo4j_uri, (known.neo4j_user, known.neo4j_password)
            pid = next(service.pid for service in local.status(project, environ) if service.name == "neo4j")
            with (
                Neo4jGraph(address, *auth) as graph,
                neo4j.GraphDatabase.driver(address, auth=auth) as driver,
                open_workspace(project.workspace) as con,
            ):
                measure(con, graph, driver, Clock(pid or 0), asked.touched)
        except StormopsError as error:
            raise SystemExit(f"{error.message}: {error.hint}") from error
        finally:
            local.down(project)


if __name__ == "__main__":
    main()
