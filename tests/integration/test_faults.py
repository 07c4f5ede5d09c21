"""Runs that are killed anywhere, servers that die, disks that are full: the next run ends as an undisturbed one.

These tests have servers of their own, which they kill.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

import neo4j
import neo4j.graph
import psycopg
import pytest
from disks import filled, small_disk
from processes import Started
from shared_servers import Quiet

from stormops_graph import pipeline
from stormops_graph.errors import Busy, StoreError, StormopsError
from stormops_graph.pipeline.verification import verify
from stormops_graph.project import Project
from stormops_graph.project.blueprint import found
from stormops_graph.services import local
from stormops_graph.simulation import simulate

ENVIRON = {key: value for key, value in os.environ.items() if key not in ("NEO4J_URI", "POSTGRES_DSN")}
HOUSEHOLDS, SEED = 50, 5
STAGES_BEFORE_WRITING = ("servers", "ingest", "normalise", "link", "history", "cluster")
SERVERS = ("neo4j", "postgres")
ATTRIBUTE_STAGES = ("servers", "journeys", "attribute")
# When and by which run something was written differs between two runs that write the same.
OF_THE_RUN = {"first_run", "changed_run", "retired_run", "shared_since", "fingerprint"}
OF_THE_RELATION = {"run", "at"}
OF_THE_CREDIT = ("timestamp", "run")
TABLES = ("channel_attribution", "play_attribution", "play_channel_attribution", "credit_by_model", "touch_credit")
KEPT = "NOT (n:Run OR n:Lock OR n:Migration OR n:Graph)"  # the namespace of the ids stays, so that ids can be compared

HALF = """
MATCH (h:Household) WHERE h.retired_run IS NULL AND ($these IS NULL OR h.household_id IN $these)
OPTIONAL MATCH (h)<-[:RESOLVES_TO|MEMBER_OF*1..2]-(r:Record)
WITH h, count(DISTINCT r) AS records
WHERE records <> h.records
RETURN h.household_id AS id
"""
TORN = """
MATCH (c:Credit {dimension: 'channel'})
WITH c.event_id + c.zip_code + c.model AS id, sum(c.share) AS shares
WHERE abs(shares - 1) > 1e-6 AND ($these IS NULL OR id IN $these)
RETURN id
"""


@dataclass(frozen=True)
class Stores:
    """A project with servers of its own, and what an undisturbed run leaves in them."""

    project: Project
    driver: neo4j.Driver

    def ask(self, query: str, **parameters: Any) -> list[neo4j.Record]:
        return self.driver.execute_query(query, parameters).records

    def empty(self) -> None:
        """As before the first run."""
        self.ask(f"MATCH (n) WHERE {KEPT} OR n:Run OR n:Lock DETACH DELETE n")
        with psycopg.connect(local.connections(self.project, ENVIRON).postgres_dsn) as connection:
            for table in (*TABLES, "credit_history", "incremental_lift"):
                connection.execute(f"DROP TABLE IF EXISTS {table} CASCADE")
        self.project.workspace.unlink(missing_ok=True)

    def outcome(self) -> tuple[list[str], list[str], list[str]]:
        """Nodes, relationships and Postgres rows, but for when and by which run they were written."""
        said = {row["n"].element_id: _said(row["n"]) for row in self.ask(f"MATCH (n) WHERE {KEPT} RETURN n")}
        related = self.ask(f"MATCH (n)-[r]->(m) WHERE {KEPT} RETURN n, r, m")
        rows = []
        with psycopg.connect(local.connections(self.project, ENVIRON).postgres_dsn) as connection:
            for table in TABLES:
                if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,):
                    kept = f"SELECT to_jsonb(t) - %s::text[] FROM {table} t"
                    rows += [f"{table} {row}" for row in connection.execute(kept, [list(OF_THE_CREDIT)]).fetchall()]
        ends = [(said[row["n"].element_id], row["r"], said[row["m"].element_id]) for row in related]
        return (
            sorted(said.values()),
            sorted(f"{start} {r.type} {_lasting(r, OF_THE_RUN | OF_THE_RELATION)} {end}" for start, r, end in ends),
            sorted(rows),
        )

    def start(self, command: str, limit: int | None = None, until: str | None = None) -> Started:
        """The command as a process of its own, which may write files up to `limit` bytes."""
        environ = {**ENVIRON, "STORMOPS_PROJECT": str(self.project.folder)}
        return Started(command, environ=environ, file_limit=limit, until=until)

    def kill_after(self, command: str, stage: str) -> None:
        """SIGKILL when the stage has ended."""
        with self.start(command, until=stage) as cut:
            with cut.standing():
                cut.kill()
            cut.wait()
            assert cut.exit_code == -signal.SIGKILL

    def hit_when(self, command: str, pattern: str, strike: Callable[[Started], object]) -> tuple[int | None, str]:
        """Strike as soon as the graph has the pattern; the command's exit code and what it said."""
        with self.start(command) as cut:
            assert cut.says("plan"), f"{command} wrote before it had a plan"
            end = time.monotonic() + 120
            while not self.ask(f"MATCH {pattern} RETURN 1 LIMIT 1"):
                assert cut.exit_code is None and time.monotonic() < end, cut.wait()
                time.sleep(0.005)
            with cut.frozen():  # or it may be through before the strike is
                strike(cut)
            said = cut.wait()
            return cut.exit_code, said

    def resolve(self) -> None:
        pipeline.resolve(self.project, ENVIRON, Quiet())

    def attribute(self) -> None:
        pipeline.attribute(self.project, ENVIRON, Quiet())

    def kill(self, server: str) -> None:
        (pid,) = [service.pid for service in local.status(self.project, ENVIRON) if service.name == server]
        assert pid
        os.kill(pid, signal.SIGKILL)

    def _lasting_faults(self, query: str) -> list[str]:
        """Neo4j has no snapshots: a commit may overtake a reader, but not thrice in the same place."""
        these = None
        for pause in (0.0, 0.3, 1.0):
            time.sleep(pause)
            these = [row["id"] for row in self.ask(query, these=these)]
            if not these:
                break
        return these or []

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Somebody reads all the while, and must see neither half a household nor half of a model's credits."""
        wrong: list[str] = []
        done = Event()

        def look() -> None:
            while not done.is_set():
                for query in (HALF, TORN):
                    wrong.extend(self._lasting_faults(query))
                done.wait(0.5)

        watcher = Thread(target=look)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
        assert wrong == []


