"""Two CRM contacts of one name that are two people: records that belong to the one are not the other's by name alone.

Sales keep one card for a person, and a card shows most of what is known of him. So take two groups of records that
share a name, each held together by more than the name or by a steward, and each with a card of that name: whether the
two groups are one person is for the pair of the two cards to say. A call or a knock shows too little to contradict
either, and would be equally sure of both. A record of that name outside of both groups may still go to either one, and
then holds the two together.
Invariant: what is decided of a pair depends on its component alone, and the pair still ties that component.
"""

from __future__ import annotations

from stormops_graph.cluster.components import connected
from stormops_graph.tables import Connection

_TWO_BELOW = 0.5  # cards whose pair is stated below this are rather two people's

_BY_NAME = """
CREATE OR REPLACE TEMP TABLE edge_by_name AS
SELECT e."left", e."right", named AND NOT tied AND coalesce(l.home <> r.home, true) AS by_name
FROM evidence_edge e JOIN evidence_record l ON l.n = "left" JOIN evidence_record r ON r.n = "right"
"""
_PARTED = """
CREATE OR REPLACE TEMP TABLE evidence_parted AS
WITH meeting AS MATERIALIZED (
    SELECT e."left", e."right", l.label AS one, r.label AS other
    FROM edge_by_name e JOIN held_together l ON l.n = e."left" JOIN held_together r ON r.n = e."right" WHERE by_name
), card AS MATERIALIZED (
    SELECT record, label, given, surname FROM evidence_record JOIN held_together USING (n)
    WHERE starts_with(record, 'crm_contacts:')
), compared AS (
    SELECT one, other, least(c.record, d.record) AS left_id, greatest(c.record, d.record) AS right_id
    FROM (SELECT DISTINCT one, other FROM meeting) JOIN card c ON c.label = one JOIN card d ON d.label = other
    WHERE one <> other AND length(c.given) > 1 AND c.given = d.given AND c.surname = d.surname
), two AS (
    SELECT one, other FROM compared LEFT JOIN pair_kind USING (left_id, right_id)
    GROUP BY one, other HAVING coalesce(max(household_probability), 0) < $two_below
)
SELECT "left", "right" FROM meeting SEMI JOIN two USING (one, other)
"""
_TIES = """
SELECT "left", "right" FROM edge_by_name WHERE NOT by_name
UNION ALL SELECT "left", "right" FROM evidence_binding WHERE verdict = 'same'
"""


def part_by_cards(con: Connection) -> None:
    """Write evidence_parted: the pairs of evidence_edge by names alone that such cards contradict."""
    con.execute(_BY_NAME)
    con.register("held_together", connected(con, _TIES))
    con.execute(_PARTED, {"two_below": _TWO_BELOW})
    con.unregister("held_together")
    con.execute("DROP TABLE edge_by_name")
