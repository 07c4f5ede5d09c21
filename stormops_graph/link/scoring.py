"""Candidate pairs, compared and weighed by Splink.

Writes `pair_scored(left_id, right_id, gamma_…, rare_…, beside_…, match_probability)`, `rare_…` in bits, `beside_…` of
columns that are not compared: 1 the same, 0 different, -1 nothing is said. Reads
`profile(unique_id, …)` with the columns that the matching names, and `<column>_frequency(name, share)` of those whose
rare values weigh more. `people` is how many could be behind a record.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from splink import DuckDBAPI, Linker, SettingsCreator

from stormops_graph.link.comparisons import aside_conditions, gamma_of, splink_settings
from stormops_graph.link.renewal import ALL
from stormops_graph.rules.matching import Aside, Matching
from stormops_graph.rules.model import Model
from stormops_graph.rules.ruleset import Rules
from stormops_graph.tables import Connection

_HOMES = """
SELECT greatest((SELECT count(*) FROM property), (SELECT count(DISTINCT home) FROM record_home WHERE home IS NOT NULL))
"""


class _NarrowAPI(DuckDBAPI):
    """DuckDB to Splink, but of predictions only some columns are written.

    Splink's own table repeats the values compared of either record: joining and writing them is half of its work.
    """

    def __init__(self, con: Connection, columns: str) -> None:
        super().__init__(con)
        self._columns = columns

    def _setup_for_execute_sql(self, sql: str, physical_name: str) -> str:
        if physical_name.startswith("__splink__df_predict"):
            sql = f"SELECT {self._columns} FROM ({sql})"  # noqa: S608  (columns come from the rules' fixed words)
        return super()._setup_for_execute_sql(sql, physical_name)


@contextmanager
def linker(database: DuckDBAPI, matching: Matching, settings: SettingsCreator, profiles: str = ALL) -> Iterator[Linker]:
    """A Splink linker over the table `profiles`; the tables it made are dropped at the end."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    # What it would check, the rules were checked for; to look costs more than to score a small storm.
    made = Linker(database.register(profiles), settings, log_level=None, validate_settings=False)
    for column in matching.rare_columns:
        _splink_frequency(database.duckdb_con, column)
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


def score_pairs(con: Connection, matching: Matching, model: Model, people: float, profiles: str = ALL) -> None:
    """Write `pair_scored` for the table `profiles`, where these are not all, of pairs with a `stirred` one."""
    if not con.table(profiles).limit(1).fetchall():  # a night without news; Splink takes a second to find no pairs
        con.execute(f"CREATE OR REPLACE TABLE pair_scored ({_declared(matching)})")
        return
    database = _NarrowAPI(con, _scored_columns(matching))
    settings = splink_settings(matching, model, people, stirred=profiles != ALL)
    with linker(database, matching, settings, profiles) as made:
        scored = made.inference.predict()
        con.execute("DROP TABLE IF EXISTS pair_scored")
        con.execute(f"ALTER TABLE {scored.physical_name} RENAME TO pair_scored")


def _scored_columns(matching: Matching) -> str:
    """SQL of the columns of `pair_scored`, from those of Splink's predictions."""
    gammas = ", ".join(f"({gamma_of(one)})::TINYINT AS gamma_{one.column}" for one in matching.comparisons)
    kindred = _kindred_bits(matching)
    rarity = "".join(
        f"round(mw_tf_adj_{column}{f' - {kindred}' if column in matching.kindred[-1:] else ''}, 3) AS rare_{column}, "
        for column in matching.rare_columns
    )
    beside = "".join(f"{_beside(aside)} AS beside_{aside.column}, " for aside in matching.asides)
    against = " - ".join([kindred, *(_aside_bits(aside, matching) for aside in matching.asides)])
    return (
        "least(unique_id_l, unique_id_r) AS left_id, greatest(unique_id_l, unique_id_r) AS right_id, "
        f"{gammas}, {rarity}{beside}"
        f"round(match_probability / (match_probability + (1 - match_probability) * pow(2, {against})), 6)"
        " AS match_probability"
    )


def _kindred_bits(matching: Matching) -> str:
    """SQL of the bits that Splink counts too many, as it takes each column's values to agree on their own."""
    if not matching.kindred:
        return "0"
    agree = " AND ".join(f"{gamma_of(one)} > 0" for one in matching.comparisons if one.column in matching.kindred)
    return f"CASE WHEN {agree} THEN greatest(kindred_bits_l, kindred_bits_r) ELSE 0 END"


def _beside(aside: Aside) -> str:
    """SQL of whether what is not compared is the same of both: 1, or not: 0, or nothing is said: -1."""
    unless = f"WHEN gamma_{aside.unless} >= 0 THEN -1" if aside.unless else ""
    same, different = aside_conditions(aside)
    return f"(CASE {unless} WHEN {same} THEN 1 WHEN {different} THEN 0 ELSE -1 END)::TINYINT"


def _aside_bits(aside: Aside, matching: Matching) -> str:
    """SQL of what that weighs, by its own column; of a compared column, beyond what its comparison does."""
    beyond = f" - mw_{aside.column}" if aside.column in matching.columns else ""
    same, different = f"{aside.same}{beyond}", f"{aside.different}{beyond}"
    return f"(CASE beside_{aside.column} WHEN 1 THEN {same} WHEN 0 THEN {different} ELSE 0 END)"


def _declared(matching: Matching) -> str:
    """The same as SQL types."""
    columns = {"left_id": "VARCHAR", "right_id": "VARCHAR"}
    columns |= {f"gamma_{column}": "TINYINT" for column in matching.columns}
    columns |= {f"rare_{column}": "DOUBLE" for column in matching.rare_columns}
    columns |= {f"beside_{aside.column}": "TINYINT" for aside in matching.asides}
    return ", ".join(f"{name} {kind}" for name, kind in (columns | {"match_probability": "DOUBLE"}).items())


def _splink_frequency(con: Connection, column: str) -> None:
    """Write `frequency_<column>` in the form that Splink reads."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE frequency_{column} AS "  # noqa: S608  (a column of the rules)
        f'SELECT name AS "{column}", share AS "tf_{column}" FROM {column}_frequency'
    )
