"""Credits on the terminal: per storm the channels and plays with bars and intervals, then its ZIP codes."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from stormops_graph.attribution.coding import WHOLE_STORM
from stormops_graph.chances import percent
from stormops_graph.counts import count, counted
from stormops_graph.reports.attribution import AttributionReport, Lift
from stormops_graph.reports.closed_storms import ClosedStorm, CreditChange, PayChange

from .credit_groups import show_personas, show_reps, show_zips
from .credit_rows import TOP, Row, interval, published
from .screen import grid, heading, safe, say_simulated

_BAR = 14  # so that the longest name of a shipped play fits into 80 columns
_TOP_CARRIERS = 2  # what fits into 80 columns
_TOP_CHANGES = 20
_SHIFT_SHOWN = 0.0005
_SHORT = {
    "markov": "markov",
    "shapley": "shapley",
    "hybrid": "hybrid",
    "first_touch": "first",
    "last_touch": "last",
    "linear": "linear",
    "time_decay": "decay",
    "position_based": "position",
}


def show_credits(console: Console, report: AttributionReport, zip_code: str | None) -> None:
    """Every storm of the report; one ZIP code in full where `zip_code` names it."""
    say_simulated(console, report.simulated)
    storms = list(dict.fromkeys(area["event_id"] for area in report.areas))
    if not storms:
        console.print("no journeys: nothing to share out")
        return
    for storm in storms:
        areas = [area for area in report.areas if area["event_id"] == storm]
        whole = [area for area in areas if area["zip_code"] == zip_code]
        for area in whole:
            _show_area(console, area, report.published_model)
        if zip_code is None:
            show_zips(console, [area for area in areas if area["zip_code"]], report.published_model)
            for area in whole:
                show_personas(console, area.get("personas", ()), report.published_model)
            show_reps(console, [rep for rep in report.reps if rep.event_id == storm])
    for storm in storms:
        if found := [lift for lift in report.lifts if lift.event_id == storm]:
            _show_lifts(console, found)
    for closed in report.closed:
        show_closed(console, closed)
    _show_footer(console, report)


def _show_area(console: Console, area: Row, model: str) -> None:
    place = f", ZIP {area['zip_code']}" if area["zip_code"] else ""
    rate = area["conversions"] / area["journeys"] if area["journeys"] else 0.0
    heading(console, f"{area['event_id']}{place}")
    console.print(f"  {counted(area['journeys'], 'journey')}, {count(area['conversions'])} converted ({percent(rate)})")
    if not area["channels"]:
        console.print(f"  {_why_no_credits(area)}", style="dim")
        return
    _say_origin(console, area, model)
    for title, credits in (("channel", area["channels"]), ("play", area["plays"])):
        _show_published(console, title, published(credits, model))
    _show_carriers(console, published(area["plays"], model), area.get("play_channels", ()))
    _show_models(console, area["channels"], model)
    for warning in area.get("warnings", ()):
        console.print(safe(f"  {warning}"))


def _why_no_credits(area: Row) -> str:
    if area["conversions"]:
        return "no credits: fewer journeys than minimum_journeys asks for"
    return "nobody converted here, so there is nothing to credit"


def _say_origin(console: Console, area: Row, model: str) -> None:
    """Of a ZIP in a storm: how much is its own, and what it alone would say."""
    credits = published(area["channels"], model)
    if not any(row.get("interval") == "pooled" for row in credits):
        return
    if not area["conversions"]:
        console.print("  nobody converted here: these credits are those of the storm", style="dim")
        return
    alone = ", ".join(f"{row['key']} {percent(row['raw'])}" for row in credits if row.get("raw") is not None)
    console.print(
        safe(
            f"  {percent(credits[0]['own'], 0)} from its own journeys, the rest from its storm; alone: {alone}",
            style="dim",
        )
    )


def _show_published(console: Console, title: str, credits: Sequence[Row]) -> None:
    if not credits:
        return
    width = max((row["high"] or row["credit"] for row in credits), default=1.0) or 1.0
    table = grid(f"  {title}", ">credit", "", "90 % interval", ">conversions")
    for row in credits:
        table.add_row(
            safe(f"  {row['key']}"),
            percent(row["credit"]),
            _bar(row, width, console),
            interval(row),
            f"{row['conversions']:,.1f}",
        )
    console.print()
    console.print(table)
    moved = [row for row in credits if abs(row.get("shift") or 0.0) >= _SHIFT_SHOWN]
    if moved:
        shifts = ", ".join(f"{row['key']} {100 * row['shift']:+.1f}" for row in moved)
        console.print(safe(f"  moved by persona priors, points: {shifts}", style="dim"))


def _show_carriers(console: Console, plays: Sequence[Row], cells: Sequence[Row]) -> None:
    """The channels that carry each play, the foremost first."""
    table = grid("  play", "carried by (90 % interval)")
    for play in plays:
        carriers = [cell for cell in cells if cell["play"] == play["key"]]
        said = (
            f"{cell['channel']} {100 * cell['part']:.0f} % ({100 * cell['low']:.0f} – {100 * cell['high']:.0f})"
            for cell in sorted(carriers, key=lambda cell: (-cell["part"], cell["channel"]))[:_TOP_CARRIERS]
        )
        if carriers:
            table.add_row(safe(f"  {play['key']}"), safe(", ".join(said)))
    if table.row_count:
        console.print()
        console.print(table)


def _bar(row: Row, width: float, console: Console) -> str:
    """Full up to the interval's low end, shaded over the interval; the largest value fills the width."""
    solid, shaded, empty = "█▒░" if console.encoding.startswith("utf") else "#=."
    low: float = row["credit"] if row["low"] is None else row["low"]
    high: float = row["credit"] if row["high"] is None else row["high"]
    full = round(low / width * _BAR)
    over = max(full, round(high / width * _BAR))
    return solid * full + shaded * (over - full) + empty * (_BAR - over)


