"""How far news reach: the components of the evidence that clustering has to look at again.

A component is looked at where news are in it, where its verdicts changed, and where a new tie leads into it. What ties
two records lies within one component, so that nobody else can be concerned.
"""

from __future__ import annotations

from stormops_graph.tables import Connection

_TOLD = """
CREATE OR REPLACE TEMP TABLE news_told AS
WITH other AS ((FROM binding EXCEPT FROM settled_binding) UNION ALL (FROM settled_binding EXCEPT FROM binding))
FROM record_news UNION SELECT unnest([left_id, right_id]) FROM other
"""
_REACHED = """
CREATE OR REPLACE TEMP TABLE news_reached AS
WITH told AS (FROM news_told), tie AS (
    SELECT left_id, right_id FROM pair_kind WHERE household_probability >= $edge_at_least
    UNION ALL SELECT left_id, right_id FROM binding
), place AS (
    SELECT record, home FROM record_home WHERE home IS NOT NULL
    UNION ALL SELECT record, property_id FROM candidate WHERE probability >= $cookie_at_least
)
FROM told
UNION SELECT right_id FROM tie SEMI JOIN told ON left_id = record
UNION SELECT left_id FROM tie SEMI JOIN told ON right_id = record
UNION SELECT record FROM place SEMI JOIN (FROM place SEMI JOIN told USING (record)) USING (home)
"""
_GONE = """
CREATE OR REPLACE TEMP TABLE settled_gone AS
SELECT DISTINCT component FROM settled_member SEMI JOIN news_reached USING (record)
"""
_DUE = """
CREATE OR REPLACE TEMP TABLE evidence_due AS
FROM news_reached UNION SELECT record FROM settled_member SEMI JOIN settled_gone USING (component)
"""


def find_reached(con: Connection, edge_at_least: float, cookie_at_least: float) -> None:
    """Write `evidence_due`, the records to be looked at, and `settled_gone`, the components that they were in."""
    con.execute(_TOLD)
    con.execute(_REACHED, {"edge_at_least": edge_at_least, "cookie_at_least": cookie_at_least})
    con.execute(_GONE)
    con.execute(_DUE)
