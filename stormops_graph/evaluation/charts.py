"""The charts of an evaluation."""

from __future__ import annotations

import math
from collections.abc import Sequence

from stormops_graph.evaluation.findings import Bin, Placement, SizeBin
from stormops_graph.pages.drawing import dot, line, rect, svg, text, turned

_LEFT, _TOP = 58, 14  # room for what is written at the axes


def reliability_chart(bins: Sequence[Bin]) -> str:
    """What was stated against what was found, a dot a bin, its area by the rows; on the line all is as stated."""
    side = 300
    least = min((min(part.stated, part.found) for part in bins), default=0.0)
    low = max(0.0, math.floor((least - 0.02) * 20) / 20)
    most = max((part.rows for part in bins), default=1)

    def x(share: float) -> float:
        return _LEFT + side * (share - low) / (1 - low)

    def y(share: float) -> float:
        return _TOP + side - side * (share - low) / (1 - low)

    parts = []
    for tick in _ticks(low):
        parts.append(line(x(low), y(tick), x(1), y(tick), "grid"))
        parts.append(text(_LEFT - 7, y(tick) + 4, f"{tick:.2f}", "end"))
        parts.append(text(x(tick), _TOP + side + 18, f"{tick:.2f}", "middle"))
    parts.append(line(x(low), y(low), x(1), y(1), "ideal"))
    for part in sorted(bins, key=lambda part: -part.rows):
        radius = 3 + 9 * math.sqrt(part.rows / most)
        said = f"{part.rows:,} rows: stated {part.stated:.3f}, found {part.found:.3f}"
        parts.append(dot(x(part.stated), y(part.found), radius, "dot", said))
    parts.append(text(x((1 + low) / 2), _TOP + side + 38, "stated confidence", "middle", "name"))
    parts.append(turned(12, y((1 + low) / 2), "share that holds", -90, "middle", "name"))
    return svg(_LEFT + side + 16, _TOP + side + 44, parts, "Reliability diagram")


def size_chart(sizes: Sequence[SizeBin]) -> str:
    """Clusters by their rows, ours beside the true ones."""
    height, step, bar = 190, 68, 25
    most = max((max(part.ours, part.true or 0) for part in sizes), default=0) or 1
    floor, parts = _TOP + height, []
    for place, part in enumerate(sizes):
        left = 14 + place * step
        for shift, (many, side) in enumerate(((part.ours, "ours"), (part.true, "true"))):
            if many is None:
                continue
            tall = height * many / most
            start = left + shift * (bar + 3)
            parts.append(rect((start, floor - tall, bar, tall), side))
            parts.append(text(start + bar / 2, floor - tall - 4, _short(many), "middle", "count"))
        parts.append(text(left + bar + 1.5, floor + 17, _range(part), "middle"))
    width = 14 + step * len(sizes)
    parts.append(line(8, floor, width - 6, floor, "axis"))
    parts.append(text(width / 2, floor + 37, "labelled rows in the cluster", "middle", "name"))
    return svg(width, floor + 43, parts, "Clusters by size")


def placement_bar(placement: Placement) -> str:
    """One feed's rows: at their own home, at a wrong one, at none."""
    width, height = 240, 14
    rows = max(placement.rows, 1)
    right, wrong = width * placement.right / rows, width * placement.wrong / rows
    return svg(
        width,
        height,
        [
            rect((0, 1, width, height - 2), "none"),
            rect((0, 1, right, height - 2), "ours"),
            rect((right, 1, wrong, height - 2), "wrong"),
        ],
        f"{placement.feed}: {placement.right:,} right, {placement.wrong:,} wrong of {placement.rows:,}",
    )


def _ticks(low: float) -> list[float]:
    step = 20 if low < 0.4 else 10 if low < 0.75 else 5  # per cent
    return [tick / 100 for tick in range(100, round(100 * low) - 1, -step)]


def _range(part: SizeBin) -> str:
    if part.high is None:
        return f"{part.low}+"
    return str(part.low) if part.low == part.high else f"{part.low}–{part.high}"


def _short(many: int) -> str:
    return f"{many:,}" if many < 10_000 else f"{many / 1000:,.0f}k"