def _show_models(console: Console, credits: Sequence[Row], model: str) -> None:
    """All models side by side, so that nobody takes one of them for the truth."""
    keys = [row["key"] for row in published(credits, model)]
    table = grid("  all models, %", *(f">{name}" for name in _SHORT.values()))
    table.padding = (0, 1, 0, 0)
    shares = {(row["key"], row["model"]): row["credit"] for row in credits}
    for key in keys:
        found = (shares.get((key, name)) for name in _SHORT)
        table.add_row(safe(f"  {key}"), *("–" if share is None else f"{100 * share:.1f}" for share in found))
    console.print()
    console.print(table)


def _show_lifts(console: Console, lifts: Sequence[Lift]) -> None:
    """What reaching the homes of a storm changed: the only figures here that are causal."""
    heading(console, f"{lifts[0].event_id}: what reaching homes changed, against those held out")
    table = grid("  ZIP", ">homes", ">converted", ">held out", ">converted", ">lift, points", "90 % interval")
    for lift in lifts[:TOP]:
        table.add_row(
            safe(f"  {lift.zip_code}"),
            count(lift.treated),
            percent(lift.treated_converted / lift.treated),
            count(lift.control),
            percent(lift.control_converted / lift.control),
            f"{100 * lift.difference:+.1f}",
            f"{100 * lift.low:+5.1f} – {100 * lift.high:+5.1f}",
        )
    console.print(table)
    if len(lifts) > TOP:
        console.print(f"  and {counted(len(lifts) - TOP, 'more ZIP code')}: --json has all", style="dim")
    if lifts[0].control_touched:
        homes = counted(lifts[0].control_touched, "held-out home")
        console.print(f"  touched all the same: {homes}, which hides some of the lift")


def show_closed(console: Console, closed: ClosedStorm) -> None:
    """What stands of a closed storm although its journeys say otherwise now; storm first, largest first."""
    heading(console, f"{closed.event_id} is closed since {closed.at:%Y-%m-%d %H:%M} UTC, by {closed.by}")
    if not closed.differences and not closed.commissions:
        console.print("  its published credits stand, and are what its journeys say")
        return
    if closed.differences:
        console.print("  its published credits stand; this run would have changed:")
        _show_changes(console, closed.differences)
    if closed.commissions:
        console.print("  what was paid for its touches stands; they would earn:")
        _show_pay(console, closed.commissions)


def _show_changes(console: Console, differences: Sequence[CreditChange]) -> None:
    table = grid("  ZIP", "", "credit of", ">published", ">now", ">conversions", ">now")
    ranked = sorted(differences, key=_rank)
    for one in ranked[:_TOP_CHANGES]:
        table.add_row(
            safe(f"  {one.zip_code}"),
            one.dimension,
            safe(one.key),
            percent(one.published),
            percent(one.now),
            _decimal(one.published_conversions),
            _decimal(one.now_conversions),
        )
    console.print(table)
    _say_more(console, len(ranked))


def _show_pay(console: Console, commissions: Sequence[PayChange]) -> None:
    table = grid("  rep", "channel", ">touches", ">conversions", ">now", ">value", ">now")
    ranked = sorted(commissions, key=lambda one: -abs(one.now_value - one.published_value))
    for one in ranked[:_TOP_CHANGES]:
        table.add_row(
            safe(f"  {one.rep_id or '–'}"),
            safe(one.channel),
            count(one.touches),
            f"{one.published:,.2f}",
            f"{one.now:,.2f}",
            f"{one.published_value:,.0f}",
            f"{one.now_value:,.0f}",
        )
    console.print(table)
    _say_more(console, len(ranked))


def _say_more(console: Console, rows: int) -> None:
    if rows > _TOP_CHANGES:
        console.print(f"  and {count(rows - _TOP_CHANGES)} more: --json has all", style="dim")


def _rank(one: CreditChange) -> tuple[bool, float, str, str, str]:
    moved = abs((one.now_conversions or 0.0) - (one.published_conversions or 0.0))
    return (one.zip_code != WHOLE_STORM, -moved, one.zip_code, one.dimension, one.key)


def _decimal(number: float | None) -> str:
    return "–" if number is None else f"{number:,.1f}"


def _show_footer(console: Console, report: AttributionReport) -> None:
    console.print()
    if report.unattributed:
        console.print(f"{counted(report.unattributed, 'conversion')} had no play on the way; plays share the others.")
    if any(row.get("interval") == "pooled" for area in report.areas for row in area["channels"]):
        console.print("* pooled: its own journeys and the rest of the storm; of a ZIP --zip Z says how much.")
    for note in report.notes:
        console.print(safe(f"note: {note}"))
    console.print(
        f"Published: {report.published_model}. A credit says how far a channel was on the way to "
        "conversions, not what would have happened without it: no model here is causal.",
        style="dim",
    )
