"""The transition graph: channels one below the other, those early in journeys first, and the steps between them.

Steps down run on the right, steps up on the left, so that there and back are two lines; a line is as wide as the
step is likely. Names stand in their boxes, so nothing can run into them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stormops_graph.pages.drawing import labels, path, rect, svg, text
from stormops_graph.reports.attribution import Overview

START, CONVERTED, LOST = "start", "converted", "no conversion"
STRONGEST = 3  # steps of a channel that are drawn, and all others that are likely enough
LIKELY = 0.1

_BOX, _HIGH, _STEP = 148, 24, 46
_SIDE = 142  # room for lines, left and right
_REACH = (_SIDE - 12) * 4 / 3  # a curve goes out three quarters as far as what pulls it
_WIDEST = 11


@dataclass(frozen=True)
class Step:
    """A step from one box to another (or itself), and how many of those who were there took it."""

    source: int
    target: int
    share: float


def shares(overview: Overview) -> list[list[float | None]]:
    """The rows of `steps` as shares, (K + 1, K + 2); None where nobody went."""
    return [
        [count / sum(row) if count else None for count in row] if sum(row) else [None] * len(row)
        for row in overview.steps
    ]


def flow_chart(overview: Overview, label: str) -> str:
    """The transition graph of the journeys."""
    names = [START, *overview.channels, CONVERTED, LOST]
    steps = _drawn(overview)
    last = len(names) - 2  # both ends
    widest = max((step.share for step in steps), default=1.0)
    curves = [
        _curve(step, _WIDEST * step.share / widest, (names, _kind(step, last)))
        for step in sorted(steps, key=lambda step: (_kind(step, last) != "lost", step.share))
    ]
    shown = labels(names, _BOX - 12)
    boxes = [part for place in range(len(names)) for part in _box(place, (names[place], shown[place]), place == last)]
    return svg(_BOX + 2 * _SIDE, _STEP * len(names), [*curves, *boxes], label)


def left_out(overview: Overview) -> int:
    """How many kinds of steps are too rare to be drawn."""
    return sum(count > 0 for row in overview.steps for count in row) - len(_drawn(overview))


def _drawn(overview: Overview) -> list[Step]:
    """The strongest steps from each box, and all that matter; boxes are numbered from the start on."""
    k = len(overview.channels)
    steps = []
    for number, row in enumerate(shares(overview)):
        source = 0 if number == k else number + 1
        found = [Step(source, column + 1, share) for column, share in enumerate(row) if share is not None]
        found.sort(key=lambda step: (-step.share, step.target))
        steps += [step for place, step in enumerate(found) if place < STRONGEST or _matters(step, k)]
    return steps


def _matters(step: Step, channels: int) -> bool:
    """A likely step, or one to a conversion."""
    return step.share >= LIKELY or step.target == channels + 1


def _kind(step: Step, last: int) -> str:
    return "won" if step.target == last else "lost" if step.target > last else ""


def _box(place: int, named: tuple[str, str], won: bool) -> list[str]:
    name, shown = named
    y = place * _STEP + (_STEP - _HIGH) / 2
    return [
        rect((_SIDE, y, _BOX, _HIGH), "won" if won else "node", name, ' rx="6"'),
        text(_SIDE + _BOX / 2, y + 16, shown, "middle", "name"),
    ]


def _curve(step: Step, width: float, named: tuple[Sequence[str], str]) -> str:
    """A line from the side of one box to the side of another, with a tip."""
    names, kind = named
    down = step.target >= step.source
    edge, outward = (_SIDE + _BOX, 1) if down else (_SIDE, -1)
    apart = abs(step.target - step.source)
    reach = 34 + (_REACH - 34) * apart / (len(names) - 1) if apart else 46
    middle = _STEP / 2
    leaves = step.source * _STEP + middle + (5 if down else -5)
    arrives = step.target * _STEP + middle + (-5 if down else 5)
    if not apart:
        leaves, arrives = arrives, leaves
    tip = max(5.0, width * 1.1)
    far, near = edge + outward * reach, edge + outward * (tip + 1)
    said = f"{names[step.source]} to {names[step.target]}: {100 * step.share:.1f} %"
    curve = f"M{edge:.1f} {leaves:.1f}C{far:.1f} {leaves:.1f} {far:.1f} {arrives:.1f} {near:.1f} {arrives:.1f}"
    half = max(3.5, width * 0.75)
    head = f"M{edge + outward:.1f} {arrives:.1f}l{outward * tip:.1f} {-half:.1f}v{2 * half:.1f}z"
    return path(curve, f"flow {kind}".strip(), max(width, 0.8), said) + path(head, f"tip {kind}".strip(), 0, said)
