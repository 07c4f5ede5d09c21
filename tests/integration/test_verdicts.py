"""Stewards' verdicts on real servers: in force in every later run, and never lost."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from disks import full_beyond, grown
from shared_servers import Quiet, Run, Servers

from stormops_graph import pipeline
from stormops_graph.errors import Busy, Contradiction, InputError, NotFound, StoreError
from stormops_graph.ledger.bindings import State
from stormops_graph.ledger.claims import Claim
from stormops_graph.ledger.decision_file import kept_decisions
from stormops_graph.ledger.decisions import Level, Verdict
from stormops_graph.pipeline.verification import verify
from stormops_graph.project import Project
from stormops_graph.runs.locks import folder_locked
from stormops_graph.simulation import simulate
from stormops_graph.stewardship.ledger import Ledger, open_ledger

HOUSEHOLDS, SEED = 60, 11
Home = dict[str, str]  # feed:id → household


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> tuple[Project, Home]:
    """A project after its first run, and where that sees everybody."""
    folder = tmp_path_factory.mktemp("verdicts")
    simulate(folder / "feeds", HOUSEHOLDS, SEED)
    project = servers.founded(folder / "project", folder / "feeds")
    pipeline.resolve(project, servers.environ, Quiet())
    out = project.folder / "assignments.csv"
    pipeline.export(project, servers.environ, "assignments", out)
    with out.open(newline="") as file:
        rows = csv.DictReader(file)
        return project, {f"{row['feed']}:{row['record_id']}": row["household_id"] for row in rows}


@pytest.fixture
def project(resolved: tuple[Project, Home], servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project without a verdict; no test runs it again."""
    ask(servers, "MATCH (d:Decision) DETACH DELETE d")
    resolved[0].decisions.unlink(missing_ok=True)
    monkeypatch.setenv("STORMOPS_PROJECT", str(resolved[0].folder))
    return resolved[0]


@pytest.fixture
def three(resolved: tuple[Project, Home]) -> list[str]:
    """A source row of each of three households."""
    return sorted({household: row for row, household in resolved[1].items()}.values())[:3]


def say(ledger: Ledger, one: str, other: str, verdict: str, level: str | None = None) -> str:
    chosen = Level(level) if level else None
    return ledger.decide(Claim(one, other, Verdict(verdict), "seen on site", "ana", chosen)).id


def ask(servers: Servers, query: str) -> list[Any]:
    with servers.driver() as driver:
        return driver.execute_query(query).records


def test_a_verdict_is_in_graph_and_file_at_once(project: Project, servers: Servers, three: list[str]) -> None:
    one, other, _ = three
    with open_ledger(project, servers.environ, Quiet()) as ledger:
        said = say(ledger, one, other, "same")
        (line,) = project.decisions.read_text().splitlines()
        assert json.loads(line)["id"] == said
        assert stat.S_IMODE(project.decisions.stat().st_mode) == 0o600
        (row,) = ask(
            servers, "MATCH (d:Decision)-[:ABOUT]->(r) RETURN d.decision_id, d.verdict, d.level, count(DISTINCT r)"
        )
        assert list(row.values()) == [said, "same", "person", 2]
        later = say(ledger, one, other, "different")
        assert [(seen.decision.id, seen.state) for seen in ledger.listed()] == [
            (said, State.superseded),
            (later, State.in_force),
        ]
        assert ledger.listed()[1].decision.supersedes == said
    assert verify(project, servers.environ).found == []
    with pytest.raises(Busy), folder_locked(project.state, "resolve"), open_ledger(project, servers.environ, Quiet()):
        pass


def test_a_verdict_that_a_crash_left_in_one_place_only_comes_to_the_other(
    project: Project, servers: Servers, three: list[str]
) -> None:
    one, other, third = three
    with open_ledger(project, servers.environ, Quiet()) as ledger:
        say(ledger, one, other, "different")
        say(ledger, other, third, "different")
    lines = project.decisions.read_text().splitlines(keepends=True)
    project.decisions.write_text(lines[0])  # the second never got to the disk
    ask(servers, f"MATCH (d:Decision {{decision_id: '{json.loads(lines[0])['id']}'}}) DETACH DELETE d")
    with open_ledger(project, servers.environ, Quiet()) as ledger:
        assert len(ledger.listed()) == 2
    assert project.decisions.read_text() == "".join(lines)
    assert len(ask(servers, "MATCH (d:Decision)-[:ABOUT]->() RETURN d")) == 4


def test_the_commands_of_stewards(
    project: Project, three: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: Run
) -> None:
    one, other, third = three
    monkeypatch.setenv("STORMOPS_STEWARD", "ana")

    assert "no steward has decided" in typed("decisions", "list")[1]
    code, out, _ = typed("decide", one, other, "same", "--reason", "one family", "--json")
    assert (code, json.loads(out)["by"], json.loads(out)["verdict"]) == (0, "ana", "same")
    assert typed("decide", other, third, "same", "--reason", "a cousin", "--by", "ben", "--level", "household")[0] == 0
    code, out, err = typed("decide", one, third, "different", "--reason", "no")
    assert (code, out) == (10, "")
    assert "by ana" in err and "by ben" in err
    assert "Traceback" not in err
    assert typed("decide", one, third, "maybe", "--reason", "no")[0] == 2
    assert typed("decide", one, third, "unsure", "--reason", " ")[0] == 2
    assert typed("decide", one, "calls:nobody", "unsure", "--reason", "no")[0] == 1
    listed = json.loads(typed("decisions", "list", "--json")[1])["decisions"]
    assert [(entry["by"], entry["level"], entry["state"]) for entry in listed] == [
        ("ana", "person", "in force"),
        ("ben", "household", "in force"),
    ]
    assert "a cousin" not in typed("decisions", "list")[1]  # a reason may name people
    assert "a cousin" in typed("decisions", "list", "--show")[1]
    file = tmp_path / "decisions.jsonl"
    assert "2 decisions written" in typed("decisions", "export", str(file))[1]
    assert "known already" in typed("decisions", "import", str(file))[1]
    file.write_text("{}\n")
    assert typed("decisions", "import", str(file))[0] == 4


