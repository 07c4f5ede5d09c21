"""Properties with their addresses in parts, and storms with their times and ZIPs."""

from __future__ import annotations

from stormops_graph.carryover import open_tables
from stormops_graph.normalise.standing import ALL_ROWS, NEW_ROWS, Kept
from stormops_graph.tables import PROPERTY, STORM, Connection

_STANDING = Kept("property_print", {"property_id": "VARCHAR", "print": "UHUGEINT"}, feeds=("properties",))
_GONE = "DELETE FROM property WHERE property_id IN (SELECT property_id FROM property_print_gone)"
_PROPERTIES = """
INSERT INTO property
SELECT property_id, address,
       address_key_of(street_no, street_name, street_type, unit, coalesce(zip_of(zip_code), zip5)),
       street_no, street_name, street_type, unit, coalesce(zip_of(zip_code), zip5),
       coalesce(folded(p.city), a.city), state,
       estimated_value, square_footage, property_age, risk_score, risk_tier, primary_persona, recommended_play,
       sii_score, follow_up_sla_hours, median_household_income, price_sensitivity, risk_tolerance
FROM property_new AS p LEFT JOIN address_value AS a ON a.raw = p.address ORDER BY property_id
"""
# A storm that is not listed lasts from the first touch that names it to the last, where those touches were;
# one that only conversions name, as long as those.
_STORMS = r"""
INSERT INTO storm
WITH named AS (
    SELECT event_id, "at", zip5, 1 AS rank FROM touch UNION ALL SELECT event_id, "at", zip5, 2 FROM conversion),
unlisted AS (
    SELECT event_id, min("at") AS started_at, max("at") AS ended_at,
           list_sort(list_distinct(list(zip5) FILTER (zip5 IS NOT NULL))) AS zip_codes
    FROM named WHERE event_id IS NOT NULL AND event_id NOT IN (SELECT event_id FROM feed_storms)
    GROUP BY event_id, rank QUALIFY rank = min(rank) OVER (PARTITION BY event_id))
SELECT event_id, name, started_at, ended_at,
       list_sort(list_distinct(coalesce(regexp_extract_all(zip_codes, '\b\d{5}\b'), []))) FROM feed_storms
UNION ALL SELECT event_id, NULL, started_at, ended_at, coalesce(zip_codes, []) FROM unlisted
ORDER BY event_id
"""


def gather_properties(con: Connection, *, known: bool) -> None:
    """Write `property_new`, the rows of the feed that are new, and take what has gone out of property.

    Unless the last run's homes are `known`, all are new.
    """
    open_tables(con, (PROPERTY, _STANDING), known=known)
    if known:
        _STANDING.drop_gone(con)
        con.execute(_GONE)
    rows = (NEW_ROWS if known else ALL_ROWS).format(feed="properties")
    con.execute(f"CREATE OR REPLACE TEMP TABLE property_new AS FROM {rows}")


def write_properties(con: Connection) -> None:
    """Add `property_new` to property."""
    con.execute(_PROPERTIES)
    con.execute("INSERT INTO property_print SELECT property_id, print FROM property_new")


def write_storms(con: Connection) -> None:
    """Write storm from its feed, or else from the touches and conversions that name it."""
    STORM.create(con)
    con.execute(_STORMS)
