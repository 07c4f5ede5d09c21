"""One pair of real servers for all integration tests: those of NEO4J_URI and POSTGRES_DSN, or local ones.

A server named in the environment must hold an empty graph: the tests empty it again and again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from graph_sample import ALL_GONE
from shared_servers import Quiet, Run, Servers

from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.cli.app import main
from stormops_graph.project import Project
from stormops_graph.services import local, neo4j_server, postgres_server
from stormops_graph.settings import Settings

# Small, for two servers next to the tests on a small machine.
LOCAL = {"neo4j": {"heap_mb": 768, "pagecache_mb": 128}}


@pytest.fixture(scope="session", autouse=True)
def short_lived_servers() -> Iterator[None]:
    """Let imports compile quickly rather than well, as servers do: tests import too little for it to pay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neo4j_server, "JVM_OPTIONS", (*neo4j_server.JVM_OPTIONS, "-XX:TieredStopAtLevel=1"))
        yield


@pytest.fixture(scope="session", autouse=True)
def ports_of_their_own() -> Iterator[None]:
    """Let each process of tests start its servers on ports that no other takes while one of its own is down."""
    apart = 500 * (1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")))
    usual = ((neo4j_server, "USUAL_BOLT"), (neo4j_server, "USUAL_HTTP"), (postgres_server, "USUAL_PORT"))
    with pytest.MonkeyPatch.context() as patch:
        for module, name in usual:
            patch.setattr(module, name, getattr(module, name) + apart)
        yield


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The shared servers; local ones are stopped after the last test."""
    project = Project(tmp_path_factory.mktemp("servers"), Settings.model_validate(LOCAL))
    try:
        local.up(project, os.environ, Quiet())
        known = local.connections(project, os.environ)
        environ = {
            **os.environ,
            "NEO4J_URI": known.neo4j_uri,
            "NEO4J_USER": known.neo4j_user,
            "NEO4J_PASSWORD": known.neo4j_password,
            "NEO4J_DATABASE": known.neo4j_database,
            "POSTGRES_DSN": known.postgres_dsn,
        }
        shared = Servers(known, environ)
        if os.environ.get("NEO4J_URI"):
            _refuse_a_graph_in_use(shared)
        yield shared
    finally:
        local.down(project)


@pytest.fixture
def clean_graph(servers: Servers) -> Servers:
    """The shared servers with an empty graph."""
    servers.empty_graph()
    return servers


@pytest.fixture
def graph(servers: Servers) -> Iterator[Neo4jGraph]:
    """The shared graph, empty but for its schema."""
    known = servers.connections
    with Neo4jGraph(known.neo4j_uri, known.neo4j_user, known.neo4j_password, known.neo4j_database) as opened:
        opened.execute(ALL_GONE, {}, "test")
        migrate(opened)
        yield opened


@pytest.fixture
def clean_postgres(servers: Servers) -> Servers:
    """The shared servers without our tables in Postgres."""
    servers.empty_postgres()
    return servers


def _refuse_a_graph_in_use(servers: Servers) -> None:
    with servers.driver() as driver, driver.session(database=servers.connections.neo4j_database) as session:
        nodes = session.run("MATCH (n) RETURN count(n) AS nodes").single(strict=True)["nodes"]
    if nodes and not os.environ.get("STORMOPS_TEST_EMPTY_GRAPH"):
        pytest.exit(
            f"the graph at {servers.connections.neo4j_uri} holds {nodes} nodes, and the tests would delete them: "
            "name an empty one, or set STORMOPS_TEST_EMPTY_GRAPH=1",
            returncode=3,
        )


@pytest.fixture
def typed(servers: Servers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands as a user types them, on the shared servers; no traceback may reach one."""
    for name, value in servers.environ.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        assert "internal error" not in said.err
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def run(tmp_path: Path, clean_graph: Servers, monkeypatch: pytest.MonkeyPatch, typed: Run) -> Run:
    """Commands in a project on a small simulated storm."""
    monkeypatch.setenv("STORMOPS_PROJECT", str(tmp_path / "project"))
    assert typed("simulate", str(tmp_path / "feeds"), "--households", "80", "--seed", "5")[0] == 0
    assert typed("init", str(tmp_path / "project"), "--feeds", str(tmp_path / "feeds"))[0] == 0
    return typed
