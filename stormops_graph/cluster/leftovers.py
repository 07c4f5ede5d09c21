"""Cards that show somebody else's number: it does not tie them to those who share no name and nothing else with them.

Invariant: what is decided of a pair depends on its two records alone, and the pair still ties their component.
"""

from __future__ import annotations

from stormops_graph.tables import LEFTOVER, Connection

_ALIKE = 0.85  # surnames of this Jaro-Winkler similarity may be one

_PARTED = """
INSERT INTO evidence_parted
WITH card AS (SELECT n, kind, value, surname FROM evidence_record JOIN leftover USING (record)),
tie AS (
    SELECT "left", "right", "left" AS n, "right" AS other FROM evidence_edge WHERE tied AND NOT named
    UNION ALL SELECT "left", "right", "right", "left" FROM evidence_edge WHERE tied AND NOT named
), met AS MATERIALIZED (
    SELECT "left", "right", n, other, o.record FROM tie JOIN card USING (n) JOIN evidence_record o ON o.n = other
    WHERE coalesce(jaro_winkler_similarity(card.surname, o.surname) < $alike, true)
), common AS (
    SELECT met."left", met."right" FROM met JOIN evidence_record r ON r.n = met.n
    JOIN holding h ON h.record = r.record
    JOIN holding o ON o.record = met.record AND o.kind = h.kind AND o.value = h.value
    ANTI JOIN card ON card.n = met.n AND card.kind = h.kind AND card.value = h.value
)
SELECT DISTINCT "left", "right" FROM met ANTI JOIN common USING ("left", "right")
"""


def part_leftovers(con: Connection) -> None:
    """Read leftover and holding; add the pairs of evidence_edge that such numbers alone tie to evidence_parted."""
    LEFTOVER.ensure(con)
    con.execute(_PARTED, {"alike": _ALIKE})
