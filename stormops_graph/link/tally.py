"""The evidence of a pair in parts: bits that add up to the odds that the two are one household.

Mere namesakes are weighed by Splink, which holds one person against chance. All other pairs are weighed by the mixture,
which holds one person against strangers that something brought together. Beside the comparisons there are these parts:
`prior`, how likely the two are one before anything is compared; `family`, what they gain because they may also be two
people of one household; `verdicts`, what stewards' verdicts corrected.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stormops_graph.link.comparisons import level_weights, mixture_weights
from stormops_graph.link.mixture import Array
from stormops_graph.link.weighing import RARITY_BITS
from stormops_graph.rules.matching import Aside, Comparison, Matching
from stormops_graph.rules.model import Model, log_odds
from stormops_graph.tables import REST


def tally(matching: Matching, model: Model) -> str:
    """SQL of a pair's evidence as JSON, of the columns of `pair_scored`, `by_name` and `rest`'s."""
    compared = [_compared(comparison, matching, model) for comparison in matching.comparisons]
    parts = [*compared, *map(_beside, matching.asides), *map(_rest, REST)]
    return f"'[' || concat_ws(',', {', '.join(parts)}) || ']'"


def rest(model: Model, people: float, by_name: NDArray[np.bool_], kinds: Array, household: Array) -> dict[str, Array]:
    """The bits of REST for each pair; kinds: (pairs, 3), the mixture's; household: P(one household) before verdicts."""
    shares = model.kinds
    family = np.log2((kinds[:, 0] + kinds[:, 1]) / kinds[:, 0])
    prior = np.where(by_name, -np.log2(people - 1), np.log2(shares["person"] / shares["unrelated"]))
    verdicts = _bits(model.calibrated("household", household)) - _bits(household)
    found = (prior, np.where(by_name, 0, family), verdicts)
    return {name: np.round(bits, 2) for name, bits in zip(REST, found, strict=True)}


def _bits(probability: Array) -> Array:
    return log_odds(probability) / math.log(2)


def _compared(comparison: Comparison, matching: Matching, model: Model) -> str:
    column = comparison.column
    rare = f"rare_{column}" if column in matching.rare_columns else "0"
    levels = ["different", *(level.kind for level in reversed(comparison.level))]
    by_splink = _levels(column, levels, level_weights(column, model), rare)
    held = f"greatest(least({rare}, {RARITY_BITS}), -{RARITY_BITS})"
    by_mixture = _levels(column, levels, mixture_weights(column, model), held)
    instead = "".join(f" AND beside_{column} < 0" for aside in matching.asides if aside.column == column)
    return f"CASE WHEN NOT by_name THEN {by_mixture} WHEN true{instead} THEN {by_splink} END"


def _levels(column: str, levels: Sequence[str], weights: Sequence[float], rare: str) -> str:
    said = (
        f"WHEN {gamma} THEN {_part(column, f'round({round(weight, 3)}::DOUBLE + {rare}, 2)', level)}"
        for gamma, (level, weight) in enumerate(zip(levels, weights, strict=True))
    )
    return f"CASE gamma_{column} {' '.join(said)} END"


def _beside(aside: Aside) -> str:
    state = f"beside_{aside.column}"
    said = " ".join(
        f"WHEN {state} = {same} THEN {_part(aside.column, f'{bits}::DOUBLE', level)}"
        for same, level, bits in ((1, aside.words[0], aside.same), (0, aside.words[1], aside.different))
        if bits
    )
    return f"CASE WHEN NOT by_name THEN NULL {said} END"


def _rest(name: str) -> str:
    return f"CASE WHEN {name} <> 0 THEN {_part(name, name)} END"


def _part(kind: str, bits: str, level: str = "") -> str:
    """SQL of one part as JSON; `bits` is SQL."""
    said = f'{{"kind":"{kind}",' + (f'"level":"{level}",' if level else "")
    return f"'{said}\"weight\":' || ({bits})::VARCHAR || '}}'"
