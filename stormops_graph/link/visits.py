"""Which homes were touched shortly before a cookie came, and which cookies have to be weighed again because of it.

A cookie is due where it is new, changed or gone, and where among the touches of its ZIP in the hours before its visits
anything is not as the last run had it. Reads `session_cookie` and `session_home`.
"""

from __future__ import annotations

from stormops_graph.carryover import differing
from stormops_graph.tables import Connection, Table

_WEIGHED_COOKIE = Table("weighed_cookie", {"record": "VARCHAR", "feature": "UHUGEINT"})
_TOUCHED_HOUR = Table("touched_hour", {"zip5": "VARCHAR", "hour": "TIMESTAMP", "touches": "HUGEINT"})

_VISITS = """
CREATE OR REPLACE TEMP TABLE session_visit AS
SELECT c.record, c.zip5, t."at" AS seen, date_trunc('hour', t."at") AS hour
FROM session_cookie c JOIN touch t USING (record) WHERE c.zip5 IS NOT NULL
"""
# When which homes were touched: by their address, or by an identifier that only one listed home's records show.
_TOUCHES = """
CREATE OR REPLACE TEMP TABLE session_touch AS
WITH owned AS (
    SELECT kind, value, min(property_id) AS property_id
    FROM holding JOIN record_home USING (record) ANTI JOIN shared_identifier USING (kind, value)
    WHERE kind IN ('phone', 'email') AND property_id IS NOT NULL
    GROUP BY kind, value HAVING min(property_id) = max(property_id)
), living AS (
    SELECT record, property_id FROM record_home WHERE property_id IS NOT NULL
    UNION ALL
    SELECT DISTINCT record, property_id FROM holding ANTI JOIN record_home USING (record) JOIN owned USING (kind, value)
)
SELECT h.zip5, l.property_id, t."at" AS seen, date_trunc('hour', t."at") AS hour
FROM living l JOIN touch t USING (record) JOIN session_home h USING (property_id) WHERE h.zip5 IS NOT NULL
"""
_HOURS = """
CREATE OR REPLACE TEMP TABLE session_hour AS
SELECT zip5, hour, sum(hash(property_id, seen)::HUGEINT) AS touches FROM session_touch GROUP BY zip5, hour
"""
_DUE = """
CREATE OR REPLACE TEMP TABLE cookie_due AS
WITH changed AS (SELECT DISTINCT zip5, hour FROM ({hours})),
reached AS (SELECT DISTINCT zip5, hour + to_hours(unnest(range(0, $later_hours::INTEGER + 2))) AS hour FROM changed)
SELECT record FROM session_visit SEMI JOIN reached USING (zip5, hour)
UNION SELECT record FROM session_cookie SEMI JOIN record_news USING (record)
UNION SELECT record FROM ({cookies})
"""
_ALL = "CREATE OR REPLACE TEMP TABLE cookie_due AS SELECT record FROM session_cookie UNION SELECT record FROM candidate"
_TOUCHED = """
CREATE OR REPLACE TEMP TABLE session_touched AS
WITH visit AS (
    SELECT *, hour - to_hours(unnest(range(0, $later_hours::INTEGER + 2))) AS before
    FROM session_visit SEMI JOIN cookie_due USING (record)
), near AS (
    SELECT v.record, t.property_id, max((date_diff('second', t.seen, v.seen) <= $soon_hours * 3600)::INTEGER) AS soon
    FROM visit v JOIN session_touch t ON t.zip5 = v.zip5 AND t.hour = v.before
    WHERE t.seen <= v.seen AND date_diff('second', t.seen, v.seen) <= $later_hours * 3600
    GROUP BY v.record, t.property_id
)
SELECT record, property_id, soon, sum(soon) OVER (PARTITION BY record) AS soon_homes,
       count(*) OVER (PARTITION BY record) AS homes
FROM near
"""


def find_due(con: Connection, later_hours: float, *, known: bool) -> None:
    """Write `cookie_due`: all that was or is to be weighed, or of a run that is `known` what differs."""
    for statement in (_VISITS, _TOUCHES, _HOURS):
        con.execute(statement)
    for table in (_WEIGHED_COOKIE, _TOUCHED_HOUR):
        table.ensure(con)
    if not known:
        con.execute(_ALL)
        return
    hours = differing("session_hour", "touched_hour")
    cookies = differing("(SELECT record, feature FROM session_cookie)", "weighed_cookie")
    con.execute(_DUE.format(hours=hours, cookies=cookies), {"later_hours": later_hours})


def find_touched(con: Connection, soon_hours: float, later_hours: float) -> None:
    """Write `session_touched`, of each due cookie the homes that were touched before a visit."""
    con.execute(_TOUCHED, {"soon_hours": soon_hours, "later_hours": later_hours})


def keep_visits(con: Connection) -> None:
    """Let the next run know the cookies and the touches that all is weighed by now."""
    con.execute("CREATE OR REPLACE TABLE weighed_cookie AS SELECT record, feature FROM session_cookie")
    con.execute("CREATE OR REPLACE TABLE touched_hour AS FROM session_hour")
    for name in ("session_visit", "session_touch", "session_hour", "session_touched"):
        con.execute(f"DROP TABLE {name}")
