"""The stores of a project, opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.project import Project
from stormops_graph.services.local import connections


def connect_graph(project: Project, environ: Mapping[str, str]) -> Neo4jGraph:
    """The project's identity graph; starts no server. Close it."""
    known = connections(project, environ)
    return Neo4jGraph(known.neo4j_uri, known.neo4j_user, known.neo4j_password, known.neo4j_database)


@contextmanager
def open_graph(project: Project, environ: Mapping[str, str]) -> Iterator[Neo4jGraph]:
    """The project's identity graph, closed at the end; starts no server."""
    with connect_graph(project, environ) as graph:
        yield graph
