"""From text to typed values, in SQL: what is no value, what is a time, what is a number.

Invariant: nothing is guessed. A time in another form is refused; a number in another form is no number.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from stormops_graph.ingest.feeds import Column, Feed
from stormops_graph.ingest.quarantine import (
    ENDS_EARLY,
    IMPOSSIBLE_TIME,
    NO_IDENTIFIER,
    UNREADABLE_FLAG,
    UNREADABLE_NUMBER,
    UNREADABLE_TIME,
    UNUSABLE_ZIP,
    VALUE_MISSING,
)
from stormops_graph.tables import Connection

# Control characters mean nothing in a value, and Postgres takes no NUL.
# A cast to TIMESTAMP forgets an offset, so times with one go through TIMESTAMPTZ.
_MACROS = r"""
CREATE OR REPLACE TEMP MACRO feed_trim(raw) AS
    trim(regexp_replace(raw, '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]', '', 'g'),
         ' ' || chr(9) || chr(10) || chr(13) || chr(160));
-- As databases, spreadsheets, pandas and GA4 write that there is none. Nan with a capital letter is a given name.
CREATE OR REPLACE TEMP MACRO feed_text(trimmed) AS (
    CASE WHEN lower(trimmed) NOT IN ('', 'null', '(null)', '<null>', '\n', 'n/a', '#n/a', '<na>', 'none', '-', '--',
                                     '(not set)', '(not provided)', 'undefined')
         AND trimmed NOT IN ('nan', 'NaN') THEN trimmed END);
CREATE OR REPLACE TEMP MACRO feed_usual_time(value) AS (
    CASE WHEN regexp_full_match(value, '\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?')
         THEN TRY_CAST(value AS TIMESTAMP)
         WHEN regexp_full_match(value,
              '\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z| UTC| ?[+-]\d\d(:?\d\d)?)')
         THEN timezone('UTC', TRY_CAST(
              regexp_replace(replace(value, ' UTC', 'Z'), ' ([+-])', '\1') AS TIMESTAMPTZ)) END);
-- What else ISO 8601 allows: no dashes and colons (20240528T1530Z), the hour alone, a comma before fractions.
CREATE OR REPLACE TEMP MACRO feed_time(value) AS coalesce(feed_usual_time(value),
    CASE WHEN regexp_full_match(value, '(?i)((19|20)\d{6}|\d{4}-\d\d-\d\d)'
              || '(T\d\d(:?\d\d(:?\d\d([.,]\d{1,9})?)?)?(Z| ?[+-]\d\d(:?\d\d)?)?)?')
         THEN feed_usual_time(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
              replace(upper(value), ',', '.'), '^(\d{4})(\d\d)(\d\d)(T|$)', '\1-\2-\3\4'), 'T(\d\d)(\d\d)', 'T\1:\2'),
              'T(\d\d:\d\d)(\d\d)', 'T\1:\2'), 'T(\d\d)([^\d:]|$)', 'T\1:00\2')) END);
CREATE OR REPLACE TEMP MACRO feed_micros(value) AS (
    CASE WHEN regexp_full_match(value, '\d{15,16}(\.0)?') -- those of seconds or milliseconds have fewer
         THEN make_timestamp(TRY_CAST(split_part(value, '.', 1) AS BIGINT)) END);
CREATE OR REPLACE TEMP MACRO feed_can_be(moment) AS (
    moment >= TIMESTAMP '1990-01-01' AND moment < '{before}'::TIMESTAMP);
CREATE OR REPLACE TEMP MACRO feed_flag(value) AS (
    CASE WHEN lower(value) IN ('true', 'yes', 't', 'y', '1', '1.0') THEN true
         WHEN lower(value) IN ('false', 'no', 'f', 'n', '0', '0.0') THEN false END);
CREATE OR REPLACE TEMP MACRO feed_number(value) AS (
    CASE WHEN regexp_full_match(value, '\$?\d{1,3}(,\d{3})+(\.\d+)?')
         THEN TRY_CAST(replace(ltrim(value, '$'), ',', '') AS DOUBLE)
         WHEN isfinite(TRY_CAST(ltrim(value, '$') AS DOUBLE))
         THEN TRY_CAST(ltrim(value, '$') AS DOUBLE) END);
