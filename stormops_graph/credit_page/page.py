"""The HTML report of an `attribute`: storm by storm the credits, how sure they are, and the journeys behind them.

Invariant: everything that comes from a feed is escaped; a figure that is not known is a dash, never a guess.
"""

from __future__ import annotations

from collections.abc import Sequence

from stormops_graph.chances import percent
from stormops_graph.credit_page import words
from stormops_graph.credit_page.charts import charts
from stormops_graph.credit_page.flow import LIKELY, STRONGEST, left_out
from stormops_graph.credit_page.grids import HALF
from stormops_graph.credit_page.groups import personas, reps
from stormops_graph.credit_page.ranges import MOST_PANELS, MOST_ZIPS
from stormops_graph.credit_page.storms import MODELS, Row, Storm, storms_of
from stormops_graph.pages.document import SIMULATED, card, cards, document, section, table
from stormops_graph.pages.drawing import drawn_width, escaped
from stormops_graph.reports.attribution import AttributionReport

_KEYS = {"channels": "channel", "plays": "play"}


def page(report: AttributionReport, title: str) -> str:
    """The report as a whole HTML document."""
    storms = storms_of(report)
    parts = [SIMULATED] if report.simulated else []
    parts.append(f"<p>{escaped(words.origin(report))}</p>")
    parts += [f"<p>{escaped(note[:1].upper() + note[1:])}.</p>" for note in report.notes]
    if not storms:
        parts.append("<p>There are no journeys, so there is nothing to share out.</p>")
    if len(storms) > 1:
        parts.append(_contents(storms))
    for number, storm in enumerate(storms):
        parts += _storm(storm, number)
    return document(f"Who earned the conversions: {title}", [*parts, _meaning(report, storms)])


def _contents(storms: Sequence[Storm]) -> str:
    rows = [
        [
            f'<a href="#storm-{number}">{escaped(storm.name)}</a>',
            _count(storm.area["journeys"]),
            _count(storm.area["conversions"]),
            escaped(words.first(storm)),
        ]
        for number, storm in enumerate(storms)
    ]
    return section("Storms", table(("storm", "journeys", "converted", "most credit"), rows, kind="named"))


def _storm(storm: Storm, number: int) -> list[str]:
    drawn = charts(storm)
    return [
        f'<h2 class="storm" id="storm-{number}">{escaped(storm.name)}</h2>',
        _headline(storm),
        *_credits(storm, drawn),
        *_models(drawn),
        *_lifts(storm, drawn),
        *_zips(storm, drawn),
        *personas(storm),
        *reps(storm),
        *_journeys(storm, drawn),
        *_priors(drawn),
        *_figures(storm),
    ]


def _headline(storm: Storm) -> str:
    area, overview = storm.area, storm.overview
    rate = area["conversions"] / area["journeys"] if area["journeys"] else None
    figures = [
        card("journeys", _count(area["journeys"]), escaped(words.span(overview))),
        card("converted", _count(area["conversions"]), f"{percent(rate)} of the journeys"),
    ]
    if area["value"]:
        mean = area["value"] / area["conversions"] if area["conversions"] else 0
        figures.append(card("value", words.shortly(area["value"]), f"{words.dollars(mean)} a conversion"))
    touches = area["touches"] / area["journeys"] if area["journeys"] else 0
    days = overview.days_to_convert if overview else None
    said = f"{days:,.1f} days to a conversion, the median" if days is not None else "of a journey, on average"
    figures.append(card("touches", f"{touches:.1f}", said if days is None else f"a journey; {said}"))
    best = storm.credits("channels")[:1]
    figures += [card("most credit", escaped(row["key"]), words.sure(row)) for row in best]
    found = [*words.books(storm), *words.findings(storm)]
    return f"<section>{cards(figures)}{''.join(f'<p>{escaped(each)}</p>' for each in found)}</section>"


def _credits(storm: Storm, drawn: dict[str, str]) -> list[str]:
    """Channels and plays with their intervals."""
    shown = "".join(_part(name.capitalize(), drawn[name]) for name in _KEYS if name in drawn)
    if not shown:
        return []
    said = f"<p class='fine'>{words.RANGES}</p>"
    return [section(f"Credits, by {MODELS[storm.model]}", said, f"<div class='pair'>{shown}</div>")]


def _figures(storm: Storm) -> list[str]:
    """The same in figures, every name in full."""
    parts = []
    for dimension, key in _KEYS.items():
        credits = storm.credits(dimension)
        rows = [
            [
                escaped(row["key"]),
                percent(row["credit"]),
                _interval(row) or "–",
                f"{row['conversions']:,.1f}",
                words.dollars(row["value"]) if row["value"] else "–",
                _count(row["journeys"]),
                _count(row["touches"]),
            ]
            for row in credits
        ]
        titles = (key, "credit", "90 % interval", "conversions", "value", "journeys with it", "touches")
        parts += [table(titles, rows, kind="named")] if rows else []
    return [section("Credits in figures", *parts, words.unattributed(storm))] if parts else []


