"""The graph of a server of the project's own that was never started: it holds nothing, and starts when that matters.

Invariant: what it answers is what the server would say once it has started and been migrated. A statement that it has
no answer to starts the server, and so does whatever writes to the graph, but for what is noted of the run itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

from stormops_graph import runs
from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.ports import Progress, Row, Step, Words
from stormops_graph.project import Project
from stormops_graph.runs.locks import graph_locked
from stormops_graph.services.credentials import Credentials
from stormops_graph.services.local import connections, up
from stormops_graph.services.loopback import HOST
from stormops_graph.services.neo4j_data import USER
from stormops_graph.services.private_file import private_folder
from stormops_graph.stores import open_graph

EMPTY: Mapping[str, Sequence[Row]] = {
    "read/last_complete": ({"run_id": None, "kind": None, "broken": False},),
    "read/any": (),
    "read/decisions": (),
    "read/node_fingerprints": (),
    "read/paid_touches": (),
    "read/published_shares": (),
    "read/relation_fingerprints": (),
    "read/shared_identifiers": (),
    "read/used_ids": (),
    "read/version": (),
}
"""What statements that a first run asks before it writes say of an empty graph."""

_NOTES = ("write/run_begun", "write/loading", "write/run_finished")


class UnstartedGraph(Neo4jGraph):
    """The graph as a first run of some `kind` meets it; its lock is taken with the start, and held until it closes."""

    def __init__(self, project: Project, environ: Mapping[str, str], progress: Progress, kind: str) -> None:
        password = Credentials.ensure(private_folder(project.state)).neo4j_password
        super().__init__(f"bolt://{HOST}", USER, password, project.settings.neo4j.database)  # where, its start will say
        self._project, self._environ, self._progress, self._kind = project, environ, progress, kind
        self._namespace = {"name": "identity", "namespace": str(uuid4()), "created_at": runs.now()}
        self._noted: dict[str, Mapping[str, Any]] = {}
        self._started = False
        self._beside = ThreadPoolExecutor(1, "start")
        self._starting: Future[None] | None = None
        self._held = ExitStack()

    def start_beside(self) -> None:
        """Let the server start, and be migrated, while the run finds out what there is to write."""
        self._starting = self._beside.submit(self._bring_up)

    def close(self) -> None:
        """Let go of the lock, if the server was started, and close all connections."""
        self._beside.shutdown()
        self._held.close()
        super().close()

    def reopen(self, uri: str) -> None:
        """Reach the graph at `uri` from now on, its server having been started, and hold its lock."""
        super().reopen(uri)
        if not self._started:
            self._started = True
            self._held.enter_context(graph_locked(self, self._kind, self._progress))

    def read(self, statement: str, words: Words | None = None, **parameters: Any) -> Iterator[Row]:
        """What a read statement says of an empty graph, or of the started one."""
        if not self._started:
            if statement == "read/namespace":
                return iter([self._namespace])
            if statement == "read/books":
                self._wait()  # who asks for them is about to replace the server's data
                return iter(self._books())
            if statement in EMPTY:
                return iter(EMPTY[statement])
        self._start()
        return super().read(statement, words, **parameters)

    def write_together(self, transactions: Iterable[Sequence[Step]], *, threads: int = 1, **parameters: Any) -> int:
        """Start the server, and write to it."""
        self._start()
        return super().write_together(transactions, threads=threads, **parameters)

    def run(self, statement: str, **parameters: Any) -> Sequence[Row]:
        """Keep a note of the run until the server starts: a run that ends before leaves none; write anything else."""
        if not self._started and statement in _NOTES:
            self._noted[statement] = parameters
            return ()
        self._start()
        return super().run(statement, **parameters)

    def _start(self) -> None:
        if self._started:
            return
        if self._starting is None:
            self.start_beside()
        self._wait()
        self.reopen(connections(self._project, self._environ).neo4j_uri)
        super().run("write/namespace", namespace=self._namespace["namespace"])
        for statement, parameters in self._noted.items():
            super().run(statement, **parameters)

    def _bring_up(self) -> None:
        up(self._project, self._environ, self._progress)
        with open_graph(self._project, self._environ) as graph:
            migrate(graph)

    def _wait(self) -> None:
        if self._starting is not None:
            self._starting.result()

    def _books(self) -> list[Row]:
        """The books of a graph that is to be imported, as the notes would leave them."""
        begun, loading = self._noted["write/run_begun"], self._noted["write/loading"]
        run = {"run_id": begun["run"], "kind": begun["kind"], "state": "loading"}
        run |= {"started_at": begun["at"], "loading_at": loading["at"]}
        return [{"label": "Graph", "properties": self._namespace}, {"label": "Run", "properties": run}]
