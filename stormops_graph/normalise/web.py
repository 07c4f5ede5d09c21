"""Records of cookies: what a browser's events show of its home, and the identifiers that bridge it to others.

A hash is resolved to the email or phone of another record that hashes to it; a click's `mid` to the only recipient
of that message; both say how they came about (`via`), because a forwarded mail is clicked by somebody else.
"""

from __future__ import annotations

from stormops_graph.tables import Connection

_EVENTS = """
CREATE OR REPLACE TEMP TABLE web_event AS
SELECT 'ga4:' || left(sha256(user_pseudo_id), 16) AS record, user_pseudo_id AS cookie, event_timestamp AS seen_at,
       user_id, mid, lower(email_sha256) AS email_sha256, lower(phone_sha256) AS phone_sha256,
       folded(home_value_band) AS home_value_band, TRY_CAST(round(year_built) AS INTEGER) AS year_built,
       square_footage, event_id, playbook_id AS play_id,
       coalesce(zip_of(zip_code), a.zip5) AS zip5,
       CASE WHEN street_no IS NOT NULL THEN struct_pack(
           key := address_key_of(street_no, street_name, street_type, unit, coalesce(zip_of(zip_code), a.zip5)),
           street_no, street_name, street_type, unit, zip5 := coalesce(zip_of(zip_code), a.zip5), city) END AS home
FROM feed_ga4_events LEFT JOIN address_value AS a ON a.raw = address
"""
# The most frequent value of a cookie; of equally frequent ones the first in order.
_MOST = """
CREATE OR REPLACE TEMP TABLE web_{name} AS
SELECT record, first({name} ORDER BY times DESC, {name}) AS {name}
FROM (SELECT record, {name}, count(*) AS times FROM web_event WHERE {name} IS NOT NULL GROUP BY record, {name})
GROUP BY record
"""
FEATURES = ("home", "zip5", "home_value_band", "year_built", "square_footage")
_RECORDS = """
INSERT INTO record
SELECT record, 'ga4', NULL, NULL, [], [], home.key, home.street_no, home.street_name, home.street_type, home.unit,
       coalesce(home.zip5, web_zip5.zip5), home.city, cookie, hashes, home_value_band, year_built, square_footage,
       first_seen, last_seen
FROM (SELECT record, min(cookie) AS cookie, min(seen_at) AS first_seen, max(seen_at) AS last_seen,
             list_sort(list_distinct(flatten(list([email_sha256, phone_sha256])))) AS hashes
      FROM web_event GROUP BY record)
LEFT JOIN web_home USING (record) LEFT JOIN web_zip5 USING (record) LEFT JOIN web_home_value_band USING (record)
LEFT JOIN web_year_built USING (record) LEFT JOIN web_square_footage USING (record) ORDER BY record
"""
_SOURCE_ROWS = """
INSERT INTO source_row SELECT DISTINCT 'ga4', cookie, record FROM web_event ORDER BY ALL
"""
_KNOWN = """
CREATE OR REPLACE TEMP TABLE known_hash AS
SELECT sha256(email) AS hash, 'email' AS kind, email AS value, min(reason) AS reason
FROM email_value WHERE email IS NOT NULL GROUP BY email
UNION ALL
SELECT sha256(phone), 'phone', phone, min(reason) FROM phone_value WHERE phone IS NOT NULL GROUP BY phone
"""
_RECIPIENTS = """
CREATE OR REPLACE TEMP TABLE message_recipient AS
SELECT message_id, min(email) AS email, min(reason) AS reason
FROM feed_emails JOIN email_value ON raw = recipient WHERE email IS NOT NULL
GROUP BY message_id HAVING count(DISTINCT email) = 1
"""
_SAID = """
CREATE OR REPLACE TEMP TABLE web_said AS
WITH hashed AS (
    SELECT record, seen_at, 'email_sha256' AS kind, email_sha256 AS hash FROM web_event WHERE email_sha256 IS NOT NULL
    UNION ALL SELECT record, seen_at, 'phone_sha256', phone_sha256 FROM web_event WHERE phone_sha256 IS NOT NULL)
SELECT record, 'cookie' AS kind, cookie AS value, 'row' AS via, NULL AS reason, seen_at FROM web_event
UNION ALL SELECT record, 'address', home.key, 'row', NULL, seen_at FROM web_event WHERE home IS NOT NULL
UNION ALL SELECT record, 'contact', contact_id, 'row', NULL, seen_at
FROM web_event JOIN feed_crm_contacts ON contact_id = web_event.user_id
UNION ALL SELECT record, coalesce(k.kind, h.kind), coalesce(value, h.hash),
                 CASE WHEN value IS NULL THEN 'row' ELSE 'hash' END, reason, seen_at
FROM hashed AS h LEFT JOIN known_hash AS k ON k.hash = h.hash AND starts_with(h.kind, k.kind)
UNION ALL SELECT record, 'email', email, 'click', reason, seen_at
FROM web_event JOIN message_recipient ON message_id = mid
"""
_HOLDINGS = """
INSERT INTO holding
SELECT record, kind, value, via, min(seen_at), max(seen_at), count(*)
FROM web_said WHERE reason IS NULL GROUP BY record, kind, value, via ORDER BY ALL
"""
_PLACEHOLDERS = """
INSERT INTO placeholder
SELECT DISTINCT record, kind, value, reason FROM web_said WHERE reason IS NOT NULL ORDER BY ALL
"""


def write_cookies(con: Connection) -> None:
    """Add the records, source rows, holdings and placeholders of the web events."""
    con.execute(_EVENTS)
    for name in FEATURES:
        con.execute(_MOST.format(name=name))
    for step in (_RECORDS, _SOURCE_ROWS, _KNOWN, _RECIPIENTS, _SAID, _HOLDINGS, _PLACEHOLDERS):
        con.execute(step)
