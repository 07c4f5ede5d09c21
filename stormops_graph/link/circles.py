"""Circles: the records that phones, emails, ids and homes tie, whatever they are called; and what each circle shows.

Where a namesake's circle shows an email, and so does the record's own, these two mailboxes would have to be of one
household: else they would be one circle. That is seldom so of one household, and nearly always of strangers.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stormops_graph.carryover import told
from stormops_graph.tables import Connection, Table
from stormops_graph.ties import connect

CIRCLE = Table(
    "circle",  # the name of a record's circle, if that shows a phone, and if it shows an email
    {"record": "VARCHAR", "circle_phones": "UBIGINT", "circle_emails": "UBIGINT"},
)
_RECORDS = """
CREATE OR REPLACE TEMP TABLE circle_record AS
SELECT record, hash(record) AS name, row_number() OVER () - 1 AS n FROM record
"""
# By the hash of what is shown: text is dear to sort out. Who lives in a dormitory or office is no circle.
_SHOWN = """
SELECT n, kind = 'phone' AS phone, kind = 'email' AS email, hash(kind, value) AS shown
FROM holding JOIN circle_record USING (record) ANTI JOIN shared_identifier USING (kind, value)
WHERE kind IN ('phone', 'email', 'contact', 'cookie')
UNION ALL
SELECT n, false, false, hash('home', home)
FROM record_home JOIN circle_record USING (record) ANTI JOIN link_crowd USING (home) WHERE home IS NOT NULL
"""
_CIRCLES = "INSERT INTO circle SELECT record, phones, emails FROM circle_record JOIN circle_drawn USING (n)"
_WITHIN = "SELECT record FROM {changed}"


def draw_circles(con: Connection) -> None:
    """Read record, holding, shared_identifier, record_home and link_crowd; write `circle`. Whose circle is another, or
    shows something else, is news.
    """
    CIRCLE.ensure(con)
    con.execute(_RECORDS)
    con.register("circle_drawn", _drawn(con))
    with told(con, CIRCLE.name, "*", _WITHIN):
        CIRCLE.create(con)
        con.execute(_CIRCLES)
    con.unregister("circle_drawn")
    con.execute("DROP TABLE circle_record")


def _drawn(con: Connection) -> pa.Table:
    """The circle of each record number, named by the least hash of its records, as no order of rows shows in that."""
    names = con.sql("SELECT name FROM circle_record ORDER BY n").fetchnumpy()["name"]
    shown = con.sql(_SHOWN).fetchnumpy()
    n = shown["n"].astype(np.int64)
    _, first, thing = np.unique(shown["shown"], return_index=True, return_inverse=True)
    label = connect(len(names), n, n[first][thing])
    circle = names.copy()
    np.minimum.at(circle, label, names)
    drawn = {"n": pa.array(np.arange(len(names)))}
    for kind in ("phone", "email"):
        silent = np.ones(len(names), bool)
        silent[label[n[shown[kind]]]] = False
        drawn[f"{kind}s"] = pa.array(circle[label], mask=silent[label])
    return pa.table(drawn)
