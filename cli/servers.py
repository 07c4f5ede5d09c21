"""The servers of a project: up, down, status, backup, restore."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from stormops_graph.errors import ServerDown
from stormops_graph.project import SETTINGS_FILE, Project
from stormops_graph.settings import Settings

from .options import HERE, AsJson, ProjectFolder
from .progress import progress_for
from .screen import grid, heading, print_json, safe, screen

if TYPE_CHECKING:
    from stormops_graph.services.local import ServiceStatus


def up(project: ProjectFolder = HERE) -> None:
    """Start the project's Neo4j and Postgres, and wait until they answer.

    The first time the server's files are downloaded; a second `up` is instant. They listen on this machine
    only. Servers that stormops.toml or the environment (NEO4J_URI, POSTGRES_DSN) names are only asked
    whether they answer.
    """
    from stormops_graph.services.local import up as start_servers

    opened = Project.open(project)
    _show(screen(), start_servers(opened, os.environ, progress_for()))
    say_browser(screen(), opened, os.environ)


def down(project: ProjectFolder = HERE) -> None:
    """Stop the project's local servers; their data stay."""
    from stormops_graph.services.local import down as stop_servers

    _show(screen(), stop_servers(Project.open(project)))


def status(
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
    show_password: Annotated[
        bool, typer.Option("--show-password", help="Show the password that Neo4j Browser asks for.")
    ] = False,
) -> None:
    """Which servers run, where, and how to open Neo4j Browser."""
    from stormops_graph.services.local import connections
    from stormops_graph.services.local import status as ask

    opened = Project.open(project)
    found = ask(opened, os.environ)
    password = {"neo4j_password": connections(opened, os.environ).neo4j_password} if show_password else {}
    if as_json:
        print_json({"services": [_as_dict(service) for service in found], **password})
        return
    console = screen()
    _show(console, found)
    say_browser(console, opened, os.environ)
    for said in password.values():
        console.print(safe(f"  password: {said}"))


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to write.")],
    project: ProjectFolder = HERE,
) -> None:
    """Write graph, Postgres, rules and settings into one file.

    Local servers are stopped for it and started again. Servers managed elsewhere are backed up there.
    """
    from stormops_graph.services.backup import backup as write_archive

    write_archive(Project.open(project), os.environ, file, progress_for())
    screen().print(safe(f"{file} is written; restore it with: stormops-graph restore {file}"))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An archive that `backup` wrote.")],
    project: ProjectFolder = HERE,
    force: Annotated[
        bool, typer.Option("--force", help="Move aside what the project holds already; nothing is deleted.")
    ] = False,
) -> None:
    """Bring graph, Postgres, rules and settings back from a backup, into an empty folder or a project.

    A project that holds other data already is refused, unless --force is given.
    """
    from stormops_graph.services.backup import restore as read_archive

    is_project = (project / SETTINGS_FILE).is_file()
    opened = Project.open(project) if is_project else Project(project.resolve(), Settings())
    read_archive(opened, os.environ, file, progress_for(), force=force)
    screen().print(safe("restored; look at it with: stormops-graph status"))


def say_browser(console: Console, project: Project, environ: Mapping[str, str]) -> None:
    """Say where Neo4j Browser is and how to log in."""
    from stormops_graph.services.local import connections

    try:
        known = connections(project, environ)
    except ServerDown:  # never started: there is no address yet
        return
    if not known.browser_url:
        return
    heading(console, "Neo4j Browser")
    console.print(safe(f"  {known.browser_url}"), soft_wrap=True)
    where = "" if project.folder == Path.cwd() else f" --project {project.folder}"
    hint = f"  user {known.neo4j_user}; the password: stormops-graph status --show-password{where}"
    console.print(safe(hint), soft_wrap=True)


def _show(console: Console, services: Iterable[ServiceStatus]) -> None:
    listed = list(services)
    table = grid("server", "state", "address", ">pid")
    for service in listed:
        state = safe("runs", "green") if service.running else safe("stopped", "yellow")
        pid = str(service.pid or "")
        table.add_row(safe(service.name), state, safe(service.address), pid)
    console.print(table)
    for service in listed:
        if not service.running and service.detail != "stopped":
            console.print(safe(f"{service.name}: {service.detail}"))


def _as_dict(service: ServiceStatus) -> dict[str, object]:
    return {
        "name": service.name,
        "running": service.running,
        "managed": service.managed,
        "address": service.address,
        "pid": service.pid,
        "detail": service.detail,
    }
