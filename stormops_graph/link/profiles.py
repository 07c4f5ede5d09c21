"""The table that Splink compares: one row a record, with only those identifiers that may link.

Shared identifiers and placeholders are left out; what a cookie shows by a form's hash or a clicked email counts
as held. A home with more records than a family leaves is not used to form candidate pairs.
"""

from __future__ import annotations

import pyarrow as pa

from stormops_graph.tables import Connection

CROWD = 80  # records at one home above which pairs come from the other blocks only (dormitories, offices)

_HELD = """
CREATE OR REPLACE TEMP TABLE link_held AS
SELECT h.record, h.kind, list_sort(list(DISTINCT h.value)) AS values
FROM holding h ANTI JOIN shared_identifier s ON h.kind = s.kind AND h.value = s.value
WHERE h.kind IN ('phone', 'email') GROUP BY h.record, h.kind
"""

_PROFILE = """
CREATE OR REPLACE TABLE profile AS
WITH crowd AS (SELECT home FROM record_home GROUP BY home HAVING count(*) > $crowd)
SELECT r.record AS unique_id, r.feed, r.given, r.surname,
       coalesce(n.root, r.given) AS given_root, left(r.given, 1) AS given_initial,
       p.values AS phones, e.values AS emails,
       CASE WHEN c.home IS NULL THEN a.home END AS home,
       r.street_no, r.street_name, r.unit, r.zip5, r.first_seen, r.last_seen
FROM record r
LEFT JOIN nickname n ON n.form = r.given
LEFT JOIN record_home a ON a.record = r.record
LEFT JOIN crowd c ON c.home = a.home
LEFT JOIN link_held p ON p.record = r.record AND p.kind = 'phone'
LEFT JOIN link_held e ON e.record = r.record AND e.kind = 'email'
WHERE p.values IS NOT NULL OR e.values IS NOT NULL OR a.home IS NOT NULL OR r.surname IS NOT NULL
ORDER BY r.record
"""


def make_profiles(con: Connection, nicknames: dict[str, str]) -> int:
    """Write `profile`; returns its rows."""
    forms = pa.table({"form": list(nicknames), "root": list(nicknames.values())})
    con.register("nickname", forms)
    con.execute(_HELD)
    con.execute(_PROFILE, {"crowd": CROWD})
    con.unregister("nickname")
    return int(con.execute("SELECT count(*) FROM profile").fetchall()[0][0])
