"""One run: its stores, held by it alone; the seconds of its stages; and its end in the graph, also where it failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext

from stormops_graph import runs
from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.errors import StormopsError, interrupts_raised
from stormops_graph.pipeline.importing import is_likely
from stormops_graph.pipeline.rehearsal import rehearsed
from stormops_graph.pipeline.unstarted import UnstartedGraph
from stormops_graph.ports import Progress, Task
from stormops_graph.project import Project
from stormops_graph.runs.locks import folder_locked, graph_locked
from stormops_graph.services.aside import sweep
from stormops_graph.services.local import hold_nothing, make_ready, up
from stormops_graph.services.room import room_on_disks
from stormops_graph.stores import Fate, open_graph, open_stages
from stormops_graph.tables import Connection

Environ = Mapping[str, str]


class Timed:
    """A Progress that also keeps the seconds of each stage, in order."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.note: Callable[[str], None] = progress.note
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Task]:
        """Open a stage of the progress behind."""
        started = time.monotonic()
        with self._progress.stage(name) as task:
            yield task
        self.seconds[name] = round(time.monotonic() - started, 2)


@contextmanager
def held_stores(
    project: Project, environ: Environ, timed: Timed, kind: str, fate: Fate = "kept"
) -> Iterator[tuple[Connection, Neo4jGraph]]:
    """Workspace and graph, both held by this run alone; local servers are started, or known to hold nothing yet.

    `fate` is that of what is written in the workspace, see `open_stages`.
    """
    with folder_locked(project.state, kind), room_on_disks(project.state):
        sweep(project.state)
        # A plan starts them all the same: its ids are those of the run that applies it.
        first = kind == "resolve" and hold_nothing(project, environ)
        holding = _unstarted_graph if first else _started_graph
        with holding(project, environ, timed, kind) as graph, open_stages(project, fate) as con:
            yield con, graph


@contextmanager
def _started_graph(project: Project, environ: Environ, timed: Timed, kind: str) -> Iterator[Neo4jGraph]:
    with timed.stage("servers"):
        up(project, environ, timed)
    with open_graph(project, environ) as graph:
        migrate(graph)
        with graph_locked(graph, kind, timed), rehearsed(graph) if kind == "resolve" else nullcontext():
            yield graph


@contextmanager
def _unstarted_graph(project: Project, environ: Environ, timed: Timed, kind: str) -> Iterator[Neo4jGraph]:
    with timed.stage("servers"):
        make_ready(project, environ, timed)
    with UnstartedGraph(project, environ, timed, kind) as graph:
        if not is_likely(project):
            graph.start_beside()
        yield graph


@contextmanager
def failure_recorded(graph: Neo4jGraph, run: str) -> Iterator[None]:
    """Keep in the graph that and why the run failed, where the graph still answers."""
    try:
        with interrupts_raised():
            yield
    except (StormopsError, KeyboardInterrupt) as error:
        reason = error.message if isinstance(error, StormopsError) else "interrupted"
        try:
            runs.fail(graph, run, runs.now(), reason)
        except StormopsError as second:
            raise error from second
        raise
