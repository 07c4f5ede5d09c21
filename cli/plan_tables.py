"""A plan as it is shown: what a run would do, or an amendment has done, in 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console

from stormops_graph.chances import percent
from stormops_graph.counts import count, counted
from stormops_graph.reports.plan import Moved, Moves, Plan, StormPlan

from .screen import grid, heading, safe, say_simulated

_LINES = 5  # of merges, splits, reps and touches that are shown; more are in the file
_IDS = 3  # of one merge or split
_LEAST = 0.0005  # a share moves visibly


def show_plan(console: Console, plan: Plan, title: str, stopping: Mapping[str, str]) -> None:
    """All of a plan; `stopping` are the gates that it does not get through, with what they say."""
    heading(console, title)
    say_simulated(console, plan.simulated)
    if plan.first:
        console.print(f"the graph is empty: {counted(plan.households.now, 'household')} would be new")
    elif plan.nothing_moves:
        console.print("no household, person or credit changes", style="bold")
    _show_moves(console, plan)
    _show_rows(console, plan)
    for storm in plan.storms:
        _show_storm(console, storm, plan.model)
    if plan.uncredited and not plan.first:
        console.print("\nnobody has credited the journeys yet, so no credit moves: stormops-graph attribute")
    for gate, text in stopping.items():
        console.print(safe(f"\ngate {gate} would stop the run: {text}", style="bold yellow"))


def _show_moves(console: Console, plan: Plan) -> None:
    heading(console, "What becomes of them")
    table = grid("  ", ">before", ">after", ">new", ">gone", ">merged", ">split", ">changed")
    for name, moves in (("households", plan.households), ("persons", plan.persons)):
        figures = (moves.before, moves.now, moves.new, moves.gone, moves.merged, moves.split, moves.changed)
        table.add_row(f"  {name}", *map(count, figures))
    console.print(table)
    _show_largest(console, plan.households)


def _show_largest(console: Console, moves: Moves) -> None:
    for merge in moves.merges[:_LINES]:
        console.print(safe(f"  merge   {merge.into} ({counted(merge.records, 'record')}) takes in"))
        _show_ids(console, merge.merged, merge.ids)
    for split in moves.splits[:_LINES]:
        console.print(safe(f"  split   {split.of} ({counted(split.records, 'record')}) goes to"))
        _show_ids(console, split.into, split.parts)


def _show_ids(console: Console, ids: Sequence[str], all_of_them: int) -> None:
    for shown in ids[:_IDS]:
        console.print(safe(f"          {shown}"))
    if all_of_them > _IDS:
        console.print(f"          and {count(all_of_them - _IDS)} more")


def _show_rows(console: Console, plan: Plan) -> None:
    moved = [("rows of", plan.rows), ("touches by", plan.touches)]
    if not any(part.households or part.persons for _, parts in moved for part in parts):
        return
    heading(console, "What goes from one to another")
    table = grid("  ", "", ">all", ">household", ">person")
    for word, parts in moved:
        for part in _moving(parts):
            table.add_row(f"  {word}", safe(part.name), count(part.all), count(part.households), count(part.persons))
    console.print(table)


def _moving(parts: Iterable[Moved]) -> list[Moved]:
    return [part for part in parts if part.households or part.persons]


def _show_storm(console: Console, storm: StormPlan, model: str) -> None:
    heading(console, f"{storm.event_id}: credit by {model}, before and after")
    if storm.closed:
        console.print("  its books are closed: what is published stands", style="bold")
    if storm.waiting:
        console.print(f"  converting journeys that stormops-graph attribute has yet to credit: {count(storm.waiting)}")
        console.print("  (their credit is among what moves here, though it moves for another reason)")
    moving = [
        earned
        for earned in storm.credits
        if abs((earned.share_now or 0) - (earned.share or 0)) >= _LEAST or None in (earned.share, earned.share_now)
    ]
    if not moving:
        console.print("  every share stays within 0.05 %")
    else:
        table = grid("  ", "", ">share", ">after", ">conversions", ">after")
        for earned in moving:
            shares = [percent(earned.share), percent(earned.share_now)]
            conversions = [_tenths(earned.conversions), _tenths(earned.conversions_now)]
            table.add_row(f"  {earned.dimension}", safe(earned.key), *shares, *conversions)
        console.print(table)
    _show_commissions(console, storm)


def _show_commissions(console: Console, storm: StormPlan) -> None:
    paid = f"{count(storm.touches_moved)}, paid {storm.credit_moved:.3f} conversions"
    console.print(f"  touches that go to other households' journeys: {paid}")
    if storm.payees:
        table = grid("  rep", ">earned", ">after", ">of it moves")
        for payee in storm.payees[:_LINES]:
            figures = (f"{figure:.3f}" for figure in (payee.credit, payee.credit_now, payee.moved))
            table.add_row(safe(f"  {payee.rep_id or 'nobody'}"), *figures)
        console.print(table)
        if len(storm.payees) > _LINES:
            console.print(f"  and {count(len(storm.payees) - _LINES)} more in the plan's file", style="dim")


def _tenths(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:,.1f}"
