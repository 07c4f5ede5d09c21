"""What a run tells about itself: counts, reasons and seconds, never a person's values.

Invariant: a report is plain data that survives JSON, so the one shown at the end of a run and the one kept
with the run in the graph are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from stormops_graph.reports import ReportPart
from stormops_graph.reports.feeds import FeedRows, feed_rows
from stormops_graph.reports.plan import Moves
from stormops_graph.tables import (
    FEED_COUNT,
    FEED_FILE,
    MEMBERSHIP,
    PAIR,
    PERSON,
    QUARANTINE,
    RECORD,
    RESIDENCE,
    SHARED_IDENTIFIER,
    Connection,
)
from stormops_graph.tables.ingested import FORGOTTEN

LARGE_HOUSEHOLD = 40  # records; more are seldom one family


class Quarantined(ReportPart):
    """Rows of a feed that were set aside for one reason, or are used without one value (`kept`)."""

    feed: str
    field: str | None
    reason: str
    rows: int
    kept: bool = False


class Shared(ReportPart):
    """Identifiers that bind nobody together, for one reason."""

    kind: str
    reason: str
    values: int


class Largest(ReportPart):
    """The household with the most records."""

    household: str
    records: int
    persons: int


class Change(ReportPart):
    """How many of a kind are new, changed and gone since the last run."""

    new: int = 0
    changed: int = 0
    gone: int = 0

    @property
    def total(self) -> int:
        """All that differs."""
        return self.new + self.changed + self.gone

    def __add__(self, other: Change) -> Change:
        return Change(new=self.new + other.new, changed=self.changed + other.changed, gone=self.gone + other.gone)


class Figures(ReportPart):
    """What the stage tables say at the end of a run."""

    feeds: list[FeedRows] = Field(default_factory=list)
    quarantine: list[Quarantined] = Field(default_factory=list)
    shared: list[Shared] = Field(default_factory=list)
    records: int = 0
    pairs: dict[str, int] = Field(default_factory=dict)  # by kind of evidence; a pair may have several
    persons: int = 0
    households: int = 0
    households_with_home: int = 0
    largest: Largest | None = None
    notes: list[str] = Field(default_factory=list)


class RunReport(Figures):
    """One `resolve`: what went in, what came out, what differs from the last run, and how long it took."""

    run: str
    started_at: datetime
    finished_at: datetime
    simulated: bool = False
    moves: Moves | None = None  # of households; None in the report of an earlier release
    changes: dict[str, Change] = Field(default_factory=dict)  # by label or relationship type of the graph
    journeys: int = 0
    seconds: dict[str, float] = Field(default_factory=dict)  # by stage, in order

    @property
    def nothing_changed(self) -> bool:
        """Whether the run had no news, so that nothing was written."""
        return not any(change.total for change in self.changes.values())

    def look_next(self) -> list[str]:
        """What is worth a look now, most pressing first."""
        advice = []
        advice += [f"no row of {feed.feed} could be used" for feed in self.feeds if feed.read and not feed.used]
        # Who was forgotten stays away every night: that is as it should be.
        aside = [part for part in self.quarantine if not part.kept and part.reason != FORGOTTEN]
        if aside:
            most = max(aside, key=lambda part: part.rows)
            advice.append(
                f"{sum(part.rows for part in aside):,} rows were set aside, most in {most.feed} ({most.reason}): "
                "stormops-graph export quarantine --out quarantine.csv"
            )
        if self.largest and self.largest.records > LARGE_HOUSEHOLD:
            advice.append(
                f"the largest household has {self.largest.records:,} records: "
                f"stormops-graph household {self.largest.household}"
            )
        advice.append("credits from these journeys: stormops-graph attribute")
        return advice

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            **self.model_dump(mode="json"),
            "nothing_changed": self.nothing_changed,
            "look_next": self.look_next(),
        }

    @classmethod
    def from_dict(cls, report: Mapping[str, Any]) -> RunReport:
        """The report that `as_dict` wrote."""
        return cls.model_validate(report)


def figures(con: Connection) -> Figures:
    """The figures of the stage tables in `con`; tables that a run has not reached count as empty."""
    for table in (FEED_COUNT, FEED_FILE, QUARANTINE, SHARED_IDENTIFIER, RECORD, PAIR, PERSON, MEMBERSHIP, RESIDENCE):
        table.ensure(con)
    return Figures(
        feeds=feed_rows(con),
        quarantine=[Quarantined(**row) for row in _rows(con, _QUARANTINE)],
        shared=[Shared(**row) for row in _rows(con, _SHARED)],
        records=RECORD.check(con),
        pairs={row["kind"]: row["pairs"] for row in _rows(con, _PAIRS)},
        persons=PERSON.check(con),
        **_rows(con, _HOUSEHOLDS)[0],
        largest=next((Largest(**row) for row in _rows(con, _LARGEST)), None),
        notes=[
            f"{Path(row['file']).name} was read as {row['encoding']}: if letters look wrong, set encoding under "
            f"[feeds.{row['feed']}]"
            for row in _rows(con, _FILES)
        ],
    )


_FILES = """
    SELECT feed, file, encoding FROM feed_file WHERE encoding NOT IN ('', 'utf-8') ORDER BY feed, file
"""
_QUARANTINE = """
    SELECT feed, field, reason, kept, count(*) AS rows FROM quarantine
    GROUP BY ALL ORDER BY kept, rows DESC, feed, field, reason
"""
_SHARED = """
    SELECT kind, reason, count(*) AS "values" FROM shared_identifier
    GROUP BY ALL ORDER BY kind, reason
"""
_PAIRS = """
    SELECT kind, sum(times)::BIGINT AS pairs FROM (
        SELECT unnest(list_distinct(json_extract_string(evidence, '$[*].kind'))) AS kind, times
        FROM (SELECT evidence, count(*) AS times FROM pair GROUP BY evidence) -- of many pairs it is the same
    ) GROUP BY kind ORDER BY pairs DESC, kind
"""
_HOUSEHOLDS = """
    SELECT count(DISTINCT household) AS households,
        (SELECT count(DISTINCT household) FROM residence) AS households_with_home
    FROM membership
"""
_LARGEST = """
    SELECT household, count(DISTINCT record) AS records, count(DISTINCT person) AS persons FROM membership
    WHERE household IS NOT NULL GROUP BY household ORDER BY records DESC, household LIMIT 1
"""


def _rows(con: Connection, query: str) -> list[dict[str, Any]]:
    rows = con.execute(query).fetchall()
    names = [column[0] for column in con.description or ()]
    return [dict(zip(names, row, strict=True)) for row in rows]
