"""Files that show those who are forgotten: what we wrote is written again without them or removed, logs lose lines.

Invariant: what is not ours to change (feeds, backups, files that others changed, folders we may not write to) stays as
it is and is named, by file and lines, never by value.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from stormops_graph.exports import write_file
from stormops_graph.forgetting.mentions import Mentions
from stormops_graph.forgetting.people import People
from stormops_graph.forgetting.pseudonyms import Pseudonyms
from stormops_graph.ledger.decision_file import read_decisions_file, replace_decisions
from stormops_graph.ledger.decisions import Decision
from stormops_graph.project import Project
from stormops_graph.project.written import BACKUP, DECISIONS, SAMPLE, Written, files_written, note_written
from stormops_graph.tables import Connection

ERASED_LINE = "(a line was erased)\n"
_LARGEST = 50_000_000  # bytes of a file that is looked through for mentions
_SERVERS = ("neo4j", "postgres")
_READERS = {
    ".csv": "read_csv(?, header = true, sep = ',', quote = '\"', all_varchar = true)",
    ".parquet": "read_parquet(?)",
}
_DRAWN = (".svg", ".html", ".json")
_WITHOUT_ROWS = "DELETE FROM taken WHERE list_contains(?::VARCHAR[], feed || chr(31) || record_id)"
_NAMES = "CREATE OR REPLACE TEMP TABLE name AS SELECT unnest(?::VARCHAR[]) AS old, unnest(?::VARCHAR[]) AS new"
_RENAMED = """
UPDATE taken SET {column} = new || substr({column}, length(old) + 1) FROM name
WHERE {column} = old OR ('{column}' = 'journey_id' AND starts_with({column}, old || ':'))
"""


@dataclass(frozen=True)
class Left:
    """A file that still shows them, why, and on which lines where that is known."""

    file: Path
    why: str
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Copies:
    """The files of a project that may show people."""

    project: Project
    people: People
    mentions: Mentions
    names: Pseudonyms
    decision: Callable[[Decision], Decision]  # a verdict without them

    def erase(self) -> int:
        """Write exports again without them, remove what is drawn, take lines out of logs; how many files changed."""
        changed = sum(self._rewritten(one) for one in files_written(self.project.written))
        return changed + sum(self._cleared(log) for log in self._logs())

    def left(self) -> list[Left]:
        """What still shows them and is not ours to change."""
        feeds: dict[str, list[int]] = {}
        for _, file, line in self.people.lines:
            feeds.setdefault(file, []).append(line)
        ours = self.project.seen_together
        found = [
            Left(Path(file), "a feed", tuple(lines)) for file, lines in sorted(feeds.items()) if Path(file) != ours
        ]
        written = files_written(self.project.written)
        found += [
            Left(one.file, "a picture, which cannot be looked through") for one in written if one.file.suffix == ".png"
        ]
        found += [Left(one.file, f"a backup of {one.at:%Y-%m-%d}") for one in written if one.what == BACKUP]
        found += [
            Left(folder, "what a restore moved aside") for folder in sorted(self.project.state.glob("replaced-*"))
        ]
        known = {one.file for one in found} | self._changeable(written)
        places = {one.file for one in written} | set(self._own_files())
        found += [
            Left(file, "a file that we may not change", lines)
            for file in sorted(places - known)
            if (lines := self._mentioned(file))
        ]
        return found

    def _changeable(self, written: list[Written]) -> set[Path]:
        """What an erasure changes itself."""
        own = self.project
        journals = {own.decisions, own.shared, own.closings, own.seen_together, own.forgotten, *self._logs()}
        return journals | {one.file for one in written if _can_be_rewritten(one)}

    def _own_files(self) -> Iterator[Path]:
        """The files in the project's folder that are no server's and not the workspace."""
        for folder, folders, files in os.walk(self.project.folder):
            here = Path(folder)
            folders[:] = [name for name in folders if here != self.project.state or not name.startswith(_SERVERS)]
            folders[:] = [name for name in folders if not name.startswith("replaced-")]
            yield from (here / name for name in files if not (here / name).match("workspace.*"))

    def _logs(self) -> list[Path]:
        return sorted(self.project.state.glob("logs/*.log"))

    def _mentioned(self, file: Path) -> tuple[int, ...]:
        try:
            if file.suffix == ".parquet" or file.stat().st_size > _LARGEST:
                return ()
            with file.open(encoding="utf-8", errors="replace") as lines:
                return tuple(number for number, line in enumerate(lines, 1) if self.mentions.in_text(line))
        except OSError:
            return ()

    def _cleared(self, log: Path) -> bool:
        """Servers may hold their logs open: a line is taken out in place."""
        if not self._mentioned(log):
            return False
        lines = log.read_text("utf-8", errors="replace").splitlines(keepends=True)
        log.write_text("".join(ERASED_LINE if self.mentions.in_text(line) else line for line in lines), "utf-8")
        return True

    def _rewritten(self, export: Written) -> bool:
        """Whether an export showed them and was written again; one that others changed is left alone."""
        if not _can_be_rewritten(export):
            return False
        if export.what == DECISIONS:
            return self._verdicts_rewritten(export)
        if export.file.suffix not in _READERS:
            if gone := bool(self._mentioned(export.file)):
                export.file.unlink()
            return gone
        reader = _READERS[export.file.suffix]
        with duckdb.connect(config={"threads": 1}) as con:
            con.execute(f"CREATE TABLE taken AS FROM {reader}", [str(export.file)])
            if not self._take_out(con, whole=export.what == SAMPLE):
                return False
            write_file(con.table("taken"), export.file)
        note_written(self.project.written, export.what, export.file)
        return True

    def _verdicts_rewritten(self, export: Written) -> bool:
        before = [said for _, said in read_decisions_file(export.file)]
        if (left := [self.decision(said) for said in before]) == before:
            return False
        replace_decisions(export.file, left)
        note_written(self.project.written, export.what, export.file)
        return True

    def _take_out(self, con: Connection, *, whole: bool) -> int:
        """Take rows about them out of `taken` and let journeys go by their other names; how many cells and rows.

        Of a file that is for people to read, every row is looked through as a `whole`.
        """
        columns = {row[0] for row in con.execute("DESCRIBE taken").fetchall()}
        households = {one: self.names.of_household(one) for one in self.people.households}
        touches = {one: self.names.of_touch(one) for one in self.people.touches}
        changed = 0
        for column, names in (("household_id", households), ("journey_id", households), ("touch_id", touches)):
            if column in columns:
                changed += _rename(con, column, names)
        if {"feed", "record_id"} <= columns:
            rows = [f"{feed}\x1f{row}" for feed, row, _ in self.people.rows]
            changed += _changed(con, _WITHOUT_ROWS, [rows])
        if whole or "row" in columns:
            row = "to_json(taken)::VARCHAR" if whole else '"row"'
            shown = con.execute(f"SELECT rowid, {row} FROM taken").fetchall()  # noqa: S608  (one of two constants)
            gone = [number for number, text in shown if text and self.mentions.in_text(text)]
            changed += _changed(con, "DELETE FROM taken WHERE list_contains(?::BIGINT[], rowid)", [gone])
        return changed


def _can_be_rewritten(export: Written) -> bool:
    readable = export.what == DECISIONS or export.file.suffix in (*_READERS, *_DRAWN)
    return export.what != BACKUP and readable and export.is_ours and os.access(export.file.parent, os.W_OK)


def _rename(con: Connection, column: str, names: Mapping[str, str]) -> int:
    """Put new names for old ones; a journey's begins with its household's. How many cells changed."""
    olds, news = list(names), list(names.values())
    con.execute(_NAMES, [olds, news])
    return _changed(con, _RENAMED.replace("{column}", column), [])


def _changed(con: Connection, statement: str, values: list[object]) -> int:
    return int(con.execute(statement, values).fetchall()[0][0])
