from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from stormops_graph.project.seen_together import record_sighting


def test_a_sighting_is_a_line_with_its_time(tmp_path: Path) -> None:
    file = tmp_path / "state" / "seen.jsonl"
    record_sighting(
        file, {"phone": "+12145550123", "cookie": "1.2", "email": ""}, datetime(2024, 5, 28, 13, tzinfo=UTC)
    )
    assert [json.loads(line) for line in file.read_text().splitlines()] == [
        {"seen_at": "2024-05-28T13:00:00.000000+00:00", "cookie": "1.2", "phone": "+12145550123"}
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_one_identifier_alone_is_no_evidence(tmp_path: Path) -> None:
    record_sighting(tmp_path / "seen.jsonl", {"phone": "+12145550123"})
    assert not (tmp_path / "seen.jsonl").exists()


def test_sightings_at_once_stay_whole_lines(tmp_path: Path) -> None:
    file = tmp_path / "seen.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: record_sighting(file, {"cookie": str(i) * 2000, "phone": "x"}), range(40)))
    assert len([json.loads(line) for line in file.read_text().splitlines()]) == 40
