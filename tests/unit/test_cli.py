from __future__ import annotations

import io
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from stormops_graph import errors, pipeline
from stormops_graph.cli.app import app, main
from stormops_graph.cli.failure import EXIT_CODES, guarded
from stormops_graph.cli.screen import print_json
from stormops_graph.errors import Ambiguous, Candidate, StormopsError
from stormops_graph.lookup.find import Home


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    code = ended.value.code
    assert isinstance(code, int)
    return code


def commands() -> Iterator[tuple[str, object]]:
    def below(name: str, command: object) -> Iterator[tuple[str, object]]:
        yield name, command
        for child, inner in getattr(command, "commands", {}).items():
            yield from below(f"{name} {child}".strip(), inner)

    return below("", get_command(app))


COMMANDS = dict(commands())


def test_the_commands_are_these() -> None:
    assert set(COMMANDS) == {
        "", "init", "up", "down", "status", "simulate", "demo", "resolve", "attribute", "verify", "evaluate", "runs",
        "runs list", "runs show", "export", "find", "household", "rules", "rules check", "rules train",
        "rules diff", "rules upgrade",
        "backup", "restore", "decide", "split", "merge", "decisions", "decisions list", "decisions export",
        "decisions import", "decisions undo", "review", "review list", "review show",
        "shared", "shared list", "shared release", "shared block",
        "explain", "explain credit", "explain why", "history", "close", "reopen", "credits", "paths", "picture",
        "browser", "forget",
    }  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    command = COMMANDS[name]
    assert len(getattr(command, "help", None) or "") > 15
    for parameter in command.params:  # type: ignore[attr-defined]
        assert getattr(parameter, "help", None), f"{name} {parameter.name} has no help"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_80_columns(name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run(*name.split(), "--help") == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


@pytest.mark.parametrize(
    "name", sorted(set(COMMANDS) - {"", "init", "simulate", "demo", "runs", "rules", "decisions", "shared", "explain"})
)
def test_every_other_command_takes_a_project(name: str) -> None:
    assert any("--project" in parameter.opts for parameter in COMMANDS[name].params)  # type: ignore[attr-defined]


def test_every_exit_code_of_an_error_is_documented() -> None:
    tree = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StormopsError)]
    assert {kind.exit_code for kind in tree} <= set(EXIT_CODES)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert re.fullmatch(r"stormops-graph \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_an_unknown_command_is_a_usage_error() -> None:
    assert run("resolv") == 2


def test_an_error_is_two_lines_without_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("status", "--project", str(tmp_path)) == 3
    said = capsys.readouterr()
    assert said.out == ""
    what, todo = said.err.splitlines()
    assert what == f"error: {tmp_path} has no stormops.toml"
    assert todo.startswith("  what to do: ")


def test_a_settings_error_keeps_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "stormops.toml").write_text("[neo4j]\nbolt_prt = 1\n")
    assert run("status", "--project", str(tmp_path)) == 3
    assert f"{tmp_path / 'stormops.toml'}:2: neo4j.bolt_prt: unknown name" in capsys.readouterr().err


def fail(error: BaseException) -> object:
    raise error


def test_candidates_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    error = Ambiguous([Candidate("h1", "phone", 0.75), Candidate("h2", "email", 0.5)])
    assert guarded(lambda: fail(error), [], {}) == 1
    assert "  h1  75.0 %  phone" in capsys.readouterr().err.splitlines()


def test_an_unforeseen_error_goes_to_a_private_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "stormops.toml").touch()

    def broken() -> object:
        phone = "+12145550123"
        return {}[len(phone)]

    assert guarded(broken, ["resolve", "--project", str(tmp_path)], {}) == 70
    (log,) = (tmp_path / ".stormops" / "logs").iterdir()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "KeyError" in log.read_text()
    assert "2145550123" not in log.read_text().replace('phone = "+12145550123"', "")
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert str(log) in said


