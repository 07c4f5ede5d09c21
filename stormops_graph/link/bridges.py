"""Homes that a cookie's bridges lead to, where these are several: a tablet with a guest, a browser of two homes.

Whoever shows two people's emails is placed by when he showed which (`handovers`), or nowhere. Either way it is said
here how often what he showed was of which home.
"""

from __future__ import annotations

from stormops_graph.carryover import remade
from stormops_graph.link.sharing import HOLDINGS_OF
from stormops_graph.tables import BRIDGED, Connection

_CONCERNED = "SELECT record FROM {changed}"
# An identifier that leads to two homes leads to none; the one address that a cookie types in goes before all.
_BRIDGED = f"""
INSERT INTO bridged
WITH cookie AS (
    SELECT record FROM holding ANTI JOIN record_home USING (record)
    WHERE kind IN ('phone', 'email', 'address') AND starts_with(record, 'ga4:')
    GROUP BY record HAVING count(DISTINCT value) > 1
), bridge AS MATERIALIZED (
    SELECT h.record, kind, value, "rows" FROM holding h SEMI JOIN cookie USING (record)
    ANTI JOIN shared_identifier USING (kind, value) WHERE kind IN ('phone', 'email', 'address')
), home AS (
    SELECT kind, value, any_value(property_id) AS property_id
    FROM {HOLDINGS_OF.format(these="bridge")} JOIN record_home USING (record) WHERE property_id IS NOT NULL
    GROUP BY kind, value HAVING min(property_id) = max(property_id)
    UNION  -- what nobody else shows
    SELECT 'address', address_key, min(property_id) FROM property ANTI JOIN listed_twice USING (property_id)
    WHERE address_key IN (SELECT value FROM bridge WHERE kind = 'address') GROUP BY address_key HAVING count(*) = 1
), led AS (
    SELECT record, property_id, sum("rows") AS times FROM bridge JOIN home USING (kind, value) GROUP BY ALL
)
SELECT record, property_id, round(times / sum(times) OVER (PARTITION BY record), 6) FROM led
QUALIFY count(*) OVER (PARTITION BY record) > 1
"""  # noqa: S608  (fixed words)


def weigh_bridges(con: Connection) -> None:
    """Write BRIDGED from holding, record_home and shared_identifier; cookies of which it says another are news."""
    with remade(con, BRIDGED, _CONCERNED):
        con.execute(_BRIDGED)
    BRIDGED.check(con)
