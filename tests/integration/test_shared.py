"""Rulings on identifiers and the gates, on real servers: in force from the next run on, and nothing written before."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from shared_servers import Quiet, Run, Servers

from stormops_graph import pipeline
from stormops_graph.errors import Busy, GateBroken
from stormops_graph.ledger.ruling_file import rulings_in_force
from stormops_graph.ledger.rulings import IdentifierKind, Outcome
from stormops_graph.pipeline.verification import verify
from stormops_graph.project import Project
from stormops_graph.project.blueprint import found
from stormops_graph.runs import run_report, runs
from stormops_graph.runs.locks import folder_locked
from stormops_graph.services.backup import backup, restore
from stormops_graph.stewardship.shared import RulingAsked, list_shared, rule
from stormops_graph.stores import open_graph

OURS, OFFICE, FICTION = "+12143634567", "+12143630000", "+12145550100"
PLACEHOLDER = "placeholder: number kept free for fiction"
MAIN = {"123 main st, 75209": "placeholder: names no home"}
PROPERTIES = "property_id,address,city,zip_code\n" + "".join(f"p{n},{n} Oak St,Dallas,75209\n" for n in range(11, 41))
# A call without a name is tied to somebody by its number only; an office line is on five strangers' cards, and
# two gave no address.
CONTACTS = """\
contact_id,first_name,last_name,phone,email,address,city,zip_code,created_at
c1,Jane,Miller,214-363-4567,,11 Oak St,Dallas,75209,2024-05-01T10:00:00Z
c2,Joe,Miller,214-363-1111,,11 Oak St,Dallas,75209,2024-05-01T10:00:00Z
c3,Ann,Adams,214-363-0000,,13 Oak St,Dallas,75209,2024-05-01T10:00:00Z
c4,Bob,Baker,214-363-0000,,14 Oak St,Dallas,75209,2024-05-01T10:00:00Z
c5,Cyd,Clark,214-363-0000,,15 Oak St,Dallas,75209,2024-05-01T10:00:00Z
c6,Dan,Davis,214-363-0000,,16 Oak St,Dallas,75209,2024-05-01T10:00:00Z
c7,Eve,Evans,214-363-0000,,17 Oak St,Dallas,75209,2024-05-01T10:00:00Z
c8,Flo,Foster,214-555-0100,,18 Oak St,Dallas,75209,2024-05-01T10:00:00Z
c9,Gus,Garza,,,123 Main Street,Dallas,75209,2024-05-01T10:00:00Z
c10,Hal,Hughes,,,"123 Main St, Dallas",,75209,2024-05-01T10:00:00Z
"""
CALLS = """\
call_id,started_at,caller_number,caller_name
k1,2024-05-02T10:00:00Z,214-363-4567,
k2,2024-05-02T11:00:00Z,214-555-0100,
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> Project:
    """One project for all tests."""
    folder = tmp_path_factory.mktemp("shared")
    (folder / "feeds").mkdir()
    for name, text in (("properties", PROPERTIES), ("crm_contacts", CONTACTS), ("calls", CALLS)):
        (folder / "feeds" / f"{name}.csv").write_text(text)
    return servers.founded(folder / "project", folder / "feeds")


@pytest.fixture(scope="module")
def first(project: Project, servers: Servers) -> dict[str, str]:
    """The households before anybody ruled."""
    return resolve(project, servers)


def resolve(project: Project, servers: Servers, *passing: str) -> dict[str, str]:
    """feed:id → household."""
    pipeline.resolve(project, servers.environ, Quiet(), passing=passing)
    out = project.folder / "assignments.csv"
    pipeline.export(project, servers.environ, "assignments", out)
    with out.open(newline="") as file:
        return {f"{row['feed']}:{row['record_id']}": row["household_id"] for row in csv.DictReader(file)}


def say(project: Project, value: str, outcome: str) -> None:
    rule(project, RulingAsked(IdentifierKind.phone, value, Outcome(outcome), "she told us", "ana"))


def because(project: Project, servers: Servers) -> dict[str, str | None]:
    return {one.value: one.because for one in list_shared(project, servers.environ)}


def everything(servers: Servers) -> list[Any]:
    """All nodes and relationships but the runs and the lock."""
    with servers.driver() as driver:
        nodes = driver.execute_query(
            "MATCH (n) WHERE NOT n:Run AND NOT n:Lock RETURN labels(n), properties(n) ORDER BY elementId(n)"
        ).records
        edges = driver.execute_query("MATCH ()-[r]->() RETURN type(r), properties(r) ORDER BY elementId(r)").records
    return [record.values() for record in (*nodes, *edges)]


def test_rows_that_nobody_ruled_on(project: Project, servers: Servers, first: dict[str, str]) -> None:
    assert first["calls:k1"] == first["crm_contacts:c1"]
    assert first["calls:k2"] != first["crm_contacts:c8"]
    assert first["crm_contacts:c9"] != first["crm_contacts:c10"]
    (office, main, fiction) = list_shared(project, servers.environ)
    assert (office.value, office.people, office.records, office.because) == (OFFICE, 5, 5, "too many homes")
    assert (fiction.value, fiction.people, fiction.records) == (FICTION, None, 2)
    assert fiction.because == PLACEHOLDER
    assert (main.kind, main.people, main.records, {main.value: main.because}) == ("address", None, 2, MAIN)
    assert list_shared(project, servers.environ, IdentifierKind.email) == []


