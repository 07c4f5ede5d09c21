"""Who else the credits of a storm are asked by: the personas of its homes, and the reps who made touches."""

from __future__ import annotations

from stormops_graph.credit_page.ranges import MOST_PANELS
from stormops_graph.credit_page.storms import Row, Storm, ranked
from stormops_graph.pages.document import section, table
from stormops_graph.pages.drawing import escaped

MOST_REPS = 60


def personas(storm: Storm) -> list[str]:
    """The credits of the foremost channels by persona, with their intervals."""
    found = storm.area.get("personas", ())
    if not found:
        return []
    channels = [row["key"] for row in storm.credits("channels")][:MOST_PANELS]
    rows = []
    for persona in found:
        credits = {row["key"]: row for row in ranked(persona["channels"], storm.model)}
        own = next((f"{100 * row['own']:.0f}&nbsp;%" for row in credits.values()), "–")
        name = escaped(persona["persona"] or "not known")
        figures = f"{persona['journeys']:,}", f"{persona['conversions']:,}", own
        rows.append([name, *figures, *(_said(credits.get(channel)) for channel in channels)])
    titles = ("persona", "journeys", "converted", "own", *map(escaped, channels))
    said = (
        "<p class='fine'>Shares in per cent with 90 % intervals. Each persona's journeys are answered together with "
        "the rest of the storm, as a ZIP's are; <i>own</i> is how much comes from its own. No priors lean here.</p>"
    )
    return [section("Personas", said, table(titles, rows, kind="named"))]


def reps(storm: Storm) -> list[str]:
    """What the touches of each rep earned."""
    if not storm.reps:
        return []
    rows = [
        [escaped(rep.rep_id), f"{rep.touches:,}", f"{rep.conversions:,.2f}", f"{rep.value:,.0f}"]
        for rep in storm.reps[:MOST_REPS]
    ]
    said = "Of each conversion what the published model gives a rep's touches; <code>export commissions</code> has all."
    if len(storm.reps) > MOST_REPS:
        said += f" {MOST_REPS} of {len(storm.reps):,} are shown."
    titles = ("rep", "touches", "conversions", "value")
    return [section("Reps", f"<p class='fine'>{said}</p>", table(titles, rows, kind="named"))]


def _said(row: Row | None) -> str:
    if row is None:
        return "–"
    if row["low"] is None:
        return f"{100 * row['credit']:.1f}"
    return f"{100 * row['credit']:.1f}<br><span class='interval'>{100 * row['low']:.1f}–{100 * row['high']:.1f}</span>"
