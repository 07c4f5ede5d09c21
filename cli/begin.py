"""The commands one begins with: init, simulate, demo."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from stormops_graph.counts import count
from stormops_graph.errors import SettingsError
from stormops_graph.ports import Progress
from stormops_graph.project import SETTINGS_FILE, Project

from .progress import progress_for
from .screen import SIMULATED, grid, heading, safe, screen

DEMO_HOUSEHOLDS, DEMO_SEED = 1000, 7

Households = Annotated[
    int, typer.Option("--households", min=10, max=1_500_000, metavar="N", help="How many households to make up.")
]
Seed = Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same files.")]


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new project's folder.")],
    feeds: Annotated[Path, typer.Option("--feeds", metavar="FOLDER", help="The folder with the feeds' files.")],
) -> None:
    """Make a project: a commented stormops.toml for the feeds in FOLDER, and the matching rules to edit.

    Feeds are found by their default names (properties.csv, calls.parquet, ga4_events.jsonl …); what has
    another name is entered in stormops.toml. An existing stormops.toml is never overwritten.
    """
    from stormops_graph.project.blueprint import found

    console = screen()
    founding = found(folder, feeds)
    console.print(safe(f"{folder / SETTINGS_FILE} is written, with the rules in {founding.project.rules}"))
    table = grid("feed", "file")
    for name, settings in founding.project.settings.feeds.items():
        paths = settings.path if isinstance(settings.path, str) else ", ".join(settings.path)
        table.add_row(safe(name), safe(paths))
    for name in founding.missing:
        said = "is needed" if name == "properties" else "add it to stormops.toml if you have it"
        table.add_row(safe(name, "dim"), safe(f"not found; {said}", "" if name == "properties" else "dim"))
    console.print(table)
    heading(console, "Next")
    if "properties" in founding.missing:
        console.print(safe(f"  name the file of properties in {folder / SETTINGS_FILE}, then"))
    console.print(safe(f"  cd {folder} && stormops-graph resolve && stormops-graph attribute"))


def simulate(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the feeds' files are written.")],
    households: Households = DEMO_HOUSEHOLDS,
    seed: Seed = DEMO_SEED,
    leads: Annotated[
        Path | None,
        typer.Option(
            "--leads",
            metavar="FILE",
            help="A properties file: write its leads' template journeys instead of a town.",
        ),
    ] = None,
) -> None:
    """Write a made-up storm as feeds, with the truth apart in FOLDER/truth.

    The feeds are messy as real ones are: typos, shared phones, movers, anonymous cookies. Whatever is made
    from them says that it is simulated.
    """
    from stormops_graph import simulation

    if leads is None:
        report = simulation.simulate(folder, households, seed)
    else:
        report = simulation.simulate_leads(folder, leads, seed)
    console = screen()
    console.print(safe(SIMULATED, "bold yellow"))
    table = grid("feed", ">rows")
    for name, rows in report.rows.items():
        table.add_row(safe(name), count(rows))
    console.print(table)
    heading(console, "Next")
    console.print(safe(f"  stormops-graph init DIR --feeds {folder}"))


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The demo's folder; it is made where it is not there.")],
    households: Households = DEMO_HOUSEHOLDS,
    seed: Seed = DEMO_SEED,
) -> None:
    """Run the whole job on a simulated storm: simulate, init, resolve, attribute.

    It needs no data, no Java and no Docker; the first time it downloads a Neo4j server. Run it again and it
    goes on with what is there.
    """
    from stormops_graph import pipeline

    from .credit_tables import show_credits
    from .report_tables import show_run
    from .servers import say_browser

    console, progress = screen(), progress_for()
    console.print(safe(SIMULATED, "bold yellow"))
    project = _demo_project(folder, households, seed, progress)
    report = pipeline.resolve(project, os.environ, progress)
    show_run(console, report)
    show_credits(console, pipeline.attribute(project, os.environ, progress), None)
    say_browser(console, project, os.environ)
    heading(console, "Next")
    largest = report.largest.household if report.largest else "ID"
    look, export = "attribute --report credits.html", "export assignments --out assignments.csv"
    for command in (look, f"household {largest}", export, "runs list", "down"):
        console.print(safe(f"  stormops-graph {command} --project {folder}"), soft_wrap=True)


def _demo_project(folder: Path, households: int, seed: int, progress: Progress) -> Project:
    """The project of the demo, made where it is not there yet."""
    if not (folder / SETTINGS_FILE).is_file():
        from stormops_graph.project.blueprint import found
        from stormops_graph.simulation import simulate as make_up

        with progress.stage(f"simulate {households:,} households"):
            make_up(folder / "feeds", households, seed)
        found(folder, folder / "feeds")
    project = Project.open(folder)
    if not project.settings.project.simulated:
        raise SettingsError(
            f"{folder} is a project with real data, not a demo",
            "name another folder: stormops-graph demo DIR",
        )
    return project
