"""What the graph remembers: the last membership, every id ever given and which were merged, since when what is shared,
the namespace.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from stormops_graph.errors import StoreError
from stormops_graph.graph import shadow
from stormops_graph.graph.load import KINDS
from stormops_graph.ports import Graph
from stormops_graph.tables import LAST_MEMBERSHIP, MERGED_ID, SHARED_IDENTIFIER, SHARED_SINCE, Connection

_LAST_MEMBERSHIP = """
INSERT INTO last_membership
SELECT r.start_key, r.end_key, m.end_key
FROM shadow_resolves_to_person r JOIN shadow_member_of m ON m.start_key = r.end_key
UNION ALL SELECT start_key, NULL, end_key FROM shadow_resolves_to_household
ORDER BY ALL
"""
_MERGED = """
INSERT INTO merged_id
SELECT 'household', start_key FROM shadow_household_merged_into
UNION ALL SELECT 'person', start_key FROM shadow_person_merged_into
ORDER BY ALL
"""
_NEWLY_SHARED = """
INSERT INTO shared_since
SELECT DISTINCT kind, value, $at::TIMESTAMP FROM shared_identifier ANTI JOIN shared_since USING (kind, value)
ORDER BY ALL
"""


def read_history(con: Connection, graph: Graph) -> bool:
    """Fill LAST_MEMBERSHIP, USED_ID and MERGED_ID, from the shadow where it is true; whether it had to be read back."""
    read_back = shadow.refresh(con, graph, KINDS)
    LAST_MEMBERSHIP.create(con)
    con.execute(_LAST_MEMBERSHIP)
    MERGED_ID.create(con)
    con.execute(_MERGED)
    return read_back


def date_shared(con: Connection, graph: Graph, at: datetime) -> None:
    """Fill SHARED_SINCE: what the graph holds as shared keeps its date, and what is shared from now on gets `at`."""
    SHARED_IDENTIFIER.ensure(con)
    SHARED_SINCE.create(con)
    known = graph.read("read/shared_identifiers", keys=[])
    SHARED_SINCE.append(con, ((row["kind"], row["value"], row["since"] or at) for row in known))
    con.execute(_NEWLY_SHARED, {"at": at})


def namespace(graph: Graph) -> UUID:
    """The namespace of this graph's ids; raises StoreError before the first migration."""
    for row in graph.read("read/namespace"):
        return UUID(row["namespace"])
    raise StoreError("the graph has no namespace for its ids", "migrate it first: stormops-graph resolve does")
