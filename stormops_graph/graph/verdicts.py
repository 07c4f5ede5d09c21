"""The stewards' verdicts in the graph: read for clustering, and written at once when they are given.

Verdicts are written between runs too, so what the shadow knows of them is read from the graph each time: they are few.
"""

from __future__ import annotations

from stormops_graph.graph.differences import compare
from stormops_graph.graph.kinds import sql
from stormops_graph.graph.nodes import VERDICT
from stormops_graph.graph.relations import ABOUT
from stormops_graph.graph.rows import fetched, parts
from stormops_graph.graph.shadow import read_keys
from stormops_graph.graph.wanted import want
from stormops_graph.ports import Graph, Step
from stormops_graph.tables import DECISION, HOLDING, RECORD, SHARED_IDENTIFIER, Connection

KINDS = (VERDICT, *ABOUT)
RUN = "ledger"  # what changed a verdict's node, as it is no run
_NEW = "SELECT {keys}, properties, times, fingerprint FROM difference_{name} WHERE change = 'new'"
_COUNT = "SELECT count(*) AS rows FROM difference_{name} WHERE change = 'new'"
_KEPT = (
    "INSERT INTO shadow_{name} SELECT {keys}, fingerprint, content, timed FROM difference_{name} WHERE change = 'new'"
)


def read_decisions(con: Connection, graph: Graph) -> int:
    """Fill DECISION with the verdicts that the graph holds; their number."""
    read_kept(con, graph)
    DECISION.create(con)
    return DECISION.append(con, (tuple(row.values()) for row in graph.read("read/decisions")))


def write_decisions(con: Connection, graph: Graph) -> int:
    """Write the verdicts of DECISION that the graph lacks, in one transaction; how many nodes and relationships.

    Then the shadow is behind: `note_written`.
    """
    for table in (RECORD, HOLDING, SHARED_IDENTIFIER):
        table.ensure(con)
    steps = []
    want(con, KINDS)
    for kind in compare(con, KINDS):
        new = fetched(con, sql(kind, _NEW))
        statement = "write/node" if kind is VERDICT else "write/relation"
        steps += [Step(statement, part, kind.words) for part in parts(new, kind, 10_000)]
    return graph.write_together([steps], run=RUN) if steps else 0


def note_written(con: Connection, graph: Graph, written: int) -> None:
    """Let the shadow have what `write_decisions` has just written: not all of it where the graph lacks a record."""
    new = " UNION ALL ".join(sql(kind, _COUNT) for kind in KINDS)
    if con.execute(f"SELECT sum(rows) FROM ({new})").fetchall() != [(written,)]:  # noqa: S608  (constants)
        read_kept(con, graph)
        return
    for kind in KINDS:
        con.execute(sql(kind, _KEPT))


def read_kept(con: Connection, graph: Graph) -> None:
    """Let the shadow say which verdicts the graph holds."""
    for kind in KINDS:
        read_keys(con, graph, kind, "shadow")
