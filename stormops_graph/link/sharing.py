"""Identifiers that link nobody: placeholders, business lines, those with too many people, and what stewards block.

People are counted, not rows: distinct surnames and distinct homes among the records that hold the identifier. A
family's landline has one surname and one home, a property manager's number has dozens of homes. What neighbours of two
names in two flats of one house share is the house's. An email that two families at two homes hold is their agent's: a
phone number may have been given to somebody else, a mailbox hardly ever is. A steward's ruling goes before the count.
Invariant: what is said of an identifier depends on its holders and on rulings alone; it is counted again where a record
of the news holds it or held it.
"""

from __future__ import annotations

from stormops_graph.carryover import renewed, told
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

LETS = 30  # homes that one person may be on record at

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

# SQL of what is held of the identifiers in a table. By value first: DuckDB passes over rows that cannot match where one
# column tells, not where two do.
HOLDINGS_OF = "(FROM holding SEMI JOIN {these} USING (value)) SEMI JOIN {these} USING (kind, value)"
_HELD = f"""
CREATE OR REPLACE TEMP TABLE identifier_held AS
SELECT kind, value, record FROM {HOLDINGS_OF.format(these="identifier_due")} WHERE kind IN ('phone', 'email')
"""  # noqa: S608  (fixed words)
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
FROM identifier_held h JOIN business_line b ON b.phone = h.value JOIN record r USING (record)
WHERE h.kind = 'phone'
  AND NOT EXISTS (SELECT 1 FROM ruling WHERE ruling.kind = 'phone' AND ruling.value = h.value AND ruling = 'released')
GROUP BY h.kind, h.value ORDER BY h.value
"""

_PEOPLE = """
INSERT INTO shared_identifier
WITH most AS (FROM (VALUES ('phone', $phone_surnames, $phone_homes), ('email', $email_surnames, $email_homes))
              AS m(kind, surnames, homes)),
often AS (  -- whoever is behind it left a record
    SELECT kind, value FROM identifier_held JOIN most USING (kind)
    GROUP BY kind, value HAVING count(*) > any_value(CASE kind WHEN 'email' THEN 1 ELSE least(surnames, homes) END)
    UNION SELECT kind, value FROM ruling SEMI JOIN identifier_due USING (kind, value) WHERE ruling = 'blocked'
), holder AS MATERIALIZED (FROM identifier_held SEMI JOIN often USING (kind, value)),
person AS (
    -- two letters of a surname, as most typing errors come later
    SELECT h.*, left(r.surname, 2) AS surname, left(r.given, 1) AS initial, r.surname AS whole, r.given, a.home,
           CASE WHEN p.unit IS NOT NULL THEN (p.street_no, p.street_name, p.zip5) END AS house
    FROM holder h JOIN record r USING (record)
    LEFT JOIN (FROM record_home SEMI JOIN holder USING (record)) a USING (record)
    LEFT JOIN property p USING (property_id)
), house AS (
    SELECT kind, value FROM person WHERE house IS NOT NULL GROUP BY kind, value, house
    HAVING count(DISTINCT home) > 1 AND count(DISTINCT surname) > 1
), apart AS (
    -- families, none of them at two homes and no two at one: each at its own, or where one shows none, of other given
    -- names as well, and the mailbox spells nobody's
    SELECT kind, value FROM (
        SELECT kind, value, surname, min(home) AS home, count(DISTINCT home) AS homes, min(initial) AS initial,
               bool_or(contains(split_part(value, '@', 1), spelt)) AS spelt
        FROM person, unnest([left(whole, 4), left(given, 4)]) AS u(spelt)
        WHERE kind = 'email' AND surname IS NOT NULL GROUP BY kind, value, surname)
    GROUP BY kind, value
    HAVING count(*) > 1 AND max(homes) <= 1 AND count(home) = count(DISTINCT home)
       AND (count(home) = count(*) OR (count(DISTINCT initial) > 1 AND NOT bool_or(spelt)))
), held AS (
    -- what one home alone shows is more often a household's, with one name that was misheard or a friend's
    SELECT kind, value, count(DISTINCT surname) - (count(DISTINCT home) = 1)::INTEGER AS surnames,
           count(DISTINCT home) AS homes,
           count(DISTINCT (surname, initial)) FILTER (surname IS NOT NULL) AS people,
           count(DISTINCT record) AS records, bool_or(home IS NOT NULL AND surname IS NULL) AS nameless
    FROM person GROUP BY kind, value
), counted AS (  -- one person's, on record at each home by name, is no stranger's: clustering tells where he lives
    SELECT * REPLACE (CASE WHEN people = 1 AND NOT nameless AND homes <= $lets THEN 1 ELSE homes END AS homes) FROM held
)
SELECT kind, value, greatest(people, c.homes), records,
       CASE WHEN ruling = 'blocked' THEN 'blocked' WHEN c.homes > most.homes THEN 'too many homes'
            WHEN c.surnames > most.surnames THEN 'too many people'
            WHEN (kind, value) IN (FROM house) THEN 'flats of one house' ELSE 'homes of two families' END
FROM counted c JOIN most USING (kind) LEFT JOIN ruling USING (kind, value)
WHERE CASE ruling WHEN 'blocked' THEN true WHEN 'released' THEN false
           ELSE c.surnames > most.surnames OR c.homes > most.homes
                OR (kind, value) IN (FROM house UNION FROM apart) END
  AND (kind, value) NOT IN (SELECT (kind, value) FROM shared_identifier)
ORDER BY kind, value
"""
_SHARED_DUE = "SELECT kind, value FROM shared_identifier SEMI JOIN identifier_due USING (kind, value)"
_FORGOTTEN = "DELETE FROM shared_identifier WHERE (kind, value) IN (SELECT (kind, value) FROM identifier_due)"
_HOLDERS = "SELECT record FROM holding SEMI JOIN {changed} USING (kind, value)"


def find_shared(con: Connection, rules: SharedRules) -> None:
    """Bring `shared_identifier` up to date with the news, by the limits and the rulings in force.
    Holders of what has become shared, or is so no more, are news.
    """
    for table in (RULING, SHARED_IDENTIFIER, BUSINESS_LINE):
        table.ensure(con)
    made_by = (rules, con.execute("FROM ruling ORDER BY ALL").fetchall())
    with renewed(con, SHARED_IDENTIFIER.name, *made_by) as known:
        find_identifiers(con, known=known)
        with told(con, _SHARED_DUE, _HOLDERS):
            con.execute(_FORGOTTEN)
            con.execute(_PLACEHOLDERS)
            con.execute(_BUSINESSES)
            limits = {"phone": rules.phone, "email": rules.email}
            most = {f"{of}_{name}": most for of, limit in limits.items() for name, most in limit}
            con.execute(_PEOPLE, most | {"lets": LETS})
    SHARED_IDENTIFIER.check(con)


def find_identifiers(con: Connection, *, known: bool) -> None:
    """Write `identifier_due`: all identifiers there are, or where others are `known` those that records of news hold or
    held; and who holds these, `identifier_held`. The later steps of linking read them: no holding changes there.
    """
    for table in (PLACEHOLDER, RECORD_NEWS, IDENTIFIER_NEWS):
        table.ensure(con)
    con.execute(_NEWS if known else _ALL)
    con.execute(_HELD)
