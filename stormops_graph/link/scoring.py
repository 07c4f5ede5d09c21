"""Candidate pairs, compared and weighed by Splink: `pair_scored(left_id, right_id, gamma_…, mw_…, match_weight)`.

Reads `profile(unique_id, …)` with the columns that the matching names, and `<column>_frequency(name, share)` of those
whose rare values weigh more. `people` is how many could be behind a record.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from splink import DuckDBAPI, Linker

from stormops_graph.link.comparisons import splink_settings
from stormops_graph.rules.matching import Matching
from stormops_graph.rules.model import Model
from stormops_graph.rules.ruleset import Rules
from stormops_graph.tables import Connection

_HOMES = """
SELECT greatest((SELECT count(*) FROM property), (SELECT count(DISTINCT home) FROM record_home WHERE home IS NOT NULL))
"""


@contextmanager
def linker(
    con: Connection, matching: Matching, model: Model, people: float, profiles: str = "profile"
) -> Iterator[Linker]:
    """A Splink linker over the table `profiles`; the tables it made are dropped at the end."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    database = DuckDBAPI(con)
    made = Linker(database.register(profiles), splink_settings(matching, model, people), log_level=None)
    for column in matching.rare_columns:
        _splink_frequency(con, column)
        frequency = database.register(f"frequency_{column}")
        made.table_management.register_term_frequency_lookup(frequency, column)
    try:
        yield made
    finally:
        made.table_management.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call]


def market(con: Connection, rules: Rules) -> float:
    """How many people could be behind a record, to two digits: one more home must not weigh every pair anew.

    They live in the listed homes, or in those that records show where these are more.
    """
    homes = con.execute(_HOMES).fetchall()[0][0]
    return max(2.0, float(f"{homes * rules.household.people_per_home:.2g}"))


def score_pairs(con: Connection, matching: Matching, model: Model, people: float, profiles: str = "profile") -> int:
    """Write `pair_scored` for the table `profiles`; returns its rows."""
    with linker(con, matching, model, people, profiles) as made:
        scored = made.inference.predict()
        gammas = ", ".join(f"gamma_{column}" for column in matching.columns)
        weights = ", ".join(f"round(mw_{column}, 3) AS mw_{column}" for column in matching.columns)
        rarity = "".join(f"round(mw_tf_adj_{column}, 3) AS rare_{column}, " for column in matching.rare_columns)
        con.execute(
            "CREATE OR REPLACE TABLE pair_scored AS "  # noqa: S608  (columns come from the rules' fixed words)
            "SELECT least(unique_id_l, unique_id_r) AS left_id, greatest(unique_id_l, unique_id_r) AS right_id, "
            f"{gammas}, {weights}, {rarity}round(match_weight, 3) AS match_weight, "
            "round(match_probability, 6) AS match_probability "
            f"FROM {scored.physical_name}"
        )
    return int(con.execute("SELECT count(*) FROM pair_scored").fetchall()[0][0])


def _splink_frequency(con: Connection, column: str) -> None:
    """Write `frequency_<column>` in the form that Splink reads."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE frequency_{column} AS "  # noqa: S608  (a column of the rules)
        f'SELECT name AS "{column}", share AS "tf_{column}" FROM {column}_frequency'
    )
