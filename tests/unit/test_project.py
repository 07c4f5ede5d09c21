from __future__ import annotations

from pathlib import Path

import pytest

from stormops_graph.errors import SettingsError
from stormops_graph.ingest.feeds import FEEDS, SEEN_TOGETHER
from stormops_graph.project import Project
from stormops_graph.settings import FEED_NAMES


def opened(folder: Path, text: str) -> Project:
    (folder / "stormops.toml").write_text(text)
    return Project.open(folder)


def test_a_project_knows_its_places(tmp_path: Path) -> None:
    project = opened(tmp_path, '[project]\nname = "May"\nrules = "ours"\n')
    assert project.settings.project.name == "May"
    assert project.rules == tmp_path / "ours"
    assert project.state == tmp_path / ".stormops"
    assert project.workspace.parent == project.state


def test_an_empty_file_means_all_defaults(tmp_path: Path) -> None:
    settings = opened(tmp_path, "").settings
    assert settings.attribution.published_model == "markov"
    assert settings.gates.feed_shrink == 0.2


def test_a_folder_without_settings_says_how_to_get_some(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        Project.open(tmp_path)
    assert "stormops-graph init" in caught.value.hint
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[neo4j]\nbolt_prt = 7687\n", 2, "neo4j.bolt_prt: unknown name; did you mean bolt_port?"),
        ("[neo4j]\n\nbolt_port = 70000\n", 3, "neo4j.bolt_port: must be less than or equal to 65535"),
        ("[gates]\nfeed_shrink = 20\n", 2, "gates.feed_shrink: must be less than or equal to 1"),
        ("[attribution]\npublished_model = 'markow'\n", 2, "attribution.published_model: must be 'markov'"),
        ("\n[feeds.calls]\npth = 'calls.csv'\n", 3, "feeds.calls.pth: unknown name; did you mean path?"),
        ("[feeds.calls.columns]\ncall_id = 5\n", 2, "feeds.calls.columns.call_id: must be a valid string"),
        ("\n[feeds.call]\npath = 'calls.csv'\n", 2, "feeds.call: unknown name; did you mean calls?"),
        ("[gates]\nallow_shrink = ['call']\n", 2, "gates.allow_shrink.0: unknown name; did you mean calls?"),
        ("[gates]\nfeed_shrink = true\n", 2, "gates.feed_shrink: must be a valid number"),
        ("[gates]\nfeed_shrink = '0.2'\n", 2, "gates.feed_shrink: must be a valid number"),
        ("[personas]\nclassify = 'no'\n", 2, "personas.classify: must be a valid boolean"),
    ],
)
def test_a_mistake_points_at_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        opened(tmp_path, text)
    assert caught.value.message.startswith(f"{tmp_path / 'stormops.toml'}:{line}: {says}")


def test_the_feeds_that_settings_know_are_those_that_are_read() -> None:
    assert {*FEED_NAMES} == FEEDS.keys() - {SEEN_TOGETHER}  # which the software itself makes


def test_shares_may_be_whole_and_lists_are_read(tmp_path: Path) -> None:
    settings = opened(tmp_path, "[gates]\nmerges = 1\n[attribution]\nleave_out = ['direct']\n").settings
    assert (settings.gates.merges, settings.attribution.leave_out) == (1.0, ("direct",))
