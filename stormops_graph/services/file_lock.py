"""Locks on files, which the system lets go of when their process ends, however it does."""

from __future__ import annotations

import fcntl
from typing import IO


def is_ours(file: IO[str]) -> bool:
    """Whether the file's lock is ours now; closing the file lets go of it, and so does the end of a process."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
