"""Rows of credits as the terminal shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TOP = 10  # ZIP codes, reps
Row = Mapping[str, Any]


def published(credits: Sequence[Row], model: str) -> list[Row]:
    """The credits of a model, the largest first."""
    return sorted((row for row in credits if row["model"] == model), key=lambda row: (-row["credit"], row["key"]))


def interval(row: Row) -> str:
    """The 90 % interval; a star marks a pooled one."""
    if row["low"] is None:
        return "–"
    mark = " *" if row.get("interval") == "pooled" else ""
    return f"{100 * row['low']:5.1f} – {100 * row['high']:5.1f} %{mark}"
