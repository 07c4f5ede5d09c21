"""Rows of a newline-delimited JSON file: one object a line, nested values kept as JSON text."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from stormops_graph.errors import InputError
from stormops_graph.ingest.columns import missing, own_names
from stormops_graph.ingest.feeds import Feed
from stormops_graph.ingest.lines import Lines
from stormops_graph.ingest.quarantine import NOT_AN_OBJECT, Rejects
from stormops_graph.ingest.sources import line_batches
from stormops_graph.settings import FeedSettings
from stormops_graph.tables import Connection

_BATCH = 100_000
_KIND = "coalesce(CASE WHEN json_valid(text) THEN json_type(text) END, '')"


def read_json(feed: Feed, file: Path, encoding: str, settings: FeedSettings, rejects: Rejects, lines: Lines) -> None:
    """Add the file's new objects to `feed_raw`; raises ColumnMissing where none has a required column."""
    con = lines.con
    own = own_names(feed, settings.columns)
    for batch in line_batches(file, encoding, _BATCH):
        if batch["line"][0].as_py() == 1 and batch["text"][0].as_py().lstrip().startswith("["):
            raise InputError(
                f"feed {feed.name}: {file} is a JSON array", "export it with one object a line (JSON lines)"
            )
        new = lines.unread(batch, repr(own))
        _take_apart(con, new.filter(pc.not_equal(pc.utf8_trim_whitespace(new["text"]), "")), own, rejects)
    if lines.known():
        return  # what is known has all its required columns
    for column in feed.columns:
        there = f'SELECT count(*), count("{column.name}") FROM feed_raw WHERE file = ?'  # noqa: S608
        [(rows, values)] = con.execute(there, [str(file)]).fetchall()
        if column.required and rows and not values:
            raise missing(feed, column.name, own, (), str(file))


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
