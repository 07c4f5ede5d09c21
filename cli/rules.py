"""`rules diff` and `rules upgrade`: what changed in the matching rules, and what they lack."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from stormops_graph.chances import percent
from stormops_graph.counts import count, counted
from stormops_graph.plain_text import plain
from stormops_graph.project import Project

from .options import HERE, AsJson, ProjectFolder
from .progress import progress_for
from .screen import grid, heading, print_json, safe, screen

if TYPE_CHECKING:
    from stormops_graph.pipeline.comparing import RulesDiff, Sides
    from stormops_graph.rulebook.changes import Declared, Level, RuleChanges, Weight
    from stormops_graph.rulebook.upgrade import Upgrade

_MOST = 6  # values of a list that are shown


def diff(
    other: Annotated[
        str,
        typer.Argument(
            metavar="[OTHER]",
            help="What to compare with: `shipped`, `last` (the last complete resolve's), the name of rules that a run "
            "went by, or a folder.",
            show_default=True,
        ),
    ] = "shipped",
    pairs: Annotated[
        bool, typer.Option("--pairs/--no-pairs", help="Count the pairs of records that change sides as well.")
    ] = True,
    project: ProjectFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Show what changed from other matching rules to the project's: declared values, trained weights, and their effect.

    The effect is how many pairs of records cross the thresholds, counted on the records of the last resolve.
    Nothing is written.
    """
    from stormops_graph.pipeline.comparing import diff_rules

    found = diff_rules(Project.open(project), other, progress_for(), weigh=pairs)
    if as_json:
        print_json(_as_json(other, found))
    else:
        _show(other, found)


def upgrade(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    project: ProjectFolder = HERE,
) -> None:
    """Add to the project's matching rules what the shipped ones gained: missing fields and files, with their comments.

    Your values stay. What would change is shown first, and written only when you agree; the rules as they were are
    kept.
    """
    from stormops_graph.rulebook.upgrade import upgrades, write

    opened = Project.open(project)
    wanted = upgrades(opened)
    console = screen()
    if not wanted:
        console.print("the rules have everything that this version asks for")
        return
    for one in wanted:
        _show_upgrade(one)
    if not yes:
        _agreed()
    kept = write(opened, wanted)
    console.print(f"\n{counted(len(wanted), 'file')} written; what it did: stormops-graph rules diff {kept}")
    _say_training(opened)


def _agreed() -> None:
    if not sys.stdin.isatty():
        screen().print("\nnothing is written yet: stormops-graph rules upgrade --yes")
        raise typer.Exit
    typer.confirm("\nWrite this?", abort=True)


def _say_training(project: Project) -> None:
    from stormops_graph.errors import ModelError
    from stormops_graph.rules.model import read_model
    from stormops_graph.rules.ruleset import read_rules

    try:
        read_model(read_rules(project.rules))
    except ModelError as error:
        screen().print(safe(f"{error.message}; {error.hint}"))


def _show_upgrade(upgrade: Upgrade) -> None:
    console = screen()
    if not upgrade.before:
        console.print(safe(f"{upgrade.file}: a new file of {counted(len(upgrade.after.splitlines()), 'line')}"))
        return
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in upgrade.diff:
        console.print(safe(line, colours.get(line[:1], "")))


def _as_json(other: str, found: RulesDiff) -> dict[str, Any]:
    changes = found.changes
    return {
        "other": other,
        "same": changes.nothing,
        "declared": [asdict(change) for change in changes.declared],
        "kinds": [asdict(change) for change in changes.kinds],
        "levels": [
            {"column": c.column, "level": c.level, "before": _weight_json(c.before), "after": _weight_json(c.after)}
            for c in changes.levels
        ],
        "names": [asdict(change) for change in changes.names],
        "corrected": [asdict(change) for change in changes.corrected],
        "untrained": list(changes.untrained),
        "pairs": [asdict(side) for side in found.pairs],
        "pairs_not_counted": found.unweighed,
    }


def _weight_json(weight: Weight | None) -> dict[str, float] | None:
    return None if weight is None else {**asdict(weight), "bits": round(weight.bits, 3)}


def _show(other: str, found: RulesDiff) -> None:
    console = screen()
    if found.changes.nothing:
        console.print(safe(f"the project's rules are those of {other}"))
        return
    console.print(safe(f"before: {other}; after: the project's rules"))
    _show_declared(found.changes.declared)
    _show_trained(found.changes)
    _show_pairs(found.pairs)
    if found.unweighed:
        console.print(safe(f"\npairs are not counted: {found.unweighed}"))


def _show_declared(changes: Sequence[Declared]) -> None:
    files = sorted({change.file for change in changes})
    for file in files:
        heading(screen(), file)
        table = grid("name", "before", "after")
        for change in changes:
            if change.file == file:
                before, after = _values(change.before, change.after)
                table.add_row(safe(change.name), before, after)
        screen().print(table)


def _values(before: object, after: object) -> tuple[Text, Text]:
    """Both values; of two lists only what the other has not."""
    if isinstance(before, list) and isinstance(after, list) and len(before) + len(after) > _MOST:
        return _listed(before, after), _listed(after, before)
    return _value(before), _value(after)


def _listed(values: list[object], others: list[object]) -> Text:
    only = [plain(value) for value in values if value not in others]
    more = f" and {count(len(only) - _MOST)} more" if len(only) > _MOST else ""
    return safe(f"also {', '.join(only[:_MOST])}{more}" if only else "the rest")


def _value(value: object) -> Text:
    if value is None:
        return safe("–")
    if isinstance(value, list):
        return safe(", ".join(map(plain, value)) or "none")
    return safe(str(value).lower() if isinstance(value, bool) else value)


def _show_trained(changes: RuleChanges) -> None:
    console = screen()
    for reason in changes.untrained:
        console.print(safe(f"\nweights and pairs are not compared: {reason}"))
    if changes.kinds:
        heading(console, "kinds of pair")
        table = grid("kind", ">before", ">after")
        for kind in changes.kinds:
            table.add_row(kind.kind, percent(kind.before), percent(kind.after))
        console.print(table)
    if changes.levels:
        heading(console, "trained weights")
        console.print(_weights(changes.levels))
    for one in changes.corrected:
        console.print(f"\nof the {one.level} 50 % means {percent(one.before)} before and {percent(one.after)} after")
    for names in changes.names:
        console.print(
            f"\nfrequencies of {names.column}: {count(names.new)} new, {count(names.gone)} gone, "
            f"{count(names.changed)} changed"
        )


def _weights(levels: Sequence[Level]) -> Any:
    """Bits of each level, and the shares they come from: of pairs of one person, and of pairs by chance."""
    table = grid("comparison", "level", ">bits before", ">after", ">one person", ">→", ">by chance", ">→")
    for level in levels:
        before, after = level.before, level.after
        cells = [f"{w.bits:+.1f}" if w else "–" for w in (before, after)]
        cells += [f"{w.person:.3f}" if w else "–" for w in (before, after)]
        cells += [f"{w.chance:.2g}" if w else "–" for w in (before, after)]
        table.add_row(level.column, level.level, *cells)
    return table


def _show_pairs(pairs: Sequence[Sides]) -> None:
    if not pairs:
        return
    heading(screen(), "pairs of records above the threshold")
    table = grid("level", ">before", ">after", ">come above", ">fall below")
    for side in pairs:
        table.add_row(side.level, count(side.before), count(side.after), count(side.joined), count(side.parted))
    screen().print(table)
