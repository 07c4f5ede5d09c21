"""Rows of a Parquet file, each value as text; `line` is the row's place in the file, from 1."""

from __future__ import annotations

from pathlib import Path

import duckdb

from stormops_graph.errors import InputError
from stormops_graph.ingest.columns import locate, own_names
from stormops_graph.ingest.feeds import Feed
from stormops_graph.settings import FeedSettings
from stormops_graph.tables import Connection

_UTC = "TIMESTAMP WITH TIME ZONE"
_NESTED = ("STRUCT", "MAP")


def read_parquet(con: Connection, feed: Feed, file: Path, settings: FeedSettings) -> None:
    """Add the file's rows to `feed_raw`."""
    try:
        described = con.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(file)]).fetchall()
    except duckdb.Error as error:
        raise InputError(f"feed {feed.name}: {file} is not a Parquet file", "export it again") from error
    header = [str(row[0]) for row in described]
    places = locate(feed, own_names(feed, settings.columns), header, str(file))
    shown = []
    for column in feed.columns:
        place = places.get(column.name)
        shown.append("NULL" if place is None else _text(header[place], str(described[place][1])))
    con.execute(
        f"INSERT INTO feed_raw SELECT ?, file_row_number + 1, {', '.join(shown)}"  # noqa: S608  (quoted)
        " FROM read_parquet(?, file_row_number = true)",
        [str(file), str(file)],
    )


def _text(name: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    if kind.startswith(_NESTED) or kind.endswith("]"):
        return f"to_json({quoted})::VARCHAR"
    if kind == _UTC:
        return f"timezone('UTC', {quoted})::VARCHAR"
    return f"{quoted}::VARCHAR"
