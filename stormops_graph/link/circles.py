"""Circles: records that are tied by phones, emails, ids and homes, whatever their names are, and what each circle
shows.

A circle is what telling households apart by everything but names would give. Of two namesakes in two circles, both of
which show an email, the two mailboxes have nothing in common. Within one household that is rare, among strangers the
rule; so it speaks against the two.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from stormops_graph.carryover import remade
from stormops_graph.tables import Connection, Table
from stormops_graph.ties import connect

CIRCLE = Table(
    "circle",  # of a record with a name: what its circle is called, if that shows a phone, and if it shows an email
    {"record": "VARCHAR", "circle_phones": "UBIGINT", "circle_emails": "UBIGINT"},
)
_RECORDS = "CREATE OR REPLACE TEMP TABLE circle_record AS SELECT record, row_number() OVER () - 1 AS n FROM record"
# By the hash of what is shown: text is dear to sort out. Who lives in a dormitory or office is no circle. Homes come
# first, see below.
_SHOWN = """
SELECT n, kind = 'phone' AS phone, kind = 'email' AS email, (hash(kind, value) >> 1) + (1::UBIGINT << 63) AS shown
FROM holding JOIN circle_record USING (record) ANTI JOIN shared_identifier USING (kind, value)
WHERE kind IN ('phone', 'email', 'contact', 'cookie')
UNION ALL
SELECT n, false, false, hash(home) >> 1
FROM record_home JOIN circle_record USING (record) ANTI JOIN link_crowd USING (home) WHERE home IS NOT NULL
"""
_CIRCLES = """
INSERT INTO circle
SELECT record, phones, emails FROM circle_drawn
JOIN (FROM circle_record SEMI JOIN (FROM link_named WHERE surname IS NOT NULL) USING (record)) USING (n)
"""
_WITHIN = "SELECT record FROM {changed}"


def draw_circles(con: Connection) -> None:
    """Read record, holding, shared_identifier, record_home, link_crowd and link_named; write `circle`. Whose circle is
    another, or shows something else, is news.
    """
    con.execute(_RECORDS)
    con.register("circle_drawn", _drawn(con))
    with remade(con, CIRCLE, _WITHIN):
        con.execute(_CIRCLES)
    con.unregister("circle_drawn")
    con.execute("DROP TABLE circle_record")


def _drawn(con: Connection) -> pa.Table:
    """The circle of each record number, called by the least home or else identifier that it shows: most of those that
    come to a circle leave its name.
    """
    size = con.execute("SELECT count(*) FROM circle_record").fetchall()[0][0]
    found = con.sql(_SHOWN).fetchnumpy()
    n, shown = found["n"].astype(np.int64), found["shown"]
    thing, things = pd.factorize(shown)
    first = np.empty(len(things), np.int64)
    first[thing[::-1]] = n[::-1]
    label = connect(size, n, first[thing])
    name = np.full(size, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(name, label[n], shown)
    drawn = {"n": pa.array(np.arange(size))}
    for kind in ("phone", "email"):
        silent = np.ones(size, bool)
        silent[label[n[found[kind]]]] = False
        drawn[f"{kind}s"] = pa.array(name[label], mask=silent[label])
    return pa.table(drawn)
