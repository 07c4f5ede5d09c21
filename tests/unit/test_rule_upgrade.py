"""A copied rules folder that is older than the software gains what it lacks, and keeps what it says."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormops_graph.errors import SettingsError
from stormops_graph.project import Project
from stormops_graph.rulebook.book import check_rules
from stormops_graph.rulebook.kept import rule_files, rules_called
from stormops_graph.rulebook.upgrade import upgrades, write
from stormops_graph.rules.ruleset import HOUSEHOLD, PERSON, SESSION, read_rules
from stormops_graph.settings import Settings

SHIPPED = Path(__file__).parents[2] / "matching_rules"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path, Settings())
    shutil.copytree(SHIPPED, made.rules, ignore=shutil.ignore_patterns("__*"))
    return made


def edit(project: Project, file: str, pattern: str, text: str) -> None:
    path = project.rules / file
    before = path.read_text()
    after = re.sub(pattern, text, before, flags=re.MULTILINE)
    assert after != before
    path.write_text(after)


def said(project: Project, file: str) -> dict[str, object]:
    return tomllib.loads((project.rules / file).read_text())


def test_what_is_shipped_needs_nothing(project: Project) -> None:
    assert upgrades(project) == []


def test_what_an_entry_of_a_list_lacks_is_no_upgrade(project: Project) -> None:
    edit(project, PERSON, r'^kind = "initial".*\n', "")
    with pytest.raises(SettingsError, match=r"comparison\.0\.level\.2\.kind: is required") as refused:
        read_rules(project.rules)
    assert refused.value.hint == "correct it there and run the command again"
    assert upgrades(project) == []


def test_a_new_field_comes_with_its_comment_after_the_one_it_follows(project: Project) -> None:
    edit(project, HOUSEHOLD, r"^apart_at_least.*\n", "")
    edit(project, HOUSEHOLD, r"^version.*", "version = 1")
    edit(project, HOUSEHOLD, r"^person_at_least.*", "person_at_least = 0.66 # ours, since May")
    with pytest.raises(SettingsError, match=r"cluster\.apart_at_least: is required") as refused:
        read_rules(project.rules)
    assert "stormops-graph rules upgrade" in refused.value.hint

    (upgrade,) = upgrades(project)
    assert upgrade.added == ("cluster.apart_at_least",)
    assert [line.split(" #")[0] for line in upgrade.diff if re.match(r"[+-]\w", line)] == [
        "-version = 1",
        "+version = 8",
        "+apart_at_least = 0.90",
    ]
    write(project, [upgrade])
    assert read_rules(project.rules).household.cluster.person_at_least == 0.66
    assert (
        "person_at_least = 0.66 # ours, since May\napart_at_least = 0.90 #" in (project.rules / HOUSEHOLD).read_text()
    )
    assert upgrades(project) == []


def test_a_table_and_a_file_come_back_whole(project: Project) -> None:
    edit(project, HOUSEHOLD, r"^\[shared\.email\]\n(.*\n){2}", "")
    (project.rules / SESSION).unlink()
    assert [upgrade.added for upgrade in upgrades(project)] == [("shared.email",), (SESSION,)]
    write(project, upgrades(project))
    assert said(project, HOUSEHOLD) == tomllib.loads((SHIPPED / HOUSEHOLD).read_text())
    assert (project.rules / SESSION).read_bytes() == (SHIPPED / SESSION).read_bytes()
    assert check_rules(project.rules)


def test_what_may_be_left_out_stays_out(project: Project) -> None:
    edit(project, "personas.toml", r"^\[personas\.Proof_Seeker\][^\n]*\n(?:\w.*\n)*", "")
    edit(project, "nicknames.toml", r"^(abigail|version) .*\n", "")
    edit(project, SESSION, r"^close = .*\n", "")
    assert upgrades(project) == []


def test_an_inline_table_is_left_to_its_author(project: Project) -> None:
    edit(project, HOUSEHOLD, r"^\[shared\.email\]\n(.*\n){2}", "")
    edit(project, HOUSEHOLD, r"^\[shared\.phone\]\n", "[shared]\nemail = { homes = 5 }\n[shared.phone]\n")
    with pytest.raises(SettingsError, match=r"shared\.email\.surnames cannot be added"):
        upgrades(project)


def test_a_file_that_is_no_toml_is_named(project: Project) -> None:
    (project.rules / SESSION).write_text("version = = 1\n")
    with pytest.raises(SettingsError, match=r"session\.toml: not TOML"):
        upgrades(project)


def test_the_rules_as_they_were_are_kept(project: Project) -> None:
    edit(project, HOUSEHOLD, r"^apart_at_least.*\n", "")
    before = {name: file.read_bytes() for name, file in rule_files(project.rules).items()}
    kept = write(project, upgrades(project))
    with rules_called(project, kept) as folder:
        assert {name: file.read_bytes() for name, file in rule_files(folder).items()} == before


ENTRIES = [line for line in (SHIPPED / HOUSEHOLD).read_text().splitlines() if re.match(r"\w+ = ", line)]


@given(st.sets(st.sampled_from(range(len(ENTRIES)))))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_missing_comes_back_and_nothing_else_changes(project: Project, gone: set[int]) -> None:
    lines = (SHIPPED / HOUSEHOLD).read_text().splitlines()
    entries = [n for n, line in enumerate(lines) if re.match(r"\w+ = ", line)]
    left = [line for n, line in enumerate(lines) if n not in {entries[m] for m in gone}]
    (project.rules / HOUSEHOLD).write_text("\n".join(left) + "\n")
    write(project, upgrades(project))
    assert said(project, HOUSEHOLD) == tomllib.loads((SHIPPED / HOUSEHOLD).read_text())
    remaining = iter((project.rules / HOUSEHOLD).read_text().splitlines())
    assert all(any(line == kept for line in remaining) for kept in left if not kept.startswith("version"))
