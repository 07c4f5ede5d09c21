"""Small disks that can be full."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def small_disk(folder: Path) -> Path | None:
    """A folder that is a disk of its own, so that it can be full; None where mounting is not permitted."""
    folder.mkdir(mode=0o700, parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=192m,mode=700", "none", folder]
    return None if subprocess.run(mount, check=False, capture_output=True).returncode else folder


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not a byte is free on the disk, until the end."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 9):
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def full_beyond(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes, until the end: writing fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def grown(file: Path, workspace: Path) -> int:
    """Let a file of lines be longer than a workspace will be; its size."""
    with file.open("ab") as opened:
        opened.write(b" " * (2 * workspace.stat().st_size + (1 << 23)) + b"\n")
        return opened.tell()
