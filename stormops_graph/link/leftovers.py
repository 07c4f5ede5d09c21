"""Numbers that were left in the form from the customer before, or that somebody else holds by now.

Two cards of wholly other names that show one phone are man and wife, or the number is not both's. Cards that know their
homes tell which is commoner in this market: such a number is found at one home, or at two. Where two homes are, a card
without a home is not tied by it to whom it shares no name with, if a card with a home has the number too.
"""

from __future__ import annotations

from stormops_graph.carryover import remade
from stormops_graph.tables import LEFTOVER, Connection

_ALIKE = 0.85  # names of this Jaro-Winkler similarity may be one
_EXPECTED = (4, 1)  # numbers at one home and at two, before a market has told

_CARDS = """
CREATE OR REPLACE TEMP TABLE leftover_card AS
WITH card AS (
    SELECT record, given, surname, address_key FROM record
    WHERE feed IN ('crm_contacts', 'conversions', 'door_knocks') AND length(given) > 1 AND surname IS NOT NULL
), held AS MATERIALIZED (
    SELECT value, record FROM holding SEMI JOIN card USING (record) ANTI JOIN shared_identifier USING (kind, value)
    WHERE kind = 'phone'
)
SELECT value, record, h.home, card.address_key IN (SELECT address_key FROM no_home WHERE building) AS built,
       [card.given, coalesce(given_root, card.given)] || string_split(replace(card.surname, '-', ' '), ' ') AS names
FROM held SEMI JOIN (SELECT value FROM held GROUP BY value HAVING count(*) > 1) USING (value)
JOIN card USING (record) JOIN profile ON unique_id = record LEFT JOIN record_home h USING (record)
"""
_STRANGERS = """
CREATE OR REPLACE TEMP TABLE leftover_stranger AS
WITH pair AS (
    SELECT value, c.record, c.names, c.home, c.built, d.record AS other, d.names AS other_names, d.home AS other_home
    FROM leftover_card c JOIN leftover_card d USING (value) WHERE c.record <> d.record
), named AS (SELECT record, other, unnest(names) AS name, other_names FROM pair),
alike AS (
    SELECT record, other FROM (SELECT * EXCLUDE (other_names), unnest(other_names) AS other_name FROM named)
    WHERE jaro_winkler_similarity(name, other_name) >= $alike
)
SELECT value, record, home, built, other, other_home FROM pair ANTI JOIN alike USING (record, other)
"""
_TOLD = """
SELECT count(DISTINCT value) FILTER (home = other_home), count(DISTINCT value) FILTER (home <> other_home)
FROM leftover_stranger
"""
_LEFT = """
INSERT INTO leftover
SELECT DISTINCT record, 'phone', value FROM leftover_stranger
WHERE home IS NULL AND NOT coalesce(built, false) AND other_home IS NOT NULL
"""


def find_leftovers(con: Connection, household_at_least: float) -> None:
    """Write LEFTOVER from record, profile, holding, record_home and shared_identifier; empty where two cards of one
    number are one household with `household_at_least`. Cards of which it says another are news.
    """
    con.execute(_CARDS)
    con.execute(_STRANGERS, {"alike": _ALIKE})
    ((one, two),) = con.execute(_TOLD).fetchall()
    expected_one, expected_two = _EXPECTED
    share = (one + expected_one) / (one + two + expected_one + expected_two)
    with remade(con, LEFTOVER, "SELECT record FROM {changed}"):
        if share < household_at_least:
            con.execute(_LEFT)
    for name in ("leftover_card", "leftover_stranger"):
        con.execute(f"DROP TABLE {name}")
    LEFTOVER.check(con)
