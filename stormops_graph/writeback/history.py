"""The histories of what is published, in Postgres: which run published what, and until when it held.

One is of the credits of areas, one of what touches earned. Invariant: a row is never removed, and changes once, when it
ends; at any time there is at most one row for a key. Only what a run changed is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from stormops_graph.ports import Output, Outputs
from stormops_graph.reports.closed_storms import CreditChange
from stormops_graph.tables import CREDIT, Connection

_COUNTS = ("journeys", "touches", "position")
_FIGURES = ("credit", "low", "high", "conversions", "conversion_value")
_DIFFERS = 1e-9  # less is not worth a line

_NOW = """
SELECT event_id, zip_code, dimension, key, model, round(share, 12) AS credit, round(low, 12) AS low,
       round(high, 12) AS high, "interval", journeys, round(conversions, 9) AS conversions, touches,
       round(value, 6) AS conversion_value
FROM credit WHERE model = $model ORDER BY event_id, zip_code, dimension, key
"""
Area = Mapping[str, tuple[str, ...]]
Row = dict[str, Any]
Run = tuple[str, datetime, str]
"""A run's id, its time (UTC) and the model it publishes."""


@dataclass(frozen=True)
class Book:
    """A history: its table, what its rows are about, and what they say of it."""

    name: str
    key: Sequence[str]
    said: Sequence[str]

    @property
    def columns(self) -> dict[str, str]:
        """Column -> SQL type."""
        kinds = {**dict.fromkeys(_COUNTS, "bigint"), **dict.fromkeys(_FIGURES, "double precision")}
        about = {name: kinds.get(name, "text") for name in (*self.key, "run", *self.said)}
        return {**about, "valid_from": "timestamptz", "valid_to": "timestamptz", "ended_by": "text"}

    def output(self, rows: Sequence[Sequence[Any]] = (), area: Area | None = None) -> Output:
        """The table; `area` names storms, ZIPs or both."""
        return Output(self.name, self.columns, (*self.key, "run"), rows, area or {}, is_history=True)

    def held(self, outputs: Outputs, area: Area, at: datetime | None = None) -> list[Row]:
        """What was published at a time (UTC; None: now), by key."""
        rows = outputs.read_history(self.output(area=area), at)
        return [dict(zip(self.columns, map(_in_utc, row), strict=True)) for row in rows]

    def changes(
        self, outputs: Outputs, published: Iterable[Row], run: Run, area: Area, closed: Sequence[str] = ()
    ) -> Output:
        """What a run adds to the history and ends in it, by what it publishes of an area; not of closed storms."""
        name, at, _ = run
        had = {self._key(row): row for row in self.held(outputs, area) if row["event_id"] not in closed}
        # after what it ends, even where the clock was set back
        began = max([at.replace(tzinfo=UTC), *(row["valid_from"] + timedelta(microseconds=1) for row in had.values())])
        now = {self._key(row): row for row in published if row["event_id"] not in closed}
        ended = [key for key, row in had.items() if key not in now or self._said(now[key]) != self._said(row)]
        new = [key for key, row in now.items() if key not in had or self._said(had[key]) != self._said(row)]
        rows = [{**had[key], "valid_to": began, "ended_by": name} for key in sorted(ended)]
        rows += [{**now[key], "run": name, "valid_from": began} for key in sorted(new)]
        return self.output([[row.get(column) for column in self.columns] for row in rows], area)

    def _key(self, row: Row) -> tuple[str, ...]:
        return tuple(row[name] for name in self.key)

    def _said(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.said)


CREDITS = Book(
    "credit_history",
    ("event_id", "zip_code", "dimension", "key"),
    ("model", "credit", "low", "high", "interval", "journeys", "conversions", "touches", "conversion_value"),
)
TOUCHES = Book(
    "touch_credit_history",
    ("event_id", "touch_id"),
    ("journey_id", "position", "zip_code", "channel", "play_id", "rep_id", "model", "credit", "conversion_value"),
)


def published(con: Connection, model: str) -> Iterator[Row]:
    """The rows of CREDITS that CREDIT makes by a model."""
    CREDIT.check(con)
    rows = con.execute(_NOW, {"model": model}).fetchall()
    return (dict(zip((*CREDITS.key, *CREDITS.said), row, strict=True)) for row in rows)


def differences(con: Connection, outputs: Outputs, model: str, area: Area) -> list[CreditChange]:
    """What would differ from the published credits of storms, were those of CREDIT by the published model written."""
    had = {_place(row): row for row in CREDITS.held(outputs, area)}
    now = {_place(row): row for row in published(con, model) if row["event_id"] in area["event_id"]}
    found = []
    for key in sorted(had.keys() | now.keys()):
        was, is_now = (side.get(key, {}) for side in (had, now))
        figures = [(was.get(name), is_now.get(name)) for name in ("credit", "conversions")]
        if any(_apart(*pair) for pair in figures):
            (credit, now_credit), (conversions, now_conversions) = figures
            found.append(
                CreditChange(
                    zip_code=key[1],
                    dimension=key[2],
                    key=key[3],
                    published=credit,
                    now=now_credit,
                    published_conversions=conversions,
                    now_conversions=now_conversions,
                )
            )
    return found


def _place(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in CREDITS.key)


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _apart(one: float | None, other: float | None) -> bool:
    return one != other and (one is None or other is None or abs(one - other) > _DIFFERS)
