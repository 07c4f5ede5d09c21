"""Looking at what is known: find, household, runs, export."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from stormops_graph.counts import counted
from stormops_graph.errors import NotFound
from stormops_graph.project import Project

from .options import HERE, AsJson, At, Household, ProjectFolder, Show
from .screen import print_json, safe, screen


class Export(StrEnum):
    """What can be exported."""

    assignments = "assignments"
    evidence = "evidence"
    journeys = "journeys"
    credits = "credits"
    commissions = "commissions"
    quarantine = "quarantine"


def find(  # noqa: PLR0913, PLR0917  (one option each)
    cookie: Annotated[str | None, typer.Option("--cookie", metavar="ID", help="A GA4 user_pseudo_id.")] = None,
    phone: Annotated[str | None, typer.Option("--phone", metavar="NUMBER", help="A number in any form.")] = None,
    email: Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help="An email address.")] = None,
    address: Annotated[
        str | None,
        typer.Option("--address", metavar="LINE", help="A street address, best with its ZIP code."),
    ] = None,
    at: At = None,
    show: Show = False,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Find the household behind a cookie, a number, an email or an address, and say why and how sure.

    Several of them together are narrowed down to the homes that all of them point to. Where more than one
    home is left, all are listed, and the exit code is 1. How sure is said of the record that showed what is
    asked; whether whoever shows it now is the same is weighed by `resolve_with_confidence` in Python. Names and
    identifiers are masked unless --show is given.
    """
    from stormops_graph.ledger.ruling_file import released_keys
    from stormops_graph.lookup.asked import Asked, AskedReader
    from stormops_graph.lookup.find import find_homes
    from stormops_graph.normalise import read_feed_rules
    from stormops_graph.stores import open_graph

    from .home_screen import home_as_dict, show_homes

    asked = Asked(cookie=cookie, phone=phone, email=email, address=address)
    if asked.is_empty:
        raise typer.BadParameter("give at least one of --cookie, --phone, --email and --address")
    opened = Project.open(project)
    identifiers = AskedReader(read_feed_rules(opened.rules), released_keys(opened.shared)).read_all(asked)
    with open_graph(opened, os.environ) as graph:
        homes = find_homes(graph, identifiers, at)
    if as_json:
        print_json({"households": [home_as_dict(home, show) for home in homes]})
    else:
        show_homes(screen(), homes, show, at)
    if len(homes) > 1:
        raise typer.Exit(NotFound.exit_code)


def household(
    name: Household,
    at: At = None,
    show: Show = False,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Show a household: its home, persons, identifiers and the evidence that keeps it together."""
    from stormops_graph.ledger.naming import household_in_graph
    from stormops_graph.lookup.find import household as look_up
    from stormops_graph.stores import open_graph

    from .home_screen import home_as_dict, show_homes

    with open_graph(Project.open(project), os.environ) as graph:
        home = look_up(graph, household_in_graph(graph, name), at)
    if as_json:
        print_json(home_as_dict(home, show))
    else:
        show_homes(screen(), [home], show, at)


def list_runs(project: ProjectFolder = HERE, as_json: AsJson = False) -> None:
    """List earlier runs, the latest first."""
    from stormops_graph.runs import runs
    from stormops_graph.stores import open_graph

    from .report_tables import show_runs

    with open_graph(Project.open(project), os.environ) as graph:
        found = list(runs(graph))
    if as_json:
        print_json({"runs": found})
    else:
        show_runs(screen(), found)


def show_run(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or `last`.")],
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Show the report of an earlier run."""
    from stormops_graph.runs import run_report
    from stormops_graph.stores import open_graph

    from .report_tables import show_report

    with open_graph(Project.open(project), os.environ) as graph:
        report = run_report(graph, run)
    if as_json:
        print_json(report)
    else:
        show_report(screen(), run, report)


def export(
    what: Annotated[
        Export,
        typer.Argument(metavar="WHAT", help="assignments, evidence, journeys, credits, commissions or quarantine."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write: .csv or .parquet.")],
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="RUN|DATE",
            help="Of commissions, those published as of a run, a time, or a date: its end.",
            show_default="now",
        ),
    ] = None,
    project: ProjectFolder = HERE,
) -> None:
    """Write one of the tables below to a file that only you may read.

    assignments: each feed row's household, person and home. evidence: what speaks for two records being one person or
    one household, all pairs, with the weights of `explain`. journeys: one row a touch, as `attribute --journeys` reads
    them. credits: every model's shares. commissions: one row a touch of a converting journey and model, with who made
    it and what it earned; with --as-of by the model that was published then. quarantine: the rows that were set aside,
    with file, line and reason.
    """
    from stormops_graph import pipeline

    if as_of is not None and what is not Export.commissions:
        raise typer.BadParameter("only commissions have a history of their own", param_hint="--as-of")
    opened = Project.open(project)
    if as_of is not None:
        rows = pipeline.export_paid(opened, os.environ, as_of, out)
    else:
        rows = pipeline.export(opened, os.environ, what.value, out)
    screen().print(safe(f"{counted(rows, 'row')} written to {out}"))
