"""One feed from its files to its table: rows as text, then typed, then one row for each key.

Steps, each a temporary table: `feed_raw` (as it stood), `feed_text` (cleaned, with what is wrong), `feed_typed`.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from stormops_graph.carryover import carried, forget, keep
from stormops_graph.errors import InputError
from stormops_graph.ingest import lines, raw, types
from stormops_graph.ingest.csv_rows import read_csv
from stormops_graph.ingest.feeds import Feed
from stormops_graph.ingest.json_rows import read_json
from stormops_graph.ingest.parquet_rows import read_parquet
from stormops_graph.ingest.postgres_rows import read_postgres
from stormops_graph.ingest.quarantine import FIELD_LIMIT, FIELD_TOO_LONG, Rejects, kept_of
from stormops_graph.ingest.repeats import settle
from stormops_graph.ingest.sources import digest_of, encoding_of, files_of, format_of
from stormops_graph.ingest.web_events import flattened
from stormops_graph.ports import Forgotten
from stormops_graph.settings import FeedSettings
from stormops_graph.tables import QUARANTINE, Connection
from stormops_graph.tables.ingested import FORGOTTEN

_STEPS = ("feed_raw", "feed_text", "feed_typed", "feed_shared", "feed_repeated", "feed_line", "line_gone")
_TOLD = ("quarantine", "feed_count", "feed_file")
_NOWHERE = "nowhere"


@dataclass(frozen=True)
class FeedTerms:
    """What feeds are read by beside their settings."""

    dsns: Mapping[str, str] = field(default_factory=dict)  # the address behind each `dsn_env` of feeds that are tables
    forgotten: Forgotten | None = None  # rows about them are counted and told as such, without their values
    before: datetime = datetime.max  # rows of this time, or later, are set aside


def read_feed(
    con: Connection,
    feed: Feed,
    settings: FeedSettings,
    folder: Path,
    terms: FeedTerms,
) -> None:
    """Fill the feed's table, its quarantine and its counts. Files that are as the last run read them are not read
    again, nor are lines that it read in other files.
    """
    forgotten = terms.forgotten
    by = (feed, forgotten.fingerprint if forgotten else "", terms.before)
    paths = [] if settings.table else files_of(feed.name, settings, folder)
    stand = [(str(path), _digest(feed, path)) for path in paths]
    if paths and carried(con, feed.table.name, *by, settings, stand):
        return
    _forget(con, feed)
    lines.recall(con, feed, by)
    raw.create(con, feed)
    if settings.table:
        for batch in read_postgres(feed, settings, terms.dsns):
            raw.append(con, settings.table, batch)
    for path in paths:
        _read_file(con, feed, path, settings, forgotten)
    _fill(con, feed, forgotten, len(paths) or 1)
    if len(paths) > 1:
        _count_by_file(con, feed)
    lines.remember(con, feed, by)
    keep(con, feed.table.name, *by, settings, stand)
    for step in _STEPS:
        con.execute(f"DROP TABLE IF EXISTS {step}")


def leave_empty(con: Connection, feed: Feed) -> None:
    """Let the feed's table be empty: nobody said where its rows are."""
    if not carried(con, feed.table.name, _NOWHERE):
        _forget(con, feed)
        lines.begin(con, feed)
        keep(con, feed.table.name, _NOWHERE)


def _forget(con: Connection, feed: Feed) -> None:
    """Forget that the feed was read, and what was told of it."""
    forget(con, feed.table.name)
    for table in _TOLD:
        con.execute(f"DELETE FROM {table} WHERE feed = ?", [feed.name])  # noqa: S608


def _digest(feed: Feed, file: Path) -> str:
    try:
        return digest_of(file)
    except OSError as error:
        raise _unreadable(feed, file, error) from error


def _unreadable(feed: Feed, file: Path, error: Exception) -> InputError:
    return InputError(f"feed {feed.name}: {file} cannot be read ({type(error).__name__})", "export or copy it again")


def _fill(con: Connection, feed: Feed, forgotten: Forgotten | None, files: int) -> None:
    """Bring the feed's table up to date with `feed_raw` and the lines there are, one row for each key."""
    repeats = lines.drop_gone(con, feed)
    if con.table("feed_raw").limit(1).fetchall():
        _type(con, feed, forgotten)
        repeats += settle(con, feed)
        _note_doubts(con, feed)
        lines.add_new(con, feed)
    _count(con, feed, repeats, files)


