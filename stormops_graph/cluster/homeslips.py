"""Records whose street number or flat is a slip of the pen, or a neighbour's: they are tied to somebody who lives
nearby.

A household that moves hardly ever moves to a home whose number is one slip from its old one, or a few doors down the
street. So of two such homes the one that fewer of the tied records, and of their family there, show is taken for a
mistake; of two records alone, a contact's or a conversion's address goes before another's. A mistaken record keeps its
address but has no home by it: it goes where its ties lead. Two that a steward keeps apart are two families and no slip.
Invariant: what is decided of a record depends on the pairs, verdicts and homes of its component alone.
"""

from __future__ import annotations

from stormops_graph.rules.ruleset import ClusterRules
from stormops_graph.street_numbers import SLIP_MACRO
from stormops_graph.tables import PROPERTY, Connection

_DOORS = 12  # from a number to that of the third house beside it, where lots are four apart

# Two listed homes of one street, unit and ZIP whose numbers are a slip or some doors apart; or two flats of one house
# that are a sign or two neighbouring signs apart.
_SLIPS = """
CREATE OR REPLACE TEMP TABLE evidence_slip AS
WITH kin AS MATERIALIZED (
    SELECT unnest(["left", "right"]) AS n, unnest(["right", "left"]) AS other,
           tied AND household >= $tied_at_least OR named AND household >= $named_at_least AS alike
    FROM evidence_edge
    ANTI JOIN (FROM evidence_binding WHERE level = 'household' AND verdict = 'different') USING ("left", "right")
    WHERE beyond_home
), alike AS MATERIALIZED (SELECT n, other FROM kin WHERE alike), apart AS MATERIALIZED (
    SELECT a.n, a.other, x.home, y.home AS other_home, {trust} AS trust, {other_trust} AS other_trust
    FROM alike a JOIN evidence_record x USING (n) JOIN evidence_record y ON y.n = other WHERE x.home <> y.home
), near AS MATERIALIZED (
    SELECT apart.* FROM apart JOIN property p ON p.property_id = home JOIN property q ON q.property_id = other_home
    WHERE p.street_name = q.street_name AND p.zip5 IS NOT DISTINCT FROM q.zip5
      AND (p.street_no = q.street_no AND damerau_levenshtein(p.unit, q.unit) = 1
           OR p.unit IS NOT DISTINCT FROM q.unit
              AND (slip_of(p.street_no, q.street_no) IS NOT NULL
                   OR abs(TRY_CAST(p.street_no AS BIGINT) - TRY_CAST(q.street_no AS BIGINT)) <= {doors}))
), held AS (
    SELECT a.n, count(*) AS others FROM kin a SEMI JOIN near USING (n)
    JOIN evidence_record x USING (n) JOIN evidence_record y ON y.n = other WHERE x.home = y.home GROUP BY a.n
), weighed AS (
    SELECT near.n, greatest(count(*), 1 + max(coalesce(there.others, 0))) - 1 - coalesce(any_value(here.others), 0)
               AS fewer, max(other_trust) - any_value(trust) AS less
    FROM near LEFT JOIN held here USING (n) LEFT JOIN held there ON there.n = other GROUP BY near.n, other_home
), slip AS MATERIALIZED (SELECT DISTINCT n FROM weighed WHERE fewer > 0 OR fewer = 0 AND less > 0)
SELECT DISTINCT n FROM near SEMI JOIN slip USING (n) WHERE other NOT IN (FROM slip)
"""
_TRUST = "(split_part({record}, ':', 1) IN ('crm_contacts', 'conversions'))::INTEGER"
_HOMELESS = "UPDATE evidence_record SET home = NULL, home_probability = 0 WHERE n IN (FROM evidence_slip)"


def set_slips_aside(con: Connection, rules: ClusterRules) -> None:
    """Read evidence_edge, evidence_binding and property; take their home from such records in evidence_record."""
    PROPERTY.ensure(con)
    con.execute(SLIP_MACRO)
    least = {"tied_at_least": rules.mover_at_least, "named_at_least": rules.household_at_least}
    trust = {"trust": _TRUST.format(record="x.record"), "other_trust": _TRUST.format(record="y.record")}
    con.execute(_SLIPS.format(doors=_DOORS, **trust), least)
    con.execute(_HOMELESS)
    con.execute("DROP TABLE evidence_slip")
