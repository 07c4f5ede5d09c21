"""A folder of the state for what is under way, such as a backup that is not whole yet."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "aside-"


@contextmanager
def set_aside(state: Path) -> Iterator[Path]:
    """A new folder that is removed at the end; what killed ones left is swept. Hold the lock of runs."""
    sweep(state)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=state))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(state: Path) -> None:
    """Remove what was left by a process that was killed. Hold the lock of runs."""
    for abandoned in state.glob(f"{_PREFIX}*"):
        shutil.rmtree(abandoned, ignore_errors=True)
