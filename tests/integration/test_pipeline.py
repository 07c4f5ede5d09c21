"""The main job on real servers: what the nightly run promises."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import duckdb
import pytest
from shared_servers import Quiet, Run, Servers

from stormops_graph import pipeline
from stormops_graph.errors import FeedShrunk, GateBroken, Incomplete
from stormops_graph.pipeline.verification import verify
from stormops_graph.project import Project
from stormops_graph.project.blueprint import found
from stormops_graph.reports.run import RunReport
from stormops_graph.simulation import simulate, simulate_leads

HOUSEHOLDS, SEED = 80, 3


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, HOUSEHOLDS, SEED)
    return folder


@pytest.fixture(scope="module")
def project(world: Path, tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> Project:
    """One project for all tests: the first finds it without a run, the others resolved."""
    return servers.founded(tmp_path_factory.mktemp("pipeline") / "project", world)


@pytest.fixture(scope="module")
def resolved(project: Project, servers: Servers) -> RunReport:
    """What the run says that the project and the graph are left by; of the tests only the last changes what it made."""
    return resolve(project, servers)


def resolve(project: Project, servers: Servers, **options: object) -> RunReport:
    return pipeline.resolve(project, servers.environ, Quiet(), **options)


def assignments(project: Project, servers: Servers, out: Path) -> list[tuple[str, ...]]:
    pipeline.export(project, servers.environ, "assignments", out)
    with out.open(encoding="utf-8", newline="") as file:
        return sorted(tuple(row) for row in csv.reader(file))


def test_attribution_needs_a_complete_resolve_and_is_written_once(project: Project, servers: Servers) -> None:
    with pytest.raises(Incomplete):
        pipeline.attribute(project, servers.environ, Quiet())
    first = resolve(project, servers)
    assert first.households > 40 and not first.nothing_changed and first.journeys > 15
    report = pipeline.attribute(project, servers.environ, Quiet())
    whole = next(area for area in report.areas if area["zip_code"] is None)
    for kind in ("channels", "plays"):
        for model in {credit["model"] for credit in whole[kind]}:
            assert sum(c["credit"] for c in whole[kind] if c["model"] == model) == pytest.approx(1, abs=1e-9)
    again = pipeline.attribute(project, servers.environ, Quiet())
    assert again.areas == report.areas
    assert verify(project, servers.environ).found == []


def test_ids_last_when_the_workspace_is_deleted_and_rows_come_in_another_order(
    project: Project, resolved: RunReport, servers: Servers, world: Path, tmp_path: Path
) -> None:
    before = assignments(project, servers, tmp_path / "before.csv")
    second = resolve(project, servers)
    assert second.nothing_changed, second.changes
    assert (second.households, second.persons, second.journeys) == (
        resolved.households,
        resolved.persons,
        resolved.journeys,
    )

    other = found(tmp_path / "other", shuffled(world, tmp_path / "shuffled")).project  # it has no workspace
    third = resolve(other, servers)
    assert third.nothing_changed, third.changes
    assert assignments(other, servers, tmp_path / "other.csv") == before


def shuffled(world: Path, out: Path) -> Path:
    """The feeds with their rows in another order."""
    out.mkdir()
    dice = random.Random(1)
    for file in sorted(world.glob("*.[cj]s*")):
        if file.name == "simulated.json":
            continue
        head, rows = [], file.read_text().splitlines(keepends=True)
        if file.suffix == ".csv":
            head, rows = rows[:1], rows[1:]
        dice.shuffle(rows)
        (out / file.name).write_text("".join(head + rows))
    return out


def test_a_lost_graph_stops_the_run_before_ids_are_given_anew(
    project: Project, resolved: RunReport, servers: Servers
) -> None:
    with duckdb.connect(project.workspace) as con:
        con.execute("DELETE FROM workspace_of")  # as a night between that stopped leaves it
    with servers.driver() as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")
    with pytest.raises(GateBroken, match="the graph is empty"):
        resolve(project, servers)
    with pytest.raises(GateBroken, match="the graph is empty"):
        pipeline.plan_resolve(project, servers.environ, Quiet())
    with servers.driver() as driver:
        assert driver.execute_query("MATCH (n:Household|Run) RETURN n").records == []
    assert resolve(project, servers, passing=["ids_changed"]).households > 40


def test_a_feed_that_shrank_stops_the_run_before_anything_is_written(
    project: Project, resolved: RunReport, servers: Servers, world: Path, tmp_path: Path
) -> None:
    before = assignments(project, servers, tmp_path / "before.csv")
    short = tmp_path / "short"
    short.mkdir()
    for file in world.glob("*.*"):
        lines = file.read_text().splitlines(keepends=True)
        (short / file.name).write_text("".join(lines[: len(lines) // 2] if file.stem == "calls" else lines))
    cut = found(tmp_path / "cut", short).project
    with pytest.raises(FeedShrunk, match="calls from"):
        resolve(cut, servers)
    allowed = resolve(cut, servers, allow_shrink=["calls"])
    assert not allowed.nothing_changed
    assert len(assignments(cut, servers, tmp_path / "cut.csv")) < len(before)


LEADS = """\
property_id,address,city,zip_code,primary_persona,recommended_play,sii_score
p1,11 Oak St,Dallas,75209,Deal_Hunter,Financing_Aggressive,110
p2,12 Oak St,Dallas,75209,Deal_Hunter,Financing_Standard,99
p3,13 Oak St,Dallas,75209,Proof_Seeker,Impact_Report_Premium,90
p4,14 Elm St,Dallas,75224,Family_Protector,Safety_Standard,94
p5,15 Elm St,Dallas,NULL,Status_Conscious,Premium_Showcase,100
"""


def test_leads_become_their_template_journeys(
    tmp_path: Path, servers: Servers, clean_graph: Servers, clean_postgres: Servers
) -> None:
    (tmp_path / "leads.csv").write_text(LEADS)
    simulate_leads(tmp_path / "feeds", tmp_path / "leads.csv")
    project = found(tmp_path / "project", tmp_path / "feeds").project
    assert resolve(project, servers).journeys == 5
    areas = {area["zip_code"]: area for area in pipeline.attribute(project, servers.environ, Quiet()).areas}
    assert {zip_code: area["journeys"] for zip_code, area in areas.items()} == {
        None: 5,
        "75209": 3,
        "75224": 1,
        "UNKNOWN": 1,
    }
    assert {zip_code: area["conversions"] for zip_code, area in areas.items()} == {
        None: 3,
        "75209": 2,
        "75224": 0,
        "UNKNOWN": 1,
    }
    pipeline.export(project, servers.environ, "journeys", tmp_path / "journeys.parquet")
    paths = duckdb.sql(
        f"SELECT string_agg(channel, '>' ORDER BY position) AS path FROM '{tmp_path / 'journeys.parquet'}' "
        "GROUP BY journey_id ORDER BY path"
    ).fetchall()
    assert [path for (path,) in paths] == [
        "ga4>door_knock>call",
        "ga4>door_knock>email>call",
        "ga4>door_knock>sms",
        "ga4>email>door_knock",
        "ga4>email>door_knock>call",
    ]


def test_a_column_that_is_called_otherwise_stops_the_run_before_anything_is_written(
    run: Run, tmp_path: Path, clean_postgres: Servers
) -> None:
    feeds, project = tmp_path / "feeds", tmp_path / "project" / "stormops.toml"
    listed = project.read_text().replace("feeds/calls.csv", "feeds/calls*.csv")
    project.write_text(listed)
    assert run("resolve")[0] == 0
    before = exported(run, tmp_path / "before.csv")
    file = feeds / "crm_contacts.csv"
    head, rest = file.read_text().split("\n", 1)
    file.write_text(head.replace(",phone,", ",phone_1,") + "\n" + rest)
    code, out, err = run("resolve")
    assert (code, out) == (7, "")
    assert "phone of crm_contacts" in err
    assert "mobile_phone" not in err
    path = 'path = "../feeds/crm_contacts.csv"\n'
    project.write_text(listed.replace(path, path + '[feeds.crm_contacts.columns]\nphone = "phone_1"\n'))
    assert "nothing has changed" in run("resolve")[1]
    assert exported(run, tmp_path / "after.csv") == before
    project.write_text(listed)
    assert run("resolve", "--pass", "column_lost", "--pass", "ids_changed", "--pass", "merges")[0] == 0

    new = feeds / "calls-2.csv"  # another file of a feed
    told = [f"new{i},2024-05-28,21455501{i},DOE JOHN" for i in range(10, 40)]
    new.write_text("\n".join(["call_id,started_at,caller_number,cnam", *told]))
    code, out, err = run("resolve")
    assert (code, out) == (7, "")
    assert f"in {new}" in err and "caller_name of calls" in err
    assert "phone of crm_contacts" not in err  # it is told once
    assert run("resolve", "--pass", "column_lost")[0] == 0
    assert "nothing has changed" in run("resolve")[1]  # and so is this


# James sold Maple to Petra, and lives in Cedar since.
SOLD = {
    "properties": "M1,401 Maple Dr,Dallas,TX,75201\nM2,77 Cedar Ln,Dallas,TX,75201\n",
    "crm_contacts": """\
