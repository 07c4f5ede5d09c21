"""How far a review has come, and whether going on pays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from stormops_graph.review.queue import Question
from stormops_graph.review.snapshot import Snapshot

AHEAD = 20  # cases by which it is said whether going on pays
PAYS = 1.0  # expected errors among them, below which it hardly does


@dataclass(frozen=True)
class Standing:
    """Cases and expected errors, in all and left, and expected errors among the next cases."""

    cases: int
    decided: int
    errors_left: float
    ahead: int
    errors_ahead: float

    @property
    def pays(self) -> bool:
        """Whether the next cases are expected to hold an error at all."""
        return self.errors_ahead >= PAYS


def standing(snapshot: Snapshot, decided: Collection[Question], place: int) -> Standing:
    """How the review stands at a place, when some cases are decided."""
    pairs = {question.pair for question in decided}
    coming = [question for question in snapshot.page(place - 1, AHEAD) if question.pair not in pairs]
    left = max(0.0, snapshot.errors - sum(question.doubt for question in decided))
    return Standing(snapshot.cases, len(pairs), left, len(coming), sum(question.doubt for question in coming))
