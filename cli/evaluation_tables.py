"""An evaluation as it is shown on the terminal, in 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from stormops_graph.chances import chance, percent
from stormops_graph.counts import count, counted
from stormops_graph.evaluation.findings import (
    Evaluation,
    Judged,
    JudgedPairs,
    Labelled,
    Level,
    Mistake,
    Reliability,
    Reviewed,
    Score,
    Shown,
    unhoused,
)

from .screen import fitted, grid, heading, safe, say_simulated

_WORST = 3  # of each kind on the terminal; all of them are in the report and in the JSON


def show_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Whatever was evaluated."""
    say_simulated(console, evaluation.simulated)
    if evaluation.labelled:
        _show_labelled(console, evaluation.labelled)
    if evaluation.judged:
        _show_judged(console, evaluation.judged)
    if evaluation.reviewed:
        _show_reviewed(console, evaluation.reviewed)
    for note in evaluation.notes:
        console.print(safe(f"note: {note}"))


def _show_labelled(console: Console, labelled: Labelled) -> None:
    for level in labelled.levels:
        _show_level(console, level)
    if labelled.placement:
        heading(console, "Placement")
        table = grid("=  feed", ">rows", ">placed", ">own home", ">wrong of placed")
        for part in labelled.placement:
            wrong = percent(part.wrong / part.placed if part.placed else None)
            placed, right = percent(part.placed / part.rows), percent(part.right / part.rows)
            table.add_row(safe(f"  {part.feed}"), count(part.rows), placed, right, wrong)
        console.print(fitted(console, table, "rows", "placed"))
    if labelled.reliability:
        heading(console, "Does the stated confidence hold?")
        for reliability in labelled.reliability:
            _show_reliability(console, reliability)
    for level in labelled.levels:
        _show_mistakes(console, f"Worst false merges of {level.name}s", level.merges)
        _show_mistakes(console, f"Worst splits of {level.name}s", level.splits)
    if labelled.unread:
        console.print(safe(f"\nnote: {counted(labelled.unread, 'labelled row')} in no feed, each counted as alone"))
    if labelled.unhoused:
        console.print(f"\nnote: {unhoused(labelled.unhoused)}")


def _show_level(console: Console, level: Level) -> None:
    title = f"{level.name.capitalize()}s that hold the labelled rows: {count(level.ours)}, truly {count(level.true)}"
    heading(console, title)
    table = grid("=  feed", ">rows", ">pairwise P/R/F1", ">B-cubed P/R/F1", ">exact P/R/F1")
    for scores in (level.overall, *level.feeds):
        shown = map(_score, (scores.pairwise, scores.bcubed, scores.exact))
        table.add_row(safe(f"  {scores.feed or 'all'}"), count(scores.rows), *shown)
    console.print(fitted(console, table, "exact P/R/F1", "B-cubed P/R/F1"))


def _score(score: Score) -> str:
    return "/".join(_share(share) for share in (score.precision, score.recall, score.f1))


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"


def _show_reliability(console: Console, part: Reliability) -> None:
    console.print(f"  {part.claim}: expected calibration error {_share(part.error)} over {counted(part.rows, 'row')}")
    table = grid("    stated", ">rows", ">mean", ">holds")
    for row in part.bins:
        table.add_row(f"    {row.low:.3f}–{row.high:.3f}", count(row.rows), _share(row.stated), _share(row.found))
    console.print(table)


def _show_mistakes(console: Console, title: str, mistakes: Sequence[Mistake]) -> None:
    if not mistakes:
        return
    heading(console, title)
    for mistake in mistakes[:_WORST]:
        pieces = " + ".join(count(piece.rows) for piece in mistake.pieces)
        console.print(safe(f"  {mistake.id}  {counted(mistake.pairs, 'wrong pair')}: {pieces} rows"))
        for tie in mistake.ties[:1]:
            console.print(safe(f"    {_record(tie.left)}", "dim"))
            console.print(safe(f"    {_record(tie.right)}", "dim"))
            console.print(safe(f"    {chance(tie.probability)} by {', '.join(tie.kinds)}", "dim"))
        if mistake.untied:
            console.print(safe(f"    {mistake.untied}", "dim"))


def _record(shown: Shown) -> str:
    return "  ".join(part for part in (shown.record, shown.name, *shown.identifiers) if part)


def _show_judged(console: Console, judged: Judged) -> None:
    heading(console, "Against verdicts")
    table = grid("", ">same, together", ">different, together", ">precision", ">recall")
    for level in judged.levels:
        table.add_row(f"  {level.name}s, published", *_agreement(level.published))
        table.add_row("    by evidence alone", *_agreement(level.unaided))
    console.print(table)
    if judged.unsure or judged.dormant:
        console.print(f"  left out: {count(judged.unsure)} unsure, {count(judged.dormant)} about what is gone")


def _agreement(part: JudgedPairs) -> tuple[str, ...]:
    same = f"{count(part.same_together)} of {count(part.same)}"
    different = f"{count(part.different_together)} of {count(part.different)}"
    return same, different, _share(part.score.precision), _share(part.score.recall)


def _show_reviewed(console: Console, part: Reviewed) -> None:
    heading(console, "From reviewed households")
    console.print(
        f"  precision {_share(part.precision)}, standard error {_share(part.standard_error)}, "
        f"95 % interval {_share(part.low)} to {_share(part.high)}"
    )
    console.print(
        f"  {count(part.households)} of {counted(part.population, 'household')} reviewed, "
        f"of which more than one household: {count(part.wrong)}; {count(part.unanswered)} of the sample not answered"
    )
