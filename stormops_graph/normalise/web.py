"""Records of cookies: what a browser's events show of its home, and the identifiers that bridge it to others.

A hash is resolved to the email or phone of another record that hashes to it; a click's `mid` to the only recipient
of that message; both say how they came about (`via`), because a forwarded mail is clicked by somebody else.
"""

from __future__ import annotations

from stormops_graph.carryover import tell, tell_held
from stormops_graph.normalise.standing import ALL_ROWS, NEW_ROWS, Kept
from stormops_graph.street_numbers import SLIP_MACRO
from stormops_graph.tables import Connection

EVENT = Kept(
    "web_event",
    {
        "print": "UHUGEINT",
        "record": "VARCHAR",
        "cookie": "VARCHAR",
        "seen_at": "TIMESTAMP",
        **dict.fromkeys(("user_id", "mid", "email_sha256", "phone_sha256", "home_value_band"), "VARCHAR"),
        "year_built": "INTEGER",
        "square_footage": "DOUBLE",
        **dict.fromkeys(("event_id", "play_id", "zip5", "city"), "VARCHAR"),
        "home": "STRUCT(key VARCHAR, street_no VARCHAR, street_name VARCHAR, street_type VARCHAR, unit VARCHAR,"
        " zip5 VARCHAR, city VARCHAR)",
    },
    feeds=("ga4_events",),
)
_EVENTS = """
INSERT INTO web_event
SELECT print, 'ga4:' || left(sha256(user_pseudo_id), 16) AS record, user_pseudo_id AS cookie,
       event_timestamp AS seen_at, user_id, mid,
       lower(email_sha256) AS email_sha256, lower(phone_sha256) AS phone_sha256,
       folded(home_value_band) AS home_value_band,
       CASE WHEN year_built BETWEEN 1600 AND 2200 THEN round(year_built)::INTEGER END AS year_built,
       square_footage, event_id, playbook_id AS play_id,
       coalesce(zip_of(zip_code), a.zip5) AS zip5, folded(geo_city) AS city,
       CASE WHEN street_no IS NOT NULL THEN struct_pack(
           key := address_key_of(street_no, street_name, street_type, unit, coalesce(zip_of(zip_code), a.zip5)),
           street_no, street_name, street_type, unit, zip5 := coalesce(zip_of(zip_code), a.zip5),
           city := a.city) END AS home
FROM web_new LEFT JOIN address_value AS a ON a.raw = address
"""
_DUE = """
INSERT INTO record_due SELECT DISTINCT record FROM web_event SEMI JOIN web_new USING (print)
"""
# The most frequent value of a cookie; of equally frequent ones the first in order.
_MOST = """
CREATE OR REPLACE TEMP TABLE web_{name} AS
SELECT record, first({name} ORDER BY times DESC, {name}) AS {name}
FROM (SELECT record, {name}, count(*) AS times FROM web_due WHERE {name} IS NOT NULL GROUP BY record, {name})
GROUP BY record
"""
# Who types in two homes, the one at least half as often as the other, shows none: slips of the pen are one home's.
_TWO_HOMES = """
DELETE FROM web_home WHERE record IN (
    WITH typed AS (SELECT record, home, count(*) AS times FROM web_due WHERE home IS NOT NULL GROUP BY record, home)
    SELECT record FROM web_home JOIN typed AS most USING (record, home) JOIN typed AS other USING (record)
    WHERE 2 * other.times >= most.times AND (
        jaro_winkler_similarity(other.home.street_name, most.home.street_name) < $alike
        OR other.home.street_no <> most.home.street_no AND slip_of(other.home.street_no, most.home.street_no) IS NULL
        OR other.home.unit <> most.home.unit))
"""
_ALIKE = 0.85  # street names of this Jaro-Winkler similarity may be one
FEATURES = ("home", "zip5", "city", "home_value_band", "year_built", "square_footage")
_RECORDS = """
INSERT INTO record
SELECT record, 'ga4', NULL, NULL, NULL, [], [], home.key, home.street_no, home.street_name, home.street_type, home.unit,
       coalesce(home.zip5, web_zip5.zip5), CASE WHEN home IS NULL THEN web_city.city ELSE home.city END,
       cookie, hashes, home_value_band, year_built, square_footage, first_seen, last_seen
FROM (SELECT record, min(cookie) AS cookie, min(seen_at) AS first_seen, max(seen_at) AS last_seen,
             list_sort(list_distinct(flatten(list([email_sha256, phone_sha256])))) AS hashes
      FROM web_due GROUP BY record)
LEFT JOIN web_home USING (record) LEFT JOIN web_zip5 USING (record) LEFT JOIN web_city USING (record)
LEFT JOIN web_home_value_band USING (record) LEFT JOIN web_year_built USING (record)
LEFT JOIN web_square_footage USING (record) ORDER BY record
"""
_SOURCE_ROWS = """
INSERT INTO source_row SELECT DISTINCT 'ga4', cookie, record FROM web_due ORDER BY ALL
"""
# What a hash, a click or a contact's id means depends on the rows that show what it is of. So a cookie's bridges are
# worked out again where events of its own, or such rows, came or went.
_STIRRED = """
CREATE OR REPLACE TEMP TABLE sighting_stirred AS
SELECT {columns} FROM sighting_keyed SEMI JOIN sighting USING (feed, print)
UNION ALL SELECT {columns} FROM sighting_keyed_gone
""".replace("{columns}", "feed, id, contact, email_head, phone_head, other_head")
_BRIDGES_DUE = """
CREATE OR REPLACE TEMP TABLE bridge_due AS
WITH phone AS (SELECT unnest([phone_head, other_head]) AS head FROM sighting_stirred)
SELECT record FROM record_due WHERE starts_with(record, 'ga4:')
UNION SELECT record FROM web_event SEMI JOIN sighting_stirred ON head_of(email_sha256) = email_head
UNION SELECT record FROM web_event SEMI JOIN phone ON head_of(phone_sha256) = head
UNION SELECT record FROM web_event SEMI JOIN (FROM sighting_stirred WHERE feed = 'emails') ON mid = id
UNION SELECT record FROM web_event SEMI JOIN (FROM sighting_stirred WHERE feed = 'crm_contacts')
    ON contact = named_contact(user_id)
"""
_ALL_BRIDGES = "CREATE OR REPLACE TEMP TABLE bridge_due AS SELECT DISTINCT record FROM web_event"
_BRIDGING = """
CREATE OR REPLACE TEMP {kind} web_bridging AS
SELECT record, seen_at, user_id, mid, email_sha256, phone_sha256 FROM web_event SEMI JOIN bridge_due USING (record)
WHERE coalesce(user_id, mid, email_sha256, phone_sha256) IS NOT NULL
"""
# What the hashes that cookies show may be of.
_KNOWN = """
CREATE OR REPLACE TEMP TABLE known_hash AS
WITH email_asked AS (SELECT DISTINCT head_of(email_sha256) AS head FROM web_bridging WHERE email_sha256 IS NOT NULL),
phone_asked AS (SELECT DISTINCT head_of(phone_sha256) AS head FROM web_bridging WHERE phone_sha256 IS NOT NULL)
SELECT sha256(email_value) AS hash, 'email' AS kind, email_value AS value, min(email_reason) AS reason
FROM sighting_keyed SEMI JOIN email_asked ON head = email_head GROUP BY email_value
UNION ALL
SELECT sha256(phone), 'phone', phone, min(reason) FROM (
    SELECT phone_value AS phone, phone_reason AS reason FROM sighting_keyed SEMI JOIN phone_asked ON head = phone_head
    UNION ALL SELECT other_value, other_reason FROM sighting_keyed SEMI JOIN phone_asked ON head = other_head)
GROUP BY phone
"""
_RECIPIENTS = """
CREATE OR REPLACE TEMP TABLE message_recipient AS
SELECT id AS message_id, min(email_value) AS email, min(email_reason) AS reason
FROM sighting_keyed SEMI JOIN web_bridging ON mid = id WHERE feed = 'emails' AND email_value IS NOT NULL
GROUP BY id HAVING count(DISTINCT email_value) = 1
"""
_OWN = """
CREATE OR REPLACE TEMP TABLE web_shown AS
SELECT record, 'cookie' AS kind, cookie AS value, 'row' AS via, NULL AS reason, seen_at FROM web_due
UNION ALL SELECT record, 'address', home.key, 'row', NULL, seen_at FROM web_due WHERE home IS NOT NULL
"""
_BRIDGES = """
CREATE OR REPLACE TEMP TABLE web_said AS
WITH hashed AS (
    SELECT record, seen_at, 'email_sha256' AS kind, email_sha256 AS hash FROM web_bridging
    UNION ALL SELECT record, seen_at, 'phone_sha256', phone_sha256 FROM web_bridging)
SELECT record, 'contact' AS kind, contact AS value, 'row' AS via, NULL AS reason, seen_at
FROM web_bridging JOIN (SELECT contact FROM sighting_keyed WHERE feed = 'crm_contacts')
    ON contact = named_contact(user_id)
UNION ALL SELECT record, coalesce(k.kind, h.kind), coalesce(value, h.hash),
                 CASE WHEN value IS NULL THEN 'row' ELSE 'hash' END, reason, seen_at
FROM hashed AS h LEFT JOIN known_hash AS k ON k.hash = h.hash AND starts_with(h.kind, k.kind) WHERE h.hash IS NOT NULL
UNION ALL SELECT record, 'email', email, 'click', reason, seen_at
FROM web_bridging JOIN message_recipient ON message_id = mid
"""
_HOLDINGS = """
SELECT record, kind, value, via, min(seen_at) AS first_seen, max(seen_at) AS last_seen, count(*) AS "rows"
FROM {said} WHERE reason IS NULL GROUP BY record, kind, value, via
"""
# Of most cookies it is what it was.
_BRIDGED = "record IN (FROM bridge_due) AND kind NOT IN ('cookie', 'address')"
_BRIDGES_NOW = (
    f"CREATE OR REPLACE TEMP TABLE bridge_now AS {_HOLDINGS.format(said='web_said')}",
    f"CREATE OR REPLACE TEMP TABLE bridge_gone AS FROM holding WHERE {_BRIDGED} EXCEPT FROM bridge_now",
    f"CREATE OR REPLACE TEMP TABLE bridge_new AS FROM bridge_now EXCEPT FROM holding WHERE {_BRIDGED}",
)
_BRIDGES_TOLD = (
    """
DELETE FROM holding WHERE rowid IN (
    SELECT row FROM (SELECT rowid AS row, * FROM holding WHERE record IN (SELECT record FROM bridge_gone))
    SEMI JOIN bridge_gone USING (record, kind, value, via))
""",
    "INSERT INTO holding FROM bridge_new",
)
_PLACEHOLDERS = (
    f"DELETE FROM placeholder WHERE {_BRIDGED}",  # noqa: S608  (fixed words)
    "INSERT INTO placeholder SELECT DISTINCT record, kind, value, reason FROM web_said WHERE reason IS NOT NULL",
)
_NOBODYS = f"SELECT kind, value FROM placeholder WHERE {_BRIDGED}"  # noqa: S608  (fixed words)


