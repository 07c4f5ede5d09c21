"""The project's journals without those who are forgotten.

Invariant: what stewards said of others stays whole. A verdict on a forgotten record or identifier keeps its place in
chains of verdicts under another key, without its reason; a ruling on a forgotten identifier goes. Journals are only
added to: an erasure is the one exception, and replaces a file at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from stormops_graph.forgetting.mentions import Mentions
from stormops_graph.forgetting.people import People
from stormops_graph.forgetting.pseudonyms import Pseudonyms
from stormops_graph.ledger.closings import kept_closings, replace_closings
from stormops_graph.ledger.decision_file import kept_decisions, replace_decisions
from stormops_graph.ledger.decisions import Decision
from stormops_graph.ledger.ruling_file import kept_rulings, replace_rulings
from stormops_graph.ledger.rulings import Ruling
from stormops_graph.project import Project
from stormops_graph.project.seen_together import drop_sightings

ERASED = "(erased: it named somebody who was forgotten)"


@dataclass(frozen=True)
class Journals:
    """The journals of a project, as an erasure leaves them."""

    project: Project
    people: People
    mentions: Mentions
    names: Pseudonyms

    def counts(self) -> dict[str, int]:
        """How many entries an erasure changes or drops."""
        decisions, rulings = kept_decisions(self.project.decisions), kept_rulings(self.project.shared)
        return {
            "verdicts": sum(self.decision(one) != one for one in decisions),
            "rulings": len(rulings) - len(self._rulings(rulings)),
        }

    def erase(self) -> None:
        """Replace each journal that shows one of them."""
        decisions = kept_decisions(self.project.decisions)
        if (left := [self.decision(one) for one in decisions]) != decisions:
            replace_decisions(self.project.decisions, left)
        rulings = kept_rulings(self.project.shared)
        if (stay := self._rulings(rulings)) != rulings:
            replace_rulings(self.project.shared, stay)
        closings = kept_closings(self.project.closings)
        if (said := [one.model_copy(update=self._reason(one.reason)) for one in closings]) != closings:
            replace_closings(self.project.closings, said)
        drop_sightings(self.project.seen_together, lambda seen: any(map(self.mentions.in_text, seen.values())))

    def decision(self, said: Decision) -> Decision:
        """A verdict without what gives one of them away."""
        gone = {*self.people.records, *(one.key for one in self.people.identifiers)}
        if gone.isdisjoint(said.pair):
            return said.model_copy(update=self._reason(said.reason))
        sides = [
            (self.names.of_record(end), None) if end in gone else (end, fingerprint)
            for end, fingerprint in ((said.left, said.left_fingerprint), (said.right, said.right_fingerprint))
        ]
        (left, of_left), (right, of_right) = sorted(sides, key=lambda side: side[0])
        ends = {"left": left, "right": right, "left_fingerprint": of_left, "right_fingerprint": of_right}
        return said.model_copy(update={**ends, "reason": ERASED})

    def _rulings(self, rulings: list[Ruling]) -> list[Ruling]:
        gone = {one.key for one in self.people.identifiers}
        return [one.model_copy(update=self._reason(one.reason)) for one in rulings if one.key not in gone]

    def _reason(self, reason: str) -> dict[str, str]:
        return {"reason": ERASED} if self.mentions.in_text(reason) else {}
