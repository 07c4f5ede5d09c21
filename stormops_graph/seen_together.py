"""Identifiers that a caller saw together: a feed of the project's own, appended to by `resolve(..., link=True)`.

Invariant: a line once written stays; each line is one sighting with its time, and is written whole or not at all.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

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
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "ab") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)
            opened.write(line.encode())
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}", "check the folder's rights") from error
