"""Precision without labels: a sample of households for review, and the estimate from what reviewers answer.

Precision here is the share of pairs of records in one household that truly belong together. Households of two records
and more are sampled without replacement in strata by their number of records, each getting its share of all pairs
(Neyman allocation where the spread grows with the pairs) and two at least. With y right pairs among the x pairs of a
household, the estimate is the combined ratio sum(N·mean y) / sum(N·mean x) over strata of N households, its variance
sum(N² (1 - n/N) s²(y - Rx) / n) / X² (Cochran, Sampling Techniques, 3rd ed. 1977, chapter 6). Where no mistake is found
that is 0, and the interval goes by the rule of three: as if up to 3/n of all pairs were in wrong households, none right
(Hanley and Lippman-Hand 1983).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, variance

from stormops_graph.errors import Incomplete, InputError
from stormops_graph.evaluation.findings import Reviewed
from stormops_graph.exports import write_file
from stormops_graph.tables import Connection

STRATA = (2, 3, 5, 10, 20)  # records; each stratum begins with one
LEAST = 2  # households of a stratum that are reviewed
_Z = 1.959964  # 95 %

_HOUSEHOLDS = """
CREATE OR REPLACE TEMP TABLE reviewable AS
SELECT household, count(DISTINCT record) AS records,
       (SELECT max(low) FROM (SELECT unnest($strata) AS low) WHERE low <= count(DISTINCT membership.record)) AS stratum
FROM membership GROUP BY household HAVING count(DISTINCT record) > 1
"""
_STRATA = """
SELECT stratum, count(*), sum(records * (records - 1) // 2)::BIGINT FROM reviewable GROUP BY stratum ORDER BY stratum
"""
_SAMPLE = """
SELECT m.household AS household_id, m.stratum, m.households AS households_in_stratum,
       count(*) OVER (PARTITION BY m.household) AS records_in_household, r.record,
       NULL::VARCHAR AS belongs_with, r.feed, concat_ws(' ', r.given, r.surname, r.suffix) AS name,
       array_to_string(r.phones, ' ') AS phones, array_to_string(r.emails, ' ') AS emails, r.address_key AS address,
       r.cookie, r.first_seen, r.last_seen
FROM (
    SELECT DISTINCT membership.household, membership.record, stratum, drawn.households
    FROM membership JOIN (
        SELECT *, row_number() OVER (PARTITION BY stratum ORDER BY md5(household || $seed), household) AS place,
               count(*) OVER (PARTITION BY stratum) AS households
        FROM reviewable
    ) AS drawn USING (household) JOIN wanted USING (stratum)
    WHERE place <= take
) AS m JOIN record r USING (record)
ORDER BY m.stratum, md5(m.household || $seed), m.household, r.record
"""


@dataclass(frozen=True)
class Answered:
    """A reviewed household: its pairs of records, and those of them that belong together."""

    pairs: int
    right: int


@dataclass
class Stratum:
    """Households of like size: how many there are, and those reviewed."""

    households: int
    answered: list[Answered] = field(default_factory=list)


def write_sample(con: Connection, many: int, seed: int, out: Path) -> tuple[int, int]:
    """Write about `many` households for review to `out`; how many households and records they are.

    In the column belongs_with, reviewers give records of one true household the same word or number.
    Raises Incomplete where there is nothing to review.
    """
    con.execute(_HOUSEHOLDS, {"strata": list(STRATA)})
    strata = con.execute(_STRATA).fetchall()
    if not strata:
        raise Incomplete("no household has two records, so there is nothing to review", "run stormops-graph resolve")
    wanted = allocated(many, strata)
    con.execute("CREATE OR REPLACE TEMP TABLE wanted (stratum BIGINT, take BIGINT)")
    con.executemany("INSERT INTO wanted VALUES (?, ?)", list(wanted.items()))
    return sum(wanted.values()), write_file(con.sql(_SAMPLE, params={"seed": f":{seed}"}), out)


def allocated(many: int, strata: Sequence[tuple[int, int, int]]) -> dict[int, int]:
    """Households to review by stratum, from (stratum, households, pairs): by pairs, two at least, all at most.

    What a stratum of few large households cannot take is left for the smaller ones, each of which is left its two.
    """
    wanted, left, pairs = {}, many, sum(part[2] for part in strata)
    least = sum(min(LEAST, there) for _, there, _ in strata)
    for low, there, held in sorted(strata, reverse=True):
        least -= min(LEAST, there)
        wanted[low] = min(there, max(LEAST, min(left - least, round(left * held / pairs))))
        left, pairs = left - wanted[low], pairs - held
    return wanted


def count_pairs(answers: Iterable[str]) -> Answered:
    """The pairs of a household whose records were given these words."""
    groups = Counter(answers)
    return Answered(math.comb(groups.total(), 2), sum(math.comb(size, 2) for size in groups.values()))


def estimate(strata: Sequence[Stratum], unanswered: int = 0) -> Reviewed:
    """The combined ratio estimate and its standard error."""
    joined = _joined(strata)
    pairs = sum(part.households * fmean(a.pairs for a in part.answered) for part in joined)
    right = sum(part.households * fmean(a.right for a in part.answered) for part in joined)
    precision = right / pairs
    error = math.sqrt(sum(_variance(part, precision) for part in joined)) / pairs
    reviewed, there = sum(len(part.answered) for part in joined), sum(part.households for part in joined)
    wrong = sum(answer.right < answer.pairs for part in joined for answer in part.answered)
    below = _Z * error if wrong or reviewed == there else 3 / reviewed
    return Reviewed(
        households=reviewed,
        unanswered=unanswered,
        population=there,
        wrong=wrong,
        precision=precision,
        standard_error=error,
        low=max(0.0, precision - below),
        high=min(1.0, precision + _Z * error),
    )


def _variance(part: Stratum, precision: float) -> float:
    """What a stratum adds to the variance of the estimated total of y - Rx."""
    reviewed = len(part.answered)
    if reviewed >= part.households:
        return 0.0
    spread = variance(answer.right - precision * answer.pairs for answer in part.answered)
    return part.households**2 * (1 - reviewed / part.households) * spread / reviewed


def _joined(strata: Sequence[Stratum]) -> list[Stratum]:
    """Strata of which fewer than two households (and not all) were reviewed are joined to the one before or after."""
    joined: list[Stratum] = []
    for part in strata:
        if joined and (_too_few(joined[-1]) or _too_few(part)):
            before = joined.pop()
            joined.append(Stratum(before.households + part.households, before.answered + part.answered))
        else:
            joined.append(Stratum(part.households, list(part.answered)))
    if _too_few(joined[-1]):
        raise InputError(
            "one reviewed household says nothing about the others", "review at least two, better a hundred"
        )
    return joined


def _too_few(part: Stratum) -> bool:
    return len(part.answered) < min(2, part.households)
