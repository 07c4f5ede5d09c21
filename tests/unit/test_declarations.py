from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from stormops_graph.errors import SettingsError
from stormops_graph.rules.declarations import line_of, nearest, read_declaration


class Level(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: str
    weight: float = 1.0


class Rules(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = ""
    paths: str | list[str] = ""
    levels: list[Level] = []
    named: dict[str, Level] = {}


def refused(folder: Path, text: str) -> SettingsError:
    file = folder / "rules.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_declaration(file, Rules)
    return caught.value


def test_a_good_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_bytes(b'\xef\xbb\xbfname = "a"\npaths = ["b"]\n[[levels]]\nkind = "exact"\n')
    rules = read_declaration(file, Rules)
    assert (rules.name, rules.paths, rules.levels[0].kind) == ("a", ["b"], "exact")


def test_an_unknown_name_is_told_with_its_line_and_the_nearest_allowed_one(tmp_path: Path) -> None:
    error = refused(tmp_path, 'name = "a"\n\n[[levels]]\nkind = "x"\n\n[[levels]]\nkind = "y"\nwieght = 2\n')
    assert error.message == f"{tmp_path / 'rules.toml'}:8: levels.1.wieght: unknown name; did you mean weight?"
    assert error.hint == "allowed there: kind, weight"


def test_what_is_missing_points_at_its_table(tmp_path: Path) -> None:
    error = refused(tmp_path, "# rules\n[named.a]\nweight = 2\n")
    assert error.message.endswith("rules.toml:2: named.a.kind: is required but not there")


def test_a_wrong_type_is_told_once_however_many_types_are_allowed(tmp_path: Path) -> None:
    error = refused(tmp_path, "paths = 5\n")
    assert all(line.startswith(f"{tmp_path / 'rules.toml'}:1: paths: must be") for line in error.message.split("\n"))


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    error = refused(tmp_path, "name = 1\ncolour = 2\n")
    assert [line.split(": ")[1] for line in error.message.split("\n")] == ["name", "colour"]


def test_a_syntax_error_points_at_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, 'name = "a"\npaths = c:\\feeds\n')
    assert f"{tmp_path / 'rules.toml'}:2: not TOML" in error.message


def test_values_are_not_repeated(tmp_path: Path) -> None:
    error = refused(tmp_path, '[[levels]]\nkind = "x"\nweight = "secret"\n')
    assert "secret" not in error.message + error.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        read_declaration(tmp_path / "rules.toml", Rules)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_bytes(b'name = "\xff"\n')
    with pytest.raises(SettingsError, match="UTF-8"):
        read_declaration(file, Rules)


def test_lines_of_dotted_and_quoted_names() -> None:
    text = 'a.b = 1\n["c d".e]\nf = 2\n'
    assert line_of(text, ("a", "b")) == 1
    assert line_of(text, ("c d", "e", "f")) == 3
    assert line_of(text, ("c d", "e", "other")) == 2
    assert line_of(text, ("x",)) is None


def test_lines_of_tables_within_arrays_of_tables() -> None:
    text = "[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n[[a]]\n[[a.b]]\nc = 3\n[a.d]\ne = 4\n"
    found = [line_of(text, ("a", *place)) for place in ((0, "b", 0, "c"), (0, "b", 1, "c"), (1, "b", 0, "c"))]
    assert found == [3, 5, 8]
    assert line_of(text, ("a", 1, "d", "e")) == 10


def test_names_too_far_off_are_not_offered() -> None:
    assert nearest("bolt_prt", ["bolt_port", "uri"]) == "bolt_port"
    assert nearest("zzz", ["bolt_port", "uri"]) is None


@given(st.text())
def test_no_text_makes_reading_fail_in_another_way(text: str) -> None:
    line_of(text, ("a", 0, "b"))
