"""The household's drawing: homes above; below them persons, their records and what these hold, from left to right.

Evidence is an arc between two records, as wide as it weighs; the weakest that holds records together is marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import fmean

from stormops_graph.chances import chance
from stormops_graph.pages.drawing import elided, labels, path, rect, text
from stormops_graph.picture.subject import Record, Residence, Span, Subject, Tie, Value

WIDE = 880
_PERSON, _RECORD, _VALUE = (0, 150), (290, 190), (616, 264)  # where boxes begin, and how wide they are
_ROW, _BOX = 34, 28  # high
_HEAD = 26
_REACH = (22, 126)  # how far an arc goes out, for neighbours and for those farthest apart
_FAR = 6  # rows that are far apart in any household
_WIDTHS = (0.8, 6.0)

Drawing = tuple[list[str], float]
"""Shapes from y = 0 on, and how high they are."""


def household_drawing(subject: Subject) -> Drawing:
    """Homes, persons, records, identifiers and the evidence between the records."""
    homes, top = _homes(subject.homes)
    rows = {record.key: top + _HEAD + place * _ROW for place, record in enumerate(subject.records)}
    places = _places(subject.values, rows, top + _HEAD)
    bottom = max([*(y + _ROW for y in (*rows.values(), *places)), top + _HEAD + _ROW])
    parts = [
        *homes,
        *_titles(top),
        *_holdings(subject.values, places, rows),
        *_arcs(subject, rows),
        *_persons(subject.records, rows),
        *(part for record in subject.records for part in _record(record, rows[record.key])),
        *(part for value, y in zip(subject.values, places, strict=True) for part in _value(value, y)),
    ]
    if subject.left_out:
        said = f"and {subject.left_out} records more, which are not drawn"
        parts.append(text(_RECORD[0], bottom + 14, said, "start"))
        bottom += 20
    return parts, bottom


def dated(time: Span) -> str:
    """A span in words; empty where both ends are open."""
    start = f"from {time.start:%Y-%m-%d}" if time.start else ""
    end = f"until {time.end:%Y-%m-%d}" if time.end else ""
    return " ".join(filter(None, (start, end)))


def _homes(homes: Sequence[Residence]) -> Drawing:
    parts = [text(0, 14, "home" if len(homes) < 2 else "homes", "start")]
    for place, home in enumerate(homes):
        y = place * _ROW
        kind = "shared" if home.time.end else "won"
        said = ", ".join(filter(None, (home.address, dated(home.time))))
        parts += [
            rect((_PERSON[1], y, WIDE - _PERSON[1], _BOX), kind, said, ' rx="6"'),
            text(_PERSON[1] + 10, y + 18, elided(said, WIDE - _PERSON[1] - 20), "start", "name"),
        ]
    if not homes:
        parts.append(text(_PERSON[1], 14, "none stands out", "start", "name"))
    return parts, max(len(homes), 1) * _ROW + 8


def _titles(top: float) -> Iterator[str]:
    for (x, _), word in ((_PERSON, "persons"), (_RECORD, "records"), (_VALUE, "identifiers")):
        yield text(x, top + 14, word, "start")
    yield text(_RECORD[0] - 8, top + 14, "evidence", "end")


def _persons(records: Sequence[Record], rows: dict[str, float]) -> Iterator[str]:
    """A box for each person, as high as all its records; those of nobody named have none."""
    groups = [list(some) for _, some in groupby(records, key=lambda one: one.person)]
    named = [group for group in groups if group[0].person is not None]
    shown = labels([group[0].name or "no name" for group in named], _PERSON[1] - 20)
    for group, name in zip(named, shown, strict=True):
        y = rows[group[0].key]
        yield rect(
            (*_at(_PERSON, y), _PERSON[1], len(group) * _ROW - _ROW + _BOX), "ours soft", group[0].name, ' rx="6"'
        )
        yield text(_PERSON[0] + 10, y + 18, name, "start", "name")
    for group in groups:
        if group[0].person is None:
            yield text(_PERSON[0] + 10, rows[group[0].key] + 18, "nobody named", "start")


def _record(record: Record, y: float) -> list[str]:
    kind = "shared" if record.time.end else "node"
    seen = [f"{time:%Y-%m-%d}" for time in (record.seen.start, record.seen.end) if time]
    below = dated(record.time) or " – ".join(dict.fromkeys(seen))
    return [
        rect((*_at(_RECORD, y), _RECORD[1], _BOX), kind, f"{record.key} {dated(record.time)}".strip(), ' rx="4"'),
        text(_RECORD[0] + 8, y + 12, elided(record.feed, _RECORD[1] - 16), "start", "name"),
        text(_RECORD[0] + 8, y + 23, elided(below, _RECORD[1] - 16, 8.5), "start", "low"),
    ]


def _value(value: Value, y: float) -> list[str]:
    kind = "shared" if value.shared else "node"
    said = f"{value.kind} {value.said}" + (" (shared)" if value.shared else "")
    return [
        rect((*_at(_VALUE, y), _VALUE[1], _BOX), kind, said, ' rx="12"'),
        text(_VALUE[0] + 12, y + 18, elided(said, _VALUE[1] - 24), "start", "name"),
    ]


def _at(column: tuple[int, int], y: float) -> tuple[float, float]:
    return column[0], y


def _places(values: Sequence[Value], rows: dict[str, float], top: float) -> list[float]:
    """Where identifiers stand: as near to their records as the others let them, without running into one another."""
    wanted = [fmean(rows[record] for record in value.records) for value in values]
    places, free = [0.0] * len(values), top
    for place in sorted(range(len(values)), key=lambda n: (wanted[n], values[n].kind, values[n].said, n)):
        places[place] = max(wanted[place], free)
        free = places[place] + _ROW
    # What was pushed below the last record moves up again, as far as there is room above it.
    limit = max([*rows.values(), top + (len(values) - 1) * _ROW])
    for place in sorted(range(len(values)), key=lambda n: -places[n]):
        places[place] = min(places[place], limit)
        limit = places[place] - _ROW
    return places


def _holdings(values: Sequence[Value], places: Sequence[float], rows: dict[str, float]) -> Iterator[str]:
    left, right = _RECORD[0] + _RECORD[1], _VALUE[0]
    middle = (left + right) / 2
    for value, place in zip(values, places, strict=True):
        for record in value.records:
            start, end = rows[record] + _BOX / 2, place + _BOX / 2
            kind = "tie shared" if value.shared else "tie"
            yield path(f"M{left} {start:.1f}C{middle} {start:.1f} {middle} {end:.1f} {right} {end:.1f}", kind, 1)


def _arcs(subject: Subject, rows: dict[str, float]) -> Iterator[str]:
    """The evidence, that which holds together over the rest, the weakest bridge last."""
    weakest = subject.weakest
    heaviest = max((tie.weight for tie in subject.ties), default=1.0)
    farthest = max([abs(rows[tie.left] - rows[tie.right]) for tie in subject.ties] + [_FAR * _ROW])
    for tie in sorted(subject.ties, key=lambda tie: (tie is weakest, tie.spans, tie.weight, tie.left, tie.right)):
        width = _WIDTHS[0] + (_WIDTHS[1] - _WIDTHS[0]) * max(tie.weight, 0) / max(heaviest, 1e-9)
        ends = sorted((rows[tie.left] + _BOX / 2, rows[tie.right] + _BOX / 2))
        share = (ends[1] - ends[0]) / farthest
        far = _RECORD[0] - (_REACH[0] + (_REACH[1] - _REACH[0]) * share) * 4 / 3
        edge = _RECORD[0]
        kind = "weak" if tie is weakest else "" if tie.spans else "lost"
        curve = f"M{edge} {ends[0]:.1f}C{far:.1f} {ends[0]:.1f} {far:.1f} {ends[1]:.1f} {edge} {ends[1]:.1f}"
        yield path(curve, f"flow {kind}".strip(), width, tie_said(tie))


def tie_said(tie: Tie) -> str:
    """What a tie says in words."""
    return f"{chance(tie.probability)} sure, {tie.weight:+.1f} bits: {', '.join(tie.kinds)}"
