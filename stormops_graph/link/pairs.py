"""Scored candidates and exact keys as `pair` rows: how likely one person, how likely one household, and why."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stormops_graph.link.mixture import KINDS, Mixture
from stormops_graph.link.scoring import rare_columns
from stormops_graph.model import Model
from stormops_graph.rules import Rules
from stormops_graph.tables import PAIR, PAIR_KIND, Connection

KEEP_AT_LEAST = 0.05  # a pair less likely than this at both levels is not kept
KEYED_PROBABILITY = 0.999  # a row that names the contact's id, or the cookie
RARITY_BITS = 6.0  # no name is rarer evidence than this

# A row that names a contact's id or a cookie is that contact's or cookie's, whatever else it shows. The contact or
# cookie itself, or else the first record that names it, is paired with all the others.
_KEYED = """
CREATE OR REPLACE TEMP TABLE keyed_pair AS
WITH held AS (SELECT DISTINCT kind, value, record FROM holding WHERE kind IN ('contact', 'cookie')),
owner AS (
    SELECT kind, value, arg_min(record, (split_part(record, ':', 1) NOT IN ('crm_contacts', 'ga4'), record)) AS record
    FROM held GROUP BY kind, value
)
SELECT min(h.kind) AS kind, least(o.record, h.record) AS left_id, greatest(o.record, h.record) AS right_id
FROM held h JOIN owner o USING (kind, value) WHERE h.record <> o.record GROUP BY ALL
"""
_KEYED_PAIRS = """
INSERT INTO pair
SELECT left_id, right_id, level, $probability, $weight,
       to_json([{'kind': kind, 'level': 'exact', 'weight': $weight}]), 'identifier'
FROM keyed_pair, (VALUES ('household'), ('person')) AS l(level) ORDER BY 1, 2, 3
"""
_KEYED_KINDS = """
CREATE OR REPLACE TABLE pair_kind AS
SELECT left_id, right_id, $probability AS household_probability, $probability AS person_probability,
       true AS beyond_home, true AS named, true AS tied FROM keyed_pair
UNION ALL
SELECT * FROM pair_kind ANTI JOIN keyed_pair USING (left_id, right_id)
ORDER BY left_id, right_id
"""


def mixture_of(rules: Rules, model: Model) -> Mixture:
    """The model's three kinds of pair, levels by gamma from 0 up."""
    return Mixture(
        np.array([model.kinds[kind] for kind in KINDS]),
        tuple(np.array([model.levels[c.column][kind][::-1] for kind in KINDS]) for c in rules.person.comparison),
    )


def write_pairs(con: Connection, rules: Rules, model: Model) -> int:
    """Fill `pair` from `pair_scored` and the exact contact ids; returns its rows."""
    PAIR.create(con)
    _weigh(con, rules, model)
    evidence = ", ".join(_evidence(c.column, rules) for c in rules.person.comparison)
    for level in ("household", "person"):
        con.execute(
            "INSERT INTO pair SELECT left_id, right_id, $level, probability, "  # noqa: S608  (fixed words)
            "round(log2(greatest(probability, 1e-6) / greatest(1 - probability, 1e-6)) * 1024) / 1024, "
            f"to_json(list_filter([{evidence}], lambda e: e IS NOT NULL)), 'splink' "
            f"FROM (SELECT *, {level}_probability AS probability "
            "FROM pair_scored JOIN pair_kind USING (left_id, right_id)) "
            "WHERE probability >= $keep ORDER BY left_id, right_id",
            {"level": level, "keep": KEEP_AT_LEAST},
        )
    _add_keyed(con)
    PAIR_KIND.check(con)
    return PAIR.check(con)


def _add_keyed(con: Connection) -> None:
    odds = KEYED_PROBABILITY / (1 - KEYED_PROBABILITY)
    con.execute(_KEYED)
    con.execute(_KEYED_PAIRS, {"probability": KEYED_PROBABILITY, "weight": round(math.log2(odds), 2)})
    con.execute(_KEYED_KINDS, {"probability": KEYED_PROBABILITY})


def _evidence(column: str, rules: Rules) -> str:
    names = next([level.kind for level in c.level] for c in rules.person.comparison if c.column == column)
    levels = "[" + ", ".join(f"'{name}'" for name in ["different", *reversed(names)]) + "]"
    rarity = f" + coalesce(rare_{column}, 0)" if column in rare_columns(rules) else ""
    return (
        f"CASE WHEN gamma_{column} >= 0 THEN {{'kind': '{column}', 'level': {levels}[gamma_{column} + 1], "
        f"'weight': round(mw_{column}{rarity}, 2)}} END"
    )


def _weigh(con: Connection, rules: Rules, model: Model) -> None:
    """Write `pair_kind`: the mixture where an identifier or the home ties the two; mere namesakes by Splink's
    probability, which counts how many others of that name the market has.
    """
    columns = [c.column for c in rules.person.comparison]
    scored: pa.Table = con.sql("SELECT * FROM pair_scored ORDER BY left_id, right_id").to_arrow_table()
    patterns = np.column_stack([scored[f"gamma_{column}"].to_numpy() for column in columns]).astype(np.int64)
    posterior = mixture_of(rules, model).posterior(patterns, _rarity(scored, rules))
    agrees = {column: patterns[:, n] > 0 for n, column in enumerate(columns)}
    by_name = namesakes(rules, patterns)
    alone = scored["match_probability"].to_numpy()
    posterior[by_name] = np.column_stack([alone, np.zeros_like(alone), 1 - alone])[by_name]
    rows = {
        "left_id": scored["left_id"],
        "right_id": scored["right_id"],
        "household_probability": np.round(posterior[:, 0] + posterior[:, 1], 6),
        "person_probability": np.round(posterior[:, 0], 6),
        "beyond_home": np.any([agrees[c] for c in columns if c not in ("home", "given")], axis=0),
        "named": agrees["given"] & agrees["surname"],
        "tied": _tied(rules, patterns),
    }
    con.register("pair_kind_rows", pa.table(rows))
    con.execute("CREATE OR REPLACE TABLE pair_kind AS SELECT * FROM pair_kind_rows")
    con.unregister("pair_kind_rows")


def namesakes(rules: Rules, patterns: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Pairs that only their names bring together: no phone, email or home in common."""
    home = next(n for n, c in enumerate(rules.person.comparison) if c.column == "home")
    return np.asarray(~_tied(rules, patterns) & (patterns[:, home] <= 0))


def _tied(rules: Rules, patterns: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Pairs that share a phone or an email: the best level of either."""
    best = [
        patterns[:, n] == len(c.level)
        for n, c in enumerate(rules.person.comparison)
        if c.column in ("phones", "emails")
    ]
    return np.asarray(np.any(best, axis=0))


def _rarity(scored: pa.Table, rules: Rules) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Bits for each kind: a rare surname speaks for person and household, a rare given name for the person."""
    bits = np.zeros((scored.num_rows, len(KINDS)))
    for column in rare_columns(rules):
        rare = np.clip(np.nan_to_num(scored[f"rare_{column}"].to_numpy().astype(float)), -RARITY_BITS, RARITY_BITS)
        bits[:, 0] += rare
        if column == "surname":
            bits[:, 1] += rare
    return bits
