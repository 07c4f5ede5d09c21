"""Consoles, and how words and figures look on them.

Invariant: results go to stdout, all else to stderr; nothing that a feed contains can act in the terminal.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

from stormops_graph.plain_text import plain

SIMULATED = "SIMULATED DATA: made up by stormops-graph simulate, not real people or results"

_ENDLESS = 1 << 16  # columns


def screen() -> Console:
    """Where results go."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def margin() -> Console:
    """Where progress, notes and errors go."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=not sys.stderr.isatty())


def say_what_can_be_said() -> None:
    """Let what the encoding of a terminal or pipe does not have be a question mark, and no error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with suppress(OSError):  # one that was a file and is a pipe now stays as it is
                stream.reconfigure(errors="replace")


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on stdout, and nothing else; what its encoding may not have is escaped, times are ISO 8601."""
    says_all = screen().encoding.startswith("utf")
    sys.stdout.write(json.dumps(value, ensure_ascii=not says_all, default=_plain) + "\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def safe(value: object, style: str = "") -> Text:
    """A value of a feed as text that is shown as it is."""
    return Text(plain(value), style=style)


def seconds(duration: float) -> str:
    """A duration as people say it."""
    if duration < 60:
        return f"{duration:.1f} s"
    return f"{int(duration // 60)} min {int(duration % 60):02d} s"


def grid(*columns: str) -> Table:
    """A table without lines; a column named with a leading `>` is aligned to the right, one with `=` never broken.

    What is too wide goes on in the next line: a value that is cut cannot be typed.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    for name in columns:
        right = name.startswith(">")
        whole = right or name.startswith("=")
        table.add_column(name.lstrip(">="), justify="right" if right else "left", no_wrap=whole, overflow="fold")
    return table


def fitted(console: Console, table: Table, *least: str) -> Table:
    """The table without the columns of these headings, from the first on, where the console has no room for them.

    What is never broken, and words, stay whole that way; the caption says what is missing.
    """
    gone: list[str] = []
    for name in least:
        if _least_width(console, table) <= console.width:
            break
        kept = [column for column in table.columns if column.header != name]
        table.columns = [replace(column, _index=place) for place, column in enumerate(kept)]  # Rich pads by it
        gone.append(name)
    if gone:
        table.caption = Text(f"no room for: {', '.join(gone)}", style="dim")
        table.caption_justify = "left"
    if _least_width(console, table) <= console.width:
        _settle(console, table)
    return table


def _settle(console: Console, table: Table) -> None:
    """Share the room out, those that want least first: Rich would break words of the one column to spare another."""
    spans = [_span(console, column) for column in table.columns]
    if _gaps(table) + sum(most for _, most in spans) <= console.width:
        return
    room = console.width - _least_width(console, table)
    wanting = sorted(zip(table.columns, spans, strict=True), key=lambda part: part[1][1] - part[1][0])
    for place, (column, (least, most)) in enumerate(wanting):
        more = min(most - least, room // (len(wanting) - place))
        column.width, room = least + more, room - more


def _least_width(console: Console, table: Table) -> int:
    return _gaps(table) + sum(_span(console, column)[0] for column in table.columns)


def _gaps(table: Table) -> int:
    return 2 * len(table.columns)  # Rich counts one behind the last, too


def _span(console: Console, column: Column) -> tuple[int, int]:
    """The least width of a column in which no word is broken, and that in which no line is."""
    sizes = [
        Measurement.get(console, console.options.update(width=_ENDLESS), cell)
        for cell in (column.header, *column.cells)
    ]
    most = max(size.maximum for size in sizes)
    return most if column.no_wrap else max(size.minimum for size in sizes), most


def heading(console: Console, text: str) -> None:
    """A heading with a blank line before it."""
    console.print()
    console.print(Text(plain(text), style="bold"))


def say_simulated(console: Console, simulated: bool) -> None:
    """Say that what is shown was made up, where it was."""
    if simulated:
        console.print(Text(SIMULATED, style="bold yellow"))
