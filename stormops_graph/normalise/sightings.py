"""`sighting`: one row a source row of every feed but GA4, with the identifying texts it shows, as written.

Only rows that no run has normalised are gathered; the others are in `sighting_keyed`, and `record_due` has the records
that rows came to or went from. `sign` is what tells a touch: an email's event type, a text's direction, a knock's
outcome, a conversion's kind.
"""

from __future__ import annotations

from stormops_graph.normalise.standing import ALL_ROWS, NEW_ROWS, Kept
from stormops_graph.tables import Connection

# A ZIP code that was read as a number has lost its leading zeros.
_MACROS = r"""
CREATE OR REPLACE TEMP MACRO zip_of(text) AS
    nullif(coalesce(lpad(nullif(regexp_extract(text, '^(\d{3,4})\.0+$', 1), ''), 5, '0'),
                    nullif(regexp_extract(text, '^(\d{5})([- ]?\d{4}|-|\.0+)?$', 1), '')), '00000');
CREATE OR REPLACE TEMP MACRO folded(text) AS
    nullif(trim(regexp_replace(strip_accents(lower(text)), '\s+', ' ', 'g')), '');
CREATE OR REPLACE TEMP MACRO address_key_of(street_no, street_name, street_type, unit, zip5) AS
    street_no || ' ' || street_name || coalesce(' ' || street_type, '') || coalesce(' #' || unit, '')
    || coalesce(', ' || zip5, '');
-- A contact's id as a program writes it that takes ids for numbers; where another row names it, 0 names nobody.
CREATE OR REPLACE TEMP MACRO contact_of(id) AS regexp_replace(id, '^(\d+)\.0+$', '\1');
CREATE OR REPLACE TEMP MACRO named_contact(id) AS nullif(regexp_replace(contact_of(id), '^0+$', ''), '');
CREATE OR REPLACE TEMP MACRO head_of(sha256) AS TRY_CAST('0x' || left(sha256, 16) AS UBIGINT);
"""
_TIMES = ("seen_from", "seen_to")
_TEXTS = (
    *("contact", "cookie", "phone", "other_phone", "email", "address", "city", "zip_code", "name_raw"),
    *("event_id", "play_id", "rep_id", "sign"),
)
_READINGS = (
    *("given", "surname", "suffix", "business", "phone_value", "phone_reason", "other_value", "other_reason"),
    *("email_value", "email_reason", "address_reason"),
    *("street_no", "street_name", "street_type", "unit", "zip5", "town", "address_key"),
)
_COLUMNS = ("feed", "id", "print", *_TIMES, *_TEXTS)
# feed → where each column comes from; what is not listed is not shown by that feed.
SHOWN: dict[str, dict[str, str]] = {
    "crm_contacts": {
        "id": "contact_id",
        "seen_from": "created_at",
        "seen_to": "coalesce(updated_at, created_at)",
        "contact": "contact_of(contact_id)",
        "phone": "phone",
        "other_phone": "mobile_phone",
        "email": "email",
        "address": "address",
        "city": "city",
        "zip_code": "zip_code",
        "name_raw": "'p' || coalesce(first_name, '') || chr(31) || coalesce(last_name, '')",
    },
    "calls": {
        "id": "call_id",
        "seen_from": "started_at",
        "phone": "caller_number",
        "name_raw": "'c' || caller_name",
        "event_id": "event_id",
        "play_id": "play_id",
    },
    "door_knocks": {
        "id": "knock_id",
        "seen_from": "knocked_at",
        "phone": "phone",
        "address": "address",
        "city": "city",
        "zip_code": "zip_code",
        "name_raw": "'r' || resident_name",
        "event_id": "event_id",
        "play_id": "play_id",
        "rep_id": "rep_id",
        "sign": "outcome",
    },
    "emails": {
        "id": "message_id",
        "seen_from": "occurred_at",
        "email": "recipient",
        "event_id": "event_id",
        "play_id": "play_id",
        "sign": "event_type",
    },
    "sms": {
        "id": "message_id",
        "seen_from": "occurred_at",
        "phone": "phone",
        "event_id": "event_id",
        "play_id": "play_id",
        "sign": "direction",
    },
    "conversions": {
        "id": "conversion_id",
        "seen_from": "occurred_at",
        "contact": "named_contact(contact_id)",
        "phone": "phone",
        "email": "email",
        "address": "address",
        "zip_code": "zip_code",
        "event_id": "event_id",
        "sign": "kind",
    },
    "seen_together": {
        "id": "left(sha256(concat_ws(chr(31), seen_at, cookie, phone, email, address)), 16)",
        "seen_from": "seen_at",
        "cookie": "cookie",
        "phone": "phone",
        "email": "email",
        "address": "address",
    },
}
KEYED = Kept(  # what rows show and mean, and whose record they are; NULL where nothing in a row is usable
    "sighting_keyed",
    dict.fromkeys(("feed", "id"), "VARCHAR")
    | {"print": "UHUGEINT"}
    | dict.fromkeys(_TIMES, "TIMESTAMP")
    | dict.fromkeys((*_TEXTS, *_READINGS, "record"), "VARCHAR")
    | dict.fromkeys(("email_head", "phone_head", "other_head"), "UBIGINT")  # of the value's SHA-256, to find it by
    | {"flawed": "BOOLEAN"},  # with a value that is not usable
    feeds=tuple(SHOWN),
)


def gather(con: Connection, *, known: bool) -> None:
    """Write `sighting` from the feeds' rows that are new, and take those that have gone out of `sighting_keyed`.

    Unless the last run's rows are `known`, all are new.
    """
    define(con)
    con.execute("CREATE OR REPLACE TEMP TABLE record_due (record VARCHAR)")
    if known:
        KEYED.drop_gone(con)
        con.execute("INSERT INTO record_due SELECT DISTINCT record FROM sighting_keyed_gone WHERE record IS NOT NULL")
    rows = " UNION ALL ".join(_select(feed, NEW_ROWS if known else ALL_ROWS) for feed in SHOWN)
    con.execute(f"CREATE OR REPLACE TEMP TABLE sighting AS {rows}")


def define(con: Connection) -> None:
    """Make known to the connection what a ZIP code, a folded text, an address's key and a contact's id are."""
    con.execute(_MACROS)


def _select(feed: str, rows: str) -> str:
    shown = {"print": "print", "feed": f"'{feed}'", **SHOWN[feed]}
    shown.setdefault("seen_to", shown["seen_from"])
    columns = ", ".join(f"{shown.get(name, 'NULL::VARCHAR')} AS {name}" for name in _COLUMNS)
    return f"SELECT {columns} FROM {rows.format(feed=feed)}"  # noqa: S608  (names are declared here)
