"""Corrects how probable pairs are stated to be, by what stewards' verdicts on such pairs turned out to be.

Invariant: stewards are asked about doubtful pairs, which are chosen by the stated probability and not by the truth. So
verdicts tell how often a stated probability is right, but not how often levels of comparisons agree among all pairs:
the weights of the comparisons stay as they were trained. Nor do they tell anything of pairs that are surer than those
that were asked about, or too unlikely to be kept; there nothing is corrected. The order of the pairs changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stormops_graph.errors import ModelError
from stormops_graph.link.mixture import Array
from stormops_graph.link.pairs import KEEP_AT_LEAST
from stormops_graph.rules.model import Calibration, log_odds, moves
from stormops_graph.tables import Connection, Table

FEWEST, FEWEST_EACH = 30, 5  # verdicts of a level, and of either answer, below which they say too little
A_THIRD = 4.0  # verdicts for which it counts, in each third, that what is stated holds (a Dirichlet prior of slopes)
_ROUNDS, _ENOUGH = 100, 1e-10

LABELLED = Table(
    "labelled_pair",  # what stewards said of pairs of records, by level; left_id < right_id
    {"level": "VARCHAR", "left_id": "VARCHAR", "right_id": "VARCHAR", "same": "BOOLEAN"},
)
# A row that names a contact's id is weighed by nobody; pairs outside of the span are not asked about, but only noticed.
_STATED = """
SELECT CASE level WHEN 'person' THEN person_probability ELSE household_probability END AS stated, same
FROM labelled_pair JOIN pair_kind USING (left_id, right_id) ANTI JOIN keyed_pair USING (left_id, right_id)
WHERE level = $level AND household_probability BETWEEN $low AND $high ORDER BY ALL
"""


@dataclass(frozen=True)
class Calibrated:
    """What verdicts made of a level, and how many there were of either answer."""

    level: str
    same: int
    different: int
    calibration: Calibration | None  # None: too few verdicts


def calibrate(con: Connection, span: tuple[float, float]) -> list[Calibrated]:
    """Hold PAIR_KIND, as the trained model states it, against LABELLED, for pairs stated within `span`.

    Raises ModelError where no level has enough verdicts.
    """
    LABELLED.check(con)
    found = [_level(con, level, span) for level in ("household", "person")]
    if not any(one.calibration for one in found):
        counts = ", ".join(f"{one.level} {one.same} same and {one.different} different" for one in found)
        raise ModelError(
            f"too few verdicts to learn from on pairs stated between {span[0]} and {span[1]} ({counts})",
            f"a level needs {FEWEST}, of either answer {FEWEST_EACH}: stormops-graph review",
        )
    return found


def fitted(stated: Array, same: NDArray[np.bool_], ends: tuple[float, float]) -> Calibration:
    """The most probable moves of log odds, which leave each third of the way as it is but for what verdicts say: the
    fewer of these, the less moves, and the map rises whatever they say.

    ends: the probabilities at which, and beyond which, nothing moves.
    """
    odds = log_odds(stated)
    low, high = map(float, log_odds(np.array(ends)))
    columns, thirds = moves(odds, low, high), np.array([[1, 0], [-1, 1], [0, -1]]) * 3 / (high - low)

    def log_posterior(tried: Array) -> float:
        slopes, said = 1 + thirds @ tried, odds + columns @ tried
        if slopes.min() <= 0:
            return -np.inf
        return float((same * said - np.logaddexp(0, said)).sum() + A_THIRD * np.log(slopes).sum())

    now = np.zeros(2)
    for _ in range(_ROUNDS):
        slopes, chance = 1 + thirds @ now, 1 / (1 + np.exp(-(odds + columns @ now)))
        pull = columns.T @ (same - chance) + A_THIRD * thirds.T @ (1 / slopes)
        curve = (columns * (chance * (1 - chance))[:, None]).T @ columns + A_THIRD * (thirds.T / slopes**2) @ thirds
        step = np.linalg.solve(curve, pull)
        while log_posterior(now + step) < log_posterior(now) and np.abs(step).max() > _ENOUGH:
            step = step / 2  # a whole step may leap over the top
        now = now + step
        if np.abs(step).max() <= _ENOUGH:
            break
    lower, upper = (round(float(value), 6) for value in now)
    return Calibration(low, high, lower, upper, len(stated))


def _level(con: Connection, level: str, span: tuple[float, float]) -> Calibrated:
    rows = con.execute(_STATED, {"level": level, "low": span[0], "high": span[1]}).fetchall()
    same = np.array([bool(answer) for _, answer in rows])
    yes, no = int(same.sum()), len(rows) - int(same.sum())
    if len(rows) < FEWEST or min(yes, no) < FEWEST_EACH:
        return Calibrated(level, yes, no, None)
    stated = np.array([stated for stated, _ in rows])
    return Calibrated(level, yes, no, fitted(stated, same, (KEEP_AT_LEAST, span[1])))
