"""Which records can influence each other: the connected components of the evidence.

Whatever clustering follows from one record to another ties the two here: pairs, verdicts (those that part as well) and
one home. So what becomes of a component's records depends on nothing outside of it.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stormops_graph.tables import Connection
from stormops_graph.ties import connect

_TIES = """
SELECT "left", "right" FROM evidence_edge
UNION ALL SELECT "left", "right" FROM evidence_binding
UNION ALL SELECT "left", "right" FROM evidence_parted
UNION ALL SELECT n, min(n) OVER (PARTITION BY home) FROM evidence_record WHERE home IS NOT NULL
"""

# The print of a component covers all that clustering reads of it, in no order. Two hashes of 64 bits make it, each
# hashed once more: DuckDB xors the last column's hash with that of the others, and alike rows would cancel each other.
_SAID = (
    "record, given, called, surname, suffix, home, home_probability, first_seen, last_seen, flat",
    "household, person, beyond_home, named, tied",
    "level, verdict",
    "s.first_seen, s.last_seen",
)
_PRINTS = """
CREATE OR REPLACE TEMP TABLE evidence_component AS
WITH one AS MATERIALIZED (SELECT n, {record} AS print FROM evidence_record),
said AS (
    SELECT n, print, 1 AS records FROM one
    UNION ALL
    SELECT "left", {edge}, 0 FROM evidence_edge JOIN one l ON l.n = "left" JOIN one r ON r.n = "right"
    UNION ALL
    SELECT "left", {binding}, 0 FROM evidence_binding JOIN one l ON l.n = "left" JOIN one r ON r.n = "right"
    UNION ALL
    SELECT s.n, {shown}, 0 FROM evidence_shown s JOIN one l ON l.n = s.n JOIN one r ON r.n = other
)
SELECT label, bit_xor(print) AS component, sum(records) AS records
FROM said JOIN evidence_label USING (n) GROUP BY label
"""


def find_components(con: Connection) -> None:
    """Read evidence_record, evidence_edge, evidence_shown and evidence_binding; write evidence_label, record number →
    the smallest number of its component, and evidence_component, of each of these its print.
    """
    con.register("labels", connected(con, _TIES))
    con.execute("CREATE OR REPLACE TEMP TABLE evidence_label AS FROM labels")
    con.unregister("labels")
    ends = ("", *(", l.print, r.print",) * 3)
    record, edge, binding, shown = (_print(said + of) for said, of in zip(_SAID, ends, strict=True))
    con.execute(_PRINTS.format(record=record, edge=edge, binding=binding, shown=shown))


def connected(con: Connection, ties: str) -> pa.Table:
    """(n, label): of each record of the evidence the smallest number that the query `ties` (left, right) ties it to."""
    size = con.execute("SELECT count(*) FROM evidence_record").fetchall()[0][0]
    found = con.sql(ties).fetchnumpy()
    label = connect(size, found["left"].astype(np.int64), found["right"].astype(np.int64))
    return pa.table({"n": np.arange(size), "label": label})


def _print(columns: str) -> str:
    backwards = ", ".join(reversed(columns.split(", ")))
    return f"(hash(hash({columns}))::UHUGEINT << 64) | hash(hash({backwards}))"
