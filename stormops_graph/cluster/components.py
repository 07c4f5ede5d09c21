"""Which records can influence each other: the connected components of the evidence.

Whatever clustering follows from one record to another ties the two here: pairs, verdicts (those that part as well) and
one home. So what becomes of a component's records depends on nothing outside of it.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stormops_graph.tables import Connection

Numbers = NDArray[np.int64]

_TIES = """
SELECT "left", "right" FROM evidence_edge
UNION ALL SELECT "left", "right" FROM evidence_binding
UNION ALL SELECT n, min(n) OVER (PARTITION BY home) FROM evidence_record WHERE home IS NOT NULL
"""

# The print of a component covers all that clustering reads of it, in no order.
_PRINTS = """
CREATE OR REPLACE TEMP TABLE evidence_component AS
WITH said AS (
    SELECT n, md5_number(concat_ws(chr(31), record, coalesce(given, chr(30)), coalesce(surname, chr(30)),
        coalesce(home, chr(30)), home_probability, coalesce(epoch_us(first_seen), 0), coalesce(epoch_us(last_seen), 0)))
        AS print
    FROM evidence_record
    UNION ALL
    SELECT e."left", md5_number(concat_ws(chr(31), l.record, r.record, household, person, beyond_home, named, tied))
    FROM evidence_edge e JOIN evidence_record l ON l.n = e."left" JOIN evidence_record r ON r.n = e."right"
    UNION ALL
    SELECT b."left", md5_number(concat_ws(chr(31), level, verdict, l.record, r.record))
    FROM evidence_binding b JOIN evidence_record l ON l.n = b."left" JOIN evidence_record r ON r.n = b."right"
)
SELECT label, bit_xor(print) AS component, count(DISTINCT n) AS records
FROM said JOIN evidence_label USING (n) GROUP BY label
"""


def find_components(con: Connection) -> None:
    """Read evidence_record, evidence_edge and evidence_binding; write evidence_label, record number → the smallest
    number of its component, and evidence_component, of each of these its print.
    """
    size = con.execute("SELECT count(*) FROM evidence_record").fetchall()[0][0]
    ties = con.sql(_TIES).fetchnumpy()
    labels = connect(size, ties["left"].astype(np.int64), ties["right"].astype(np.int64))
    con.register("labels", pa.table({"n": np.arange(size), "label": labels}))
    con.execute("CREATE OR REPLACE TEMP TABLE evidence_label AS FROM labels")
    con.unregister("labels")
    con.execute(_PRINTS)


def connect(size: int, left: Numbers, right: Numbers) -> Numbers:
    """Of each number below `size`, the smallest that it is tied to, directly or through others."""
    label = np.arange(size, dtype=np.int64)
    while left.size:
        smaller = np.minimum(label[left], label[right])
        np.minimum.at(label, label[left], smaller)
        np.minimum.at(label, label[right], smaller)
        while not np.array_equal(label, further := label[label]):
            label = further
        apart = label[left] != label[right]
        left, right = left[apart], right[apart]
    return label
