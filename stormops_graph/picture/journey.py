"""A journey as a time line: a lane for each channel, a dot for each touch, as large as what it earned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from math import sqrt

from stormops_graph.counts import counted
from stormops_graph.pages.drawing import dot, elided, labels, line, path, rect, text
from stormops_graph.picture.household import WIDE, Drawing
from stormops_graph.picture.subject import Step, Way

_LEFT, _RIGHT = 150, WIDE - 96
_LANE, _HEAD = 26, 34
_LEAST, _LARGEST = 3.5, 12.0  # radius of a dot


def journey_drawing(way: Way) -> Drawing:
    """One journey with its touches, their credit and the conversion."""
    channels = list(dict.fromkeys(step.channel for step in way.touches))
    lanes = {channel: _HEAD + place * _LANE + _LANE / 2 for place, channel in enumerate(channels)}
    bottom = _HEAD + len(channels) * _LANE
    first, last = _ends(way)
    spots = [(_x(step.at, first, last), lanes[step.channel]) for step in way.touches]
    if way.converted_at:
        spots.append((_x(way.converted_at, first, last), _HEAD + len(channels) * _LANE / 2))
    shown = labels(channels, _LEFT - 20)
    parts = [
        text(0, 14, elided(_title(way), WIDE), "start", "name"),
        *(line(_LEFT, lanes[channel], _RIGHT, lanes[channel], "grid") for channel in channels),
        *(text(0, lanes[channel] + 4, name, "start") for channel, name in zip(channels, shown, strict=True)),
        *(path(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}", "tie", 1) for (a, b), (c, d) in pairwise(spots)),
        *_dots(way.touches, spots),
        *_conversion(way, spots[-1] if spots else (_LEFT, _HEAD)),
        *_ticks(first, last, bottom),
    ]
    return parts, bottom + 24


def _title(way: Way) -> str:
    ended = f"{way.conversion or 'conversion'} on {way.converted_at:%Y-%m-%d}" if way.converted_at else "no conversion"
    return f"journey through {way.event_id}, ZIP {way.zip_code}: {counted(len(way.touches), 'touch')}, {ended}"


def _ends(way: Way) -> tuple[datetime, datetime]:
    times = [step.at for step in way.touches] + ([way.converted_at] if way.converted_at else [])
    return min(times), max(times)


def _x(at: datetime, first: datetime, last: datetime) -> float:
    whole = (last - first).total_seconds()
    return _LEFT + 14 + (_RIGHT - _LEFT - 28) * ((at - first).total_seconds() / whole if whole else 0.5)


def _dots(touches: Sequence[Step], spots: Sequence[tuple[float, float]]) -> Iterator[str]:
    largest = max((step.credit or 0 for step in touches), default=0) or 1
    for step, (x, y) in zip(touches, spots, strict=False):
        earned = f", {100 * step.credit:.1f} % of the conversion" if step.credit is not None else ""
        said = f"{step.at:%Y-%m-%d %H:%M} {step.channel} {step.play or ''}".strip() + earned
        radius = max(_LEAST, _LARGEST * sqrt((step.credit or 0) / largest))
        yield dot(x, y, radius, "dot" if step.credit is not None else "before", said)
        if step.credit is not None and step.credit >= largest / 2:
            yield text(x + radius + 3, y + 4, f"{100 * step.credit:.0f} %", "start", "count")


def _conversion(way: Way, spot: tuple[float, float]) -> Iterator[str]:
    if way.converted_at:
        x, y = spot
        said = way.conversion or "conversion"
        yield rect((x - 7, y - 7, 14, 14), "good", f"{way.converted_at:%Y-%m-%d %H:%M} {said}", ' rx="3"')
        yield text(x + 12, y + 4, elided(said, WIDE - x - 12), "start", "name")


def _ticks(first: datetime, last: datetime, bottom: float) -> Iterator[str]:
    yield line(_LEFT, bottom, _RIGHT, bottom, "axis")
    if first == last:
        yield text((_LEFT + _RIGHT) / 2, bottom + 16, f"{first:%Y-%m-%d %H:%M}", "middle")
        return
    form = "%Y-%m-%d" if (last - first).days >= 2 else "%Y-%m-%d %H:%M"
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        at = first + (last - first) * share
        x = _LEFT + (_RIGHT - _LEFT) * share
        yield text(x, bottom + 16, f"{at:{form}}", anchor)
