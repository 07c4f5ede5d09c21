"""Packages that others read where they find them, and do without: reading one takes longer than its use is worth."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class _NotFound:
    """A finder that says of one package that it is not there."""

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, name: str, *_: object) -> None:
        if name == self._package:
            raise ModuleNotFoundError(f"{name} is left unread", name=name)


@contextmanager
def unread(package: str) -> Iterator[None]:
    """Let a package that was not read yet seem to be missing."""
    if package in sys.modules:
        yield
        return
    finder = _NotFound(package)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
