"""Whether the graph still holds what was written: edits by hand or by other programs.

Nothing is changed. Keys and fingerprints of every label and type are compared with the shadow; the values of nodes
and of household memberships with what was wanted.
"""

from __future__ import annotations

from dataclasses import dataclass

from stormops_graph.graph import edits
from stormops_graph.graph.kinds import Kind, sql
from stormops_graph.graph.load import HOUSEHOLD_KINDS, KINDS
from stormops_graph.graph.nodes import NODES
from stormops_graph.graph.shadow import is_true, read_keys
from stormops_graph.graph.wanted import build
from stormops_graph.ports import Graph
from stormops_graph.tables import Connection

_APART = """
SELECT count(*) FILTER (WHERE seen.fingerprint IS NULL), count(*) FILTER (WHERE shadow.fingerprint IS NULL),
       count(*) FILTER (WHERE seen.fingerprint <> shadow.fingerprint)
FROM seen_{name} seen FULL JOIN shadow_{name} shadow USING ({keys})
"""


@dataclass(frozen=True)
class Edits:
    """How many of a label or type are missing, extra or have other values than were written."""

    kind: str
    missing: int
    extra: int
    edited: int


def inspect(con: Connection, graph: Graph) -> list[Edits] | None:
    """What was edited since the last load; None where the workspace does not know that load.

    The stage tables are to be those of that load.
    """
    if not is_true(con, graph, KINDS):
        return None
    build(con, KINDS)
    return [found for kind in KINDS if (found := _inspect(con, graph, kind)) is not None]


def _inspect(con: Connection, graph: Graph, kind: Kind) -> Edits | None:
    read_keys(con, graph, kind, "seen")
    missing, extra, edited = con.execute(sql(kind, _APART)).fetchall()[0]
    con.execute(sql(kind, "DROP TABLE seen_{name}"))
    if kind in NODES or kind in HOUSEHOLD_KINDS:
        edited += sum(1 for _ in edits.edited(con, graph, kind))
    return Edits(kind.label, missing, extra, edited) if missing or extra or edited else None
