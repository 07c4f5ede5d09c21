"""What an `attribute` tells about itself: areas with their credits, lifts, and the journeys as they are looked at."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from stormops_graph.reports import ReportPart
from stormops_graph.reports.closed_storms import ClosedStorm


class Lift(ReportPart):
    """Homes that were held out against the others of a storm, or of a ZIP code in it: what reaching them changed."""

    event_id: str
    zip_code: str  # ALL: all ZIP codes of the storm that hold out homes
    treated: int  # homes that were not held out, touched or not
    treated_converted: int
    control: int
    control_converted: int
    control_touched: int  # held-out homes that were touched all the same
    difference: float  # of the conversion rates
    low: float  # 90 % interval
    high: float


class Week(ReportPart):
    """A week, by its Monday: journeys that started in it, journeys that converted in it."""

    begins: date
    started: int
    converted: int


class Overview(ReportPart):
    """The journeys of an area (zip_code None: the whole storm) as they are looked at; counts only."""

    event_id: str
    zip_code: str | None
    channels: list[str]  # K of them, those early in journeys first
    steps: list[list[int]]  # (K + 1, K + 2); the last row is the start, the last columns conversion and end without
    weeks: list[Week]
    first: datetime | None = None
    last: datetime | None = None
    days_to_convert: float | None = None  # the median, from the first touch


class RepCredit(ReportPart):
    """What the touches that somebody made earned in a storm, by the published model."""

    event_id: str
    rep_id: str
    touches: int  # in converting journeys
    conversions: float
    value: float


class AttributionReport(ReportPart):
    """One `attribute`: the areas with their credits, as FEEDS.md's JSON has them."""

    run: str | None = None
    published_model: str
    lifts: list[Lift] = Field(default_factory=list)
    reps: list[RepCredit] = Field(default_factory=list)  # where whole storms of the graph were credited
    closed: list[ClosedStorm] = Field(default_factory=list)  # their areas below are what the journeys say now
    simulated: bool = False
    written: bool = False
    unattributed: int = 0  # conversions of the storms shown whose journeys have no play
    areas: list[dict[str, Any]] = Field(default_factory=list)
    overviews: list[Overview] = Field(default_factory=list, exclude=True)  # where they were asked for, to be drawn
    seconds: dict[str, float] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return self.model_dump(mode="json")
