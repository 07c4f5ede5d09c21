"""What other systems take away, as a file."""

from __future__ import annotations

from pathlib import Path

from stormops_graph import runs
from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.exports import EXPORTED_CREDIT, FROM_GRAPH, write_export
from stormops_graph.journeys import read_journeys
from stormops_graph.locks import folder_locked
from stormops_graph.pipeline.run import Environ
from stormops_graph.project import Project
from stormops_graph.stores import connect_graph


def export(project: Project, environ: Environ, what: str, out: Path) -> int:
    """Write assignments, journeys, credits or quarantine to `out`; how many rows."""
    with folder_locked(project.state, "export"), open_workspace(project.workspace) as con:
        if what in FROM_GRAPH:
            with connect_graph(project, environ) as graph:
                runs.last_complete(graph, "attribute" if what == "credits" else "resolve")
                if what == "journeys":
                    read_journeys(con, graph)
                else:
                    EXPORTED_CREDIT.create(con)
                    rows = graph.read("read/credits", event_id=None, zip_code=None)
                    EXPORTED_CREDIT.append(con, ([row[name] for name in EXPORTED_CREDIT.columns] for row in rows))
        return write_export(con, what, out)
