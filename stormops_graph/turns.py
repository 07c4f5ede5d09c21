"""Turns: when each of those who held the same thing one after another held it.

Between two of them nobody knows when it changed hands: the first quarter of that time is the old holder's, the last
quarter the new one's, and the middle is nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

Span = tuple[datetime, datetime]
"""From one time to another."""

Holder = TypeVar("Holder", int, str)
UNSURE_SHARE = 0.25  # of the time between two holders, at each end


def in_turn(spans: Mapping[Holder, Span]) -> dict[Holder, Span]:
    """Holder → when it held what each was seen with in its span; empty where two spans meet."""
    order = sorted(spans.items(), key=lambda held: (held[1], held[0]))
    turns: dict[Holder, Span] = {}
    start = datetime.min
    for (holder, span), (_, following) in pairwise(order):
        if following[0] <= span[1]:
            return {}
        unsure = (following[0] - span[1]) * UNSURE_SHARE
        turns[holder] = (start, span[1] + unsure)
        start = following[0] - unsure
    for holder, _ in order[-1:]:
        turns[holder] = (start, datetime.max)
    return turns