def _said(node: neo4j.graph.Node) -> str:
    return f"{sorted(node.labels)} {_lasting(node, OF_THE_RUN)}"


def _lasting(found: neo4j.graph.Entity, left_out: set[str]) -> list[tuple[str, str]]:
    return sorted((key, str(value)) for key, value in found.items() if key not in left_out)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    folder = tmp_path_factory.mktemp("faults")
    simulate(folder / "feeds", HOUSEHOLDS, SEED)
    project = found(folder / "project", folder / "feeds").project
    file = project.folder / "stormops.toml"
    file.write_text(file.read_text().replace("heap_mb = 1024", "heap_mb = 512"))
    project = Project.open(project.folder)
    disks = [disk for name in SERVERS if (disk := small_disk(project.state / name))]
    try:
        local.up(project, ENVIRON, Quiet())
        with reached(project) as stores:
            yield stores
    finally:
        local.down(project)
        for disk in disks:
            subprocess.run(["umount", disk], check=True)


@contextmanager
def reached(project: Project) -> Iterator[Stores]:
    """The stores where they are now: a server that came back may have another port."""
    known = local.connections(project, ENVIRON)
    with neo4j.GraphDatabase.driver(known.neo4j_uri, auth=(known.neo4j_user, known.neo4j_password)) as driver:
        yield Stores(project, driver)


@pytest.fixture(scope="module")
def undisturbed(stores: Stores) -> tuple[Any, Any]:
    """What a resolve leaves that nobody disturbs, and what it leaves with the attribute after it."""
    stores.resolve()
    resolved = stores.outcome()
    stores.attribute()
    assert verify(stores.project, ENVIRON).found == []
    return resolved, stores.outcome()


@pytest.fixture
def empty(stores: Stores, undisturbed: tuple[Any, Any]) -> Iterator[Stores]:
    with reached(stores.project) as here:
        here.empty()
        yield here


