"""The cluster stage: pairs, verdicts and the last membership in; persons and households with lasting ids out.

Invariant: the membership is a function of the tables it reads; no order of rows, thread or clock shows in it.
"""

from __future__ import annotations

import gc
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from stormops_graph.carryover import carried
from stormops_graph.cluster.agreement import find_agreement
from stormops_graph.cluster.attachment import attach
from stormops_graph.cluster.components import find_components
from stormops_graph.cluster.evidence import Evidence, Verdicts, gather_evidence, read_evidence
from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.landlords import leave_let_homes
from stormops_graph.cluster.news import find_reached
from stormops_graph.cluster.outcome import write_outcome
from stormops_graph.cluster.persons import find_persons
from stormops_graph.cluster.placement import Placement, place
from stormops_graph.cluster.residents import Household, find_residents
from stormops_graph.cluster.settlement import (
    SETTLED,
    batch_due,
    find_unsettled,
    settle,
    settle_agreed,
    settling,
)
from stormops_graph.ports import UNWATCHED, Task
from stormops_graph.rules.ruleset import ClusterRules
from stormops_graph.tables import (
    BINDING,
    ENDED_ID,
    HOLDING,
    IDENTIFIER_NEWS,
    LAST_MEMBERSHIP,
    RECORD_NEWS,
    REPLACED_RECORD,
    USED_ID,
    Connection,
)

_TEMPORARY = (
    *(
        "evidence_record",
        "evidence_edge",
        "evidence_binding",
        "evidence_shown",
        "evidence_parted",
        "evidence_label",
        "evidence_component",
    ),
    *("news_told", "news_home", "news_reached", "evidence_due"),
    *("settled_gone", "settled_left", "agreeing", "agreed", "grouped", "overlap", "named_before", "named_still"),
    *("named", "named_household", "named_person", "named_member", "named_due", "named_left", "renamed"),
    *("back", "settled_due", "member_due", "last_due", "used_due"),
)


def cluster(
    con: Connection, rules: ClusterRules, cookie_at_least: float, namespace: uuid.UUID, task: Task = UNWATCHED
) -> None:
    """Read record, holding, record_home, pair_kind, candidate, leftover, binding, last_membership, used_id, ended_id
    and what of these is news; write membership, person, residence, lineage and identity. Components that the last run
    saw are taken over.
    """
    for table in (HOLDING, BINDING, LAST_MEMBERSHIP, USED_ID, ENDED_ID, REPLACED_RECORD, RECORD_NEWS):
        table.ensure(con)
    task.total(4)
    with settling(con, rules, cookie_at_least) as known:
        if known:
            find_reached(con, rules.tie_at_least, cookie_at_least)
        gather_evidence(con, rules, cookie_at_least, whole=not known)
        find_components(con)
        task.advance()
        find_unsettled(con)
        find_agreement(con, rules)
        settle_agreed(con)
        with _uncollected():
            for batch in batch_due(con):
                settle(con, batch, _placement(read_evidence(con, batch), rules))
    task.advance(2)
    write_outcome(con, namespace)
    for table in (RECORD_NEWS, IDENTIFIER_NEWS, REPLACED_RECORD):  # all of them are in the outcome
        table.create(con)
    for name in _TEMPORARY:  # they hold as much as the evidence
        con.execute(f"DROP TABLE IF EXISTS {name}")
    task.advance()


def is_kept(con: Connection, rules: ClusterRules, cookie_at_least: float) -> bool:
    """Whether the clusters are kept as these rules and this version of the software make them."""
    return carried(con, SETTLED.name, rules, cookie_at_least)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no cycles: there are none among so many small tuples, and looking takes a quarter of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _placement(evidence: Evidence, rules: ClusterRules) -> Placement:
    households, probability = find_households(evidence, rules)
    return place(evidence, households, persons_in(evidence, households, rules), probability)


def find_households(evidence: Evidence, rules: ClusterRules) -> tuple[list[Household], dict[int, float]]:
    """All records in households, and how probable the place of those is that were attached to one."""
    evidence = leave_let_homes(evidence, rules)
    forest = _forest(evidence, evidence.household)
    households = find_residents(evidence, forest, rules)
    return households, attach(evidence, forest, households, rules)


def persons_in(evidence: Evidence, households: Sequence[Household], rules: ClusterRules) -> list[list[int]]:
    """The record numbers of each person; what is one person by verdict is one household before."""
    household_of = _numbers(len(evidence.profiles), households)
    persons = find_persons(evidence, household_of, rules, _forest(evidence, evidence.person))
    # What is one household's after another's, such as a number that changed hands, is nobody's own.
    dated = {n for household in households for n in household.tenures}
    return [members for members in persons if not dated.issuperset(members)]


def _forest(evidence: Evidence, verdicts: Verdicts) -> Forest:
    """A forest with the verdicts in it, which do not contradict each other, and nothing else."""
    forest = Forest(len(evidence.profiles))
    for left, right in verdicts.same:
        forest.join(left, right)
    for left, right in verdicts.different:
        forest.part(left, right)
    return forest


def _numbers(size: int, households: Sequence[Household]) -> list[int]:
    """Household number of each record, and a number of its own for what is in a household for a time only."""
    numbers = list(range(-size, 0))
    for number, household in enumerate(households):
        for member in household.members:
            if member not in household.tenures:
                numbers[member] = number
    return numbers
