"""Why records are together or apart, and what became of a household."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from stormops_graph.chances import chance
from stormops_graph.counts import counted
from stormops_graph.ledger.decisions import Verdict, end_shown
from stormops_graph.lookup.parts import agreeing
from stormops_graph.masks import masked, masked_name
from stormops_graph.plain_text import plain
from stormops_graph.project import Project

from .apart import show_apart
from .options import HERE, AsJson, Household, ProjectFolder, Show
from .screen import grid, heading, print_json, safe, screen
from .verdicts import as_dict as verdict_as_dict
from .waterfall import Waterfall
from .words import Group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from stormops_graph.ledger.decisions import Decision
    from stormops_graph.lookup.history import Event
    from stormops_graph.lookup.reasons import Between, Bonds, Link, Standing

_ALLOWED = {
    "prior": "how likely it is before anything is compared, of namesakes or of what something brought together",
    "family": "how much of this two people of one household would show as well",
    "verdicts": "what stewards' verdicts correct of what such pairs state",
}
_SHOWN = 12  # bridges that are listed, the weakest first


class Explain(Group):
    """Takes what is no command of its own for records, or a household, to explain."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the words mean."""
        return super().resolve_command(ctx, args if args[0] in self.commands else ["why", *args])


def why(
    name: Annotated[
        str,
        typer.Argument(
            metavar="HOUSEHOLD|RECORD", help="A household, or a record, which means its household: feed:id, or its key."
        ),
    ],
    other: Annotated[str | None, typer.Argument(metavar="[RECORD]", help="Another record.")] = None,
    show: Show = False,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Explain why two records are together or apart, or what holds a household together.

    Two records: their values side by side, the evidence between them with its weights, the chain of evidence that
    joins them where they do not match themselves, and what stewards said; of two households what keeps them apart, and
    what ties them nevertheless. A household: its links, the weakest first, each with the records that it alone holds,
    and what would part them.
    `stormops-graph explain A B` says the same as `explain why A B`.
    """
    from stormops_graph.lookup.reasons import explain_household, explain_records, open_reasons

    with open_reasons(Project.open(project)) as con:
        if other is None:
            bonds = explain_household(con, name)
        else:
            between = explain_records(con, name, other)
    if as_json:
        print_json(_as_dict(bonds if other is None else between, show))
    elif other is None:
        show_bonds(screen(), bonds, show)
    else:
        show_between(screen(), between, show)


def _as_dict(found: Between | Bonds, show: bool) -> dict[str, Any]:
    told = asdict(found)
    told["verdicts"] = [verdict_as_dict(verdict, show) for verdict in found.verdicts]
    for standing in () if show else (s for key in ("left", "right", "members", "unlinked") for s in told.get(key, ())):
        standing["name"] = masked_name(standing["name"])
        standing["phones"] = [masked("phone", value) for value in standing["phones"]]
        standing["emails"] = [masked("email", value) for value in standing["emails"]]
        for kind, key in (("address", "address_key"), ("address", "address"), ("cookie", "cookie")):
            standing[key] = standing[key] and masked(kind, standing[key])
    for common in () if show else (told.get("apart") or {}).get("common", ()):
        common["value"] = masked(common["kind"], common["value"])
    return told


def show_between(console: Console, found: Between, show: bool) -> None:
    """Where two records stand, what speaks for one household and against it, and what joins them."""
    left, right = found.left[0], found.right[0]
    heading(console, f"{left.record} and {right.record}")
    of = f" of household {left.household_id}" if found.together != "two households" else ""
    console.print(f"  {found.together}{of}")
    for side, standings in (("left", found.left), ("right", found.right)):
        for was in standings[1:]:
            console.print(safe(f"  before: {side}, until {was.valid_to:%Y-%m-%d}: {was.household_id}"))
    table = grid("  ", "left", "", "right")
    for word, one, two, agree in _side_by_side(left, right, show):
        table.add_row(f"  {word}", safe(one or "–"), "=" if agree else "", safe(two or "–"))
    console.print(table)
    heading(console, "Evidence")
    if found.direct:
        _show_waterfall(console, found.direct)
    else:
        console.print("  the two records do not match themselves")
    if len(found.way) > 1:
        heading(console, "What joins them, step by step")
        _show_links(console, found.way)
        weakest = min(found.way, key=lambda link: link.weight)
        console.print(safe(f"  the weakest step: {weakest.left} · {weakest.right}"))
    elif found.together != "two households" and not found.way:
        console.print("  no chain of evidence joins them: " + " · ".join(_placed(s) for s in (left, right)))
    show_apart(console, found, show)
    _show_verdicts(console, found.verdicts, show)
    if not show:
        console.print("\n  names and identifiers in full: --show", style="dim")


def _side_by_side(left: Standing, right: Standing, show: bool) -> list[tuple[str, str, str, bool]]:
    """Word, left value, right value and whether they agree, of what either record shows."""
    rows = []
    for word, kind, ones, twos in (
        ("name", "name", [left.name], [right.name]),
        ("phone", "phone", left.phones, right.phones),
        ("email", "email", left.emails, right.emails),
        ("address", "address", [left.address_key], [right.address_key]),
        ("cookie", "cookie", [left.cookie], [right.cookie]),
        ("home", "address", [left.address], [right.address]),
    ):
        one, two = [value for value in ones if value], [value for value in twos if value]
        if one or two:
            agree = not set(one).isdisjoint(two)
            rows.append((word, _shown(kind, one, show), _shown(kind, two, show), agree))
    rows.append(("placed", _placed(left), _placed(right), False))
    return rows


def _shown(kind: str, values: Sequence[str], show: bool) -> str:
    return ", ".join(
        value if show else masked_name(value) if kind == "name" else masked(kind, value) for value in values
    )


def _placed(standing: Standing) -> str:
    if standing.by_address is not None:
        return f"by its address, {chance(standing.by_address)}"
    if standing.by_visits is not None:
        return f"by its visits, {chance(standing.by_visits)}"
    return f"by evidence, {chance(standing.confidence)}" if standing.address else "at no home"


def _show_waterfall(console: Console, link: Link) -> None:
    console.print(Waterfall(link))
    for part in link.parts:
        if part.kind in _ALLOWED:
            console.print(f"  {part.kind}: {_ALLOWED[part.kind]}", style="dim")


def show_bonds(console: Console, found: Bonds, show: bool) -> None:
    """What holds a household together, the weakest link first, and what would part it."""
    heading(console, f"household {found.household_id}")
    records = {standing.record for standing in found.members}
    persons = {standing.person_id for standing in found.members} - {None}
    console.print(
        f"  {counted(len(records), 'record')} of {counted(len(persons), 'person')}; "
        f"{counted(found.links, 'pair')} of them match"
    )
    if found.bridges:
        weakest = found.bridges[0]
        heading(console, "The weakest link")
        console.print(safe(f"  {weakest.link.left} · {weakest.link.right}"))
        _show_waterfall(console, weakest.link)
        held = ", ".join(weakest.side[:5]) + (" …" if len(weakest.side) > 5 else "")
        console.print(
            safe(f"  it alone holds {counted(len(weakest.side), 'record')} to the other {weakest.others}: {held}")
        )
        if any(
            said.verdict is Verdict.same and said.pair == (weakest.link.left, weakest.link.right)
            for said in found.verdicts
        ):
            console.print("  a steward said same of the two: that holds, whatever the evidence")
        else:
            console.print("  to part them, decide that these two are different", style="dim")
        heading(console, "What holds it together, the weakest first")
        _show_links(console, [bridge.link for bridge in found.bridges[:_SHOWN]], found)
    if len(found.bridges) > _SHOWN:
        console.print(f"  and {counted(len(found.bridges) - _SHOWN, 'stronger link')}", style="dim")
    if found.unlinked:
        heading(console, "Here without a matching record")
        for standing in found.unlinked[:_SHOWN]:
            console.print(safe(f"  {standing.record}: {_placed(standing)}"))
        if len(found.unlinked) > _SHOWN:
            console.print(f"  and {len(found.unlinked) - _SHOWN} more", style="dim")
    _show_verdicts(console, found.verdicts, show)


def _show_links(console: Console, links: Sequence[Link], bonds: Bonds | None = None) -> None:
    table = grid("=  records", "agree in", ">sure", ">bits", *([">parts"] if bonds else []))
    for place, link in enumerate(links):
        kinds = ", ".join(agreeing(link.parts))
        records = Text(f"  {plain(link.left)}\n  {plain(link.right)}")
        parts = [f"{len(bonds.bridges[place].side)} | {bonds.bridges[place].others}"] if bonds else []
        table.add_row(records, safe(kinds), chance(link.household_probability), f"{link.weight:.1f}", *parts)
    console.print(table)


def _show_verdicts(console: Console, verdicts: Sequence[Decision], show: bool) -> None:
    if not verdicts:
        return
    heading(console, "What stewards said")
    for said in verdicts:
        left, right = said.pair if show else map(end_shown, said.pair)
        console.print(safe(f"  {left} {said.verdict} {right} ({said.level}; {said.signed}, {said.at:%Y-%m-%d})"))
        if show:
            console.print(safe(f"    {said.reason}"), style="dim")


def history(
    name: Household,
    show: Show = False,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Tell what became of a household: the runs that changed it, merges and splits, and the verdicts on its records.

    Identifiers are masked and reasons, which may name people, left out unless --show is given.
    """
    from stormops_graph.ledger.naming import household_in_graph
    from stormops_graph.lookup.history import history as look_up
    from stormops_graph.stores import open_graph

    with open_graph(Project.open(project), os.environ) as graph:
        household_id = household_in_graph(graph, name)
        events = look_up(graph, household_id)
    if not show:
        events = [event.masked() for event in events]
    if as_json:
        print_json({"household_id": household_id, "events": [asdict(event) for event in events]})
        return
    show_history(screen(), household_id, events)


def show_history(console: Console, household_id: str, events: Sequence[Event]) -> None:
    """The events of a household, what each is about below it: side by side two ids are wider than a terminal."""
    from stormops_graph.lookup.history import BETWEEN

    heading(console, f"household {household_id}")
    table = grid("=  at, UTC", "what")
    for event in events:
        at = f"  {event.at:%Y-%m-%d %H:%M}" if event.at else "  –"
        by = f"run {event.run}" if event.run else "by " + ": ".join(filter(None, (event.by, event.reason)))
        told = [event.what, *(event.other or "").split(BETWEEN), by]
        table.add_row(at, Text("\n".join(plain(line) for line in told if line)))
    console.print(table)
    console.print(
        f"\n  {counted(len(events), 'event')}; as it is now: stormops-graph household {household_id}", style="dim"
    )
