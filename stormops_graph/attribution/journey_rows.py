"""Journeys that were assembled elsewhere: rows of a `customer_journeys` table, to JOURNEY and JOURNEY_TOUCH.

A row is a touch. A journey is one household in one storm, in time order; it converted if any of its rows did, and
touches after the first conversion are not in it. Invariant: every row is a touch, comes after a
conversion, or is in QUARANTINE with its line and reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

import duckdb

from stormops_graph.attribution.coding import NO_ZIP, WHOLE_STORM
from stormops_graph.errors import ColumnMissing, InputError
from stormops_graph.tables import JOURNEY, JOURNEY_OF, JOURNEY_TOUCH, QUARANTINE, Connection

FEED = "customer_journeys"
REQUIRED = ("event_id", "channel", "timestamp")
HOME = ("household_id", "property_id")
OPTIONAL = ("zip_code", "play_id", "converted", "conversion_value")
COLUMNS = frozenset((*REQUIRED, *HOME, *OPTIONAL))
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
SELECT journey_id, position, NULL, channel, play_id, "at"
FROM journey_placed JOIN (
    SELECT hash(household, event_id, $salt) AS key, household || ':' || event_id AS journey_id, converted_at
    FROM journey_found
) USING (key)
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
    """What was read: rows, those of them in quarantine, journeys and touches."""

    rows: int
    quarantined: int
    journeys: int
    touches: int
    first_problem: str = ""  # line and reason of the first row in quarantine

    @property
    def notes(self) -> list[str]:
        """What whoever reads the credits must know."""
        if not self.quarantined:
            return []
        return [f"{self.quarantined:,} of {self.rows:,} rows could not be used, the first: {self.first_problem}"]


@dataclass(frozen=True)
class Source:
    """What DuckDB reads the rows from (`$path` stands for a file), and what its user calls it: a file by its path."""

    reader: str
    said: str

    @property
    def where(self) -> dict[str, str]:
        """The parameters of the reader."""
        return {"path": self.said} if "$path" in self.reader else {}

    @property
    def is_csv(self) -> bool:
        """Whether there is a header line, and lines may be no rows at all."""
        return self.reader.startswith("read_csv")


def read_journey_rows(con: Connection, source: Source) -> JourneyFile:
    """Fill JOURNEY and JOURNEY_TOUCH; raises ColumnMissing, or InputError where no row can be read or is good."""
    for table in (JOURNEY, JOURNEY_TOUCH, JOURNEY_OF):
        table.create(con)
    QUARANTINE.ensure(con)
    con.execute("DELETE FROM quarantine WHERE feed = $feed", {"feed": FEED})
    for temporary in TEMPORARY:
        con.execute(f"DROP TABLE IF EXISTS {temporary}")
    try:
        _type_rows(con, source)
    except (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException) as error:
        raise InputError(
            f"{FEED}: {source.said} cannot be read: {_first_line(error)}", "export it again, or correct that place"
        ) from error
    quarantined = _quarantine(con, source)
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
            f"{FEED}: none of the {rows} rows of {source.said} can be used, the first: {problem}",
            "docs/attribution.md says what each column may hold",
        )
    return JourneyFile(rows, quarantined, journeys, touches, problem)


def _fill_touches(con: Connection) -> None:
    """JOURNEY_TOUCH: rows are ordered by a hash of their journey, under the first salt that keeps journeys apart."""
    salt = next(salt for salt in count() if con.execute(KEYS_APART, {"salt": salt}).fetchall()[0][0])
    for order in (BY_TIME, BY_TIME_AND_WORDS):
        con.execute(PLACED.format(order=order), {"salt": salt})
        if not con.execute(TIED).fetchall()[0][0]:
            break
    con.execute(TOUCHES, {"salt": salt})


def _type_rows(con: Connection, source: Source) -> None:
    """The rows in our columns and types, with the reason why a row cannot be used."""
    con.execute(f"CREATE TEMP TABLE journey_row AS {_typed(con, source)}", source.where)


def _typed(con: Connection, source: Source, extra: str = "") -> str:
    """The select of typed rows; raises ColumnMissing. `extra` are further columns, each after a comma."""
    described = con.execute(f"DESCRIBE SELECT * FROM {source.reader}", source.where).fetchall()  # noqa: S608
    kinds = {str(row[0]).strip().lower(): (str(row[0]), str(row[1])) for row in described}
    _require(source, kinds)
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
        f"try_cast({quoted(value[0]) if value[1] != 'NULL' else 'NULL'} AS DOUBLE) AS value",
    )
    inner = f"SELECT {', '.join(columns)}{extra} FROM {source.reader} AS source"  # noqa: S608
    return f"SELECT *, {REASON} AS reason FROM ({inner})"  # noqa: S608


def _require(source: Source, kinds: dict[str, tuple[str, str]]) -> None:
    missing = [name for name in REQUIRED if name not in kinds]
    if not any(name in kinds for name in HOME):
        missing.insert(0, " or ".join(HOME))
    if missing:
        raise ColumnMissing(
            f"{FEED}: {source.said} has no column {', '.join(missing)}",
            f"its columns are: {', '.join(sorted(kinds))}; is the delimiter what you think?",
        )


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def _text(name: str, kind: str) -> str:
    column = quoted(name) if kind == "VARCHAR" else f"{quoted(name)}::VARCHAR"
    # most words are long and plain, and trimming costs ten times more than looking; it is written once on purpose:
    # what is written twice is computed for every row
    odd = f"strlen({column}) <= 4 OR strlen({column}) <> length({column}) OR contains({column}, ' ')"
    said = f"nullif(regexp_replace(trim({column}), '^({NOTHING_SAID})$', '', 'i'), '')"
    return f"CASE WHEN {odd} THEN {said} ELSE {column} END"


def _time(name: str, kind: str) -> str:
    """UTC. A text without an offset is read as UTC; a cast to TIMESTAMP would drop the offset in silence."""
    column = quoted(name)
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
        return f"coalesce({quoted(name)}, false)"
    text = f"lower(trim({quoted(name)}::VARCHAR))"
    return (
        f"CASE WHEN {text} IN ('true', 't', 'yes', 'y', '1', '1.0') THEN true WHEN {text} IS NULL "
        f"OR {text} IN ('false', 'f', 'no', 'n', '0', '0.0') OR upper({text}) IN {NOTHING} THEN false END"
    )


def _quarantine(con: Connection, source: Source) -> int:
    """Put what cannot be used into QUARANTINE with its line; how many lines that is."""
    where = {"feed": FEED, "file": source.said}
    if source.is_csv:
        con.execute(REJECTED, where)
    bad = int(con.execute("SELECT count(*) FROM journey_row WHERE reason IS NOT NULL").fetchall()[0][0])
    if bad:  # only now is it worth numbering the lines
        header = 1 if source.is_csv else 0
        again = replace(source, reader=source.reader.replace(", store_rejects = true", ", ignore_errors = true"))
        numbered = _typed(con, again, LINE.format(header=header))
        con.execute(
            f"INSERT INTO quarantine SELECT $feed, $file, line, '', reason, said, false FROM ({numbered}) "  # noqa: S608
            "WHERE reason IS NOT NULL ORDER BY line",
            {**where, **source.where},
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
