"""Load the graph: write what differs between the stage tables and what the graph holds, and nothing else.

Invariant: merge first, sweep after. Records, identifiers, touches and their relationships are added before any
household refers to them; then each bundle of households changes in one transaction; then what is gone goes.
A load that is killed at any point is completed by the next one, and ends as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from stormops_graph.errors import StoreError
from stormops_graph.graph import bundles, prints, shadow
from stormops_graph.graph.differences import compare
from stormops_graph.graph.due import mark_all_due, mark_due
from stormops_graph.graph.edits import forget_edited
from stormops_graph.graph.import_files import is_unwritten, write_files
from stormops_graph.graph.kinds import Kind, NodeKind, sql
from stormops_graph.graph.nodes import HOUSEHOLD_NODES, NODES
from stormops_graph.graph.part import concerned, in_part
from stormops_graph.graph.relations import HOUSEHOLD_RELATIONS, RELATIONS
from stormops_graph.graph.rows import fetched, maps, parts
from stormops_graph.graph.wanted import build, ensure_optional, want_all
from stormops_graph.ports import UNWATCHED, Graph, GraphImporter, Row, Step, Task
from stormops_graph.reports.run import Change
from stormops_graph.tables import Connection

HOUSEHOLD_KINDS: tuple[Kind, ...] = (*HOUSEHOLD_NODES, *HOUSEHOLD_RELATIONS)
KINDS: tuple[Kind, ...] = (*NODES, *RELATIONS, *HOUSEHOLD_KINDS)
_PART = concerned(KINDS)
_WHOLE = tuple(kind for kind in KINDS if kind not in _PART)
_OF_FEEDS = ("record", "has", "at", "candidate")  # kinds that change with the feeds alone
BATCH = 10_000

# What every written household or person has: its journeys are read anew, and it is no longer retired, if it was.
_FIXED: dict[str, Row] = {"household": {"journeys_due": True, "retired_run": None}, "person": {"retired_run": None}}
_OF_CHANGE = "SELECT {keys}, properties, times, fingerprint FROM difference_{name} WHERE change = '{change}'"


@dataclass
class LoadReport:
    """What was written, by label or relationship type; empty when nothing was."""

    changes: dict[str, Change] = field(default_factory=dict)
    read_back: bool = False  # the graph had to be read, as the workspace did not know it

    @classmethod
    def of(cls, found: Mapping[Kind, Change], read_back: bool = False) -> LoadReport:
        """What differs by kind, as a report."""
        changes: dict[str, Change] = {}
        for kind, change in found.items():
            label = kind.label.rpartition(":")[2]
            changes[label] = changes.get(label, Change()) + change
        return cls(changes, read_back)

    @property
    def total(self) -> int:
        """All nodes and relationships written or removed."""
        return sum(change.total for change in self.changes.values())


@dataclass(frozen=True)
class Manner:
    """How to load: to `repair` is to write again what others edited; an `importer` fills an empty graph if it pays."""

    repair: bool = False
    importer: GraphImporter | None = None


def load(
    con: Connection, graph: Graph, run: str, at: datetime, task: Task = UNWATCHED, manner: Manner = Manner()
) -> LoadReport:
    """Write the differences as of `run`; raises StoreError when the graph is not what it was said to be.

    LAST_MEMBERSHIP is what the graph holds, see `read_history`. To repair, the whole graph is read, and journeys are
    read again too.
    """
    if manner.repair:
        shadow.distrust(con)
    with _differing(con, graph) as (differing, read_back):
        found = _to_repair(con, graph) if manner.repair else differing
        report = LoadReport.of(found, read_back)
        if report.total:
            task.total(report.total)
            shadow.distrust(con)
            graph.run("write/loading", run=run, at=at)
            if (importer := manner.importer) and importer.pays(report.total) and is_unwritten(con, graph, KINDS):
                importer.fill(con, lambda folder: write_files(con, graph, KINDS, run, folder))
            else:
                mark_due(con, graph)
                _Writer(con, graph, run, at, task).write_all(found)
    if report.total:
        shadow.take_over(con, found)
        shadow.trust(con, run)
    if shadow.is_trusted(con):
        prints.keep(con, shadow.trusted(con))
    return report


def _to_repair(con: Connection, graph: Graph) -> dict[Kind, Change]:
    """What differs, what others edited among it; all journeys are to be read again."""
    forget_edited(con, graph, KINDS)
    mark_all_due(con, graph)
    return compare(con, KINDS)


@contextmanager
def _differing(con: Connection, graph: Graph) -> Iterator[tuple[dict[Kind, Change], bool]]:
    """Fill `difference_<kind>` of all kinds: among what can differ from the last load where that is known.

    What differs, and whether the graph had to be read.
    """
    read_back = shadow.refresh(con, graph, KINDS)
    ensure_optional(con)
    prints.print_records(con)
    want_all(con, _WHOLE)
    found = compare(con, _WHOLE)
    if not read_back and prints.find_stirred(con, shadow.trusted(con)):
        part: AbstractContextManager[None] = in_part(con, _PART)
    else:
        build(con, _PART)
        part = nullcontext()
    with part:
        found |= compare(con, _PART)
        ordered = {kind: found[kind] for kind in KINDS if kind in found}  # as they are written
        yield ordered, read_back


def load_part(con: Connection, graph: Graph, run: str, at: datetime, task: Task = UNWATCHED) -> LoadReport:
    """What `load` does where only the households of REACHED were worked out anew since; the shadow must be true."""
    kinds, before = tuple(kind for kind in _PART if kind.name not in _OF_FEEDS), shadow.trusted(con)
    shadow.distrust(con)
    prints.stir_reached(con)
    with in_part(con, kinds):
        found = compare(con, kinds)
        report = LoadReport.of(found)
        if report.total:
            task.total(report.total)
            graph.run("write/loading", run=run, at=at)
            mark_due(con, graph)
            _Writer(con, graph, run, at, task).write_all(found)
    if report.total:
        shadow.take_over(con, found)
        prints.pass_on(con, before, run)
    shadow.trust(con, run if report.total else before)
    return report


@dataclass(frozen=True)
class _Writer:
    con: Connection
    graph: Graph
    run: str
    at: datetime
    task: Task

    def write_all(self, found: Mapping[Kind, Change]) -> None:
        """Write what was found to be new and changed, then the households, then what is gone."""
        loose = [kind for kind in found if kind not in HOUSEHOLD_KINDS]
        for kind in loose:
            self.write(kind, "new", found[kind].new)
            self.write(kind, "changed", found[kind].changed)
        self.write_bundles([kind for kind in HOUSEHOLD_KINDS if kind in found])
        for kind in reversed(loose):
            if kind.when_gone == "removed":
                self.write(kind, "gone", found[kind].gone)

    def write(self, kind: Kind, change: str, rows: int) -> None:
        """Write all `rows` of a kind that differ so, a batch a transaction."""
        if not rows:
            return
        query = sql(kind, _OF_CHANGE).replace("{change}", change)
        # Rows are ordered by the end they point to, so that two batches hardly ever meet at a node; but for
        # MATCHES, whose two ends are alike.
        threads = 1 if kind.name == "matches" else 2
        words, statement = kind.words, _statement(kind, change)
        self._send(([Step(statement, part, words)] for part in parts(fetched(self.con, query), kind, BATCH)), threads)

    def write_bundles(self, kinds: Sequence[Kind]) -> None:
        """Write what differs of the households, of these kinds, a batch of whole bundles a transaction."""
        if not kinds:
            return
        # Bundles share no household, person or record, so that two at a time hardly ever meet.
        batches = bundles.cut(self.con, kinds)
        shares = [(kind, bundles.shares(self.con, kind)) for kind in kinds]
        self._send((_bundle(shares, batch) for batch in range(batches)), threads=2)

    def _send(self, transactions: Iterator[list[Step]], threads: int) -> None:
        expected = 0

        def counted() -> Iterator[Sequence[Step]]:
            nonlocal expected
            for steps in transactions:
                expected += (size := sum(len(step.rows) for step in steps))
                yield steps
                self.task.advance(size)

        written = self.graph.write_together(counted(), threads=threads, run=self.run, at=self.at)
        if written < expected:
            raise StoreError(
                f"{expected - written} of {expected} rows found no place in the graph",
                "it was changed by hand or by another program: run again, then the whole graph is compared",
            )


def _bundle(shares: Sequence[tuple[Kind, bundles.Shares]], batch: int) -> list[Step]:
    """A batch of bundles: what is new or changed of each kind in order, then what is gone in the other."""
    steps = [
        step for kind, share in shares for change in ("new", "changed") for step in _steps(kind, share, batch, change)
    ]
    gone = ((kind, share) for kind, share in reversed(shares) if kind.when_gone != "kept")
    return steps + [step for kind, share in gone for step in _steps(kind, share, batch, "gone")]


def _steps(kind: Kind, share: bundles.Shares, batch: int, change: str) -> Iterable[Step]:
    found = share.get((batch, change))
    if found is not None:
        yield Step(_statement(kind, change), maps(found, kind, _FIXED.get(kind.name)), kind.words)


def _statement(kind: Kind, change: str) -> str:
    if isinstance(kind, NodeKind):
        return f"write/node_{kind.when_gone}" if change == "gone" else "write/node"
    if kind.when_gone != "removed":
        return "write/lineage_ended" if change == "gone" else "write/lineage"
    return {"new": "write/relation", "changed": "write/relation_changed", "gone": "write/relation_removed"}[change]
