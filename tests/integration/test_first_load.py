"""A first load at once, by Neo4j's importer, is the same graph as one by statements; killed, it is empty or whole.

These tests have servers of their own, which such a load starts, or starts again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from graph_sample import add, at, sample
from processes import Started
from shared_servers import Quiet

from stormops_graph import pipeline, runs
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.graph.history import read_history
from stormops_graph.graph.inspection import inspect
from stormops_graph.graph.load import Manner, load
from stormops_graph.journeys import make_journeys
from stormops_graph.journeys.storms import place_storms
from stormops_graph.pipeline.importing import LocalImporter
from stormops_graph.pipeline.unstarted import UnstartedGraph
from stormops_graph.pipeline.verification import verify
from stormops_graph.project import Project
from stormops_graph.project.blueprint import found
from stormops_graph.services import local
from stormops_graph.simulation import simulate
from stormops_graph.stores import open_graph
from stormops_graph.tables import DECISION, PROPERTY, PROPERTY_PERSONA, STORM, Connection

ENVIRON = {key: value for key, value in os.environ.items() if key not in ("NEO4J_URI", "POSTGRES_DSN")}
NODES = "MATCH (n) WHERE NOT (n:Lock OR n:Migration) RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS p"
RELATIONS = "MATCH (a)-[r]->(b) RETURN elementId(a) AS a, elementId(b) AS b, type(r) AS type, properties(r) AS p"
INDEXES = "SHOW INDEXES YIELD name, type, owningConstraint, state WHERE type <> 'LOOKUP' RETURN * ORDER BY name"
NAMESPACE = "MATCH (g:Graph) RETURN g.namespace AS namespace"
WHOLE = """
RETURN COUNT { (:Household) } AS homes, COUNT { (:Household {journeys_due: true}) } AS due,
       COUNT { (:Journey) } AS journeys, COUNT { (:Storm) } AS storms
"""
HELD = "MATCH (l:Lock) WHERE l.owner IS NOT NULL RETURN l.kind AS kind"
RUNS = "MATCH (r:Run) RETURN r.state AS state ORDER BY r.run_id"
HOSTILE = 'He said "no, \\ never";\n2 lines, é \u4f60'


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a first, load")  # a blank and a comma in the path
    simulate(folder / "feeds", 80, 5)
    return folder / "feeds"


@contextmanager
def own_servers(feeds: Path, name: str) -> Iterator[Project]:
    """A project whose servers were never started, and every first load of which goes through the importer."""
    folder = found(feeds.parent / name, feeds).project.folder
    text = (folder / "stormops.toml").read_text()
    (folder / "stormops.toml").write_text(
        text.replace("heap_mb = 1024", "heap_mb = 512").replace("import_at_least = 300000", "import_at_least = 1")
    )
    project = Project.open(folder)
    try:
        yield project
    finally:
        local.down(project)


def empty(graph: Neo4jGraph) -> None:
    """As before the first run, but for the namespace, so that ids can be compared, and for who holds it."""
    graph.execute("MATCH (n) WHERE NOT (n:Graph OR n:Migration OR n:Lock) DETACH DELETE n", {}, "empty")


def content(graph: Neo4jGraph) -> list[str]:
    """All nodes and relationships, their values as Python shows them: 1 is not 1.0, and no time a text."""

    def values(row: Any) -> str:
        return str(sorted(row["p"].items()))

    said = {row["id"]: f"{sorted(row['labels'])} {values(row)}" for row in asked(graph, NODES)}
    links = [f"{said[row['a']]} {row['type']} {values(row)} {said[row['b']]}" for row in asked(graph, RELATIONS)]
    return sorted([*said.values(), *links])


def asked(graph: Neo4jGraph, query: str) -> list[Any]:
    return list(graph.execute(query, {}, "test"))


def hostile() -> Connection:
    """The sample with texts and lists that a file could spoil."""
    con = sample()
    add(
        con,
        PROPERTY,
        property_id="P3",
        address=HOSTILE,
        city="",
        zip5="07501",
        sii_score=1e-7,
        estimated_value=2**53 + 1,
    )
    PROPERTY_PERSONA.create(con)
    add(
        con,
        PROPERTY_PERSONA,
        property_id="P3",
        persona="A;B",
        probability=0.1,
        personas=["A;B", "C"],
        chances=[0.1, 0.9],
    )
    add(con, STORM, event_id="S2", name=None, started_at=at(1), zip_codes=[])
    add(con, DECISION, id="d2", left_id="crm:1", right_id="crm:2", verdict="unsure", by="ana", at=at(3), reason=HOSTILE)
    return con


def loaded(graph: Neo4jGraph, manner: Manner) -> tuple[list[str], Connection]:
    con = hostile()
    read_history(con, graph)
    place_storms(con)
    assert load(con, graph, "R1", at(28), manner=manner).total > 50
    make_journeys(graph)
    return content(graph), con


def test_importer_and_statements_write_the_same(feeds: Path) -> None:
    with own_servers(feeds, "statements") as project, UnstartedGraph(project, ENVIRON, Quiet(), "resolve") as graph:
        runs.begin(graph, "R1", "resolve", at(28))
        namespaces = list(graph.read("read/namespace"))
        assert server(project) is None
        by_statements, _ = loaded(graph, Manner())
        assert [row["namespace"] for row in asked(graph, NAMESPACE)] == [row["namespace"] for row in namespaces]
        assert [row["kind"] for row in asked(graph, HELD)] == ["resolve"]
        indexes = asked(graph, INDEXES)
        empty(graph)
        runs.begin(graph, "R1", "resolve", at(28))
        process = server(project)
        at_once, con = loaded(graph, Manner(importer=LocalImporter(project, ENVIRON, graph, Quiet())))
        assert server(project) != process  # it was really done
        assert at_once == by_statements
        assert [row["kind"] for row in asked(graph, HELD)] == ["resolve"]
        assert [(row["name"], row["state"]) for row in asked(graph, INDEXES)] == [
            (row["name"], row["state"]) for row in indexes
        ]
        assert inspect(con, graph) == []
        report = load(con, graph, "R2", at(28), manner=Manner(importer=LocalImporter(project, ENVIRON, graph, Quiet())))
        assert (report.total, report.read_back, make_journeys(graph)) == (0, False, 0)


def server(project: Project) -> int | None:
    return next(service.pid for service in local.status(project, ENVIRON) if service.name == "neo4j")


def test_a_first_run_killed_before_its_server_starts_has_written_all(feeds: Path) -> None:
    def has(pattern: str) -> bool:
        return any(project.state.glob(pattern))

    with own_servers(feeds, "never started") as project:
        kill_when(project, lambda: has("neo4j/data/databases"))
        assert server(project) is None
        assert pipeline.resolve(project, ENVIRON, Quiet()).changes == {}
        assert not has("aside-*") and not has("neo4j/data-before")
        with open_graph(project, ENVIRON) as graph:
            (row,) = asked(graph, WHOLE)
            killed, last = asked(graph, RUNS)
        assert row["homes"] and row["storms"] and row["journeys"] and not row["due"]
        assert (killed["state"], last["state"]) == ("failed", "complete")
        assert verify(project, ENVIRON).found == []


def kill_when(project: Project, seen: Callable[[], bool]) -> None:
    """SIGKILL a resolve as soon as something is seen."""
    with Started("resolve", environ={**ENVIRON, "STORMOPS_PROJECT": str(project.folder)}) as cut:
        end = time.monotonic() + 240
        while not seen():
            assert cut.exit_code is None and time.monotonic() < end, cut.wait()
            time.sleep(0.005)
        cut.kill()
