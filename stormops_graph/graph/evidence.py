"""Which evidence the graph shows of all pairs: what holds a household together, and the strongest besides.

Invariant: the shown pairs of a household connect all of its records that any pairs connect (a maximum spanning
forest by weight); every record shows at most three more of its own choice. The rest stays in the workspace.
"""

from __future__ import annotations

import pyarrow as pa

from stormops_graph.graph.forest import spanning
from stormops_graph.tables import Connection

OTHERS = 3

# Keys and weights alone are compared and sorted; what a pair says is looked up where it is shown.
_STRONGEST = """
CREATE OR REPLACE TEMP TABLE strongest_evidence AS
WITH home AS (SELECT record, min(household) AS household FROM membership GROUP BY record),
number AS (SELECT record, row_number() OVER (ORDER BY record) - 1 AS number FROM record),
strongest AS (SELECT left_id, right_id, max(weight) AS weight FROM pair GROUP BY left_id, right_id)
SELECT left_id, right_id, l.number AS left_number, r.number AS right_number,
       coalesce(lh.household = rh.household, false) AS together,
       row_number() OVER (ORDER BY weight DESC, l.number, r.number) AS rank
FROM strongest JOIN number l ON l.record = left_id JOIN number r ON r.record = right_id
LEFT JOIN home lh ON lh.record = left_id LEFT JOIN home rh ON rh.record = right_id
"""
_TOGETHER = "SELECT left_number, right_number, rank FROM strongest_evidence WHERE together ORDER BY rank"
_SHOWN = """
CREATE OR REPLACE TEMP TABLE shown_evidence AS
WITH other AS (
    SELECT unnest([left_number, right_number]) AS record, rank
    FROM strongest_evidence ANTI JOIN spanning_rank USING (rank)
), chosen AS (
    SELECT rank FROM other QUALIFY row_number() OVER (PARTITION BY record ORDER BY rank) <= $others
)
SELECT left_id, right_id, level, probability, weight, evidence, model, spanning_rank.rank IS NOT NULL AS spans
FROM strongest_evidence LEFT JOIN spanning_rank USING (rank) JOIN pair USING (left_id, right_id)
WHERE rank IN (FROM chosen) OR spanning_rank.rank IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY rank ORDER BY weight DESC, level, model, evidence) = 1
"""


def choose_evidence(con: Connection) -> None:
    """Fill `shown_evidence` from PAIR and MEMBERSHIP."""
    con.execute(_STRONGEST)
    pairs = con.execute(_TOGETHER).fetchnumpy()
    kept = pairs["rank"][spanning(pairs["left_number"], pairs["right_number"])]
    con.register("spanning_rank", pa.table({"rank": pa.array(kept, pa.int64())}))
    con.execute(_SHOWN, {"others": OTHERS})
    con.unregister("spanning_rank")
