"""The queue: pairs of records that are in doubt, those first on which most hangs.

Invariant: a function of the tables it reads; made once a run, and no verdict makes it anew. Asked is of
- a bridge: the weakest evidence that holds a household's records together,
- a guard: the weakest bridge of a household that is too large, or has too many surnames, to be one,
- a gap: evidence between two households that was not enough to join them,
- a person: two named records of one household that may, or may not, be one person (after all households),
- a verdict whose record changed, that has expired, waits for a second steward, or was `unsure` and has new evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from stormops_graph.ledger.bindings import Listed, State
from stormops_graph.ledger.decisions import Decision, Level, Verdict, identifier_of
from stormops_graph.ledger.holders import spread
from stormops_graph.reports.run import LARGE_HOUSEHOLD
from stormops_graph.review.person_doubts import find_person_doubts
from stormops_graph.tables import REVIEW_CASE, REVIEW_VERDICT, Connection
from stormops_graph.tables.reviews import WORTH_ASKING

NEWS = 0.05  # a probability that moved by this is new evidence
_AGAIN = {State.review: "changed", State.expired: "expired", State.pending: "pending"}
_HOLDS = (State.in_force, State.review)
_SETTLED = "settled"

_HOME = """
CREATE OR REPLACE TEMP TABLE review_home AS
SELECT record, first(household ORDER BY valid_to DESC NULLS FIRST, household) AS household
FROM membership GROUP BY record
"""
_STAKE = """
CREATE OR REPLACE TEMP TABLE review_stake AS
WITH size AS (
    SELECT household, count(DISTINCT record) AS records, count(DISTINCT surname) AS surnames
    FROM review_home JOIN record USING (record) GROUP BY household
), worth AS (
    SELECT household, max(estimated_value) AS value
    FROM residence JOIN property USING (property_id) GROUP BY household
), earned AS (
    SELECT household, count(*) AS conversions FROM conversion JOIN review_home USING (record) GROUP BY household
)
SELECT household, records, surnames, coalesce(value, 0) AS value, coalesce(conversions, 0) AS conversions
FROM size LEFT JOIN worth USING (household) LEFT JOIN earned USING (household)
"""
_BRIDGE = """
CREATE OR REPLACE TEMP TABLE review_bridge AS
SELECT left_id, right_id, l.household, coalesce(k.household_probability, s.probability) AS probability
FROM shown_evidence s LEFT JOIN pair_kind k USING (left_id, right_id)
JOIN review_home l ON l.record = left_id JOIN review_home r ON r.record = right_id AND r.household = l.household
WHERE s.spans
"""
# How strongly a record is held where it is, in odds, by a pair or by where it is placed; a lone one is not held.
_OWN = """
CREATE OR REPLACE TEMP TABLE review_own AS
WITH held AS (
    SELECT unnest([left_id, right_id]) AS record, household_probability AS p FROM pair_kind
    JOIN review_home l ON l.record = left_id JOIN review_home r ON r.record = right_id AND r.household = l.household
    UNION ALL
    SELECT record, confidence FROM membership JOIN review_stake USING (household) WHERE records > 1
)
SELECT record, max(least(p, 0.999) / (1 - least(p, 0.999))) AS odds FROM held GROUP BY record
"""
# What two households share by dates alone (a bare address, a number that changed hands) is no gap between them.
_CANDIDATE = """
CREATE OR REPLACE TEMP TABLE review_candidate AS
SELECT left_id, right_id, kind FROM review_verdict WHERE kind <> $settled
UNION ALL
SELECT arg_min(left_id, (probability, left_id, right_id)), arg_min(right_id, (probability, left_id, right_id)), 'guard'
FROM review_bridge JOIN review_stake USING (household) WHERE records > $large OR surnames > $surnames
GROUP BY household
UNION ALL
SELECT left_id, right_id, 'bridge' FROM review_bridge WHERE probability < $sure
UNION ALL
SELECT left_id, right_id, 'gap' FROM (
    SELECT left_id, right_id, least(l.household, r.household) AS one, greatest(l.household, r.household) AS other,
           household_probability
    FROM pair_kind JOIN review_home l ON l.record = left_id JOIN review_home r ON r.record = right_id
    WHERE household_probability >= $asked AND l.household <> r.household AND beyond_home
      AND NOT EXISTS (FROM membership a JOIN membership b USING (household)
                      WHERE a.record = left_id AND b.record = right_id)
) QUALIFY row_number() OVER (PARTITION BY one, other ORDER BY household_probability DESC, left_id, right_id) = 1
UNION ALL
SELECT left_id, right_id, 'person' FROM review_person
"""
_QUEUE = """
INSERT INTO review_case
WITH asked AS (
    SELECT left_id, right_id, kind FROM review_candidate c
    WHERE kind IN ('pending', 'changed', 'unsure', 'expired')
       OR NOT EXISTS (FROM review_verdict v WHERE v.left_id = c.left_id AND v.right_id = c.right_id)
    QUALIFY row_number() OVER (PARTITION BY left_id, right_id ORDER BY list_position(
        ['pending', 'changed', 'unsure', 'expired', 'guard', 'bridge', 'gap', 'person'], kind)) = 1
), weighed AS (
    SELECT asked.*, l.household, r.household AS other, k.household_probability, k.person_probability,
           CASE kind WHEN 'bridge' THEN 1 - coalesce(k.household_probability, 0)
                     WHEN 'gap' THEN k.odds / (1 + k.odds + least(coalesce(hold.odds, 0), coalesce(pull.odds, 0)))
                     WHEN 'guard' THEN greatest(0.5, 1 - coalesce(k.household_probability, 0))
                     WHEN 'person' THEN CASE WHEN tie.joined THEN 1 - tie.probability ELSE tie.probability END
                     ELSE 0.5 END AS doubt,
           a.records + CASE WHEN b.household <> a.household THEN b.records ELSE 0 END AS records,
           a.conversions + CASE WHEN b.household <> a.household THEN b.conversions ELSE 0 END AS conversions,
           greatest(a.value, b.value) AS value
    FROM asked JOIN review_home l ON l.record = left_id JOIN review_home r ON r.record = right_id
    JOIN review_stake a ON a.household = l.household JOIN review_stake b ON b.household = r.household
    LEFT JOIN (SELECT *, least(household_probability, 0.999) AS p, p / (1 - p) AS odds FROM pair_kind) k
      USING (left_id, right_id)
    LEFT JOIN review_tie tie USING (left_id, right_id)
    LEFT JOIN review_own hold ON hold.record = left_id LEFT JOIN review_own pull ON pull.record = right_id
), staked AS (
    SELECT *, ln(1 + records) * (1 + conversions) * (1 + value / 1e6) AS stake FROM weighed
)
SELECT row_number() OVER (ORDER BY kind = 'person', round(doubt * stake, 6) DESC, left_id, right_id),
       left(md5(left_id || right_id), 8),
       kind, left_id, right_id, household, other, household_probability, person_probability, round(doubt, 6),
       round(stake, 6), records, conversions, value
