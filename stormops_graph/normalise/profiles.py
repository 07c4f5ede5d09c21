"""Records: each distinct set of identifying values that a feed shows, and the rows that show it.

Invariant: a record's id is a function of its feed and values (of a contact: its id; of a cookie: the cookie),
so it is the same in every run, whatever else there is. What is said of a record is a function of its rows: only records
that rows came to or went from are written anew.
"""

from __future__ import annotations

from stormops_graph.normalise.addresses import PO_BOX, UNUSABLE
from stormops_graph.normalise.sightings import SHOWN
from stormops_graph.tables import BUSINESS_LINE, Connection

UNUSABLE_PHONE = "unusable phone"
UNUSABLE_EMAIL = "unusable email"
NOTHING_USABLE = "no usable identifier"

# What the values of each row mean.
_READ = """
CREATE OR REPLACE TEMP TABLE sighting_read AS
SELECT s.*, n.given, n.surname, n.suffix, n.business,
       p.phone AS phone_value, p.reason AS phone_reason, o.phone AS other_value, o.reason AS other_reason,
       e.email AS email_value, e.reason AS email_reason, a.reason AS address_reason,
       a.street_no, a.street_name, a.street_type, a.unit, coalesce(zip_of(s.zip_code), a.zip5) AS zip5,
       coalesce(folded(s.city), a.city) AS town,
       address_key_of(a.street_no, a.street_name, a.street_type, a.unit, coalesce(zip_of(s.zip_code), a.zip5))
           AS address_key
FROM sighting AS s
LEFT JOIN name_value AS n ON n.raw = s.name_raw
LEFT JOIN phone_value AS p ON p.raw = s.phone
LEFT JOIN phone_value AS o ON o.raw = s.other_phone
LEFT JOIN email_value AS e ON e.raw = s.email
LEFT JOIN address_value AS a ON a.raw = s.address
"""
# A placeholder is part of the record's values, but identifies nobody: rows with nothing else are a record each, as what
# goes to test@test.com goes to many.
_NOBODYS = (
    "coalesce(contact, cookie, address_key, CASE WHEN phone_reason IS NULL THEN phone_value END,"
    " CASE WHEN other_reason IS NULL THEN other_value END, CASE WHEN email_reason IS NULL THEN email_value END) IS NULL"
)
_KEYED = f"""
INSERT INTO sighting_keyed BY NAME
SELECT *, CASE WHEN coalesce(contact, cookie, phone_value, other_value, email_value, address_key) IS NOT NULL THEN
       feed || ':' || left(sha256(CASE WHEN feed = 'crm_contacts' THEN contact ELSE concat_ws(chr(31),
           coalesce(contact, ''), coalesce(cookie, ''), coalesce(phone_value, ''), coalesce(other_value, ''),
           coalesce(email_value, ''), coalesce(given, ''), coalesce(surname, ''),
           coalesce(address_key, zip5, ''), CASE WHEN {_NOBODYS} THEN id END, suffix) END), 16) END AS record,
       head_of(sha256(email_value)) AS email_head, head_of(sha256(phone_value)) AS phone_head,
       head_of(sha256(other_value)) AS other_head,
       record IS NULL OR address_reason IS NOT NULL OR (phone IS NOT NULL AND phone_value IS NULL)
       OR (other_phone IS NOT NULL AND other_value IS NULL) OR (email IS NOT NULL AND email_value IS NULL) AS flawed
FROM sighting_read
"""  # noqa: S608  (fixed words)
_DUE = """
INSERT INTO record_due
SELECT DISTINCT k.record FROM sighting_keyed k SEMI JOIN sighting USING (feed, print) WHERE k.record IS NOT NULL
"""
# The rows of a record show the same values, but for the town, which is no part of it; those of a contact that is there
# as 7 and as 7.0 may differ.
_RECORDS = """
INSERT INTO record
WITH one AS (
    SELECT arg_min(row, print) AS row, min(town) AS town, min(seen_from) AS first_seen, max(seen_to) AS last_seen
    FROM sighting_due GROUP BY record)
SELECT record, feed, given, surname, suffix,
       list_sort(list_distinct([CASE WHEN phone_reason IS NULL THEN phone_value END,
                                CASE WHEN other_reason IS NULL THEN other_value END])),
       list_distinct([CASE WHEN email_reason IS NULL THEN email_value END]),
       address_key, street_no, street_name, street_type, unit, zip5, one.town,
       NULL, [], NULL, NULL, NULL, first_seen, last_seen
FROM sighting_due JOIN one USING (row)
"""
_SOURCE_ROWS = """
INSERT INTO source_row SELECT DISTINCT feed, id, record FROM sighting_due
"""
_SAID = """
CREATE OR REPLACE TEMP TABLE identifier_said AS
SELECT record, kind, value, reason, seen_from, seen_to FROM (
    SELECT record, 'phone' AS kind, phone_value AS value, phone_reason AS reason, seen_from, seen_to FROM sighting_due
    UNION ALL SELECT record, 'phone', other_value, other_reason, seen_from, seen_to FROM sighting_due
    WHERE other_value IS DISTINCT FROM phone_value
    UNION ALL SELECT record, 'email', email_value, email_reason, seen_from, seen_to FROM sighting_due
    UNION ALL SELECT record, 'address', address_key, NULL, seen_from, seen_to FROM sighting_due
    UNION ALL SELECT record, 'contact', contact, NULL, seen_from, seen_to FROM sighting_due
    UNION ALL SELECT record, 'cookie', cookie, NULL, seen_from, seen_to FROM sighting_due
) WHERE value IS NOT NULL
"""
_HOLDINGS = """
INSERT INTO holding
SELECT record, kind, value, 'row', min(seen_from), max(seen_to), count(*)
FROM identifier_said WHERE reason IS NULL GROUP BY record, kind, value
"""
_PLACEHOLDERS = """
INSERT INTO placeholder
SELECT DISTINCT record, kind, value, reason FROM identifier_said WHERE reason IS NOT NULL ORDER BY ALL
"""
# A carrier names a line by its subscriber: where it names people as well, or one business today and another tomorrow,
# the business is its mistake.
_BUSINESS_LINES = """
INSERT INTO business_line
SELECT phone_value FROM (FROM sighting_keyed WHERE feed = 'calls')
SEMI JOIN (FROM sighting_keyed WHERE business IS NOT NULL) USING (phone_value)
GROUP BY phone_value HAVING count(DISTINCT business) = 1 AND 2 * count(business) > count(*)
ORDER BY 1
"""
# Rows with an unusable value; in the feeds they are few.
_FLAWED = (
    "CREATE OR REPLACE TEMP TABLE sighting_unusable AS FROM sighting_keyed WHERE flawed",
    """
CREATE OR REPLACE TEMP TABLE sighting_flawed AS
FROM sighting_unusable JOIN ({places}) USING (feed, print)
""",
)
_PLACED = """
SELECT '{feed}' AS feed, print, file, line
FROM place_{feed} SEMI JOIN (FROM sighting_unusable WHERE feed = '{feed}') USING (print)
"""
# A row that is left without any identifier is set aside; of other rows the unusable value alone is noted.
_SET_ASIDE = """
INSERT INTO quarantine
SELECT feed, file, line, NULL, $reason,
       to_json(struct_pack(id, contact, phone, other_phone, email, address, city, zip_code, name_raw)), false
FROM sighting_flawed WHERE record IS NULL ORDER BY feed, file, line
"""
_NOTED = """
INSERT INTO quarantine
SELECT feed, file, line, field, reason, to_json(struct_pack(id := id, value := value)), true FROM (
    SELECT *, 'phone' AS field, $phone AS reason, phone AS value
    FROM sighting_flawed WHERE phone IS NOT NULL AND phone_value IS NULL
    UNION ALL SELECT *, 'mobile_phone', $phone, other_phone
    FROM sighting_flawed WHERE other_phone IS NOT NULL AND other_value IS NULL
    UNION ALL SELECT *, 'email', $email, email FROM sighting_flawed WHERE email IS NOT NULL AND email_value IS NULL
    UNION ALL SELECT *, 'address', address_reason, address FROM sighting_flawed WHERE address_reason IS NOT NULL
) WHERE record IS NOT NULL ORDER BY feed, file, line, field
"""


