"""Labels: for source rows, whose they truly are, and where that household truly lived.

A labels file has feed, record_id and one or both of household_id and person_id; feed and record_id as in
`export assignments`. A row with an empty household is nobody's home: a cluster of its own. A row of a household with
an empty person was left by no one person, and is not asked about at the person level. Rows that are not labelled are
not there at all. `households.csv` beside it (household_id, property_id, from, to) says which homes a household had
when.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from stormops_graph.errors import ColumnMissing, InputError, Mistyped
from stormops_graph.masks import masked
from stormops_graph.tables import Connection

RECORDS, HOUSEHOLDS = "records.csv", "households.csv"

_CSV = "read_csv($file, all_varchar = true, header = true)"
_FEED = "CASE feed WHEN 'ga4_events' THEN 'ga4' ELSE feed END"
_LABELS = """
CREATE OR REPLACE TEMP TABLE label AS
SELECT DISTINCT {feed} AS feed, record_id,
       {household} AS household_id, {person} AS person_id
FROM {csv} WHERE feed IS NOT NULL AND record_id IS NOT NULL
"""
_TWICE = """
WITH twice AS (SELECT feed, record_id FROM label GROUP BY ALL HAVING count(*) > 1),
numbered AS (SELECT row_number() OVER () + 1 AS line, * REPLACE ({feed} AS feed) FROM {csv})
SELECT feed, record_id, list(line ORDER BY line), (SELECT count(*) FROM twice)
FROM numbered SEMI JOIN twice USING (feed, record_id) GROUP BY feed, record_id ORDER BY min(line) LIMIT 1
"""
_STAYS = """
CREATE OR REPLACE TEMP TABLE true_stay AS
SELECT household_id, property_id, coalesce(CAST({start} AS TIMESTAMP), '-infinity') AS valid_from,
       coalesce(CAST({end} AS TIMESTAMP), 'infinity') AS valid_to
FROM {csv} WHERE household_id IS NOT NULL AND property_id IS NOT NULL
"""
# One row a label: where its record was put at its time. A row that is no touch has the time span of its record.
_LABELLED = """
CREATE OR REPLACE TEMP TABLE labelled AS
WITH timed AS (
    SELECT l.*, s.record, coalesce(t.at, c.at, r.first_seen, '-infinity') AS first_at,
           coalesce(t.at, c.at, r.last_seen, 'infinity') AS last_at
    FROM label l
    LEFT JOIN source_row s ON s.feed = l.feed AND s.id = l.record_id
    LEFT JOIN record r ON r.record = s.record
    LEFT JOIN touch t ON t.touch_id = l.feed || ':' || l.record_id
    LEFT JOIN conversion c ON l.feed = 'conversions' AND c.conversion_id = l.record_id)
SELECT timed.*, m.household, m.person, m.property_id, m.confidence
FROM timed LEFT JOIN membership m USING (record)
QUALIFY row_number() OVER (
    PARTITION BY feed, record_id
    ORDER BY last_at >= coalesce(m.valid_from, '-infinity') AND last_at < coalesce(m.valid_to, 'infinity') DESC,
             m.valid_to DESC NULLS FIRST, m.confidence DESC, m.household, record
) = 1
"""
# Feeds that have rows, but none that a label of theirs names.
_STRANGE = """
SELECT feed, count(*) FROM labelled SEMI JOIN source_row USING (feed)
GROUP BY feed HAVING count(record) = 0 ORDER BY feed
"""
_EVALUATED = {
    "household": """
CREATE OR REPLACE TEMP TABLE evaluated AS
SELECT feed, record_id, record, confidence, coalesce(household, 'alone:' || feed || ':' || record_id) AS ours,
       coalesce(household_id, 'nobody:' || feed || ':' || record_id) AS theirs
FROM labelled
""",
    "person": """
CREATE OR REPLACE TEMP TABLE evaluated AS
SELECT feed, record_id, record, confidence, coalesce(person, 'alone:' || feed || ':' || record_id) AS ours,
       coalesce(person_id, 'nobody:' || feed || ':' || record_id) AS theirs
