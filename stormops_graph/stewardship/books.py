"""The books of published credits: what was published when, and from when on a storm's credits stand.

Invariant: closing or opening a storm changes no credit; the next `attribute` goes by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from stormops_graph import runs
from stormops_graph.errors import InputError, Mistyped, NotFound
from stormops_graph.ledger.closings import Act, Closing, closed_at, closings, keep_closing
from stormops_graph.ports import Graph
from stormops_graph.project import Project
from stormops_graph.runs.locks import folder_locked
from stormops_graph.stores import open_graph, open_outputs
from stormops_graph.writeback.history import CREDITS, TOUCHES, Area, Book

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")

Environ = Mapping[str, str]


@dataclass(frozen=True)
class Books:
    """The credits that held at a time (None: now), and which of their storms were closed then."""

    at: datetime | None
    run: str | None  # the run that was asked for
    credits: list[dict[str, Any]]
    closed: list[Closing]


@dataclass(frozen=True)
class Say:
    """Who closes or opens a storm, and why."""

    by: str
    reason: str


def moment(text: str) -> datetime | None:
    """A date, meaning its end, or an ISO 8601 time, as UTC without an offset; None for what is neither."""
    if not (_DAY.fullmatch(text) or _TIME.fullmatch(text)):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Mistyped(f"{text} is no date", "write it as 2026-11-30 or 2026-11-30T18:00Z") from error
    if at.tzinfo is not None:
        at = at.astimezone(UTC).replace(tzinfo=None)
    return at + timedelta(days=1, microseconds=-1) if _DAY.fullmatch(text) else at


def close(project: Project, environ: Environ, event: str, at: datetime | None, say: Say) -> Closing:
    """Close a storm, at once or at a time to come; runs after it report differences instead of writing them.

    Raises NotFound for a storm without journeys, InputError for a time that has passed, or where it is closed already.
    """
    now = runs.now()
    if at is not None and at < now:
        raise InputError(
            "a storm cannot be closed for a time that has passed: runs have written since",
            "close it now, without --at; `credits --as-of DATE` shows what was published then",
        )
    with open_graph(project, environ) as graph:
        known = [row["event_id"] for row in graph.read("read/storms_with_areas")]
    if event not in known:
        raise NotFound(f"no storm {event} has journeys", f"known storms: {', '.join(known) or 'none'}")
    entry = Closing(event_id=event, act=Act.closed, at=at or now, by=say.by, said_at=now, reason=say.reason)
    with folder_locked(project.state, "close"):
        before = closings(project.closings).get(event)
        if before is not None and before.act is Act.closed and before.at <= now:
            raise InputError(
                f"{event} is closed since {before.at:%Y-%m-%d %H:%M} UTC",
                f"open it first: stormops-graph reopen {event}",
            )
        keep_closing(project.closings, entry)
    return entry


def reopen(project: Project, event: str, say: Say) -> Closing:
    """Open a storm again: the next run writes its credits. Raises NotFound where it is not closed."""
    now = runs.now()
    entry = Closing(event_id=event, act=Act.reopened, at=now, by=say.by, said_at=now, reason=say.reason)
    with folder_locked(project.state, "reopen"):
        before = closings(project.closings).get(event)
        if before is None or before.act is not Act.closed:
            raise NotFound(f"{event} is not closed", "there is nothing to open")
        keep_closing(project.closings, entry)
    return entry


def books(
    project: Project, environ: Environ, as_of: str | None, event: str | None = None, zip_code: str | None = None
) -> Books:
    """The published credits as of a run, a date (its end) or a time; now where `as_of` is None. Starts no server.

    Raises NotFound for an unknown run, and where nothing was published of that by then.
    """
    area = {name: (said,) for name, said in (("event_id", event), ("zip_code", zip_code)) if said is not None}
    at, run = _time(project, environ, as_of)
    credits = _held(project, environ, CREDITS, area, at)
    if not credits:
        hint = "credits are published by: stormops-graph attribute"
        if area:  # perhaps a storm or a ZIP code that is not there
            hint = f"see all that is: stormops-graph credits{f' --as-of {as_of}' if as_of else ''}; {hint}"
        raise NotFound(f"nothing {'was published of that by then' if as_of else 'is published of that'}", hint)
    closed = closed_at(project.closings, at or runs.now())
    storms = dict.fromkeys(row["event_id"] for row in credits)
    return Books(at, run, credits, [closed[event] for event in storms if event in closed])


def paid(project: Project, environ: Environ, as_of: str | None, area: Area | None = None) -> list[dict[str, Any]]:
    """What touches earned by the published model as of a run, a date (its end) or a time; now where it is None.

    Raises NotFound for an unknown run, and where nothing was published of that by then.
    """
    at, _ = _time(project, environ, as_of)
    rows = _held(project, environ, TOUCHES, area or {}, at)
    if not rows:
        raise NotFound("no touch had earned anything by then", "credits are published by: stormops-graph attribute")
    return rows


def paid_for(project: Project, environ: Environ, as_of: str, name: str) -> list[dict[str, Any]]:
    """What the touches of a journey, or of the one that a touch was in, had earned as of then, in order.

    Raises NotFound as `paid` does.
    """
    at, _ = _time(project, environ, as_of)
    rows = _held(project, environ, TOUCHES, {"touch_id": (name,)}, at)
    rows = _held(project, environ, TOUCHES, {"journey_id": (rows[0]["journey_id"] if rows else name,)}, at)
    if not rows:
        raise NotFound(
            f"nothing had been published of {name} by then",
            "ids are those of: stormops-graph export commissions --as-of RUN|DATE --out FILE",
        )
    return sorted(rows, key=lambda row: row["position"])


def _time(project: Project, environ: Environ, as_of: str | None) -> tuple[datetime | None, str | None]:
    """The time that is meant, and the run where one was named."""
    if as_of is None:
        return None, None
    at = moment(as_of)
    if at is not None:
        return at, None
    with open_graph(project, environ) as graph:
        return _began(graph, as_of), as_of


def _held(project: Project, environ: Environ, book: Book, area: Area, at: datetime | None) -> list[dict[str, Any]]:
    with open_outputs(project, environ) as outputs:
        return book.held(outputs, area, at)


def _began(graph: Graph, run: str) -> datetime:
    for row in graph.read("read/run_began", run=run):
        at: datetime = row["started_at"]
        return at
    raise NotFound(f"{run} is neither a run nor a date", "runs: stormops-graph runs list; dates: 2026-11-30")
