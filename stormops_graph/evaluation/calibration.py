"""Whether rows are placed at their own home, and whether stated confidences hold.

A row's own home is a home its household had at the row's time: a stay that overlaps the time of the touch, or of a row
that is no touch the span of its record. Two claims are held against what was stated as membership confidence:
- membership, of rows in a household of two labelled rows or more: the row's true household is the one most of the
  household's labelled rows truly belong to (the smaller id where two tie). A household of one row claims nothing.
- placement, of rows placed at a property: it is their own home.
The expected calibration error is the mean over rows of |stated - found| per bin (Naeini, Cooper and Hauskrecht 2015),
with bins of equal rows (Nguyen and O'Connor 2015), at least 500 each; rows that state the same are never parted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stormops_graph.evaluation.findings import Bin, Placement, Reliability
from stormops_graph.tables import Connection

FEWEST, BINS = 500, 10

_PLACED = """
CREATE OR REPLACE TEMP TABLE row_placed AS
WITH own AS (
    SELECT l.feed, l.record_id, bool_or(s.valid_from <= l.last_at AND l.first_at < s.valid_to) AS then_
    FROM labelled l JOIN true_stay s USING (household_id, property_id) GROUP BY ALL
)
SELECT l.feed, l.record_id, l.confidence, l.property_id IS NOT NULL AS placed,
       coalesce(own.then_, false) AS own_home, own.then_ = false AS other_time
FROM labelled l LEFT JOIN own USING (feed, record_id)
"""
_BY_FEED = """
SELECT feed, count(*) AS rows, count(*) FILTER (placed) AS placed, count(*) FILTER (own_home) AS "right",
       count(*) FILTER (placed AND NOT own_home) AS wrong, count(*) FILTER (other_time) AS other_time
FROM row_placed GROUP BY feed ORDER BY feed
"""
_MEMBERSHIP_CLAIMS = """
WITH part AS (
    SELECT ours, theirs, count(*) AS n FROM evaluated GROUP BY ALL
), most AS (
    SELECT ours, first(theirs ORDER BY n DESC, theirs) AS theirs, sum(n) AS rows FROM part GROUP BY ours
)
SELECT round(confidence, 4) AS stated, count(*), count(*) FILTER (evaluated.theirs = most.theirs)
FROM evaluated JOIN most USING (ours) WHERE most.rows > 1 AND confidence IS NOT NULL GROUP BY 1 ORDER BY 1
"""
_PLACEMENT_CLAIMS = """
SELECT round(confidence, 4) AS stated, count(*), count(*) FILTER (own_home)
FROM row_placed WHERE placed AND confidence IS NOT NULL GROUP BY 1 ORDER BY 1
"""

Stated = tuple[float, int, int]  # a stated confidence, the rows that state it, those of them where it holds


def place(con: Connection) -> tuple[Placement, ...]:
    """By feed, where the rows of `labelled` are placed, held against `true_stay`; keeps `row_placed`."""
    rows = con.execute(_PLACED).execute(_BY_FEED).fetchall()
    return tuple(Placement(**dict(zip(Placement.model_fields, row, strict=True))) for row in rows)


def membership_reliability(con: Connection) -> Reliability:
    """Of `evaluated` at the household level."""
    return reliability("membership", con.execute(_MEMBERSHIP_CLAIMS).fetchall())


def placement_reliability(con: Connection) -> Reliability:
    """Of `row_placed`."""
    return reliability("placement", con.execute(_PLACEMENT_CLAIMS).fetchall())


def reliability(claim: str, stated: Sequence[Stated]) -> Reliability:
    """Bins and expected calibration error of what was stated, in ascending order."""
    rows = sum(count for _, count, _ in stated)
    bins = [_bin(group) for group in _binned(stated, max(FEWEST, -(-rows // BINS)))]
    apart = sum(part.rows * abs(part.stated - part.found) for part in bins)
    return Reliability.model_validate(
        {"claim": claim, "rows": rows, "error": apart / rows if rows else None, "bins": tuple(bins)}
    )


def _binned(stated: Sequence[Stated], size: int) -> list[list[Stated]]:
    """Neighbours together until there are `size` rows; what is left over at the end joins the last bin."""
    bins: list[list[Stated]] = [[]]
    for part in stated:
        if _rows(bins[-1]) >= size:
            bins.append([])
        bins[-1].append(part)
    if len(bins) > 1 and _rows(bins[-1]) < FEWEST:
        bins[-2:] = [bins[-2] + bins[-1]]
    return [group for group in bins if group]


def _rows(group: Iterable[Stated]) -> int:
    return sum(count for _, count, _ in group)


def _bin(group: Sequence[Stated]) -> Bin:
    rows = _rows(group)
    return Bin(
        low=group[0][0],
        high=group[-1][0],
        rows=rows,
        stated=sum(value * count for value, count, _ in group) / rows,
        found=sum(held for *_, held in group) / rows,
    )