def gather_events(con: Connection, *, known: bool) -> None:
    """Write `web_new`, the events that are new, and take those that have gone out of `web_event`.

    Unless the last run's events are `known`, all are new.
    """
    if known:
        EVENT.drop_gone(con)
        con.execute("INSERT INTO record_due SELECT DISTINCT record FROM web_event_gone")
    rows = (NEW_ROWS if known else ALL_ROWS).format(feed="ga4_events")
    con.execute(f"CREATE OR REPLACE TEMP TABLE web_new AS FROM {rows}")


def key_events(con: Connection) -> None:
    """Add `web_new` to `web_event`; whose events these are, is due."""
    con.execute(_EVENTS)
    con.execute(_DUE)


def show_bridging(con: Connection, kind: str) -> None:
    """Let `web_bridging`, a TABLE or a VIEW, be the events of cookies whose bridges are to be worked out."""
    for step in (_STIRRED, _BRIDGES_DUE) if kind == "TABLE" else (_ALL_BRIDGES,):
        con.execute(step)
    con.execute(_BRIDGING.replace("{kind}", kind))


def write_cookies(con: Connection) -> None:
    """Write what due cookies are and hold, and what bridges them, and others, to somebody."""
    for name in FEATURES:
        con.execute(_MOST.format(name=name))
    con.execute(SLIP_MACRO)
    con.execute(_TWO_HOMES, {"alike": _ALIKE})
    own = f"INSERT INTO holding {_HOLDINGS.format(said='web_shown')}"
    for step in (_RECORDS, _SOURCE_ROWS, _OWN, own, _KNOWN, _RECIPIENTS, _BRIDGES, *_BRIDGES_NOW):
        con.execute(step)
    tell(con, "SELECT record FROM bridge_gone UNION SELECT record FROM bridge_new")
    tell_held(con, "SELECT kind, value FROM bridge_gone")
    tell_held(con, _NOBODYS)
    for step in (*_BRIDGES_TOLD, *_PLACEHOLDERS):
        con.execute(step)
    tell_held(con, _NOBODYS)
