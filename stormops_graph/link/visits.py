"""Which homes were touched shortly before a cookie came, and which cookies have to be weighed again because of that.

A cookie is due where it is new, changed or gone, and where any touch in its ZIP in the hours before one of its visits
came, went or changed since the last run. Reads `session_cookie`, `session_home`, holding, record_home, the news, and
`identifier_held` (who holds what the news hold or held).
Invariant: when a record touched which home depends on what the record holds, on who else holds that, and on the homes
of these. So it is looked up again for the records of news and for those who hold what these hold or held.
"""

from __future__ import annotations

from stormops_graph.carryover import differing, open_tables
from stormops_graph.link.sharing import HOLDINGS_OF
from stormops_graph.tables import SHARED_IDENTIFIER, Connection, Table

_WEIGHED_COOKIE = Table("weighed_cookie", {"record": "VARCHAR", "feature": "UHUGEINT"})
_HOME_TOUCH = Table(
    "home_touch",  # when which home was touched, by whom
    dict.fromkeys(("record", "zip5", "property_id"), "VARCHAR") | dict.fromkeys(("seen", "hour"), "TIMESTAMP"),
)

_VISITS = """
CREATE OR REPLACE TEMP TABLE session_visit AS
SELECT c.record, c.zip5, t."at" AS seen, date_trunc('hour', t."at") AS hour
FROM session_cookie c JOIN touch t USING (record) WHERE c.zip5 IS NOT NULL
"""
_STIRRED = """
CREATE OR REPLACE TEMP TABLE touch_due AS
FROM record_news UNION SELECT record FROM identifier_held
"""
# Asked step by step of ever fewer: what they hold, who else holds it, and where all these live.
_AMONG_DUE = (
    """
CREATE OR REPLACE TEMP TABLE touch_holding AS
FROM holding SEMI JOIN touch_due USING (record) WHERE kind IN ('phone', 'email')
""",
    f"CREATE OR REPLACE TEMP TABLE touch_holder AS FROM {HOLDINGS_OF.format(these='touch_holding')}",
    """
CREATE OR REPLACE TEMP TABLE touch_home AS
FROM record_home SEMI JOIN (FROM touch_due UNION SELECT record FROM touch_holder) USING (record)
""",
    "CREATE OR REPLACE TEMP TABLE touch_of_due AS FROM touch SEMI JOIN touch_due USING (record)",
)
_DUE_TABLES = {"holding": "touch_holding", "holder": "touch_holder", "home": "touch_home", "touch": "touch_of_due"}
_ALL_TABLES = {"holding": "holding", "holder": "holding", "home": "record_home", "touch": "touch"}
# By their address, or by an identifier that only one listed home's records show.
_TOUCHES = """
CREATE OR REPLACE TEMP TABLE session_touch AS
WITH owned AS (
    SELECT kind, value, min(property_id) AS property_id
    FROM {holder} JOIN {home} USING (record) ANTI JOIN shared_identifier USING (kind, value)
    WHERE property_id IS NOT NULL AND kind IN ('phone', 'email')
    GROUP BY kind, value HAVING min(property_id) = max(property_id)
), living AS (
    SELECT record, property_id FROM {home} WHERE property_id IS NOT NULL
    UNION ALL
    SELECT DISTINCT record, property_id FROM {holding} ANTI JOIN {home} USING (record) JOIN owned USING (kind, value)
)
SELECT record, h.zip5, l.property_id, t."at" AS seen, date_trunc('hour', t."at") AS hour
FROM living l JOIN {touch} t USING (record) JOIN session_home h USING (property_id) WHERE h.zip5 IS NOT NULL
"""
_GONE = "CREATE OR REPLACE TEMP TABLE session_untouched AS FROM home_touch SEMI JOIN touch_due USING (record)"
_DUE = """
CREATE OR REPLACE TEMP TABLE cookie_due AS
WITH changed AS (SELECT DISTINCT zip5, hour FROM ({touches}) WHERE zip5 IN (SELECT zip5 FROM session_visit)),
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
    FROM visit v JOIN home_touch t ON t.zip5 = v.zip5 AND t.hour = v.before
    WHERE t.seen <= v.seen AND date_diff('second', t.seen, v.seen) <= $later_hours * 3600
    GROUP BY v.record, t.property_id
)
SELECT record, property_id, soon, sum(soon) OVER (PARTITION BY record) AS soon_homes,
       count(*) OVER (PARTITION BY record) AS homes
FROM near
"""


def find_due_cookies(con: Connection, later_hours: float, *, known: bool) -> None:
    """Write `cookie_due`: all that was or is to be weighed, or of a run that is `known` what differs."""
    SHARED_IDENTIFIER.ensure(con)
    con.execute(_VISITS)
    open_tables(con, (_WEIGHED_COOKIE, _HOME_TOUCH), known=known)
    if not known:
        con.execute(_TOUCHES.format(**_ALL_TABLES))
        con.execute(_ALL)
    else:
        _find_stirred(con, later_hours)
    con.execute("INSERT INTO home_touch FROM session_touch")


def _find_stirred(con: Connection, later_hours: float) -> None:
    for statement in (_STIRRED, *_AMONG_DUE, _TOUCHES.format(**_DUE_TABLES), _GONE):
        con.execute(statement)
    touches = differing("session_touch", "session_untouched")
    cookies = differing("(SELECT record, feature FROM session_cookie)", "weighed_cookie")
    con.execute(_DUE.format(touches=touches, cookies=cookies), {"later_hours": later_hours})
    con.execute("DELETE FROM home_touch WHERE record IN (FROM touch_due)")
    for name in ("touch_due", "session_untouched", *_DUE_TABLES.values()):
        con.execute(f"DROP TABLE {name}")


def find_touched(con: Connection, soon_hours: float, later_hours: float) -> None:
    """Write `session_touched`, of each due cookie the homes that were touched before a visit."""
    con.execute(_TOUCHED, {"soon_hours": soon_hours, "later_hours": later_hours})


def keep_visits(con: Connection) -> None:
    """Let the next run know the cookies that are weighed now."""
    con.execute("CREATE OR REPLACE TABLE weighed_cookie AS SELECT record, feature FROM session_cookie")
    for name in ("session_visit", "session_touch", "session_touched", "identifier_due", "identifier_held"):
        con.execute(f"DROP TABLE {name}")
