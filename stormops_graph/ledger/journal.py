"""A journal: one entry a line as JSON, for its owner's eyes only.

Invariant: lines are only ever added, each is on the disk before the steward is told, a line that a crash cut short is
replaced by the whole one, and lines for which the disk has no room leave the file as it was. Forgetting people is the
one exception: then a file is replaced, whole or not at all.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from stormops_graph.errors import InputError, StoreError

Entry = TypeVar("Entry", bound=BaseModel)


@dataclass(frozen=True)
class Journal(Generic[Entry]):
    """How files of one kind of entry are read and written; `writer` is the command that writes them."""

    entry: type[Entry]
    writer: str

    def read(self, file: Path) -> list[tuple[int, Entry]]:
        """The entries of a file with their line numbers; raises InputError with the line that is wrong."""
        hint = f"name a file that {self.writer} wrote"
        try:
            text = file.read_text("utf-8-sig")  # what people bring may begin with a byte order mark
        except FileNotFoundError as error:
            raise InputError(f"{file} is not there", hint) from error
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{file} cannot be read as text", hint) from error
        return [(n, self._parsed(file, n, line)) for n, line in enumerate(text.split("\n"), 1) if line.strip()]

    def kept(self, file: Path) -> list[Entry]:
        """The entries of a project's own file; a last line that a crash cut short does not count."""
        if not file.exists():
            return []
        try:
            self._mend(file)
        except OSError as error:
            raise StoreError(f"{file} cannot be used: {error.strerror}", "check its rights") from error
        return [entry for _, entry in self.read(file)]

    def append(self, file: Path, entries: Iterable[Entry]) -> None:
        """Add lines to the 0600 `file`; they are on the disk when it returns."""
        text = "".join(f"{entry.model_dump_json()}\n" for entry in entries)
        if not text:
            return
        try:
            new = not file.exists()
            handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "ab", buffering=0) as opened:
                fcntl.flock(opened, fcntl.LOCK_EX)
                _write_whole(opened, text.encode())
            if new:
                _sync(file.parent)
        except OSError as error:
            raise StoreError(
                f"{file} cannot be written: {error.strerror}", "check the folder's rights and space"
            ) from error

    def replace(self, file: Path, entries: Iterable[Entry]) -> None:
        """Put other entries in the place of a file's, at once, because of an erasure."""
        part = file.with_name(f"{file.name}.new")
        part.unlink(missing_ok=True)
        part.touch(0o600)
        self.append(part, entries)
        part.replace(file)
        _sync(file.parent)

    def _mend(self, file: Path) -> None:
        """Complete a last line that has no end, or cut off what is left of one."""
        content = file.read_bytes()
        whole, _, last = content.rpartition(b"\n")
        if not last:
            return
        try:
            self.entry.model_validate_json(last)
        except ValidationError:
            os.truncate(file, len(whole) + bool(whole))
        else:
            with file.open("ab") as opened:
                opened.write(b"\n")

    def _parsed(self, file: Path, number: int, line: str) -> Entry:
        try:
            return self.entry.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise InputError(
                f"{file}:{number}: {where + ': ' if where else ''}{first['msg']}",
                f"each line is one {self.entry.__name__.lower()} as {self.writer} writes it",
            ) from error


def _write_whole(opened: FileIO, text: bytes) -> None:
    """Write all of the text, or, where the disk is full, nothing."""
    before = os.fstat(opened.fileno()).st_size
    try:
        while text:
            text = text[opened.write(text) :]
        os.fsync(opened.fileno())
    except OSError:
        os.truncate(opened.fileno(), before)
        raise


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
