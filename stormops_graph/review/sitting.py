"""A sitting: where in the queue a steward is, what was decided, and what the next verdict will say.

Invariant: a case counts as decided from the key on; if the ledger then refuses, it is undecided again and comes back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from stormops_graph.ledger.claims import Claim
from stormops_graph.ledger.decisions import Decision, Level, Verdict, in_force
from stormops_graph.review.case import Case, read_case
from stormops_graph.review.desk import Outcome, Redo, Undo
from stormops_graph.review.effects import Effect, effect
from stormops_graph.review.progress import Standing, standing
from stormops_graph.review.queue import Question
from stormops_graph.review.snapshot import Snapshot

_PAGE = 50


@dataclass
class Sitting:
    """The state of a review; `by` is the steward."""

    snapshot: Snapshot
    by: str
    question: Question | None = None
    reason: str = ""  # of the next verdict, where the steward typed one
    decisions: list[Decision] = field(default_factory=list)
    decided: dict[tuple[str, str], Question] = field(default_factory=dict)
    skipped: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.decisions = [one.decision for one in self.snapshot.verdicts]
        self.question = self._next(0)

    def case(self) -> Case | None:
        """The case of the question; None where none is left."""
        return None if self.question is None else read_case(self.snapshot, self.question, self.decisions)

    def effect(self, case: Case, at: datetime) -> Effect:
        """What verdicts on the case would do."""
        return effect(case, in_force(self.decisions, at))

    def standing(self) -> Standing:
        """How far the review has come."""
        place = self.question.place if self.question else self.snapshot.cases
        return standing(self.snapshot, self.decided.values(), max(place, 1))

    def claim(self, case: Case, verdict: Verdict, level: Level | None, blind: bool = False) -> Claim:
        """The verdict on the case as a claim; the case counts as decided, and the next one is up."""
        if level is None and verdict is not Verdict.same:  # one person is one household, but two may live together
            level = case.level
        claim = Claim(*case.question.pair, verdict, self.reason or case.reason(blind), self.by, level)
        self.decided[case.question.pair] = case.question
        self.reason = ""
        self.question = self._next(case.question.place)
        return claim

    def skip(self) -> None:
        """Leave the question for later; it is no verdict."""
        if self.question is not None:
            self.skipped.add(self.question.pair)
            self.question = self._next(self.question.place)

    def step(self, by: int) -> None:
        """Look at the case before or after, decided or not."""
        place = self.question.place if self.question else self.snapshot.cases + 1
        near = self.snapshot.page(place, 1) if by > 0 else self.snapshot.page_before(place, 1)
        self.question = near[0] if near else self.question

    def search(self, text: str) -> bool:
        """Go to the next case that shows the text; whether there is one."""
        found = self.snapshot.found(text, self.question.place if self.question else 0)
        self.question = found or self.question
        return found is not None

    def look_at(self, pair: tuple[str, str]) -> bool:
        """Go to the case about these two records; whether they are there."""
        found = self.snapshot.asked(pair)
        self.question = found or self.question
        return found is not None

    def land(self, outcome: Outcome) -> None:
        """Take in what came of an order: a refused one brings its case back, an undone one opens it again."""
        order, made = outcome.order, outcome.decision
        if made is not None and made not in self.decisions:
            self.decisions.append(made)
        if made is None and isinstance(order, Claim):
            self._open(min((order.one, order.other), (order.other, order.one)))
        elif made is not None and isinstance(order, Undo):
            self._open(made.pair)
        elif made is not None and isinstance(order, Redo) and (asked := self.snapshot.asked(made.pair)):
            self.decided[made.pair] = asked
            if self.question is not None and self.question.pair == made.pair:
                self.question = self._next(asked.place)

    def _open(self, pair: tuple[str, str]) -> None:
        self.decided.pop(pair, None)
        self.look_at(pair)

    def _next(self, after: int) -> Question | None:
        """The next case that is neither decided nor skipped, from a place on and then from the first."""
        done = set(self.decided)
        return self._first(after, done | self.skipped) or self._first(0, done | self.skipped) or self._first(0, done)

    def _first(self, after: int, passed: set[tuple[str, str]]) -> Question | None:
        while page := self.snapshot.page(after, _PAGE):
            for question in page:
                if question.pair not in passed:
                    return question
            after = page[-1].place
        return None