"""
_ZIP = r"\d{5}([- ]?\d{4}|-)?|\d{3,5}\.0+"
_TIMES = {"time", "micros"}
_READ = {
    "text": '"{0}"',
    "time": 'feed_time("{0}")',
    "micros": 'feed_micros("{0}")',
    "number": 'feed_number("{0}")',
    "flag": 'feed_flag("{0}")',
}


def define(con: Connection, before: datetime) -> None:
    """Make the reading rules known to the connection; no row is of the time `before`, or later."""
    con.execute(_MACROS.replace("{before}", before.isoformat()))


def cleaned(feed: Feed, source: str) -> str:
    """A query over `source` that frees every column of blanks and of words for no value, and reads its times beside.

    Step by step, so that each value is trimmed, and each time read, once.
    """
    names = [column.name for column in feed.typed]
    trimmed = ", ".join(f'feed_trim("{name}") AS "{name}"' for name in names)
    said = ", ".join(f'feed_text("{name}") AS "{name}"' for name in names)
    times = "".join(f", {_READ[column.kind].format(column.name)} AS {_read(column)}" for column in _times(feed))
    return f"SELECT *{times} FROM (SELECT file, line, {said} FROM (SELECT file, line, {trimmed} FROM {source}))"  # noqa: S608


def typed(feed: Feed) -> str:
    """The select list that types every cleaned column."""
    values = {column.name: _read(column) for column in feed.typed}
    values |= {c.name: f"CASE WHEN feed_can_be({_read(c)}) THEN {_read(c)} END" for c in _dated(feed) if not c.required}
    return ", ".join(f'{value} AS "{name}"' for name, value in values.items())


def problem(feed: Feed) -> str:
    """An expression over cleaned columns: `field|reason` of the first thing wrong with a row, or NULL."""
    found = [
        f"WHEN \"{column.name}\" IS NULL THEN '{column.name}|{VALUE_MISSING}'"
        for column in feed.typed
        if column.required
    ]
    found += [
        f"WHEN \"{column.name}\" IS NOT NULL AND {_read(column)} IS NULL THEN '{column.name}|{UNREADABLE_TIME}'"
        for column in _times(feed)
    ]
    found += [
        f"WHEN NOT feed_can_be({_read(column)}) THEN '{column.name}|{IMPOSSIBLE_TIME}'"
        for column in _dated(feed)
        if column.required
    ]
    if feed.identifiers:
        blank = " AND ".join(f'"{name}" IS NULL' for name in feed.identifiers)
        found.append(f"WHEN {blank} THEN '|{NO_IDENTIFIER}'")
    return f"CASE {' '.join(found)} END"


def doubts(feed: Feed) -> Iterator[tuple[str, str, str]]:
    """(field, reason, condition over cleaned columns) of each value that a row is used without.

    What a browser says of itself is not among them: odd values are the rule there.
    """
    for column in feed.columns:
        said = f'"{column.name}"'
        if column.kind == "number":
            yield column.name, UNREADABLE_NUMBER, f"{said} IS NOT NULL AND {_read(column)} IS NULL"
        elif column.kind == "flag":
            yield column.name, UNREADABLE_FLAG, f"{said} IS NOT NULL AND {_read(column)} IS NULL"
        elif column.name == "zip_code":
            yield column.name, UNUSABLE_ZIP, f"NOT regexp_full_match({said}, '{_ZIP}')"
        elif column.name == "ended_at":
            yield column.name, ENDS_EARLY, '"read ended_at" < "read started_at"'
        elif column.kind in _TIMES and not column.required:
            yield column.name, IMPOSSIBLE_TIME, f"NOT feed_can_be({_read(column)})"


def _times(feed: Feed) -> list[Column]:
    return [column for column in feed.typed if column.kind in _TIMES]


def _dated(feed: Feed) -> list[Column]:
    """The times of what has happened; an end may be far ahead, as that of a storm nobody has closed."""
    return [column for column in _times(feed) if column.name != "ended_at"]


def _read(column: Column) -> str:
    """SQL of the value of a cleaned column."""
    if column.kind in _TIMES:
        return f'"read {column.name}"'
    return _READ[column.kind].format(column.name)
