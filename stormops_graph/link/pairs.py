"""Scored candidates and exact keys as `pair` rows: how likely one person, how likely one household, and why."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stormops_graph.carryover import open_tables, remade
from stormops_graph.link.renewal import ALL, OF_EITHER, PAIR_WEIGHED, forget_stale
from stormops_graph.link.tally import rest, tally
from stormops_graph.link.weighing import KEYED_PROBABILITY, scored_columns, weigh
from stormops_graph.rules.matching import Matching
from stormops_graph.rules.model import Model
from stormops_graph.tables import PAIR, PAIR_KIND, Connection, Table

KEEP_AT_LEAST = 0.05  # a pair less likely one household than this, and so one person, is not kept

# A row that names a contact's id or a cookie is that contact's or cookie's, whatever else it shows. The contact or
# cookie itself, or else the first record that names it, is paired with all the others.
_KEYED_PAIR = Table("keyed_pair", dict.fromkeys(("kind", "left_id", "right_id"), "VARCHAR"))
_KEYED = """
INSERT INTO keyed_pair
WITH named AS (  -- by another than the contact or cookie itself
    SELECT DISTINCT kind, value FROM holding
    WHERE (kind = 'contact' AND NOT starts_with(record, 'crm_contacts:'))
       OR (kind = 'cookie' AND NOT starts_with(record, 'ga4:'))
), held AS (SELECT DISTINCT kind, value, record FROM holding SEMI JOIN named USING (kind, value)),
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
FROM keyed_due, (VALUES ('household'), ('person')) AS l(level)
"""
# Pairs of the same levels, as rare and as probable, are weighed alike: there are ten times fewer of these than pairs.
_ALIKE = "CREATE OR REPLACE TEMP TABLE scored_alike AS SELECT DISTINCT {said} FROM pair_scored"
_ALIKE_WEIGHED = """
CREATE OR REPLACE TEMP TABLE weighed_alike AS
SELECT s.*, household_probability, person_probability, beyond_home, named, tied, {evidence} AS evidence
FROM alike_rows w JOIN scored_alike s ON s.rowid = w.row WHERE household_probability >= $keep
"""
_KEPT = """
INSERT INTO pair_weighed
SELECT left_id, right_id, household_probability, person_probability, beyond_home, named, tied, evidence
FROM pair_scored s JOIN weighed_alike a ON {same}
"""
_WEIGHED_PAIRS = """
INSERT INTO pair
SELECT left_id, right_id, '{level}', {level}_probability,
       round(log2(greatest({level}_probability, 1e-6) / greatest(1 - {level}_probability, 1e-6)) * 1024) / 1024,
       evidence, 'splink'
FROM weighed_due WHERE {level}_probability >= $keep
"""
_KINDS = """
INSERT INTO pair_kind
SELECT left_id, right_id, $probability AS household_probability, $probability AS person_probability,
       true AS beyond_home, true AS named, true AS tied FROM keyed_due
UNION ALL
SELECT * EXCLUDE (evidence) FROM weighed_due ANTI JOIN keyed_due USING (left_id, right_id)
"""
_BOTH = "SELECT unnest([left_id, right_id]) AS record FROM {changed}"


def weigh_pairs(con: Connection, matching: Matching, model: Model, people: float) -> None:
    """Weigh what is in `pair_scored` and bring `pair_weighed` up to date with it."""
    forget_stale(con)
    said = scored_columns(matching)
    con.execute(_ALIKE.format(said=", ".join(said)))
    same = " AND ".join(f"s.{column} IS NOT DISTINCT FROM a.{column}" for column in said)
    con.register("alike_rows", _weigh(con, matching, model, people))
    con.execute(_ALIKE_WEIGHED.format(evidence=tally(matching, model)), {"keep": KEEP_AT_LEAST})
    con.unregister("alike_rows")
    con.execute(_KEPT.format(same=same))
    for name in ("scored_alike", "weighed_alike"):
        con.execute(f"DROP TABLE {name}")
    PAIR_WEIGHED.check(con)


def write_pairs(con: Connection, due: str) -> None:
    """Bring `pair` and `pair_kind` up to date with `pair_weighed` and the exact contact ids: all of them, or where
    `due` is not, those of news.
    """
    with remade(con, _KEYED_PAIR, _BOTH):
        con.execute(_KEYED)
    open_tables(con, (PAIR, PAIR_KIND), known=due != ALL)
    for table in (PAIR, PAIR_KIND):
        con.execute(f"DELETE FROM {table.name} WHERE {_of_news(table)}")  # noqa: S608
    kind = "VIEW" if due == ALL else "TABLE"  # of a few rows
    sources = {"keyed_due": _KEYED_PAIR, "weighed_due": PAIR_WEIGHED}
    for name, source in sources.items():
        where = "true" if due == ALL else _of_news(source)
        con.execute(f"CREATE OR REPLACE TEMP {kind} {name} AS FROM {source.name} WHERE {where}")
    for level in ("household", "person"):
        con.execute(_WEIGHED_PAIRS.replace("{level}", level), {"keep": KEEP_AT_LEAST})
    odds = KEYED_PROBABILITY / (1 - KEYED_PROBABILITY)
    con.execute(_KEYED_PAIRS, {"probability": KEYED_PROBABILITY, "weight": round(math.log2(odds), 2)})
    con.execute(_KINDS, {"probability": KEYED_PROBABILITY})
    for name in sources:
        con.execute(f"DROP {kind} {name}")
    for table in (PAIR, PAIR_KIND):
        table.check(con)


def _of_news(table: Table) -> str:
    return OF_EITHER.format(table=table.name, records="record_news")


def _weigh(con: Connection, matching: Matching, model: Model, people: float) -> pa.Table:
    """What PAIR_KIND says of each row of `scored_alike`: the mixture where an identifier or the home ties the two; mere
    namesakes by Splink's probability, which counts how many others of that name the market has, through its gate.
    Both as verdicts have corrected them. With it what its tally needs.
    """
    weighed = weigh(con, matching, model, "scored_alike")
    patterns, pattern, kinds, splink = weighed.patterns, weighed.pattern, weighed.kinds, weighed.splink
    agrees = {column: patterns[:, n] > 0 for n, column in enumerate(matching.columns)}
    tied = _tied(matching, patterns)
    agrees["phones"] &= tied | (patterns[:, matching.columns.index("surname")] != 0)  # a stranger's is near by chance
    by_name = namesakes(matching, patterns)[pattern]
    stated = np.where(by_name, splink, kinds[:, 0] + kinds[:, 1])
    household = model.calibrated("household", stated)
    person = model.calibrated("person", np.where(by_name, splink * weighed.gate, kinds[:, 0]))
    rows = {
        "row": weighed.row,
        "household_probability": np.round(household, 6),
        "person_probability": np.round(np.minimum(person, household), 6),
        "beyond_home": np.any([agrees[c] for c in agrees if c not in ("home", "given")], axis=0)[pattern],
        "named": (agrees["given"] & agrees["surname"])[pattern],
        "tied": tied[pattern],
        "by_name": by_name,
    }
    return pa.table(rows | rest(model, people, by_name, kinds, stated))


def namesakes(matching: Matching, patterns: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Pairs that only their names bring together: no phone, email or home in common."""
    return np.asarray(~_tied(matching, patterns) & (patterns[:, matching.columns.index("home")] <= 0))


def _tied(matching: Matching, patterns: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Pairs that share a phone or an email: the best level of either."""
    best = [
        patterns[:, n] == len(c.level) for n, c in enumerate(matching.comparisons) if c.column in ("phones", "emails")
    ]
    return np.asarray(np.any(best, axis=0))
