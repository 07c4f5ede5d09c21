"""The stores of a project, opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.workspace import open_copy, open_workspace
from stormops_graph.project import Project
from stormops_graph.services.local import connections
from stormops_graph.tables import Connection


def connect_graph(project: Project, environ: Mapping[str, str]) -> Neo4jGraph:
    """The project's identity graph; starts no server. Close it."""
    known = connections(project, environ)
    return Neo4jGraph(known.neo4j_uri, known.neo4j_user, known.neo4j_password, known.neo4j_database)


@contextmanager
def open_graph(project: Project, environ: Mapping[str, str]) -> Iterator[Neo4jGraph]:
    """The project's identity graph, closed at the end; starts no server."""
    with connect_graph(project, environ) as graph:
        yield graph


def open_stages(project: Project, *, aside: bool = False) -> AbstractContextManager[Connection]:
    """The project's workspace, in the memory that its settings give it; `aside`: a copy that is dropped at the end.

    Raises what `open_workspace` and `open_copy` raise.
    """
    opening = open_copy if aside else open_workspace
    return opening(project.workspace, memory_mb=project.settings.workspace.memory_mb)
