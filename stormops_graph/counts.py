"""Numbers of things as people say them."""

from __future__ import annotations


def count(number: float | None) -> str:
    """A whole number with thousands marked; a dash where there is none."""
    return "–" if number is None else f"{number:,.0f}"


def counted(number: int, word: str) -> str:
    """A number with its word, in the plural but for one."""
    ending = "" if number == 1 else "es" if word.endswith("ch") else "s"
    return f"{count(number)} {word}{ending}"
