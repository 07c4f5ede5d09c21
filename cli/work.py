"""The nightly job: resolve, attribute, verify, rules check."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stormops_graph.chances import percent
from stormops_graph.counts import count
from stormops_graph.errors import Disagreement
from stormops_graph.project import SETTINGS_FILE, Project
from stormops_graph.settings import Gate, Settings

from .options import HERE, AsJson, ProjectFolder
from .progress import progress_for
from .screen import grid, heading, print_json, safe, screen

if TYPE_CHECKING:
    from stormops_graph.pipeline import AreasAsked
    from stormops_graph.pipeline.verification import Verification
    from stormops_graph.reports.attribution import AttributionReport
    from stormops_graph.reports.plan import Plan
    from stormops_graph.rules.model import Calibration


def resolve(  # noqa: PLR0913, PLR0917  (one option each)
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
    allow_shrink: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-shrink",
            metavar="FEED",
            help="Let this feed have lost rows since the last run (repeatable).",
        ),
    ] = None,
    passing: Annotated[
        list[Gate] | None,
        typer.Option("--pass", metavar="GATE", help=f"Do not stop at this gate (repeatable): {', '.join(Gate)}."),
    ] = None,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Also write again what others edited in the graph, as `verify` finds it."),
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what a run would do, down to the credit that would move; write nothing.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="With --plan: keep it there.", show_default=".stormops/plan.json"),
    ] = None,
    apply: Annotated[
        Path | None,
        typer.Option(
            "--apply", metavar="PLAN", help="Do exactly what this plan says, or nothing if it is out of date."
        ),
    ] = None,
) -> None:
    """Read the feeds and bring the households in the graph up to date.

    Safe to repeat: only differences are written, and a run without news writes nothing. Local servers that
    are stopped are started. If a feed is missing or has shrunk, or households change more than the
    gates of stormops.toml let through, the run stops before anything is written. `--plan` shows first what a run
    would do, and `--apply PLAN` does that; it leaves with exit code 12 if anything that matters changed meanwhile.
    """
    from stormops_graph import pipeline
    from stormops_graph.pipeline.plan_file import read_plan

    from .report_tables import show_run

    opened = Project.open(project)
    if plan and (apply or repair):
        raise typer.BadParameter("--plan writes nothing: it goes with neither --apply nor --repair")
    if apply and repair:
        raise typer.BadParameter("--apply does what a plan says: repair before or after it")
    if out and not plan:
        raise typer.BadParameter("--out goes with --plan")
    gates = {"allow_shrink": allow_shrink or (), "passing": passing or ()}
    if plan:
        _tell_plan(opened, pipeline.plan_resolve(opened, os.environ, progress_for(), **gates), out, as_json)
        return
    if apply:
        report = pipeline.apply_plan(opened, os.environ, progress_for(), read_plan(apply), **gates)
    else:
        report = pipeline.resolve(opened, os.environ, progress_for(), **gates, repair=repair)
    if as_json:
        print_json(report.as_dict())
    else:
        show_run(screen(), report)


def _tell_plan(project: Project, plan: Plan, out: Path | None, as_json: bool) -> None:
    from stormops_graph.pipeline.plan_file import write_plan
    from stormops_graph.project.written import PLAN, note_written
    from stormops_graph.runs.gates import broken

    from .plan_tables import show_plan

    file = out or project.plan
    write_plan(file, plan)
    note_written(project.written, PLAN, file)
    stopping = {str(gate): text for gate, text in broken(plan, project.settings.gates).items()}
    if as_json:
        print_json({**plan.as_dict(), "file": str(file), "gates": stopping})
        return
    console = screen()
    show_plan(console, plan, f"what resolve would do (plan {plan.fingerprint})", stopping)
    heading(console, "To do exactly this, while nothing changes")
    console.print(safe(f"  stormops-graph resolve --apply {file}"))


def attribute(  # noqa: PLR0913, PLR0917  (one option each)
    project: ProjectFolder = HERE,
    event: Annotated[
        str | None, typer.Option("--event", metavar="E", help="Only this storm.", show_default="every storm")
    ] = None,
    zip_code: Annotated[
        str | None,
        typer.Option("--zip", metavar="Z", help="Only this ZIP code; UNKNOWN is that of homes without one."),
    ] = None,
    journeys: Annotated[
        str | None,
        typer.Option(
            "--journeys",
            metavar="SOURCE",
            help="Journeys assembled elsewhere: a file (CSV, Parquet, JSON lines), postgres:TABLE or "
            "iceberg:CATALOG.NAMESPACE.TABLE; needs no server of its own.",
        ),
    ] = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="With --journeys: write the credits to the graph and Postgres too."),
    ] = False,
    priors: Annotated[
        bool | None,
        typer.Option(
            "--priors/--no-priors",
            help="Let the personas of personas.toml lean, or not.",
            show_default="as stormops.toml says",
        ),
    ] = None,
    report_file: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write a report with charts to this .html file.")
    ] = None,
    charts: Annotated[
        Path | None,
        typer.Option("--charts", metavar="FOLDER", help="Write the report's charts there as PNG (the extra `png`)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say which channels and plays earned the conversions, and how sure that is.

    Eight models side by side with 90 % intervals, per storm and per ZIP code in it, written to the graph and
    to Postgres. The shares say who was on the way to a conversion; no model is causal.
    """
    from stormops_graph.pipeline import AreasAsked

    from .credit_looks import Looks
    from .credit_tables import show_credits

    if write and journeys is None:
        raise typer.BadParameter("--write goes with --journeys: without it the credits are written anyway")
    looks = Looks(report_file, charts)
    looks.check()
    asked = AreasAsked(event, zip_code, looks.wanted)
    if journeys is None or write:
        report = _written_credits(_leaning(Project.open(project), priors), asked, journeys)
    else:
        report = _credits_apart(project, asked, journeys)
    looks.write(report, project)
    if as_json:
        print_json(report.as_dict())
    else:
        show_credits(screen(), report, zip_code)


