"""How fast a graph is loaded, whole and at a difference of one per cent, against what the server can at most.

    python benchmarks/graph_load.py PROJECT [--touched 0.01] [--ways statements at_once] [--times 1]

The project has been resolved once: its workspace (a copy of it) says what to load. Everything goes into an empty server
of its own, in each way. The limit is so many nodes and relationships, with a key and three short properties each, sent
as plain UNWIND ... CREATE against the same constraints by two writers. CPU seconds are those of this process, of
Neo4j's importer and of the server, also where it was started again, together. With `--times 12` a project of
84,000 source rows is loaded as a market of a million: so many copies of all but storms, under keys of their own.
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
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import neo4j

from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.errors import StormopsError
from stormops_graph.graph import shadow
from stormops_graph.graph.differences import compare
from stormops_graph.graph.history import read_history
from stormops_graph.graph.load import KINDS, Manner, load
from stormops_graph.graph.wanted import build
from stormops_graph.journeys import count_journeys, make_journeys
from stormops_graph.pipeline.importing import LocalImporter
from stormops_graph.ports import UNWATCHED
from stormops_graph.project import Project
from stormops_graph.services import local
from stormops_graph.services.servers import local_neo4j
from stormops_graph.stores import open_graph
from stormops_graph.tables import LINEAGE, Connection

BATCH = 10_000
NODES = "UNWIND $rows AS row CREATE (n:Limit) SET n = row"
RELATIONS = "UNWIND $rows AS row MATCH (a:Limit {key: row[0]}) MATCH (b:Limit {key: row[1]}) CREATE (a)-[:LINK]->(b)"
LATER = """
UPDATE {table} SET {column} = {value} WHERE hash({key}) % 10000 < {share}
"""

COPIED = {
    "address_home": ("address_key", "property_id"),
    "candidate": ("record", "property_id"),
    "conversion": ("conversion_id", "record"),
    "conversion_storm": ("conversion_id",),
    "holding": ("record", "value"),
    "identity": ("id", "birth_key"),
    "membership": ("record", "person", "household", "property_id"),
    "pair": ("left_id", "right_id"),
    "person": ("person",),
    "property": ("property_id",),
    "property_persona": ("property_id",),
    "property_priors": ("property_id",),
    "record": ("record",),
    "residence": ("household", "property_id"),
    "shared_identifier": ("value",),
    "shared_since": ("value",),
    "touch": ("touch_id", "record"),
    "touch_storm": ("touch_id",),
}


class Clock:
    """Seconds of the wall clock, and CPU seconds of this process, its children and the server."""

    def __init__(self, project: Project) -> None:
        self.server = local_neo4j(project)

    def cpu(self) -> tuple[float, int, float]:
        """Ours, and the server's with its process."""
        pid = process.pid if (process := self.server.process()) else 0
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return sum(os.times()[:4]), pid, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def timed(self, what: str, rows: int = 0) -> Iterator[list[float]]:
        wall, (ours, pid, served), taken = time.monotonic(), self.cpu(), []
        yield taken
        ours_now, pid_now, served_now = self.cpu()
        taken += [time.monotonic() - wall, ours_now - ours + served_now - (served if pid_now == pid else 0)]
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


def multiply(con: Connection, times: int) -> None:
    """Let the tables hold everything so many times."""
    for table, keys in COPIED.items():
        own = ", ".join(f"{key} || '#' || copy AS {key}" for key in keys)
        con.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT {table}.* REPLACE ({own}) FROM {table}, range({times}) _(copy)"
        )


def stir(con: Connection, share: float) -> None:
    """Let a share of the touches be at another time, and of the records be surer of their household."""
    for table, column, value, key in (
        ("touch", '"at"', '"at" + INTERVAL 1 MINUTE', "touch_id"),
        ("membership", "confidence", "confidence * 0.99", "record"),
    ):
        words = {"table": table, "column": column, "value": value, "key": key, "share": str(int(share * 10_000))}
        con.execute(LATER.format(**words))


