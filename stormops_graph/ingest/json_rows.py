"""Rows of a newline-delimited JSON file: one object a line, nested values kept as JSON text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa

from stormops_graph.errors import InputError
from stormops_graph.ingest.columns import missing, own_names
from stormops_graph.ingest.feeds import Feed
from stormops_graph.ingest.lines import Lines, taken
from stormops_graph.ingest.quarantine import NOT_AN_OBJECT, Rejects
from stormops_graph.ingest.sources import open_text
from stormops_graph.settings import FeedSettings
from stormops_graph.tables import Connection

_BATCH = 100_000
_KIND = "coalesce(CASE WHEN json_valid(text) THEN json_type(text) END, '')"


def read_json(feed: Feed, file: Path, encoding: str, settings: FeedSettings, rejects: Rejects, lines: Lines) -> None:
    """Add the file's new objects to `feed_raw`; raises ColumnMissing where none has a required column."""
    con = lines.con
    own = own_names(feed, settings.columns)
    for batch in _lines(feed, file, encoding):
        _take_apart(con, lines.unread(batch, repr(own)), own, rejects)
        lines.note()
    if taken(con, str(file)):
        return  # what is known has all its required columns
    for column in feed.columns:
        there = f'SELECT count(*), count("{column.name}") FROM feed_raw WHERE file = ?'  # noqa: S608
        [(rows, values)] = con.execute(there, [str(file)]).fetchall()
        if column.required and rows and not values:
            raise missing(feed, column.name, own, (), str(file))


def _lines(feed: Feed, file: Path, encoding: str) -> Iterator[pa.Table]:
    with open_text(file, encoding) as stream:
        numbered = ((number, text) for number, text in enumerate(stream, 1) if text.strip())
        while batch := list(islice(numbered, _BATCH)):
            numbers, texts = zip(*batch, strict=True)
            if numbers[0] == 1 and texts[0].lstrip().startswith("["):
                raise InputError(
                    f"feed {feed.name}: {file} is a JSON array", "export it with one object a line (JSON lines)"
                )
            yield pa.table({"line": pa.array(numbers, pa.int64()), "text": pa.array(texts, pa.string())})


def _take_apart(con: Connection, lines: pa.Table, own: dict[str, str], rejects: Rejects) -> None:
    con.register("json_line", lines)
    others = f"SELECT line, text FROM json_line WHERE {_KIND} <> 'OBJECT' ORDER BY line"  # noqa: S608
    for line, text in con.execute(others).fetchall():
        rejects.add(line, NOT_AN_OBJECT, text.rstrip("\r\n"))
    parts = ", ".join(f"part[{place}]" for place in range(1, len(own) + 1))
    pointers = ["/" + name.replace("~", "~0").replace("/", "~1") for name in own.values()]
    con.execute(
        f"INSERT INTO feed_raw SELECT ?, line, {parts} FROM ("  # noqa: S608
        f"SELECT line, json_extract_string(text, ?) AS part FROM json_line WHERE {_KIND} = 'OBJECT')",
        [rejects.file, pointers],
    )
    con.unregister("json_line")
