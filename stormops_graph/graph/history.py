"""What the graph remembers: the last membership, every id ever given and which ended, since when what is shared, the
namespace.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from stormops_graph.errors import StoreError
from stormops_graph.graph import shadow
from stormops_graph.graph.load import KINDS
from stormops_graph.ports import Graph
from stormops_graph.tables import ENDED_ID, LAST_MEMBERSHIP, SHARED_IDENTIFIER, SHARED_SINCE, Connection

_LAST_MEMBERSHIP = """
INSERT INTO last_membership
SELECT r.start_key, r.end_key, m.end_key
FROM shadow_resolves_to_person r JOIN shadow_member_of m ON m.start_key = r.end_key
UNION ALL SELECT start_key, NULL, end_key FROM shadow_resolves_to_household
ORDER BY ALL
"""
_ENDED = """
INSERT INTO ended_id
WITH living AS (
    SELECT 'household' AS level, key AS id FROM shadow_household UNION ALL SELECT 'person', key FROM shadow_person
), merged AS (
    SELECT start_key AS id FROM shadow_household_merged_into UNION SELECT start_key FROM shadow_person_merged_into
)
SELECT level, id, id IN (FROM merged) FROM used_id ANTI JOIN living USING (level, id) ORDER BY ALL
"""
_NEWLY_SHARED = """
INSERT INTO shared_since
SELECT DISTINCT kind, value, $at::TIMESTAMP FROM shared_identifier ANTI JOIN shared_since USING (kind, value)
ORDER BY ALL
"""


def read_history(con: Connection, graph: Graph) -> bool:
    """Fill LAST_MEMBERSHIP, USED_ID and ENDED_ID, from the shadow where it is true; whether it had to be read back."""
    read_back = shadow.refresh(con, graph, KINDS)
    LAST_MEMBERSHIP.create(con)
    con.execute(_LAST_MEMBERSHIP)
    note_ended(con)
    return read_back


def note_ended(con: Connection) -> None:
    """Fill ENDED_ID from the shadow, which must be true."""
    ENDED_ID.create(con)
    con.execute(_ENDED)


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
