"""Stewards' verdicts on the command line: decide, decisions list, undo, export and import."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stormops_graph.chances import chance
from stormops_graph.counts import counted
from stormops_graph.ledger.decisions import Level, Verdict, end_shown
from stormops_graph.ledger.naming import SHORT
from stormops_graph.project import Project

from .households import take_effect, take_effect_of
from .options import HERE, AsJson, ProjectFolder, Show, Steward, stated, steward
from .progress import progress_for
from .screen import print_json, safe, screen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from stormops_graph.ledger.bindings import Listed
    from stormops_graph.ledger.claims import Claim
    from stormops_graph.ledger.decisions import Decision


def decide(  # noqa: PLR0913, PLR0917  (one option each)
    one: Annotated[
        str | None,
        typer.Argument(
            metavar="A",
            help="A record: feed:id as in `export assignments`, or a record's key. "
            "Or an identifier: phone:NUMBER, email:ADDRESS, cookie:ID.",
        ),
    ] = None,
    other: Annotated[str | None, typer.Argument(metavar="B", help="The other.")] = None,
    verdict: Annotated[
        Verdict | None,
        typer.Argument(
            metavar="VERDICT", help="same, different, unsure; or withdrawn, which takes back what was said."
        ),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the verdict.")] = "",
    level: Annotated[
        Level | None,
        typer.Option(
            "--level",
            help="Say less: `same --level household` is one home, `different --level person` two people.",
            show_default="one person for same, two households for different",
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until",
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="The last day (UTC) on which it holds; then the question comes back.",
            show_default="for good",
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Many verdicts, one a line as JSON, instead of A, B and VERDICT."),
    ] = None,
    at_once: Annotated[
        bool, typer.Option("--now", help="Let graph and credits follow at once, and not with the next resolve.")
    ] = False,
    by: Steward = None,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Decide that two records, or identifiers, are the same, different, or that nobody can tell.

    same: one person, and so one household. different: two households, and so two persons. It binds every later
    resolve, through chains of verdicts too, and outlasts new rules, changed records and a deleted workspace. A
    later verdict on the two replaces this one. A contradiction is refused with exit code 10.

    Of an identifier it binds all records that hold it, now and later; of one that passed from household to household,
    those of whoever has it now. What strangers share is for `shared release` and `shared block`.

    --from reads lines {"one": A, "other": B, "verdict": …, "reason": …}, and if wanted "level", "by" and "until":
    all of them are taken, or none where a line is wrong.
    """
    from stormops_graph.ledger.statement_file import read_statements
    from stormops_graph.runs import now
    from stormops_graph.stewardship.ledger import open_ledger

    if source is not None:
        if one or other or verdict or reason or level or until:
            raise typer.BadParameter("--from FILE says everything: leave out A, B, VERDICT and the other options")
        claims = read_statements(source, steward(by), now())
    else:
        claims = [("", _claim(one, other, verdict, reason, steward(by), level, until))]
    opened = Project.open(project)
    read = _reader(opened)
    claims = [(place, replace(said, one=read(said.one), other=read(said.other))) for place, said in claims]
    if at_once and source is None:
        take_effect(opened, claims[0][1], as_json)
        return
    with open_ledger(opened, os.environ, progress_for()) as ledger:
        made = ledger.decide_all(claims) if source is not None else [ledger.decide(claims[0][1])]
    if at_once:
        take_effect_of(opened, made, as_json)
    elif as_json:
        shown = [decision.model_dump(mode="json") for decision in made]
        print_json({"decisions": shown} if source is not None else shown[0])
    elif source is not None:
        screen().print(safe(f"{counted(len(made), 'verdict')} of {source} taken into the ledger"))
    else:
        _tell(made[0])


