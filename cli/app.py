"""The `stormops-graph` command: its commands in the order in which one meets them."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from . import (
    begin,
    books,
    browser,
    evaluation,
    explanation,
    forget,
    households,
    lookup,
    paths,
    picture,
    reasons,
    review,
    servers,
    shared,
    verdicts,
    work,
)
from . import rules as matching
from .failure import EXIT_CODES, guarded
from .screen import say_what_can_be_said
from .words import Commands

_BEGIN, _SERVERS, _WORK, _LOOK = "Begin", "Servers", "The nightly job", "Look and take along"
_STEWARD, _BOOKS = "For stewards", "Books of credits"

app = Commands(
    name="stormops-graph",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes:\n\n" + "\n".join(f"- {code}: {meaning}" for code, meaning in EXIT_CODES.items()),
)
runs = Commands(no_args_is_help=True, help="What earlier runs did.")
decisions = Commands(
    no_args_is_help=True, help="What stewards decided: list it, undo it, take it elsewhere, bring it back."
)
sharing = Commands(no_args_is_help=True, help="Numbers and addresses that link nobody, as too many share them.")
explain = Commands(
    cls=reasons.Explain,
    no_args_is_help=True,
    help="Why something is as it is: `explain HOUSEHOLD`, `explain RECORD RECORD`, `explain credit TOUCH`.",
)
rules = Commands(no_args_is_help=True, help="The matching rules of the project.")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"stormops-graph {version('stormops-graph')}")
        raise typer.Exit


@app.callback()
def stormops_graph(
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_say_version, help="Show the version and leave."),
    ] = False,
) -> None:
    """Households, journeys and credits from the traces of a storm.

    New here: `stormops-graph demo DIR` runs everything on a simulated storm. With your own data: `init` once,
    then `resolve` and `attribute` every night.
    """


_COMMANDS: tuple[tuple[str, str, Callable[..., None]], ...] = (
    ("demo", _BEGIN, begin.demo),
    ("init", _BEGIN, begin.init),
    ("simulate", _BEGIN, begin.simulate),
    ("up", _SERVERS, servers.up),
    ("down", _SERVERS, servers.down),
    ("status", _SERVERS, servers.status),
    ("backup", _SERVERS, servers.backup),
    ("restore", _SERVERS, servers.restore),
    ("resolve", _WORK, work.resolve),
    ("attribute", _WORK, work.attribute),
    ("verify", _WORK, work.verify),
    ("evaluate", _WORK, evaluation.evaluate),
    ("close", _BOOKS, books.close),
    ("reopen", _BOOKS, books.reopen),
    ("credits", _BOOKS, books.credits),
    ("decide", _STEWARD, verdicts.decide),
    ("forget", _STEWARD, forget.forget),
    ("split", _STEWARD, households.split),
    ("merge", _STEWARD, households.merge),
    ("find", _LOOK, lookup.find),
    ("household", _LOOK, lookup.household),
    ("history", _LOOK, reasons.history),
    ("browser", _LOOK, browser.browser),
    ("picture", _LOOK, picture.picture),
    ("paths", _LOOK, paths.paths),
    ("export", _LOOK, lookup.export),
)
for _name, _panel, _command in _COMMANDS:
    app.command(_name, rich_help_panel=_panel)(_command)
runs.command("list")(lookup.list_runs)
runs.command("show")(lookup.show_run)
rules.command("check")(work.check_rules)
rules.command("train")(work.train_rules)
rules.command("diff")(matching.diff)
rules.command("upgrade")(matching.upgrade)
decisions.command("list")(verdicts.list_decisions)
decisions.command("undo")(verdicts.undo_decision)
decisions.command("export")(verdicts.export_decisions)
decisions.command("import")(verdicts.import_decisions)
sharing.command("list")(shared.list_shared)
sharing.command("release")(shared.release)
sharing.command("block")(shared.block)
reviews = Commands(invoke_without_command=True, help=review.review.__doc__)
reviews.callback()(review.review)
reviews.command("list")(review.list_cases)
reviews.command("show")(review.show_case)
app.add_typer(reviews, name="review", rich_help_panel=_STEWARD)
app.add_typer(decisions, name="decisions", rich_help_panel=_STEWARD)
app.add_typer(sharing, name="shared", rich_help_panel=_STEWARD)
explain.command("credit")(explanation.credit)
explain.command("why")(reasons.why)
app.add_typer(explain, name="explain", rich_help_panel=_LOOK)
app.add_typer(runs, name="runs", rich_help_panel=_LOOK)
app.add_typer(rules, name="rules", rich_help_panel=_WORK)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with the command's exit code."""
    sys.exit(_run(sys.argv[1:] if arguments is None else arguments))


def typed() -> NoReturn:
    """Run the command line as a process of its own: it ends at once when the command has.

    All that it opened is closed by then. Taking the interpreter apart would keep the user waiting for a quarter of a
    second, and nobody is there to use it again.
    """
    code = _run(sys.argv[1:])
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # its reader may have left
            stream.flush()
    os._exit(code)


def _run(arguments: Sequence[str]) -> int:
    say_what_can_be_said()
    return guarded(lambda: app(list(arguments), prog_name="stormops-graph"), arguments, os.environ)
