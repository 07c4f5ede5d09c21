"""The register of files that were written, and the end of those that were set aside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from stormops_graph.project.written import QUARANTINE, files_written, note_written, remove_expired


def test_a_file_is_known_as_it_was_written_last_while_it_is_there(tmp_path: Path) -> None:
    register, one, other = tmp_path / "state" / "written.jsonl", tmp_path / "q.csv", tmp_path / "a.csv"
    assert files_written(register) == []
    for file in (one, other):
        file.write_text("first")
        note_written(register, QUARANTINE, file)
    one.write_text("second time")
    note_written(register, QUARANTINE, one)
    other.unlink()
    [known] = files_written(register)
    assert (known.file, known.is_ours) == (one, True)
    assert abs(datetime.now(UTC).replace(tzinfo=None) - known.at) < timedelta(minutes=5)
    assert register.stat().st_mode & 0o777 == 0o600


def test_what_was_set_aside_ends_after_its_days_unless_somebody_changed_it(tmp_path: Path) -> None:
    register = tmp_path / "written.jsonl"
    files = {"old": (QUARANTINE, 0), "new": (QUARANTINE, 60), "homes": ("assignments", 0), "changed": (QUARANTINE, 0)}
    for name, (what, _) in files.items():
        (tmp_path / name).write_text("x")
        note_written(register, what, tmp_path / name)
    (tmp_path / "changed").write_text("with my notes")
    written = [one.model_copy(update={"at": one.at + timedelta(days=files[one.file.name][1])})
               for one in files_written(register)]  # fmt: skip
    now = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=100)
    assert remove_expired(written, QUARANTINE, 0, now) == 0
    assert remove_expired(written, QUARANTINE, 90, now) == 1
    assert remove_expired(files_written(register), QUARANTINE, 0, now) == 0
    assert {file.name for file in tmp_path.iterdir()} == {"new", "homes", "changed", "written.jsonl"}
