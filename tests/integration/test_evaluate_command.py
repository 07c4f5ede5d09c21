"""`evaluate` as a user types it, on a small simulated world whose stages have run without servers."""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.cli.app import main
from stormops_graph.cluster.clustering import cluster
from stormops_graph.ingest import ingest
from stormops_graph.ledger.bindings import bind, store
from stormops_graph.ledger.decisions import Decision, Level, Verdict
from stormops_graph.link.linkage import link
from stormops_graph.normalise import normalise
from stormops_graph.project import Project
from stormops_graph.rules.model import read_model
from stormops_graph.rules.ruleset import read_rules
from stormops_graph.tables import WORKSPACE_OF, Connection


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    code = ended.value.code
    assert isinstance(code, int)
    return code


def clustered(con: Connection, project: Project) -> None:
    rules = read_rules(project.rules)
    bind(con, datetime.max)
    cluster(con, rules.household.cluster, rules.session.place_at_least, uuid.UUID(int=7))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project after a resolve, its feeds beside it."""
    base = tmp_path_factory.mktemp("evaluate")
    assert run("simulate", str(base / "feeds"), "--households", "120", "--seed", "3") == 0
    assert run("init", str(base / "storm"), "--feeds", str(base / "feeds")) == 0
    project = Project.open(base / "storm")
    rules = read_rules(project.rules)
    with open_workspace(project.workspace) as con:
        ingest(con, dict(project.settings.feeds), project.folder)
        normalise(con, project.rules)
        link(con, rules, read_model(rules))
        store(con, [])
        clustered(con, project)
        WORKSPACE_OF.create(con)
        WORKSPACE_OF.append(con, [("run",)])
    return base


def evaluated(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    capsys.readouterr()
    assert run("evaluate", *arguments, "--json", "--project", str(folder / "storm")) == 0
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


def test_against_labels(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    truth, report = str(folder / "feeds" / "truth"), tmp_path / "report.html"
    found = evaluated(folder, capsys, "--truth", truth, "--report", str(report))
    assert found["simulated"] is True
    labelled = found["labelled"]
    assert isinstance(labelled, dict)
    assert [level["name"] for level in labelled["levels"]] == ["household", "person"]
    assert labelled["levels"][0]["overall"]["pairwise"]["precision"] > 0.8
    assert {part["feed"] for part in labelled["placement"]} >= {"calls", "crm_contacts", "ga4"}
    assert all(part["placed"] == part["right"] + part["wrong"] for part in labelled["placement"])
    assert [part["claim"] for part in labelled["reliability"]] == ["membership", "placement"]
    assert "Reliability diagram" in report.read_text()
    assert evaluated(folder, capsys, "--truth", truth) == found


def test_on_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = str(folder / "feeds" / "truth" / "records.csv")
    assert run("evaluate", "--truth", truth, "--project", str(folder / "storm")) == 0
    said = capsys.readouterr().out
    holding = ("Households that hold the labelled rows: ", "Persons that hold the labelled rows: ")
    for words in ("SIMULATED", *holding, "calibration error", "Worst false merges of households"):
        assert words in said
    assert "Placement" not in said  # a file of labels does not say where the homes are


def test_a_sample_is_reviewed_by_the_truth(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    review = tmp_path / "review.csv"
    written = evaluated(folder, capsys, "--sample", "40", "--out", str(review))
    with review.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert (written["households"], written["records"]) == (len({row["household_id"] for row in rows}), len(rows))
    with review.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "belongs_with": "1"} for row in rows)
    found = evaluated(folder, capsys, "--reviewed", str(review), "--report", str(tmp_path / "report.html"))
    assert isinstance(found["reviewed"], dict)
    assert found["reviewed"]["precision"] == 1.0
    assert "rule of three" in str(found["notes"])
    filled = review.read_bytes()
    assert run("evaluate", "--sample", "5", "--out", str(review), "--project", str(folder / "storm")) == 4
    assert "exists already" in capsys.readouterr().err
    assert review.read_bytes() == filled


def decision(key: str, pair: Sequence[str], verdict: Verdict) -> Decision:
    left, right = sorted(pair)
    level = Level.person if verdict is Verdict.same else Level.household
    return Decision(
        id=key, left=left, right=right, verdict=verdict, level=level, by="ana", at=datetime(2024, 6, 1), reason="seen"
    )


def test_against_verdicts_with_and_without_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = Project.open(folder / "storm")
    with open_workspace(project.workspace) as con:
        before = con.execute("FROM membership ORDER BY ALL").fetchall()
        together = con.execute(
            "SELECT min(record), max(record) FROM membership WHERE person IS NOT NULL "
            "GROUP BY person HAVING count(*) > 1 ORDER BY person LIMIT 3"
        ).fetchall()
        wrong, right, other = together
        store(con, [decision("1", wrong, Verdict.different), decision("2", right, Verdict.same),
                    decision("3", (right[0], other[0]), Verdict.unsure),
                    decision("4", (right[0], "calls:gone"), Verdict.different)])  # fmt: skip
        clustered(con, project)
        after = con.execute("FROM membership ORDER BY ALL").fetchall()
    judged = evaluated(folder, capsys)["judged"]
    assert isinstance(judged, dict)
    assert (judged["unsure"], judged["dormant"]) == (1, 1)
    household = judged["levels"][0] if judged["levels"][0]["name"] == "household" else judged["levels"][1]
    assert household["published"]["score"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert household["unaided"]["score"] == {"precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3)}
    with open_workspace(project.workspace) as con:
        assert con.execute("FROM membership ORDER BY ALL").fetchall() == after != before
        store(con, [decision("3", (right[0], other[0]), Verdict.unsure),
                    decision("4", (right[0], "calls:gone"), Verdict.different)])  # fmt: skip
    assert run("evaluate", "--project", str(folder / "storm")) == 1
    assert (
        "no verdict decides anything: 1 unsure, 1 about records that no feed shows any more" in capsys.readouterr().err
    )
    with open_workspace(project.workspace) as con:
        store(con, [])
        clustered(con, project)
        assert con.execute("FROM membership ORDER BY ALL").fetchall() == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 1, "--sample 200 --out review.csv"),
        (["--truth", "nowhere"], 2, "there are no labels"),
        (["--reviewed", "nowhere.csv"], 2, "there is no nowhere.csv"),
        (["--sample", "5"], 2, "go together"),
        (["--sample", "5", "--out", "review.parquet"], 2, ".csv"),
        (["--truth", "a", "--reviewed", "b"], 2, "one at a time"),
    ],
)
def test_what_cannot_be_evaluated(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    capsys.readouterr()
    assert run("evaluate", *arguments, "--project", str(folder / "storm")) == code
    assert said in capsys.readouterr().err


def test_before_the_first_resolve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "stormops.toml").touch()
    assert run("evaluate", "--truth", str(tmp_path), "--project", str(tmp_path)) == 8
    assert "stormops-graph resolve" in capsys.readouterr().err


def test_training_leaves_the_last_resolve_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = str(folder / "feeds" / "truth")
    before = evaluated(folder, capsys, "--truth", truth)
    assert run("rules", "train", "--project", str(folder / "storm")) == 3
    assert "candidate pairs: too few to train on" in capsys.readouterr().err
    assert evaluated(folder, capsys, "--truth", truth) == before
