"""A report, storm by storm: what a page or its charts show of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stormops_graph.reports.attribution import AttributionReport, Lift, Overview, RepCredit
from stormops_graph.reports.closed_storms import ClosedStorm

Row = Mapping[str, Any]
MODELS = {
    "markov": "Markov",
    "shapley": "Shapley",
    "hybrid": "hybrid",
    "first_touch": "first touch",
    "last_touch": "last touch",
    "linear": "linear",
    "time_decay": "time decay",
    "position_based": "position",
}


@dataclass(frozen=True)
class Storm:
    """A storm, or the one ZIP in it that was asked for; `zips` are the areas inside, where there are any."""

    area: Row
    zips: tuple[Row, ...]
    overview: Overview | None
    model: str  # the published one
    lifts: tuple[Lift, ...] = ()
    reps: tuple[RepCredit, ...] = ()
    closed: ClosedStorm | None = None

    @property
    def name(self) -> str:
        """The storm's name, and the ZIP's."""
        place = f", ZIP {self.area['zip_code']}" if self.area["zip_code"] else ""
        return f"{self.area['event_id']}{place}"

    @property
    def models(self) -> list[str]:
        """The models that answered, the published one first."""
        known = {row["model"] for row in self.area["channels"]}
        return sorted(known & MODELS.keys(), key=lambda name: (name != self.model, list(MODELS).index(name)))

    def credits(self, dimension: str, model: str | None = None) -> list[Row]:
        """The credits of `channels` or `plays` by a model (the published one), the largest first."""
        return ranked(self.area[dimension], model or self.model)

    def ranked_zips(self) -> list[tuple[Row, dict[str, Row]]]:
        """The ZIPs by conversions, then journeys, with their credits by channel; those without credits are left out."""
        order = sorted(self.zips, key=lambda zips: (-zips["conversions"], -zips["journeys"], zips["zip_code"]))
        found = [(zips, {row["key"]: row for row in ranked(zips["channels"], self.model)}) for zips in order]
        return [(zips, credits) for zips, credits in found if credits]


def storms_of(report: AttributionReport) -> list[Storm]:
    """The storms of a report, in its order."""
    overviews = {overview.event_id: overview for overview in report.overviews}
    closed = {storm.event_id: storm for storm in report.closed}
    areas: dict[str, list[Row]] = {}
    for area in report.areas:
        areas.setdefault(area["event_id"], []).append(area)
    storms = []
    for event, found in areas.items():
        whole = next((area for area in found if area["zip_code"] is None), found[0])
        zips = tuple(area for area in found if area is not whole)
        lifts = tuple(lift for lift in report.lifts if lift.event_id == event)
        reps = tuple(rep for rep in report.reps if rep.event_id == event)
        storms.append(Storm(whole, zips, overviews.get(event), report.published_model, lifts, reps, closed.get(event)))
    return storms


def ranked(credits: list[Row], model: str) -> list[Row]:
    """The credits of a model, the largest first."""
    return sorted((row for row in credits if row["model"] == model), key=lambda row: (-row["credit"], row["key"]))
