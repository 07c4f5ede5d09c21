"""A snapshot: the queue and what its cases show, read into memory.

Invariant: no store is held once it is made, so that an open screen keeps no run waiting; it is of one complete run,
and whoever makes a verdict by it makes sure that this run is still the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import duckdb
import pyarrow as pa

from stormops_graph.adapters.workspace import open_beside
from stormops_graph.errors import Incomplete, Outdated
from stormops_graph.graph.evidence import choose_evidence
from stormops_graph.ledger.bindings import Listed
from stormops_graph.ports import Progress
from stormops_graph.project import Project
from stormops_graph.review.queue import Question, make_queue
from stormops_graph.rules.ruleset import read_rules
from stormops_graph.runs.locks import folder_locked
from stormops_graph.stewardship.ledger import open_ledger
from stormops_graph.tables import (
    CONVERSION,
    HOLDING,
    MEMBERSHIP,
    PAIR,
    PAIR_KIND,
    PROPERTY,
    RECORD,
    RESIDENCE,
    REVIEW_CASE,
    REVIEW_PAIR,
    REVIEW_RECORD,
    SHARED_IDENTIFIER,
    TOUCH,
    WORKSPACE_OF,
    Connection,
)

_PROFILE = "profile"  # records as they were compared, with the names that their mail addresses tell
_READ = [
    *(t.name for t in (CONVERSION, HOLDING, MEMBERSHIP, PAIR, PAIR_KIND, PROPERTY, RECORD, RESIDENCE)),
    *(t.name for t in (SHARED_IDENTIFIER, TOUCH, WORKSPACE_OF)),
    _PROFILE,
]
_RECORDS = """
INSERT INTO review_record
WITH shown AS (
    SELECT household FROM review_case UNION SELECT other FROM review_case
    UNION SELECT household FROM review_home JOIN (SELECT unnest([left_id, right_id]) AS record FROM review_verdict)
    USING (record)  -- what was decided can be looked at again
),
touched AS (SELECT record, count(*) AS touches FROM touch GROUP BY record),
converted AS (SELECT record, count(*) AS conversions FROM conversion GROUP BY record),
person AS (SELECT record, first(person ORDER BY valid_to DESC NULLS FIRST, person) AS person
           FROM membership GROUP BY record)
SELECT household, record.record, person, record.feed, coalesce(record.given, p.given), p.given_root,
       nullif(concat_ws(' ', coalesce(record.surname, p.surname), record.suffix), ''),
       coalesce(nullif(record.phones, []), p.phones),
       coalesce(nullif(record.emails, []), p.emails), address_key, cookie, record.first_seen, record.last_seen,
       coalesce(touches, 0), coalesce(conversions, 0),
       lower(concat_ws(' ', record.record, household, coalesce(record.given, p.given),
             coalesce(record.surname, p.surname), address_key, cookie,
             array_to_string(coalesce(nullif(record.phones, []), p.phones), ' '),
             array_to_string(coalesce(nullif(record.emails, []), p.emails), ' ')))
FROM review_home SEMI JOIN shown USING (household) JOIN record USING (record) LEFT JOIN person USING (record)
LEFT JOIN profile p ON p.unique_id = record.record
LEFT JOIN touched USING (record) LEFT JOIN converted USING (record)
ORDER BY household, record.record
"""
_PAIRS = """
INSERT INTO review_pair
WITH best AS (
    SELECT left_id, right_id, evidence, model FROM pair
    SEMI JOIN review_record l ON l.record = left_id SEMI JOIN review_record r ON r.record = right_id
    QUALIFY row_number() OVER (PARTITION BY left_id, right_id ORDER BY weight DESC, level, model, evidence) = 1
)
SELECT left_id, right_id, household_probability, person_probability, best.evidence, best.model, coalesce(spans, false)
FROM best LEFT JOIN pair_kind USING (left_id, right_id) LEFT JOIN shown_evidence USING (left_id, right_id)
ORDER BY left_id, right_id
"""
_QUEUE = "SELECT * FROM review_case ORDER BY place"
_BY_ID = "SELECT * FROM review_case WHERE case_id = $case_id ORDER BY place"
_BY_PAIR = "SELECT * FROM review_case WHERE left_id = $left AND right_id = $right"
_NOT_QUEUED = """
SELECT 0, left(md5($left || $right), 8), 'decided', $left, $right, l.household, r.household, household_probability,
       person_probability, 0.0, 0.0, 0, 0, 0.0