def test_control_characters_of_an_error_do_not_act(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(lambda: fail(StormopsError("a\x1b[31mb\u202e", "c")), [], {})
    assert "\x1b[31m" not in capsys.readouterr().err


def test_an_interrupt_has_its_code() -> None:
    assert guarded(lambda: fail(KeyboardInterrupt()), [], {}) == 130


def test_what_duckdb_makes_of_an_interrupt_has_its_code() -> None:
    assert guarded(lambda: fail(RuntimeError("Query interrupted")), [], {}) == 130


def test_what_fails_because_of_an_interrupt_has_its_code() -> None:
    def closing() -> object:
        try:
            return fail(KeyboardInterrupt())
        finally:
            fail(StormopsError("the server went away", ""))

    assert guarded(closing, [], {}) == 130


def test_simulate_init_and_nothing_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feeds, project = tmp_path / "feeds", tmp_path / "project"
    assert run("simulate", str(feeds), "--households", "20", "--seed", "3") == 0
    assert "SIMULATED" in capsys.readouterr().out
    assert run("init", str(project), "--feeds", str(feeds)) == 0
    text = (project / "stormops.toml").read_text()
    assert "simulated = true" in text
    assert 'path = "../feeds/calls.csv"' in text
    assert run("init", str(project), "--feeds", str(feeds)) == 3
    assert (project / "stormops.toml").read_text() == text


@pytest.mark.parametrize("name", ["identifiers.toml", "household.toml", "personas.toml"])
def test_rules_that_cannot_be_read_stop_a_run_before_anything_is_started(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("simulate", str(tmp_path / "feeds"), "--households", "10") == 0
    assert run("init", str(tmp_path / "p"), "--feeds", str(tmp_path / "feeds")) == 0
    rules = tmp_path / "p" / "matching_rules" / name
    rules.write_text(f"nonsense = 1\n{rules.read_text()}")
    capsys.readouterr()
    assert run("resolve", "--project", str(tmp_path / "p")) == 3
    assert f"{name}:1: nonsense: unknown name" in capsys.readouterr().err
    assert not list((tmp_path / "p").rglob("workspace.duckdb"))


def test_status_of_a_new_project_is_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "stormops.toml").touch()
    assert run("status", "--project", str(tmp_path), "--json") == 0
    services = json.loads(capsys.readouterr().out)["services"]
    assert [service["running"] for service in services] == [False, False]


def test_the_password_is_in_the_json_where_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stormops.toml").touch()
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_PASSWORD", "open sesame")
    monkeypatch.setenv("POSTGRES_DSN", "host=127.0.0.1 port=1")
    asked = ("status", "--project", str(tmp_path), "--json")
    assert run(*asked) == 0
    assert "sesame" not in capsys.readouterr().out
    assert run(*asked, "--show-password") == 0
    assert json.loads(capsys.readouterr().out)["neo4j_password"] == "open sesame"


@pytest.mark.parametrize(("ids", "code"), [(("h1",), 0), (("h1", "h2"), 1)])
def test_find_says_by_its_exit_code_that_several_homes_are_meant(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    ids: Sequence[str],
    code: int,
) -> None:
    (tmp_path / "properties.csv").write_text("property_id,address\n")
    assert run("init", str(tmp_path / "storm"), "--feeds", str(tmp_path)) == 0
    homes = [Home(one, None, None, None, 1 / len(ids)) for one in ids]
    monkeypatch.setattr("stormops_graph.stores.open_graph", lambda *_: nullcontext())
    monkeypatch.setattr("stormops_graph.lookup.find.find_homes", lambda *_: homes)
    asked = ("find", "--phone", "214-363-1119", "--project", str(tmp_path / "storm"))
    capsys.readouterr()
    assert run(*asked) == code
    said = capsys.readouterr().out
    assert all(one in said for one in ids)
    assert run(*asked, "--json") == code
    assert [one["household_id"] for one in json.loads(capsys.readouterr().out)["households"]] == list(ids)


def test_a_command_reads_no_more_of_the_software_than_it_needs() -> None:
    """An amendment links nothing, so that nobody waits for Splink and pandas to be read."""
    code = (
        "import duckdb, sys, stormops_graph.cli.app; from stormops_graph import pipeline; pipeline.amend; "
        "from stormops_graph.tables import REACHED; con = duckdb.connect(); REACHED.create(con); "
        "REACHED.append(con, [('a',)]); "
        "print(sorted({'splink', 'pandas', 'textual'} & {*sys.modules})); "
        "pipeline.resolve; print('splink' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert said.split("\n")[:2] == ["[]", "True"]
    assert all(getattr(pipeline, name) for name in pipeline.__all__)


def test_what_is_typed_says_all_it_has_to_say_and_ends_with_its_code() -> None:
    def typed(*words: str) -> tuple[int, str, str]:
        entry = [sys.executable, "-c", "from stormops_graph.cli.app import typed; typed()", *words]
        ended = subprocess.run(entry, check=False, capture_output=True, text=True)
        return ended.returncode, ended.stdout, ended.stderr

    code, out, err = typed("--help")
    assert (code, err) == (0, "") and out.rstrip().endswith("interrupted")
    code, out, err = typed("resolve", "--project", "/nowhere")
    assert (code, out) == (3, "") and "/nowhere" in err


def test_what_a_terminal_cannot_say_is_a_question_mark(tmp_path: Path) -> None:
    entry = [sys.executable, "-c", "from stormops_graph.cli.app import typed; typed()"]
    feeds = tmp_path / "Étés"
    feeds.mkdir()
    for encoding, said in (("ascii", "?t?s"), ("latin-1", "Étés"), ("utf-8", "Étés")):
        made = [*entry, "simulate", str(feeds), "--households", "20"]
        ended = subprocess.run(made, check=True, capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding})
        assert said in ended.stdout.decode(encoding)


@pytest.mark.parametrize(
    "words",
    [
        ("decide", "calls:1", "calls:2", "same", "--reason", "w\udcf6rds"),
        ("decide", "calls:1", "calls:2", "same", "--reason", "words", "--by", "zo\udceb"),
        ("decide", "calls:\udcf6", "calls:2", "same", "--reason", "words"),
        ("review", "--by", "zo\udceb"),
        ("household", "caf\udce9"),
        ("history", "caf\udce9"),
        ("explain", "calls:1", "caf\udce9"),
        ("explain", "credit", "caf\udce9"),
        ("find", "--cookie", "caf\udce9"),
        ("forget", "--email", "caf\udce9@x.com", "--household", "1"),
        ("shared", "block", "email", "caf\udce9@x.com", "--reason", "words"),
        ("export", "commissions", "--out", "c.csv", "--as-of", "caf\udce9"),
    ],
)
def test_letters_that_the_terminal_does_not_have_are_a_clear_error(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words, "--project", "/nowhere") == 2
    assert "cannot be read in this encoding" in " ".join(capsys.readouterr().err.replace("│", "").split())


@pytest.mark.parametrize("time", ["", "T18:30", "T18:30:15", " 18:30", " 18:30:15"])
def test_a_time_is_taken_as_people_type_it(time: str) -> None:
    find: Any = COMMANDS["find"]
    typed = f"2024-05-01{time}"
    assert find.make_context("find", ["--at", typed]).params["at"] == datetime.fromisoformat(typed)


def test_a_files_name_may_have_any_bytes(tmp_path: Path) -> None:
    assert run("rules", "check", "--project", str(tmp_path / "caf\udce9")) == 3  # there is no project there


@pytest.mark.parametrize(
    "words",
    [
        ("decide", "calls:1", "calls:2", "same"),
        ("decide", "calls:1", "calls:2", "same", "--now", "--reason", " "),
        ("shared", "block", "email", "a@x.com", "--reason", ""),
        ("shared", "release", "email", "a@x.com", "--reason", " "),
        ("split", "1", "--records", "calls:1"),
        ("merge", "1", "2"),
        ("close", "storm", "--reason", " "),
        ("reopen", "storm", "--reason", " "),
    ],
)
def test_a_missing_reason_is_told_before_the_project_is_opened(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words, "--project", "/nowhere") == 2
    assert "must say something" in " ".join(capsys.readouterr().err.replace("│", "").split())


def test_times_in_json_are_iso_8601(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"at": datetime(2026, 11, 29, 19, 54), "day": date(2026, 11, 29), "file": Path("a")})
    assert capsys.readouterr().out == '{"at": "2026-11-29T19:54:00", "day": "2026-11-29", "file": "a"}\n'