def key_sightings(con: Connection) -> None:
    """Add `sighting` to `sighting_keyed`; whose rows these are, is due."""
    for step in (_READ, _KEYED, _DUE):
        con.execute(step)


def write_profiles(con: Connection) -> None:
    """Write what due records are and hold, but for cookies; note the unusable, and fill business_line."""
    forget_notes(con)
    for step in (_RECORDS, _SOURCE_ROWS, _SAID, _HOLDINGS, _PLACEHOLDERS):
        con.execute(step)
    BUSINESS_LINE.create(con)
    con.execute(_BUSINESS_LINES)
    places = " UNION ALL ".join(_PLACED.format(feed=feed) for feed in SHOWN)
    for step in _FLAWED:
        con.execute(step.replace("{places}", places))
    con.execute(_SET_ASIDE, {"reason": NOTHING_USABLE})
    con.execute(_NOTED, {"phone": UNUSABLE_PHONE, "email": UNUSABLE_EMAIL})


def forget_notes(con: Connection) -> None:
    """Take earlier notes of this stage out of the quarantine, so that it can be run again."""
    notes = [UNUSABLE_PHONE, UNUSABLE_EMAIL, UNUSABLE, PO_BOX, NOTHING_USABLE]
    con.execute("DELETE FROM quarantine WHERE list_contains(?, reason)", [notes])
