"""Tables as files for other systems: CSV or Parquet, by the file's name.

Invariant: a reader sees the whole file or the one before it, nobody but its owner may read it, and no cell
of a CSV can act as a formula in a spreadsheet; telephone numbers in E.164 (`+1…`) stay as they are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import duckdb

from stormops_graph.errors import Incomplete, InputError, Mistyped
from stormops_graph.tables import (
    COMMISSION,
    CONVERSION,
    CREDIT,
    JOURNEY,
    JOURNEY_TOUCH,
    MEMBERSHIP,
    PAIR,
    QUARANTINE,
    RECORD,
    SOURCE_ROW,
    TOUCH,
    WORKSPACE_OF,
    Connection,
    Table,
)

FROM_GRAPH = ("journeys", "credits", "commissions")
EXPORTED_CREDIT = Table(
    "exported_credit", {"credit" if name == "share" else name: kind for name, kind in CREDIT.columns.items()}
)
Export = Literal["assignments", "evidence", "journeys", "credits", "commissions", "quarantine"]

# A row goes to whoever had its record then: a touch at its own time, what has none at its record's last.
ASSIGNMENTS = """
    WITH timed AS (
        SELECT source_row.*, coalesce(touch.at, conversion.at, record.last_seen, TIMESTAMP '9999-12-31') AS "at"
        FROM source_row LEFT JOIN record USING (record)
        LEFT JOIN touch ON touch.touch_id = source_row.feed || ':' || source_row.id
        LEFT JOIN conversion ON source_row.feed = 'conversions' AND conversion.conversion_id = source_row.id
    )
    SELECT timed.feed, timed.id AS record_id, membership.household AS household_id,
        membership.person AS person_id, membership.property_id, membership.confidence
    FROM timed LEFT JOIN membership
      ON membership.record = timed.record
     AND (membership.valid_from IS NULL OR membership.valid_from <= timed.at)
     AND (membership.valid_to IS NULL OR timed.at < membership.valid_to)
    QUALIFY row_number() OVER (
        PARTITION BY timed.feed, timed.id
        ORDER BY membership.household IS NULL, timed.at DESC, membership.confidence DESC, membership.household
    ) = 1
    ORDER BY timed.feed, timed.id
"""
EVIDENCE = """
    SELECT left_id AS left_record, right_id AS right_record, level, probability, weight, model, evidence
    FROM pair ORDER BY left_id, right_id, level
"""
# A journey ends with its first converted row, so only its last touch says that it converted.
JOURNEYS = """
    SELECT journey.household AS household_id, journey.zip_code, journey.event_id, journey_touch.channel,
        journey_touch.play_id, journey_touch.at AS "timestamp", journey.converted AND is_last AS converted,
        CASE WHEN is_last THEN journey.value END AS conversion_value, journey.journey_id, journey_touch.position,
        journey_touch.touch_id, journey.persona
    FROM journey JOIN (
        SELECT *, position = max(position) OVER (PARTITION BY journey_id) AS is_last FROM journey_touch
    ) AS journey_touch USING (journey_id)
    ORDER BY journey.event_id, journey.journey_id, journey_touch.position
"""
CREDITS = "SELECT * FROM exported_credit"
COMMISSIONS = 'SELECT * FROM commission ORDER BY model, event_id, journey_id, "position", touch_id'
QUARANTINED = "SELECT feed, file, line, field, reason, kept, row FROM quarantine ORDER BY feed, file, line, field"
_READS: dict[str, tuple[str, tuple[Table, ...]]] = {
    "assignments": (ASSIGNMENTS, (SOURCE_ROW, RECORD, TOUCH, CONVERSION, MEMBERSHIP, WORKSPACE_OF)),
    "evidence": (EVIDENCE, (PAIR, WORKSPACE_OF)),
    "journeys": (JOURNEYS, (JOURNEY, JOURNEY_TOUCH)),
    "quarantine": (QUARANTINED, (QUARANTINE,)),
    "credits": (CREDITS, (EXPORTED_CREDIT,)),
    "commissions": (COMMISSIONS, (COMMISSION,)),
}
# What stands before a sign and is not seen (blanks, control and format characters) does not disarm it.
_FORMULA = r"^[\s\p{Cc}\p{Cf}\p{Z}]*[=+\-@\t\r\n＝＋－＠]"
_NUMBER = r"^[+-]?[0-9][0-9 ().,-]*$"


def write_export(con: Connection, what: str, out: Path) -> int:
    """Write `what` of the workspace to `out`; how many rows. Raises Incomplete where it is not made yet."""
    query, tables = _READS[what]
    known = {row[0] for row in con.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    if not known.issuperset(table.name for table in tables):
        raise Incomplete(f"there are no {what} yet", "make them: stormops-graph resolve")
    if WORKSPACE_OF in tables and WORKSPACE_OF.check(con) == 0:
        raise Incomplete(
            f"no resolve is complete in this workspace, so the {what} are not those of the graph",
            "look why: stormops-graph runs list; then run again: stormops-graph resolve",
        )
    return write_file(con.sql(query), out)


def write_file(rows: duckdb.DuckDBPyRelation, out: Path) -> int:
    """Write rows to a .csv or .parquet file; how many. Raises InputError for another name or no folder."""
    if out.suffix not in (".csv", ".parquet"):
        raise Mistyped(f"{out} is neither a .csv nor a .parquet file", "end the file's name in .csv or .parquet")
    with _replaced(out) as part:
        if out.suffix == ".csv":
            rows.project(", ".join(map(_cell, rows.columns, map(str, rows.types)))).write_csv(str(part), header=True)
            written = duckdb.read_csv(str(part), header=True, sep=",", quotechar='"', all_varchar=True)
            return int(written.count("*").fetchall()[0][0])
        rows.write_parquet(str(part))
        return int(duckdb.read_parquet(str(part)).count("*").fetchall()[0][0])


def _cell(name: str, kind: str) -> str:
    """The SQL of a CSV cell: text that a spreadsheet would run as a formula gets an apostrophe before it."""
    column = '"' + name.replace('"', '""') + '"'
    if kind != "VARCHAR":
        return column
    runs = f"regexp_matches({column}, '{_FORMULA}') AND NOT regexp_full_match({column}, '{_NUMBER}')"
    return f"CASE WHEN {runs} THEN '''' || {column} ELSE {column} END AS {column}"


@contextmanager
def _replaced(out: Path) -> Iterator[Path]:
    """A file in a folder of its own (0700) beside `out`, which takes its place when all went well."""
    try:
        folder = tempfile.TemporaryDirectory(prefix=f".{out.stem}-", dir=out.parent)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}", "name a folder that exists") from error
    with folder as name:
        part = Path(name) / out.name
        yield part
        part.chmod(0o600)
        part.replace(out)
