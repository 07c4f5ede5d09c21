"""The stores of a project, opened."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Literal

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.postgres import PostgresOutputs
from stormops_graph.adapters.workspace import open_copy, open_revertible, open_workspace
from stormops_graph.project import Project
from stormops_graph.services.local import connections
from stormops_graph.tables import Connection

Fate = Literal["kept", "dropped", "revertible"]  # of what is written in a workspace


def open_graph(project: Project, environ: Mapping[str, str]) -> Neo4jGraph:
    """The project's identity graph; starts no server. Close it, or use `with`."""
    known = connections(project, environ)
    return Neo4jGraph(known.neo4j_uri, known.neo4j_user, known.neo4j_password, known.neo4j_database)


def open_outputs(project: Project, environ: Mapping[str, str]) -> PostgresOutputs:
    """The project's database of outputs; starts no server. Close it, or use `with`."""
    return PostgresOutputs(connections(project, environ).postgres_dsn, project.settings.postgres.table_schema)


def open_stages(project: Project, fate: Fate = "kept") -> AbstractContextManager[Connection]:
    """The project's workspace, in the memory that its settings give it; dropped: a copy for a while;
    revertible: as it was before where a run is refused.

    Raises what `open_workspace` and `open_copy` raise.
    """
    opening = {"kept": open_workspace, "dropped": open_copy, "revertible": open_revertible}[fate]
    return opening(project.workspace, memory_mb=project.settings.workspace.memory_mb)
