"""Letters as they were meant."""

from __future__ import annotations

import re

_MISREAD = re.compile("[\u00c2\u00c3][\u0080-\u2122]")


def mended(text: str) -> str:
    """A text with those letters that a program took for two each (UTF-8 read as Windows-1252: Nu\u00c3\u00b1ez)."""
    return text if text.isascii() else _MISREAD.sub(_as_meant, text)


def _as_meant(two: re.Match[str]) -> str:
    try:
        return two[0].encode("cp1252").decode()
    except UnicodeError:
        return two[0]
