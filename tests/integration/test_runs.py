from __future__ import annotations

import os
import socket
import threading
import time
from datetime import datetime

import pytest
from shared_servers import Quiet

from stormops_graph import runs
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.errors import Busy, Incomplete, NotFound, StoreError
from stormops_graph.runs.locks import graph_locked

AT = datetime(2024, 6, 1)


def test_run_ids_sort_by_time() -> None:
    ids = [runs.new_run(datetime(2024, 1, 1, 0, 0, second)) for second in range(3)]
    assert ids == sorted(ids)
    assert runs.new_run(AT) != runs.new_run(AT)


def test_a_run_is_complete_last(graph: Neo4jGraph) -> None:
    with pytest.raises(Incomplete, match="no resolve is complete"):
        runs.last_complete(graph)
    runs.begin(graph, "R1", "resolve", AT)
    graph.run("write/loading", run="R1", at=AT)
    with pytest.raises(Incomplete, match="stopped while it was writing"):
        runs.last_complete(graph)
    runs.complete(graph, "R1", AT, {"records": 3})
    runs.begin(graph, "R2", "resolve", AT)  # a run that has not begun to write leaves the results as they are
    runs.fail(graph, "R2", AT, "a feed is missing")
    assert runs.last_complete(graph) == "R1"
    assert [(row["run_id"], row["state"]) for row in runs.runs(graph)] == [("R2", "failed"), ("R1", "complete")]
    assert runs.run_report(graph, "R1") == {"records": 3}
    assert runs.run_report(graph, "last") == {"failed": "a feed is missing"}
    with pytest.raises(NotFound):
        runs.run_report(graph, "R9")


def test_the_lock_is_held_by_one_and_released(graph: Neo4jGraph) -> None:
    with (
        graph_locked(graph, "resolve", Quiet()),
        pytest.raises(Busy, match=f"resolve .process {os.getpid()} on"),
        graph_locked(graph, "attribute", Quiet()),
    ):
        pass
    with graph_locked(graph, "attribute", Quiet()):
        pass


@pytest.mark.parametrize(
    ("host", "pid", "age", "taken"),
    [
        (socket.gethostname(), 2**22 + 1, 0, True),  # no process has that number: it is dead
        ("elsewhere", 1, 10, False),
        ("elsewhere", 1, 200, True),
    ],
)
def test_a_stale_lock_is_taken_over_and_told(graph: Neo4jGraph, host: str, pid: int, age: int, taken: bool) -> None:
    graph.execute(
        "MERGE (l:Lock {name: 'run'}) SET l.owner = 'x', l.host = $host, l.pid = $pid, l.kind = 'resolve', "
        "l.heartbeat = localdatetime({timezone: 'UTC'}) - duration({seconds: $age})",
        {"host": host, "pid": pid, "age": age},
        "test",
    )
    progress = Quiet()
    if taken:
        with graph_locked(graph, "resolve", progress):
            assert host in progress.notes[0]
    else:
        with pytest.raises(Busy, match="elsewhere"), graph_locked(graph, "resolve", progress):
            pass


def test_a_lost_lock_is_an_error(graph: Neo4jGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stormops_graph.runs.locks.HEARTBEAT_SECONDS", 0.05)
    with pytest.raises(StoreError, match="took the lock over"), graph_locked(graph, "resolve", Quiet()):
        graph.execute("MATCH (l:Lock) SET l.owner = 'another'", {}, "test")
        while any(thread.name == "lock" for thread in threading.enumerate()):  # until the loss is seen
            time.sleep(0.01)
