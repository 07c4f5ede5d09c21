"""The table that Splink compares: one row a record, with only those identifiers that may link.

Shared identifiers and placeholders are left out; what a cookie shows by a form's hash or a clicked email counts
as held. A home with more records than a family leaves is not used to form candidate pairs, and a name that more
people of the market bear than `NAMESAKES` does not bring two records together on its own.
"""

from __future__ import annotations

import pyarrow as pa

from stormops_graph.link.frequencies import write_frequencies, write_full_names
from stormops_graph.link.mailnames import read_mail_names
from stormops_graph.rules.model import Model
from stormops_graph.tables import Connection

CROWD = 80  # records at one home above which pairs come from the other blocks only (dormitories, offices)
TRADE_PHONES = 3  # phones on which a rare name shows above which it is a business's or a carrier's
TRADE_EMAILS = 3  # emails that spell a rare name above which it is two words: blue.moon@…
NAMESAKES = 3.0  # expected bearers of a full name in the market above which it forms no pairs

_HELD = """
CREATE OR REPLACE TEMP TABLE link_held AS
SELECT h.record, h.kind, list_sort(list(DISTINCT h.value)) AS values
FROM holding h ANTI JOIN shared_identifier s ON h.kind = s.kind AND h.value = s.value
WHERE h.kind IN ('phone', 'email') GROUP BY h.record, h.kind
"""

_NAMED = """
CREATE OR REPLACE TEMP TABLE link_named AS
WITH mail AS (
    SELECT h.record, n.given, n.surname FROM holding h JOIN mail_name n ON h.kind = 'email' AND n.email = h.value
    ANTI JOIN shared_identifier s ON h.kind = s.kind AND h.value = s.value
    QUALIFY row_number() OVER (PARTITION BY h.record ORDER BY h.value) = 1
), named AS (
    SELECT r.record, CASE WHEN r.given IS NULL AND r.surname IS NULL THEN m.given ELSE r.given END AS given,
           CASE WHEN r.given IS NULL AND r.surname IS NULL THEN m.surname ELSE r.surname END AS surname
    FROM record r LEFT JOIN mail m USING (record)
)
SELECT d.*, coalesce(n.root, d.given) AS given_root, left(d.given, 1) AS given_initial
FROM named d LEFT JOIN nickname n ON n.form = d.given
"""

# How many people of the market bear a name.
_BEARERS = """
CREATE OR REPLACE TEMP TABLE link_bearers AS
SELECT DISTINCT d.given, d.surname,
       $people * s.share * g.share AS bearers
FROM link_named d JOIN given_frequency g ON g.name = d.given JOIN surname_frequency s ON s.name = d.surname
"""

_TRADES = """
CREATE OR REPLACE TEMP TABLE link_trade AS
SELECT d.given, d.surname FROM link_named d JOIN link_bearers b USING (given, surname)
JOIN holding h ON h.record = d.record AND h.kind = 'phone'
WHERE b.bearers <= $namesakes AND length(d.given) > 1
GROUP BY ALL HAVING count(DISTINCT h.value) > $trade_phones
UNION
SELECT m.given, m.surname FROM mail_name m JOIN link_bearers b USING (given, surname)
WHERE b.bearers <= $namesakes GROUP BY ALL HAVING count(*) > $trade_emails
"""

_PROFILE = """
CREATE OR REPLACE TABLE profile AS
WITH crowd AS (SELECT home FROM record_home GROUP BY home HAVING count(*) > $crowd),
named AS (SELECT d.* FROM link_named d ANTI JOIN link_trade t ON t.given = d.given AND t.surname = d.surname)
SELECT r.record AS unique_id, r.feed, d.given, d.surname, d.given_root, d.given_initial,
       CASE WHEN b.bearers <= $namesakes THEN d.surname || ' ' || d.given_initial END AS rare_name,
       p.values AS phones, e.values AS emails,
       CASE WHEN c.home IS NULL THEN a.home END AS home,
       r.street_no, r.street_name, r.unit, r.zip5, r.first_seen, r.last_seen
FROM record r
LEFT JOIN named d USING (record)
LEFT JOIN link_bearers b ON b.given = d.given AND b.surname = d.surname
LEFT JOIN record_home a USING (record)
LEFT JOIN crowd c ON c.home = a.home
LEFT JOIN link_held p ON p.record = r.record AND p.kind = 'phone'
LEFT JOIN link_held e ON e.record = r.record AND e.kind = 'email'
WHERE p.values IS NOT NULL OR e.values IS NOT NULL OR a.home IS NOT NULL OR d.surname IS NOT NULL
"""


def make_profiles(con: Connection, nicknames: dict[str, str], model: Model, people: float) -> int:
    """Write `profile`, for a market of so many people; returns its rows."""
    write_full_names(con)
    con.register("nickname", pa.table({"form": list(nicknames), "root": list(nicknames.values())}))
    con.execute(_HELD)
    read_mail_names(con, model.frequency["given"].keys() | nicknames.keys(), model.frequency["surname"].keys())
    write_frequencies(con, model)
    con.execute(_NAMED)
    con.execute(_BEARERS, {"people": people})
    con.execute(_TRADES, {"namesakes": NAMESAKES, "trade_phones": TRADE_PHONES, "trade_emails": TRADE_EMAILS})
    con.execute(_PROFILE, {"crowd": CROWD, "namesakes": NAMESAKES})
    con.unregister("nickname")
    return int(con.execute("SELECT count(*) FROM profile").fetchall()[0][0])
