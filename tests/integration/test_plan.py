"""What a plan says is what the run does, on real servers; and until then nothing is written."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from shared_servers import Run, Servers

from stormops_graph.adapters.workspace import open_copy, open_workspace
from stormops_graph.carryover import forget
from stormops_graph.masks import masked_touch
from stormops_graph.pipeline.plan_file import read_plan
from stormops_graph.pipeline.planning import plan_journeys
from stormops_graph.reports.plan import Plan
from stormops_graph.tables import EARNED_SHARE, JOURNEY, JOURNEY_PRINT, JOURNEY_TOUCH

CONTENT = """
MATCH (n) WHERE NOT n:Lock
CALL (n) { OPTIONAL MATCH (n)-[r]->(m) RETURN collect([elementId(m), type(r), properties(r)]) AS out }
RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS properties, out ORDER BY id
"""


def ask(servers: Servers, query: str) -> list[Any]:
    with servers.driver() as driver:
        return [row.data() for row in driver.execute_query(query).records]


def shares(run: Run) -> dict[tuple[str, str, str], float]:
    (rows,) = [json.loads(run("credits", "--zip", "ALL", "--json")[1])["credits"]]
    return {(row["event_id"], row["dimension"], row["key"]): row["credit"] for row in rows}


def planned(run: Run, *options: str) -> Plan:
    code, out, err = run("resolve", "--plan", "--json", *options)
    assert code == 0, err
    return Plan.from_dict({k: v for k, v in json.loads(out).items() if k not in ("file", "gates")})


def test_a_plan_is_what_the_run_does(run: Run, servers: Servers, clean_postgres: Servers, tmp_path: Path) -> None:
    project = tmp_path / "project"
    first = planned(run)
    assert first.first and first.uncredited and first.households.before == 0
    report = json.loads(run("resolve", "--json")[1])
    assert (first.households.new, first.households.now) == (report["households"], report["households"])
    assert run("attribute", "--json")[0] == 0
    assert planned(run).nothing_moves
    one, other = two_of_a_journey(servers)
    assert run("decide", one, other, "different", "--reason", "two homes")[0] == 0
    before, workspace = ask(servers, CONTENT), (project / ".stormops" / "workspace.duckdb").read_bytes()
    plan = planned(run, "--out", str(tmp_path / "plan.json"))
    assert ask(servers, CONTENT) == before
    assert (project / ".stormops" / "workspace.duckdb").read_bytes() == workspace
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o600
    assert plan.households.split == 1 and sum(feed.households for feed in plan.rows) > 0
    assert not any(storm.waiting for storm in plan.storms)

    assert run("decide", one, other, "unsure", "--reason", "on second thoughts")[0] == 0
    code, _, err = run("resolve", "--apply", str(tmp_path / "plan.json"))
    assert (code, "verdicts changed" in err) == (12, True)
    assert run("decide", one, other, "different", "--reason", "two homes all the same")[0] == 0
    shown = run("resolve", "--plan")[1]
    plan = read_plan(project / ".stormops" / "plan.json")
    assert f"plan {plan.fingerprint}" in shown and plan.households.splits[0].of in shown and "journeys" in shown
    assert max(map(len, shown.replace(str(project), "").splitlines())) <= 80
    code, out, err = run("resolve", "--apply", str(project / ".stormops" / "plan.json"), "--json")
    assert code == 0, err
    done = json.loads(out)
    assert done["moves"] == plan.model_dump(mode="json")["households"]
    check_journeys(project, servers)
    check_standing(run, project, plan)

    assert run("attribute", "--json")[0] == 0
    check_credits(run, servers, plan)
    assert planned(run).nothing_moves


def check_standing(run: Run, project: Path, plan: Plan) -> None:
    """Until `attribute`, credit moves as the plan done said, whatever of the work stands; it is said to wait."""
    credit_moves = [planned(run).storms]  # what the run left stands
    with open_workspace(project / ".stormops" / "workspace.duckdb") as con:
        forget(con, EARNED_SHARE.name)
    credit_moves.append(planned(run).storms)  # its journeys stand
    with open_workspace(project / ".stormops" / "workspace.duckdb") as con:
        JOURNEY_PRINT.create(con)
    credit_moves.append(planned(run).storms)
    assert credit_moves == [credit_moves[0]] * 3
    assert [storm.credits for storm in credit_moves[0]] == [storm.credits for storm in plan.storms]
    assert any(storm.waiting for storm in credit_moves[0])


def two_of_a_journey(servers: Servers) -> tuple[str, str]:
    """Two records of one converting journey with credited touches, so that credit moves where they part."""
    (pair,) = ask(
        servers,
        "MATCH (j:Journey {converted: true})-[s:HAS_TOUCH]->(t:Touch)-[:BY]->(r:Record) WHERE s.credit > 0 "
        "WITH j, collect(DISTINCT r.record) AS records WHERE size(records) > 1 "
        "RETURN records ORDER BY size(records) DESC, j.journey_id LIMIT 1",
    )
    one, other, *_ = sorted(pair["records"])
    return one, other


def check_credits(run: Run, servers: Servers, plan: Plan) -> None:
    """What is published now is what the plan said would be."""
    published = shares(run)
    for storm in plan.storms:
        for earned in storm.credits:
            assert published[storm.event_id, earned.dimension, earned.key] == pytest.approx(earned.share_now, abs=1e-9)
    paid = ask(servers, "MATCH (:Journey)-[s:HAS_TOUCH]->(t:Touch) RETURN t.touch_id AS id, s.credit AS credit")
    credit = {masked_touch(row["id"]): row["credit"] for row in paid}
    assert sum(len(storm.touches) for storm in plan.storms) > 0
    for touch in (touch for storm in plan.storms for touch in storm.touches):
        assert (credit[touch.touch_id] or 0.0) == touch.credit_now


def check_journeys(project: Path, servers: Servers) -> None:
    """The journeys that the workspace says the graph would have are those that it has."""
    with open_copy(project / ".stormops" / "workspace.duckdb") as con:
        plan_journeys(con)
        names = [name for name in JOURNEY.columns if name not in ("started_at", "ended_at", "persona")]
        rows = con.execute(f"SELECT {', '.join(names)} FROM journey").fetchall()
        steps = con.execute(f"SELECT {', '.join(list(JOURNEY_TOUCH.columns)[:3])} FROM journey_touch").fetchall()
    graphs = ask(
        servers,
        "MATCH (h:Household)-[:TOOK]->(j:Journey) RETURN j.journey_id AS journey_id, h.household_id AS household, "
        "j.event_id AS event_id, j.zip_code AS zip_code, j.converted AS converted, j.value AS value",
    )
    ours = [dict(zip(names, row, strict=True)) for row in rows]
    assert sorted(ours, key=str) == sorted(graphs, key=str)
    taken = ask(
        servers,
        "MATCH (j:Journey)-[s:HAS_TOUCH]->(t:Touch) RETURN j.journey_id AS j, s.position AS p, t.touch_id AS t",
    )
    assert sorted(steps) == sorted((row["j"], row["p"], row["t"]) for row in taken)


def test_options_that_do_not_go_together(run: Run, tmp_path: Path) -> None:
    assert run("resolve", "--plan", "--repair")[0] == 2
    assert run("resolve", "--out", str(tmp_path / "x"))[0] == 2
    assert run("resolve", "--apply", str(tmp_path / "none.json"))[0] == 4
