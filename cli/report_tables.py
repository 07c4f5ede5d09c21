"""The report of a resolve, as it is shown at its end and by `runs show`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console

from stormops_graph.counts import count, counted
from stormops_graph.plain_text import plain
from stormops_graph.reports.amendment import AmendmentReport
from stormops_graph.reports.attribution import AttributionReport
from stormops_graph.reports.plan import Moves
from stormops_graph.reports.run import Change, Quarantined, RunReport

from .credit_tables import show_credits
from .screen import grid, heading, safe, say_simulated, seconds

_REASONS = 12  # lines of the quarantine that are shown


def show_run(console: Console, report: RunReport) -> None:
    """All of a report, in 80 columns."""
    duration = (report.finished_at - report.started_at).total_seconds()
    heading(console, f"resolve {report.run}  ({seconds(duration)})")
    say_simulated(console, report.simulated)
    if report.nothing_changed:
        console.print("nothing has changed: nothing was written", style="bold")
    _show_feeds(console, report)
    _show_quarantine(console, report)
    _show_result(console, report)
    _show_changes(console, report)
    _show_seconds(console, report.seconds)
    for note in report.notes:
        console.print(safe(f"note: {note}"))
    heading(console, "What to look at next")
    for advice in report.look_next():
        console.print(safe(f"  {advice}"))


def show_report(console: Console, run: str, report: Mapping[str, Any]) -> None:
    """The report that a run left in the graph, of whatever kind it was."""
    if "records" in report:
        show_run(console, RunReport.from_dict(report))
    elif "areas" in report:
        show_credits(console, AttributionReport.model_validate(report), None)
    elif "erased" in report:
        console.print(safe(f"people were forgotten by {report['by']} (erasure {report['erasure']})"))
        for kind, number in report["erased"].items():
            console.print(safe(f"  {kind:<24} {count(number)}"))
    elif "credited" in report:
        _show_amendment(console, AmendmentReport.model_validate(report))
    elif "failed" in report:
        console.print(safe(f"run {run} failed: {report['failed']}"))
    else:
        console.print(safe(f"run {run} left no report: it did not come to its end"))


def _show_amendment(console: Console, report: AmendmentReport) -> None:
    heading(console, f"amend {report.run}  ({seconds((report.finished_at - report.started_at).total_seconds())})")
    say_simulated(console, report.simulated)
    console.print(f"  {counted(len(report.decisions), 'verdict')} given with it")
    _show_moves(console, report.moves)
    if report.credited:
        console.print(safe(f"  credited anew: {', '.join(report.credited)}"))
    _show_seconds(console, report.seconds)


def show_runs(console: Console, runs: Iterable[Mapping[str, Any]]) -> None:
    """Runs, one a line."""
    table = grid("run", "kind", "state", "started, UTC", ">took")
    for run in runs:
        started, finished = run["started_at"], run["finished_at"]
        took = seconds((finished - started).total_seconds()) if finished else "–"
        style = "" if run["state"] == "complete" else "yellow"
        state = safe(run["state"], style)
        table.add_row(safe(run["run_id"]), safe(run["kind"]), state, f"{started:%Y-%m-%d %H:%M}", took)
    console.print(table)


def _show_feeds(console: Console, report: RunReport) -> None:
    heading(console, "Rows read")
    table = grid("  feed", ">files", ">read", ">repeats", ">set aside", ">used")
    feeds = [feed for feed in report.feeds if feed.files or feed.rows]
    for feed in feeds:
        figures = (feed.files, feed.read, feed.repeats, feed.aside, feed.used)
        table.add_row(safe(f"  {feed.feed}"), *map(count, figures))
    totals = [sum(getattr(feed, name) for feed in feeds) for name in ("files", "read", "repeats", "aside", "used")]
    table.add_row("  all", *map(count, totals), style="bold")
    console.print(table)


def _show_quarantine(console: Console, report: RunReport) -> None:
    for kept, title in ((False, "Rows set aside"), (True, "Rows used without one value")):
        parts = [part for part in report.quarantine if part.kept == kept]
        if parts:
            _show_reasons(console, title, parts)


def _show_reasons(console: Console, title: str, parts: Sequence[Quarantined]) -> None:
    heading(console, title)
    table = grid("  feed", "field", "reason", ">rows")
    for part in parts[:_REASONS]:
        table.add_row(safe(f"  {part.feed}"), safe(part.field or ""), safe(part.reason), count(part.rows))
    console.print(table)
    rest = sum(part.rows for part in parts[_REASONS:])
    if rest:
        console.print(f"  and {count(rest)} more for other reasons", style="dim")


def _show_result(console: Console, report: RunReport) -> None:
    heading(console, "Who they are")
    table = grid("  ", ">")
    table.show_header = False
    for name, figure in (
        ("records (profiles)", report.records),
        ("persons", report.persons),
        ("households", report.households),
        ("  with a home", report.households_with_home),
        ("journeys", report.journeys),
    ):
        table.add_row(f"  {name}", count(figure))
    console.print(table)
    if report.largest:
        size = f"records {count(report.largest.records)}, persons {count(report.largest.persons)}"
        console.print(safe(f"  largest household {report.largest.household}: {size}"))
    if report.pairs:
        heading(console, "Evidence (pairs of records; a pair may have several kinds)")
        console.print(_listed((name, count(pairs)) for name, pairs in report.pairs.items()))
    if report.shared:
        heading(console, "Identifiers that bind nobody together")
        shared = ((f"{part.kind}, {part.reason}", count(part.values)) for part in report.shared)
        console.print(_listed(shared))


def _show_changes(console: Console, report: RunReport) -> None:
    if report.nothing_changed:
        return
    heading(console, "What is new, changed, gone in the graph")
    table = grid("  ", ">new", ">changed", ">gone")
    nodes = {name: change for name, change in report.changes.items() if not name.isupper()}
    for name, change in nodes.items():
        if change.total:
            table.add_row(safe(f"  {name}"), count(change.new), count(change.changed), count(change.gone))
    relations = sum((change for name, change in report.changes.items() if name.isupper()), Change())
    table.add_row("  relationships", count(relations.new), count(relations.changed), count(relations.gone))
    console.print(table)
    if report.moves is not None:
        _show_moves(console, report.moves)


def _show_moves(console: Console, moves: Moves) -> None:
    parts = [(moves.new, "new"), (moves.gone, "gone"), (moves.merged, "merged"), (moves.split, "split")]
    said = [f"{count(number)} {word}" for number, word in [*parts, (moves.changed, "changed")] if number]
    console.print(f"  households: {', '.join(said) or 'all as they were'}")


def _show_seconds(console: Console, spent: Mapping[str, float]) -> None:
    if spent:
        heading(console, "Seconds")
        stages = " · ".join(f"{plain(name)} {duration:.1f}" for name, duration in spent.items())
        console.print(safe(f"  {stages}"))


def _listed(rows: Iterable[tuple[str, str]]) -> object:
    table = grid("", ">")
    table.show_header = False
    for name, figure in rows:
        table.add_row(safe(f"  {name}"), figure)
    return table
