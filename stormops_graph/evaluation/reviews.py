"""What reviewers answered of a sample, held to be the sample that was written: each line once, and as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from stormops_graph.errors import InputError, Mistyped
from stormops_graph.evaluation.findings import Reviewed
from stormops_graph.evaluation.sampling import Stratum, count_pairs, estimate
from stormops_graph.evaluation.sheets import LINE, read_sheet
from stormops_graph.tables import Connection

ANSWER = "belongs_with"
RECORDS = "records_in_household"  # not in the samples of earlier versions
_REQUIRED = ("household_id", "stratum", "households_in_stratum", "record", ANSWER)
_AS_WRITTEN = f"fill {ANSWER} alone, and leave the sample's lines as they were written"
_STRANGERS = """
SELECT count(*) FILTER (NOT known), min(line) FILTER (NOT known), count(*)
FROM (SELECT line, coalesce(record, '') IN (SELECT record FROM record) AS known FROM review_sheet)
"""


class Answer(NamedTuple):
    """One line of a reviewed sample."""

    line: int
    household: str
    stratum: int
    households: int
    record: str
    records: int | None  # of its household
    word: str


def read_review(file: Path) -> Reviewed:
    """Estimate precision from a reviewed sample; raises InputError where it has no complete household, or names the
    line that is not as it was written.
    """
    households: dict[str, list[Answer]] = defaultdict(list)
    for answer in _answers(file):
        households[answer.household].append(answer)
    for answers in households.values():
        _hold_whole(file, answers)
    _hold_strata(file, households)
    strata: dict[int, Stratum] = {}
    for _, answers in sorted(households.items()):
        part = strata.setdefault(answers[0].stratum, Stratum(answers[0].households))
        words = [answer.word for answer in answers]
        if not {"", "?"} & set(words):
            part.answered.append(count_pairs(words))
    unanswered = len(households) - sum(len(part.answered) for part in strata.values())
    if unanswered == len(households):
        raise InputError(
            f"{file} has no household whose records all have an answer",
            f"fill {ANSWER}: the same word for records of one household; ? where it cannot be known",
        )
    return estimate([strata[low] for low in sorted(strata)], unanswered)


def strangers(con: Connection, file: Path) -> str | None:
    """What is to say of rows of a reviewed sample whose records are not there now; None where all are.

    Raises InputError where none is, as then it is no sample of these households.
    """
    con.register("review_sheet", _sheet(file))
    count, first, rows = con.execute(_STRANGERS).fetchall()[0]
    con.unregister("review_sheet")
    if rows and count == rows:
        raise InputError(
            f"{file}: none of its {rows:,} records is known here, from line {first:,} on",
            "give the file that `evaluate --sample` wrote in this project, its column record untouched",
        )
    if not count:
        return None
    return (
        f"records of the sample that are in no feed now: {count:,} of {rows:,}, the first in line {first:,}; "
        "they count all the same"
    )


def _sheet(file: Path) -> pa.Table:
    if not file.is_file():
        raise Mistyped(f"there is no {file}", "write a sample first: stormops-graph evaluate --sample 200 --out FILE")
    return read_sheet(file, _REQUIRED)


def _answers(file: Path) -> list[Answer]:
    return [
        Answer(
            row[LINE],
            (row["household_id"] or "").strip(),
            _number(file, row, "stratum"),
            _number(file, row, "households_in_stratum"),
            (row["record"] or "").strip(),
            _number(file, row, RECORDS) if RECORDS in row else None,
            (row[ANSWER] or "").strip().lower(),
        )
        for row in _sheet(file).to_pylist()
    ]


def _number(file: Path, row: Mapping[str, str | int | None], name: str) -> int:
    try:
        return int(row[name] or "")
    except ValueError:
        raise InputError(
            f"{file} line {row[LINE]:,}: {name} is no whole number: {row[name] or ''!r}", _AS_WRITTEN
        ) from None


def _hold_whole(file: Path, answers: Sequence[Answer]) -> None:
    """Hold that a household has each of its records once, all in one stratum."""
    first, lines = answers[0], {answers[0].record: answers[0].line}
    for answer in answers[1:]:
        if answer.record in lines:
            raise InputError(
                f"{file} has a record of one household twice, in lines {lines[answer.record]:,} and {answer.line:,}",
                _AS_WRITTEN,
            )
        lines[answer.record] = answer.line
        if (answer.stratum, answer.households, answer.records) != (first.stratum, first.households, first.records):
            raise InputError(
                f"{file} says of one household in line {first.line:,} another stratum or size than in line"
                f" {answer.line:,}",
                _AS_WRITTEN,
            )
    if first.records is not None and first.records != len(answers):
        raise InputError(
            f"{file} has {len(answers)} of the {first.records} lines of the household in line {first.line:,}",
            _AS_WRITTEN,
        )


def _hold_strata(file: Path, households: Mapping[str, Sequence[Answer]]) -> None:
    """Hold that a stratum has as many households in all its lines, and no fewer than were drawn from it."""
    drawn: dict[int, list[Answer]] = defaultdict(list)
    for answers in households.values():
        drawn[answers[0].stratum].append(answers[0])
    for stratum, firsts in drawn.items():
        if other := next((one for one in firsts if one.households != firsts[0].households), None):
            raise InputError(
                f"{file} says in lines {firsts[0].line:,} and {other.line:,} that stratum {stratum} has"
                f" {firsts[0].households:,} and {other.households:,} households",
                _AS_WRITTEN,
            )
        if len(firsts) > firsts[0].households:
            raise InputError(
                f"{file} has {len(firsts):,} households of stratum {stratum}, which has {firsts[0].households:,} by"
                f" line {firsts[0].line:,}",
                _AS_WRITTEN,
            )
