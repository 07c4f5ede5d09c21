"""How probable each household is for a record without a home of its own.

Where somebody holds the record's phone, email or id, a namesake has no claim to it: his was as good as it was because
no holder was known. Of several who hold it, the one who bears its name has it. A claim over others that is less likely
than what may join two records is none. What a household leaves lies close together, what a namesake leaves comes any
time: a name alone has half the odds where nobody of that home was seen within a fortnight.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import NamedTuple

from stormops_graph.cluster.evidence import Evidence
from stormops_graph.cluster.residents import Household
from stormops_graph.rules.ruleset import ClusterRules

Claim = dict[int, float]  # household number → probability
CLOSE = timedelta(days=14)


class _Neighbour(NamedTuple):
    number: int
    probability: float
    kind: int  # what the two share: 0 a name, 1 an identifier, 2 both


class Claims:
    """Who claims the records `outside`, as `home_of` and `households` grow."""

    def __init__(
        self,
        evidence: Evidence,
        outside: Set[int],
        home_of: Mapping[int, int],
        households: Sequence[Household],
        rules: ClusterRules,
    ) -> None:
        self._evidence, self._home_of, self._households, self._rules = evidence, home_of, households, rules
        self._neighbours: dict[int, list[_Neighbour]] = defaultdict(list)
        for edge in evidence.edges:
            kind = edge.tied + (edge.tied and edge.named)
            if edge.left in outside:
                self._neighbours[edge.left].append(_Neighbour(edge.right, edge.household, kind))
            if edge.right in outside:
                self._neighbours[edge.right].append(_Neighbour(edge.left, edge.household, kind))

    def any_for(self, group: Sequence[int]) -> bool:
        """Whether anything ties one of the records to anybody."""
        return any(n in self._neighbours for n in group)

    def on(self, group: Sequence[int], torn: Set[int], sure: Mapping[int, float]) -> Claim:
        """How probable each household is: the edge, times how `sure` it is that the neighbour belongs there; `torn`
        ones claim for nobody.
        """
        claims: Claim = {}
        kinds: dict[int, int] = {}
        for number in group:
            for neighbour, probability, kind in self._neighbours.get(number, ()):
                household = self._home_of.get(neighbour)
                if household is None or neighbour in torn:
                    continue
                claim = probability * sure.get(neighbour, 1.0)
                if claim >= self._least(number, household, probability, claim, kind):
                    claims[household] = max(claim, claims.get(household, 0.0))
                    kinds[household] = max(kind, kinds.get(household, 0))
        best = max(kinds.values(), default=0)
        return {household: claim for household, claim in claims.items() if kinds[household] == best}

    def _least(self, number: int, household: int, pair: float, claim: float, kind: int) -> float:
        """What the claim has to reach."""
        least = self._rules.least(pair)
        mail = self._evidence.profiles[number].record.startswith("emails:")
        asked = not (kind or mail) and least <= claim < half_odds(least)
        return half_odds(least) if asked and not self._close(number, household) else least

    def _close(self, number: int, household: int) -> bool:
        """Whether somebody of the household was seen within a fortnight of the record, or nobody knows when."""
        seen = self._sights(number)
        there = [at for member in self._households[household].members for at in self._sights(member)]
        return not seen or not there or any(abs(one - other) <= CLOSE for one in seen for other in there)

    def _sights(self, number: int) -> list[datetime]:
        profile = self._evidence.profiles[number]
        return [at for at in (profile.first_seen, profile.last_seen) if at is not None]


def half_odds(least: float) -> float:
    """The probability that has twice the odds of `least`: half of them are still enough."""
    return 2 * least / (1 + least)
