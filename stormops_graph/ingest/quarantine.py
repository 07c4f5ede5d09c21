"""Rows that are set aside, and values that a row is used without: each with feed, file, line and reason, none lost.

Invariant: a reason is a fixed phrase; only `row` holds values of the row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from stormops_graph.tables import QUARANTINE, Connection

UNREADABLE_LINE = "unreadable line"
WRONG_WIDTH = "wrong number of columns"
NOT_AN_OBJECT = "not a JSON object"
VALUE_MISSING = "required value missing"
UNREADABLE_TIME = "unreadable time"
UNREADABLE_NUMBER = "unreadable number"
UNREADABLE_FLAG = "neither yes nor no"
UNUSABLE_ZIP = "unusable ZIP code"
ENDS_EARLY = "ends before it starts"
NO_IDENTIFIER = "no identifier"
OTHER_CONTENT = "same id, other content"


@dataclass
class Rejects:
    """The lines of one file that could not be taken apart."""

    feed: str
    file: str
    rows: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, line: int, reason: str, content: object) -> None:
        """Keep a line with its reason; `content` is what could be read of it."""
        self.rows.append((line, reason, json.dumps(content, ensure_ascii=False)))

    def store(self, con: Connection) -> None:
        """Append the lines to the quarantine."""
        QUARANTINE.append(con, ((self.feed, self.file, line, None, *said, False) for line, *said in self.rows))
