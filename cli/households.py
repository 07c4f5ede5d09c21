"""What stewards do to households: split one, merge two, and have what is decided take effect at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from stormops_graph.ledger.naming import SHORT
from stormops_graph.project import Project

from .options import HERE, AsJson, Household, ProjectFolder, Steward, stated, steward
from .progress import progress_for
from .screen import heading, print_json, safe, screen, seconds

if TYPE_CHECKING:
    from rich.console import Console

    from stormops_graph.ledger.claims import Claim
    from stormops_graph.ledger.decisions import Decision
    from stormops_graph.ledger.partings import Wish
    from stormops_graph.pipeline import Amendment

Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the verdicts.")]
Looking = Annotated[
    bool, typer.Option("--plan", help="Only say what it would change, down to the credit; write nothing.")
]


def split(  # noqa: PLR0913, PLR0917  (one option each)
    household: Household,
    records: Annotated[
        str,
        typer.Option("--records", metavar="A,B,…", help="The records that leave, as feed:id or by key, with commas."),
    ],
    reason: Reason = "",
    plan: Looking = False,
    by: Steward = None,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Part some records from a household; memberships, journeys and credits follow at once.

    The records named are one household of their own from now on, and none of the rest is of it. The larger part keeps
    the id. `merge` of the two takes it back, and everything is as it was. Needs no feeds: the evidence of the last
    `resolve` is used, and the next one finds the same.
    """
    from stormops_graph.ledger.partings import Parting

    named = tuple(name.strip() for name in records.split(",") if name.strip())
    wish = Parting(household, named, steward(by), _said(reason, plan))
    _do(Project.open(project), wish, plan, as_json)


def merge(  # noqa: PLR0913, PLR0917  (one option each)
    one: Household,
    other: Household,
    reason: Reason = "",
    plan: Looking = False,
    by: Steward = None,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Make two households one; memberships, journeys and credits follow at once.

    Verdicts that keep the two apart are taken back, a `split` as a whole. Where the evidence then does not hold them
    together by itself, a verdict does.
    """
    from stormops_graph.ledger.partings import Joining

    wish = Joining(one, other, steward(by), _said(reason, plan))
    _do(Project.open(project), wish, plan, as_json)


def take_effect(project: Project, claim: Claim, as_json: bool) -> None:
    """Give a verdict, and bring graph and credits up to date with it in one opening of the stores."""
    from stormops_graph.ledger.partings import Saying

    _do(project, Saying((claim,)), False, as_json)


def take_effect_of(project: Project, made: Sequence[Decision], as_json: bool) -> None:
    """Bring graph and credits up to date with the verdicts in force, of which `made` have just been given."""
    from stormops_graph import pipeline
    from stormops_graph.ledger.partings import Saying

    done = pipeline.amend(project, os.environ, progress_for(), Saying(()))
    _tell(replace(done, decisions=made), as_json)


def _said(reason: str, plan: bool) -> str:
    return "preview" if plan and not reason.strip() else stated(reason).strip()


def _do(project: Project, wish: Wish, plan: bool, as_json: bool) -> None:
    from stormops_graph import pipeline

    _tell((pipeline.preview if plan else pipeline.amend)(project, os.environ, progress_for(), wish), as_json)


def _tell(done: Amendment, as_json: bool) -> None:
    if as_json:
        said = [decision.model_dump(mode="json") for decision in done.decisions]
        report = done.report.as_dict() if done.report else None
        print_json({"decisions": said, "plan": done.plan.as_dict(), "report": report})
    else:
        _show(screen(), done)


def _show(console: Console, done: Amendment) -> None:
    from .plan_tables import show_plan

    heading(console, "It would be said" if done.report is None else "It is said")
    for decision in done.decisions:
        waits = "  (waits for a second steward)" if decision.needs_second else ""
        console.print(safe(f"  {decision.left} {decision.verdict} {decision.right}{waits}"))
    if done.report is None:
        show_plan(console, done.plan, "What it would change", {})
        return
    if done.decisions:
        ids = " ".join(decision.id[:SHORT] for decision in done.decisions)
        console.print(safe(f"  to take it back: stormops-graph decisions undo {ids}"), style="dim")
    show_plan(console, done.plan, f"What it changed ({seconds(sum(done.report.seconds.values()))})", {})
    if done.report.credited:
        storms = ", ".join(done.report.credited)
        text = f"credited anew: {storms}; their intervals are interim until the next attribute"
        console.print()
        console.print(safe(text))
