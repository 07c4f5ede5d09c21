"""What is worked out, and what differs in the graph, where verdicts concern it is all that does, and the same."""

from __future__ import annotations

import uuid
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.cli.progress import progress_for
from stormops_graph.cluster.clustering import cluster
from stormops_graph.cluster.reach import find_reach
from stormops_graph.graph import prints, shadow
from stormops_graph.graph.differences import compare
from stormops_graph.graph.kinds import Kind
from stormops_graph.graph.load import KINDS
from stormops_graph.graph.part import concerned, in_part
from stormops_graph.graph.traces import TracePrint, print_traces
from stormops_graph.graph.wanted import build, want_all
from stormops_graph.journeys.storms import place_storms
from stormops_graph.ledger.bindings import bind, bound, store
from stormops_graph.ledger.decisions import Decision, Level, Verdict
from stormops_graph.link.linkage import link
from stormops_graph.normalise import normalise
from stormops_graph.pipeline.neighbourhood import follow, neighbourhood, take_over
from stormops_graph.pipeline.planning import plan_journeys
from stormops_graph.pipeline.resolution import read_feeds
from stormops_graph.pipeline.run import Timed
from stormops_graph.project import Project
from stormops_graph.project.blueprint import found
from stormops_graph.rules.model import read_model
from stormops_graph.rules.ruleset import read_rules
from stormops_graph.runs import now
from stormops_graph.simulation import simulate
from stormops_graph.tables import DECISION, LAST_MEMBERSHIP, MEMBERSHIP, Connection, Table

