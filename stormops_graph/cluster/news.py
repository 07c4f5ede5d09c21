"""How far the news of a run reach: the components of the evidence that clustering has to look at again.

These are the components that have a record of the news, those whose verdicts changed, and those that a new tie leads
into. All that ties two records lies within one component, so nobody else can be concerned.
"""

from __future__ import annotations

from stormops_graph.tables import Connection

_TOLD = """
CREATE OR REPLACE TEMP TABLE news_told AS
WITH other AS ((FROM binding EXCEPT FROM settled_binding) UNION ALL (FROM settled_binding EXCEPT FROM binding))
FROM record_news UNION SELECT unnest([left_id, right_id]) FROM other
"""
# Each table is asked by one end after the other: what several ask of is written down first, all of it.
_HOMES = """
CREATE OR REPLACE TEMP TABLE news_home AS
SELECT home FROM record_home SEMI JOIN news_told USING (record) WHERE home IS NOT NULL
UNION SELECT property_id FROM candidate SEMI JOIN news_told USING (record) WHERE probability >= $cookie_at_least
"""
_REACHED = """
CREATE OR REPLACE TEMP TABLE news_reached AS
FROM news_told
UNION SELECT right_id FROM pair_kind SEMI JOIN news_told ON left_id = record WHERE household_probability >= $at_least
UNION SELECT left_id FROM pair_kind SEMI JOIN news_told ON right_id = record WHERE household_probability >= $at_least
UNION SELECT right_id FROM binding SEMI JOIN news_told ON left_id = record
UNION SELECT left_id FROM binding SEMI JOIN news_told ON right_id = record
UNION SELECT record FROM record_home SEMI JOIN news_home USING (home)
UNION SELECT record FROM candidate SEMI JOIN news_home ON property_id = home WHERE probability >= $cookie_at_least
"""
_GONE = """
CREATE OR REPLACE TEMP TABLE settled_gone AS
SELECT DISTINCT component FROM settled_member SEMI JOIN news_reached USING (record)
"""
_DUE = """
CREATE OR REPLACE TEMP TABLE evidence_due AS
FROM news_reached UNION SELECT record FROM settled_member SEMI JOIN settled_gone USING (component)
"""


def find_reached(con: Connection, tie_at_least: float, cookie_at_least: float) -> None:
    """Write `evidence_due`, the records to be looked at, and `settled_gone`, the components that they were in."""
    con.execute(_TOLD)
    con.execute(_HOMES, {"cookie_at_least": cookie_at_least})
    con.execute(_REACHED, {"at_least": tie_at_least, "cookie_at_least": cookie_at_least})
    con.execute(_GONE)
    con.execute(_DUE)