CC1,James,Walkerton,214-363-4001,,jwalkerton@gmail.com,401 Maple Dr,Dallas,TX,75201,2022-03-01T12:00:00Z,
CC2,James,Walkerton,214-363-4001,,jwalkerton@gmail.com,77 Cedar Ln,Dallas,TX,75201,2024-03-10T12:00:00Z,
CC3,Petra,Novakova,214-948-6642,,petra.novakova@gmail.com,401 Maple Dr,Dallas,TX,75201,2024-03-20T12:00:00Z,
""",
    "calls": "LC1,2024-05-22T15:00:00Z,2143634001,,,60,,\n",
    "door_knocks": """\
KC1,2023-06-01T16:00:00Z,401 Maple Dr,Dallas,TX,75201,James Walkerton,,talked,R1,,
KC2,2024-05-15T16:00:00Z,401 Maple Dr,Dallas,TX,75201,Petra Novakova,,talked,R1,,
""",
}


@pytest.mark.parametrize("workspace", ["kept", "deleted"])
def test_who_is_in_no_feed_or_merged_into_another_for_a_night_has_the_id_again(
    run: Run, tmp_path: Path, clean_postgres: Servers, workspace: str
) -> None:
    feeds = tmp_path / "feeds"
    sell(feeds)
    whole = {file: file.read_text() for file in feeds.glob("*.csv")}
    assert run("resolve")[0] == 0
    first = exported(run, tmp_path / "first.csv")
    gone = of_lists_alone(first)
    homes = {row["household_id"] for row in gone}
    assert len(homes) >= 5
    james, petra = (home_of(first, row) for row in ("CC1", "CC3"))
    assert petra not in (james, home_of(first, "CC2"))
    away = {(row["feed"], row["record_id"]) for row in gone} | {("crm_contacts", "CC2")}
    for feed in ALONE:
        head, *rows = whole[feeds / f"{feed}.csv"].splitlines(keepends=True)
        left = [row for row in rows if (feed, row.split(",", 1)[0]) not in away]
        (feeds / f"{feed}.csv").write_text("".join([head, *left]))
    assert run("resolve", "--pass", "feed_shrink")[0] == 0
    second = exported(run, tmp_path / "second.csv")
    assert homes.isdisjoint(row["household_id"] for row in second)
    code, _, said = run("household", min(homes))
    assert (code, "has ended, and none of its records is in a feed now" in said) == (1, True)
    assert home_of(second, "CC3") == james
    assert home_shown(run, petra) == james

    if workspace == "deleted":
        (tmp_path / "project" / ".stormops" / "workspace.duckdb").unlink()
    for file, text in whole.items():
        file.write_text(text)
    assert run("resolve")[0] == 0
    assert exported(run, tmp_path / "third.csv") == first
    code, out, _ = run("household", min(homes))
    assert (code, "ended" in out) == (0, False)
    assert (home_shown(run, james), home_shown(run, petra)) == (james, petra)
    code, told, _ = run("history", petra, "--json")
    assert code == 0
    happened = [event["what"] for event in json.loads(told)["events"] if event["other"] == james]
    assert happened == ["merged into", "lives again", "split from"]
    assert "nothing has changed" in run("resolve")[1]
    assert run("verify")[0] == 0


def sell(feeds: Path) -> None:
    """Add those who sold and bought to the feeds."""
    for feed, rows in SOLD.items():
        file = feeds / f"{feed}.csv"
        text = file.read_text()
        commas = "," * (text.split("\n", 1)[0].count(",") - rows.split("\n", 1)[0].count(","))
        file.write_text(text + rows.replace("\n", f"{commas}\n"))


def home_of(rows: list[dict[str, str]], record_id: str) -> str:
    """The household of a row."""
    (home,) = {row["household_id"] for row in rows if row["record_id"] == record_id}
    return home


def home_shown(run: Run, household_id: str) -> str:
    """The household that an id leads to."""
    code, out, _ = run("household", household_id, "--json")
    assert code == 0
    return str(json.loads(out)["household_id"])


ALONE = ("crm_contacts", "calls", "sms", "door_knocks")  # whose first column is a row's id


def exported(run: Run, out: Path) -> list[dict[str, str]]:
    assert run("export", "assignments", "--out", str(out))[0] == 0
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of_lists_alone(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows of up to ten households that these feeds alone show, and SOLD does not."""
    sold = {home_of(rows, row) for row in ("CC1", "CC2", "CC3")}
    elsewhere = sold | {row["household_id"] for row in rows if row["feed"] not in ALONE}
    homes = sorted({row["household_id"] for row in rows} - elsewhere)[:10]
    return [row for row in rows if row["household_id"] in homes]
