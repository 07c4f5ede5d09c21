"""Touches and conversions, as `channels.toml` counts them; a touch's id is its row's own, stable over runs."""

from __future__ import annotations

from collections.abc import Sequence

from stormops_graph.carryover import tell
from stormops_graph.normalise.rules import ChannelRules, EmailChannel, WebChannel
from stormops_graph.tables import CONVERSION, Connection

_ROWS = """
INSERT INTO touch
SELECT feed || ':' || id, record, $channel, seen_from, event_id, play_id, rep_id, zip5
FROM sighting_due WHERE feed = $feed AND seen_from IS NOT NULL
 AND (len($signs) = 0 OR list_contains($signs, lower(sign)) OR (sign IS NULL AND $blank)) ORDER BY 1
"""
# One touch a message and recipient, at the first opening or click; its storm and play by the first row naming one.
_EMAILS = """
CREATE OR REPLACE TEMP TABLE email_touch AS
WITH counted AS (
    SELECT id, record, zip5, seen_from AS seen_at, event_id, play_id,
           CASE WHEN list_contains($touches, lower(sign)) THEN 1
                WHEN sign IS NULL OR list_contains($otherwise, lower(sign)) THEN 2 END AS rank
    FROM sighting_keyed WHERE feed = 'emails' AND record IS NOT NULL AND seen_from IS NOT NULL),
message AS (
    SELECT id, record, min(zip5) AS zip5, min(seen_at) AS seen_at,
           first(event_id ORDER BY seen_at, event_id) FILTER (event_id IS NOT NULL) AS event_id,
           first(play_id ORDER BY seen_at, play_id) FILTER (play_id IS NOT NULL) AS play_id
    FROM counted WHERE rank = (SELECT min(rank) FROM counted) GROUP BY id, record)
SELECT 'emails:' || id
       || CASE WHEN count(*) OVER (PARTITION BY id) = 1 THEN '' ELSE ':' || split_part(record, ':', 2) END AS touch_id,
       record, 'email', seen_at, event_id, play_id, NULL, zip5
FROM message
"""
_SESSIONS = """
INSERT INTO touch
WITH event AS (
    SELECT cookie, record, seen_at, min(zip5) AS zip5, min(event_id) AS event_id, min(play_id) AS play_id
    FROM web_due GROUP BY cookie, record, seen_at),
begun AS (
    SELECT *, coalesce(seen_at - lag(seen_at) OVER (PARTITION BY cookie ORDER BY seen_at)
                       > to_microseconds($silence), true) AS begins
    FROM event),
numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY cookie ORDER BY seen_at ROWS UNBOUNDED PRECEDING) AS session
    FROM begun)
SELECT 'ga4:' || cookie || ':' || epoch_us(min(seen_at)), min(record), 'ga4', min(seen_at),
       first(event_id ORDER BY seen_at) FILTER (event_id IS NOT NULL),
       first(play_id ORDER BY seen_at) FILTER (play_id IS NOT NULL), NULL,
       first(zip5 ORDER BY seen_at) FILTER (zip5 IS NOT NULL)
FROM numbered GROUP BY cookie, session ORDER BY 1
"""
_CONVERSIONS = """
INSERT INTO conversion
SELECT id, record, sign, seen_from, s.event_id, zip5, value
FROM sighting_keyed AS s JOIN feed_conversions ON conversion_id = id WHERE feed = 'conversions' AND record IS NOT NULL
ORDER BY id
"""
# Which rows of an email count depends on what the whole export has; of most the last run said the same.
_OTHER = (
    "CREATE OR REPLACE TEMP TABLE email_gone AS FROM touch WHERE channel = 'email' EXCEPT FROM email_touch",
    "CREATE OR REPLACE TEMP TABLE email_new AS FROM email_touch EXCEPT FROM touch WHERE channel = 'email'",
)
_TOLD = (
    "DELETE FROM touch WHERE touch_id IN (SELECT touch_id FROM email_gone)",
    "INSERT INTO touch FROM email_new",
)


def write_touches(con: Connection, rules: ChannelRules) -> None:
    """Write the touches of due records, all emails, and conversion."""
    CONVERSION.create(con)
    if rules.call.count:
        _write_rows(con, "calls", "call")
    if rules.door_knock.count:
        _write_rows(con, "door_knocks", "door_knock", rules.door_knock.outcomes)
    if rules.sms.count:
        _write_rows(con, "sms", "sms", rules.sms.directions, blank=True)
    if rules.email.count:
        _write_messages(con, rules.email)
    if rules.ga4.count:
        _write_sessions(con, rules.ga4)
    con.execute(_CONVERSIONS)


def _write_rows(con: Connection, feed: str, channel: str, signs: Sequence[str] = (), *, blank: bool = False) -> None:
    """One touch a row whose sign is listed; all of them where none is; `blank`: those without a sign too."""
    con.execute(_ROWS, {"feed": feed, "channel": channel, "signs": [word.lower() for word in signs], "blank": blank})


def _write_messages(con: Connection, rules: EmailChannel) -> None:
    words = {"touches": rules.touches, "otherwise": rules.otherwise}
    con.execute(_EMAILS, {name: [word.lower() for word in listed] for name, listed in words.items()})
    for step in _OTHER:
        con.execute(step)
    tell(con, "SELECT record FROM email_gone UNION SELECT record FROM email_new")
    for step in (*_TOLD, *(f"DROP TABLE {name}" for name in ("email_touch", "email_gone", "email_new"))):
        con.execute(step)


def _write_sessions(con: Connection, rules: WebChannel) -> None:
    con.execute(_SESSIONS, {"silence": round(rules.session_minutes * 60_000_000)})
