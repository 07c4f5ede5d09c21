"""What other systems take away, as a file."""

from __future__ import annotations

from pathlib import Path

import duckdb

from stormops_graph import runs
from stormops_graph.attribution.touch_credits import touch_credits
from stormops_graph.attribution.windows import narrow
from stormops_graph.exports import EXPORTED_CREDIT, FROM_GRAPH, write_export
from stormops_graph.journeys import read_journeys
from stormops_graph.ledger.closings import closed_at
from stormops_graph.pipeline.run import Environ
from stormops_graph.ports import Graph
from stormops_graph.project import Project
from stormops_graph.project.written import note_written
from stormops_graph.runs.locks import folder_locked
from stormops_graph.stewardship.books import paid
from stormops_graph.stores import open_graph, open_outputs, open_stages
from stormops_graph.tables import COMMISSION, CREDIT, Connection
from stormops_graph.writeback.commissions import list_commissions, read_credited, touch_output


def export(project: Project, environ: Environ, what: str, out: Path) -> int:
    """Write what is asked for to `out`; how many rows."""
    with folder_locked(project.state, "export"), open_stages(project) as con:
        if what in FROM_GRAPH:
            with open_graph(project, environ) as graph:
                runs.last_complete(graph, "resolve" if what == "journeys" else "attribute")
                _READ[what](con, graph, project, environ)
        rows = write_export(con, what, out)
    note_written(project.written, what, out)
    return rows


def export_paid(project: Project, environ: Environ, as_of: str, out: Path) -> int:
    """Write the commissions that were published as of a run, a date or a time to `out`; how many rows."""
    rows = paid(project, environ, as_of)
    with duckdb.connect(":memory:") as con:
        COMMISSION.fill(con, rows)
        written = write_export(con, "commissions", out)
    note_written(project.written, "commissions", out)
    return written


def _journeys(con: Connection, graph: Graph, _: Project, __: Environ) -> None:
    read_journeys(con, graph)


def _credits(con: Connection, graph: Graph, _: Project, __: Environ) -> None:
    EXPORTED_CREDIT.fill(con, graph.read("read/credits", event_id=None, zip_codes=None))


def _commissions(con: Connection, graph: Graph, project: Project, environ: Environ) -> None:
    """What is in the books; by the other models, what the graph's journeys and published credits give."""
    options = project.settings.attribution
    read_journeys(con, graph)
    narrow(con, options)
    read_credited(con, graph)
    rows = graph.read("read/credits", event_id=None, zip_codes=None)
    CREDIT.fill(con, ({**row, "share": row["credit"]} for row in rows))
    touch_credits(con, options)
    with open_outputs(project, environ) as outputs:
        books = outputs.read(touch_output())
    list_commissions(con, options.published_model, books, closed_at(project.closings, runs.now()))


_READ = {"journeys": _journeys, "credits": _credits, "commissions": _commissions}