def test_a_ruling_waits_for_a_run_and_gates_stop_that_before_anything_is_written(
    project: Project, servers: Servers, first: dict[str, str], monkeypatch: pytest.MonkeyPatch, typed: Run
) -> None:
    monkeypatch.setenv("STORMOPS_PROJECT", str(project.folder))
    monkeypatch.setenv("STORMOPS_STEWARD", "ana")
    assert OFFICE not in typed("shared", "list")[1]
    assert OFFICE in typed("shared", "list", "--show")[1]
    code, out, _ = typed("shared", "block", "phone", "(214) 363-4567", "--reason", "our own line")
    assert code == 0
    assert "+1*****4567 is blocked" in out
    assert "no record shows it" not in out
    assert typed("shared", "block", "phone", "555", "--reason", "no")[0] == 2
    assert typed("shared", "release", "cookie", "x", "--reason", "no")[0] == 2
    assert typed("shared", "release", "phone", OFFICE, "--reason", " ")[0] == 2
    assert because(project, servers)[OURS] is None  # not yet in force

    file = project.folder / "stormops.toml"
    text = file.read_text()
    file.write_text(text.replace("largest_household = 200", "largest_household = 1"))
    before = everything(servers)
    code, out, err = typed("resolve")
    assert (code, out) == (GateBroken.exit_code, "")
    assert re.search(r"merges: 1 of \d+ households \(\d+\.\d\d%\)", err)
    assert re.search(r"largest_household: household [0-9a-f-]{36} would have 2 records", err)
    assert "--pass largest_household --pass merges" in err and "Traceback" not in err
    assert everything(servers) == before
    assert typed("export", "assignments", "--out", str(project.folder / "stopped.csv"))[0] == 0  # as of the last run
    with open_graph(project, servers.environ) as graph:
        assert next(iter(runs(graph)))["state"] == "failed"
        assert all(line in err for line in run_report(graph, "last")["failed"].splitlines())
    assert typed("resolve", "--pass", "merge")[0] == 2
    assert typed("resolve", "--pass", "largest_household", "--pass", "merges", "--pass", "ids_changed")[0] == 0
    file.write_text(text)

    listed = json.loads(typed("shared", "list", "--json", "--kind", "phone")[1])["shared"]
    assert (listed[0]["value"], listed[0]["because"]) == ("+1*****0000", "too many homes")
    ours = next(one for one in listed if one["ruling"])
    assert (ours["because"], ours["ruling"]["by"], ours["ruling"]["reason"]) == ("blocked", "ana", None)
    assert "our own line" not in typed("shared", "list")[1]  # a reason may name people
    assert "our own line" in typed("shared", "list", "--json", "--show")[1]
    assert "214363" not in json.dumps(listed)


def test_rulings_bind_at_the_next_resolve_and_can_be_turned_round(
    project: Project, servers: Servers, first: dict[str, str]
) -> None:
    for value, outcome in ((OURS, "blocked"), (FICTION, "released"), (OFFICE, "released")):
        say(project, value, outcome)
    assert because(project, servers)[OFFICE] == "too many homes"  # not yet in force
    second = resolve(project, servers, "merges", "ids_changed", "households_gone")  # of who showed FICTION alone
    assert second["calls:k1"] != second["crm_contacts:c1"]  # what was merged by it has come apart
    assert first["crm_contacts:c1"] == first["crm_contacts:c2"] == second["crm_contacts:c1"]  # the larger part
    assert second["calls:k2"] == second["crm_contacts:c8"]
    assert because(project, servers) == MAIN | {OFFICE: None, OURS: "blocked", FICTION: None}
    assert verify(project, servers.environ).found == []

    project.workspace.unlink()
    (dated,) = [one.since for one in list_shared(project, servers.environ) if one.value == OURS]
    assert pipeline.resolve(project, servers.environ, Quiet()).nothing_changed
    (still,) = [one.since for one in list_shared(project, servers.environ) if one.value == OURS]
    assert dated == still is not None

    say(project, OURS, "released")
    say(project, FICTION, "blocked")
    third = resolve(project, servers, "merges", "ids_changed", "households_gone")
    assert third["calls:k1"] == third["crm_contacts:c1"]
    assert third["calls:k2"] != third["crm_contacts:c8"]
    assert because(project, servers) == MAIN | {OFFICE: None, OURS: None, FICTION: PLACEHOLDER}
    with pytest.raises(Busy), folder_locked(project.state, "resolve"):
        say(project, OURS, "blocked")


def test_a_backup_keeps_rulings_and_verdicts(servers: Servers, tmp_path: Path) -> None:
    ours = found(tmp_path / "ours", tmp_path).project
    say(ours, OURS, "blocked")
    ours.decisions.write_text("{}\n")
    backup(ours, servers.environ, tmp_path / "kept.tar.gz", Quiet())
    other = servers.project(tmp_path / "other")
    restore(other, servers.environ, tmp_path / "kept.tar.gz", Quiet())
    assert other.shared.read_text() == ours.shared.read_text()
    assert other.decisions.read_text() == "{}\n"


def test_a_ruling_on_what_no_record_shows_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: Run) -> None:
    ours = found(tmp_path / "ours", tmp_path).project
    monkeypatch.setenv("STORMOPS_PROJECT", str(ours.folder))
    code, out, _ = typed("shared", "release", "phone", "(214) 363-4567", "--reason", "a family's", "--by", "ana")
    assert (code, "no record shows it so far: is it the right phone?" in out) == (0, True)
    assert [ruling.value for ruling in rulings_in_force(ours.shared)] == [OURS]
