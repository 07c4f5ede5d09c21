"""A trained model that does not fit its rules, or is broken, is refused with the place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from stormops_graph.errors import ModelError
from stormops_graph.rules.model import TRAINED, read_model
from stormops_graph.rules.ruleset import read_rules

SHIPPED = Path(__file__).parents[2] / "matching_rules"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "rules"))


@pytest.mark.parametrize(
    ("part", "kind", "shares", "told"),
    [
        ("levels", "household", [0.5, 0.0, 0.5], "level similar of surname is untrained or extreme"),
        ("free", "household", [0.5, 0.1, 0.5], "levels of surname do not add up to 1"),
        ("free", "person", [0.5, 0.5], "has not 3 levels of surname"),
        ("levels", "unrelated", ["x", 0.1, 0.1], "levels.surname.unrelated.0: Input should be a valid number"),
        ("free", "person", None, "free.surname.person: Input should be a valid list"),
    ],
)  # fmt: skip
def test_a_broken_model_is_refused_with_the_place(
    folder: Path, part: str, kind: str, shares: list[object] | None, told: str
) -> None:
    stored = json.loads((folder / TRAINED).read_text())
    stored[part]["surname"][kind] = shares
    (folder / TRAINED).write_text(json.dumps(stored))
    with pytest.raises(ModelError, match=told) as refused:
        read_model(read_rules(folder))
    assert "rules train" in refused.value.hint or "train on more" in refused.value.hint


@pytest.mark.parametrize("part", ["levels", "free"])
@pytest.mark.parametrize("of", [("unrelated", "person"), ("person", "person")])  # inverted; saying nothing
def test_a_model_by_which_a_shared_phone_speaks_for_nobody_is_refused(
    folder: Path, part: str, of: tuple[str, str]
) -> None:
    stored = json.loads((folder / TRAINED).read_text())
    shares = stored[part]["phones"]
    shares["person"], shares["unrelated"] = (shares[kind] for kind in of)
    (folder / TRAINED).write_text(json.dumps(stored))
    with pytest.raises(ModelError, match=r"level overlap of phones does not speak for one person \(-?\d"):
        read_model(read_rules(folder))


def test_kinds_of_pairs_that_are_no_shares_are_refused(folder: Path) -> None:
    stored = json.loads((folder / TRAINED).read_text())
    stored["kinds"]["person"] += 0.1
    (folder / TRAINED).write_text(json.dumps(stored))
    with pytest.raises(ModelError, match="person, household, unrelated pairs do not add up to 1"):
        read_model(read_rules(folder))


@pytest.mark.parametrize("text", ["", "{", "[]", '"model"'])
def test_what_is_no_model_is_refused(folder: Path, text: str) -> None:
    (folder / TRAINED).write_text(text)
    with pytest.raises(ModelError, match="is no model"):
        read_model(read_rules(folder))


def test_no_name_of_a_model_is_told(folder: Path) -> None:
    stored = json.loads((folder / TRAINED).read_text())
    stored["frequency"]["surname"]["kowalski"] = "often"
    (folder / TRAINED).write_text(json.dumps(stored))
    with pytest.raises(ModelError, match=r"frequency\.surname: ") as refused:
        read_model(read_rules(folder))
    assert "kowalski" not in refused.value.message
