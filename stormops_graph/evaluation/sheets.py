"""CSV files that people fill in, as tables with the line of each row: labels, stays, reviewed samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from stormops_graph.errors import ColumnMissing, InputError
from stormops_graph.ingest.csv_rows import Record, delimiter_of, records

LINE = "line"
_SAVED_SO = "save it as CSV in UTF-8, with a header"


def read_sheet(file: Path, required: Sequence[str]) -> pa.Table:
    """The columns of a file as text, an empty field NULL, and LINE: where each row starts.

    Raises ColumnMissing where a required column is not in its header, and InputError with the line that cannot be read.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            delimiter = delimiter_of(stream.readline(), set(required))
            stream.seek(0)
            rows = list(_rows(file, records(stream, delimiter)))
    except UnicodeDecodeError as error:
        raise InputError(f"{file} line {_line_of(file, error)} is not UTF-8", _SAVED_SO) from error
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}", _SAVED_SO) from error
    header = [name.strip() for name in rows[0][1]] if rows else []
    if missing := [name for name in required if name not in header]:
        raise ColumnMissing(f"{file} has no column {', '.join(missing)}", "the first line names the columns")
    columns = {LINE: pa.array([line for line, _ in rows[1:]], pa.int64())}
    for place, name in enumerate(header):
        columns.setdefault(name, pa.array([fields[place] or None for _, fields in rows[1:]], pa.string()))
    return pa.table(columns)


def _rows(file: Path, found: Iterator[Record]) -> Iterator[tuple[int, list[str]]]:
    """The rows, each as wide as the first."""
    width = 0
    for line, fields in found:
        if isinstance(fields, str):
            raise InputError(f"{file} line {line:,} has a quote that is not closed", "close it, or write two for one")
        width = width or len(fields)
        if len(fields) != width:
            raise InputError(
                f"{file} line {line:,} has {len(fields)} fields, and the first line {width}",
                "leave no field out, and put those with a delimiter in quotes",
            )
        yield line, fields


def _line_of(file: Path, error: UnicodeDecodeError) -> str:
    """The line where decoding failed; by its bytes, as text is read in blocks."""
    for line, said in enumerate(file.read_bytes().split(b"\n"), start=1):
        try:
            said.decode()
        except UnicodeDecodeError:
            return f"{line:,}"
    return str(error.start)
