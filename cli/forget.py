"""Forgetting people on the command line: what would go, a question, and what is left to others."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stormops_graph.counts import count
from stormops_graph.project import Project

from .options import HERE, AsJson, ProjectFolder, Steward, steward
from .progress import progress_for
from .screen import grid, heading, print_json, safe, screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stormops_graph.forgetting.copies import Left
    from stormops_graph.forgetting.forget import Preview
    from stormops_graph.ledger.erasures import Erasure

_LINES = 8  # numbers of lines that are shown of a file


def forget(  # noqa: PLR0913, PLR0917  (one option each)
    email: Annotated[
        list[str] | None, typer.Option("--email", metavar="ADDRESS", help="Who uses it (repeatable).")
    ] = None,
    phone: Annotated[
        list[str] | None, typer.Option("--phone", metavar="NUMBER", help="Who uses it (repeatable).")
    ] = None,
    household: Annotated[
        list[str] | None, typer.Option("--household", metavar="ID", help="All of a household (repeatable).")
    ] = None,
    address: Annotated[
        list[str] | None,
        typer.Option("--address", metavar="LINE", help="Everybody known at a home, earlier people too (repeatable)."),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would be erased.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: for use without a terminal.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="The request, such as a ticket's number; kept, so no names.")
    ] = "",
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until",
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="Until the end of this day (UTC) new rows about them are not read.",
            show_default="as [privacy] in stormops.toml says",
        ),
    ] = None,
    by: Steward = None,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Forget people: erase all that is known of them, and do not read them again.

    They go from the graph, the workspace, verdicts, rulings and the exports we wrote; their journeys stay as
    nameless sequences, so that credits stay. What others hold too, such as a family's line or a home, stays. Feeds and
    earlier backups are yours: the lines that still show them are listed. docs/forgetting.md says what remains.
    """
    from stormops_graph.forgetting.forget import Request, open_forgetting
    from stormops_graph.forgetting.forget import forget as erase

    end = None if until is None else until + timedelta(days=1)
    asked = {"email": email or [], "phone": phone or [], "address": address or []}
    if not any((*asked.values(), household)):
        raise typer.BadParameter("say who: --email, --phone, --address or --household")
    opened = Project.open(project)
    request = Request(_identifiers(opened, asked), tuple(household or ()), steward(by), reason.strip(), end)
    with open_forgetting(opened, os.environ, request, progress_for()) as found:
        preview = found.preview
    if plan or preview.earlier:
        _say_preview(preview, as_json)
        return
    if not yes:
        _say_preview(preview, as_json=False)
        _ask()
    erasure, left = erase(opened, os.environ, request, progress_for())
    _say_done(erasure, left, as_json)


def _identifiers(project: Project, asked: dict[str, list[str]]) -> Any:
    from stormops_graph.lookup.asked import Asked, AskedReader
    from stormops_graph.normalise import read_feed_rules

    reader = AskedReader(read_feed_rules(project.rules))
    named = [Asked(**{kind: value}) for kind, values in asked.items() for value in values]
    return tuple(one for each in named for one in reader.read_all(each))


def _ask() -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("nobody can be asked here whether that is meant: --yes says so, --plan only looks")
    typer.confirm("\nErase all of this? It cannot be brought back", abort=True, err=True)


def _say_preview(preview: Preview, as_json: bool) -> None:
    if as_json:
        earlier = preview.earlier and preview.earlier.id
        print_json({"forgotten": earlier, "erases": preview.counts, "left": [_as_dict(one) for one in preview.left]})
    elif preview.earlier:
        since = f"since {preview.earlier.at:%Y-%m-%d} (erasure {preview.earlier.id})"
        screen().print(safe(f"they are forgotten {since}; nothing is left to do"))
    else:
        heading(screen(), "What would be erased")
        _show_counts(preview.counts)
        _show_left(preview.left)


def _say_done(erasure: Erasure, left: Sequence[Left], as_json: bool) -> None:
    if as_json:
        said = {"forgotten": erasure.id, "erased": erasure.counts, "left": [_as_dict(one) for one in left]}
        print_json(said)
        return
    console = screen()
    console.print(safe(f"forgotten (erasure {erasure.id})"))
    _show_counts(erasure.counts)
    _show_left(left)
    heading(console, "Next")
    console.print("  stormops-graph resolve        # reads the feeds without them and makes the workspace anew")
    console.print("  stormops-graph backup FILE    # in place of the earlier ones, which still hold them")


def _show_counts(counts: dict[str, int]) -> None:
    table = grid("  kind", ">erased")
    for kind, number in counts.items():
        table.add_row(safe(f"  {kind}"), count(number))
    screen().print(table)


def _show_left(left: Sequence[Left]) -> None:
    if not left:
        return
    console = screen()
    heading(console, "What still shows them, and is yours to change")
    for one in left:
        lines = ", ".join(map(str, one.lines[:_LINES]))
        more = f" and {count(len(one.lines) - _LINES)} more" if len(one.lines) > _LINES else ""
        console.print(safe(f"  {one.file}"), soft_wrap=True)
        console.print(
            safe(f"    {one.why}" + (f"; lines {lines}{more}" if lines else "; it holds them until it is replaced"))
        )


def _as_dict(one: Left) -> dict[str, Any]:
    return {"file": str(one.file), "why": one.why, "lines": list(one.lines)}
