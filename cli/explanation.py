"""Why: what a touch earned."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from stormops_graph.chances import percent
from stormops_graph.masks import masked_touch
from stormops_graph.project import Project
from stormops_graph.settings import ModelName

from .options import HERE, AsJson, ProjectFolder, Show
from .screen import grid, heading, print_json, safe, say_simulated, screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from stormops_graph.lookup.earnings import Explanation

MODELS = get_args(ModelName)


def credit(
    name: Annotated[str, typer.Argument(metavar="TOUCH|JOURNEY", help="The id of a touch, or of a journey.")],
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="M", help=f"One of {', '.join(MODELS)}.", show_default="the published one"),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="RUN|DATE",
            help="What was published as of a run, a time, or a date: its end.",
            show_default="now",
        ),
    ] = None,
    show: Show = False,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Explain what each touch of a converting journey earned, and why.

    The journey in order, with every touch's part of the conversion and of its value; the parts sum to it exactly.
    With --as-of what was published then, by which run. Ids are those of `export journeys` and `export commissions`; the
    cookies in those of web events are masked unless --show is given.
    """
    if as_of is not None:
        if model is not None:
            raise typer.BadParameter("only the published model has a history: leave --model out", param_hint="--model")
        _show_published(Project.open(project), as_of, name, as_json, show)
        return
    from stormops_graph.ledger.closings import closed_at
    from stormops_graph.lookup.earnings import explain_credit
    from stormops_graph.runs import now
    from stormops_graph.stores import open_graph

    if model is not None and model not in MODELS:
        raise typer.BadParameter(f"there is no model {model}; there are {', '.join(MODELS)}", param_hint="--model")
    opened = Project.open(project)
    with open_graph(opened, os.environ) as graph:
        found = explain_credit(graph, name, opened.settings.attribution, model)
    is_closed = found.event_id in closed_at(opened.closings, now())
    if as_json:
        print_json({**asdict(found), "touches": _touches(map(asdict, found.touches), show), "is_closed": is_closed})
    else:
        say_simulated(screen(), opened.settings.project.simulated)
        _show(screen(), found)
        _say_state(screen(), found, is_closed)


def _touches(touches: Iterable[Mapping[str, Any]], show: bool) -> list[dict[str, Any]]:
    """Touches for JSON, the cookies in their ids masked unless `show`."""
    return [{**touch, "touch_id": touch["touch_id"] if show else masked_touch(touch["touch_id"])} for touch in touches]


def _show_published(project: Project, as_of: str, name: str, as_json: bool, show: bool) -> None:
    from stormops_graph.stewardship.books import paid_for

    touches = paid_for(project, os.environ, as_of, name)
    if as_json:
        print_json({"as_of": as_of, "touches": _touches(touches, show)})
        return
    console, first = screen(), touches[0]
    say_simulated(console, project.settings.project.simulated)
    heading(console, f"journey {first['journey_id']}, as published by {as_of}")
    console.print(safe(f"  {first['event_id']}, ZIP {first['zip_code']}, by {first['model']}"))
    console.print()
    table = grid("  channel", "play", "rep", ">credit", ">value", "since, UTC")
    for touch in touches:
        table.add_row(
            safe(f"  {touch['channel']}"),
            safe(touch["play_id"] or "–"),
            safe(touch["rep_id"] or "–"),
            percent(touch["credit"]),
            _money(touch["conversion_value"]),
            f"{touch['valid_from']:%Y-%m-%d %H:%M}",
        )
    console.print(table)


def _show(console: Console, found: Explanation) -> None:
    heading(console, f"journey {found.journey_id}")
    console.print(safe(f"  {found.event_id}, ZIP {found.zip_code}"))
    console.print()
    table = grid("  at, UTC", "channel", "play", "rep", ">credit", ">value")
    for touch in found.touches:
        table.add_row(
            f"  {touch.at:%Y-%m-%d %H:%M}" if touch.at else "  –",
            safe(touch.channel),
            safe(touch.play_id or "–"),
            safe(touch.rep_id or "–"),
            percent(touch.credit),
            _money(touch.value if found.value is not None else None),
        )
    ended = f"{found.ended_at:%Y-%m-%d %H:%M}" if found.ended_at else "–"
    table.add_row(
        f"  {ended}", "conversion", "", "", percent(sum(touch.credit for touch in found.touches)), _money(found.value)
    )
    console.print(table)
    _show_why(console, found)


def _show_why(console: Console, found: Explanation) -> None:
    heading(console, f"Why, by {found.model}")
    console.print(f"  {found.why}")
    if found.model in ("markov", "hybrid"):
        table = grid("  channel", ">removal effect", ">touches", ">credit here")
        for one in found.channels:
            table.add_row(safe(f"  {one.channel}"), percent(one.removal), str(one.touches), percent(one.credit))
        console.print(table)
        together = sum(one.removal for one in found.channels)
        console.print(
            f"  removal effects are shares of the storm's; {percent(together)} are of this journey's channels"
        )


def _say_state(console: Console, found: Explanation, is_closed: bool) -> None:
    """Whether this is what was published, and if not, what was."""
    console.print()
    if is_closed:
        console.print(safe(f"  the books of {found.event_id} are closed: what was published stands"))
    if not found.is_current:
        said = ", ".join(percent(touch.published) for touch in found.touches)
        console.print(f"  this is not what was published, touch by touch: {said}")
        if not is_closed:
            console.print("  the journey or its storm has changed since: stormops-graph attribute")
    elif not found.is_published:
        console.print("  another model is published: leave --model out to see it", style="dim")


def _money(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}"
