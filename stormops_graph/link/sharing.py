"""Identifiers that link nobody: placeholders, business lines, those with too many people, and what stewards block.

People are counted, not rows: distinct surnames and distinct homes among the records that hold the identifier.
A family's landline has one surname and one home; a property manager's has dozens of homes. A steward's ruling goes
before the count.
Invariant: what is said of an identifier depends on its holders and on rulings alone; it is counted again where a record
of news holds it or held it.
"""

from __future__ import annotations

from stormops_graph.carryover import carried, forget, keep, told
from stormops_graph.rules.ruleset import SharedRules
from stormops_graph.tables import (
    BUSINESS_LINE,
    IDENTIFIER_NEWS,
    PLACEHOLDER,
    RECORD_NEWS,
    RULING,
    SHARED_IDENTIFIER,
    Connection,
)

_NEWS = """
CREATE OR REPLACE TEMP TABLE identifier_due AS
SELECT kind, value FROM identifier_news
UNION SELECT kind, value FROM holding SEMI JOIN record_news USING (record) WHERE kind IN ('phone', 'email')
UNION SELECT kind, value FROM placeholder SEMI JOIN record_news USING (record)
"""
_ALL = """
CREATE OR REPLACE TEMP TABLE identifier_due AS
SELECT kind, value FROM holding WHERE kind IN ('phone', 'email')
UNION SELECT kind, value FROM placeholder UNION SELECT kind, value FROM shared_identifier
"""

_PLACEHOLDERS = """
INSERT INTO shared_identifier
SELECT kind, value, count(DISTINCT record), count(DISTINCT record), 'placeholder'
FROM placeholder SEMI JOIN identifier_due USING (kind, value) WHERE kind IN ('phone', 'email')
GROUP BY kind, value ORDER BY kind, value
"""

# Whoever of a business calls from its line, the carrier names the business.
_BUSINESSES = """
INSERT INTO shared_identifier
SELECT h.kind, h.value, count(DISTINCT (r.surname, r.given)) FILTER (r.surname IS NOT NULL), count(DISTINCT record),
       'business line'
FROM holding h SEMI JOIN identifier_due USING (kind, value)
JOIN record r USING (record) JOIN business_line b ON b.phone = h.value
WHERE h.kind = 'phone'
  AND NOT EXISTS (SELECT 1 FROM ruling WHERE ruling.kind = 'phone' AND ruling.value = h.value AND ruling = 'released')
GROUP BY h.kind, h.value ORDER BY h.value
"""

_PEOPLE = """
INSERT INTO shared_identifier
WITH often AS (  -- whoever is behind it left a record
    SELECT value FROM holding SEMI JOIN identifier_due USING (kind, value) WHERE kind = $kind
    GROUP BY value HAVING count(*) > least($surnames, $homes)
    UNION SELECT value FROM ruling SEMI JOIN identifier_due USING (kind, value)
    WHERE kind = $kind AND ruling = 'blocked'
), holder AS (
    -- two letters of a surname, as most typing errors come later
    SELECT h.kind, h.value, h.record, left(r.surname, 2) AS surname, left(r.given, 1) AS initial, a.home
    FROM holding h SEMI JOIN often USING (value) JOIN record r USING (record) LEFT JOIN record_home a USING (record)
    WHERE h.kind = $kind
), counted AS (
    SELECT kind, value, count(DISTINCT surname) AS surnames, count(DISTINCT home) AS homes,
           count(DISTINCT (surname, initial)) FILTER (surname IS NOT NULL) AS people,
           count(DISTINCT record) AS records
    FROM holder GROUP BY kind, value
)
SELECT kind, value, greatest(people, homes), records,
       CASE WHEN ruling = 'blocked' THEN 'blocked' WHEN homes > $homes THEN 'too many homes'
            ELSE 'too many people' END
FROM counted LEFT JOIN ruling USING (kind, value)
WHERE CASE ruling WHEN 'blocked' THEN true WHEN 'released' THEN false
           ELSE surnames > $surnames OR homes > $homes END
  AND (kind, value) NOT IN (SELECT (kind, value) FROM shared_identifier)
ORDER BY value
"""
_HOLDERS = "SELECT record FROM holding SEMI JOIN {changed} USING (kind, value)"


def find_shared(con: Connection, rules: SharedRules) -> int:
    """Bring `shared_identifier` up to date with the news, by the limits and the rulings in force; returns its rows.
    Holders of what has become shared, or is so no more, are news.
    """
    for table in (RULING, SHARED_IDENTIFIER, BUSINESS_LINE):
        table.ensure(con)
    made_by = (rules, con.execute("FROM ruling ORDER BY ALL").fetchall())
    find_identifiers(con, known=carried(con, SHARED_IDENTIFIER.name, *made_by))
    forget(con, SHARED_IDENTIFIER.name)
    due = "(FROM shared_identifier SEMI JOIN identifier_due USING (kind, value))"
    with told(con, due, "kind, value", _HOLDERS):
        con.execute("DELETE FROM shared_identifier WHERE (kind, value) IN (SELECT (kind, value) FROM identifier_due)")
        con.execute(_PLACEHOLDERS)
        con.execute(_BUSINESSES)
        for kind, limit in (("phone", rules.phone), ("email", rules.email)):
            con.execute(_PEOPLE, {"kind": kind, "surnames": limit.surnames, "homes": limit.homes})
    con.execute("DROP TABLE identifier_due")
    keep(con, SHARED_IDENTIFIER.name, *made_by)
    return SHARED_IDENTIFIER.check(con)


def find_identifiers(con: Connection, *, known: bool) -> None:
    """Write `identifier_due`: all identifiers there are, or where others are `known` those that records of news hold or
    held.
    """
    for table in (PLACEHOLDER, RECORD_NEWS, IDENTIFIER_NEWS):
        table.ensure(con)
    con.execute(_NEWS if known else _ALL)
