"""The files that a project wrote for others to take away: exports, pictures, reports and backups, with what and when.

Invariant: what is in the register was written by us; where the file has gone or is another one now, it is not ours.
The register is this machine's and holds no personal data.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

BACKUP, QUARANTINE = "backup", "quarantine"
DECISIONS, SAMPLE, PICTURE, REPORT, PLAN, GUIDE = "decisions", "sample", "picture", "report", "plan", "guide"


class Written(BaseModel):
    """A file that was written, and how it looked then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    file: Path
    at: datetime  # UTC without an offset
    size: int
    changed: int  # nanoseconds since 1970, as the file system says

    @property
    def is_ours(self) -> bool:
        """Whether the file is there as it was written."""
        try:
            now = self.file.stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size, self.changed)


def note_written(register: Path, what: str, file: Path) -> None:
    """Add a file that was written just now to the 0600 register."""
    state, at = file.stat(), datetime.now(UTC).replace(tzinfo=None)
    entry = Written(what=what, file=file.resolve(), at=at, size=state.st_size, changed=state.st_mtime_ns)
    register.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(register, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        opened.write(entry.model_dump_json() + "\n")


def files_written(register: Path) -> list[Written]:
    """The files of the register that are there, each as it was written last, the oldest first."""
    if not register.exists():
        return []
    lines = register.read_text("utf-8").splitlines()
    latest = {entry.file: entry for entry in map(Written.model_validate_json, filter(None, lines))}
    return sorted((entry for entry in latest.values() if entry.file.exists()), key=lambda entry: (entry.at, entry.file))


def remove_expired(files: Iterable[Written], what: str, days: int, now: datetime) -> int:
    """Remove files of one kind that are older than so many days and as we wrote them; how many. 0 days: none."""
    if not days:
        return 0
    old = [one for one in files if one.what == what and one.at + timedelta(days=days) < now and one.is_ours]
    for one in old:
        one.file.unlink(missing_ok=True)
    return len(old)
