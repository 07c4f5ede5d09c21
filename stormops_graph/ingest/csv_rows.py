"""Rows of a CSV file, with the line each one starts at.

Python's reader rather than DuckDB's: only it gives the true line of a record with line breaks in its fields,
and a quote that never closes costs one line instead of the rest of the file.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from stormops_graph.errors import InputError, SettingsError
from stormops_graph.ingest.columns import locate, own_names
from stormops_graph.ingest.feeds import Feed
from stormops_graph.ingest.quarantine import UNREADABLE_LINE, WRONG_WIDTH, Rejects
from stormops_graph.ingest.sources import open_text
from stormops_graph.settings import FeedSettings

_DELIMITERS = (",", ";", "\t", "|")
_BATCH = 50_000
Record = tuple[int, list[str] | str]


class _Lines(Iterator[str]):
    """Lines that remember what was taken, so that it can be given back."""

    def __init__(self, stream: Iterable[str]) -> None:
        self._stream = iter(stream)
        self._back: deque[str] = deque()
        self.taken: list[str] = []

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._stream)
        self.taken.append(line)
        return line

    def give_back_all_but_first(self) -> str:
        first, *rest = self.taken
        self._back.extendleft(reversed(rest))
        return first


def records(stream: Iterable[str], delimiter: str) -> Iterator[Record]:
    """(line, fields) of each record; (line, the line itself) where it cannot be taken apart."""
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    while True:
        lines.taken.clear()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, lines.give_back_all_but_first()
            line += 1
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        if fields:
            yield line, fields
        line += len(lines.taken)


def read_csv(feed: Feed, file: Path, encoding: str, settings: FeedSettings, rejects: Rejects) -> Iterator[pa.Table]:
    """Batches of (line, the feed's columns as text); lines of another width go to `rejects`."""
    own = own_names(feed, settings.columns)
    if len(settings.delimiter) > 1:
        raise SettingsError(
            f"stormops.toml: [feeds.{feed.name}] delimiter: must be one character", r'as in delimiter = ";" or "\t"'
        )
    with open_text(file, encoding) as stream:
        delimiter = settings.delimiter or _delimiter(stream.readline(), set(own.values()))
        stream.seek(0)
        yield from _batches(feed, records(stream, delimiter), own, rejects)


def _batches(feed: Feed, rows: Iterator[Record], own: dict[str, str], rejects: Rejects) -> Iterator[pa.Table]:
    _, header = next(rows, (0, ""))
    if isinstance(header, str):
        raise InputError(
            f"feed {feed.name}: {rejects.file} has no header line",
            "export it again with its header, or remove the feed from stormops.toml",
        )
    places = locate(feed, own, header, rejects.file)
    lines: list[int] = []
    batch: list[list[str]] = []
    for line, fields in rows:
        if isinstance(fields, str):
            rejects.add(line, UNREADABLE_LINE, fields.rstrip("\r\n"))
        elif len(fields) != len(header):
            rejects.add(line, WRONG_WIDTH, fields)
        else:
            lines.append(line)
            batch.append(fields)
        if len(batch) == _BATCH:
            yield _table(feed, places, lines, batch)
            lines, batch = [], []
    yield _table(feed, places, lines, batch)


def _table(feed: Feed, places: dict[str, int], lines: list[int], batch: list[list[str]]) -> pa.Table:
    by_place = list(zip(*batch, strict=True))
    columns = {"line": pa.array(lines, pa.int64())}
    for column in feed.columns:
        known = column.name in places and batch
        values = pa.array(by_place[places[column.name]], pa.string()) if known else pa.nulls(len(batch), pa.string())
        columns[column.name] = values
    return pa.table(columns)


def _delimiter(header: str, names: set[str]) -> str:
    """The delimiter that takes most of the feed's own columns out of the header; a comma in doubt."""
    wanted = {name.casefold() for name in names}

    def known(delimiter: str) -> int:
        cells = next(csv.reader([header], delimiter=delimiter), [])
        return len(wanted & {cell.strip().casefold() for cell in cells})

    return max(_DELIMITERS, key=known)