def _read_file(con: Connection, feed: Feed, file: Path, settings: FeedSettings, forgotten: Forgotten | None) -> None:
    rejects = Rejects(feed.name, str(file), forgotten)
    encoding = ""
    stand = lines.Lines(con, feed, str(file))
    try:
        match format_of(feed.name, file):
            case "parquet":
                read_parquet(con, feed, file, settings)
            case "json":
                encoding = encoding_of(file, settings.encoding)
                read_json(feed, file, encoding, settings, rejects, stand)
            case _:
                encoding = encoding_of(file, settings.encoding)
                for batch in read_csv(feed, file, encoding, settings, rejects, stand):
                    raw.append(con, str(file), batch)
    except UnicodeError as error:
        raise InputError(
            f"feed {feed.name}: {file} is not {encoding.removesuffix('-sig')}",
            f"correct or remove encoding under [feeds.{feed.name}] in stormops.toml",
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(feed, file, error) from error
    rejects.store(con)
    con.execute(
        "INSERT INTO feed_file SELECT ?, ?, ?, ? + (SELECT count(*) FROM feed_raw WHERE file = ?), NULL, NULL",
        [feed.name, str(file), encoding.removesuffix("-sig"), stand.known(), str(file)],
    )


def _type(con: Connection, feed: Feed, forgotten: Forgotten | None) -> None:
    """Split `feed_raw` into `feed_typed` and the quarantine."""
    _set_aside_long(con, feed)
    source = f"({flattened(feed, 'feed_raw')})" if feed.parameters else "feed_raw"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE feed_text AS SELECT *, {types.problem(feed)} AS problem"  # noqa: S608
        f" FROM ({types.cleaned(feed, source)})"
    )
    if forgotten:
        _leave_out(con, feed, forgotten)
    con.execute(
        "INSERT INTO quarantine SELECT ?, file, line, nullif(split_part(problem, '|', 1), ''),"  # noqa: S608
        f" split_part(problem, '|', 2), to_json(struct_pack({_fields(feed)})), false"
        " FROM feed_raw JOIN (SELECT file, line, problem FROM feed_text WHERE problem IS NOT NULL) USING (file, line)",
        [feed.name],
    )
    rows = f"SELECT {types.typed(feed)}, file, line FROM feed_text WHERE problem IS NULL"  # noqa: S608
    con.execute(f"CREATE OR REPLACE TEMP TABLE feed_typed AS {lines.printed(feed, rows)}")


def _set_aside_long(con: Connection, feed: Feed) -> None:
    """Move the rows with a field that is longer than any honest one from `feed_raw` to the quarantine, cut short."""
    names = [column.name for column in feed.columns]
    longest = " ".join(f"WHEN length(\"{name}\") > {FIELD_LIMIT} THEN '{name}'" for name in names)
    kept = ", ".join(f'"{name}" := {kept_of(name)}' for name in names)
    con.execute(
        f"INSERT INTO quarantine SELECT ?, file, line, field, ?, to_json(struct_pack({kept})), false"  # noqa: S608
        f" FROM (SELECT *, CASE {longest} END AS field FROM feed_raw) WHERE field IS NOT NULL",
        [feed.name, FIELD_TOO_LONG],
    )
    con.execute(f"DELETE FROM feed_raw WHERE CASE {longest} END IS NOT NULL")  # noqa: S608


def _leave_out(con: Connection, feed: Feed, forgotten: Forgotten) -> None:
    """Take the rows about those who were forgotten out of `feed_text` and `feed_raw`; only where they stood is kept."""
    gone = [
        (feed.name, file, line, None, FORGOTTEN, None, False)
        for file, line in forgotten.lines(con, feed.name, "feed_text")
    ]
    QUARANTINE.append(con, gone)
    for table in ("feed_text", "feed_raw"):
        con.execute(
            f"DELETE FROM {table} USING (FROM quarantine WHERE feed = ? AND reason = ?) AS gone"  # noqa: S608
            f" WHERE {table}.file = gone.file AND {table}.line = gone.line",
            [feed.name, FORGOTTEN],
        )


def _note_doubts(con: Connection, feed: Feed) -> None:
    """Note each value that a row of `feed_typed` is used without."""
    for name, reason, test in types.doubts(feed):
        con.execute(
            f"INSERT INTO quarantine SELECT ?, file, line, ?, ?, to_json(struct_pack({_fields(feed)})), true"  # noqa: S608
            f" FROM feed_raw JOIN (SELECT file, line FROM feed_text WHERE {test}) AS doubted USING (file, line)"
            " SEMI JOIN feed_typed AS used USING (file, line)",
            [feed.name, name, reason],
        )


def _fields(feed: Feed) -> str:
    return ", ".join(f'"{column.name}" := "{column.name}"' for column in feed.columns)


def _count(con: Connection, feed: Feed, repeats: int, files: int) -> None:
    con.execute(
        "INSERT INTO feed_count SELECT ?, count(*),"  # noqa: S608
        " (SELECT count(*) FROM quarantine WHERE feed = ? AND NOT kept), ?, ?,"
        f' {_filled(feed)} FROM "{feed.table.name}"',
        [feed.name, feed.name, repeats, files],
    )


def _count_by_file(con: Connection, feed: Feed) -> None:
    """Say of each file how many rows of the feed's table are from it, and have each column."""
    con.execute(
        "UPDATE feed_file SET used = said.used, filled = said.filled FROM"  # noqa: S608
        f' (SELECT file, count(*) AS used, {_filled(feed)} AS filled FROM "{feed.table.name}"'
        f' JOIN "{feed.places.name}" USING (print) GROUP BY file) AS said'
        " WHERE feed_file.file = said.file AND feed_file.feed = ?",
        [feed.name],
    )


def _filled(feed: Feed) -> str:
    """An expression: how many rows have a value, by each column that need not be there."""
    counts = ", ".join(f"'{column.name}': count(\"{column.name}\")" for column in feed.typed if not column.required)
    return f"MAP {{{counts}}}"
