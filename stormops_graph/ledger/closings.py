"""Closings: from when on a storm's published credits stand, and who opened it again and why.

Invariant: an entry is never changed or removed; the latest on a storm is in force. They are kept in the project's
`closings.jsonl` alone.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from stormops_graph.ledger.decisions import Moment, Text
from stormops_graph.ledger.journal import Journal


class Act(StrEnum):
    """What was done to the books of a storm."""

    closed = "closed"
    reopened = "reopened"


class Closing(BaseModel):
    """One closing or reopening of a storm, in force from `at` on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event_id: Text
    act: Act
    at: Moment
    by: Text
    said_at: Moment
    reason: Text


_JOURNAL = Journal(Closing, "`close` or `reopen`")

kept_closings = _JOURNAL.kept
replace_closings = _JOURNAL.replace


def closings(file: Path) -> dict[str, Closing]:
    """The latest entry of each storm, in force or not yet."""
    return {entry.event_id: entry for entry in _JOURNAL.kept(file)}


def closed_at(file: Path, at: datetime) -> dict[str, Closing]:
    """The storms that are closed at a time (UTC), by what had been said until then."""
    said = {entry.event_id: entry for entry in _JOURNAL.kept(file) if entry.said_at <= at}
    return {event: said[event] for event in sorted(said) if said[event].act is Act.closed and said[event].at <= at}


def keep_closing(file: Path, entry: Closing) -> None:
    """Add an entry to the file."""
    _JOURNAL.append(file, [entry])
