"""Rows that are not used: each with its feed, file, line and reason, none lost.

Invariant: a reason is a fixed phrase; only `row` holds values of the row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from stormops_graph.tables import QUARANTINE, Connection

UNREADABLE_LINE = "unreadable line"
WRONG_WIDTH = "wrong number of columns"
NOT_AN_OBJECT = "not a JSON object"
VALUE_MISSING = "required value missing"
UNREADABLE_TIME = "unreadable time"
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
        if self.rows:
            _append(con, self.feed, self.file, self.rows)


def _append(con: Connection, feed: str, file: str, rows: Iterable[tuple[int, str, str]]) -> None:
    lines, reasons, contents = zip(*rows, strict=True)
    table = pa.table({"line": lines, "reason": reasons, "content": contents})
    con.register("reject", table)
    con.execute(
        f'INSERT INTO "{QUARANTINE.name}" SELECT ?, ?, line, NULL, reason, content FROM reject',  # noqa: S608
        [feed, file],
    )
    con.unregister("reject")
