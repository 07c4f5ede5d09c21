"""How the journeys go, of the graph or of elsewhere; nothing is written."""

from __future__ import annotations

from contextlib import closing

import duckdb

from stormops_graph import runs
from stormops_graph.attribution.path_report import AreaPaths, path_report
from stormops_graph.attribution.windows import narrowed
from stormops_graph.journeys import read_journeys
from stormops_graph.pipeline.crediting import EVERYTHING, AreasAsked
from stormops_graph.pipeline.journey_sources import read_journeys_elsewhere
from stormops_graph.pipeline.run import Environ
from stormops_graph.project import Project
from stormops_graph.settings import AttributionSettings, Settings
from stormops_graph.stores import open_graph
from stormops_graph.tables import Connection

Paths = tuple[list[AreaPaths], list[str]]
"""The paths of each storm, and what is to be noted of the journeys."""


def paths(project: Project, environ: Environ, asked: AreasAsked = EVERYTHING, top: int = 10) -> Paths:
    """The paths of the graph's journeys; raises Incomplete when the last resolve did not complete."""
    with closing(duckdb.connect(":memory:")) as con:
        with open_graph(project, environ) as graph:
            runs.last_complete(graph, "resolve")
            read_journeys(con, graph, asked.event)
        return _paths(con, project.settings.attribution, asked, top)


def paths_apart(
    journeys: str, settings: Settings, environ: Environ, asked: AreasAsked = EVERYTHING, top: int = 10
) -> Paths:
    """The paths of journeys of elsewhere; no server of ours is needed."""
    with closing(duckdb.connect(":memory:")) as con:
        notes = read_journeys_elsewhere(con, journeys, settings.journeys, environ).notes
        found, more = _paths(con, settings.attribution, asked, top)
        return found, notes + more


def _paths(con: Connection, options: AttributionSettings, asked: AreasAsked, top: int) -> Paths:
    notes = narrowed(con, options)
    return path_report(con, options.markov_order, asked.event, asked.zip_code, top), notes
