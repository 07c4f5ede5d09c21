"""What differs in a part of the graph is all that differs, and the same."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.blueprint import found
from stormops_graph.cli.progress import progress_for
from stormops_graph.cluster.clustering import cluster
from stormops_graph.graph.differences import compare
from stormops_graph.graph.kinds import Kind
from stormops_graph.graph.load import KINDS
from stormops_graph.graph.part import concerned, in_part, remember
from stormops_graph.graph.shadow import take_over
from stormops_graph.graph.wanted import build
from stormops_graph.ledger.bindings import bind, store
from stormops_graph.ledger.decisions import Decision, Level, Verdict
from stormops_graph.link.linkage import link
from stormops_graph.pipeline.resolution import read_feeds
from stormops_graph.pipeline.run import Timed
from stormops_graph.project import Project
from stormops_graph.rules.model import read_model
from stormops_graph.rules.ruleset import read_rules
from stormops_graph.runs import now
from stormops_graph.simulation import simulate
from stormops_graph.storms import place_storms
from stormops_graph.tables import DECISION, LAST_MEMBERSHIP, Connection, Table

NAMESPACE = uuid.UUID(int=7)
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
        with progress_for().stage("link") as task:
            link(con, read_rules(project.rules), read_model(read_rules(project.rules)), task)
        DECISION.create(con)
        households(con, project)
        build(con, KINDS)
        for kind in KINDS:
            keys = dict.fromkeys(kind.columns, "VARCHAR")
            Table(f"shadow_{kind.name}", {**keys, "fingerprint": "BIGINT", "content": "UBIGINT"}).create(con)
        differences(con, KINDS)
        take_over(con, KINDS)
        LAST_MEMBERSHIP.create(con)
        con.execute(LAST)
        yield con, project


def households(con: Connection, project: Project, *decisions: Decision) -> None:
    store(con, decisions)
    bind(con, now())
    rules = read_rules(project.rules)
    with progress_for().stage("cluster") as task:
        cluster(con, rules.household.cluster, rules.session.place_at_least, NAMESPACE, task)
    place_storms(con)


def differences(con: Connection, kinds: tuple[Kind, ...]) -> dict[str, list[Any]]:
    found = {}
    for kind in kinds:
        if compare(con, kind).total:
            found[kind.name] = con.execute(f"FROM difference_{kind.name} ORDER BY ALL").fetchall()
    return found


@pytest.mark.parametrize("verdict", [Verdict.same, Verdict.different])
def test_a_part_differs_as_the_whole_does(con: tuple[Connection, Project], verdict: Verdict) -> None:
    workspace, project = con
    households(workspace, project)
    (_, one, other), (_, third, _) = workspace.execute(LARGEST).fetchall()
    ends = sorted((one, third if verdict is Verdict.same else other))
    said = Decision(
        id="d1", left=ends[0], right=ends[1], verdict=verdict, level=Level.household, by="ana", at=now(), reason="seen"
    )
    remember(workspace)
    households(workspace, project, said)
    store(workspace, [])  # verdicts are in the graph before households are
    with in_part(workspace, concerned(KINDS)):
        part = differences(workspace, concerned(KINDS))
        (records,) = workspace.execute("SELECT count(*) FROM stirred_record").fetchall()[0]
    build(workspace, KINDS)
    assert part == differences(workspace, KINDS)
    assert {"household", "matches"} <= part.keys()
    assert 0 < records < 60  # of some hundreds


def test_where_nothing_changed_nothing_differs(con: tuple[Connection, Project]) -> None:
    workspace, project = con
    households(workspace, project)
    remember(workspace)
    with in_part(workspace, concerned(KINDS)):
        assert differences(workspace, concerned(KINDS)) == {}
