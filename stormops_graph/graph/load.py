"""Load the graph: write what differs between the stage tables and what the graph holds, and nothing else.

Invariant: merge first, sweep after. Records, identifiers, touches and their relationships are added before any
household refers to them; then each bundle of households changes in one transaction; then what is gone goes.
A load that is killed at any point is completed by the next one, and ends as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from stormops_graph.errors import StoreError
from stormops_graph.graph import bundles, shadow
from stormops_graph.graph.differences import Counts, compare, rows
from stormops_graph.graph.due import mark_all_due, mark_due
from stormops_graph.graph.edits import forget_edited
from stormops_graph.graph.kinds import Kind, NodeKind, sql
from stormops_graph.graph.nodes import HOUSEHOLD_NODES, NODES
from stormops_graph.graph.relations import HOUSEHOLD_RELATIONS, RELATIONS
from stormops_graph.graph.wanted import build
from stormops_graph.ports import Graph, Row, Step, Task
from stormops_graph.tables import Connection

HOUSEHOLD_KINDS: tuple[Kind, ...] = (*HOUSEHOLD_NODES, *HOUSEHOLD_RELATIONS)
KINDS: tuple[Kind, ...] = (*NODES, *RELATIONS, *HOUSEHOLD_KINDS)
BATCH = 10_000

_OF_CHANGE = "SELECT {keys}, properties, times, fingerprint FROM difference_{name} WHERE change = '{change}'"
_OF_BATCH = """
SELECT {keys}, properties, times, fingerprint FROM bundled_{name} WHERE batch = {batch} AND change = '{change}'
"""


@dataclass
class LoadReport:
    """What was written, by label or relationship type; empty when nothing was."""

    changes: dict[str, Counts] = field(default_factory=dict)
    read_back: bool = False  # the graph had to be read, as the workspace did not know it

    @property
    def total(self) -> int:
        """All nodes and relationships written or removed."""
        return sum(counts.total for counts in self.changes.values())

    def as_dict(self) -> dict[str, dict[str, int]]:
        """Label or type → {new, changed, gone}."""
        return {name: asdict(counts) for name, counts in self.changes.items()}

    def add(self, name: str, counts: Counts) -> None:
        """Add to a label or type what one of its kinds counts."""
        if counts.total:
            before = self.changes.setdefault(name, Counts())
            before.new += counts.new
            before.changed += counts.changed
            before.gone += counts.gone


def load(
    con: Connection, graph: Graph, run: str, at: datetime, task: Task | None = None, *, repair: bool = False
) -> LoadReport:
    """Write the differences as of `run`; raises StoreError when the graph is not what it was said to be.

    With `repair` the whole graph is read and what others edited in it is written again, journeys too.
    """
    build(con, KINDS)
    if repair:
        shadow.distrust(con)
    report = LoadReport(read_back=shadow.refresh(con, graph, KINDS))
    if repair:
        forget_edited(con, graph, KINDS)
        mark_all_due(con, graph)
    for kind in KINDS:
        report.add(kind.label.rpartition(":")[2], compare(con, kind))
    if not report.total:
        return report
    if task is not None:
        task.total(report.total)
    shadow.distrust(con)
    graph.run("write/loading", run=run, at=at)
    mark_due(con, graph)
    writer = _Writer(con, graph, run, at, task)
    loose: tuple[Kind, ...] = (*NODES, *RELATIONS)
    for kind in loose:
        writer.write(kind, "new")
        writer.write(kind, "changed")
    writer.write_bundles()
    for kind in reversed(loose):
        if kind.when_gone == "removed":
            writer.write(kind, "gone")
    shadow.take_over(con, KINDS)
    shadow.trust(con, run)
    return report


@dataclass(frozen=True)
class _Writer:
    con: Connection
    graph: Graph
    run: str
    at: datetime
    task: Task | None

    def write(self, kind: Kind, change: str) -> None:
        """Write all differences of a kind, a batch a transaction."""
        query = sql(kind, _OF_CHANGE).replace("{change}", change)
        # Rows are ordered by the end they point to, so that two batches hardly ever meet at a node; but for
        # MATCHES, whose two ends are alike.
        threads = 1 if kind.name == "matches" else 2
        batches = ([_step(kind, change, part)] for part in rows(self.con, kind, query, BATCH))
        self._send(batches, threads)

    def write_bundles(self) -> None:
        """Write the households, a batch of whole bundles a transaction."""
        # Bundles share no household, person or record, so that two at a time hardly ever meet.
        batches = bundles.cut(self.con, HOUSEHOLD_KINDS)
        self._send((self._bundle(batch) for batch in range(batches)), threads=2)

    def _bundle(self, batch: int) -> list[Step]:
        return [
            _step(kind, change, part)
            for order in (("new", "changed"), ("gone",))
            for kind in (HOUSEHOLD_KINDS if order[0] == "new" else tuple(reversed(HOUSEHOLD_KINDS)))
            for change in order
            if (change != "gone" or kind.when_gone != "kept")
            for part in rows(
                self.con, kind, sql(kind, _OF_BATCH).replace("{batch}", str(batch)).replace("{change}", change), BATCH
            )
        ]

    def _send(self, transactions: Iterator[list[Step]], threads: int) -> None:
        expected = 0

        def counted() -> Iterator[Sequence[Step]]:
            nonlocal expected
            for steps in transactions:
                expected += (size := sum(len(step.rows) for step in steps))
                yield steps
                if self.task is not None:
                    self.task.advance(size)

        written = self.graph.write_together(counted(), threads=threads, run=self.run, at=self.at)
        if written < expected:
            raise StoreError(
                f"{expected - written} of {expected} rows found no place in the graph",
                "it was changed by hand or by another program: run again, then the whole graph is compared",
            )


def _step(kind: Kind, change: str, part: list[Row]) -> Step:
    if kind.name == "household" and change != "gone":
        part = [{**row, "properties": {**row["properties"], "journeys_due": True}} for row in part]
    return Step(_statement(kind, change), part, kind.words)


def _statement(kind: Kind, change: str) -> str:
    if isinstance(kind, NodeKind):
        return f"write/node_{kind.when_gone}" if change == "gone" else "write/node"
    if kind.when_gone == "kept":
        return "write/lineage"
    return {"new": "write/relation", "changed": "write/relation_changed", "gone": "write/relation_removed"}[change]
