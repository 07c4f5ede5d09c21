"""Pairwise, B-cubed and exact-cluster scores, overall and by feed, all from one contingency table.

Pairwise counts pairs of rows (Menestrina, Whang and Garcia-Molina 2010), of a feed those with at least one row in it.
B-cubed averages over rows (Bagga and Baldwin 1998). Exact counts clusters that are the same on both sides (Menestrina
et al.), of a feed those with a row in it. Nothing to score (no pair on a side) scores 1.
"""

from __future__ import annotations

from stormops_graph.evaluation.findings import Score, Scores, SizeBin
from stormops_graph.tables import Connection

SIZES = (1, 2, 3, 4, 5, 10, 20, 50)  # each bin of the histogram begins with one

# k: rows of the feed in a cell (feed NULL: all rows), n: of all feeds. Of a cluster of n rows with k in the feed,
# n(n-1)/2 - (n-k)(n-k-1)/2 = kn - k(k+1)/2 pairs have at least one row in it.
_CELLS = """
CREATE OR REPLACE TEMP TABLE cell AS
WITH counted AS (
    SELECT ours, theirs, feed, count(*) AS k
    FROM evaluated GROUP BY GROUPING SETS ((ours, theirs, feed), (ours, theirs))
), whole AS (
    SELECT ours, theirs, k AS n, sum(k) OVER (PARTITION BY ours) AS us, sum(k) OVER (PARTITION BY theirs) AS them
    FROM counted WHERE feed IS NULL
)
SELECT feed, ours, theirs, k, n, us, them FROM counted JOIN whole USING (ours, theirs)
"""
# Shares are summed as decimals: exact in any order.
_SCORES = """
WITH both_sides AS (
    SELECT feed, sum(k) AS rows, sum(k * n - k * (k + 1) // 2) AS pairs,
           sum(CAST(k * n / us AS DECIMAL(38, 12))) AS precision, sum(CAST(k * n / them AS DECIMAL(38, 12))) AS recall,
           count(*) FILTER (n = us AND n = them) AS clusters
    FROM cell GROUP BY feed
), our_side AS (
    SELECT feed, sum(k * us - k * (k + 1) // 2) AS pairs, count(*) AS clusters
    FROM (SELECT feed, ours, sum(k) AS k, any_value(us) AS us FROM cell GROUP BY ALL) GROUP BY feed
), true_side AS (
    SELECT feed, sum(k * them - k * (k + 1) // 2) AS pairs, count(*) AS clusters
    FROM (SELECT feed, theirs, sum(k) AS k, any_value(them) AS them FROM cell GROUP BY ALL) GROUP BY feed
)
SELECT b.feed, b.rows, coalesce(b.pairs / nullif(o.pairs, 0), 1), coalesce(b.pairs / nullif(t.pairs, 0), 1),
       b.precision / b.rows, b.recall / b.rows, b.clusters / o.clusters, b.clusters / t.clusters,
       o.clusters, t.clusters
FROM both_sides b JOIN our_side o ON o.feed IS NOT DISTINCT FROM b.feed
JOIN true_side t ON t.feed IS NOT DISTINCT FROM b.feed
ORDER BY b.feed NULLS FIRST
"""
_SIZES = """
SELECT size, sum(ours)::BIGINT, sum(theirs)::BIGINT FROM (
    SELECT us AS size, count(DISTINCT ours) AS ours, 0 AS theirs FROM cell WHERE feed IS NULL GROUP BY us
    UNION ALL SELECT them, 0, count(DISTINCT theirs) FROM cell WHERE feed IS NULL GROUP BY them
) GROUP BY size ORDER BY size
"""


def score(con: Connection) -> tuple[Scores, tuple[Scores, ...], int, int]:
    """Scores of `evaluated`: overall, by feed, and how many clusters there are on our side and on the true one."""
    con.execute(_CELLS)
    rows = con.execute(_SCORES).fetchall()
    overall, *feeds = (
        Scores(
            feed=feed,
            rows=count,
            pairwise=Score(precision=shares[0], recall=shares[1]),
            bcubed=Score(precision=shares[2], recall=shares[3]),
            exact=Score(precision=shares[4], recall=shares[5]),
        )
        for feed, count, *shares in rows
    )
    return overall, tuple(feeds), rows[0][-2], rows[0][-1]


def sizes(con: Connection) -> tuple[SizeBin, ...]:
    """Clusters by their labelled rows, after `score`."""
    found = con.execute(_SIZES).fetchall()
    bins = []
    for low, after in zip(SIZES, [*SIZES[1:], None], strict=True):
        here = [row for row in found if low <= row[0] and (after is None or row[0] < after)]
        ours, true = (sum(row[side] for row in here) for side in (1, 2))
        bins.append(SizeBin(low=low, high=after and after - 1, ours=ours, true=true))
    return tuple(bins)
