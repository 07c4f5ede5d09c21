"""A file of verdicts as stewards write them, one a line as JSON; see `journal` for how it is read."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from stormops_graph.errors import InputError
from stormops_graph.ledger.claims import Claim
from stormops_graph.ledger.decisions import Level, Moment, Text, Verdict
from stormops_graph.ledger.journal import Journal


class Statement(BaseModel):
    """One line: a verdict on two records, each named by its key or as feed:id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    one: Text
    other: Text
    verdict: Verdict
    reason: Text
    level: Level | None = None
    by: Text | None = None
    until: Moment | None = None


_JOURNAL = Journal(Statement, "a steward")


def read_statements(file: Path, by: str, now: datetime) -> list[tuple[str, Claim]]:
    """The verdicts of a file with their places (`file:line`), by `by` where a line names nobody.

    Raises InputError with file, line and field.
    """
    said = []
    for number, line in _JOURNAL.read(file):
        if line.until is not None and line.until <= now:
            raise InputError(f"{file}:{number}: until: this time has passed", "nothing was decided: name one to come")
        claim = Claim(line.one, line.other, line.verdict, line.reason, line.by or by, line.level, line.until)
        said.append((f"{file}:{number}", claim))
    return said
