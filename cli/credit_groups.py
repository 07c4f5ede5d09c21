"""Credits on the terminal by ZIP code, by persona and by rep: one line each."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from stormops_graph.chances import percent
from stormops_graph.counts import count, counted
from stormops_graph.reports.attribution import RepCredit

from .credit_rows import TOP, Row, interval, published
from .screen import grid, safe


def show_zips(console: Console, areas: Sequence[Row], model: str) -> None:
    """The ZIP codes of a storm with most conversions, each with the channel that earned most there."""
    ranked = sorted(areas, key=lambda area: (-area["conversions"], -area["journeys"], area["zip_code"]))
    _show_foremost(console, "ZIP", [(area["zip_code"], area) for area in ranked[:TOP]], model)
    if len(ranked) > TOP:
        console.print(f"  and {counted(len(ranked) - TOP, 'more ZIP code')}; one of them: --zip Z", style="dim")


def show_personas(console: Console, personas: Sequence[Row], model: str) -> None:
    """The personas of a storm, each with the channel that earned most there."""
    _show_foremost(console, "persona", [(one["persona"] or "not known", one) for one in personas], model)


def _show_foremost(console: Console, title: str, named: Sequence[tuple[str, Row]], model: str) -> None:
    if not named:
        return
    console.print()
    table = grid(f"  {title}", ">journeys", ">converted", "most credit", ">share", "90 % interval")
    for name, area in named:
        best = next(iter(published(area["channels"], model)), None)
        table.add_row(
            safe(f"  {name}"),
            count(area["journeys"]),
            count(area["conversions"]),
            safe(best["key"]) if best else "–",
            percent(best["credit"]) if best else "–",
            interval(best) if best else "–",
        )
    console.print(table)


def show_reps(console: Console, reps: Sequence[RepCredit]) -> None:
    """What the touches of each rep earned in a storm."""
    if not reps:
        return
    console.print()
    table = grid("  rep", ">touches", ">conversions", ">value")
    for rep in reps[:TOP]:
        table.add_row(safe(f"  {rep.rep_id}"), count(rep.touches), f"{rep.conversions:,.2f}", f"{rep.value:,.0f}")
    console.print(table)
    if len(reps) > TOP:
        console.print(
            f"  and {count(len(reps) - TOP)} more; all of them: stormops-graph export commissions", style="dim"
        )
