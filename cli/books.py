"""The books of published credits: credits as of then, close, reopen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stormops_graph.chances import percent
from stormops_graph.counts import counted
from stormops_graph.project import Project

from .options import HERE, AsJson, ProjectFolder, Steward, stated, steward
from .screen import fitted, grid, heading, print_json, safe, say_simulated, screen

if TYPE_CHECKING:
    from rich.console import Console

    from stormops_graph.stewardship.books import Books, Say

Event = Annotated[str, typer.Argument(metavar="EVENT", help="The storm's event_id.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in closings.jsonl.")]


def credits(
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="RUN|DATE", help="A run's id, a time, or a date: its end.", show_default="now"),
    ] = None,
    event: Annotated[str | None, typer.Option("--event", metavar="E", help="Only this storm.")] = None,
    zip_code: Annotated[
        str | None,
        typer.Option(
            "--zip", metavar="Z", help="Only this ZIP code; ALL is the whole storm.", show_default="every area"
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Also show why books were closed.")] = False,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Show the published credits, as they are or as they were: as of a run, a date or a time.

    Every `attribute` adds what it changed to the history, and nothing is taken out of it. Times are UTC. Why books
    were closed may name people, and is left out unless --show is given.
    """
    from stormops_graph.stewardship.books import books

    opened = Project.open(project)
    found = books(opened, os.environ, as_of, event, zip_code)
    if as_json:
        closed = [
            {**closing.model_dump(mode="json", exclude={"act"}), "reason": closing.reason if show else None}
            for closing in found.closed
        ]
        print_json({"as_of": found.at, "run": found.run, "closed": closed, "credits": found.credits})
    else:
        say_simulated(screen(), opened.settings.project.simulated)
        show_books(screen(), found, show)


def close(
    event: Event,
    reason: Reason,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="DATE", help="A date to come, meaning its end, or a time.", show_default="now"),
    ] = None,
    by: Steward = None,
    project: ProjectFolder = HERE,
) -> None:
    """Close the books of a storm: its published credits stand from then on.

    Later runs leave its credits and touch credits in graph and Postgres as they are, and report what they would have
    changed. For commissions that are paid.
    """
    from stormops_graph.stewardship.books import close as closing
    from stormops_graph.stewardship.books import moment

    when = None if at is None else moment(at)
    if at is not None and when is None:
        raise typer.BadParameter(f"{at} is no date: write it as 2026-11-30", param_hint="--at")
    said = _said(by, reason)
    made = closing(Project.open(project), os.environ, event, when, said)
    screen().print(safe(f"the books of {made.event_id} are closed from {made.at:%Y-%m-%d %H:%M} UTC on"))


def reopen(
    event: Event,
    reason: Reason,
    by: Steward = None,
    project: ProjectFolder = HERE,
) -> None:
    """Open the books of a storm again: the next `attribute` writes its credits as its journeys say."""
    from stormops_graph.stewardship.books import reopen as opening

    said = _said(by, reason)
    made = opening(Project.open(project), event, said)
    screen().print(safe(f"the books of {made.event_id} are open again: stormops-graph attribute writes its credits"))


def _said(by: str | None, reason: str) -> Say:
    from stormops_graph.stewardship.books import Say

    return Say(steward(by), stated(reason))


def show_books(console: Console, found: Books, show: bool) -> None:
    """Print the credits that held and which storms were closed, with the reasons if `show`."""
    when = "now" if found.at is None else f"as of {found.at:%Y-%m-%d %H:%M:%S} UTC"
    heading(console, f"Published credits, {when}")
    table = grid("=  storm", "ZIP", "credit of", ">credit", ">90 % interval", ">conv.", "since, UTC")
    for row in sorted(found.credits, key=_order):
        table.add_row(
            safe(f"  {row['event_id']}"),
            safe(row["zip_code"]),
            safe(row["key"]),
            percent(row["credit"]),
            "–" if row["low"] is None else f"{100 * row['low']:.1f} – {100 * row['high']:.1f}",
            f"{row['conversions']:,.1f}",
            f"{row['valid_from']:%Y-%m-%d %H:%M}",
        )
    console.print(fitted(console, table, "since, UTC", "conv."))
    for one in found.closed:
        why = f": {one.reason}" if show else ""
        console.print(safe(f"  {one.event_id} is closed since {one.at:%Y-%m-%d %H:%M}, by {one.by}{why}"))
    models = ", ".join(sorted({row["model"] for row in found.credits}))
    console.print(f"  {counted(len(found.credits), 'credit')} by {models}", style="dim")


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["event_id"], row["zip_code"] != "ALL", row["zip_code"], row["dimension"], -row["credit"], row["key"])