FROM review_record l, review_record r
LEFT JOIN review_pair ON left_id = $left AND right_id = $right WHERE l.record = $left AND r.record = $right
"""
_TOTALS = "SELECT count(*), coalesce(sum(doubt), 0) FROM review_case"
_FOUND = """
WITH hit AS (
    SELECT DISTINCT household FROM review_record WHERE contains(shown, $text)
)
SELECT * FROM review_case WHERE household IN (FROM hit) OR other IN (FROM hit) ORDER BY place <= $after, place LIMIT 1
"""
_INDEXED = ("review_record (household)", "review_record (record)", "review_pair (left_id)")


@dataclass(frozen=True)
class Snapshot:
    """What was read of one run; `con` is in memory and this process's own."""

    con: Connection
    queue: pa.Table  # REVIEW_CASE in order: the case of place 1 is its first row
    run: str
    verdicts: list[Listed]
    cases: int
    errors: float  # expected among the cases' placements, if the probabilities are right

    def page(self, after: int = 0, many: int = 50) -> list[Question]:
        """Cases after a place, in order."""
        return [Question(**row) for row in self.queue.slice(max(after, 0), many).to_pylist()]

    def page_before(self, before: int, many: int = 50) -> list[Question]:
        """Cases before a place, the nearest first."""
        first = max(before - 1 - many, 0)
        return [Question(**row) for row in self.queue.slice(first, max(before - 1 - first, 0)).to_pylist()][::-1]

    def by_id(self, case_id: str) -> Question | None:
        """The case of that id."""
        return next(self._rows(_BY_ID, case_id=case_id), None)

    def asked(self, pair: tuple[str, str]) -> Question | None:
        """The question about these two records, queued or not; None where one of them is not there."""
        ends = {"left": pair[0], "right": pair[1]}
        return next(self._rows(_BY_PAIR, **ends), None) or next(self._rows(_NOT_QUEUED, **ends), None)

    def found(self, text: str, after: int) -> Question | None:
        """The next case, from a place on and round again, one of whose records shows the text."""
        return next(self._rows(_FOUND, text=text.strip().lower(), after=after), None)

    def _rows(self, query: str, **parameters: object) -> Iterator[Question]:
        return (Question(*row) for row in self.con.execute(query, parameters).fetchall())


def read_snapshot(project: Project, environ: Mapping[str, str], progress: Progress) -> Snapshot:
    """The queue as the last run left it, with all verdicts; both stores are free again afterwards.

    Raises Incomplete where there is nothing to review yet, Busy during a run, ServerDown where the graph is.
    """
    if not project.workspace.exists():
        raise Incomplete("there is no run yet, so there is nothing to review", "run it: stormops-graph resolve")
    with open_ledger(project, environ, progress) as ledger:
        run, verdicts = ledger.run, ledger.listed()
    if run is None:
        raise Incomplete(
            "no resolve is complete in this workspace, so there is nothing to review",
            "look why: stormops-graph runs list; then run again: stormops-graph resolve",
        )
    families = read_rules(project.rules).household.cluster.families
    with folder_locked(project.state, "review"), open_beside(project.workspace, _READ) as con:
        if con.table(WORKSPACE_OF.name).fetchall() != [(run,)]:
            raise Outdated("a run came in between", "try again")
        return snapshot_of(con, run, verdicts, families, project.settings.review.sure)


def snapshot_of(con: Connection, run: str, verdicts: Sequence[Listed], families: int, sure: float) -> Snapshot:
    """Make the queue from the stage tables in `con`, and take what its cases show into a database of its own."""
    choose_evidence(con)
    make_queue(con, verdicts, families, sure)
    REVIEW_RECORD.create(con)
    con.execute(_RECORDS)
    REVIEW_PAIR.create(con)
    con.execute(_PAIRS)
    own = duckdb.connect(":memory:")
    for table in (REVIEW_CASE, REVIEW_RECORD, REVIEW_PAIR):
        table.create(own)
        own.from_arrow(con.table(table.name).to_arrow_table()).insert_into(table.name)
    own.execute("SET threads = 1")  # a key asks for few rows: threads would only wait for each other
    for number, columns in enumerate(_INDEXED):
        own.execute(f"CREATE INDEX review_{number} ON {columns}")
    cases, errors = own.execute(_TOTALS).fetchall()[0]
    queue = own.sql(_QUEUE).to_arrow_table().rename_columns([field.name for field in fields(Question)])
    return Snapshot(own, queue, run, list(verdicts), int(cases), float(errors))