def _leaning(project: Project, priors: bool | None) -> Project:
    """The project with the priors of personas as they were asked for."""
    if priors is None:
        return project
    attribution = project.settings.attribution.model_copy(update={"priors": priors})
    return replace(project, settings=project.settings.model_copy(update={"attribution": attribution}))


def _written_credits(project: Project, asked: AreasAsked, journeys: str | None) -> AttributionReport:
    from stormops_graph import pipeline

    return pipeline.attribute(project, os.environ, progress_for(), asked, journeys)


def _credits_apart(folder: Path, asked: AreasAsked, journeys: str) -> AttributionReport:
    from stormops_graph import pipeline

    has_settings = (folder / SETTINGS_FILE).is_file()
    settings = Project.open(folder).settings if has_settings else Settings()
    return pipeline.attribute_apart(journeys, settings, os.environ, progress_for(), asked)


def verify(project: ProjectFolder = HERE, as_json: AsJson = False) -> None:
    """Check that graph and Postgres hold the same credits, and that nobody edited the graph by hand.

    Leaves with exit code 9 where they differ.
    """
    from stormops_graph.pipeline.verification import verify as compare

    result = compare(Project.open(project), os.environ)
    if as_json:
        print_json({"agree": not result.found, "edits_checked": result.edits is not None, "found": result.found})
    else:
        _show_verification(result)
    if result.edits:
        raise Disagreement(
            "the graph is not as it was written",
            "write it again as it was: stormops-graph resolve --repair && stormops-graph attribute",
        )
    if result.differences:
        raise Disagreement("graph and Postgres do not agree", "write the credits again: stormops-graph attribute")


def _show_verification(result: Verification) -> None:
    console = screen()
    for finding in result.found:
        console.print(safe(f"  {finding}"))
    if not result.differences:
        console.print("graph and Postgres hold the same credits")
    if result.edits is None:
        console.print("edits by hand were not looked for: the workspace does not know the last load")
    elif not result.edits:
        console.print("nobody edited the graph by hand")


def train_rules(
    from_verdicts: Annotated[
        bool,
        typer.Option("--from-verdicts", help="Leave the weights, and learn from verdicts how sure they really are."),
    ] = False,
    project: ProjectFolder = HERE,
) -> None:
    """Train the linkage model on the project's feeds, for the rules as they are declared now.

    Needed after a change of person.toml or of [kinds] in household.toml; `resolve` refuses a model that was
    trained for other rules. The model is a file in the rules folder; the next resolve uses it.

    With --from-verdicts the model stays, and its probabilities are corrected by what stewards said of pairs that were
    in doubt. Of the records of the last resolve; training on feeds drops the correction.
    """
    from stormops_graph import pipeline

    console, opened = screen(), Project.open(project)
    if from_verdicts:
        taught = pipeline.train_from_verdicts(opened, progress_for())
        file = taught.file
        table = grid("level", ">same", ">different", ">stated 50 %", ">stated 90 %")
        for one in taught.levels:
            table.add_row(one.level, count(one.same), count(one.different), *_really(one.calibration))
        console.print(table)
    else:
        file = pipeline.train_rules(opened, os.environ, progress_for())
    console.print(safe(f"{file} is written; the next resolve uses it"))


def _really(calibration: Calibration | None) -> list[str]:
    """What one half and nine tenths come to; dashes where verdicts are too few."""
    import numpy as np

    if calibration is None:
        return [percent(None)] * 2
    return [percent(float(share)) for share in calibration.of(np.array([0.5, 0.9]))]


def check_rules(project: ProjectFolder = HERE) -> None:
    """Check the matching rules: read every file, tell a mistake with its line, and see that the model fits them."""
    from stormops_graph.rulebook.book import check_rules as read_all

    table = grid("file", "declares")
    for part in read_all(Project.open(project).rules):
        table.add_row(safe(part.file), safe(part.declares))
    console = screen()
    console.print(table)
    console.print("\nthe rules are in order")
