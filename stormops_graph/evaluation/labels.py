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

from stormops_graph.errors import ColumnMissing, InputError, Mistyped
from stormops_graph.evaluation.sheets import read_sheet
from stormops_graph.ingest.feeds import FEEDS
from stormops_graph.masks import masked
from stormops_graph.tables import Connection

RECORDS, HOUSEHOLDS = "records.csv", "households.csv"

_FEED = "CASE feed WHEN 'ga4_events' THEN 'ga4' ELSE feed END"
_KNOWN = (*FEEDS, "ga4")
_NO_FEED = "SELECT line, feed FROM label_sheet WHERE NOT list_contains($known, feed) ORDER BY line LIMIT 1"
_LABELS = """
CREATE OR REPLACE TEMP TABLE label AS
SELECT DISTINCT {feed} AS feed, record_id,
       {household} AS household_id, {person} AS person_id
FROM label_sheet WHERE feed IS NOT NULL AND record_id IS NOT NULL
"""
_TWICE = """
WITH twice AS (SELECT feed, record_id FROM label GROUP BY ALL HAVING count(*) > 1),
labels AS (SELECT * REPLACE ({feed} AS feed) FROM label_sheet)
SELECT feed, record_id, list(line ORDER BY line), (SELECT count(*) FROM twice)
FROM labels SEMI JOIN twice USING (feed, record_id) GROUP BY feed, record_id ORDER BY min(line) LIMIT 1
"""
_STAYS = """
CREATE OR REPLACE TEMP TABLE true_stay AS
SELECT household_id, property_id, coalesce(CAST({start} AS TIMESTAMP), '-infinity') AS valid_from,
       coalesce(CAST({end} AS TIMESTAMP), 'infinity') AS valid_to
FROM stay_sheet WHERE household_id IS NOT NULL AND property_id IS NOT NULL
"""
_NO_TIME = """
SELECT line FROM stay_sheet
WHERE {start} IS NOT NULL AND TRY_CAST({start} AS TIMESTAMP) IS NULL
   OR {end} IS NOT NULL AND TRY_CAST({end} AS TIMESTAMP) IS NULL ORDER BY line LIMIT 1
"""
_TURNED = (
    "SELECT line FROM stay_sheet WHERE CAST({start} AS TIMESTAMP) > CAST({end} AS TIMESTAMP) ORDER BY line LIMIT 1"
)
_UNHOUSED = """
SELECT count(DISTINCT household_id) FROM label ANTI JOIN true_stay USING (household_id)
WHERE household_id IS NOT NULL
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
    """How many rows are labelled, how many of them no feed shows, the levels with labels, whether homes are known, and
    how many households have labels, but no home.
    """

    rows: int
    unread: int
    levels: tuple[str, ...]
    homes: bool
    unhoused: int


def read_labels(con: Connection, truth: Path) -> LabelReport:
    """Fill `labelled` from a labels file, or from the records.csv and households.csv of a folder.

    Raises Mistyped where nothing is there, ColumnMissing, and InputError for a file that cannot be read, labels a row
    twice, or names the rows of a feed otherwise than we do.
    """
    file = truth / RECORDS if truth.is_dir() else truth
    columns = _open_sheet(con, "label_sheet", file, ("feed", "record_id"))
    if not {"household_id", "person_id"} & columns:
        raise ColumnMissing(f"{file} has neither household_id nor person_id", "labels say one of them, or both")
    _refuse_strange_feeds(con, file)
    named = {name: f"{name}_id" if f"{name}_id" in columns else "NULL::VARCHAR" for name in ("household", "person")}
    con.execute(_LABELS.format(feed=_FEED, **named))
    _refuse_twice(con, file)
    homes = truth.is_dir() and (truth / HOUSEHOLDS).is_file()
    unhoused = _read_stays(con, truth / HOUSEHOLDS) if homes else 0
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
    return LabelReport(rows, unread, levels, homes, unhoused)


def _refuse_strange_feeds(con: Connection, file: Path) -> None:
    for line, feed in con.execute(_NO_FEED, {"known": list(_KNOWN)}).fetchall():
        raise InputError(
            f"{file} line {line:,}: there is no feed {feed!r}", f"write one of {', '.join(_KNOWN)}, as it is here"
        )


def _refuse_twice(con: Connection, file: Path) -> None:
    for feed, record, lines, many in con.execute(_TWICE.format(feed=_FEED)).fetchall():
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


def _read_stays(con: Connection, file: Path) -> int:
    """Fill `true_stay`; how many labelled households have none."""
    columns = _open_sheet(con, "stay_sheet", file, ("household_id", "property_id"))
    times = {
        "start": '"from"' if "from" in columns else "NULL::VARCHAR",
        "end": '"to"' if "to" in columns else "NULL::VARCHAR",
    }
    for (line,) in con.execute(_NO_TIME.format(**times)).fetchall():
        raise InputError(
            f"{file} line {line:,}: a time in `from` or `to` that cannot be read", "write times in ISO 8601"
        )
    for (line,) in con.execute(_TURNED.format(**times)).fetchall():
        raise InputError(f"{file} line {line:,}: `from` is after `to`", "a stay ends after it begins")
    con.execute(_STAYS.format(**times))
    ((unhoused,),) = con.execute(_UNHOUSED).fetchall()
    return int(unhoused)


def _open_sheet(con: Connection, name: str, file: Path, required: tuple[str, ...]) -> set[str]:
    """Make the rows of a file a table; the names of its columns."""
    if not file.is_file():
        raise Mistyped(f"there are no labels at {file}", "name a labels file, or a folder with records.csv in it")
    sheet = read_sheet(file, required)
    con.register(name, sheet)
    return set(sheet.column_names)
