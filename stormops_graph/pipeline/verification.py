"""Whether the stores agree, and whether the graph still is as it was written. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stormops_graph import runs
from stormops_graph.graph.inspection import Edits, inspect
from stormops_graph.ledger.closings import closed_at
from stormops_graph.ports import Graph
from stormops_graph.project import Project
from stormops_graph.runs.locks import folder_locked
from stormops_graph.stores import open_graph, open_outputs, open_stages
from stormops_graph.writeback.commissions import unpaid
from stormops_graph.writeback.credits import compare_credits


@dataclass(frozen=True)
class Verification:
    """What differs between the stores, and between the graph and what was written to it."""

    differences: tuple[str, ...]
    edits: tuple[Edits, ...] | None  # None: this machine's workspace does not know the last load

    @property
    def found(self) -> list[str]:
        """Every finding in words; none when all is well."""
        edited = [
            f"{edits.kind} in the graph: {edits.missing} missing, {edits.extra} extra, {edits.edited} edited"
            for edits in self.edits or ()
        ]
        return [*self.differences, *edited]


def verify(project: Project, environ: Mapping[str, str]) -> Verification:
    """Compare credits of graph and Postgres, and the graph with what the last resolve wrote; starts no server."""
    with folder_locked(project.state, "verify"), open_graph(project, environ) as graph:
        with open_outputs(project, environ) as postgres:
            model, closed = project.settings.attribution.published_model, closed_at(project.closings, runs.now())
            differences = [*map(str, compare_credits(graph, postgres, model)), *unpaid(graph, postgres, model, closed)]
        return Verification(tuple(differences), _edits(project, graph))


def _edits(project: Project, graph: Graph) -> tuple[Edits, ...] | None:
    if not project.workspace.exists():
        return None
    with open_stages(project) as con:
        is_whole = runs.of_workspace(con) is not None  # a run that stopped leaves tables of two runs
        found = inspect(con, graph) if is_whole else None
    return None if found is None else tuple(found)
