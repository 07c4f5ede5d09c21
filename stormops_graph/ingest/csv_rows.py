"""Rows of a CSV file, with the line each one starts at.

Python's reader rather than DuckDB's: only it gives the true line of a record with line breaks in its fields,
and a quote that never closes costs one line instead of the rest of the file.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa

from stormops_graph.errors import InputError, SettingsError
from stormops_graph.ingest.columns import locate, own_names
from stormops_graph.ingest.feeds import Feed
from stormops_graph.ingest.lines import Lines
from stormops_graph.ingest.quarantine import FIELD_LIMIT, FIELD_TOO_LONG, UNREADABLE_LINE, WRONG_WIDTH, Rejects
from stormops_graph.ingest.sources import line_batches, open_text
from stormops_graph.settings import FeedSettings

_DELIMITERS = (",", ";", "\t", "|")
_SAID = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # the first line of a file that tells Excel its delimiter
_BATCH = 100_000
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


def records(stream: Iterable[str], delimiter: str, line: int = 1) -> Iterator[Record]:
    """(line, fields) of each record from `line` on, line breaks in them alike; (line, the line itself) where it cannot
    be taken apart.
    """
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
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
            yield line, [field.replace("\r\n", "\n") for field in fields]
        line += len(lines.taken)


def read_csv(
    feed: Feed, file: Path, encoding: str, settings: FeedSettings, rejects: Rejects, lines: Lines
) -> Iterator[pa.Table]:
    """Batches of (line, the feed's columns as text) of lines that are new; those of another width go to `rejects`."""
    own = own_names(feed, settings.columns)
    if len(settings.delimiter) > 1:
        raise SettingsError(
            f"stormops.toml: [feeds.{feed.name}] delimiter: must be one character", r'as in delimiter = ";" or "\t"'
        )
    with open_text(file, encoding) as stream:
        first = stream.readline()
        if said := _SAID.fullmatch(first):
            yield from _headed(feed, records(stream, settings.delimiter or said[1], 2), own, rejects)
            return
        written = first if first.strip() else next(filter(str.strip, stream), "")
        delimiter = settings.delimiter or delimiter_of(written, set(own.values()))
        header = (_apart([first], delimiter) or [[]])[0]
        if _is_blank(header):  # it spans lines, or stands further down
            stream.seek(0)
            yield from _headed(feed, records(stream, delimiter), own, rejects)
            return
    shape = _Shape(feed, locate(feed, own, header, rejects.file), len(header), rejects)
    how = repr((header, delimiter, own))
    for batch in line_batches(file, encoding, _BATCH):
        number = batch["line"][0].as_py()
        new = lines.unread(batch.slice(1) if number == 1 else batch, how)
        rows = _apart(new["text"].to_pylist(), delimiter)
        if rows is None:  # a record spans lines: from here on one after the other
            lines.take_back(number)
            with open_text(file, encoding) as stream:
                number = max(number, 2)
                yield from shape.batches(records(islice(stream, number - 1, None), delimiter, number))
            return
        yield from shape.batches(
            (line, fields) for line, fields in zip(new["line"].to_pylist(), rows, strict=True) if fields
        )


def _apart(texts: list[str], delimiter: str) -> list[list[str]] | None:
    """The fields of each line; None where a line is not a record by itself."""
    try:
        rows = list(csv.reader(texts, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows if len(rows) == len(texts) else None


def _headed(feed: Feed, rows: Iterator[Record], own: dict[str, str], rejects: Rejects) -> Iterator[pa.Table]:
    _, header = next((row for row in rows if not _is_blank(row[1])), (0, ""))
    if isinstance(header, str):
        raise InputError(
            f"feed {feed.name}: {rejects.file} has no header line",
            "export it again with its header, or remove the feed from stormops.toml",
        )
    yield from _Shape(feed, locate(feed, own, header, rejects.file), len(header), rejects).batches(rows)


def _is_blank(fields: list[str] | str) -> bool:
    return not isinstance(fields, str) and not any(map(str.strip, fields))


@dataclass(frozen=True)
class _Shape:
    """Where a file has the columns of its feed, and how wide its lines are."""

    feed: Feed
    places: dict[str, int]
    width: int
    rejects: Rejects

    def batches(self, rows: Iterator[Record]) -> Iterator[pa.Table]:
        """Tables of the rows that have the right width; the others are rejected."""
        lines: list[int] = []
        batch: list[list[str]] = []
        for line, fields in rows:
            if isinstance(fields, str):
                reason = FIELD_TOO_LONG if len(fields) > FIELD_LIMIT else UNREADABLE_LINE
                self.rejects.add(line, reason, fields.rstrip("\r\n"))
            elif len(fields) != self.width:
                self.rejects.add(line, WRONG_WIDTH, fields)
            else:
                lines.append(line)
                batch.append(fields)
            if len(batch) == _BATCH:
                yield _table(self.feed, self.places, lines, batch)
                lines, batch = [], []
        yield _table(self.feed, self.places, lines, batch)


def _table(feed: Feed, places: dict[str, int], lines: list[int], batch: list[list[str]]) -> pa.Table:
    by_place = list(zip(*batch, strict=True))
    columns = {"line": pa.array(lines, pa.int64())}
    for column in feed.columns:
        known = column.name in places and batch
        values = pa.array(by_place[places[column.name]], pa.string()) if known else pa.nulls(len(batch), pa.string())
        columns[column.name] = values
    return pa.table(columns)


def delimiter_of(header: str, names: set[str]) -> str:
    """The delimiter that takes most of the feed's own columns out of the header; a comma in doubt."""
    wanted = {name.casefold() for name in names}

    def known(delimiter: str) -> int:
        cells = next(csv.reader([header], delimiter=delimiter), [])
        return len(wanted & {cell.strip().casefold() for cell in cells})

    return max(_DELIMITERS, key=known)
