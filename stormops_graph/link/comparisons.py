"""The declared rules and the trained model as Splink settings.

Splink counts the levels of a comparison down: the first declared level is the highest `gamma`, 0 is "none of
them" and -1 "a value is missing".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import splink.comparison_level_library as cll
from splink import SettingsCreator, block_on
from splink.blocking_rule_library import And, CustomRule
from splink.internals.blocking_rule_creator import BlockingRuleCreator
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from stormops_graph.rules.matching import Aside, Block, Comparison, Level, Matching
from stormops_graph.rules.model import Model

_STIRRED = (CustomRule("l.stirred OR r.stirred"),)


def _condition(column: str, level: Level) -> str:
    left, right = f'"{column}_l"', f'"{column}_r"'
    return {
        "exact": f"{left} = {right}",
        "nickname": _equal([f"{column}_root"]),
        "initial": f"{_equal([f'{column}_initial'])} AND least(length({left}), length({right})) = 1",
        "similar": f"jaro_winkler_similarity({left}, {right}) >= {level.at_least}",
        "typo": f"levenshtein({left}, {right}) <= {level.at_most}",
        "overlap": f"list_has_any({left}, {right})",
        "near": f"{_least(left, right, 'levenshtein')} <= {level.at_most}",
        "mailbox": _same_mailbox(left, right, level.at_most or 1),
        "building": _equal(["street_no", "street_name", "zip5"]),
        "agree": _equal(level.of),
    }[level.kind]


def _equal(columns: Sequence[str]) -> str:
    """SQL of columns that are all equal."""
    return " AND ".join(f'"{column}_l" = "{column}_r"' for column in columns) or "false"


def aside_conditions(aside: Aside) -> tuple[str, str]:
    """SQL of two records that show the same beside, and of two that do not; neither where nothing is said."""
    left, right = f'"{aside.column}_l"', f'"{aside.column}_r"'
    first, last = f"first_{aside.column}", f"last_{aside.column}"
    gap = days_apart(f"{first}_l", f"{last}_l", f"{first}_r", f"{last}_r")
    return {
        "equal": (f"{left} = {right}", f"{left} <> {right}"),
        "pair": (f"{left} = {right}", f"[{left}, {right}] IN ({_pairs(*aside.pair)})"),
        "slip": (_slip(left, right), "false"),
        "time": (f"{gap} <= {aside.near}", f"{gap} > {aside.far}"),
    }[aside.by]


def _pairs(one: str, other: str) -> str:
    """SQL of two values in either order."""
    return f"['{one}', '{other}'], ['{other}', '{one}']"


def days_apart(first: str, last: str, other_first: str, other_last: str) -> str:
    """SQL of the days between two spans of time, below zero where they overlap."""
    return f"greatest(epoch({first}) - epoch({other_last}), epoch({other_first}) - epoch({last})) / 86400"


def _slip(left: str, right: str) -> str:
    """SQL of two lists of which no value is the same, but two are one edit or one exchange of neighbours apart.

    An exchange is two plain edits, which cost a fifth to count: few pairs come that near.
    """
    near = f"{_least(left, right, 'levenshtein')} <= 2 AND {_least(left, right, 'damerau_levenshtein')} = 1"
    return f"NOT list_has_any({left}, {right}) AND {near}"


def _least(left: str, right: str, edits: str) -> str:
    """SQL of the fewest edits between the first values of two lists; hardly a record has more than three."""
    pairs = [f"{edits}({left}[{i}], {right}[{j}])" for i in range(1, 4) for j in range(1, 4)]
    return f"least({', '.join(pairs)})"


def _same_mailbox(left: str, right: str, at_most: int) -> str:
    """SQL of an email whose name is the same and whose domain is mistyped.

    A few edits in the name itself are another person's mailbox: john.smith12 and john.smith14.
    """
    pairs = [
        f"(split_part({left}[{i}], '@', 1) = split_part({right}[{j}], '@', 1)"
        f" AND levenshtein(split_part({left}[{i}], '@', 2), split_part({right}[{j}], '@', 2)) <= {at_most})"
        for i in (1, 2)
        for j in (1, 2)
    ]
    return f"({' OR '.join(pairs)})"


def level_weights(column: str, model: Model) -> list[float]:
    """What each level of a comparison weighs in bits, by gamma from 0 up, as Splink weighs it."""
    return _bits(model.free[column]["person"], model.chance[column])


def mixture_weights(column: str, model: Model) -> list[float]:
    """The same as the mixture weighs them: one person against strangers that something brought together."""
    return _bits(model.levels[column]["person"], model.levels[column]["unrelated"])


def _bits(shares: Sequence[float], others: Sequence[float]) -> list[float]:
    return [math.log2(share / other) for share, other in zip(shares, others, strict=True)][::-1]


def _level(comparison: Comparison, number: int, model: Model) -> ComparisonLevelCreator:
    column, level = comparison.column, comparison.level[number]
    made: ComparisonLevelCreator = cll.CustomLevel(_condition(column, level), label_for_charts=f"{column} {level.kind}")
    options: dict[str, Any] = {
        "m_probability": model.free[column]["person"][number],
        "u_probability": model.chance[column][number],
    }
    if level.rare:
        options |= {"tf_adjustment_column": column, "tf_minimum_u_value": model.rarest[column]}
    made.configure(**options)
    return made


def _comparison(comparison: Comparison, model: Model, apart: str | None) -> dict[str, Any]:
    column = comparison.column
    none: dict[str, Any] = {
        "m_probability": model.free[column]["person"][-1],
        "u_probability": model.chance[column][-1],
    }
    levels = [_level(comparison, number, model) for number in range(len(comparison.level))]
    if apart:  # weighs what "none of them" does, and counts as it: see gamma_of
        levels.insert(0, cll.CustomLevel(f'"{apart}_l" <> "{apart}_r"', f"another {apart}").configure(**none))
    return {
        "output_column_name": column,
        "comparison_levels": [cll.NullLevel(column), *levels, cll.ElseLevel().configure(**none)],
        "comparison_description": column,
    }


def gamma_of(comparison: Comparison) -> str:
    """SQL of a comparison's gamma as declared: what is told apart beside it, above all levels, is none of them."""
    return f"gamma_{comparison.column} % {len(comparison.level) + 1}"


def _block(block: Block, *further: BlockingRuleCreator) -> BlockingRuleCreator:
    return And(block_on(*block.on), *further, arrays_to_explode=list(block.on) if block.each else None)


def splink_settings(matching: Matching, model: Model, people: float, *, stirred: bool = False) -> SettingsCreator:
    """Splink settings whose m are the model's person pairs (`free`) and whose u are chance agreement.

    With `stirred` the profiles have a column of that name, and two of which neither is stirred are no candidate pair.

    The prior of a pair is one in `people`, those who live in the market: whoever is behind the one record, so many
    others could be behind the other.
    """
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        comparisons=[_comparison(one, model, matching.apart.get(one.column)) for one in matching.comparisons],
        blocking_rules_to_generate_predictions=[
            _block(block, *(_STIRRED if stirred else ())) for block in matching.blocks
        ],
        probability_two_random_records_match=1 / people,
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
        additional_columns_to_retain=[
            *(["kindred_bits"] if matching.kindred else []),
            *(column for aside in matching.asides for column in aside.shown if column not in matching.columns),
        ],
    )
