"""Rows that are set aside, and values that a row is used without: each with feed, file, line and reason, none lost.

Invariant: a reason is a fixed phrase; only `row` holds values of the row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from stormops_graph.ports import Forgotten
from stormops_graph.tables import QUARANTINE, Connection
from stormops_graph.tables.ingested import FORGOTTEN

UNREADABLE_LINE = "unreadable line"
WRONG_WIDTH = "wrong number of columns"
NOT_AN_OBJECT = "not a JSON object"
VALUE_MISSING = "required value missing"
UNREADABLE_TIME = "unreadable time"
IMPOSSIBLE_TIME = "a time that cannot be"
UNREADABLE_NUMBER = "unreadable number"
UNREADABLE_FLAG = "neither yes nor no"
UNUSABLE_ZIP = "unusable ZIP code"
ENDS_EARLY = "ends before it starts"
NO_IDENTIFIER = "no identifier"
OTHER_CONTENT = "same id, other content"
FIELD_TOO_LONG = "field too long"

FIELD_LIMIT = 100_000  # letters; the longest of honest fields, the parameters of a web event, have some 20,000
_SHOWN = 1_000  # letters, and fields, that are kept of what is too long


@dataclass
class Rejects:
    """The lines of one file that could not be taken apart."""

    feed: str
    file: str
    forgotten: Forgotten | None = None
    rows: list[tuple[int, str, str | None]] = field(default_factory=list)

    def add(self, line: int, reason: str, content: str | Sequence[str]) -> None:
        """Keep a line with its reason; `content` is what could be read of it, and is cut where it is very long."""
        shown = _cut(content) if isinstance(content, str) else [_cut(field) for field in content[:_SHOWN]]
        text = json.dumps(shown, ensure_ascii=False).encode(errors="replace").decode()
        about = self.forgotten is not None and self.forgotten.are_in(text)
        self.rows.append((line, FORGOTTEN, None) if about else (line, reason, text))

    def store(self, con: Connection) -> None:
        """Append the lines to the quarantine."""
        QUARANTINE.append(con, ((self.feed, self.file, line, None, *said, False) for line, *said in self.rows))


def _cut(text: str) -> str:
    return text if len(text) <= FIELD_LIMIT else text[:_SHOWN]


def kept_of(column: str) -> str:
    """The SQL of what is kept of a column's value."""
    return f'CASE WHEN length("{column}") <= {FIELD_LIMIT} THEN "{column}" ELSE left("{column}", {_SHOWN}) END'
