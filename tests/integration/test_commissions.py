"""What touches earned, on real servers: it sums, is written once, is explained, exported and verified."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from shared_servers import Quiet, Run, Servers

from stormops_graph import pipeline
from stormops_graph.adapters.postgres import PostgresOutputs
from stormops_graph.errors import Incomplete
from stormops_graph.lookup.earnings import explain_credit
from stormops_graph.pipeline.verification import verify
from stormops_graph.project import Project
from stormops_graph.simulation import simulate
from stormops_graph.stores import open_graph
from stormops_graph.writeback.commissions import COLUMNS, touch_output

HOUSEHOLDS, SEED = 80, 5


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> Project:
    """A credited project. Every test leaves it credited, though of journeys that it may have changed."""
    folder = tmp_path_factory.mktemp("commissions")
    simulate(folder / "feeds", HOUSEHOLDS, SEED)
    made = servers.founded(folder / "project", folder / "feeds")
    pipeline.resolve(made, servers.environ, Quiet())
    pipeline.attribute(made, servers.environ, Quiet())
    return made


@pytest.fixture
def run(project: Project, monkeypatch: pytest.MonkeyPatch, typed: Run) -> Run:
    monkeypatch.setenv("STORMOPS_PROJECT", str(project.folder))
    return typed


def ask(servers: Servers, query: str) -> list[dict[str, Any]]:
    with servers.driver() as driver:
        return [record.data() for record in driver.execute_query(query).records]


def paid(servers: Servers) -> list[dict[str, Any]]:
    """The rows of `touch_credit` in Postgres."""
    with PostgresOutputs(servers.connections.postgres_dsn) as outputs:
        return [dict(zip(COLUMNS, row, strict=True)) for row in outputs.read(touch_output())]


ON_JOURNEYS = """
MATCH (j:Journey)-[s:HAS_TOUCH]->(t:Touch) WHERE s.credit IS NOT NULL
RETURN j.event_id AS event_id, t.touch_id AS touch_id, s.credit AS credit ORDER BY event_id, touch_id
"""


def test_touches_sum_to_the_conversions_and_both_stores_say_the_same(project: Project, servers: Servers) -> None:
    rows = paid(servers)
    assert [{name: row[name] for name in ("event_id", "touch_id", "credit")} for row in rows] == ask(
        servers, ON_JOURNEYS
    )
    journeys = defaultdict(Decimal)
    for row in rows:
        journeys[row["journey_id"]] += Decimal(str(row["credit"]))
    converted = ask(servers, "MATCH (j:Journey {converted: true}) RETURN j.journey_id AS id")
    assert journeys == {row["id"]: Decimal(1) for row in converted} and converted
    values = ask(servers, "MATCH (j:Journey {converted: true}) RETURN sum(j.value) AS total")[0]["total"]
    assert sum(row["conversion_value"] for row in rows) == pytest.approx(values, rel=1e-12)
    assert verify(project, servers.environ).found == []


def test_a_second_run_writes_nothing_and_a_lost_credit_comes_back(project: Project, servers: Servers) -> None:
    before, graph = paid(servers), ask(servers, ON_JOURNEYS)
    ask(servers, "MATCH ()-[s:HAS_TOUCH]->() WHERE s.credit IS NOT NULL WITH s LIMIT 3 REMOVE s.credit")
    assert "sum to 1 in the graph" in verify(project, servers.environ).found[0]
    report = pipeline.attribute(project, servers.environ, Quiet())
    assert ask(servers, ON_JOURNEYS) == graph
    assert paid(servers) == before  # the run and time of the first one too
    reps = defaultdict(lambda: [0, 0.0, 0.0])
    for row in before:
        if row["rep_id"] is not None:
            for place, amount in enumerate((1, row["credit"], row["conversion_value"])):
                reps[row["event_id"], row["rep_id"]][place] += amount
    assert reps and {(rep.event_id, rep.rep_id): [rep.touches, rep.conversions, rep.value] for rep in report.reps} == {
        key: pytest.approx(sums, rel=1e-12) for key, sums in reps.items()
    }
    whole = [area for area in report.areas if area["zip_code"] is None]
    assert all(sum(one["journeys"] for one in area["personas"]) == area["journeys"] for area in whole)
    assert verify(project, servers.environ).found == []


def test_commissions_are_exported_and_explained(run: Run, tmp_path: Path, servers: Servers) -> None:
    out = tmp_path / "commissions.csv"
    assert run("export", "commissions", "--out", str(out))[0] == 0
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["journey_id"], row["model"]] += Decimal(row["credit"])
    assert set(sums.values()) == {Decimal(1)}
    assert len({model for _, model in sums}) == 8
    assert any(row["rep_id"] for row in rows if row["channel"] == "door_knock")

    published = {row["touch_id"]: row["credit"] for row in paid(servers)}
    one = next(row for row in rows if row["model"] == "markov" and int(row["position"]) > 0)
    for name in (one["touch_id"], one["journey_id"]):
        code, said, _ = run("explain", "credit", name, "--json", "--show")
        told = json.loads(said)
        assert code == 0 and told["is_current"] and told["is_published"] and told["journey_id"] == one["journey_id"]
        assert {touch["touch_id"]: touch["credit"] for touch in told["touches"]} == {
            touch: published[touch] for touch in (touch["touch_id"] for touch in told["touches"])
        }
    text = run("explain", "credit", one["touch_id"])[1]
    assert "removal effect" in text and "100.0 %" in text
    linear = json.loads(run("explain", "credit", one["touch_id"], "--model", "linear", "--json")[1])
    assert {touch["credit"] for touch in linear["touches"]} == {
        float(row["credit"]) for row in rows if (row["journey_id"], row["model"]) == (one["journey_id"], "linear")
    }
    assert run("explain", "credit", "nothing")[0] == 1
    assert run("explain", "credit", one["touch_id"], "--model", "guess")[0] == 2


def books(servers: Servers) -> list[Any]:
    """Everything that is published of credits, in both stores."""
    tables = (
        "channel_attribution",
        "play_attribution",
        "credit_by_model",
        "touch_credit",
        "credit_history",
        "touch_credit_history",
    )
    with psycopg.connect(servers.connections.postgres_dsn) as connection:
        found = [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4, 5").fetchall() for table in tables]
    credits = ask(servers, "MATCH (c:Credit) RETURN c.credit_id AS id, c.share AS share ORDER BY id")
    return [*found, credits, ask(servers, ON_JOURNEYS)]


def convert_one_more(servers: Servers) -> str:
    """Let a journey that nobody converted at the end of convert, by hand; its id."""
    query = (
        "MATCH (j:Journey {converted: false}) WITH j ORDER BY j.journey_id LIMIT 1 "
        "SET j.converted = true, j.value = 700.0 RETURN j.journey_id AS id"
    )
    return str(ask(servers, query)[0]["id"])


def exported(run: Run, out: Path, *how: str) -> dict[str, float]:
    """What touches earned by the published model, by what `export commissions` writes."""
    assert run("export", "commissions", "--out", str(out), *how)[0] == 0
    with out.open(encoding="utf-8", newline="") as file:
        return {row["touch_id"]: float(row["credit"]) for row in csv.DictReader(file) if row["model"] == "markov"}


def test_what_was_published_can_be_asked_as_of_a_run_and_a_date(run: Run, servers: Servers, tmp_path: Path) -> None:
    earned = exported(run, tmp_path / "before.csv")
    first = json.loads(run("runs", "list", "--json")[1])["runs"][0]
    before = json.loads(run("credits", "--json")[1])["credits"]
    whole = [row for row in before if row["zip_code"] == "ALL" and row["dimension"] == "channel"]
    assert sum(row["credit"] for row in whole) == pytest.approx(1, abs=1e-9)
    convert_one_more(servers)
    assert run("attribute")[0] == 0
    after = json.loads(run("credits", "--json")[1])["credits"]
    assert {row["run"] for row in after} != {first["run_id"]}
    said = ("event_id", "zip_code", "dimension", "key", "credit", "conversions")
    as_of_run = json.loads(run("credits", "--as-of", first["run_id"], "--json")[1])["credits"]
    assert [[row[name] for name in said] for row in as_of_run] == [[row[name] for name in said] for row in before]
    assert [[row[name] for name in said] for row in after] != [[row[name] for name in said] for row in before]
    ended = {row["ended_by"] for row in as_of_run} - {None}
    assert ended == {row["run"] for row in after} - {row["run"] for row in before}
    then = exported(run, tmp_path / "then.csv", "--as-of", first["run_id"])
    assert then == earned != exported(run, tmp_path / "now.csv")
    assert run("export", "commissions", "--out", str(tmp_path / "no.csv"), "--as-of", "2001-01-01")[0] == 1
    assert run("export", "journeys", "--out", str(tmp_path / "no.csv"), "--as-of", first["run_id"])[0] == 2
    touch = next(iter(earned))
    told = json.loads(run("explain", "credit", touch, "--as-of", first["run_id"], "--json", "--show")[1])["touches"]
    assert {row["touch_id"]: row["credit"] for row in told}.items() <= earned.items()
    assert sum(row["credit"] for row in told) == pytest.approx(1, abs=1e-12)
    assert "as published by" in run("explain", "credit", touch, "--as-of", first["run_id"])[1]
    assert run("explain", "credit", touch, "--as-of", "2001-01-01")[0] == 1
    # what a later run did not change is still the first one's, and a run without news adds nothing
    held = books(servers)
    assert run("attribute")[0] == 0
    assert books(servers) == held
    assert run("credits", "--as-of", "2999-01-01", "--zip", "ALL")[0] == 0
    code, _, err = run("credits", "--zip", "99999")
    assert (code, "nothing is published of that\n" in err, "see all that is: stormops-graph credits;" in err) == (
        1,
        True,
        True,
    )
    assert run("credits", "--as-of", "2001-01-01")[0] == 1
    assert run("credits", "--as-of", "no-run")[0] == 1


def test_a_closed_storm_is_left_as_it_is_and_what_would_change_is_told(
    run: Run, project: Project, servers: Servers, tmp_path: Path
) -> None:
    storm = paid(servers)[0]["event_id"]
    assert run("close", "NOWHERE", "--reason", "paid", "--by", "ana")[0] == 1
    assert run("close", storm, "--reason", "paid", "--by", "ana", "--at", "2001-01-01")[0] == 4
    assert run("close", storm, "--reason", "paid", "--by", "ana")[0] == 0
    assert run("close", storm, "--reason", "paid", "--by", "ana")[0] == 4
    assert "paid" not in run("credits")[1] + run("credits", "--json")[1] and "paid" in run("credits", "--show")[1]
    assert [one["by"] for one in json.loads(run("credits", "--json")[1])["closed"]] == ["ana"]
    held = books(servers)
    journey = convert_one_more(servers)
    told = json.loads(run("attribute", "--json")[1])
    assert books(servers) == held
    (closed,) = told["closed"]
    assert (closed["event_id"], closed["by"], "reason" in closed) == (storm, "ana", False)
    moved = [row for row in closed["differences"] if row["zip_code"] == "ALL" and row["dimension"] == "channel"]
    assert sum(row["now_conversions"] - row["published_conversions"] for row in moved) == pytest.approx(1, abs=1e-6)
    pay = closed["commissions"]
    assert sum(row["now"] - row["published"] for row in pay) == pytest.approx(1, abs=1e-9)
    assert sum(row["now_value"] - row["published_value"] for row in pay) == pytest.approx(700)
    said = run("attribute")[1]
    assert "its published credits stand; this run would have changed" in said
    assert "what was paid for its touches stands; they would earn" in said

    # journeys that are read again get back what was paid for their touches
    ask(servers, "MATCH ()-[s:HAS_TOUCH]->() REMOVE s.credit")
    pipeline.attribute(project, servers.environ, Quiet())
    assert books(servers) == held
    assert verify(project, servers.environ).found == []
    out = tmp_path / "commissions.csv"
    assert run("export", "commissions", "--out", str(out))[0] == 0
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["touch_id"]: float(row["credit"]) for row in rows} == {
        row["touch_id"]: row["credit"] for row in paid(servers)
    }
    said = json.loads(run("explain", "credit", journey, "--json")[1])
    assert (said["is_closed"], said["is_current"]) == (True, False)

    assert run("reopen", storm, "--reason", "a claim was missing", "--by", "bo")[0] == 0
    assert json.loads(run("attribute", "--json")[1])["closed"] == []
    assert books(servers) != held
    assert journey in {row["journey_id"] for row in paid(servers)}
    assert verify(project, servers.environ).found == []


def test_touches_that_do_not_count_get_nothing(project: Project, servers: Servers, tmp_path: Path) -> None:
    before = {row["touch_id"] for row in paid(servers)}
    options = project.settings.attribution.model_copy(update={"repeats": "once", "leave_out": ("ga4",)})
    narrow = replace(project, settings=project.settings.model_copy(update={"attribution": options}))
    with pytest.raises(Incomplete, match="since they were credited"):
        pipeline.export(narrow, servers.environ, "commissions", tmp_path / "early.csv")
    pipeline.attribute(narrow, servers.environ, Quiet())
    rows = paid(servers)
    assert {row["touch_id"] for row in rows} < before
    assert verify(narrow, servers.environ).found == []
    pipeline.export(narrow, servers.environ, "commissions", tmp_path / "narrow.csv")
    with open_graph(narrow, servers.environ) as graph:
        told = explain_credit(graph, rows[0]["touch_id"], options)
    assert told.is_current and sum(touch.credit for touch in told.touches) == pytest.approx(1, abs=1e-12)
