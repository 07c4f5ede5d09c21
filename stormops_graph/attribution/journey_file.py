"""Files of journeys that were assembled elsewhere: how each kind is read.

Invariant: what a file's rows mean does not depend on its kind (see `journey_rows`).
"""

from __future__ import annotations

import csv
from pathlib import Path

from stormops_graph.attribution.journey_rows import FEED, JourneyFile, Source, read_journey_rows
from stormops_graph.errors import FeedMissing, InputError
from stormops_graph.tables import Connection

# Delimiter and columns are said, not sniffed: one odd line would make a file of a single column, or of none.
CSV = (
    "read_csv($path, auto_detect = false, columns = {columns}, delim = '{delimiter}', quote = '\"', escape = '\"', "
    "header = true, all_varchar = true, strict_mode = false, store_rejects = true, "
    "rejects_table = 'journey_reject', rejects_scan = 'journey_reject_scan')"
)
DELIMITERS = (",", ";", "\t", "|")
JSON_LINES = "read_ndjson($path, sample_size = -1)"
HEADER = 100_000  # letters that a header may have
READERS = {
    ".csv": CSV,
    ".tsv": CSV,
    ".parquet": "read_parquet($path)",
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
}


def read_journey_file(con: Connection, path: Path) -> JourneyFile:
    """Fill JOURNEY and JOURNEY_TOUCH from a CSV, TSV, Parquet or JSON-lines file.

    Raises FeedMissing, ColumnMissing, or InputError where the file cannot be read or has no good row.
    """
    if not path.is_file():
        raise FeedMissing(f"{FEED}: there is no file {path}", "name the file of journeys: --journeys FILE")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{FEED}: {path} is not of a known kind", f"name it by its kind: {', '.join(READERS)}")
    return read_journey_rows(con, Source(_csv_reader(path) if reader == CSV else reader, str(path)))


def _csv_reader(path: Path) -> str:
    """The reader of a CSV file, by the delimiter that its header has most of; raises InputError without a header."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        header = stream.readline(HEADER)
    if not header.strip():
        raise InputError(f"{FEED}: {path} has no header line", "export it again with its header")
    delimiter = max(DELIMITERS, key=header.count)
    names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter))]
    if len({name.casefold() for name in names}) < len(names):
        raise InputError(f"{FEED}: {path} names a column twice", "rename one of them")
    columns = ", ".join("'" + name.replace("'", "''") + "': 'VARCHAR'" for name in names)
    return CSV.replace("{columns}", "{" + columns + "}").replace("{delimiter}", delimiter)
