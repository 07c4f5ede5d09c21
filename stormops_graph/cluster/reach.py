"""Whom changed verdicts concern: the components of the last run's evidence that the verdicts' records are in.

Invariant: nothing ties the other records to these, neither evidence, home nor verdict, and no id goes from the ones to
the others; so what clustering makes of these alone is what it would make of them among all.
"""

from __future__ import annotations

from collections.abc import Sequence

from stormops_graph.cluster.settlement import SETTLED_MEMBER
from stormops_graph.tables import BINDING, LAST_MEMBERSHIP, REACHED, Connection

# What is tied by a verdict is one component as well, so that one that goes leaves nobody out. One that comes ties only
# records that are told of.
_REACHED = """
INSERT INTO reached
WITH told AS (SELECT unnest($told::VARCHAR[]) AS record),
component AS (SELECT DISTINCT component FROM settled_member SEMI JOIN told USING (record))
FROM told UNION SELECT record FROM settled_member SEMI JOIN component USING (component)
"""
_HELD = """
INSERT INTO last_membership
SELECT DISTINCT record, person, household FROM membership SEMI JOIN reached USING (record)
"""


def find_reach(con: Connection, bound: Sequence[tuple[str, str, str, str]]) -> int:
    """Fill REACHED: whom it concerns that verdicts bind as in `bound` (rows of BINDING) instead of as in BINDING.

    MEMBERSHIP is what clustering made of the latter; LAST_MEMBERSHIP is filled with what it says of them. How many
    records that are.
    """
    for table in (BINDING, SETTLED_MEMBER):
        table.ensure(con)
    for table in (REACHED, LAST_MEMBERSHIP):
        table.create(con)
    before = set(con.table(BINDING.name).fetchall())
    con.execute(_REACHED, {"told": sorted({end for row in before ^ set(bound) for end in row[1:3]})})
    con.execute(_HELD)
    return REACHED.check(con)
