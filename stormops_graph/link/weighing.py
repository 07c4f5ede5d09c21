"""Scored pairs, weighed twice: one person or chance (Splink), and one person or two of one household (the mixture).

Splink counts rare values and how many others there are, but takes families for persons; the mixture tells these two
apart. So the mixture is the gate that Splink's probability has to pass.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stormops_graph.link.mixture import KINDS, Array, Mixture
from stormops_graph.rules.matching import Matching
from stormops_graph.rules.model import Model
from stormops_graph.tables import Connection

RARITY_BITS = 6.0  # no value is rarer evidence than this
KEYED_PROBABILITY = 0.999  # a row that names the contact's id, or the cookie
COOKIE = "cookie"
_COLUMN_OF = {"phone": "phones", "email": "emails", "address": "home"}  # kind of identifier → compared column


@dataclass(frozen=True)
class Weighed:
    """Rows of `pair_scored`, in no order, with their patterns (pairs, comparisons) of gammas.

    scored: row (the rowid there), left_id, right_id and what was weighed; splink: P(one person | one person or
    chance); kinds: (pairs, 3), the mixture's P(kind); gate: P(one person | one person or two of one household),
    whichever column brought the two together.
    """

    scored: pa.Table
    patterns: NDArray[np.int64]
    splink: Array
    kinds: Array
    gate: Array

    @property
    def apart(self) -> Array:
        """P(two people of one household)."""
        return np.asarray(self.kinds[:, 1])


def weigh(con: Connection, matching: Matching, model: Model) -> Weighed:
    """Read `pair_scored` and weigh its pairs."""
    columns = [f"gamma_{column}" for column in matching.columns] + [
        f"rare_{column}" for column in matching.rare_columns
    ]
    scored: pa.Table = con.sql(
        f"SELECT rowid AS row, left_id, right_id, match_probability, {', '.join(columns)} FROM pair_scored"  # noqa: S608
    ).to_arrow_table()
    gammas = [scored[f"gamma_{column}"].to_numpy() for column in matching.columns]
    patterns = np.column_stack(gammas).astype(np.int64)
    rarity = _rarity(scored, matching)
    kinds = mixture_of(matching, model).posterior(patterns, rarity)
    logs = free_mixture(matching, model).log_shares(patterns)
    gate = 1 / (1 + np.exp(logs[:, 1] - logs[:, 0] + (rarity[:, 1] - rarity[:, 0]) * np.log(2)))
    return Weighed(scored, patterns, scored["match_probability"].to_numpy(), kinds, gate)


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


def _rarity(scored: pa.Table, matching: Matching) -> Array:
    """Bits for each kind: a rare value speaks for the person, one that a family shares for the household as well."""
    bits = np.zeros((scored.num_rows, len(KINDS)))
    for column in matching.rare_columns:
        rare = np.clip(np.nan_to_num(scored[f"rare_{column}"].to_numpy().astype(float)), -RARITY_BITS, RARITY_BITS)
        bits[:, 0] += rare
        if column in matching.family:
            bits[:, 1] += rare
    return bits