def test_verdicts_from_a_file_are_all_taken_or_none(
    project: Project, servers: Servers, three: list[str], tmp_path: Path, typed: Run
) -> None:
    one, other, third = three
    file = tmp_path / "verdicts.jsonl"
    lines = [
        {"one": one, "other": other, "verdict": "same", "reason": "one family"},
        {"one": one, "other": third, "verdict": "different", "reason": "seen", "until": "2100-01-01T00:00:00"},
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in [*lines, {**lines[1], "other": "calls:nobody"}]))
    code, out, err = typed("decide", "--from", str(file))
    assert (code, out) == (4, "")
    assert f"{file}:3: there is no record calls:nobody" in err
    assert "nothing was decided" in err
    file.write_text("".join(json.dumps(line) + "\n" for line in [*lines, {**lines[0], "verdict": "different"}]))
    code, out, err = typed("decide", "--from", str(file))
    assert (code, out, f"{file}:3: {file}:1 says otherwise of the same two" in err) == (4, "", True)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert "2 verdicts" in typed("decide", "--from", str(file))[1]
    assert "2 verdicts" in typed("decide", "--from", str(file))[1]
    listed = json.loads(typed("decisions", "list", "--json")[1])["decisions"]
    assert [entry["state"] for entry in listed] == ["in force", "in force"]
    (apart,) = [entry["id"] for entry in listed if entry["verdict"] == "different"]  # both are of one moment
    (ended,) = ask(servers, "MATCH (d:Decision {verdict: 'different'}) RETURN d.ended_at AS at")
    assert ended["at"].year == 2100
    assert typed("decisions", "undo", apart)[0] == 0
    assert typed("decisions", "undo", apart)[0] == 10
    listed = json.loads(typed("decisions", "list", "--json")[1])["decisions"]
    assert sorted(entry["state"] for entry in listed) == ["in force", "superseded", "withdrawn"]
    assert typed("decide", one, third, "withdrawn", "--reason", "again")[0] == 0  # nothing is said twice
    assert len(json.loads(typed("decisions", "list", "--json")[1])["decisions"]) == len(listed)
    assert typed("decide", other, third, "withdrawn", "--reason", "none was given")[0] == 1
    assert typed("decide", one, other, "same", "--reason", "yes", "--until", "2020-01-01")[0] == 2
    assert typed("decide", one, "--from", str(file))[0] == 2


def test_a_full_disk_is_told_with_what_became_of_the_verdict(
    project: Project, servers: Servers, three: list[str], typed: Run
) -> None:
    one, other, third = three
    for command in ("decide", one, other, "same"), ("decide", one, other, "same", "--now"):
        with full_beyond(1):
            code, out, err = typed(*command, "--reason", "one family")
        assert (code, out) == (StoreError.exit_code, "")
        assert "cannot be written" in err and "make room" in err and "in force" not in err
    assert "no steward has decided" in typed("decisions", "list")[1]
    with full_beyond(grown(project.decisions, project.workspace)):
        code, out, err = typed("decide", one, other, "different", "--reason", "two families")
        assert (code, out) == (StoreError.exit_code, "")
        assert "decisions.jsonl cannot be written" in err and "is in the graph, and in force" in err
        assert len(ask(servers, "MATCH (d:Decision) RETURN d")) == 1
        code, out, err = typed("decide", one, third, "different", "--reason", "two families", "--now")
        assert (code, out, "decisions.jsonl cannot be written" in err) == (StoreError.exit_code, "", True)
    listed = json.loads(typed("decisions", "list", "--json")[1])["decisions"]
    assert [entry["state"] for entry in listed] == ["in force"]
    assert [decision.id for decision in kept_decisions(project.decisions)] == [entry["id"] for entry in listed]


def test_import_is_all_or_nothing_and_the_second_time_nothing(
    project: Project, servers: Servers, three: list[str], tmp_path: Path
) -> None:
    """The last one of this file, as it loses the graph."""
    one, other, third = three
    with open_ledger(project, servers.environ, Quiet()) as ledger:
        say(ledger, one, other, "same")
        say(ledger, other, third, "same")
        say(ledger, one, other, "same", "household")
        assert ledger.export(tmp_path / "out.jsonl") == 3
        assert ledger.bring(tmp_path / "out.jsonl") == 0
        with pytest.raises(InputError, match="exists"):
            ledger.export(tmp_path / "out.jsonl")
        with pytest.raises(InputError, match="both names mean"):
            say(ledger, one, one, "same")
        with pytest.raises(NotFound, match="there is no record calls:nobody"):
            say(ledger, one, "calls:nobody", "same")
    servers.empty_graph()
    project.decisions.unlink()
    with open_ledger(project, servers.environ, Quiet()) as ledger:
        say(ledger, one, third, "different")
        with pytest.raises(Contradiction, match=r"out\.jsonl:2, .*out\.jsonl:3: ") as refused:
            ledger.bring(tmp_path / "out.jsonl")
        assert "nothing was taken in" in refused.value.hint
        assert len(ledger.listed()) == 1
        say(ledger, one, third, "unsure")
        assert ledger.bring(tmp_path / "out.jsonl") == 3
    assert len(project.decisions.read_text().splitlines()) == 5
