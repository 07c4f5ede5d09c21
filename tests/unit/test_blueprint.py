from __future__ import annotations

from pathlib import Path

import pytest

from stormops_graph.errors import FeedMissing, InputError, SettingsError
from stormops_graph.ingest import FEEDS
from stormops_graph.ingest.feeds import SEEN_TOGETHER
from stormops_graph.project.blueprint import found
from stormops_graph.rulebook.book import check_rules
from stormops_graph.settings import Settings


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "properties.csv").write_text("property_id,address\n")
    (folder / "calls-2024-05.csv").write_text("call_id,started_at,caller_number\n")
    return folder


def test_feeds_are_found_and_the_others_left_to_fill_in(tmp_path: Path, feeds: Path) -> None:
    founding = found(tmp_path / "project", feeds)
    settings = founding.project.settings
    assert {name: feed.path for name, feed in settings.feeds.items()} == {
        "properties": "../feeds/properties.csv",
        "calls": "../feeds/calls[-_]*.csv",
    }
    assert set(founding.missing) == FEEDS.keys() - settings.feeds.keys() - {SEEN_TOGETHER}
    text = (tmp_path / "project" / "stormops.toml").read_text()
    assert "# [feeds.sms]" in text
    assert max(map(len, text.splitlines())) <= 120


def test_what_is_written_says_the_defaults(tmp_path: Path, feeds: Path) -> None:
    project = found(tmp_path / "project", feeds).project
    defaults = Settings()
    for section in ("neo4j", "postgres", "gates", "attribution", "personas"):
        assert getattr(project.settings, section) == getattr(defaults, section)
    assert project.settings.project.name == "project"


def test_every_setting_is_in_the_file(tmp_path: Path, feeds: Path) -> None:
    found(tmp_path / "project", feeds)
    text = (tmp_path / "project" / "stormops.toml").read_text()
    for section in ("project", "neo4j", "postgres", "gates", "attribution", "personas"):
        for name in type(getattr(Settings(), section)).model_fields:
            assert f"{name} = " in text, f"{section}.{name}"


def test_the_rules_are_copied_whole_and_in_order(tmp_path: Path, feeds: Path) -> None:
    project = found(tmp_path / "project", feeds).project
    assert {part.file for part in check_rules(project.rules)} <= {
        path.relative_to(project.rules).as_posix() for path in project.rules.rglob("*.*")
    }


def test_what_is_there_stays(tmp_path: Path, feeds: Path) -> None:
    rules = tmp_path / "project" / "matching_rules"
    rules.mkdir(parents=True)
    (rules / "person.toml").write_text("# ours\n")
    found(tmp_path / "project", feeds)
    assert (rules / "person.toml").read_text() == "# ours\n"
    with pytest.raises(SettingsError, match="exists already"):
        found(tmp_path / "project", feeds)


def test_odd_names_are_written_as_toml(tmp_path: Path, feeds: Path) -> None:
    odd = tmp_path / 'a "b" \\ é #'
    assert found(odd, feeds).project.settings.project.name == odd.name


def test_simulated_feeds_make_a_simulated_project(tmp_path: Path, feeds: Path) -> None:
    (feeds / "simulated.json").write_text("{}")
    assert found(tmp_path / "project", feeds).project.settings.project.simulated


def test_feeds_elsewhere_keep_their_whole_path(tmp_path: Path, feeds: Path) -> None:
    project = found(tmp_path / "far" / "away" / "project", feeds).project
    assert project.settings.feeds["properties"].path == (feeds / "properties.csv").as_posix()


def test_the_feeds_folder_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(FeedMissing):
        found(tmp_path / "project", tmp_path / "none")
    assert not (tmp_path / "project").exists()


def test_a_folder_that_cannot_be_written_is_told_with_its_name(tmp_path: Path, feeds: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file/project cannot be written: Not a directory"):
        found(tmp_path / "file" / "project", feeds)