FROM staked
"""
_NOW = """
SELECT left_id || ' ' || right_id, household_probability, person_probability FROM pair_kind
SEMI JOIN review_verdict USING (left_id, right_id)
"""


@dataclass(frozen=True)
class Question:
    """A row of the queue."""

    place: int
    case_id: str
    kind: str
    left: str
    right: str
    household: str
    other: str
    household_probability: float | None
    person_probability: float | None
    doubt: float
    stake: float
    records: int
    conversions: int
    value: float

    @property
    def pair(self) -> tuple[str, str]:
        """The two records."""
        return self.left, self.right

    @property
    def together(self) -> bool:
        """Whether the two are in one household now."""
        return self.household == self.other


def make_queue(con: Connection, verdicts: Sequence[Listed], families: int, sure: float) -> int:
    """Fill REVIEW_CASE from the stage tables and what has become of the verdicts; how many cases."""
    con.execute(_HOME)
    con.execute(_STAKE)
    con.execute(_BRIDGE)
    con.execute(_OWN)
    find_person_doubts(con, sure, WORTH_ASKING)
    _judge(con, verdicts)
    limits = {"large": LARGE_HOUSEHOLD, "surnames": families, "sure": sure, "asked": WORTH_ASKING}
    con.execute(_CANDIDATE, {**limits, "settled": _SETTLED})
    REVIEW_CASE.create(con)
    con.execute(_QUEUE)
    return REVIEW_CASE.check(con)


def _judge(con: Connection, verdicts: Sequence[Listed]) -> None:
    """Fill REVIEW_VERDICT: what stewards have said, as settled or with the kind of case that it is."""
    standing = [one for one in verdicts if one.state not in (State.superseded, State.withdrawn, State.dormant)]
    settled = [(*pair, _SETTLED) for pair in _settled(con, standing)]
    standing = [one for one in standing if not one.decision.identifiers]
    REVIEW_VERDICT.create(con)
    REVIEW_VERDICT.append(con, [(*one.decision.pair, _SETTLED) for one in standing])
    now = {pair: (household, person) for pair, household, person in con.execute(_NOW).fetchall()}
    rows = []
    for one in standing:
        scores = now.get(" ".join(one.decision.pair), (None, None))
        score = scores[1] if one.decision.level is Level.person else scores[0]
        unsure = one.state is State.unsure and (one.changed or _moved(one.decision.score, score))
        rows.append((*one.decision.pair, "unsure" if unsure else _AGAIN.get(one.state, _SETTLED)))
    REVIEW_VERDICT.create(con)
    REVIEW_VERDICT.append(con, [*rows, *settled])


def _settled(con: Connection, standing: Sequence[Listed]) -> Iterator[tuple[str, str]]:
    """The pairs of records that verdicts on identifiers say something of."""
    held = [one.decision for one in standing if one.decision.identifiers and one.state in _HOLDS]
    parts: dict[str, list[Decision]] = defaultdict(list)
    for part in spread(con, held):
        parts[part.id].append(part)
    for decision in held:
        pairs = [part.pair for part in parts[decision.id]]
        if decision.verdict is Verdict.same:
            pairs = list(combinations(sorted({end for pair in pairs for end in pair}), 2))
        yield from (pair for pair in pairs if not any(map(identifier_of, pair)))


def _moved(then: float | None, now: float | None) -> bool:
    return abs((now or 0.0) - (then or 0.0)) > NEWS