def undo_decision(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID…", help="Decisions' ids, or their first 8 characters: `decisions list`.")
    ],
    by: Steward = None,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Take verdicts back, all or none: what was said of the two before it holds again, or nothing.

    Nothing is removed: a new entry supersedes the old one. Undoing that entry restores the verdict.
    """
    from stormops_graph.stewardship.ledger import open_ledger

    named = steward(by)
    with open_ledger(Project.open(project), os.environ, progress_for()) as ledger:
        made = ledger.undo(ids, named)
    if as_json:
        shown = [decision.model_dump(mode="json") for decision in made]
        print_json({"decisions": shown} if len(shown) > 1 else shown[0])
    else:
        for decision in made:
            _tell(decision)


def _claim(  # noqa: PLR0913, PLR0917  (what the command line gives)
    one: str | None,
    other: str | None,
    verdict: Verdict | None,
    reason: str,
    by: str,
    level: Level | None,
    until: datetime | None,
) -> Claim:
    from stormops_graph.ledger.claims import Claim
    from stormops_graph.runs import now

    if not (one and other and verdict):
        raise typer.BadParameter("say A, B and VERDICT, or --from FILE")
    ends = until + timedelta(days=1) if until else None  # its last day is a whole one
    if ends is not None and ends <= now():
        raise typer.BadParameter("--until is over already")
    return Claim(one, other, verdict, stated(reason), by, level, ends)


def _reader(project: Project) -> Callable[[str], str]:
    """Reads what verdicts are said of: identifiers as the feeds' readers do."""
    from stormops_graph.lookup.asked import AskedReader
    from stormops_graph.normalise import read_feed_rules

    return AskedReader(read_feed_rules(project.rules)).end


def _tell(made: Decision) -> None:
    console = screen()
    left, right = map(end_shown, made.pair)
    console.print(safe(f"{left} {made.verdict} {right}  ({made.level}; decision {made.id})"))
    if made.supersedes:
        console.print(safe(f"  it replaces decision {made.supersedes}"))
    if made.needs_second:
        console.print("  it merges so much that another steward must say the same before it binds")
    elif made.verdict is not Verdict.unsure:
        console.print("  the next resolve goes by it", style="dim")


def list_decisions(show: Show = False, project: ProjectFolder = HERE, as_json: AsJson = False) -> None:
    """List the stewards' verdicts with what has become of them, the oldest first.

    A verdict is in force, or superseded by a later one on the same pair. It holds when a record's values have
    changed since, and is to be reviewed again. Of a record that has gone it is dormant until the record is back.
    Identifiers are masked and reasons, which may name people, left out unless --show is given.
    """
    from stormops_graph.stewardship.ledger import open_ledger

    with open_ledger(Project.open(project), os.environ, progress_for()) as ledger:
        found = ledger.listed()
    if as_json:
        print_json({"decisions": [{**as_dict(one.decision, show), "state": str(one.state)} for one in found]})
    else:
        _show(found, show)


def as_dict(decision: Decision, show: bool) -> dict[str, Any]:
    """A decision for JSON; masked and without its reason unless `show`."""
    told = decision.model_dump(mode="json")
    return (
        told if show else {**told, "left": end_shown(decision.left), "right": end_shown(decision.right), "reason": None}
    )


def export_decisions(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="A new file: one decision a line, as JSON.")],
    project: ProjectFolder = HERE,
) -> None:
    """Write all verdicts to a new file that only you may read; `decisions import` reads it."""
    from stormops_graph.project.written import DECISIONS, note_written
    from stormops_graph.stewardship.ledger import open_ledger

    opened = Project.open(project)
    with open_ledger(opened, os.environ, progress_for()) as ledger:
        written = ledger.export(out)
        note_written(opened.written, DECISIONS, out)
    screen().print(safe(f"{counted(written, 'decision')} written to {out}"))


def import_decisions(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `decisions export` wrote.")],
    project: ProjectFolder = HERE,
) -> None:
    """Bring in the verdicts of a file, each once: all of them, or none where one contradicts what is in force."""
    from stormops_graph.stewardship.ledger import open_ledger

    with open_ledger(Project.open(project), os.environ, progress_for()) as ledger:
        new = ledger.bring(file)
    screen().print(safe(f"{counted(new, 'new decision')} from {file}" if new else f"all of {file} was known already"))


def _show(found: Sequence[Listed], show: bool) -> None:
    console = screen()
    if not found:
        console.print("no steward has decided anything yet: stormops-graph decide A B same|different|unsure")
        return
    for one in found:
        _show_one(console, one, show)
    if not show:
        console.print("\nidentifiers in full, and reasons: --show", style="dim")


def _show_one(console: Console, one: Listed, show: bool) -> None:
    said = one.decision
    lines = [
        f"{said.id[:SHORT]}  {said.verdict}, {said.level}, by {said.signed}, {said.at:%Y-%m-%d %H:%M}",
        *(said.pair if show else map(end_shown, said.pair)),
        f"{one.state}" + ("" if said.score is None else f"; evidence said {chance(said.score)}"),
        *([said.reason] if show else []),
    ]
    console.print(safe(lines[0], "bold"))
    for line in lines[1:]:
        console.print(safe(" " * (SHORT + 2) + line))
