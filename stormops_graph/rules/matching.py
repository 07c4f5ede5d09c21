"""How two records of any columns are compared, as declared: blocks, comparisons and the three expected kinds of pair.

Invariant: nothing here knows which columns there are; `ruleset` declares the product's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from stormops_graph.errors import SettingsError
from stormops_graph.settings import Section, Share


class Level(Section):
    """One way in which two values can agree."""

    kind: Literal["exact", "nickname", "initial", "similar", "typo", "overlap", "near", "mailbox", "building", "agree"]
    at_least: Share | None = None
    at_most: int | None = Field(default=None, ge=1, le=5)
    rare: bool = False
    of: list[str] = Field(default_factory=list)  # agree: the columns that must all be equal


KINDS = ("person", "household", "unrelated")  # of pairs


class Comparison(Section):
    """How one column of two records is compared; the first level that holds counts."""

    column: str
    level: Sequence[Level] = Field(min_length=1)

    @property
    def labels(self) -> list[str]:
        """The levels by kind, from the second of a kind on with a number, and what none of them catches."""
        kinds = [level.kind for level in self.level]
        repeats = [kinds[:place].count(kind) for place, kind in enumerate(kinds)]
        return [*(f"{kind} {seen + 1}" if seen else kind for kind, seen in zip(kinds, repeats, strict=True)), "none"]


class Block(Section):
    """Two records become a candidate pair when all of these columns agree."""

    on: Sequence[str] = Field(min_length=1)
    each: bool = False


class KindLevels(Section):
    """The expected share of each level of a comparison in the three kinds of pair."""

    person: list[Share]
    household: list[Share]
    unrelated: list[Share]


@dataclass(frozen=True)
class Expectation:
    """What training starts from: it counts as `pairs` pairs; shares: kind → share of the pairs."""

    pairs: float
    shares: Mapping[str, float]
    levels: Mapping[str, KindLevels]


@dataclass(frozen=True)
class Aside:
    """What a column says beside all comparisons, in bits, of two records that show the same in it or not; nothing where
    both show the compared column `unless`, which says it better. Of a compared column it stands instead.

    `by` equal: the same value or another. By pair: the same value, or each one of the two in `pair`. By slip: lists
    with values one slip of the pen apart; what others are is left to the comparison. By time: `first_<column>` to
    `last_<column>` less than `near` days apart, or more than `far`.
    """

    column: str
    same: float
    different: float = 0.0
    unless: str = ""
    by: Literal["equal", "pair", "slip", "time"] = "equal"
    pair: tuple[str, str] = ("", "")
    near: int = 0
    far: int = 0

    @property
    def words(self) -> tuple[str, str]:
        """What two are called that show the same, and two that do not."""
        return {
            "equal": ("same", "different"),
            "pair": ("same", "pair"),
            "slip": ("slip", "different"),
            "time": ("near", "far"),
        }[self.by]

    @property
    def shown(self) -> list[str]:
        """The columns of a profile that it goes by."""
        return [f"first_{self.column}", f"last_{self.column}"] if self.by == "time" else [self.column]


@dataclass(frozen=True)
class Matching:
    """All that the linking core goes by; a rare value of the columns `family` speaks for a household as well.

    Values of the columns `kindred` go together more often than by chance, Minh with Nguyen: a profile says in
    `kindred_bits` how much more common its own are together than they are apart. `asides` move Splink's probability
    alone. Two with other values in what `apart` names beside a column agree in no level of it: John Sr. and John Jr.
    bear two given names.
    """

    blocks: Sequence[Block]
    comparisons: Sequence[Comparison]
    expected: Expectation
    family: Sequence[str]
    kindred: Sequence[str] = ()
    asides: Sequence[Aside] = ()
    apart: Mapping[str, str] = field(default_factory=dict)  # compared column → what it does not say

    @property
    def columns(self) -> list[str]:
        """The compared columns, in order."""
        return [comparison.column for comparison in self.comparisons]

    @property
    def keys(self) -> list[str]:
        """The compared columns that bring two records together on their own."""
        alone = {block.on[0] for block in self.blocks if len(block.on) == 1}
        return [column for column in self.columns if column in alone]

    @property
    def rare_columns(self) -> list[str]:
        """The columns whose uncommon values weigh more."""
        return [c.column for c in self.comparisons if any(level.rare for level in c.level)]


def check_expectation(matching: Matching, place: str) -> None:
    """Raise SettingsError, naming the file `place`, where the expected shares do not fit the declared levels."""
    for comparison in matching.comparisons:
        levels = len(comparison.level) + 1
        declared = matching.expected.levels.get(comparison.column)
        for kind, shares in declared.model_dump().items() if declared else [("person", [])]:
            if len(shares) != levels or abs(sum(shares) - 1) > 1e-6 or min(shares) <= 0:
                raise SettingsError(
                    f"{place}: kinds.{comparison.column}.{kind} must be {levels} shares above 0 that add up to 1",
                    f"one for each level of {comparison.column}: {', '.join(comparison.labels)}",
                )
