"""The shared servers are what the other integration tests take them for."""

from __future__ import annotations

from pathlib import Path

import psycopg
from shared_servers import Quiet, Servers

from stormops_graph.services import local


def test_a_project_reaches_the_shared_servers(servers: Servers, tmp_path: Path) -> None:
    project = servers.project(tmp_path / "p")
    assert local.connections(project, servers.environ).neo4j_uri == servers.connections.neo4j_uri
    assert [service.running for service in local.up(project, servers.environ, Quiet())] == [True, True]
    assert all(service.managed for service in local.status(project, servers.environ))


def test_the_graph_is_emptied(servers: Servers, request) -> None:  # type: ignore[no-untyped-def]
    with servers.driver() as driver:
        driver.execute_query("UNWIND range(1, 30000) AS key CREATE (p:Probe {key: key})-[:NEXT]->(p)")
        request.getfixturevalue("clean_graph")
        assert driver.execute_query("MATCH (n) RETURN count(n) AS nodes").records[0]["nodes"] == 0


def test_postgres_is_emptied(servers: Servers, request) -> None:  # type: ignore[no-untyped-def]
    with psycopg.connect(servers.connections.postgres_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS channel_attribution (zip_code text)")
        request.getfixturevalue("clean_postgres")
        assert connection.execute("SELECT to_regclass('channel_attribution')").fetchone() == (None,)
