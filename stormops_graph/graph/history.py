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
from stormops_graph.tables import ENDED_ID, LAST_MEMBERSHIP, SHARED_IDENTIFIER, SHARED_SINCE, USED_ID, Connection

_LAST_MEMBERSHIP = """
INSERT INTO last_membership
SELECT r.start_key, r.end_key, m.end_key
FROM shadow_resolves_to_person r JOIN shadow_member_of m ON m.start_key = r.end_key
UNION ALL SELECT start_key, NULL, end_key FROM shadow_resolves_to_household
ORDER BY ALL
"""
_ENDED = """
INSERT INTO ended_id
SELECT level, id, id IN (SELECT start_key FROM shadow_{level}_merged_into)
FROM (FROM {used} WHERE level = '{level}') ANTI JOIN shadow_{level} ON key = id
ORDER BY ALL
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


def note_ended(con: Connection, used: str = USED_ID.name) -> None:
    """Fill ENDED_ID from the shadow, which must be true, with those of `used`, or of these rows of it."""
    ENDED_ID.create(con)
    for level in ("household", "person"):
        con.execute(_ENDED.format(used=used, level=level))


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
