"""How right the households are, against labels: pairwise, B-cubed, and placement by feed.

Labels say for each source row (feed, record_id) its household; a row without one is somebody whom nothing ties to a
home, a household of its own. Pairwise counts pairs of rows (Menestrina et al. 2010); B-cubed averages over rows
(Bagga and Baldwin 1998). Both come from the contingency table, so a million rows are cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stormops_graph.tables import Connection

# One row a labelled source row: where we put it, where it belongs. Missing on either side: alone.
_JOINED = """
CREATE OR REPLACE TABLE evaluated AS
SELECT t.feed, t.record_id,
       coalesce(CAST(m.{level} AS VARCHAR), 'ours:' || t.feed || ':' || t.record_id) AS ours,
       coalesce(t.{level}_id, 'theirs:' || t.feed || ':' || t.record_id) AS theirs
FROM read_csv($records, all_varchar = true, header = true) t
LEFT JOIN source_row s ON s.feed = t.feed AND s.id = t.record_id
LEFT JOIN (SELECT * FROM membership QUALIFY row_number() OVER (PARTITION BY record ORDER BY valid_from DESC) = 1) m
  ON m.record = s.record
QUALIFY row_number() OVER (PARTITION BY t.feed, t.record_id ORDER BY theirs) = 1
"""

_PAIRWISE = """
WITH cell AS (SELECT ours, theirs, count(*) AS n FROM evaluated GROUP BY ALL),
both_ AS (SELECT sum(n * (n - 1) / 2) AS pairs FROM cell),
us AS (SELECT sum(n * (n - 1) / 2) AS pairs FROM (SELECT sum(n) AS n FROM cell GROUP BY ours)),
them AS (SELECT sum(n * (n - 1) / 2) AS pairs FROM (SELECT sum(n) AS n FROM cell GROUP BY theirs))
SELECT coalesce(both_.pairs / nullif(us.pairs, 0), 1), coalesce(both_.pairs / nullif(them.pairs, 0), 1)
FROM both_, us, them
"""

_BCUBED = """
WITH cell AS (SELECT ours, theirs, count(*) AS n FROM evaluated GROUP BY ALL),
sized AS (
    SELECT n, sum(n) OVER (PARTITION BY ours) AS us, sum(n) OVER (PARTITION BY theirs) AS them FROM cell
)
SELECT sum(n * n / us) / sum(n), sum(n * n / them) / sum(n) FROM sized
"""

_PLACEMENT = """
WITH home AS (
    SELECT household_id, list(DISTINCT property_id) AS homes
    FROM read_csv($households, all_varchar = true, header = true) WHERE property_id IS NOT NULL GROUP BY household_id
)
SELECT e.feed, count(*), count(m.property_id),
       count(m.property_id) FILTER (NOT coalesce(list_contains(h.homes, m.property_id), false)),
       count(*) FILTER (list_contains(h.homes, m.property_id))
FROM evaluated e LEFT JOIN home h ON h.household_id = e.theirs
LEFT JOIN source_row s ON s.feed = e.feed AND s.id = e.record_id
LEFT JOIN (SELECT * FROM membership QUALIFY row_number() OVER (PARTITION BY record ORDER BY valid_from DESC) = 1) m
  ON m.record = s.record
GROUP BY e.feed ORDER BY e.feed
"""


@dataclass(frozen=True)
class Score:
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """2PR/(P+R)."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Placement:
    """Of a feed's rows: how many are placed at a property, wrongly, and at their own home."""

    feed: str
    rows: int
    placed: int
    wrong: int
    right: int


@dataclass(frozen=True)
class Evaluation:
    """Scores of households, and where each feed's rows were placed."""

    pairwise: Score
    bcubed: Score
    placement: list[Placement]


def evaluate(con: Connection, truth: Path, level: str = "household") -> Evaluation:
    """Hold `membership` against the labels in `truth/records.csv` and `truth/households.csv`."""
    con.execute(_JOINED.format(level=level), {"records": str(truth / "records.csv")})
    pairwise = Score(*con.execute(_PAIRWISE).fetchall()[0])
    bcubed = Score(*con.execute(_BCUBED).fetchall()[0])
    rows: list[tuple[str, int, int, int, int]] = []
    if level == "household":
        rows = con.execute(_PLACEMENT, {"households": str(truth / "households.csv")}).fetchall()
    return Evaluation(pairwise, bcubed, [Placement(*row) for row in rows])