@dataclass(frozen=True)
class Bench:
    """An empty server of a project of its own, and a workspace that says what to load."""

    project: Project
    environ: dict[str, str]
    con: Connection
    graph: Neo4jGraph
    clock: Clock

    def prepare(self) -> tuple[int, int]:
        """As a first run finds it, with the differences worked out; how many nodes and relationships."""
        migrate(self.graph)
        for kind in KINDS:
            self.con.execute(f"DROP TABLE IF EXISTS shadow_{kind.name}")
        LINEAGE.create(self.con)
        with self.clock.timed("history of an empty graph"):
            read_history(self.con, self.graph)
        with self.clock.timed("find what is new"):
            build(self.con, KINDS)
            shadow.refresh(self.con, self.graph, KINDS)
            compare(self.con, KINDS)
        return size(self.con)

    def statements(self, nodes: int, relations: int) -> None:
        known = local.connections(self.project, self.environ)
        auth = (known.neo4j_user, known.neo4j_password)
        with neo4j.GraphDatabase.driver(known.neo4j_uri, auth=auth) as driver:
            least = limit(driver, self.clock, nodes, relations)
        with self.clock.timed("first load by statements", nodes + relations) as first:
            load(self.con, self.graph, "B1", datetime(2026, 1, 1))
        print(f"  {first[1] / least:.2f} times the CPU of the limit")
        with self.clock.timed("first journeys by statements") as journeys:
            make_journeys(self.graph)
        self.told("first load by statements with journeys", first, journeys)

    def at_once(self, nodes: int, relations: int) -> None:
        manner = Manner(importer=LocalImporter(self.project, self.environ, self.graph, UNWATCHED))
        with self.clock.timed("first load at once, with journeys", nodes + relations) as first:
            load(self.con, self.graph, "B1", datetime(2026, 1, 1), manner=manner)
        self.told("first load at once with journeys", first)

    def told(self, what: str, *taken: list[float]) -> None:
        wall, cpu = (sum(seconds) for seconds in zip(*taken, strict=True))
        print(f"  {count_journeys(self.graph):,} journeys; {what}: {wall:.1f} s, {cpu:.1f} CPU-s")

    def differences(self, touched: float) -> None:
        with self.clock.timed("history of the graph"):
            read_history(self.con, self.graph)
        with self.clock.timed("load again: nothing new"):
            assert load(self.con, self.graph, "B2", datetime(2026, 1, 2)).total == 0
        stir(self.con, touched)
        with self.clock.timed(f"load {touched:.0%} of touches and memberships") as later:
            changed = load(self.con, self.graph, "B3", datetime(2026, 1, 3)).total
        with self.clock.timed("journeys of those") as again:
            households = make_journeys(self.graph)
        print(f"  {changed:,} rows, {households:,} households; {sum(later[:1] + again[:1]):.1f} s together")


def measure(source: Project, environ: dict[str, str], way: str, touched: float, times: int) -> None:
    with tempfile.TemporaryDirectory(prefix="graph-load-") as folder:
        always = source.settings.neo4j.model_copy(update={"import_at_least": 1})
        project = Project(Path(folder), source.settings.model_copy(update={"neo4j": always}))
        project.state.mkdir(mode=0o700)
        shutil.copyfile(source.workspace, project.workspace)
        try:
            started = time.monotonic()
            local.up(project, environ, UNWATCHED)
            print(f"servers up after {time.monotonic() - started:.1f} s")
            with open_graph(project, environ) as graph, open_workspace(project.workspace) as con:
                if times > 1:
                    multiply(con, times)
                bench = Bench(project, environ, con, graph, Clock(project))
                nodes, relations = bench.prepare()
                print(f"{nodes:,} nodes, {relations:,} relationships")
                getattr(bench, way)(nodes, relations)
                bench.differences(touched)
        finally:
            local.down(project)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--touched", type=float, default=0.01)
    parser.add_argument("--ways", nargs="+", choices=("statements", "at_once"), default=("statements", "at_once"))
    parser.add_argument("--times", type=int, default=1)
    asked = parser.parse_args()
    environ = {name: value for name, value in os.environ.items() if name not in ("NEO4J_URI", "POSTGRES_DSN")}
    for way in asked.ways:
        try:
            measure(Project.open(asked.project), environ, way, asked.touched, asked.times)
        except StormopsError as error:
            raise SystemExit(f"{error.message}: {error.hint}") from error


if __name__ == "__main__":
    main()
