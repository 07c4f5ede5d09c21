"""Grids of shaded cells: models side by side, plays by channel, steps between channels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from stormops_graph.pages.drawing import labels, length, rect, svg, text, turned

HALF = 430  # the width of half a page; names have what the cells leave of it
_CELL, _GAP, _SLANT = 34, 6, 40
_LONGEST = 96  # pixels of a column's name
_LIGHTEST, _DARKEST = 0.06, 0.5  # of the colour: figures in ink are read on all of them, on light pages and dark ones

Shares = Sequence[Sequence[float | None]]
Said = Sequence[Sequence[str]]


def grid(rows: Sequence[str], columns: Sequence[str], shares: Shares, label: str, under: Said = ()) -> str:
    """A grid of shares in per cent, the largest being the darkest; None leaves a cell empty.

    `under` is a second line for each cell.
    """
    most = max((share for line in shares for share in line if share is not None), default=0.0) or 1.0
    titles = labels(columns, _LONGEST, 11)
    top = 14 + max((length(title, 11) for title in titles), default=0) * math.sin(math.radians(_SLANT))
    beyond = length(titles[-1], 11) * math.cos(math.radians(_SLANT)) - _CELL / 2 if titles else 0
    names = min(190.0, max(112.0, HALF - _GAP - _CELL * len(columns) - beyond))
    high = 31 if under else 22
    parts = []
    for place, title in enumerate(titles):
        x = names + _GAP + place * _CELL + _CELL / 2
        parts.append(turned(x, top - 6, title, -_SLANT, "start", "count"))
    lines = labels(rows, names)
    for down, name in enumerate(rows):
        y = top + down * high
        parts.append(text(0, y + high / 2 + 4, lines[down], "start", "name"))
        for across, share in enumerate(shares[down]):
            box = (names + _GAP + across * _CELL + 1, y + 1, _CELL - 2, high - 2)
            below = under[down][across] if under else ""
            parts += _cell(box, share, most, (f"{name}, {columns[across]}", below))
    width = names + _GAP + _CELL * len(columns) + max(beyond, 0)
    return svg(width, top + high * len(rows) + 4, parts, label)


def _cell(
    box: tuple[float, float, float, float], share: float | None, most: float, named: tuple[str, str]
) -> list[str]:
    said, below = named
    if share is None:
        return [rect(box, "none", f"{said}: none")]
    x, y, width, height = box
    shade, figure = share / most, f"{100 * share:.1f}" if share < 0.9995 else "100"
    shaded = f' fill-opacity="{_LIGHTEST + (_DARKEST - _LIGHTEST) * shade:.2f}"'
    middle = y + height / 2
    drawn = [
        rect(box, "ours", f"{said}: {figure} % {below}".rstrip(), shaded),
        text(x + width / 2, middle + (0 if below else 4), figure, "middle", "name count"),
    ]
    return [*drawn, text(x + width / 2, middle + 11, below, "middle", "name count low")] if below else drawn
