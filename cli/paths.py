"""How journeys go: the commonest paths, who follows whom, what a removal costs, how long it takes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stormops_graph.chances import percent
from stormops_graph.counts import count, counted
from stormops_graph.project import SETTINGS_FILE, Project
from stormops_graph.settings import Settings

from .options import HERE, AsJson, ProjectFolder
from .screen import grid, heading, margin, print_json, safe, say_simulated, screen

if TYPE_CHECKING:
    from rich.console import Console

    from stormops_graph.attribution.path_report import AreaPaths
    from stormops_graph.pipeline import AreasAsked
    from stormops_graph.pipeline.pathing import Paths

_WIDE = 12  # channels of a matrix that fits a screen; the rest are in the JSON


def paths(
    project: ProjectFolder = HERE,
    event: Annotated[
        str | None, typer.Option("--event", metavar="E", help="Only this storm.", show_default="every storm")
    ] = None,
    zip_code: Annotated[
        str | None, typer.Option("--zip", metavar="Z", help="Only this ZIP code.", show_default="the whole storm")
    ] = None,
    journeys: Annotated[
        str | None,
        typer.Option("--journeys", metavar="SOURCE", help="Journeys assembled elsewhere, as for `attribute`."),
    ] = None,
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="How many of the commonest paths.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show how journeys go: the commonest paths, who follows whom, what a channel's removal costs, days to convert.

    The chain is of the order that `markov_order` in stormops.toml names; nothing is written.
    """
    from stormops_graph.pipeline import AreasAsked

    (areas, notes), simulated = _found(project, journeys, AreasAsked(event, zip_code), top)
    if as_json:
        print_json({"simulated": simulated, "notes": notes, "areas": [area.as_dict() for area in areas]})
        return
    say_simulated(screen(), simulated)
    if not areas:
        screen().print("no journeys: there are no paths")
    for area in areas:
        _show(screen(), area)
    for note in notes:
        margin().print(safe(f"note: {note}"))


def _found(folder: Path, journeys: str | None, asked: AreasAsked, top: int) -> tuple[Paths, bool]:
    from stormops_graph.pipeline import pathing

    if journeys is None:
        project = Project.open(folder)
        return pathing.paths(project, os.environ, asked, top), project.settings.project.simulated
    has_settings = (folder / SETTINGS_FILE).is_file()
    settings = Project.open(folder).settings if has_settings else Settings()
    return pathing.paths_apart(journeys, settings, os.environ, asked, top), False


def _show(console: Console, area: AreaPaths) -> None:
    place = f", ZIP {area.zip_code}" if area.zip_code else ""
    heading(console, f"{area.event_id}{place}")
    console.print(f"  {counted(area.journeys, 'journey')}, {count(area.conversions)} converted")
    _show_top(console, area)
    _show_times(console, area)
    _show_matrix(console, "what follows, %", area.channels, area.transitions)
    what = "conversions lost without both channels (on the diagonal: without the one), %"
    _show_matrix(console, what, area.channels, area.removal)
    _show_orders(console, area)


def _show_top(console: Console, area: AreaPaths) -> None:
    console.print()
    table = grid("  commonest paths, by conversions", ">journeys", ">converted", ">value")
    for path in area.top:
        table.add_row(
            safe("  " + " > ".join(path.channels)), count(path.journeys), count(path.conversions), count(path.value)
        )
    console.print(table)


def _show_times(console: Console, area: AreaPaths) -> None:
    console.print()
    table = grid("  of converting journeys", *(f">{name}" for name in area.days_to_convert))
    for title, found in (("days to convert", area.days_to_convert), ("touches", area.touches_to_convert)):
        table.add_row(f"  {title}", *("–" if value is None else f"{value:.1f}" for value in found.values()))
    console.print(table)


def _show_matrix(
    console: Console, title: str, channels: Sequence[str], values: Sequence[Sequence[float | None]]
) -> None:
    """A row a channel, with its number above its column; then the start and the ends, where there are any."""
    console.print()
    if len(channels) > _WIDE:
        console.print(f"  {title}: {len(channels)} channels are too many for a screen; --json has them", style="dim")
        return
    labels = [f"{number} {name}" for number, name in enumerate(channels, start=1)]
    columns = [str(number) for number in range(1, len(channels) + 1)]
    ends = ["conv", "end"] if len(values) > len(channels) else []
    console.print(f"  {title}", style="bold")
    table = grid("", *(f">{name}" for name in (*columns, *ends)))
    table.padding = (0, 1, 0, 0)
    for name, row in zip((*labels, "start"), values, strict=False):
        cells = ("–" if value is None else "·" if value == 0 else f"{100 * value:.0f}" for value in row)
        table.add_row(safe(f"  {name}"), *cells)
    console.print(table)


def _show_orders(console: Console, area: AreaPaths) -> None:
    console.print()
    table = grid("  order", ">states", ">log-likelihood", ">behind", ">±", "largest shares")
    table.padding = (0, 1, 0, 0)
    for each in area.orders:
        ranked = sorted(zip(each.shares, area.channels, strict=True), key=lambda pair: (-(pair[0] or 0.0), pair[1]))
        said = ", ".join(f"{name} {percent(share, 0)}" for share, name in ranked[:3])
        shown = f"  {each.order}{', shown' if each.order == area.order else ''}"
        figures = (f"{figure:,.1f}" for figure in (each.log_likelihood, each.behind, each.error))
        table.add_row(shown, count(each.states), *figures, safe(said))
    console.print(table)
