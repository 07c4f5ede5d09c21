"""A household on the terminal: who lives there, by what it is known, why, and how sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.console import Console

from stormops_graph.chances import chance
from stormops_graph.counts import count, counted
from stormops_graph.lookup.find import Home, Likely
from stormops_graph.masks import masked, masked_name

from .screen import grid, heading, safe

_EVIDENCE = 10  # pairs that are shown, the strongest first
_LIKELY = 3  # homes that are shown where none stands out, the likeliest first


def show_homes(console: Console, homes: Sequence[Home], show: bool, at: datetime | None = None) -> None:
    """One home in full as it was `at` a time, or several as a list to choose from."""
    if len(homes) == 1:
        _show_home(console, homes[0], show, at)
        return
    heading(console, f"{count(len(homes))} households are possible")
    if homes[0].by_shared:
        console.print("  strangers share it, so none of them stands out (stormops-graph shared list)")
    table = grid("  household", "home", ">sure", "by")
    for home in homes:
        kinds = ", ".join(sorted({identifier.kind for identifier in home.asked}))
        table.add_row(safe(f"  {home.household_id}"), safe(_address(home, show) or "–"), chance(home.confidence), kinds)
    console.print(table)
    console.print("\n  one of them in full: stormops-graph household ID", style="dim")


def home_as_dict(home: Home, show: bool) -> dict[str, Any]:
    """The household as JSON has it, masked unless `show`."""
    shown = asdict(home)
    if not show:
        shown["address"] = _address(home, show)
        for one, likely in zip(shown["likely"], home.likely, strict=True):
            one["address"] = _address(likely, show)
        for identifier in (*shown["identifiers"], *shown["asked"]):
            identifier["value"] = masked(identifier["kind"], identifier["value"])
        for member in shown["members"]:
            member["name"] = masked_name(member["name"])
    return shown


def _address(home: Home | Likely, show: bool) -> str | None:
    return home.address if show or not home.address else masked("address", home.address)


def _stay(home: Home) -> str:
    """Since and until when the household lives at its home, as far as that is known."""
    ends = (("since", home.lives_from), ("until", home.lives_to))
    return "".join(f", {word} {end:%Y-%m-%d}" for word, end in ends if end)


def _of_what(home: Home) -> str:
    if home.by_listing:
        return "of its surest record; none shows the home as it is listed"
    return "of the record that shows it" if home.asked else "of a record, on average"


def _show_home(console: Console, home: Home, show: bool, at: datetime | None) -> None:
    heading(console, f"household {home.household_id}")
    if home.followed_from:
        console.print(safe(f"  {home.followed_from} was merged into it"))
    console.print(safe(f"  home   {_address(home, show) or 'none stands out'}{_stay(home)}"))
    _show_likely(console, home, show)
    if not home.likely and (home.property_id or home.records > 1):  # else it is one trace that nothing is said of
        console.print(safe(f"  sure   {chance(home.confidence)} {_of_what(home)}"))
    if home.first_seen and at and at < home.first_seen:
        console.print(f"  nothing of it was seen before {home.first_seen:%Y-%m-%d}; this is how it was from then on")
    if home.by_shared:
        console.print("  strangers share what was asked for: it may be another household that nobody knows yet")
    _show_members(console, home, show)
    _show_identifiers(console, home, show)
    _show_evidence(console, home)
    if not show and (home.members or home.identifiers):
        console.print("\n  names and identifiers in full: --show", style="dim")


def _show_likely(console: Console, home: Home, show: bool) -> None:
    for one in home.likely[:_LIKELY]:
        place = _address(one, show) or one.property_id
        console.print(safe(f"         {chance(one.probability):>7}  {place}, by what it showed"))
    if more := home.likely[_LIKELY:]:
        console.print(f"         and {count(len(more))} more, of {chance(more[0].probability)} at most")


def _show_members(console: Console, home: Home, show: bool) -> None:
    heading(console, f"Persons: {len(home.members)}")
    table = grid("  person", "name", ">sure", ">records")
    for member in home.members:
        name = member.name.title() if show else masked_name(member.name)
        person = safe(f"  {member.person_id}")
        table.add_row(person, safe(name or "–"), chance(member.confidence), count(member.records))
    if home.members:
        console.print(table)


def _show_identifiers(console: Console, home: Home, show: bool) -> None:
    heading(console, f"Identifiers: {len(home.identifiers)}")
    table = grid("  kind", "value", "shown by")
    for held in home.identifiers:
        value = held.value if show else masked(held.kind, held.value)
        feeds = ", ".join(held.feeds) + (" (shared with strangers)" if held.shared else "")
        table.add_row(safe(f"  {held.kind}"), safe(value), safe(feeds))
    if home.identifiers:
        console.print(table)


def _show_evidence(console: Console, home: Home) -> None:
    heading(console, "Why")
    if not home.evidence:
        if home.records == 1:
            console.print("  one record only: there is nothing to weigh")
        else:
            console.print("  no two of its records match; each is placed by its own address or visits,")
            console.print(safe(f"  or by a verdict: stormops-graph explain {home.household_id}"))
        return
    table = grid("  these feeds", "agree in", ">sure", ">weight")
    for pair in home.evidence[:_EVIDENCE]:
        feeds = " · ".join(sorted(record.partition(":")[0] for record in (pair.left, pair.right)))
        kinds = ", ".join(pair.kinds)
        table.add_row(safe(f"  {feeds}"), safe(kinds), chance(pair.probability), f"{pair.weight:.1f}")
    console.print(table)
    if len(home.evidence) > _EVIDENCE:
        console.print(f"  and {counted(len(home.evidence) - _EVIDENCE, 'more pair')}", style="dim")
