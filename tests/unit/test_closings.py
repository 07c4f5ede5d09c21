from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path

import pytest

from stormops_graph.errors import InputError, NotFound
from stormops_graph.ledger.closings import Act, Closing, closed_at, closings, keep_closing
from stormops_graph.project import Project
from stormops_graph.settings import Settings
from stormops_graph.stewardship.books import Say, moment, reopen

NOON, EVENING, LATER = (datetime(2026, 11, 20, hour) for hour in (12, 18, 23))


def say(file: Path, event: str, act: Act, at: datetime, said_at: datetime = NOON) -> None:
    keep_closing(file, Closing(event_id=event, act=act, at=at, by="ana", said_at=said_at, reason="paid"))


def test_a_storm_is_closed_from_its_date_on_until_it_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "closings.jsonl"
    assert closed_at(file, LATER) == {}
    say(file, "T", Act.closed, NOON)
    say(file, "S", Act.closed, EVENING)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(closed_at(file, NOON)) == ["T"]
    assert list(closed_at(file, EVENING)) == ["S", "T"]
    say(file, "T", Act.reopened, EVENING, EVENING)
    assert list(closed_at(file, LATER)) == ["S"]
    assert list(closed_at(file, NOON)) == ["T"]  # as it was
    say(file, "S", Act.reopened, NOON, NOON)  # before its day had come
    assert list(closed_at(file, LATER)) == []
    assert closings(file)["T"].act is Act.reopened


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-30", datetime(2026, 11, 30, 23, 59, 59, 999999)),
        ("2026-11-30T18:00", datetime(2026, 11, 30, 18)),
        ("2026-11-30 18:00+02:00", datetime(2026, 11, 30, 16)),
        ("20261130T180000.001-abcdef", None),
        ("yesterday", None),
    ],
)
def test_a_date_means_its_end_and_a_run_is_no_date(text: str, at: datetime | None) -> None:
    assert moment(text) == at


def test_a_date_that_does_not_exist_is_told() -> None:
    with pytest.raises(InputError, match="2026-02-30"):
        moment("2026-02-30")


def test_only_a_closed_storm_is_opened(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="not closed"):
        reopen(Project(tmp_path, Settings()), "S", Say("ana", "a claim was missing"))
