"""The charts of a storm by name: what the page shows, and what becomes a picture."""

from __future__ import annotations

import re

from stormops_graph.credit_page.flow import CONVERTED, LOST, START, flow_chart, shares
from stormops_graph.credit_page.grids import grid
from stormops_graph.credit_page.lifts import lift_chart
from stormops_graph.credit_page.ranges import credit_chart, moved, shift_chart, zip_chart
from stormops_graph.credit_page.storms import MODELS, Storm, storms_of
from stormops_graph.credit_page.weeks import week_chart
from stormops_graph.pages.pictures import Picture
from stormops_graph.reports.attribution import AttributionReport, Overview

DIMENSIONS = ("channels", "plays")
_TITLES = {
    "channels": "Credits of channels, with 90 % intervals",
    "plays": "Credits of plays, with 90 % intervals",
    "models-channels": "Channels by all models, per cent",
    "models-plays": "Plays by all models, per cent",
    "priors-channels": "What persona priors moved: channels (hollow: without)",
    "priors-plays": "What persona priors moved: plays (hollow: without)",
    "zips": "Credits by ZIP, with 90 % intervals (dashed: the whole storm)",
    "lift": "Lift against held-out homes, in points, with 90 % intervals",
    "transitions": "From step to step (as wide as likely)",
    "steps": "Where a step leads, per cent",
    "plays-by-channel": "Channels of each play, per cent of its credit",
    "weeks": "Journeys over time",
}


def charts(storm: Storm) -> dict[str, str]:
    """Name → SVG of every chart that the storm's data can fill."""
    found: dict[str, str] = {}
    for dimension in DIMENSIONS:
        credits = storm.credits(dimension)
        if credits:
            found[dimension] = credit_chart(credits, _TITLES[dimension])
            found[f"models-{dimension}"] = _models(storm, dimension)
        if moved(credits):
            found[f"priors-{dimension}"] = shift_chart(credits, _TITLES[f"priors-{dimension}"])
    if storm.area.get("play_channels"):
        found["plays-by-channel"] = _carried(storm)
    zips = storm.ranked_zips()
    if zips and storm.credits("channels"):
        found["zips"] = zip_chart(storm.credits("channels"), zips, _TITLES["zips"])
    if storm.lifts:
        found["lift"] = lift_chart(storm.lifts, _TITLES["lift"])
    if storm.overview:
        found |= _looked_at(storm.overview)
    return found


def pictures(report: AttributionReport) -> dict[str, Picture]:
    """File name → picture of every chart; a storm's number keeps names apart that are spelled alike."""
    found = {}
    for number, storm in enumerate(storms_of(report), start=1):
        spelled = re.sub("[^A-Za-z0-9]+", "-", storm.name)[:40].strip("-") or "storm"
        said = f"{storm.name}, {MODELS[storm.model]}{', SIMULATED DATA' if report.simulated else ''}"
        for name, drawing in charts(storm).items():
            found[f"{number:02}-{spelled}-{name}"] = Picture(drawing, _TITLES[name], said)
    return found


def _looked_at(overview: Overview) -> dict[str, str]:
    """The charts of the journeys themselves."""
    found = {}
    if overview.channels:
        found["transitions"] = flow_chart(overview, _TITLES["transitions"])
        found["steps"] = grid(
            [START, *overview.channels],
            [*overview.channels, CONVERTED, LOST],
            [*shares(overview)[-1:], *shares(overview)[:-1]],
            _TITLES["steps"],
        )
    if overview.weeks:
        found["weeks"] = week_chart(overview.weeks, _TITLES["weeks"])
    return found


def _models(storm: Storm, dimension: str) -> str:
    keys = [row["key"] for row in storm.credits(dimension)]
    shares = {(row["key"], row["model"]): row["credit"] for row in storm.area[dimension]}
    cells = [[shares.get((key, model)) for model in storm.models] for key in keys]
    return grid(keys, [MODELS[model] for model in storm.models], cells, _TITLES[f"models-{dimension}"])


def _carried(storm: Storm) -> str:
    """Of each play's credit, the part that lies on its touches by each channel, with intervals."""
    parts = {(row["play"], row["channel"]): row for row in storm.area["play_channels"]}
    plays = [row["key"] for row in storm.credits("plays") if any(play == row["key"] for play, _ in parts)]
    channels = [row["key"] for row in storm.credits("channels") if any(name == row["key"] for _, name in parts)]
    rows = [[parts.get((play, channel)) for channel in channels] for play in plays]
    cells = [[row and row["part"] for row in line] for line in rows]
    under = [[f"{100 * row['low']:.0f}–{100 * row['high']:.0f}" if row else "" for row in line] for line in rows]
    return grid(plays, channels, cells, _TITLES["plays-by-channel"], under)
