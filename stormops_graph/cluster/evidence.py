"""What clustering reads: records with their homes and names, pairs strongest first, verdicts; all by number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from stormops_graph.cluster.cards import part_by_cards
from stormops_graph.cluster.forms import part_forms, set_forms_aside
from stormops_graph.cluster.homeslips import set_slips_aside
from stormops_graph.cluster.leftovers import part_leftovers
from stormops_graph.rules.ruleset import ClusterRules
from stormops_graph.tables import Connection


class Profile(NamedTuple):
    """One record as clustering sees it."""

    record: str
    given: str | None
    surname: str | None
    home: str | None
    home_probability: float
    first_seen: datetime | None
    last_seen: datetime | None
    flat: str | None = None  # as written, of a house that is listed as one home
    suffix: str | None = None


class Edge(NamedTuple):
    """A pair of record numbers, with how likely it is one household and one person."""

    left: int
    right: int
    household: float
    person: float
    beyond_home: bool  # something other than the address speaks for it
    named: bool  # both records name somebody, and the names agree
    tied: bool  # they share a phone, an email or a contact's id


Showings = Mapping[tuple[int, int], tuple[datetime, datetime]]
"""(Record of several identifiers, another that holds one) → from when to when the first showed what the other holds."""
Neighbours = dict[int, list[tuple[int, Edge]]]  # record number → the records that pairs tie it to, by these


class Verdicts(NamedTuple):
    """Record numbers that stewards hold together, and those they keep apart."""

    same: Sequence[tuple[int, int]] = ()
    different: Sequence[tuple[int, int]] = ()


NONE = Verdicts()


@dataclass(frozen=True)
class Evidence:
    """Everything clustering goes by; `edges` from the strongest to the weakest, ties by record."""

    profiles: list[Profile]
    edges: list[Edge]
    household: Verdicts = NONE
    person: Verdicts = NONE
    shown: Showings = field(default_factory=dict)

    def neighbours(self, of: AbstractSet[int]) -> Neighbours:
        """The neighbours of these records, in the order of the edges; of those alone that have some."""
        found: Neighbours = defaultdict(list)
        for edge in self.edges:
            if edge.left in of:
                found[edge.left].append((edge.right, edge))
            if edge.right in of:
                found[edge.right].append((edge.left, edge))
        return found


# A cookie's home is its likeliest candidate where that stands out; an address beats it.
_RECORDS = """
CREATE OR REPLACE TEMP TABLE evidence_record AS
SELECT r.n, r.record, coalesce(f.given_root, r.given) AS given, r.given AS called, r.surname, r.suffix,
       coalesce(h.home, l.property_id) AS home, coalesce(h.probability, l.probability, 0) AS home_probability,
       r.first_seen, r.last_seen, CASE WHEN o.property_id IS NOT NULL THEN r.unit END AS flat
FROM (SELECT *, row_number() OVER (ORDER BY record) - 1 AS n FROM record {due}) r
LEFT JOIN (FROM record_home {due}) h USING (record)
LEFT JOIN property o ON o.property_id = h.property_id AND o.unit IS NULL LEFT JOIN (
    SELECT record, property_id, probability FROM candidate {due}
    WHERE probability >= $place_at_least
    QUALIFY row_number() OVER (PARTITION BY record ORDER BY probability DESC, property_id) = 1
) l USING (record)
LEFT JOIN (FROM (SELECT unique_id AS record, given_root FROM profile) {due}) f USING (record)
"""
# A mail that nothing else ties to anybody joins a home at less. Pairs are kept to those of due records before
# they are joined: else all of them may be hashed.
_EDGES = """
CREATE OR REPLACE TEMP TABLE evidence_edge AS
WITH edge AS MATERIALIZED (
    SELECT l.n AS "left", r.n AS "right", household_probability AS household, person_probability AS person,
           beyond_home, named, tied,
           CASE WHEN household_probability < $at_least AND r.home IS NOT NULL AND l.home IS NULL
                     AND starts_with(left_id, 'emails:') THEN l.n
                WHEN household_probability < $at_least AND l.home IS NOT NULL AND r.home IS NULL
                     AND starts_with(right_id, 'emails:') THEN r.n END AS mail
    FROM (FROM pair_kind {due} WHERE household_probability >= $tie_at_least)
    JOIN evidence_record l ON l.record = left_id JOIN evidence_record r ON r.record = right_id
)
SELECT * EXCLUDE (mail) FROM edge WHERE household >= $at_least
UNION ALL
SELECT * EXCLUDE (mail) FROM edge
WHERE household >= $mail_at_least AND mail IS NOT NULL AND mail NOT IN (
    SELECT unnest(["left", "right"]) FROM edge WHERE household >= $at_least)
