"""The lift between homes, on a real graph: by hand on a small storm, and through the commands."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from graph_sample import add, at, sample
from shared_servers import Quiet, Servers

from stormops_graph import pipeline
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.postgres import PostgresOutputs
from stormops_graph.cli.credit_tables import show_credits
from stormops_graph.cli.screen import screen
from stormops_graph.graph.load import load
from stormops_graph.journeys import make_journeys
from stormops_graph.journeys.holdouts import lift_output, lifts, newcombe
from stormops_graph.journeys.storms import place_storms
from stormops_graph.project.blueprint import found
from stormops_graph.simulation import simulate
from stormops_graph.tables import (
    CONVERSION,
    LISTED_TWICE,
    MEMBERSHIP,
    PROPERTY,
    PROPERTY_CONTROL,
    RECORD,
    RESIDENCE,
    Connection,
)


def storm() -> Connection:
    """The sample's storm, where h1 at P1 converted, with homes beside it that nobody touched; three are held out."""
    con = sample()
    PROPERTY_CONTROL.create(con)
    for home, zip5 in (("P3", "75001"), ("P4", "75001"), ("P5", "75001"), ("P6", "75001"), ("P7", "75002")):
        add(con, PROPERTY, property_id=home, address=f"{home} Elm St", zip5=zip5)
    for home in ("P4", "P5", "P7"):
        add(con, PROPERTY_CONTROL, property_id=home)
    # the household at P5 files a claim without ever having been touched
    add(con, RECORD, record="crm:5", feed="crm_contacts", first_seen=at(1), last_seen=at(20))
    add(con, MEMBERSHIP, record="crm:5", household="h5", property_id="P5", confidence=0.9)
    add(con, RESIDENCE, household="h5", property_id="P5")
    add(con, CONVERSION, conversion_id="k5", record="crm:5", kind="claim", at=at(9), value=80.0, event_id="S1")
    place_storms(con)
    return con


def test_homes_count_as_they_were_assigned_with_or_without_a_touch(graph: Neo4jGraph) -> None:
    con = storm()
    load(con, graph, "R1", at(28))
    make_journeys(graph)
    whole, only = lifts(con, graph)
    assert (whole.zip_code, only.zip_code) == ("ALL", "75001")  # P7's ZIP holds out every home: nothing to compare
    for lift in (whole, only):
        assert (lift.event_id, lift.treated, lift.treated_converted) == ("S1", 3, 1)  # P1, P3, P6
        assert (lift.control, lift.control_converted, lift.control_touched) == (2, 1, 0)
        assert lift.difference == pytest.approx(1 / 3 - 1 / 2)
        assert (lift.low, lift.high) == pytest.approx(newcombe((1, 3), (1, 2)), abs=1e-12)
    LISTED_TWICE.create(con)
    add(con, PROPERTY, property_id="P8", address="P3 Elm St", zip5="75001")
    add(con, LISTED_TWICE, property_id="P8", home="P3")  # no home of its own
    con.execute("INSERT INTO property_control VALUES ('P1')")
    load(con, graph, "R2", at(28))
    make_journeys(graph)
    moved = lifts(con, graph, "S1")[0]
    assert (moved.treated, moved.treated_converted, moved.control, moved.control_converted) == (2, 0, 3, 2)
    assert moved.control_touched == 1
    con.execute("DELETE FROM property_control")
    load(con, graph, "R3", at(28))
    assert lifts(con, graph) == []


def test_a_control_column_gives_the_lift_beside_the_credits(
    tmp_path: Path, servers: Servers, clean_graph: Servers, clean_postgres: Servers, capsys: pytest.CaptureFixture[str]
) -> None:
    simulate(tmp_path / "feeds", 80, 5)
    file = tmp_path / "feeds" / "properties.csv"
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, [*rows[0], "control"])
        writer.writeheader()
        writer.writerows({**row, "control": "yes" if place % 4 == 0 else "no"} for place, row in enumerate(rows))
    project = found(tmp_path / "project", tmp_path / "feeds").project
    pipeline.resolve(project, servers.environ, Quiet())
    report = pipeline.attribute(project, servers.environ, Quiet())
    whole = report.lifts[0]
    zips = {row["zip_code"] for row in rows}
    assert (whole.zip_code, whole.treated + whole.control) == ("ALL", sum(row["zip_code"] in zips for row in rows))
    assert whole.control == len(range(0, len(rows), 4))
    assert whole.treated_converted + whole.control_converted > 0
    assert -1 <= whole.low <= whole.difference <= whole.high <= 1
    with PostgresOutputs(servers.connections.postgres_dsn) as outputs:
        stored = outputs.read(lift_output([], ("", ""), {}))
    assert len(stored) == len(report.lifts) and stored[-1][0] == "ALL"
    assert json.loads(json.dumps(report.as_dict()))["lifts"][0]["control"] == whole.control
    show_credits(screen(), report, None)
    assert "what reaching homes changed" in capsys.readouterr().out
