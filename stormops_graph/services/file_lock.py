"""Locks on files, which the system lets go of when their process ends, however it does."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from stormops_graph.errors import StoreError
from stormops_graph.services.private_file import private_folder

RUN_LOCK = "run.lock"  # held by whatever needs a project's stores for itself


def open_lock(state: Path, name: str) -> IO[str]:
    """A lock's 0600 file in a project's state folder, made where there is none; raises StoreError where it cannot."""
    try:
        descriptor = os.open(private_folder(state) / name, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(
            f"{state} cannot be written: {error.strerror}",
            "check the folder's rights and its disk: a lock is held there",
        ) from error
    return os.fdopen(descriptor, "r+", encoding="utf-8")


def is_ours(file: IO[str]) -> bool:
    """Whether the file's lock is ours now; closing the file lets go of it, and so does the end of a process."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
