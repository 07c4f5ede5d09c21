"""The evidence between two records as a waterfall: what each comparison weighs, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from stormops_graph.chances import chance
from stormops_graph.lookup.parts import Part
from stormops_graph.plain_text import plain

_BAR, _WORDS = 12, 40  # letters of the longest bar, and of what stands before it


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


@dataclass(frozen=True)
class Waterfall:
    """The waterfall of a pair, as wide as there is room for."""

    pair: Weighed

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Its lines."""
        yield from waterfall(self.pair, options.max_width)


def waterfall(pair: Weighed, width: int = 80) -> list[Text]:
    """A line a part, for one person to the right and against to the left, and what it comes to.

    The narrower, the shorter are all bars, as one that is cut would lie; below 45 columns there are none.
    """
    longest = max((abs(part.weight) for part in pair.parts), default=1.0) or 1.0
    lines, total, room = [], 0.0, min(_BAR, (width - _WORDS - 1) // 2)
    for part in pair.parts:
        total += part.weight
        words = plain(f"  {part.kind:<9.8}{part.level:<10.10}{part.weight:+7.2f} → {total:+7.2f}  ")
        line = Text(words, no_wrap=True, overflow="crop")
        if room > 1:
            bar = "█" * max(1, round(room * abs(part.weight) / longest))
            left, right = ("", bar) if part.weight >= 0 else (bar, "")
            line.append(f"{left:>{room}}", style="red").append("│").append(right, style="green")
        lines.append(line)
    sums = f"  one household {chance(pair.household_probability)}, one person {chance(pair.person_probability)}"
    lines.append(Text(plain(f"{sums}, by {pair.model}"), style="bold"))
    return lines
