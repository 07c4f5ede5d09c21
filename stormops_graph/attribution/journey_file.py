"""Journeys that were assembled elsewhere: the `customer_journeys` table of a file, to JOURNEY and JOURNEY_TOUCH.

A row is a touch. A journey is one household in one storm, in time order; it converted if any of its rows did, and
touches after the first conversion are not in it. Invariant: every row of the file is a touch, comes after a
conversion, or is in QUARANTINE with its line and reason.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import duckdb

from stormops_graph.attribution.coding import NO_ZIP, WHOLE_STORM
from stormops_graph.errors import ColumnMissing, FeedMissing, InputError
from stormops_graph.tables import JOURNEY, JOURNEY_TOUCH, QUARANTINE, Connection

FEED = "customer_journeys"
REQUIRED = ("event_id", "channel", "timestamp")
HOME = ("household_id", "property_id")
OPTIONAL = ("zip_code", "play_id", "converted", "conversion_value")
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
TEMPORARY = ("journey_row", "journey_found", "journey_placed", "journey_reject", "journey_reject_scan")
NOTHING_SAID = "NULL|NONE|NAN|N/A|NA|<NA>"  # none is longer than four letters
NOTHING = "('', '" + NOTHING_SAID.replace("|", "', '") + "')"

# A reason, and the condition of a row for it; the first that holds is the row's.
REASONS = (
    ("no household_id or property_id", "household IS NULL"),
    ("no event_id", "event_id IS NULL"),
    ("no channel", "channel IS NULL"),
    ("timestamp is not an ISO 8601 time", '"at" IS NULL'),
    ("converted is neither yes nor no", "converted IS NULL"),
    ("conversion_value is not a number", "value_said IS NOT NULL AND (value IS NULL OR NOT isfinite(value))"),
)
REASON = "CASE " + " ".join(f"WHEN {test} THEN '{reason}'" for reason, test in REASONS) + " END"

FOUND = """
CREATE TEMP TABLE journey_found AS
SELECT household, event_id, min(zip_code) AS zip, min("at") AS started_at, max("at") AS last_at,
       min("at") FILTER (converted) AS converted_at, arg_min(value, ("at", value)) FILTER (converted) AS value
FROM journey_row WHERE reason IS NULL GROUP BY household, event_id
"""
JOURNEYS = f"""
INSERT INTO journey
SELECT household || ':' || event_id, household, event_id,
       CASE WHEN zip IS NULL OR upper(zip) = '{WHOLE_STORM}' THEN '{NO_ZIP}'
            WHEN regexp_full_match(zip, '\\d{{3,5}}(\\.0+)?') THEN lpad(split_part(zip, '.', 1), 5, '0')
            WHEN regexp_full_match(zip, '\\d{{5}}-?\\d{{4}}') THEN left(zip, 5)
            ELSE upper(zip) END,
       NULL, converted_at IS NOT NULL, value, started_at, coalesce(converted_at, last_at)
FROM journey_found
"""  # noqa: S608  (constants)
KEYS_APART = "SELECT count(DISTINCT hash(household, event_id, $salt)) = count(*) FROM journey_found"
PLACED = """
CREATE OR REPLACE TEMP TABLE journey_placed AS
SELECT key, row_number() OVER at_once - 1 AS position, rank() OVER at_once - 1 AS first, channel, play_id, "at"
FROM (SELECT hash(household, event_id, $salt) AS key, channel, play_id, "at", converted, value FROM journey_row
      WHERE reason IS NULL)
