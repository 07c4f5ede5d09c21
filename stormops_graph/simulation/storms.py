"""The storms of a world, and the clock it runs by: whole seconds since 1970, UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

DAY = 86_400
TEXAS = timezone(timedelta(hours=-5))
JOURNEY_DAYS = 60
WORLD_START = int(datetime(2021, 1, 1, tzinfo=UTC).timestamp())
FIRST_EVENT = "DFW_STORM_24"
FIRST_STORM = int(datetime(2024, 5, 28, 23, 40, tzinfo=UTC).timestamp())
SECOND_STORM = int(datetime(2024, 8, 20, 21, 15, tzinfo=UTC).timestamp())
WORLD_END = SECOND_STORM + (JOURNEY_DAYS + 30) * DAY


@dataclass(frozen=True, slots=True)
class Storm:
    """A storm and the ZIPs it hit; `ended_at` is None while its claims stay open."""

    event_id: str
    name: str
    started_at: int
    ended_at: int | None
    zip_codes: tuple[str, ...]


def storms_over(zip_codes: list[str]) -> list[Storm]:
    """A storm over every ZIP, and a later one over the last third of them where there are three."""
    storms = [
        Storm(FIRST_EVENT, "May derecho", FIRST_STORM, FIRST_STORM + 75 * DAY, tuple(zip_codes)),
    ]
    if len(zip_codes) >= 3:
        hit = tuple(zip_codes[-(len(zip_codes) // 3) :])
        storms.append(Storm("DFW_HAIL_24", "August hail", SECOND_STORM, None, hit))
    return storms


def utc(at: int) -> str:
    """ISO 8601 with a Z."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def texan(at: int) -> str:
    """ISO 8601 with the offset of Texan summer time."""
    return datetime.fromtimestamp(at, TEXAS).isoformat()


def plain(at: int) -> str:
    """Date and time in UTC without saying so, as databases write them."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def by_day(at: int) -> int:
    """The next second between 9:00 and 19:59 in Texas, when people knock and call."""
    hour = (at // 3600 - 5) % 24
    if 9 <= hour < 20:
        return at
    return at + (9 + hour % 11 - hour + (24 if hour >= 20 else 0)) * 3600
