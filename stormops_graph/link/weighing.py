"""Scored pairs, weighed twice: one person or chance (Splink), and one person or two people of one household (the
mixture).

Splink counts rare values, and how many other people there are, but takes families for persons. The mixture tells a
family from a person. So Splink's probability counts only as far as the mixture finds one person likely (`gate`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stormops_graph.link.mixture import Array, Mixture, normalised
from stormops_graph.rules.matching import KINDS, Matching
from stormops_graph.rules.model import Model
from stormops_graph.tables import Connection

RARITY_BITS = 6.0  # no value is rarer evidence than this
KEYED_PROBABILITY = 0.999  # a row that names the contact's id, or the cookie
COOKIE = "cookie"
_COLUMN_OF = {"phone": "phones", "email": "emails", "address": "home"}  # kind of identifier → compared column


@dataclass(frozen=True)
class Weighed:
    """Scored pairs, by their rowid in the table they were read from.

    patterns: (patterns, comparisons), the combinations of gammas that there are; pattern: the number of each pair's;
    splink: P(one person | one person or chance); kinds: (pairs, 3), the mixture's P(kind); gate: P(one person | one
    person or two of one household), whichever column brought the two together.
    """

    row: NDArray[np.int64]
    patterns: NDArray[np.int64]
    pattern: NDArray[np.int64]
    splink: Array
    kinds: Array
    gate: Array

    @property
    def apart(self) -> Array:
        """P(two people of one household)."""
        return np.asarray(self.kinds[:, 1])


def scored_columns(matching: Matching) -> list[str]:
    """The columns of `pair_scored` that say what a pair weighs."""
    levels = [f"gamma_{column}" for column in matching.columns]
    beside = [f"beside_{aside.column}" for aside in matching.asides]
    return [*levels, *(f"rare_{column}" for column in matching.rare_columns), *beside, "match_probability"]


def weigh(con: Connection, matching: Matching, model: Model, pairs: str = "pair_scored") -> Weighed:
    """Weigh the rows of `pairs`, which has the columns of `pair_scored`: the levels of each pattern once."""
    columns = ", ".join(scored_columns(matching))
    scored = con.sql(f"SELECT rowid AS row, {columns} FROM {pairs}").fetchnumpy()  # noqa: S608
    patterns, pattern = _patterns([scored[f"gamma_{column}"] for column in matching.columns], matching)
    rarity = _rarity(scored, matching) * np.log(2)
    kinds = normalised(mixture_of(matching, model).log_shares(patterns)[pattern] + rarity)
    free = free_mixture(matching, model).log_shares(patterns)
    gate = 1 / (1 + np.exp((free[:, 1] - free[:, 0])[pattern] + rarity[:, 1] - rarity[:, 0]))
    return Weighed(scored["row"], patterns, pattern, scored["match_probability"], kinds, gate)


def _patterns(gammas: Sequence[NDArray[np.int8]], matching: Matching) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The combinations of gammas that there are, and the number of each pair's."""
    sizes = [len(c.level) + 2 for c in matching.comparisons]
    code = np.zeros(len(gammas[0]), np.int64)
    for gamma, size in zip(gammas, sizes, strict=True):
        code *= size
        code += gamma
        code += 1
    codes, pattern = np.unique(code, return_inverse=True)
    return np.column_stack(np.unravel_index(codes, sizes)) - 1, pattern


def mixture_of(matching: Matching, model: Model) -> Mixture:
    """The model's three kinds of candidate pair, levels by gamma from 0 up."""
    return _mixture(matching, model.kinds, model.levels)


def free_mixture(matching: Matching, model: Model) -> Mixture:
    """The same of pairs that another column brought together, for each column."""
    return _mixture(matching, model.kinds, model.free)


def _mixture(
    matching: Matching, kinds: Mapping[str, float], levels: Mapping[str, Mapping[str, Sequence[float]]]
) -> Mixture:
    return Mixture(
        np.array([kinds[kind] for kind in KINDS]),
        tuple(np.array([levels[column][kind][::-1] for kind in KINDS]) for column in matching.columns),
    )


def sharing_probability(matching: Matching, model: Model, kinds: Collection[str]) -> float:
    """P(one household) of two records that share identifiers of these kinds, where nothing else is known of them."""
    if COOKIE in kinds:
        return KEYED_PROBABILITY
    shared = {_COLUMN_OF.get(kind) for kind in kinds}
    pattern = [len(c.level) if c.column in shared else -1 for c in matching.comparisons]
    person, household, _ = mixture_of(matching, model).posterior(np.array([pattern], dtype=np.int64))[0]
    return float(model.calibrated("household", np.array([person + household]))[0])


def _rarity(scored: Mapping[str, NDArray[np.float64]], matching: Matching) -> Array:
    """Bits for each kind: a rare value speaks for the person, one that a family shares for the household as well."""
    bits = np.zeros((len(scored["row"]), len(KINDS)))
    for column in matching.rare_columns:
        rare = np.clip(scored[f"rare_{column}"], -RARITY_BITS, RARITY_BITS)
        bits[:, 0] += rare
        if column in matching.family:
            bits[:, 1] += rare
    return bits
