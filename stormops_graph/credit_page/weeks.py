"""Journeys over time: how many started in a week, how many converted in it, each on a scale of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from stormops_graph.pages.drawing import line, rect, svg, text
from stormops_graph.reports.attribution import Week

MOST_WEEKS = 60  # beyond them, months are drawn

_LEFT, _WIDTH, _HIGH, _GAP, _TOP = 40, 364, 92, 52, 28


def week_chart(weeks: Sequence[Week], label: str) -> str:
    """Bars by week, or by month where there are many."""
    bars, word = _spaced(weeks)
    panels: tuple[tuple[str, str, Callable[[Week], int]], ...] = (
        ("started", "ours", lambda bar: bar.started),
        ("converted", "good", lambda bar: bar.converted),
    )
    parts = []
    for number, (name, kind, many) in enumerate(panels):
        parts += _panel(bars, (f"{name}, by {word}", kind), many, _TOP + number * (_HIGH + _GAP))
    return svg(_LEFT + _WIDTH + 26, _TOP + 2 * _HIGH + _GAP + 22, parts, label)


def _panel(bars: Sequence[Week], named: tuple[str, str], many: Callable[[Week], int], top: float) -> list[str]:
    name, kind = named
    most = max(map(many, bars), default=0)
    step = min(48.0, _WIDTH / max(len(bars), 1))
    floor = top + _HIGH
    parts = [text(0, top - 13, name, "start", "name"), line(_LEFT, floor, _LEFT + _WIDTH, floor, "axis")]
    if most:
        parts += [line(_LEFT, top, _LEFT + _WIDTH, top, "grid"), text(_LEFT - 5, top + 4, _short(most), "end", "count")]
    parts.append(text(_LEFT - 5, floor + 4, "0", "end", "count"))
    every = max(1, -(-52 // int(step)))  # a date takes 52 pixels
    for place, bar in enumerate(bars):
        tall = _HIGH * many(bar) / most if most else 0.0
        x, said = _LEFT + place * step, f"{bar.begins:%Y-%m-%d}: {many(bar):,} {name.split(',')[0]}"
        parts.append(rect((x + step * 0.1, floor - tall, step * 0.8, tall), kind, said))
        if place % every == 0:
            parts.append(text(x + step * 0.1, floor + 16, _date(bar, name), "start", "count"))
    return parts


def _spaced(weeks: Sequence[Week]) -> tuple[list[Week], str]:
    """Every week from the first to the last, those without a journey too; months where they are many."""
    if not weeks:
        return [], "week from Monday"
    found = {week.begins: week for week in weeks}
    first, last = min(found), max(found)
    if (last - first).days <= 7 * MOST_WEEKS:
        days = [first + timedelta(days=7 * i) for i in range((last - first).days // 7 + 1)]
        return [found.get(day, Week(begins=day, started=0, converted=0)) for day in days], "week from Monday"
    return _months(weeks), "month"


def _months(weeks: Sequence[Week]) -> list[Week]:
    """The weeks summed by the month that they begin in; at most the last sixty months."""
    sums: dict[date, tuple[int, int]] = {}
    for week in weeks:
        month = week.begins.replace(day=1)
        started, converted = sums.get(month, (0, 0))
        sums[month] = started + week.started, converted + week.converted
    month, months = min(sums), []
    while month <= max(sums):
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    found = [(month, sums.get(month, (0, 0))) for month in months[-MOST_WEEKS:]]
    return [Week(begins=month, started=started, converted=converted) for month, (started, converted) in found]


def _short(many: int) -> str:
    return f"{many:,}" if many < 10_000 else f"{many / 1000:,.0f}k"


def _date(bar: Week, name: str) -> str:
    return f"{bar.begins:%b %Y}" if name.endswith("month") else f"{bar.begins.day} {bar.begins:%b}"
