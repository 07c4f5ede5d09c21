"""Room on the disks of a project's own stores: one that fails or waits for want of it does not always say so."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stormops_graph.errors import StoreError

LEAST_MB = 32  # less is a full disk: both servers ask for 16 MB at a time
DISK_WAS_FULL = "disk-was-full"
_STORES = {"neo4j": "Neo4j", "postgres": "Postgres", "": "the workspace"}
_HINT = "make room on it, then run again: it goes on from there"


@contextmanager
def room_on_disks(state: Path) -> Iterator[None]:
    """Raise StoreError where a store's disk is full: before anything is written, or where it let a store fail."""
    if full := _full(state):
        raise StoreError(f"{full}; nothing was written", _HINT)
    try:
        yield
    except StoreError as error:
        if full := _full(state):
            if _megabytes(state / "neo4j") < LEAST_MB:
                with suppress(OSError):  # where the state's own disk is the full one
                    (state / DISK_WAS_FULL).touch(0o600)
            raise type(error)(f"{error.message}; {full}", _HINT) from error
        raise


def _full(state: Path) -> str | None:
    """Which store's disk is full, if any."""
    for folder, name in _STORES.items():
        if (left := _megabytes(state / folder)) < LEAST_MB:
            return f"the disk of {name} is full ({left:.0f} MB left at {state / folder})"
    return None


def _megabytes(folder: Path) -> float:
    """What is left on the disk of a folder; where it is not there, nothing is wanted of it."""
    return shutil.disk_usage(folder).free // (1 << 20) if folder.exists() else math.inf
