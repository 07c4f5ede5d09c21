"""A market of listed homes and nobody in it, for tests of where records live."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from stormops_graph.rules.ruleset import read_rules
from stormops_graph.tables import HOLDING, PROPERTY, RECORD, Connection

RULES = read_rules(Path(__file__).parents[2] / "matching_rules").household.address
PARTS = ("street_no", "street_name", "street_type", "unit", "zip5")
Address = tuple[str | None, ...]


def market(listed: Mapping[str, Address]) -> Connection:
    """The homes by property id, and nobody yet."""
    con = duckdb.connect(config={"threads": 1})
    for table in (PROPERTY, RECORD, HOLDING):
        table.create(con)
    for key, parts in listed.items():
        con.execute(f"INSERT INTO property (property_id, {', '.join(PARTS)}) VALUES (?, ?, ?, ?, ?, ?)", [key, *parts])
    return con
