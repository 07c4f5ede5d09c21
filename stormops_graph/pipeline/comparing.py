"""What other rules would make of the records at hand: how many pairs change sides of the thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stormops_graph.adapters.workspace import open_beside
from stormops_graph.errors import Busy, Incomplete, NotFound, StoreError
from stormops_graph.link.linkage import compare_records
from stormops_graph.pipeline.run import Timed
from stormops_graph.ports import Progress
from stormops_graph.project import Project
from stormops_graph.rulebook.changes import RuleChanges, rule_changes
from stormops_graph.rulebook.kept import rules_called
from stormops_graph.rules.model import read_model
from stormops_graph.rules.ruleset import Rules, read_rules
from stormops_graph.runs.locks import folder_locked
from stormops_graph.tables import HOLDING, PLACEHOLDER, PROPERTY, RECORD, RULING, Connection

WEIGHED_FROM = [table.name for table in (RECORD, HOLDING, PROPERTY, PLACEHOLDER, RULING)]
"""What of a workspace pairs are made and weighed from."""
_KEPT = """
CREATE OR REPLACE TABLE {side}_pair AS
SELECT left_id, right_id, household_probability >= $household AS household, person_probability >= $person AS person
FROM pair_kind
"""
_SIDES = """
SELECT count(*) FILTER (old), count(*) FILTER (new),
       count(*) FILTER (new AND NOT old), count(*) FILTER (old AND NOT new)
FROM (
    SELECT coalesce(b.{level}, false) AS old, coalesce(a.{level}, false) AS new
    FROM before_pair b FULL JOIN after_pair a USING (left_id, right_id)
)
"""


@dataclass(frozen=True)
class Sides:
    """Pairs of records above the threshold of a level, before and after, and those that changed sides."""

    level: str
    before: int
    after: int
    joined: int
    parted: int


@dataclass(frozen=True)
class RulesDiff:
    """What changed in the rules, and for the pairs of the workspace; `unweighed` says why there are no pairs."""

    changes: RuleChanges
    pairs: Sequence[Sides]
    unweighed: str = ""


def diff_rules(project: Project, other: str, progress: Progress, *, weigh: bool = True) -> RulesDiff:
    """What changed from the rules called `other` to the project's; with `weigh` also for the records of the workspace.

    The workspace stays as it is. Records are those of the last resolve, normalised by the rules of then.
    Raises NotFound where `other` means no rules, and SettingsError for files that are no TOML.
    """
    with rules_called(project, other) as before:
        changes = rule_changes(before, project.rules)
        if not weigh or changes.nothing or changes.untrained:
            return RulesDiff(changes, ())
        try:
            pairs = _sides(project, before, progress)
        except (NotFound, Busy, Incomplete, StoreError) as error:
            return RulesDiff(changes, (), error.message)
        return RulesDiff(changes, pairs)


def _sides(project: Project, before: Path, progress: Progress) -> list[Sides]:
    if not project.workspace.is_file():
        raise NotFound("there is no workspace yet: pairs are compared after the first resolve")
    timed = Timed(progress)
    with folder_locked(project.state, "rules diff"), open_beside(project.workspace, WEIGHED_FROM) as con:
        for side, folder in (("before", before), ("after", project.rules)):
            _weigh(con, read_rules(folder), side, timed)
        return [
            Sides(level, *con.execute(_SIDES.format(level=level)).fetchall()[0]) for level in ("household", "person")
        ]


def _weigh(con: Connection, rules: Rules, side: str, timed: Timed) -> None:
    """Write `<side>_pair`."""
    model = read_model(rules)
    with timed.stage(f"pairs {side}") as task:
        task.total(4)
        compare_records(con, rules, model, task)
    least = {"household": rules.household.cluster.household_at_least, "person": rules.household.cluster.person_at_least}
    con.execute(_KEPT.format(side=side), least)
