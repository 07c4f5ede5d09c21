"""What the page says in words: plain text, but for `meaning` and `unattributed`, which are HTML."""

from __future__ import annotations

from collections.abc import Sequence

from stormops_graph.counts import counted
from stormops_graph.credit_page.ranges import moved
from stormops_graph.credit_page.storms import MODELS, Row, Storm
from stormops_graph.reports.attribution import AttributionReport, Overview

AGREE = "Where they differ, the question is open: they ask different things of the same journeys."

RANGES = "The dot is the published share, in per cent; the bar, and the figures beside it, its 90 % interval."

LIFT = (
    "The difference of the conversion rates, in points: what reaching homes changed, where the others were held out "
    "at random. Held-out homes that were touched all the same hide some of it."
)

_CAUSAL = (
    "<b>A credit is not an effect.</b> It says who was on the way to conversions, not what would have happened without "
    "them: no model here is causal. A hold-out group, homes left out at random, is the way to know that."
)
_INTERVAL = (
    "<b>A 90 % interval</b> holds the true share nine times in ten, given that these journeys are a sample. It knows "
    "nothing of touches that were never recorded."
)
_MARKOV = (
    "<b>Markov</b> asks how many conversions the chain of steps would lose without a channel; <b>Shapley</b> shares "
    "each conversion among the channels on its way; first, last, linear, time decay and position are the usual rules; "
    "<b>hybrid</b> mixes the first two."
)
_ZIPS = (
    "<b>ZIP credits</b> come from a ZIP's own journeys and the rest of its storm together, as five journeys say "
    "little. By Markov they do not add up to the storm's: each ZIP has a chain of its own."
)
_PRIORS = (
    "<b>Persona priors</b> are beliefs declared in personas.toml. They weigh as much as ten journeys a persona, and "
    "fade as journeys come."
)
_STEPS = "<b>Steps and weeks</b> are plain counts of the journeys, without any model."


def origin(report: AttributionReport) -> str:
    """Where the figures come from."""
    where = f"Run {report.run}." if report.run else "From journeys assembled elsewhere; nothing was written."
    return f"{where} Published model: {MODELS[report.published_model]}."


def span(overview: Overview | None) -> str:
    """From when to when the journeys are."""
    if overview is None or overview.first is None or overview.last is None:
        return "times are not known"
    return f"{overview.first:%Y-%m-%d} to {overview.last:%Y-%m-%d}"


def first(storm: Storm) -> str:
    """Who has most credit."""
    credits = storm.credits("channels")
    return f"{credits[0]['key']}, {100 * credits[0]['credit']:.1f} %" if credits else "–"


def findings(storm: Storm) -> list[str]:
    """What a reader should know before the figures."""
    area, credits = storm.area, storm.credits("channels")
    if not credits:
        few = "There are no credits: fewer journeys than minimum_journeys asks for."
        return [few if area["conversions"] else "Nobody converted here, so there is nothing to credit."]
    said = []
    if not area["conversions"]:
        said.append("Nobody converted here: these credits are those of the storm.")
    elif credits[0].get("interval") == "pooled":
        own = f"{100 * credits[0]['own']:.0f} %"
        said.append(f"{own} of these credits come from the ZIP's own journeys, the rest from its storm.")
    if len(credits) == 1:
        return [*said, f"All journeys were by {credits[0]['key']}, so it has all the credit."]
    return [*said, _apart(storm), _models(storm)]


def books(storm: Storm) -> list[str]:
    """That the storm's books are closed, where they are."""
    if storm.closed is None:
        return []
    many = len(storm.closed.differences)
    changed = f"{many:,} of them would change" if many else "none of them would change"
    return [
        f"The books of this storm were closed on {storm.closed.at:%Y-%m-%d}: the published credits stand, {changed}. "
        "Below is what the journeys say now."
    ]


def _apart(storm: Storm) -> str:
    """Whether the first can be told from those behind it."""
    best, *others = storm.credits("channels")
    near = [row["key"] for row in others if best["low"] is not None and (row["high"] or 0.0) >= best["low"]]
    if best["low"] is None:
        return f"{best['key']} has most credit; this model has no interval."
    if not near:
        return f"{best['key']} has most credit, and its interval lies above all others."
    return f"{_listed([best['key'], *near])} cannot be told apart: their intervals overlap."


def _models(storm: Storm) -> str:
    """Whether the models put the same one first."""
    heads: dict[str, list[str]] = {}
    for model in storm.models:
        heads.setdefault(storm.credits("channels", model)[0]["key"], []).append(MODELS[model])
    if len(heads) == 1:
        return f"All {len(storm.models)} models put {next(iter(heads))} first."
    said = "; ".join(f"{key} by {_listed(models)}" for key, models in heads.items())
    return f"The models do not agree on who is first: {said}."


def sure(row: Row) -> str:
    """A credit with its interval."""
    said = f"{100 * row['credit']:.1f} %"
    if row["low"] is None or row["low"] == row["high"]:
        return said
    return f"{said}, 90 % interval {100 * row['low']:.1f}–{100 * row['high']:.1f} %"


def unattributed(storm: Storm) -> str:
    """Conversions that no play can have."""
    many = storm.area["unattributed"]
    if not many:
        return ""
    return f"<p class='fine'>{counted(many, 'conversion')} had no play on the way; plays share the others.</p>"


def meaning(report: AttributionReport, storms: Sequence[Storm]) -> list[str]:
    """The items of a list."""
    said = [_CAUSAL, _INTERVAL, _MARKOV]
    if any(storm.ranked_zips() for storm in storms):
        said.append(_ZIPS)
    if any(moved(storm.credits("channels")) for storm in storms):
        said.append(_PRIORS)
    elif report.run is None:
        said.append("Journeys from elsewhere have no personas, so no priors of personas lean here.")
    return [f"<li>{each}</li>" for each in [*said, _STEPS]]


def dollars(amount: float) -> str:
    """A value, rounded; the currency is the feed's."""
    return f"{amount:,.0f}"


def shortly(amount: float) -> str:
    """A value for a headline."""
    return dollars(amount) if amount < 999_500 else f"{amount / 1e6:,.2f} M"


def _listed(names: Sequence[str]) -> str:
    """Names in a sentence; of many, the first three."""
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} others"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