NAMESPACE = uuid.UUID(int=7)
MADE = (
    *("membership", "person", "residence", "identity", "lineage", "touch_storm", "conversion_storm"),
    *("journey", "journey_touch"),
)
# What is settled, without its numbers: those are of the batch in which it was.
SETTLED = """
SELECT component, record, home, confidence, lasting, valid_from, valid_to, given, surname,
       min(record) OVER (PARTITION BY component, household) AS household,
       min(record) OVER (PARTITION BY component, person) AS person,
       (SELECT list_sort(list((s.home, s.valid_from, s.valid_to))) FROM settled_stay s
        WHERE s.component = m.component AND s.household = m.household) AS stays
FROM settled_member m LEFT JOIN settled_person USING (component, person) ORDER BY ALL
"""
LAST = "INSERT INTO last_membership SELECT DISTINCT record, person, household FROM membership"
# The two largest households, each with its first record.
LARGEST = """
SELECT household, min(record), max(record) FROM membership GROUP BY household
ORDER BY count(DISTINCT record) DESC, household LIMIT 2
"""


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A workspace of a town, and shadows of a graph that holds all of it."""
    folder = tmp_path_factory.mktemp("town")
    simulate(folder / "feeds", 80, 3)
    project: Project = found(folder / "project", folder / "feeds").project
    with open_workspace(Path(project.workspace)) as con:
        read_feeds(con, project, {}, Timed(progress_for()), (), {})
        normalise(con, project.rules)
        with progress_for().stage("link") as task:
            link(con, read_rules(project.rules), read_model(read_rules(project.rules)), task)
        DECISION.create(con)
        for table in (LAST_MEMBERSHIP, Table("known", LAST_MEMBERSHIP.columns)):
            table.create(con)
        households(con, project)
        build(con, KINDS)
        for kind in KINDS:
            keys = dict.fromkeys(kind.columns, "VARCHAR")
            Table(
                f"shadow_{kind.name}", {**keys, "fingerprint": "BIGINT", "content": "UBIGINT", "timed": "UBIGINT"}
            ).create(con)
        differences(con, KINDS)
        shadow.take_over(con, KINDS)
        recall(con)
        con.execute("INSERT INTO known FROM last_membership")
        yield con, project


def recall(con: Connection) -> None:
    LAST_MEMBERSHIP.create(con)
    con.execute(LAST)


def households(con: Connection, project: Project, *decisions: Decision) -> None:
    """As a run does it on a graph that holds the town as it was first."""
    store(con, decisions)
    con.execute("CREATE OR REPLACE TABLE last_membership AS FROM known")
    bind(con, now())
    rules = read_rules(project.rules)
    with progress_for().stage("cluster") as task:
        cluster(con, rules.household.cluster, rules.session.place_at_least, NAMESPACE, task)
    place_storms(con)


def differences(con: Connection, kinds: tuple[Kind, ...]) -> dict[str, list[Any]]:
    return {
        kind.name: con.execute(f"FROM difference_{kind.name} ORDER BY ALL").fetchall() for kind in compare(con, kinds)
    }


def said(con: Connection, verdict: Verdict) -> Decision:
    """That the two largest households are one, or the largest is two."""
    (_, one, other), (_, third, _) = con.execute(LARGEST).fetchall()
    left, right = sorted((one, third if verdict is Verdict.same else other))
    return Decision(
        id="d1", left=left, right=right, verdict=verdict, level=Level.household, by="ana", at=now(), reason="seen"
    )


def amended(con: Connection, project: Project, *decisions: Decision) -> int:
    """Work households and journeys out anew where verdicts concern them; how many records that is."""
    rules, rows = read_rules(project.rules), bound(con, decisions, now(), MEMBERSHIP)
    least = rules.session.place_at_least
    reached = find_reach(con, rows)
    whole = print_traces(con)
    with neighbourhood(con, rows):
        before = print_traces(con)
        with progress_for().stage("cluster") as task:
            cluster(con, rules.household.cluster, least, NAMESPACE, task)
        follow(con, journeys=True)
        after = print_traces(con)
    take_over(con, journeys=True)
    assert TracePrint.read(str(whole)).where(before, after) == print_traces(con)
    return reached


def tables(con: Connection) -> dict[str, list[Any]]:
    made = {name: con.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in MADE}
    return made | {"settled": con.execute(SETTLED).fetchall()}


@pytest.mark.parametrize("verdict", [Verdict.same, Verdict.different])
def test_households_worked_out_where_verdicts_concern_them_are_those_worked_out_of_all(
    con: tuple[Connection, Project], verdict: Verdict
) -> None:
    workspace, project = con
    households(workspace, project)
    plan_journeys(workspace)
    before = tables(workspace)
    decision = said(workspace, verdict)
    assert 0 < amended(workspace, project, decision) < 60  # of some hundreds
    part = tables(workspace)
    assert part["membership"] != before["membership"] and part["lineage"]
    for said_then, expected in (
        ((), before),
        ((decision,), part),
        ((), before),
    ):  # withdrawn by the next run, and so on
        households(workspace, project, *said_then)
        plan_journeys(workspace)
        assert tables(workspace) == expected
    assert amended(workspace, project) == 0 and tables(workspace) == before  # nothing was said


@pytest.mark.parametrize("verdict", [Verdict.same, Verdict.different])
def test_a_part_differs_as_the_whole_does(con: tuple[Connection, Project], verdict: Verdict) -> None:
    workspace, project = con
    households(workspace, project)
    plan_journeys(workspace)
    assert amended(workspace, project, said(workspace, verdict))
    store(workspace, [])  # verdicts are in the graph before households are
    prints.stir_reached(workspace)
    with in_part(workspace, concerned(KINDS)):
        part = differences(workspace, concerned(KINDS))
    build(workspace, KINDS)
    assert part == differences(workspace, KINDS)
    assert {"household", "matches"} <= part.keys()


# What may change from one load to the next, each in a few rows; two at a time, which have no rows in common.
CHANGES = [
    "UPDATE property SET address = 'elsewhere' WHERE property_id IN (SELECT min(property_id) FROM residence)",
    "DELETE FROM property WHERE property_id IN (SELECT max(property_id) FROM residence)",
    "UPDATE residence SET valid_to = TIMESTAMP '2025-01-01' WHERE household IN (SELECT min(household) FROM residence)",
    "UPDATE person SET given = 'zoe' WHERE person IN (SELECT min(person) FROM person)",
    "UPDATE touch SET rep_id = 'R9' WHERE touch_id IN (SELECT min(touch_id) FROM touch)",
    "DELETE FROM touch WHERE record IN (SELECT max(record) FROM touch)",
    "UPDATE touch_storm SET event_id = 'OTHER' WHERE touch_id IN (SELECT min(touch_id) FROM touch_storm)",
    "DELETE FROM conversion_storm WHERE conversion_id IN (SELECT min(conversion_id) FROM conversion_storm)",
    "DELETE FROM conversion WHERE conversion_id IN (SELECT max(conversion_id) FROM conversion)",
    "UPDATE candidate SET probability = 0.01 WHERE record IN (SELECT min(record) FROM candidate)",
    "UPDATE address_home SET probability = 0.01 WHERE address_key IN (SELECT min(address_key) FROM address_home)",
    "DELETE FROM holding WHERE record IN (SELECT min(record) FROM holding WHERE kind = 'phone')",
    "UPDATE shared_identifier SET distinct_people = distinct_people + 1",
    """INSERT INTO shared_identifier SELECT kind, max(value), 9, 9, 'placeholder' FROM holding
    WHERE kind IN ('phone', 'email', 'address') GROUP BY kind""",
    "DELETE FROM shared_identifier WHERE reason = 'placeholder'",
    "DELETE FROM pair WHERE hash(left_id, right_id) % 20 = 0",
    "UPDATE pair SET weight = weight - 3 WHERE hash(left_id, right_id) % 20 = 1",
    "UPDATE membership SET confidence = 0.5 WHERE record IN (SELECT min(record) FROM membership)",
    "UPDATE membership SET household = (SELECT min(household) FROM membership), person = NULL "
    "WHERE record IN (SELECT max(record) FROM membership)",
    "DELETE FROM membership WHERE household IN (SELECT max(household) FROM membership)",
    """DELETE FROM record WHERE record IN (SELECT min(record) FROM record);
    DELETE FROM membership WHERE record NOT IN (SELECT record FROM record);
    DELETE FROM holding WHERE record NOT IN (SELECT record FROM record);
    DELETE FROM touch WHERE record NOT IN (SELECT record FROM record);
    DELETE FROM pair WHERE left_id NOT IN (SELECT record FROM record) OR right_id NOT IN (SELECT record FROM record)""",
]


def test_records_of_another_print_are_all_that_can_differ(con: tuple[Connection, Project]) -> None:
    workspace, project = con
    households(workspace, project)
    build(workspace, KINDS)
    differences(workspace, KINDS)
    homes = tuple(kind for kind in KINDS if kind.name == "property")
    some = set()
    half = len(CHANGES) // 2
    pairs = map("; ".join, zip_longest(CHANGES[half:], CHANGES[:half], fillvalue="SELECT 1"))
    for number, change in enumerate(["SELECT 1", "SELECT 1", *pairs]):
        shadow.take_over(workspace, KINDS)
        recall(workspace)
        if number:
            prints.keep(workspace, str(number))
        workspace.execute(change)
        prints.print_records(workspace)
        want_all(workspace, homes)
        differences(workspace, homes)
        part = None
        if number:
            assert prints.find_stirred(workspace, str(number)), change
            with in_part(workspace, concerned(KINDS)):
                part = differences(workspace, concerned(KINDS))
        build(workspace, KINDS)
        whole = differences(workspace, KINDS)
        if number:
            assert part == {name: rows for name, rows in whole.items() if name in parts()}, change
            some |= whole.keys()
    assert {name for name in parts() - some if "_into" not in name and "_from" not in name} <= {"cookie"}
    assert not prints.find_stirred(workspace, "another run")


def parts() -> set[str]:
    return {kind.name for kind in concerned(KINDS)}
