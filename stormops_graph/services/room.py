"""Room on the disks of a project's own servers: a store that fails or waits for want of it does not always say so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stormops_graph.errors import StoreError

LEAST_MB = 32  # less is a full disk: both servers ask for 16 MB at a time
DISK_WAS_FULL = "disk-was-full"
_SERVERS = {"neo4j": "Neo4j", "postgres": "Postgres"}
_HINT = "make room on it, then run again: it goes on from there"


@contextmanager
def room_on_disks(state: Path) -> Iterator[None]:
    """Raise StoreError where a server's disk is full: before anything is written, or where it let a store fail."""
    if full := _full(state):
        raise StoreError(full, _HINT)
    try:
        yield
    except StoreError as error:
        if full := _full(state):
            with suppress(OSError):  # where the state's own disk is the full one
                (state / DISK_WAS_FULL).touch(0o600)
            raise StoreError(f"{error.message}; {full}", _HINT) from error
        raise


def _full(state: Path) -> str | None:
    """Which server's disk is full, if any."""
    for folder, name in _SERVERS.items():
        if (state / folder).exists():
            left = shutil.disk_usage(state / folder).free >> 20
            if left < LEAST_MB:
                return f"the disk of {name} is full ({left} MB left at {state / folder})"
    return None