WINDOW at_once AS (PARTITION BY key ORDER BY {order})
"""
TIED = "SELECT count(*) > 0 FROM journey_placed WHERE position <> first"
# Rows of one journey at one instant are ordered by what they say (hashed: cheaper to sort), the converting one
# last, so that the order of the file's rows changes nothing. Where no two are, a third of the sorting is saved.
BY_TIME = '"at"'
BY_TIME_AND_WORDS = '"at", converted, hash(channel, play_id, value)'
TOUCHES = """
INSERT INTO journey_touch
SELECT household || ':' || event_id, position, NULL, channel, play_id, "at"
FROM journey_placed
JOIN (SELECT hash(household, event_id, $salt) AS key, household, event_id, converted_at FROM journey_found) USING (key)
WHERE converted_at IS NULL OR "at" <= converted_at
"""
REJECTED = """
INSERT INTO quarantine
SELECT $feed, $file, line, coalesce(column_name, ''), 'the line cannot be read as a row of UTF-8 text', NULL, false
FROM journey_reject ORDER BY line
"""
LINE = ", row_number() OVER () + {header} AS line, to_json(source)::VARCHAR AS said"


@dataclass(frozen=True)
class JourneyFile:
    """What was read: rows, those of them in quarantine, those after a conversion, journeys and touches."""

    rows: int
    quarantined: int
    after_conversion: int
    journeys: int
    touches: int
    first_problem: str = ""  # line and reason of the first row in quarantine

    @property
    def notes(self) -> list[str]:
        """What whoever reads the credits must know."""
        if not self.quarantined:
            return []
        return [f"{self.quarantined:,} of {self.rows:,} rows could not be used, the first: {self.first_problem}"]


def read_journey_file(con: Connection, path: Path) -> JourneyFile:
    """Fill JOURNEY and JOURNEY_TOUCH from a CSV, TSV, Parquet or JSON-lines file.

    Raises FeedMissing, ColumnMissing, or InputError where the file cannot be read or has no good row.
    """
    if not path.is_file():
        raise FeedMissing(f"{FEED}: there is no file {path}", "name the file of journeys: --journeys FILE")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{FEED}: {path} is not of a known kind", f"name it by its kind: {', '.join(READERS)}")
    for table in (JOURNEY, JOURNEY_TOUCH):
        table.create(con)
    QUARANTINE.ensure(con)
    con.execute("DELETE FROM quarantine WHERE feed = $feed", {"feed": FEED})
    for temporary in TEMPORARY:
        con.execute(f"DROP TABLE IF EXISTS {temporary}")
    if reader == CSV:
        reader = _csv_reader(path)
    try:
        _type_rows(con, path, reader)
    except (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException) as error:
        raise InputError(
            f"{FEED}: {path} cannot be read: {_first_line(error)}", "export it again, or correct that place"
        ) from error
    quarantined = _quarantine(con, path, reader)
    con.execute(FOUND)
    con.execute(JOURNEYS)
    _fill_touches(con)
    rows, journeys, touches = _count(con, "journey_row"), JOURNEY.check(con), JOURNEY_TOUCH.check(con)
    rows += quarantined - _count(con, "journey_row WHERE reason IS NOT NULL")  # and what was no row at all
    problem = _first_problem(con)
    for temporary in TEMPORARY:
        con.execute(f"DROP TABLE IF EXISTS {temporary}")
    if rows and not journeys:
        raise InputError(
            f"{FEED}: none of the {rows} rows of {path} can be used, the first: {problem}",
            "docs/attribution.md says what each column may hold",
        )
    return JourneyFile(rows, quarantined, rows - quarantined - touches, journeys, touches, problem)


def _fill_touches(con: Connection) -> None:
    """JOURNEY_TOUCH: rows are ordered by a hash of their journey, under the first salt that keeps journeys apart."""
    salt = next(salt for salt in count() if con.execute(KEYS_APART, {"salt": salt}).fetchall()[0][0])
    for order in (BY_TIME, BY_TIME_AND_WORDS):
        con.execute(PLACED.format(order=order), {"salt": salt})
        if not con.execute(TIED).fetchall()[0][0]:
            break
    con.execute(TOUCHES, {"salt": salt})


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


def _type_rows(con: Connection, path: Path, reader: str) -> None:
    """The file's rows in our columns and types, with the reason why a row cannot be used."""
    con.execute(f"CREATE TEMP TABLE journey_row AS {_typed(con, path, reader)}", {"path": str(path)})


def _typed(con: Connection, path: Path, reader: str, extra: str = "") -> str:
    """The select of typed rows; raises ColumnMissing. `extra` are further columns, each after a comma."""
    described = con.execute(f"DESCRIBE SELECT * FROM {reader}", {"path": str(path)}).fetchall()  # noqa: S608
    kinds = {str(row[0]).strip().lower(): (str(row[0]), str(row[1])) for row in described}
    _require(path, kinds)
    homes = [_text(*kinds[name]) for name in HOME if name in kinds]
    value = kinds.get("conversion_value", ("NULL", "NULL"))
    columns = (
        f"coalesce({', '.join(homes)}) AS household",
        f"{_text(*kinds['event_id'])} AS event_id",
        f"{_text(*kinds['channel'])} AS channel",
        f"{_text(*kinds['play_id']) if 'play_id' in kinds else 'NULL::VARCHAR'} AS play_id",
        f"{_text(*kinds['zip_code']) if 'zip_code' in kinds else 'NULL::VARCHAR'} AS zip_code",
        f'{_time(*kinds["timestamp"])} AS "at"',
        f"{_flag(*kinds['converted']) if 'converted' in kinds else 'false'} AS converted",
        f"{_text(*value) if value[1] == 'VARCHAR' else 'NULL::VARCHAR'} AS value_said",
        f"try_cast({_quoted(value[0]) if value[1] != 'NULL' else 'NULL'} AS DOUBLE) AS value",
    )
    inner = f"SELECT {', '.join(columns)}{extra} FROM {reader} AS source"  # noqa: S608
    return f"SELECT *, {REASON} AS reason FROM ({inner})"  # noqa: S608


