"""What the graph remembers: the last membership, every id ever given, the namespace of the ids."""

from __future__ import annotations

from uuid import UUID

from stormops_graph.errors import StoreError
from stormops_graph.graph import shadow
from stormops_graph.graph.load import KINDS
from stormops_graph.ports import Graph
from stormops_graph.tables import LAST_MEMBERSHIP, Connection

_LAST_MEMBERSHIP = """
INSERT INTO last_membership
SELECT r.start_key, r.end_key, m.end_key
FROM shadow_resolves_to_person r JOIN shadow_member_of m ON m.start_key = r.end_key
UNION ALL SELECT start_key, NULL, end_key FROM shadow_resolves_to_household
ORDER BY ALL
"""


def read_history(con: Connection, graph: Graph) -> bool:
    """Fill LAST_MEMBERSHIP and USED_ID, from the shadow where it is true; whether the graph had to be read."""
    read_back = shadow.refresh(con, graph, KINDS)
    LAST_MEMBERSHIP.create(con)
    con.execute(_LAST_MEMBERSHIP)
    return read_back


def namespace(graph: Graph) -> UUID:
    """The namespace of this graph's ids; raises StoreError before the first migration."""
    for row in graph.read("read/namespace"):
        return UUID(row["namespace"])
    raise StoreError("the graph has no namespace for its ids", "migrate it first: stormops-graph resolve does")
