"""The files of a world: feeds as a company's systems would export them, and the truth beside them.

Invariant: `simulated.json` is written first, so that made-up feeds never lie anywhere without their mark.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stormops_graph.errors import InputError, written_in

MARKER = "simulated.json"
VERSION = 1
Row = dict[str, Any]


def _named(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COLUMNS: dict[str, tuple[str, ...]] = {
    "properties": _named(
        """property_id address city state zip_code estimated_value square_footage property_age risk_score
        risk_tier primary_persona recommended_play sii_score follow_up_sla_hours median_household_income
        price_sensitivity risk_tolerance"""
    ),
    "crm_contacts": _named(
        """contact_id first_name last_name phone mobile_phone email address city state zip_code
        created_at updated_at"""
    ),
    "ga4_events": (),
    "calls": _named("call_id started_at caller_number caller_name tracking_number duration_s event_id play_id"),
    "door_knocks": _named(
        "knock_id knocked_at address city state zip_code resident_name phone outcome rep_id event_id play_id"
    ),
    "emails": _named("message_id recipient event_type occurred_at event_id play_id"),
    "sms": _named("message_id phone direction occurred_at event_id play_id"),
    "storms": _named("event_id name started_at ended_at zip_codes"),
    "conversions": _named("conversion_id kind occurred_at contact_id phone email address zip_code value event_id"),
}
TRUTH_TABLES: dict[str, tuple[str, ...]] = {
    "households": _named("household_id property_id from to persona"),
    "persons": _named("person_id household_id given surname"),
    "journeys": _named("household_id event_id zip_code persona path converted"),
    "touches": _named("household_id event_id at channel play_id record_id person_id"),
    "shared_phones": _named("phone why"),
}
TRUTH_COLUMNS = ("feed", "record_id", "household_id", "person_id")


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What was written: rows of each feed, cookies and those with nothing that names a home or person."""

    folder: Path
    households: int
    seed: int
    rows: dict[str, int]
    cookies: int
    anonymous_cookies: int


@dataclass(slots=True)
class World:
    """Rows of every feed, who is behind each record, and further truth tables by name."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {feed: [] for feed in COLUMNS})
    columns: dict[str, Sequence[str]] = field(default_factory=lambda: dict(COLUMNS))
    behind: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    truth: dict[str, list[Row]] = field(default_factory=dict)
    named_cookies: set[str] = field(default_factory=set)

    def add(self, feed: str, row: Row) -> None:
        """Add a row to a feed."""
        self.rows[feed].append(row)

    def stands_behind(self, feed: str, record_id: str, household_id: str, person_id: str) -> None:
        """Say who left a record; feed `ga4` for cookies."""
        self.behind[feed, record_id] = (household_id, person_id)

    def report(self, folder: Path, households: int, seed: int) -> SimulationReport:
        """Count what is here."""
        cookies = sum(feed == "ga4" for feed, _ in self.behind)
        rows = {feed: len(rows) for feed, rows in self.rows.items()}
        return SimulationReport(folder, households, seed, rows, cookies, cookies - len(self.named_cookies))


def write_world(world: World, folder: Path, households: int, seed: int) -> SimulationReport:
    """Write the feeds, `truth/` and the marker; raises InputError where other people's feeds lie, or none can."""
    _refuse_real_feeds(folder)
    with written_in(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _write(world, folder, households, seed)
    return world.report(folder, households, seed)


def _write(world: World, folder: Path, households: int, seed: int) -> None:
    marker = {"simulated": True, "households": households, "seed": seed, "version": VERSION}
    (folder / MARKER).write_text(json.dumps(marker) + "\n", "utf-8")
    for feed, columns in world.columns.items():
        if feed == "ga4_events":
            _write_lines(folder / "ga4_events.jsonl", world.rows[feed])
        else:
            _write_csv(folder / f"{feed}.csv", columns, world.rows[feed])
    _write_truth(world, folder / "truth")


def _refuse_real_feeds(folder: Path) -> None:
    if (folder / MARKER).exists():
        return
    found = [name for name in (f"{feed}.csv" for feed in COLUMNS) if (folder / name).exists()]
    if found or (folder / "ga4_events.jsonl").exists():
        raise InputError(
            f"{folder} holds feeds that were not simulated",
            "name an empty folder: simulated feeds never replace others",
        )


def _write_truth(world: World, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    records: Iterable[Row] = (
        dict(zip(TRUTH_COLUMNS, (*key, *value), strict=True)) for key, value in sorted(world.behind.items())
    )
    _write_csv(folder / "records.csv", TRUTH_COLUMNS, records)
    for name, rows in world.truth.items():
        _write_csv(folder / f"{name}.csv", TRUTH_TABLES[name], rows)


def _write_csv(file: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_lines(file: Path, rows: Iterable[Row]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
