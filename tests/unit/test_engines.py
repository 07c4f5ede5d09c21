from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import stormops_graph
from stormops_graph import PersonaEngine
from stormops_graph.errors import Mistyped, SettingsError


def test_priors_without_a_project_are_the_shipped_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    priors = PersonaEngine(environ={}).get_priors(persona="Deal_Hunter", income=45000, property_value=450000)
    assert (priors["channels"]["sms"], priors["channels"]["door_knock"], priors["channels"]["email"]) == (1.3, 1.2, 0.8)
    assert (priors["plays"]["Financing_Aggressive"], priors["plays"]["Premium_Showcase"]) == (1.5, 0.6)


def test_priors_of_a_project_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "stormops.toml").touch()
    rules = tmp_path / "matching_rules"
    rules.mkdir()
    (rules / "personas.toml").write_text("version = 1\n[personas.Walker.channels]\ndoor_knock = 2.0\n")
    engine = PersonaEngine(environ={"STORMOPS_PROJECT": str(tmp_path)})
    assert engine.get_priors("Walker") == {"channels": {"door_knock": 2.0}, "plays": {}}


def test_engines_that_need_a_project_say_so(tmp_path: Path) -> None:
    for engine in (stormops_graph.IdentityGraph, stormops_graph.AttributionEngine):
        with pytest.raises(SettingsError):
            engine(tmp_path)


def test_a_number_for_a_zip_code_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "stormops.toml").touch()
    engine = stormops_graph.AttributionEngine(tmp_path)
    with pytest.raises(Mistyped, match="the ZIP code is no text but of type int"):
        engine.get_channel_attribution(zip_code=75201, event_id="one")


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, stormops_graph; print(sorted({'duckdb', 'neo4j', 'numpy', 'pandas', 'splink'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
