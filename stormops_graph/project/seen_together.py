"""Identifiers that a caller saw together: a feed of the project's own, appended to by `resolve(..., link=True)`.

Invariant: a line once written stays, unless whoever it shows is forgotten; each line is one sighting with its time, and
is written whole or not at all.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from stormops_graph.errors import StoreError

FIELDS = ("cookie", "address", "phone", "email")


def record_sighting(file: Path, identifiers: Mapping[str, str], at: datetime | None = None) -> None:
    """Append one sighting of at least two identifiers (by the names of FIELDS) to the 0600 `file`.

    A single identifier is evidence of nothing and is not written.
    """
    seen = {name: identifiers[name] for name in FIELDS if identifiers.get(name)}
    if len(seen) < 2:
        return
    moment = (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="microseconds")
    line = json.dumps({"seen_at": moment, **seen}, ensure_ascii=False) + "\n"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(file) as opened:
            opened.write(line.encode())
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}", "check the folder's rights") from error


def drop_sightings(file: Path, dropped: Callable[[Mapping[str, str]], bool]) -> int:
    """Take out the sightings that are to be dropped, those written meanwhile included; how many. Only for erasures."""
    if not file.exists():
        return 0
    with _alone(file):
        lines = file.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not (line.strip() and dropped(json.loads(line)))]
        if len(kept) < len(lines):
            part = file.with_name(f"{file.name}.new")
            part.unlink(missing_ok=True)
            part.touch(0o600)
            part.write_text("".join(kept), "utf-8")
            part.replace(file)
    return len(lines) - len(kept)


@contextmanager
def _alone(file: Path) -> Iterator[BinaryIO]:
    """The file, open at its end and locked; not one that was replaced while we waited for the lock."""
    while True:
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "ab") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)
            if _same(file, opened):
                yield opened
                return


def _same(file: Path, opened: BinaryIO) -> bool:
    try:
        return os.path.samestat(file.stat(), os.fstat(opened.fileno()))
    except FileNotFoundError:
        return False
