"""Values that were edited in the graph by hand or by another program: found, and written again if that is wanted.

Invariant: an edit leaves the fingerprint as it was, so that only the values themselves tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from stormops_graph.graph.kinds import Kind, NodeKind, sql
from stormops_graph.graph.rows import fetched, parts
from stormops_graph.ports import Graph, Row
from stormops_graph.tables import Connection

BATCH = 10_000

_WRITTEN = """
SELECT {keys}, properties, times, fingerprint FROM wanted_{name} JOIN shadow_{name} USING ({keys}, content)
"""
_FORGOTTEN = "UPDATE shadow_{name} SET fingerprint = 0, content = NULL, timed = NULL WHERE "


def edited(con: Connection, graph: Graph, kind: Kind) -> Iterator[Row]:
    """Keys of the nodes or relationships that do not hold what was written, by `wanted_` and `shadow_<kind>`."""
    statement = "read/nodes_edited" if isinstance(kind, NodeKind) else "read/relations_edited"
    for part in parts(fetched(con, sql(kind, _WRITTEN)), kind, BATCH):
        yield from graph.read(statement, kind.words, batch={"rows": part})


def forget_edited(con: Connection, graph: Graph, kinds: tuple[Kind, ...]) -> None:
    """Let the shadow say of whatever was edited that it is not as wanted, so that it is written again."""
    for kind in kinds:
        same = " AND ".join(f"{name} = ?" for name in kind.columns)
        for row in list(edited(con, graph, kind)):
            con.execute(sql(kind, _FORGOTTEN) + same, [row[name] for name in kind.columns])
