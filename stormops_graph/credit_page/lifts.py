"""What reaching homes changed: the lift against homes that were held out, a line a ZIP, around nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from stormops_graph.pages.drawing import dot, elided, line, svg, text
from stormops_graph.reports.attribution import Lift

MOST = 30
_NAMES, _PLOT, _FIGURES = 76, 220, 134
_STEP, _TOP = 22, 26


def lift_chart(lifts: Sequence[Lift], label: str) -> str:
    """Differences of conversion rates with their intervals, in points; the dashed line is no difference."""
    shown = lifts[:MOST]
    low = math.floor(min(0.0, *(lift.low for lift in shown)) * 20) / 20
    high = math.ceil(max(0.0, *(lift.high for lift in shown)) * 20) / 20

    def x(points: float) -> float:
        return _NAMES + 10 + _PLOT * (points - low) / max(high - low, 0.05)

    floor = _TOP + _STEP * len(shown)
    every = next(step for step in (5, 10, 20, 50, 100) if (high - low) * 100 / step <= 5)
    parts = []
    for tick in range(math.ceil(100 * low / every) * every, round(100 * high) + 1, every):
        parts.append(line(x(tick / 100), _TOP - 6, x(tick / 100), floor, "grid"))
        parts.append(text(x(tick / 100), _TOP - 10, f"{tick:+d}" if tick else "0", "middle", "count"))
    parts.append(line(x(0), _TOP - 6, x(0), floor, "ideal"))
    right = _NAMES + 10 + _PLOT + _FIGURES
    for place, lift in enumerate(shown):
        y = _TOP + _STEP * place + _STEP / 2
        said = f"{_points(lift.low)} to {_points(lift.high)}"
        parts.append(text(0, y + 4, elided(lift.zip_code, _NAMES), "start", "name"))
        parts.append(line(x(lift.low), y, x(lift.high), y, "reach"))
        parts.append(dot(x(lift.difference), y, 4, "point", f"{lift.zip_code}: {_points(lift.difference)}, {said}"))
        parts.append(text(right - 84, y + 4, _points(lift.difference), "end", "name"))
        parts.append(text(right, y + 4, said, "end", "count"))
    return svg(right, floor + 4, parts, label)


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f}"
