"""Credits as dots on a line from 0 %, with their intervals: of an area, of its ZIPs, and as personas moved them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stormops_graph.chances import percent
from stormops_graph.pages.drawing import dot, elided, labels, length, line, svg, text

Row = Mapping[str, Any]

MOST_KEYS = 25  # in one chart; the table beside it has all
MOST_ZIPS = 60
MOST_PANELS = 5
MOVED = 0.0005  # a shift that shows when rounded to a tenth of a point

_NAMES, _LONGEST, _PLOT, _FIGURES = 142, 320, 156, 124  # widths; names get more than the first where they need it
_STEP, _TOP = 24, 26
_FIGURED = ((118, "journeys"), (184, "converted"), (222, "own"))  # columns of a ZIP, by their right ends


def credit_chart(credits: Sequence[Row], label: str) -> str:
    """The credits, the largest first; low and high may be None."""
    shown = credits[:MOST_KEYS]
    most, room = _most(shown), _room(shown)

    def x(share: float) -> float:
        return room + 8 + _PLOT * share / most

    floor, names = _TOP + _STEP * len(shown), labels([row["key"] for row in shown], room)
    parts = _axis(x, most, (_TOP - 6, floor), _PLOT)
    right = room + 8 + _PLOT + _FIGURES
    for place, row in enumerate(shown):
        y = _TOP + _STEP * place + _STEP / 2
        parts.append(text(0, y + 4, names[place], "start", "name"))
        parts += _range(x, y, row, f"{row['key']}: {percent(row['credit'])}")
        parts.append(text(right - 66, y + 4, percent(row["credit"]), "end", "name"))
        if row["low"] is not None and len(credits) > 1:
            parts.append(text(right, y + 4, f"{100 * row['low']:.1f}–{100 * row['high']:.1f}", "end", "count"))
    return svg(right, floor + 4, parts, label)


def shift_chart(credits: Sequence[Row], label: str) -> str:
    """What personas moved: hollow without their priors, full with them."""
    shown = moved(credits)[:MOST_KEYS]
    most, room = _rounded(max(max(row["credit"], row["credit"] - row["shift"]) for row in shown)), _room(shown)

    def x(share: float) -> float:
        return room + 8 + _PLOT * share / most

    floor, names = _TOP + _STEP * len(shown), labels([row["key"] for row in shown], room)
    parts = _axis(x, most, (_TOP - 6, floor), _PLOT)
    for place, row in enumerate(shown):
        y, before = _TOP + _STEP * place + _STEP / 2, row["credit"] - row["shift"]
        parts.append(text(0, y + 4, names[place], "start", "name"))
        parts.append(line(x(before), y, x(row["credit"]), y, "reach"))
        parts.append(dot(x(before), y, 4, "before", f"{row['key']} without priors: {percent(before)}"))
        parts.append(dot(x(row["credit"]), y, 4, "point", f"{row['key']} with priors: {percent(row['credit'])}"))
        parts.append(text(room + 8 + _PLOT + 70, y + 4, f"{100 * row['shift']:+.1f} points", "end", "count"))
    return svg(room + 8 + _PLOT + 76, floor + 4, parts, label)


def moved(credits: Sequence[Row]) -> list[Row]:
    """The credits that persona priors moved."""
    return [row for row in credits if abs(row.get("shift") or 0.0) >= MOVED]


def zip_chart(storm: Sequence[Row], zips: Sequence[tuple[Row, Mapping[str, Row]]], label: str) -> str:
    """A panel a channel, a line a ZIP; `zips` are areas with their credits by channel, `storm` the storm's credits."""
    panels = storm[:MOST_PANELS]
    shown = zips[:MOST_ZIPS]
    width = 300 if len(panels) == 1 else 108
    most = _most([row for _, credits in shown for row in credits.values()] + list(panels))
    left, gap, step, top = 240, 22, 17, 48
    floor, names = top + step * len(shown), labels([row["key"] for row in panels], width + 14)
    parts = [text(0, top - 8, "ZIP", "start", "count")]
    parts += [text(at, top - 8, name, "end", "count") for at, name in _FIGURED]
    for place, (area, credits) in enumerate(shown):
        y = top + step * place + step / 2
        own = next((row.get("own") for row in credits.values()), None)
        said = (f"{area['journeys']:,}", f"{area['conversions']:,}", "–" if own is None else f"{100 * own:.0f} %")
        parts.append(text(0, y + 4, elided(str(area["zip_code"]), 70), "start", "name"))
        parts += [text(at, y + 4, figure, "end", "count") for (at, _), figure in zip(_FIGURED, said, strict=True)]
    for number, whole in enumerate(panels):
        across = left + number * (width + gap)
        parts.append(text(across, 12, names[number], "start", "name"))
        parts += _panel(whole, shown, (across, width, most), (top, step))
    return svg(left + len(panels) * (width + gap), floor + 4, parts, label)


def _panel(
    whole: Row,
    zips: Sequence[tuple[Row, Mapping[str, Row]]],
    across: tuple[float, float, float],
    down: tuple[float, float],
) -> list[str]:
    """One channel's credits in all ZIPs; `across` is left, width and the largest share, `down` top and step."""
    (left, width, most), (top, step) = across, down

    def x(share: float) -> float:
        return left + width * share / most

    floor = top + step * len(zips)
    parts = _axis(x, most, (top - 6, floor), width)
    parts.append(line(x(whole["credit"]), top - 6, x(whole["credit"]), floor, "ideal"))
    for place, (area, credits) in enumerate(zips):
        row = credits.get(whole["key"])
        if row is not None:
            said = f"{whole['key']} in {area['zip_code']}: {percent(row['credit'])}"
            parts += _range(x, top + step * place + step / 2, row, said)
    return parts


def _range(x: Callable[[float], float], y: float, row: Row, said: str) -> list[str]:
    """A dot with its interval."""
    parts = []
    if row["low"] is not None:
        said += f", 90 % interval {percent(row['low'])} to {percent(row['high'])}"
        parts.append(line(x(row["low"]), y, x(row["high"]), y, "reach"))
    return [*parts, dot(x(row["credit"]), y, 4, "point", said)]


def _axis(x: Callable[[float], float], most: float, between: tuple[float, float], width: float) -> list[str]:
    """Lines at round shares from 0 to `most`, as many as their names leave room for."""
    top, floor = between
    step = next((step for step in (1, 2, 5, 10, 20, 25, 50) if 100 * most / step * 40 <= width + 30), 100)
    parts = []
    for tick in range(0, round(100 * most) + 1, step):
        parts.append(line(x(tick / 100), top, x(tick / 100), floor, "grid"))
        parts.append(text(x(tick / 100), top - 4, f"{tick} %" if tick else "0", "middle", "count"))
    return parts


def _room(credits: Sequence[Row]) -> float:
    """How wide the names are."""
    return min(_LONGEST, max(_NAMES, *(length(row["key"]) + 1 for row in credits)))


def _most(credits: Sequence[Row]) -> float:
    """Where the line ends: at the highest share, rounded up to 5 %."""
    return _rounded(max((row["credit"] if row["high"] is None else row["high"] for row in credits), default=1.0))


def _rounded(highest: float) -> float:
    return min(1.0, max(0.05, math.ceil(highest * 20) / 20))
