"""The evidence between two records as a waterfall: what each comparison weighs, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.text import Text

from stormops_graph.lookup.parts import Part
from stormops_graph.plain_text import plain

from .screen import chance

_BAR = 12  # letters of the longest bar


class Weighed(Protocol):
    """A pair of records, weighed."""

    @property
    def parts(self) -> Sequence[Part]:
        """What was compared."""

    @property
    def household_probability(self) -> float | None:
        """How likely one household is."""

    @property
    def person_probability(self) -> float | None:
        """How likely one person is."""

    @property
    def model(self) -> str:
        """What weighed it."""


def waterfall(pair: Weighed) -> list[Text]:
    """A line a part, for one person to the right and against to the left, and what it comes to."""
    longest = max((abs(part.weight) for part in pair.parts), default=1.0) or 1.0
    lines, total = [], 0.0
    for part in pair.parts:
        total += part.weight
        size = max(1, round(_BAR * abs(part.weight) / longest))
        left, right = ("", "█" * size) if part.weight >= 0 else ("█" * size, "")
        words = plain(f"  {part.kind:<9.9}{part.level:<10.10}{part.weight:+7.2f} → {total:+7.2f}  ")
        line = Text(words, no_wrap=True, overflow="crop")  # a narrow screen has the figures, and of the bars what fits
        line.append(f"{left:>{_BAR}}", style="red").append("│").append(right, style="green")
        lines.append(line)
    sums = f"  one household {chance(pair.household_probability)}, one person {chance(pair.person_probability)}"
    lines.append(Text(plain(f"{sums}, by {pair.model}"), style="bold"))
    return lines
