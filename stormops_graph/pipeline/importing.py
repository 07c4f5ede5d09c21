"""The first load of a project's own server: its empty graph is replaced, then reached and migrated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.ingest.sources import files_of
from stormops_graph.pipeline.planning import plan_journeys
from stormops_graph.ports import GraphFile, Progress
from stormops_graph.project import Project
from stormops_graph.services.connections import managed_neo4j
from stormops_graph.services.graph_import import replace_graph
from stormops_graph.services.local import connections, up
from stormops_graph.tables import Connection

_BYTES = 35  # of a feed's text for each node or relationship that comes of it


def is_likely(project: Project) -> bool:
    """Whether a first load of the project's feeds will be imported, by the size of their files."""
    feeds = ((name, feed) for name, feed in project.settings.feeds.items() if not feed.table)
    files = (file for name, feed in feeds for file in files_of(name, feed, project.folder))
    return sum(file.stat().st_size for file in files) >= _BYTES * project.settings.neo4j.import_at_least


@dataclass(frozen=True)
class LocalImporter:
    """The GraphImporter of a project whose Neo4j is its own."""

    project: Project
    environ: Mapping[str, str]
    graph: Neo4jGraph
    progress: Progress

    def pays(self, rows: int) -> bool:
        """Whether so many nodes and relationships take longer by statements than the server's restart."""
        settings = self.project.settings.neo4j
        return managed_neo4j(settings, self.environ) is None and rows >= settings.import_at_least

    def fill(self, con: Connection, write: Callable[[Path], Sequence[GraphFile]]) -> None:
        """Work out the journeys, and let the graph be what `write` puts into files, with constraints and indexes."""
        self.progress.note("the graph is empty: it is imported at once, and then Neo4j starts")
        plan_journeys(con)
        replace_graph(self.project, self.environ, write, self.progress)
        up(self.project, self.environ, self.progress)
        self.graph.reopen(connections(self.project, self.environ).neo4j_uri)
        migrate(self.graph)  # what was migrated before, if it was, had no data: constraints are made over them
        list(self.graph.read("read/indexes_awaited", seconds=600))
