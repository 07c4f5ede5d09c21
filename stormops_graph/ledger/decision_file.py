"""The file of the ledger: one decision a line as JSON, for its owner's eyes only.

Invariant: lines are only ever added, each is on the disk before the steward is told, and a line that a crash cut
short is replaced by the whole one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from stormops_graph.errors import InputError, StoreError
from stormops_graph.ledger.decisions import Decision


def read_decisions_file(file: Path) -> list[tuple[int, Decision]]:
    """The decisions of a file with their line numbers; raises InputError with the line that is wrong."""
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError as error:
        raise InputError(f"{file} is not there", "name a file that `decisions export` wrote") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read as text", "name a file that `decisions export` wrote") from error
    return [(n, _decision(file, n, line)) for n, line in enumerate(text.split("\n"), 1) if line.strip()]


def kept_decisions(file: Path) -> list[Decision]:
    """The decisions of the ledger's own file; a last line that a crash cut short does not count."""
    if not file.exists():
        return []
    try:
        _mend(file)
    except OSError as error:
        raise StoreError(f"{file} cannot be used: {error.strerror}", "check its rights") from error
    return [decision for _, decision in read_decisions_file(file)]


def append_decisions(file: Path, decisions: Iterable[Decision]) -> None:
    """Add lines to the 0600 `file`; they are on the disk when it returns."""
    text = "".join(f"{decision.model_dump_json()}\n" for decision in decisions)
    if not text:
        return
    try:
        new = not file.exists()
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "ab") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)
            opened.write(text.encode())
            opened.flush()
            os.fsync(opened.fileno())
        if new:
            _sync(file.parent)
    except OSError as error:
        raise StoreError(
            f"{file} cannot be written: {error.strerror}", "check the folder's rights and space"
        ) from error


def _mend(file: Path) -> None:
    """Complete a last line that has no end, or cut off what is left of one."""
    content = file.read_bytes()
    whole, _, last = content.rpartition(b"\n")
    if not last:
        return
    try:
        Decision.model_validate_json(last)
    except ValidationError:
        os.truncate(file, len(whole) + bool(whole))
    else:
        with file.open("ab") as opened:
            opened.write(b"\n")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _decision(file: Path, number: int, line: str) -> Decision:
    try:
        return Decision.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{file}:{number}: {where + ': ' if where else ''}{first['msg']}",
            "each line is one decision as `decisions export` writes it",
        ) from error
