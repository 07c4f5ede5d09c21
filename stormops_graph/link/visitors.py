"""What is learnt from visitors that tell more than others, for all visitors: up to which year the list counts the ages
of homes, how many visitors live in a listed home, and how many of those whose browser shows a city live in it.

Invariant: these are counts over all cookies and homes of a run; no order of rows shows.
"""

from __future__ import annotations

from stormops_graph.rules.ruleset import SessionRules
from stormops_graph.tables import LISTED_TWICE, Connection

_LATEST_WEIGHT = 3  # the year of the latest visit counts as so many cookies that tell of which year the list is
# Nothing known of a city counts as so many visitors, as many of whom live there as of all homes lie there.
_CITY_WEIGHT = 10

_HOMES = """
CREATE OR REPLACE TEMP TABLE session_home AS
SELECT property_id, zip5, city, estimated_value AS value, round(property_age) AS age, square_footage AS area
FROM property ANTI JOIN listed_twice USING (property_id)
"""

# Ages are counted up to the day of the list, whenever the visit was. Which year that is, the homes tell that are just
# as large as a visitor says: of their years few are alike by chance.
_LISTED_IN = """
WITH told AS (FROM record WHERE cookie IS NOT NULL AND year_built IS NOT NULL),
likely AS (
    SELECT round(year_built + age)::INTEGER AS listed_in, count(DISTINCT record) AS cookies
    FROM told JOIN session_home h ON area = square_footage AND h.zip5 = told.zip5
    WHERE area % $round_to > 0 AND age BETWEEN 0 AND 600 GROUP BY listed_in
    UNION ALL SELECT max(year(last_seen)), $weight FROM told
)
SELECT listed_in FROM likely GROUP BY listed_in ORDER BY sum(cookies) DESC, listed_in DESC LIMIT 1
"""

# How many of those who gave an address themselves live in a listed home; the rules' share counts as `weight` of them.
_LISTED = """
SELECT round((count(property_id) + $weight * $listed) / (count(*) + $weight), 2)
FROM record_home WHERE home IS NOT NULL AND split_part(record, ':', 1) IN ('ga4', 'crm_contacts', 'conversions')
"""

# A browser's city is where its line surfaces, often the next large town. How many of those who show it live there, the
# ones tell whose ZIP is known; summed as whole numbers. In hundredths, so that one more visitor seldom moves it.
_CITIES = """
CREATE OR REPLACE TEMP TABLE visitor_city AS
WITH lying AS (SELECT zip5, city, count(*) AS homes FROM session_home WHERE city IS NOT NULL GROUP BY ALL),
zip AS (SELECT zip5, sum(homes) AS homes FROM lying WHERE zip5 IS NOT NULL GROUP BY zip5),
town AS (SELECT city, sum(homes)::BIGINT AS homes FROM lying GROUP BY city),
seen AS (
    SELECT city, zip5, count(*) AS visitors FROM record WHERE cookie IS NOT NULL AND street_no IS NULL
    AND city IS NOT NULL GROUP BY ALL
)
SELECT city, any_value(t.homes) AS homes,
       round((coalesce(sum(round(1e6 * visitors * l.homes / zip.homes)::BIGINT) / 1e6, 0)
              + $weight * any_value(t.homes / $all_homes))
             / (coalesce(sum(visitors) FILTER (zip.homes > 0), 0) + $weight), 2) AS living
FROM town t LEFT JOIN seen USING (city) LEFT JOIN zip USING (zip5)
LEFT JOIN lying l ON l.zip5 = seen.zip5 AND l.city = t.city
GROUP BY city
"""


def know_visitors(con: Connection, rules: SessionRules) -> int:
    """Write `session_home`, the listed homes, and `visitor_city(city, homes, living)`: the cities where they are, and
    how many of the visitors whose browsers show one live there. Returns the year up to which the list counts ages.
    """
    LISTED_TWICE.ensure(con)
    con.execute(_HOMES)
    ((homes,),) = con.execute("SELECT greatest(count(*), 1) FROM session_home").fetchall()
    con.execute(_CITIES, {"weight": _CITY_WEIGHT, "all_homes": homes})
    dating = {"round_to": rules.square_footage.round_to, "weight": _LATEST_WEIGHT}
    ((listed_in,),) = con.execute(_LISTED_IN, dating).fetchall()
    return int(listed_in) if listed_in else 0


def share_listed(con: Connection, rules: SessionRules) -> float:
    """How many visitors live in a listed home."""
    ((listed,),) = con.execute(_LISTED, {"listed": rules.listed, "weight": rules.listed_weight}).fetchall()
    return float(listed)
