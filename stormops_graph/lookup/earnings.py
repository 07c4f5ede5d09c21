"""What each touch of a journey earned and why, by any model: `explain credit`.

Invariant: it is worked out by the code that `attribute` publishes with, from the journey and the storm's published
shares as they are now; `is_current` says whether that is what is published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from stormops_graph.attribution.coding import WHOLE_STORM
from stormops_graph.attribution.touch_credits import touch_credits
from stormops_graph.attribution.windows import narrow
from stormops_graph.errors import Incomplete, NotFound
from stormops_graph.ports import Graph, Row
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import CREDIT, JOURNEY, JOURNEY_TOUCH, TOUCH_CREDIT, Connection

_EQUAL = 1e-9
WHY = {
    "markov": "each channel by what the storm would lose without it (its removal effect), as a part of what the "
    "channels of this journey would cost together; a channel's part is split evenly over its touches",
    "shapley": "each channel of the journey alike; a channel's part is split evenly over its touches",
    "hybrid": "{alpha:.0%} of what Markov says and {rest:.0%} of what Shapley says",
    "first_touch": "all to the first touch",
    "last_touch": "all to the last touch",
    "linear": "every touch alike",
    "time_decay": "half for each {half_life:g} days before the conversion",
    "position_based": "{first:.0%} to the first touch, {last:.0%} to the last, the rest between",
}


@dataclass(frozen=True)
class TouchShare:
    """A touch of a journey, and what it earned."""

    position: int
    touch_id: str
    at: datetime | None
    channel: str
    play_id: str | None
    rep_id: str | None
    credit: float
    value: float
    published: float | None  # its credit in the graph


@dataclass(frozen=True)
class ChannelShare:
    """A channel of a journey: its share of the storm's removal effects, and what it earned here over its touches."""

    channel: str
    touches: int
    removal: float
    credit: float


@dataclass(frozen=True)
class Explanation:
    """A converting journey with what every touch earned by one model."""

    journey_id: str
    household_id: str
    event_id: str
    zip_code: str
    ended_at: datetime | None
    value: float | None
    model: str
    why: str
    is_published: bool  # whether the model is the published one
    is_current: bool  # whether what is published is what the journey gives now
    channels: Sequence[ChannelShare]
    touches: Sequence[TouchShare]


def explain_credit(graph: Graph, name: str, options: AttributionSettings, model: str | None = None) -> Explanation:
    """Explain the credits of a journey, or of the one that a touch is in; by the published model where none is named.

    Raises NotFound for what is in no journey, for a journey without a conversion and for a model without an answer;
    Incomplete before the storm's credits are published.
    """
    journey = next(iter(graph.read("read/journey", id=name)), None)
    if journey is None:
        raise NotFound(
            f"{name} is no journey, and no touch in one",
            "touches after the conversion, and those of nobody known, are in no journey; "
            "ids: stormops-graph export journeys --out FILE",
        )
    if not journey["converted"]:
        raise NotFound(f"nobody converted at the end of {journey['journey_id']}", "there is nothing to share out")
    shares = {row["channel"]: row["share"] for row in graph.read("read/storm_shares", event_id=journey["event_id"])}
    if not shares:
        raise Incomplete(f"{journey['event_id']} has no credits yet", "make them: stormops-graph attribute")
    return _explained(journey, shares, options, model or options.published_model)


def _explained(journey: Row, shares: Mapping[str, float], options: AttributionSettings, model: str) -> Explanation:
    with duckdb.connect(config={"threads": 1}) as con:
        _store(con, journey, shares)
        narrow(con, options)
        touch_credits(con, options)
        found = _by_touch(con, model)
        published = _by_touch(con, options.published_model)
    if not found:
        raise NotFound(f"{model} has no answer for {journey['journey_id']}", "one of its touches has no time")
    touches = [
        TouchShare(
            **{name: touch[name] for name in ("position", "touch_id", "at", "channel", "play_id", "rep_id")},
            **dict(zip(("credit", "value"), found.get(touch["touch_id"], (0.0, 0.0)), strict=True)),
            published=touch["credit"],
        )
        for touch in journey["touches"]
    ]
    now = {touch.touch_id: published.get(touch.touch_id, (None,))[0] for touch in touches}
    return Explanation(
        journey_id=journey["journey_id"],
        household_id=journey["household"],
        event_id=journey["event_id"],
        zip_code=journey["zip_code"],
        ended_at=journey["ended_at"],
        value=journey["value"],
        model=model,
        why=_why(model, options),
        is_published=model == options.published_model,
        is_current=all(_same(now[touch.touch_id], touch.published) for touch in touches),
        channels=_channels(touches, shares),
        touches=touches,
    )


def _store(con: Connection, journey: Row, shares: Mapping[str, float]) -> None:
    """The journey and its storm's shares in the tables that touches are credited from."""
    event = journey["event_id"]
    area = {"event_id": event, "zip_code": WHOLE_STORM, "dimension": "channel", "model": "markov"}
    unsaid = dict.fromkeys(CREDIT.columns)
    JOURNEY.fill(con, [journey])
    JOURNEY_TOUCH.fill(con, ({**touch, "journey_id": journey["journey_id"]} for touch in journey["touches"]))
    CREDIT.fill(con, ({**unsaid, **area, "key": channel, "share": share} for channel, share in shares.items()))


def _by_touch(con: Connection, model: str) -> dict[str, tuple[Any, ...]]:
    """Touch → credit and value by a model."""
    query = f'SELECT touch_id, credit, value FROM "{TOUCH_CREDIT.name}" WHERE model = ?'  # noqa: S608  (a constant)
    return {touch: tuple(earned) for touch, *earned in con.execute(query, [model]).fetchall()}


def _channels(touches: Sequence[TouchShare], shares: Mapping[str, float]) -> list[ChannelShare]:
    found = []
    for channel in dict.fromkeys(touch.channel for touch in touches):
        credits = [touch.credit for touch in touches if touch.channel == channel]
        found.append(ChannelShare(channel, len(credits), shares.get(channel, 0.0), round(sum(credits), 12)))
    return found


def _why(model: str, options: AttributionSettings) -> str:
    return WHY[model].format(
        alpha=options.hybrid_alpha,
        rest=1.0 - options.hybrid_alpha,
        half_life=options.half_life_days,
        first=options.position_first,
        last=options.position_last,
    )


def _same(now: float | None, published: float | None) -> bool:
    return now == published or (now is not None and published is not None and abs(now - published) < _EQUAL)
