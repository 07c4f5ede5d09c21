"""What differs between two rules folders, and which rules a name means."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.errors import NotFound
from stormops_graph.pipeline.comparing import diff_rules
from stormops_graph.ports import Task
from stormops_graph.project import Project
from stormops_graph.rulebook import kept as kept_rules
from stormops_graph.rulebook.changes import Declared, Names, Shares, Weight, rule_changes
from stormops_graph.rulebook.kept import keep, rules_called, went_by
from stormops_graph.rules.model import TRAINED
from stormops_graph.rules.ruleset import HOUSEHOLD, PERSON
from stormops_graph.settings import Settings


class Quiet:
    def stage(self, name: str) -> AbstractContextManager[Task]:
        raise AssertionError(f"{name} was begun")

    def note(self, text: str) -> None:
        raise AssertionError(text)


SHIPPED = Path(__file__).parents[2] / "matching_rules"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path, Settings())
    shutil.copytree(SHIPPED, made.rules, ignore=shutil.ignore_patterns("__*"))
    return made


def edit(project: Project, file: str, pattern: str, text: str) -> None:
    path = project.rules / file
    path.write_text(re.sub(pattern, text, path.read_text(), count=1, flags=re.MULTILINE))


def test_a_copy_has_no_changes(project: Project) -> None:
    assert rule_changes(SHIPPED, project.rules).nothing


def test_a_threshold_is_named_with_both_values(project: Project) -> None:
    edit(project, HOUSEHOLD, r"^household_at_least = .*", "household_at_least = 0.9")
    changes = rule_changes(SHIPPED, project.rules)
    assert changes.declared == (Declared(HOUSEHOLD, "cluster.household_at_least", 0.7, 0.9),)
    assert not (changes.levels or changes.untrained)


def test_a_block_less_and_a_level_changed(project: Project) -> None:
    edit(project, PERSON, r'^\[\[block\]\]\non = \["home"\]\n', "")
    edit(project, PERSON, r"^at_least = 0\.88", "at_least = 0.91")
    changes = rule_changes(SHIPPED, project.rules)
    assert changes.declared == (
        Declared(PERSON, 'block[{"on": ["home"]}]', True, None),
        Declared(PERSON, "comparison.given.level.4", "similar at_least 0.88", "similar at_least 0.91"),
    )
    assert [why.rpartition("/")[2] for why in changes.untrained] == [
        "model.json was trained for other rules than person.toml and household.toml now declare"
    ]


def test_trained_weights_are_told_by_level_in_bits(project: Project) -> None:
    file = project.rules / TRAINED
    model = json.loads(file.read_text())
    model["levels"]["phones"]["person"] = [0.5, 0.25, 0.25]
    model["chance"]["phones"] = [0.125, 0.125, 0.75]
    model["kinds"] = {"person": 0.5, "household": 0.25, "unrelated": 0.25}
    given = model["frequency"]["given"]
    given["zzyzx"] = given.pop(next(iter(given)))
    file.write_text(json.dumps(model))
    changes = rule_changes(SHIPPED, project.rules)
    assert [(change.column, change.level) for change in changes.levels] == [
        ("phones", "overlap"),
        ("phones", "near"),
        ("phones", "none"),
    ]
    assert changes.levels[0].after == Weight(0.5, 0.125)
    assert [change.after.bits for change in changes.levels[:2] if change.after] == [2.0, 1.0]
    assert [(kind.kind, kind.after) for kind in changes.kinds if isinstance(kind, Shares)] == [
        ("person", 0.5), ("household", 0.25), ("unrelated", 0.25),
    ]  # fmt: skip
    assert changes.names == (Names("given", gone=1, new=1, changed=0),)


def test_rules_are_kept_by_their_content(project: Project) -> None:
    first = keep(project)
    went_by(project, first)
    assert keep(project) == first
    edit(project, HOUSEHOLD, r"^families = .*", "families = 4")
    assert keep(project) != first
    for name in ("last", first, first[:6]):
        with rules_called(project, name) as before:
            assert [change.after for change in rule_changes(before, project.rules).declared] == [4]
    with rules_called(project, str(project.rules)) as folder, rules_called(project, "shipped") as shipped:
        assert [change.after for change in rule_changes(shipped, folder).declared] == [4]


def test_the_oldest_copies_are_dropped_but_never_the_last_runs(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_rules, "MOST", 2)
    kept = []
    for families in (3, 4, 5):
        edit(project, HOUSEHOLD, r"^families = .*", f"families = {families}")
        kept.append(keep(project))
        went_by(project, kept[-1])
    left = {folder.name for folder in (project.state / "rules").iterdir() if folder.is_dir()}
    assert kept[-1] in left and kept[0] not in left and len(left) == 2


def test_where_pairs_cannot_be_counted_the_changes_are_told_all_the_same(project: Project) -> None:
    edit(project, HOUSEHOLD, r"^families = .*", "families = 4")
    assert "no workspace yet" in diff_rules(project, "shipped", Quiet()).unweighed
    with open_workspace(project.workspace) as con:
        con.execute("CREATE TABLE record (record VARCHAR)")
    found = diff_rules(project, "shipped", Quiet())
    assert "no resolve is complete" in found.unweighed and not found.pairs
    assert [change.name for change in found.changes.declared] == ["cluster.families"]
    assert diff_rules(project, "shipped", Quiet(), weigh=False).unweighed == ""


@pytest.mark.parametrize("name", ["last", "nobody", "../etc", ""])
def test_a_name_that_means_no_rules_is_told(project: Project, name: str) -> None:
    with pytest.raises(NotFound), rules_called(project, name):
        pass
