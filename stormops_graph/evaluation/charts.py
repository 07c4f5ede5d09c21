"""Charts as inline SVG: no script, no font and no picture from outside; colours are the page's own classes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from stormops_graph.evaluation.findings import Bin, Placement, SizeBin

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
        parts.append(_line(x(low), y(tick), x(1), y(tick), "grid"))
        parts.append(_text(_LEFT - 7, y(tick) + 4, f"{tick:.2f}", "end"))
        parts.append(_text(x(tick), _TOP + side + 18, f"{tick:.2f}", "middle"))
    parts.append(_line(x(low), y(low), x(1), y(1), "ideal"))
    for part in sorted(bins, key=lambda part: -part.rows):
        radius = 3 + 9 * math.sqrt(part.rows / most)
        said = f"{part.rows:,} rows: stated {part.stated:.3f}, found {part.found:.3f}"
        parts.append(
            f'<circle class="dot" cx="{x(part.stated):.1f}" cy="{y(part.found):.1f}" r="{radius:.1f}">'
            f"<title>{said}</title></circle>"
        )
    parts.append(_text(x((1 + low) / 2), _TOP + side + 38, "stated confidence", "middle", "name"))
    middle = y((1 + low) / 2)
    turned = f"translate(12 {middle:.1f}) rotate(-90)"
    parts.append(f'<text class="name" text-anchor="middle" transform="{turned}">share that holds</text>')
    return _svg(_LEFT + side + 16, _TOP + side + 44, parts, "Reliability diagram")


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
            parts.append(f'<rect class="{side}" x="{start}" y="{floor - tall:.1f}" width="{bar}" height="{tall:.1f}"/>')
            parts.append(_text(start + bar / 2, floor - tall - 4, _short(many), "middle", "count"))
        parts.append(_text(left + bar + 1.5, floor + 17, _range(part), "middle"))
    width = 14 + step * len(sizes)
    parts.append(_line(8, floor, width - 6, floor, "axis"))
    parts.append(_text(width / 2, floor + 37, "labelled rows in the cluster", "middle", "name"))
    return _svg(width, floor + 43, parts, "Clusters by size")


def placement_bar(placement: Placement) -> str:
    """One feed's rows: at their own home, at a wrong one, at none."""
    width, height = 240, 14
    rows = max(placement.rows, 1)
    right, wrong = width * placement.right / rows, width * placement.wrong / rows
    return _svg(
        width,
        height,
        [
            f'<rect class="none" x="0" y="1" width="{width}" height="{height - 2}"/>',
            f'<rect class="ours" x="0" y="1" width="{right:.1f}" height="{height - 2}"/>',
            f'<rect class="wrong" x="{right:.1f}" y="1" width="{wrong:.1f}" height="{height - 2}"/>',
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


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str, kind: str = "tick") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _svg(width: float, height: float, parts: Sequence[str], label: str) -> str:
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}">'
        + "".join(parts)
        + "</svg>"
    )