"""
_BINDINGS = """
CREATE OR REPLACE TEMP TABLE evidence_binding AS
SELECT level, verdict, l.n AS "left", r.n AS "right"
FROM binding JOIN evidence_record l ON l.record = left_id JOIN evidence_record r ON r.record = right_id
"""
# Who shows several identifiers may have come by each at another time, as a cookie of a browser that was given on.
_SHOWN = """
CREATE OR REPLACE TEMP TABLE evidence_shown AS
WITH homeless AS (SELECT n, record FROM evidence_record WHERE home IS NULL),
held AS (
    SELECT n, kind, value, h.first_seen, h.last_seen FROM holding h JOIN homeless USING (record)
    WHERE kind IN ('phone', 'email', 'contact')
    QUALIFY min(value) OVER (PARTITION BY n) < max(value) OVER (PARTITION BY n)
), tie AS (
    SELECT "left" AS n, "right" AS other FROM evidence_edge WHERE tied
    UNION ALL SELECT "right", "left" FROM evidence_edge WHERE tied
)
SELECT held.n, other, min(held.first_seen) AS first_seen, max(held.last_seen) AS last_seen
FROM held JOIN tie USING (n) JOIN evidence_record r ON r.n = other
JOIN holding h ON h.record = r.record AND h.kind = held.kind AND h.value = held.value
WHERE held.first_seen IS NOT NULL GROUP BY held.n, other
"""
_PARTED_OUT = """
DELETE FROM evidence_edge e USING evidence_parted p WHERE e."left" = p."left" AND e."right" = p."right"
"""

_PROFILES_OF = """
SELECT record, given, surname, home, home_probability, first_seen, last_seen, flat, suffix
FROM due JOIN evidence_record USING (n) WHERE batch = $batch ORDER BY number
"""
_EDGES_OF = """
SELECT l.number, r.number, household, person, beyond_home, named, tied
FROM evidence_edge e JOIN due l ON l.n = e."left" JOIN due r ON r.n = e."right"
WHERE l.batch = $batch ORDER BY household DESC, person DESC, l.number, r.number
"""
_SHOWN_OF = """
SELECT l.number, r.number, first_seen, last_seen
FROM evidence_shown s JOIN due l USING (n) JOIN due r ON r.n = s.other WHERE l.batch = $batch
"""
_VERDICTS_OF = """
SELECT l.number, r.number FROM evidence_binding b JOIN due l ON l.n = b."left" JOIN due r ON r.n = b."right"
WHERE level = $level AND verdict = $verdict AND l.batch = $batch ORDER BY ALL
"""


def gather_evidence(con: Connection, rules: ClusterRules, cookie_at_least: float, *, whole: bool) -> None:
    """Write evidence_record, evidence_edge, evidence_shown and evidence_binding, records numbered in their order: all
    there is, or that on records in `evidence_due`.
    """
    due = "" if whole else "SEMI JOIN evidence_due USING (record)"
    due_left = "" if whole else "SEMI JOIN evidence_due ON record = left_id"
    con.execute(_RECORDS.replace("{due}", due), {"place_at_least": cookie_at_least})
    least = {"at_least": rules.household_at_least, "mail_at_least": rules.mail_at_least}
    con.execute(_EDGES.replace("{due}", due_left), least | {"tie_at_least": rules.tie_at_least})
    con.execute(_BINDINGS)
    set_slips_aside(con, rules)
    set_forms_aside(con, rules.mover_at_least)
    con.execute(_SHOWN)
    part_by_cards(con)
    part_leftovers(con)
    part_forms(con)
    con.execute(_PARTED_OUT)


def read_evidence(con: Connection, batch: int) -> Evidence:
    """The evidence on the records that `due` numbers in this batch, in an order that input does not change."""
    profiles = list(map(Profile._make, con.execute(_PROFILES_OF, {"batch": batch}).fetchall()))
    edges = list(map(Edge._make, con.execute(_EDGES_OF, {"batch": batch}).fetchall()))
    shown = {(n, other): (first, last) for n, other, first, last in con.execute(_SHOWN_OF, {"batch": batch}).fetchall()}
    return Evidence(profiles, edges, _verdicts(con, batch, "household"), _verdicts(con, batch, "person"), shown)


def _verdicts(con: Connection, batch: int, level: str) -> Verdicts:
    asked = ({"batch": batch, "level": level, "verdict": verdict} for verdict in Verdicts._fields)
    return Verdicts(*(con.execute(_VERDICTS_OF, one).fetchall() for one in asked))
