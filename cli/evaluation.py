"""How right the households are: the command evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stormops_graph.counts import counted
from stormops_graph.project import Project

from .options import HERE, AsJson, ProjectFolder, Show
from .screen import margin, print_json, safe, screen

if TYPE_CHECKING:
    from stormops_graph.evaluation.findings import Evaluation


def evaluate(  # noqa: PLR0913, PLR0917  (one option each)
    truth: Annotated[
        Path | None,
        typer.Option(
            "--truth",
            metavar="PATH",
            help="Labels: a CSV with feed, record_id, household_id, person_id, or a folder with that as "
            "records.csv and homes as households.csv.",
            show_default="the ledger's verdicts",
        ),
    ] = None,
    reviewed: Annotated[
        Path | None,
        typer.Option("--reviewed", metavar="FILE", help="Estimate precision from a sample that was reviewed."),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample", min=2, metavar="N", help="Write N households for review, with --out; at least two of each size."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="The sample's file, .csv.")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Another seed draws another sample.")] = 0,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write a report with charts to this .html file.")
    ] = None,
    show: Show = False,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Say how right the households of the last resolve are, and how far their confidences can be trusted.

    With labels (--truth): pairwise, B-cubed and exact-cluster scores by feed, placement, calibration and the
    worst mistakes. Without: against the ledger's verdicts. With neither: --sample N --out review.csv, fill its
    column belongs_with (the same word for records of one household, ? where it cannot be known), then
    --reviewed review.csv estimates precision with its standard error.
    """
    from stormops_graph.evaluation import examination
    from stormops_graph.project.written import SAMPLE, note_written

    _check(truth, reviewed, sample, out)
    opened = Project.open(project)
    if sample is not None and out is not None:
        households, records = examination.sample(opened, sample, seed, out)
        note_written(opened.written, SAMPLE, out)
        said = {"households": households, "records": records, "file": str(out)}
        if as_json:
            print_json(said)
        else:
            what = f"{counted(households, 'household')} ({counted(records, 'record')})"
            screen().print(safe(f"{what} to review written to {out}"))
        return
    if reviewed is not None:
        evaluation = examination.examine_review(opened, reviewed)
    else:
        evaluation = examination.examine(opened, truth, show=show)
    _tell(evaluation, opened, report, as_json)


def _check(truth: Path | None, reviewed: Path | None, sample: int | None, out: Path | None) -> None:
    if sum(given is not None for given in (truth, reviewed, sample)) > 1:
        raise typer.BadParameter("--truth, --reviewed and --sample go one at a time")
    if (sample is None) != (out is None):
        raise typer.BadParameter("--sample and --out go together")
    if out is not None and out.suffix != ".csv":
        raise typer.BadParameter("--out takes a .csv file, as it is filled in by hand")


def _tell(evaluation: Evaluation, project: Project, report: Path | None, as_json: bool) -> None:
    from stormops_graph.evaluation.page import page
    from stormops_graph.pages.document import write_page
    from stormops_graph.project.written import REPORT, note_written

    from .evaluation_tables import show_evaluation

    if report is not None:  # first: whoever reads on by `head` closes the output
        write_page(report, page(evaluation, project.settings.project.name))
        note_written(project.written, REPORT, report)
    if as_json:
        print_json(evaluation.as_dict())
    else:
        show_evaluation(screen(), evaluation)
    if report is not None:
        margin().print(safe(f"the report is in {report}"))
