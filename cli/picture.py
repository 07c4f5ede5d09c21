"""A household drawn to a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from stormops_graph.counts import counted
from stormops_graph.project import Project

from .options import HERE, Household, ProjectFolder, Show
from .screen import safe, screen


def picture(
    name: Household,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write: .svg, .html or .png.")],
    show: Show = False,
    project: ProjectFolder = HERE,
) -> None:
    """Draw a household: homes, persons, records, identifiers, the evidence between them, and its journeys.

    One file that needs nothing from outside and that only you may read; names and identifiers in it are masked
    unless --show is given. PNG needs the extra: pip install 'stormops-graph[png]'.
    """
    from stormops_graph.ledger.naming import household_in_graph
    from stormops_graph.picture.sheet import check_form, write_sheet
    from stormops_graph.picture.subject import subject
    from stormops_graph.project.written import PICTURE, note_written
    from stormops_graph.stores import open_graph

    check_form(out)
    opened = Project.open(project)
    with open_graph(opened, os.environ) as graph:
        household_id = household_in_graph(graph, name)
        found = subject(graph, household_id, show=show)
    write_sheet(out, found, simulated=opened.settings.project.simulated)
    note_written(opened.written, PICTURE, out)
    screen().print(safe(f"{counted(len(found.records), 'record')} drawn in {out}"))
    if found.household_id != household_id:
        screen().print(safe(f"  {household_id} is {found.household_id} now"))
