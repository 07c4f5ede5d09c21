"""The desk: where verdicts become entries of the ledger, each at once, and are taken back.

Invariant: the stores are held while entries are made and no longer. What a steward decided by a run that has been
replaced since is refused, as he may have seen other records than there are now; and so is what would replace another
steward's verdict that he has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stormops_graph import runs
from stormops_graph.errors import KeptElsewhere, NotFound, Outdated, StormopsError
from stormops_graph.ledger.claims import Claim
from stormops_graph.ledger.decisions import Decision
from stormops_graph.ports import Progress
from stormops_graph.project import Project
from stormops_graph.review.effects import Moved, moved
from stormops_graph.review.snapshot import Snapshot
from stormops_graph.stewardship.ledger import Ledger, open_ledger
from stormops_graph.stores import open_graph


@dataclass(frozen=True)
class Undo:
    """Take back the verdict with this id, or the last one of the sitting where it is None."""

    by: str
    decision: str | None = None


@dataclass(frozen=True)
class Redo:
    """Take back the last undoing."""

    by: str


Order = Claim | Undo | Redo


@dataclass(frozen=True)
class Outcome:
    """What came of an order: the decision that was made, or the error that kept it from being made.

    Both where it was made, and could not be written everywhere.
    """

    order: Order
    decision: Decision | None = None
    error: StormopsError | None = None


class Desk:
    """One steward's sitting over the cases of one run; not for two threads at once."""

    def __init__(self, project: Project, environ: Mapping[str, str], progress: Progress, snapshot: Snapshot) -> None:
        self._project, self._environ, self._progress, self._run = project, environ, progress, snapshot.run
        self._seen = {verdict.decision.id for verdict in snapshot.verdicts}
        self._done: list[Decision] = []
        self._undone: list[Decision] = []

    def carry_out(self, orders: Sequence[Order]) -> list[Outcome]:
        """Make the entries in order, in one opening of the ledger; each succeeds or fails by itself."""
        outcomes: list[Outcome] = []
        try:
            with open_ledger(self._project, self._environ, self._progress) as ledger:
                if ledger.run != self._run:
                    raise Outdated("a newer run has replaced what is shown", "read it: press n")
                for order in orders:
                    outcomes.append(self._carry_out(ledger, order))
        except StormopsError as error:
            outcomes += [Outcome(order, error=error) for order in orders[len(outcomes) :]]
        return outcomes

    def moved(self, records: Sequence[str]) -> Moved:
        """The journeys and credit that would move with these records, as the graph has them now."""
        with open_graph(self._project, self._environ) as graph:
            return moved(graph, records)

    def newer_run(self) -> bool:
        """Whether another resolve has completed since."""
        with open_graph(self._project, self._environ) as graph:
            return runs.last_complete(graph, "resolve") != self._run

    def _carry_out(self, ledger: Ledger, order: Order) -> Outcome:
        elsewhere: StormopsError | None = None
        try:
            made = self._made(ledger, order)
        except KeptElsewhere as error:
            made, elsewhere = ledger.last, error
        except StormopsError as error:
            return Outcome(order, error=error)
        self._remember(order, made)
        return Outcome(order, made, elsewhere)

    def _made(self, ledger: Ledger, order: Order) -> Decision:
        if isinstance(order, Redo):
            if not self._undone:
                raise NotFound("nothing was undone", "Z takes back an undoing")
            return ledger.undo([self._undone[-1].id], order.by)[0]
        if isinstance(order, Undo):
            if not self._done and order.decision is None:
                raise NotFound("nothing was decided in this sitting", "h lists all verdicts; any can be undone there")
            return ledger.undo([order.decision or self._done[-1].id], order.by)[0]
        return ledger.decide(order, self._seen)

    def _remember(self, order: Order, made: Decision) -> None:
        """Let Undo and Redo know what there is to take back, and what this steward has seen."""
        self._seen.add(made.id)
        if isinstance(order, Undo):
            self._done = [one for one in self._done if one.pair != made.pair or one.id != made.supersedes]
            self._undone.append(made)
            return
        self._done.append(made)
        if isinstance(order, Redo):
            self._undone.pop()
        else:
            self._undone.clear()
