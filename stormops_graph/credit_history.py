"""The history of published credits, in Postgres: which run published what, and until when it held.

Invariant: a row is never removed, and changes once, when it ends; at any time an area has at most one row for a key.
Only what a run changed is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from stormops_graph.ports import Output, Outputs
from stormops_graph.reports import CreditChange
from stormops_graph.tables import CREDIT, Connection

KEY = ("event_id", "zip_code", "dimension", "key")
SAID = ("model", "credit", "low", "high", "interval", "journeys", "conversions", "touches", "conversion_value")
COLUMNS = {
    **dict.fromkeys((*KEY, "run"), "text"),
    **dict.fromkeys(("model", "interval"), "text"),
    **dict.fromkeys(("credit", "low", "high", "conversions", "conversion_value"), "double precision"),
    **dict.fromkeys(("journeys", "touches"), "bigint"),
    **dict.fromkeys(("valid_from", "valid_to"), "timestamptz"),
    "ended_by": "text",
}
_DIFFERS = 1e-9  # less is not worth a line

_NOW = """
SELECT event_id, zip_code, dimension, key, model, round(share, 12) AS credit, round(low, 12) AS low,
       round(high, 12) AS high, "interval", journeys, round(conversions, 9) AS conversions, touches,
       round(value, 6) AS conversion_value
FROM credit WHERE model = $model ORDER BY event_id, zip_code, dimension, key
"""
Area = Mapping[str, str]
Row = dict[str, Any]


def history_output(rows: Sequence[Sequence[Any]] = (), area: Area | None = None) -> Output:
    """The table `credit_history`; `area` names a storm, a ZIP or both."""
    return Output("credit_history", COLUMNS, (*KEY, "run"), rows, area or {}, is_history=True)


def held(outputs: Outputs, area: Area, at: datetime | None = None) -> list[Row]:
    """The credits that were published at a time (UTC; None: now), by area and key."""
    rows = outputs.read_history(history_output(area=area), at)
    return [dict(zip(COLUMNS, map(_in_utc, row), strict=True)) for row in rows]


def changes(
    con: Connection, outputs: Outputs, run: tuple[str, datetime, str], area: Area, closed: Sequence[str] = ()
) -> Output:
    """What a run (id, time, published model) adds to the history and ends in it, from CREDIT; not of closed storms."""
    name, at, model = run
    had = {_key(row): row for row in held(outputs, area) if row["event_id"] not in closed}
    # after what it ends, even where the clock was set back
    began = max([at.replace(tzinfo=UTC), *(row["valid_from"] + timedelta(microseconds=1) for row in had.values())])
    now = {_key(row): row for row in _published(con, model) if row["event_id"] not in closed}
    ended = [key for key, row in had.items() if key not in now or _said(now[key]) != _said(row)]
    new = [key for key, row in now.items() if key not in had or _said(had[key]) != _said(row)]
    rows = [{**had[key], "valid_to": began, "ended_by": name} for key in sorted(ended)]
    rows += [{**now[key], "run": name, "valid_from": began} for key in sorted(new)]
    return history_output([[row.get(column) for column in COLUMNS] for row in rows], area)


def differences(con: Connection, outputs: Outputs, model: str, area: Area) -> list[CreditChange]:
    """What would differ from the published credits, were those of CREDIT by the published model written."""
    had = {_key(row): row for row in held(outputs, area)}
    now = {_key(row): row for row in _published(con, model) if row["event_id"] == area.get("event_id")}
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


def _published(con: Connection, model: str) -> Iterator[Row]:
    CREDIT.check(con)
    rows = con.execute(_NOW, {"model": model}).fetchall()
    return (dict(zip((*KEY, *SAID), row, strict=True)) for row in rows)


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in KEY)


def _said(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in SAID)


def _apart(one: float | None, other: float | None) -> bool:
    return one != other and (one is None or other is None or abs(one - other) > _DIFFERS)
