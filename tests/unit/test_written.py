"""The register of files that were written, and the end of those that were set aside."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from stormops_graph.written import QUARANTINE, files_written, note_written, remove_expired

THEN = datetime(2026, 1, 1)


def test_a_file_is_known_as_it_was_written_last_while_it_is_there(tmp_path: Path) -> None:
    register, one, other = tmp_path / "state" / "written.jsonl", tmp_path / "q.csv", tmp_path / "a.csv"
    assert files_written(register) == []
    for file in (one, other):
        file.write_text("first")
        note_written(register, QUARANTINE, file, THEN)
    one.write_text("second time")
    note_written(register, QUARANTINE, one, THEN + timedelta(days=5))
    other.unlink()
    [known] = files_written(register)
    assert (known.file, known.at, known.is_ours) == (one, THEN + timedelta(days=5), True)
    assert register.stat().st_mode & 0o777 == 0o600


def test_what_was_set_aside_ends_after_its_days_unless_somebody_changed_it(tmp_path: Path) -> None:
    register = tmp_path / "written.jsonl"
    files = {"old": (QUARANTINE, 0), "new": (QUARANTINE, 60), "homes": ("assignments", 0), "changed": (QUARANTINE, 0)}
    for name, (what, days) in files.items():
        (tmp_path / name).write_text("x")
        note_written(register, what, tmp_path / name, THEN + timedelta(days=days))
    (tmp_path / "changed").write_text("with my notes")
    now = THEN + timedelta(days=100)
    assert remove_expired(files_written(register), QUARANTINE, 0, now) == 0
    assert remove_expired(files_written(register), QUARANTINE, 90, now) == 1
    assert remove_expired(files_written(register), QUARANTINE, 90, now) == 0
    assert {file.name for file in tmp_path.iterdir()} == {"new", "homes", "changed", "written.jsonl"}
