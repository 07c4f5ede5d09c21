"""What Neo4j Browser is given: saved queries, a style and a guide."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from stormops_graph.errors import written_in
from stormops_graph.project import Project

from .options import HERE, ProjectFolder
from .screen import heading, safe, screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stormops_graph.services.connections import Connections


def browser(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go.")] = Path("browser"),
    serve: Annotated[
        bool, typer.Option("--serve", help="Then serve them to Browser, on loopback, until Ctrl-C.")
    ] = False,
    project: ProjectFolder = HERE,
) -> None:
    """Write the saved queries, the style and the guide for Neo4j Browser, and say how they get into it.

    With --serve, Browser opens with the guide, whose queries run at a click. Nothing in the files is personal.
    """
    from stormops_graph.browser_kit import kit
    from stormops_graph.project.written import GUIDE, note_written
    from stormops_graph.services.local import connections
    from stormops_graph.stores import open_graph

    opened = Project.open(project)
    known = connections(opened, os.environ)
    with open_graph(opened, os.environ) as graph:
        files = kit(graph)
    with written_in(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    for name in files:
        note_written(opened.written, GUIDE, folder / name)
    _say(known, folder)
    if serve:
        _serve(known, files)


def _say(known: Connections, folder: Path) -> None:
    from stormops_graph.browser_kit import ARCHIVE, STYLE

    console = screen()
    heading(console, "Neo4j Browser")
    console.print(safe(f"  {known.browser_url or 'where your Neo4j has it'}"))
    heading(console, "Drag onto its window")
    console.print(safe(f"  {folder / ARCHIVE}   the queries, to its favorites"))
    console.print(safe(f"  {folder / STYLE}         the colours and captions"))


def _serve(known: Connections, files: Mapping[str, bytes]) -> None:
    from stormops_graph.browser_kit import GUIDE, STYLE
    from stormops_graph.services.loopback_files import served

    console = screen()
    with served(files, reader=known.neo4j_http_url or "*") as address:
        heading(console, "Or, until Ctrl-C")
        if known.browser_url:
            console.print(safe(f"  {known.browser_url}&cmd=guide&arg={address}/{GUIDE}"))
        else:
            console.print(safe(f"  :guide {address}/{GUIDE}"))
        console.print(safe(f"  and in it  :style {address}/{STYLE}"))
        with suppress(KeyboardInterrupt):
            Event().wait()
