"""Whom changed verdicts concern: the records that clustering follows to from them, as it is and as it was.

Invariant: nothing ties the other records to these, neither evidence, home nor verdict, and no id goes from the ones to
the others; so what clustering makes of these alone is what it would make of them among all.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from stormops_graph.cluster.news import PLACES
from stormops_graph.tables import BINDING, LAST_MEMBERSHIP, REACHED, Connection

_TIES = """
CREATE OR REPLACE TEMP TABLE tie AS
SELECT left_id, right_id FROM pair_kind WHERE household_probability >= $edge_at_least
UNION ALL SELECT left_id, right_id FROM bound
"""
_HOMES = f"CREATE OR REPLACE TEMP TABLE placed_record AS {PLACES}"
_WIDER = """
INSERT INTO reached
WITH known AS (SELECT person, household FROM last_membership SEMI JOIN reached USING (record))
FROM (
    SELECT right_id AS record FROM tie WHERE left_id IN (FROM reached)
    UNION SELECT left_id FROM tie WHERE right_id IN (FROM reached)
    UNION SELECT record FROM placed_record SEMI JOIN (FROM placed_record SEMI JOIN reached USING (record)) USING (home)
    UNION SELECT record FROM last_membership WHERE household IN (SELECT household FROM known)
    UNION SELECT record FROM last_membership WHERE person IN (SELECT person FROM known)
) ANTI JOIN reached USING (record)
"""


def find_reach(
    con: Connection, bound: Sequence[tuple[str, str, str, str]], edge_at_least: float, cookie_at_least: float
) -> int:
    """Fill REACHED: whom it concerns that verdicts bind as in `bound` (rows of BINDING) instead of as in BINDING.

    LAST_MEMBERSHIP is what clustering made of the latter. How many records that are.
    """
    for table in (BINDING, LAST_MEMBERSHIP):
        table.ensure(con)
    before = set(con.table(BINDING.name).fetchall())
    REACHED.create(con)
    REACHED.append(con, ((record,) for record in sorted({end for row in before ^ set(bound) for end in row[2:4]})))
    con.register("bound", _ends(bound))
    con.execute(_TIES, {"edge_at_least": edge_at_least})
    con.unregister("bound")
    con.execute(_HOMES, {"cookie_at_least": cookie_at_least})
    size = -1
    while size != (wider := REACHED.check(con)):
        size = wider
        con.execute(_WIDER)
    return size


def _ends(bound: Sequence[tuple[str, str, str, str]]) -> pa.Table:
    ends = {"left_id": [row[1] for row in bound], "right_id": [row[2] for row in bound]}
    return pa.table(ends, schema=pa.schema(dict.fromkeys(ends, pa.string())))
