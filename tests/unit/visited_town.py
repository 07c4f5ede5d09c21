"""A small town and the cookies that visit its company's site, weighed by rules that are round numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pytest

from stormops_graph.carryover import tell
from stormops_graph.link.sessions import weigh_sessions
from stormops_graph.link.sharing import find_identifiers
from stormops_graph.rules.ruleset import SessionRules
from stormops_graph.tables import (
    HOLDING,
    PAIR_KIND,
    PROPERTY,
    RECORD,
    RECORD_HOME,
    SHARED_IDENTIFIER,
    TOUCH,
    Connection,
)

NOON = datetime(2024, 6, 1, 12)
Home = tuple[str, str, int | None, int | None, int | None]  # id, ZIP, value, area, age

RULES = {
    "version": 1,
    "place_at_least": 0.8,
    "candidates": 3,
    "candidate_at_least": 0.01,
    "own": 1.0,
    "listed": 0.9,
    "listed_weight": 10,
    "zip_right": 0.5,
    "zip_homes": 1,
    "value_band": {"width": 50_000, "fits": 0.8, "near": 0.1},
    "year_built": {"fits": 0.8, "near_within": 2, "near": 0.1},
    "square_footage": {
        "round_to": 50,
        "fits": 0.8,
        "close_within_share": 0.005,
        "close": 0.12,
        "near_within_share": 0.05,
        "near": 0.04,
        "round": {"fits": 0.1, "close": 0.5, "near": 0.3},
    },
    "touched": {"soon_hours": 1, "soon": 0.5, "later_hours": 6, "later": 0.2},
}


def town(homes: Sequence[Home]) -> Connection:
    """A workspace with these homes and nothing else."""
    con = duckdb.connect()
    for table in (PROPERTY, RECORD, RECORD_HOME, PAIR_KIND, HOLDING, SHARED_IDENTIFIER, TOUCH):
        table.create(con)
    con.executemany(
        "INSERT INTO property BY NAME SELECT ? AS property_id, ? AS zip5, ? AS estimated_value,"
        " ? AS square_footage, ? AS property_age",
        homes,
    )
    return con


def visit(
    con: Connection,
    record: str,
    zip5: str | None = "75001",
    *,
    band: str | None = None,
    year: int | None = None,
    area: float | None = None,
    city: str | None = None,
) -> None:
    """A cookie that came at noon and showed these features."""
    con.execute(
        "INSERT INTO record BY NAME SELECT ? AS record, 'ga4' AS feed, ? AS cookie, ? AS zip5, ? AS home_value_band,"
        " ? AS year_built, ? AS square_footage, ? AS last_seen, ? AS city",
        [record, record, zip5, band, year, area, NOON, city],
    )
    touch(con, record, NOON)


def touch(con: Connection, record: str, at: datetime) -> None:
    """A touch by the record."""
    con.execute('INSERT INTO touch BY NAME SELECT ? AS touch_id, ? AS record, ? AS "at"', [record, record, at])
    tell(con, f"SELECT '{record}' AS record")


def knock(con: Connection, home: str, at: datetime) -> None:
    """A knock at the home."""
    con.execute("INSERT INTO record_home VALUES (?, ?, ?, ?, 1)", [f"knock-{home}", home, home, home])
    touch(con, f"knock-{home}", at)


def weigh(con: Connection, **changed: object) -> dict[tuple[str, str], float]:
    """(cookie, home) → probability, by RULES with some of them changed."""
    find_identifiers(con, known=True)
    weigh_sessions(con, SessionRules.model_validate(RULES | changed))
    rows = con.execute("SELECT record, property_id, probability FROM candidate").fetchall()
    return {(record, home): probability for record, home, probability in rows}


def near(value: float) -> object:
    """Equal but for rounding."""
    return pytest.approx(value, abs=2e-6)
