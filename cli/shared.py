"""Shared identifiers on the command line: list them, release and block them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stormops_graph.counts import count
from stormops_graph.ledger.rulings import IdentifierKind, Outcome
from stormops_graph.project import Project

from .options import HERE, AsJson, ProjectFolder, Show, Steward, stated, steward
from .screen import fitted, grid, print_json, safe, screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from stormops_graph.stewardship.shared import SharedIdentifier

_RULED = {"ruling", "by", "at"}

Kind = Annotated[IdentifierKind, typer.Argument(metavar="KIND", help="phone or email.")]
Value = Annotated[str, typer.Argument(metavar="VALUE", help="The number or address, in any form that a feed may have.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the ruling.")]


def list_shared(
    kind: Annotated[
        IdentifierKind | None,
        typer.Option("--kind", help="Only phones, or only emails.", show_default="both"),
    ] = None,
    show: Show = False,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """List numbers and addresses that link nobody, most people first, and what stewards ruled.

    That is what too many different people use, placeholders (none@none.com, 555-0100), and what a steward
    blocked; what a steward released is listed too. Values are masked and reasons, which may name people, left
    out unless --show is given.
    """
    from stormops_graph.stewardship.shared import list_shared as listed

    found = listed(Project.open(project), os.environ, kind)
    if as_json:
        print_json({"shared": [_as_dict(one, show) for one in found]})
    else:
        show_shared(screen(), found, show)


def release(
    kind: Kind,
    value: Value,
    reason: Reason,
    by: Steward = None,
    project: ProjectFolder = HERE,
) -> None:
    """Let a number or address link people again, although the limits or lists say no.

    The next resolve goes by it, and every later one until somebody blocks it. For a family's line that many
    rows show with odd names, or a real number that looks like a placeholder.
    """
    _rule(project, kind, value, Outcome.released, reason, by)


def block(
    kind: Kind,
    value: Value,
    reason: Reason,
    by: Steward = None,
    project: ProjectFolder = HERE,
) -> None:
    """Let a number or address link nobody, although the limits allow it.

    The next resolve goes by it: what only this identifier held together comes apart, and the ids stay with the
    larger parts. For an office line or a salesman's own number.
    """
    _rule(project, kind, value, Outcome.blocked, reason, by)


def _rule(
    project: ProjectFolder, kind: IdentifierKind, value: str, outcome: Outcome, reason: str, by: str | None
) -> None:
    from stormops_graph.masks import masked
    from stormops_graph.stewardship.shared import RulingAsked, is_shown, rule

    asked = RulingAsked(kind, value, outcome, stated(reason), steward(by))
    opened = Project.open(project)
    made = rule(opened, asked)
    console = screen()
    console.print(safe(f"{made.kind} {masked(made.kind, made.value)} is {made.ruling}"))
    if not is_shown(opened, made):
        console.print(f"  no record shows it so far: is it the right {made.kind}? It counts once one does")
    console.print("  the next resolve goes by it", style="dim")


def _as_dict(one: SharedIdentifier, show: bool) -> dict[str, Any]:
    from stormops_graph.masks import masked

    ruling = one.ruling
    return {
        "kind": one.kind,
        "value": one.value if show else masked(one.kind, one.value),
        "distinct_people": one.people,
        "records": one.records,
        "because": one.because,
        "since": one.since,
        "ruling": ruling
        and {**ruling.model_dump(mode="json", include=_RULED), "reason": ruling.reason if show else None},
    }


def show_shared(console: Console, found: Sequence[SharedIdentifier], show: bool) -> None:
    """What links nobody or was ruled on, and why."""
    from stormops_graph.masks import masked

    if not found:
        console.print("nothing is shared, and nothing was ruled")
        return
    reasons = ["reason"] if show else []
    table = grid("kind", "=value", ">people", ">records", "links nobody because", "since, UTC", "ruling", *reasons)
    for one in found:
        ruling = one.ruling
        table.add_row(
            one.kind,
            safe(one.value if show else masked(one.kind, one.value)),
            count(one.people),
            count(one.records),
            safe(one.because or ("– (it links)" if one.records else "– (no record holds it)")),
            f"{one.since:%Y-%m-%d}" if one.since else "–",
            safe(f"{ruling.ruling} by {ruling.by}, {ruling.at:%Y-%m-%d}" if ruling else "–"),
            *([safe(ruling.reason if ruling else "")] if show else []),
        )
    console.print(fitted(console, table, "since, UTC", "records", "kind", "ruling"))
    if not show:
        console.print("\nin full, with reasons: --show", style="dim")
