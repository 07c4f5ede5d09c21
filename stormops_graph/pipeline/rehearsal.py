"""The statements that take a server longest to plan, planned while a run finds out what there is to write.

A server that was just started needs seconds for its first plans, and idles while the feeds are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.errors import StormopsError

STATEMENTS = ("write/journeys_removed", "write/journeys", "write/journeys_read", "write/journeys_due")


@contextmanager
def rehearsed(graph: Neo4jGraph) -> Iterator[None]:
    """Let the graph's server plan STATEMENTS beside what the caller does; what fails fails again where it matters."""
    ended = Event()

    def rehearse() -> None:
        with suppress(StormopsError):
            for statement in STATEMENTS:
                if not ended.is_set():
                    graph.explain(statement, batch={"rows": []})

    beside = Thread(target=rehearse, name="rehearsal")
    beside.start()
    try:
        yield
    finally:
        ended.set()
        beside.join()
