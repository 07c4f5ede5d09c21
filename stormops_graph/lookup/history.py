"""What became of a household: the runs that made, changed and ended it, its merges and splits, the verdicts on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from stormops_graph.ledger.decisions import end_shown
from stormops_graph.ports import Graph

BETWEEN = " · "  # between the two that a verdict is about


@dataclass(frozen=True)
class Event:
    """Something that happened to a household: in a run, or by a steward's verdict.

    what: made, changed, ended; merged into, lives again (apart from it), took in, split from, gave up (of `other`, a
    household's id); same, different, unsure (of `other`, two records or identifiers).
    """

    at: datetime | None
    run: str | None
    what: str
    other: str | None
    by: str | None
    reason: str | None

    def masked(self) -> Event:
        """The event without what may give somebody away."""
        other = self.other and BETWEEN.join(map(end_shown, self.other.split(BETWEEN)))
        return replace(self, other=other, reason=None)


def history(graph: Graph, household_id: str) -> list[Event]:
    """The events of a household, the oldest first, be it ended or not."""
    return [Event(**row) for row in graph.read("read/household_history", household_id=household_id)]