FROM labelled WHERE person_id IS NOT NULL OR household_id IS NULL
""",
}


@dataclass(frozen=True)
class LabelReport:
    """How many rows are labelled, how many of them no feed shows, the levels with labels, whether homes are known."""

    rows: int
    unread: int
    levels: tuple[str, ...]
    homes: bool


def read_labels(con: Connection, truth: Path) -> LabelReport:
    """Fill `labelled` from a labels file, or from the records.csv and households.csv of a folder.

    Raises Mistyped where nothing is there, ColumnMissing, and InputError for a file that cannot be read, labels a row
    twice, or names the rows of a feed otherwise than we do.
    """
    file = truth / RECORDS if truth.is_dir() else truth
    columns = _columns(con, file, ("feed", "record_id"))
    if not {"household_id", "person_id"} & columns:
        raise ColumnMissing(f"{file} has neither household_id nor person_id", "labels say one of them, or both")
    named = {name: f"{name}_id" if f"{name}_id" in columns else "NULL::VARCHAR" for name in ("household", "person")}
    _read(con, _LABELS.format(csv=_CSV, feed=_FEED, **named), file)
    _refuse_twice(con, file)
    homes = truth.is_dir() and (truth / HOUSEHOLDS).is_file()
    if homes:
        _read_stays(con, truth / HOUSEHOLDS)
    con.execute(_LABELLED)
    for feed, many in con.execute(_STRANGE).fetchall():
        raise InputError(
            f"{file}: none of the {many:,} labels of feed {feed} names a row of it",
            "write record_id as `export assignments` does: the feed's own id, the cookie for ga4",
        )
    rows, unread, households, persons = con.execute(
        "SELECT count(*), count(*) FILTER (record IS NULL), count(household_id), count(person_id) FROM labelled"
    ).fetchall()[0]
    levels = tuple(name for name, labels in (("household", households), ("person", persons)) if labels)
    if not levels:
        raise InputError(f"{file} labels no row", "fill household_id or person_id")
    return LabelReport(rows, unread, levels, homes)


def _refuse_twice(con: Connection, file: Path) -> None:
    for feed, record, lines, many in con.execute(_TWICE.format(csv=_CSV, feed=_FEED), {"file": str(file)}).fetchall():
        said = masked("cookie", record) if feed == "ga4" else record
        where = " and ".join(f"{line:,}" for line in lines)
        others = f" (the first of {many:,} such rows)" if many > 1 else ""
        raise InputError(
            f"{file} labels a row twice and differently: {said} of {feed} in lines {where}{others}",
            "keep one label for each row of a feed",
        )


def choose_level(con: Connection, level: str) -> None:
    """Fill `evaluated`: one row a labelled source row, `ours` where we put it, `theirs` where it belongs."""
    con.execute(_EVALUATED[level])


def _read_stays(con: Connection, file: Path) -> None:
    columns = _columns(con, file, ("household_id", "property_id"))
    times = {"start": '"from"' if "from" in columns else "NULL", "end": '"to"' if "to" in columns else "NULL"}
    try:
        _read(con, _STAYS.format(csv=_CSV, **times), file)
    except duckdb.ConversionException as error:
        raise InputError(
            f"{file} has a time in `from` or `to` that cannot be read", "write times in ISO 8601"
        ) from error


def _columns(con: Connection, file: Path, required: tuple[str, ...]) -> set[str]:
    if not file.is_file():
        raise Mistyped(f"there are no labels at {file}", "name a labels file, or a folder with records.csv in it")
    found = {row[0] for row in _read(con, f"DESCRIBE FROM {_CSV}", file)}
    if missing := [name for name in required if name not in found]:
        raise ColumnMissing(f"{file} has no column {', '.join(missing)}", "the first line names the columns")
    return found


def _read(con: Connection, query: str, file: Path) -> list[tuple[str, ...]]:
    try:
        return con.execute(query, {"file": str(file)}).fetchall()
    except duckdb.ConversionException:
        raise
    except duckdb.Error as error:
        raise InputError(f"{file} cannot be read as CSV", "save it as CSV in UTF-8, with a header") from error