def test_a_run_may_be_killed_anywhere(empty: Stores, undisturbed: tuple[Any, Any]) -> None:
    with empty.watched():
        for stage in STAGES_BEFORE_WRITING:
            empty.kill_after("resolve", stage)
        for loaded in ("(n:Storm)", "(n:Record)", "()-[n:HAS]->()", "(n:Household)"):
            assert empty.hit_when("resolve", loaded, Started.kill)[0] == -signal.SIGKILL
        with pytest.raises(StormopsError):  # what is half written is not credited
            empty.attribute()
        empty.kill_after("resolve", "graph")  # all is written, but no run is complete
        assert empty.hit_when("resolve", "(n:Journey)", Started.kill)[0] in (-signal.SIGKILL, 0)
        empty.kill_after("resolve", "journeys")
        empty.resolve()
        assert empty.outcome() == undisturbed[0]
        for stage in ATTRIBUTE_STAGES:
            empty.kill_after("attribute", stage)
        empty.attribute()
    assert empty.ask(HALF, these=None) == empty.ask(TORN, these=None) == []
    assert empty.outcome() == undisturbed[1]
    assert verify(empty.project, ENVIRON).found == []


def test_of_two_runs_at_once_one_is_refused(empty: Stores, undisturbed: tuple[Any, Any]) -> None:
    with empty.start("resolve") as one, empty.start("resolve") as other:
        one.wait()
        other.wait()
        codes = one.exit_code, other.exit_code
    assert codes in ((0, Busy.exit_code), (Busy.exit_code, 0))
    assert empty.outcome() == undisturbed[0]


def test_a_full_disk_is_told_and_made_good(empty: Stores, undisturbed: tuple[Any, Any]) -> None:
    """The limit on the size of a file stands for the disk: writing fails in the middle, in the same places."""
    with empty.start("resolve", limit=1 << 18) as full:
        said = full.wait()
        assert full.exit_code == StoreError.exit_code, said
    assert "Traceback" not in said
    assert "what to do" in said
    empty.resolve()
    assert empty.outcome() == undisturbed[0]


def test_servers_that_die_under_load_come_back(empty: Stores, undisturbed: tuple[Any, Any]) -> None:
    assert empty.hit_when("resolve", "(n:Record)", lambda _: empty.kill("neo4j"))[0] == StoreError.exit_code
    empty.resolve()
    with reached(empty.project) as again:
        assert again.outcome() == undisturbed[0]
    with empty.start("attribute", until="journeys") as cut:
        with cut.standing():
            empty.kill("postgres")
        cut.wait()
        assert cut.exit_code == StoreError.exit_code
    empty.attribute()
    with reached(empty.project) as again:
        assert again.outcome() == undisturbed[1]


def test_a_full_disk_of_a_server_is_told_and_made_good(empty: Stores, undisturbed: tuple[Any, Any]) -> None:
    graph, outputs = (empty.project.state / name for name in SERVERS)
    if not (graph.is_mount() and outputs.is_mount()):
        pytest.skip("mounting a small disk is not permitted here")
    with filled(graph), pytest.raises(StoreError, match="the disk of Neo4j is full") as refused:
        empty.resolve()
    assert "make room" in refused.value.hint
    assert empty.ask("MATCH (n:Record) RETURN n LIMIT 1") == []
    with ExitStack() as filling:  # in the middle, when Neo4j has begun to write
        code, said = empty.hit_when("resolve", "(n:Record)", lambda _: filling.enter_context(filled(graph)))
    assert (code, "the disk of Neo4j is full" in said, "Traceback" in said) == (StoreError.exit_code, True, False), said
    empty.resolve()
    with reached(empty.project) as again:
        assert again.outcome() == undisturbed[0]
    with empty.start("attribute", until="journeys") as cut, ExitStack() as filling:
        with cut.standing():
            filling.enter_context(filled(outputs))
        said = cut.wait()
        assert (cut.exit_code, "the disk of Postgres is full" in said) == (StoreError.exit_code, True), said
    empty.attribute()
    with reached(empty.project) as again:
        assert again.outcome() == undisturbed[1]