def test_json_is_whole_in_any_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    for encoding in ("ascii", "latin-1", "utf-8"):
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
        print_json({"name": "Łódź – 1"})
        sys.stdout.flush()
        assert json.loads(raw.getvalue().decode(encoding)) == {"name": "Łódź – 1"}


# What a path on the command line is for. A file that is written for others to take away has to be noted in the register
# (`written.py`), so that `forget` finds it: integration/test_commands.py looks there for what they write.
READ = {
    "attribute journeys", "decide source", "decisions import file", "evaluate reviewed", "evaluate truth", "init feeds",
    "resolve apply", "restore file", "simulate leads",
}  # fmt: skip
MADE = {"demo folder", "init folder", "simulate folder"}  # what a project is, or feeds that nobody lives in
NOTED = {
    "attribute charts", "attribute report_file", "backup file", "browser folder", "decisions export out",
    "evaluate out", "evaluate report", "export out", "picture out", "resolve out",
}  # fmt: skip


def test_a_file_that_a_command_writes_is_one_that_the_register_is_known_to_have() -> None:
    paths = {
        f"{name} {parameter.name}"
        for name, command in COMMANDS.items()
        for parameter in getattr(command, "params", [])
        if "path" in str(parameter.type_descriptor).lower() and parameter.name != "project"
    }
    assert paths | {"attribute journeys"} == READ | MADE | NOTED  # journeys may be a table as well