def _models(drawn: dict[str, str]) -> list[str]:
    if "models-channels" not in drawn:
        return []
    shown = "".join(
        _part(dimension.capitalize(), drawn[f"models-{dimension}"])
        for dimension in _KEYS
        if f"models-{dimension}" in drawn
    )
    said = f"<p class='fine'>Shares in per cent; the first column is the published model. {words.AGREE}</p>"
    return [section("All models side by side", said, f"<div class='pair'>{shown}</div>")]


def _lifts(storm: Storm, drawn: dict[str, str]) -> list[str]:
    """Homes that were held out: the one part of the page that is about causes."""
    if "lift" not in drawn:
        return []
    rows = [
        [
            escaped(lift.zip_code),
            f"{percent(lift.treated_converted / lift.treated)} of {_count(lift.treated)}",
            f"{percent(lift.control_converted / lift.control)} of {_count(lift.control)}",
            _count(lift.control_touched),
        ]
        for lift in storm.lifts
    ]
    titles = ("ZIP", "reached: converted", "held out: converted", "touched all the same")
    said = f"<p class='fine'>{words.LIFT}</p>"
    shown = f"<div class='pair'><div>{drawn['lift']}</div><div>{table(titles, rows)}</div></div>"
    return [section("Homes that were held out", said, shown)]


def _zips(storm: Storm, drawn: dict[str, str]) -> list[str]:
    if "zips" not in drawn:
        return []
    zips, panels = len(storm.ranked_zips()), len(storm.credits("channels"))
    said = (
        "By conversions. The dashed line is the whole storm; <i>own</i> is how much comes from the ZIP's own journeys, "
        "the rest from its storm."
    )
    if zips > MOST_ZIPS:
        said += f" {MOST_ZIPS} of {zips:,} ZIPs are shown: those with most conversions."
    if panels > MOST_PANELS:
        said += f" {MOST_PANELS} of {panels} channels are shown: those with most credit."
    without = len(storm.zips) - zips
    if without:
        said += f" {without:,} ZIPs have no credits: too few journeys."
    return [section("ZIP codes", f"<p class='fine'>{said}</p><div class='wide'>{drawn['zips']}</div>")]


def _journeys(storm: Storm, drawn: dict[str, str]) -> list[str]:
    parts = []
    if storm.overview and "transitions" in drawn:
        rare = left_out(storm.overview)
        said = (
            "Channels, those early in journeys first. A line is as wide as the share of those at a channel who went "
            "that way: down on the right, back up on the left."
        )
        if rare:
            said += (
                f" Drawn are the {STRONGEST} likeliest steps of each, all of {100 * LIKELY:.0f} % or more, and all to "
                f"a conversion; {rare:,} rarer kinds are in the grid alone."
            )
        parts.append(
            section(
                "From step to step",
                f"<p class='fine'>{said}</p><p class='legend'><i class='ours'></i> to a channel <i class='good'></i> "
                "to a conversion <i class='true'></i> no further</p>"
                f"<div class='pair'><div>{drawn['transitions']}</div>"
                f"{_part('Where a step leads, per cent', drawn['steps'])}</div>",
            )
        )
    halves = [
        _part(title, drawn[name], said)
        for name, title, said in (
            ("plays-by-channel", "Plays by channel", "Per cent of a play's credit on its touches by each channel."),
            ("weeks", "Over time", "Each chart has its own scale."),
        )
        if name in drawn
    ]
    if halves:
        parts.append(section("The journeys", f"<div class='pair'>{''.join(halves)}</div>"))
    return parts


def _priors(drawn: dict[str, str]) -> list[str]:
    shown = "".join(
        _part(dimension.capitalize(), drawn[f"priors-{dimension}"])
        for dimension in _KEYS
        if f"priors-{dimension}" in drawn
    )
    if not shown:
        return []
    said = "<p class='fine'>Hollow: without the priors of personas.toml. Full: the published credit.</p>"
    return [section("What persona priors moved", said, f"<div class='pair'>{shown}</div>")]


def _meaning(report: AttributionReport, storms: Sequence[Storm]) -> str:
    return section("What these figures mean, and what not", "<ul>" + "".join(words.meaning(report, storms)) + "</ul>")


def _part(title: str, drawing: str, said: str = "") -> str:
    """Half a page with a chart, or all of it where the chart is wide."""
    fine = f"<p class='fine'>{said}</p>" if said else ""
    if drawn_width(drawing) <= HALF + 10:
        return f"<div><h3>{title}</h3>{fine}{drawing}</div>"
    return f"<div class='whole'><h3>{title}</h3>{fine}<div class='wide'>{drawing}</div></div>"


def _interval(row: Row) -> str:
    if row["low"] is None:
        return ""
    return f"{100 * row['low']:.1f}–{100 * row['high']:.1f} %"


def _count(number: int) -> str:
    return f"{number:,}"
