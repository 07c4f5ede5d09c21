"""Runs: what was done when, kept in the graph as (:Run).

Invariant: a run is `running`, then `loading` while it changes the graph, and `complete` or `failed` at its end;
run ids sort by time. Whoever reads results follows the last complete run.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from stormops_graph.errors import Incomplete, NotFound
from stormops_graph.ports import Graph, Row
from stormops_graph.tables import WORKSPACE_OF, Connection

RunKind = Literal["resolve", "attribute", "amend"]
HOUSEHOLDS: tuple[RunKind, ...] = ("resolve", "amend")  # the kinds of runs that write households


def now() -> datetime:
    """The time in UTC, without an offset, as all tables and nodes have it."""
    return datetime.now(UTC).replace(tzinfo=None)


def new_run(at: datetime) -> str:
    """A run's id: its time and something random, so that two machines never choose the same."""
    return f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03}-{secrets.token_hex(3)}"


def begin(graph: Graph, run: str, kind: RunKind, at: datetime) -> None:
    """Record that a run began."""
    graph.run("write/run_begun", run=run, kind=kind, at=at)


def complete(graph: Graph, run: str, at: datetime, report: Mapping[str, Any]) -> None:
    """Record that a run is complete, as its last act."""
    _finish(graph, run, at, "complete", report)


def fail(graph: Graph, run: str, at: datetime, reason: str) -> None:
    """Record that a run failed, and why; the reason must hold no personal data."""
    _finish(graph, run, at, "failed", {"failed": reason})


def last_complete(graph: Graph, kind: RunKind = "resolve") -> str:
    """The last complete run; raises Incomplete when there is none or a later one stopped while writing.

    Of households (`resolve`) it may be an amendment.
    """
    kinds = HOUSEHOLDS if kind in HOUSEHOLDS else (kind,)
    row = next(iter(graph.read("read/last_complete", kinds=kinds)))
    if row["broken"]:
        raise Incomplete(
            f"the last {row['kind']} stopped while it was writing",
            f"run it again: stormops-graph {kind}; it continues",
        )
    if row["run_id"] is None:
        raise Incomplete(f"no {kind} is complete yet", f"run it first: stormops-graph {kind}")
    return str(row["run_id"])


def of_workspace(con: Connection) -> str | None:
    """The complete run that the workspace is of; None where there is none."""
    WORKSPACE_OF.ensure(con)
    return next((str(run) for (run,) in con.table(WORKSPACE_OF.name).fetchall()), None)


def runs(graph: Graph, limit: int = 100) -> Iterator[Row]:
    """Runs with kind, state and times, the latest first."""
    return graph.read("read/runs", limit=limit)


def run_report(graph: Graph, run: str) -> dict[str, Any]:
    """The report of a run, or of the latest (`last`); raises NotFound."""
    for row in graph.read("read/run", run=run):
        return dict(json.loads(row["report"] or "{}"))
    raise NotFound(f"there is no run {run}", "list them: stormops-graph runs list")


def last_feeds(graph: Graph) -> list[dict[str, Any]]:
    """What the report of the last complete resolve says of each feed; nothing where the graph remembers none."""
    row = next(iter(graph.read("read/last_complete", kinds=["resolve"])))
    if row["run_id"] is None:
        return []
    return list(run_report(graph, row["run_id"]).get("feeds", []))


def _finish(graph: Graph, run: str, at: datetime, state: str, report: Mapping[str, Any]) -> None:
    text = json.dumps(report, ensure_ascii=False, sort_keys=True, default=str)
    graph.run("write/run_finished", run=run, state=state, at=at, report=text)