def _require(path: Path, kinds: dict[str, tuple[str, str]]) -> None:
    missing = [name for name in REQUIRED if name not in kinds]
    if not any(name in kinds for name in HOME):
        missing.insert(0, " or ".join(HOME))
    if missing:
        raise ColumnMissing(
            f"{FEED}: {path} has no column {', '.join(missing)}",
            f"its columns are: {', '.join(sorted(kinds))}; is the delimiter what you think?",
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(name: str, kind: str) -> str:
    column = _quoted(name) if kind == "VARCHAR" else f"{_quoted(name)}::VARCHAR"
    # most words are long and plain, and trimming costs ten times more than looking; it is written once on purpose:
    # what is written twice is computed for every row
    odd = f"strlen({column}) <= 4 OR strlen({column}) <> length({column}) OR contains({column}, ' ')"
    said = f"nullif(regexp_replace(trim({column}), '^({NOTHING_SAID})$', '', 'i'), '')"
    return f"CASE WHEN {odd} THEN {said} ELSE {column} END"


def _time(name: str, kind: str) -> str:
    """UTC. A text without an offset is read as UTC; a cast to TIMESTAMP would drop the offset in silence."""
    column = _quoted(name)
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {column})"
    if kind.startswith(("TIMESTAMP", "DATE")):
        return f"{column}::TIMESTAMP"
    text = f"trim({column}::VARCHAR)"
    return (
        f"CASE WHEN regexp_matches({text}, ':\\d\\d(\\.\\d+)?\\s*[+-]\\d') "
        f"THEN timezone('UTC', try_cast({text} AS TIMESTAMPTZ)) ELSE try_cast({text} AS TIMESTAMP) END"
    )


def _flag(name: str, kind: str) -> str:
    """True, false, or NULL for what is neither; nothing said is false."""
    if kind == "BOOLEAN":
        return f"coalesce({_quoted(name)}, false)"
    text = f"lower(trim({_quoted(name)}::VARCHAR))"
    return (
        f"CASE WHEN {text} IN ('true', 't', 'yes', 'y', '1', '1.0') THEN true WHEN {text} IS NULL "
        f"OR {text} IN ('false', 'f', 'no', 'n', '0', '0.0') OR upper({text}) IN {NOTHING} THEN false END"
    )


def _quarantine(con: Connection, path: Path, reader: str) -> int:
    """Put what cannot be used into QUARANTINE with its line; how many lines that is."""
    where = {"feed": FEED, "file": str(path)}
    if reader.startswith("read_csv"):
        con.execute(REJECTED, where)
    bad = int(con.execute("SELECT count(*) FROM journey_row WHERE reason IS NOT NULL").fetchall()[0][0])
    if bad:  # only now is it worth numbering the lines
        header = 1 if reader.startswith("read_csv") else 0
        source = _typed(
            con, path, reader.replace(", store_rejects = true", ", ignore_errors = true"), LINE.format(header=header)
        )
        con.execute(
            f"INSERT INTO quarantine SELECT $feed, $file, line, '', reason, said, false FROM ({source}) "  # noqa: S608
            "WHERE reason IS NOT NULL ORDER BY line",
            {**where, "path": str(path)},
        )
    found = con.execute("SELECT count(DISTINCT line) FROM quarantine WHERE feed = $feed", {"feed": FEED}).fetchall()
    return int(found[0][0])


def _count(con: Connection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])  # noqa: S608  (constants)


def _first_problem(con: Connection) -> str:
    found = con.execute(
        "SELECT 'line ' || line || ': ' || reason FROM quarantine WHERE feed = $feed ORDER BY line LIMIT 1",
        {"feed": FEED},
    ).fetchall()
    return str(found[0][0]) if found else ""


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
