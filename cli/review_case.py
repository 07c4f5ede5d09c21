"""A case as it looks: its records side by side, its evidence as bars, and what verdicts would do.

Invariant: what colour says, a mark says too; personal data are masked unless the look is open.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from stormops_graph.counts import count, counted
from stormops_graph.ledger.decisions import Level
from stormops_graph.lookup.parts import in_words
from stormops_graph.masks import masked, masked_name
from stormops_graph.plain_text import plain
from stormops_graph.review.agreement import Agreement
from stormops_graph.review.case import FIELDS, Case, Link, Shown
from stormops_graph.review.effects import Effect, Moved

from .verdicts import as_dict
from .waterfall import Waterfall

KINDS = {
    "bridge": "the weakest evidence that holds a household together",
    "guard": "a household too large or with too many surnames to be one",
    "gap": "evidence between two households that did not join them",
    "person": "named records of one household that may be one person, or two",
    "changed": "a verdict whose records have changed since",
    "unsure": "unsure before, and there is new evidence",
    "expired": "a verdict whose time is over",
    "pending": "a large merge that waits for a second steward",
    "decided": "decided before",
}
_MARKS = {
    Agreement.same: ("=", "green"),
    Agreement.near: ("~", "yellow"),
    Agreement.differs: ("≠", "red"),
    Agreement.silent: (" ", ""),
}
_LABEL, _COLUMN = 10, 22


@dataclass(frozen=True)
class Look:
    """How a case is shown: the columns there is room for, the first further record, and what is hidden."""

    width: int = 80
    first: int = 0
    masked: bool = True
    blind: bool = False

    @property
    def columns(self) -> int:
        """Records side by side."""
        return max(2, (self.width - _LABEL) // _COLUMN)


def case_shown(case: Case, effect: Effect, moved: Moved | str, look: Look) -> RenderableType:
    """The whole case, from its question to what verdicts would do."""
    return Group(
        _question(case),
        _records(case, look),
        _evidence(case.link, look),
        *_effects(case, effect, moved),
        *_said(case, look),
    )


def _question(case: Case) -> Text:
    asked = case.question
    size = [counted(len(case.records), "record")]
    if asked.conversions:
        size.append(counted(asked.conversions, "conversion"))
    if asked.value:
        size.append(f"home ${count(asked.value)}")
    homes = [asked.household] if asked.together else [asked.household, asked.other]
    where = " | ".join(home[:8] for home in homes)
    text = Text(f"{asked.kind}: ", style="bold") + Text(KINDS[asked.kind])
    return text.append("\n").append(plain(f"household {where} · {' · '.join(size)}"))


def _records(case: Case, look: Look) -> Table:
    """The two in question always, then as many others as there is room for."""
    pair, others = case.records[:2], case.records[2:]
    first = min(look.first, max(0, len(others) - 1))
    shown = [*pair, *others[first : first + look.columns - 2]]
    more = len(others) - (len(shown) - 2)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False, header_style="bold")
    table.add_column(f"+{more} <>" if more else "", width=_LABEL - 1, no_wrap=True)
    room = (look.width - _LABEL) // len(shown) - 1
    for number, record in enumerate(shown):
        name = "AB"[number] if number < 2 else str(first + number - 1)
        table.add_column(plain(f"{name} {record.feed}"), width=room, no_wrap=True, overflow="ellipsis")
    for field in FIELDS:
        if any(record.fields[field] for record in shown):
            table.add_row(field, *(_cell(field, record, pair[0], look) for record in shown))
    table.add_row("seen", *(_seen(record) for record in shown))
    if not case.question.together:
        table.add_row("household", *("  " + record.household[:8] for record in shown))
    table.add_row("person", *("  " + (record.person or "–")[:8] for record in shown))
    return table


def _cell(field: str, record: Shown, first: Shown, look: Look) -> Text:
    values = ", ".join(plain(_masked(field, v) if look.masked else v) for v in record.fields[field])
    if record is first:
        return Text("  " + values)
    mark, style = _MARKS[first.agreement(record, field)]
    return Text(f"{mark} {values}", style=style)


def _masked(field: str, value: str) -> str:
    return masked_name(value) if field in ("given", "surname") else masked(field, value)


def _seen(record: Shown) -> str:
    at = f"{record.last_seen:%Y-%m-%d}" if record.last_seen else "–"
    return f"  {at} ×{record.touches}" + (" conv." if record.conversions else "")


def _evidence(link: Link | None, look: Look) -> RenderableType:
    title = Text("Evidence between A and B", style="bold")
    if link is None:
        return Group(title, Text("  the model sees no pair in the two"))
    if look.blind:
        return Group(title, Text(plain(f"  {in_words(link.parts) or link.model}  (weights hidden: b)")))
    title.append("  (bits: right for one household, left against)", style="dim")
    return Group(title, Waterfall(link))


def _effects(case: Case, effect: Effect, moved: Moved | str) -> list[Text]:
    left, right = len(effect.left_side), len(effect.right_side)
    smaller = counted(min(left, right), "record")
    if case.level is Level.person:
        joins = "stays one person" if case.one_person else f"joins {left} and {right} records to one person"
        parts = f"parts {smaller} of {left + right} from the person" if case.one_person else "stay two persons"
        same, apart = f"s    {joins}, whatever evidence comes", f"d p  {parts}; the household stays"
    elif case.question.together:
        same = "s f  stays as it is, whatever evidence comes"
        apart = f"d    parts {smaller} of {left + right} from the others"
    else:
        same = f"s f  joins {left} and {right} records to one household"
        apart = "d    stays as it is, whatever evidence comes"
    lines = [Text("A verdict", style="bold"), Text(f"  {same}"), Text(f"  {apart}")]
    if case.level is Level.household:
        lines.append(Text(f"       moving {_moves(moved)}"))
    for word, against in (("same", effect.against_same), ("different", effect.against_different)):
        if against:
            lines.append(Text(f"  ! {word} would be refused: it opposes", style="bold red"))
            lines += [Text(plain(line), style="red") for line in against[:3]]
    return lines


def _moves(moved: Moved | str) -> str:
    if isinstance(moved, str):
        return moved
    if not moved.touches:
        return "no touch"
    return (
        f"{counted(moved.touches, 'touch')}, {counted(moved.journeys, 'journey')}, "
        f"{counted(moved.conversions, 'conversion')}, credit {moved.credit:.2f}"
    )


def _said(case: Case, look: Look) -> list[Text]:
    """What was said before; a reason may name people."""
    return [
        Text(
            plain(
                f"decided {d.at:%Y-%m-%d} by {d.signed}: {d.verdict} ({d.level})" + f", {d.reason}" * (not look.masked)
            ),
            style="dim",
        )
        for d in case.said[-3:]
    ]


def chain_shown(case: Case, look: Look) -> RenderableType:
    """All that holds the households together, the weakest first, each with its bars."""
    names = {record.record: plain(record.feed) for record in case.records}
    parts: list[RenderableType] = []
    for link in [*([case.link] if case.link and not case.link.spans else []), *case.bridges]:
        ends = f"{names[link.left]} {link.left[-6:]} – {names[link.right]} {link.right[-6:]}"
        asked = "   ← in question" if link is case.link else ""
        told = _evidence(link, look) if look.blind else Waterfall(link)
        parts.append(Group(Text(plain(ends + asked), style="bold"), told))
    return Group(*parts) if parts else Text("one record alone: nothing holds it to others but its home")


def case_as_dict(case: Case, effect: Effect, moved: Moved, show: bool) -> dict[str, Any]:
    """The case as JSON has it, masked unless `show`."""
    return {
        "together": case.question.together,
        "records": [
            {
                "record": record.record,
                "household": record.household,
                "person": record.person,
                "touches": record.touches,
                **{
                    field: [value if show else _masked(field, value) for value in values]
                    for field, values in record.fields.items()
                },
            }
            for record in case.records
        ],
        "evidence": [asdict(part) for part in case.link.parts] if case.link else [],
        "sides": [list(effect.left_side), list(effect.right_side)],
        "against_same": list(effect.against_same),
        "against_different": list(effect.against_different),
        "moves": asdict(moved),
        "decisions": [as_dict(decision, show) for decision in case.said],
    }
