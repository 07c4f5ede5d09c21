"""The review on the command line: the screen, and the same as a list and case by case."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from stormops_graph.chances import chance
from stormops_graph.counts import count, counted
from stormops_graph.plain_text import plain
from stormops_graph.project import Project

from .options import HERE, STEWARD, AsJson, ProjectFolder, Show, steward
from .progress import progress_for
from .screen import fitted, grid, heading, print_json, safe, say_simulated, screen

if TYPE_CHECKING:
    from stormops_graph.ports import Progress
    from stormops_graph.review.desk import Desk
    from stormops_graph.review.queue import Question
    from stormops_graph.review.snapshot import Snapshot

_LIST = 20


def review(
    context: typer.Context,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", envvar=STEWARD, help="Who decides.", show_default="asked")
    ] = None,
    project: ProjectFolder = HERE,
) -> None:
    """Judge doubtful pairs and clusters in a full-screen program, those first on which most hangs.

    Single keys without Enter: s same, d different, u unsure, k skip, z undo, ? lists them all. Every verdict is
    kept at once. Personal data are masked until m is pressed. No run is kept waiting by an open screen.
    """
    if context.invoked_subcommand is not None:
        return
    if not os.isatty(0):
        raise typer.BadParameter("the screen needs a terminal: review list, review show CASE and decide do without")
    from stormops_graph.ports import UNWATCHED  # nothing may be written over the screen

    from .review_app import run_screen

    opened = Project.open(project)
    named = steward(by) if by and by.strip() else ""  # then the screen asks
    run_screen(lambda: _opened(opened, UNWATCHED), named, opened.settings.project.simulated)


def list_cases(
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many cases, from the first.")] = _LIST,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """List the queue: what is in doubt, with what hangs on it."""
    from stormops_graph.review.snapshot import read_snapshot

    opened = Project.open(project)
    snapshot = read_snapshot(opened, os.environ, progress_for())
    page = snapshot.page(0, limit)
    if as_json:
        cases = [_as_dict(question) for question in page]
        print_json({"run": snapshot.run, "cases": snapshot.cases, "errors": snapshot.errors, "queue": cases})
    else:
        say_simulated(screen(), opened.settings.project.simulated)
        show_queue(snapshot.cases, snapshot.errors, page)


def show_case(
    case_id: Annotated[str, typer.Argument(metavar="CASE", help="A case, as `review list` names it.")],
    show: Show = False,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Show a case: its records side by side, the evidence, and what verdicts would do. Masked unless --show."""
    from stormops_graph.errors import NotFound
    from stormops_graph.ledger.decisions import Level, in_force
    from stormops_graph.review.case import read_case
    from stormops_graph.review.effects import effect
    from stormops_graph.runs import now

    from .review_case import Look, case_as_dict, case_shown

    opened = Project.open(project)
    snapshot, desk = _opened(opened, progress_for())
    question = snapshot.by_id(case_id)
    if question is None:
        raise NotFound(f"there is no case {case_id}", "list them: stormops-graph review list")
    decisions = [one.decision for one in snapshot.verdicts]
    case = read_case(snapshot, question, decisions)
    would = effect(case, in_force(decisions, now()))
    moved = desk.moved(would.moving)
    if as_json:
        print_json(_as_dict(question) | case_as_dict(case, would, moved, show))
        return
    console = screen()
    say_simulated(console, opened.settings.project.simulated)
    console.print(case_shown(case, would, moved, Look(console.width, masked=not show)))
    left, right = question.pair
    level = " --level person" if case.level is Level.person else ""
    console.print(
        safe(f"\n  decide: stormops-graph decide {left} {right} same|different|unsure{level} --reason …"), style="dim"
    )


def _opened(project: Project, progress: Progress) -> tuple[Snapshot, Desk]:
    from stormops_graph.review.desk import Desk
    from stormops_graph.review.snapshot import read_snapshot

    snapshot = read_snapshot(project, os.environ, progress)
    return snapshot, Desk(project, os.environ, progress, snapshot)


def _as_dict(question: Question) -> dict[str, Any]:
    return {
        "case": question.case_id,
        "place": question.place,
        "kind": question.kind,
        "left": question.left,
        "right": question.right,
        "households": list(dict.fromkeys((question.household, question.other))),
        "household_probability": question.household_probability,
        "person_probability": question.person_probability,
        "doubt": question.doubt,
        "records": question.records,
        "conversions": question.conversions,
        "value": question.value,
    }


def show_queue(cases: int, errors: float, page: list[Question]) -> None:
    """The first of so many cases, about so many of them errors; what is typed is whole however narrow the screen."""
    console = screen()
    if not page:
        console.print("nothing is in doubt, and no verdict wants another look")
        return
    heading(console, f"{counted(cases, 'case')}, about {count(errors)} of them placed wrongly")
    table = grid("=case", "=kind", "=between", ">household", ">person", ">doubt", ">records", ">conv.", ">home $")
    for question in page:
        feeds = Text("\n".join(plain(record.partition(":")[0]) for record in question.pair))
        table.add_row(
            question.case_id,
            question.kind,
            feeds,
            chance(question.household_probability, 0),
            chance(question.person_probability, 0),
            chance(question.doubt, 0),
            count(question.records),
            count(question.conversions),
            f"{count(question.value / 1000)}k" if question.value else "–",
        )
    console.print(fitted(console, table, "home $", "conv.", "records", "doubt"))
    if len(page) < cases:
        console.print(f"\n  and {count(cases - len(page))} more: --limit N", style="dim")
    console.print("  one of them in full: stormops-graph review show CASE", style="dim")
