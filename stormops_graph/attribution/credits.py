"""Credits of channels and plays, per storm and per ZIP in a storm, by every model, with intervals.

Invariant: the shares of one (event_id, zip_code, dimension, model) sum to 1; an area in which nobody converted has
an AREA row and no credits. What is written is a pure function of the journeys and the options.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stormops_graph.attribution import intervals, markov
from stormops_graph.attribution.chains import Chains, Floats, Ints, cells, sums, transitions
from stormops_graph.attribution.coding import WHOLE_STORM, CodedJourneys, code_journeys
from stormops_graph.attribution.touch_weights import touch_weights
from stormops_graph.errors import NotFound
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import AREA, CREDIT, Connection, Table

DIMENSIONS = ("channel", "play")
THREADS = 2
"""Areas are drawn side by side; each has a generator of its own, so the number changes nothing but the time."""

Shares = tuple[Floats, Floats, Floats]
"""Point, low and high of the states of one area by one model."""


@dataclass(frozen=True)
class Level:
    """One way to cut journeys into areas: whole storms, or ZIPs in storms."""

    keys: tuple[tuple[str, str], ...]
    group: Ints  # the area of each ZIP in a storm
    interval: tuple[str, ...]  # of each area
    wanted: tuple[int, ...]  # the areas to write


@dataclass(frozen=True)
class Weighed:
    """One dimension, counted by ZIP in a storm, and the chains that converted with each model's touch weights."""

    dimension: str
    names: tuple[str, ...]
    steps: Floats
    touches: Floats
    journeys: Floats
    converting: Chains
    area: Ints  # ZIP in a storm, of each converting chain
    value: Floats  # of each converting chain
    weights: dict[str, Floats]


@dataclass(frozen=True)
class Counted:
    """What is counted in each area of a level for one dimension."""

    dimension: str
    names: tuple[str, ...]
    steps: Floats  # (areas, K + 1, K + 2)
    touches: Floats  # (areas, K)
    journeys: Floats  # (areas, K)
    conversions: Floats  # (areas,)
    value: Floats  # (areas,)
    points: dict[str, Floats]  # model → (areas, K)
    blocks: dict[str, Floats]  # model → (blocks, K)
    block_offsets: Ints


def attribute(
    con: Connection, options: AttributionSettings, event: str | None = None, zip_code: str | None = None
) -> None:
    """Write AREA and CREDIT from JOURNEY and JOURNEY_TOUCH, for one storm or all, one ZIP or all.

    `zip_code` may be `ALL` (whole storms only) or `UNKNOWN`. Raises NotFound for a storm or ZIP without journeys.
    """
    journeys = code_journeys(con, event)
    levels = list(_levels(journeys, zip_code))
    if zip_code is not None and not any(level.wanted for level in levels):
        raise NotFound(f"no journey is in ZIP {zip_code}", "leave the ZIP out to see all areas")
    AREA.create(con)
    CREDIT.create(con)
    bootstrap = intervals.Bootstrap.drawn(options.draws, options.seed)
    for dimension in DIMENSIONS:
        weighed = _weigh(journeys, dimension, options)
        for level in levels:
            counted = _count(weighed, level, options)
            _insert(con, CREDIT, _credit_rows(level, counted, options, bootstrap))
            if dimension == "play":
                _insert(con, AREA, _area_rows(journeys, level, counted.conversions))


def _levels(journeys: CodedJourneys, zip_code: str | None) -> Iterator[Level]:
    storms = sorted({event for event, _ in journeys.areas})
    number = {event: i for i, event in enumerate(storms)}
    storm_of_area = np.array([number[event] for event, _ in journeys.areas], dtype=np.int64)
    zips = np.bincount(storm_of_area, minlength=len(storms))
    whole = tuple((event, WHOLE_STORM) for event in storms)
    # a storm's only ZIP is the whole storm: there is nothing to pool it with
    labels = tuple("event" if zips[number[event]] == 1 else "unpooled" for event, _ in journeys.areas)
    for keys, group, interval in (
        (whole, storm_of_area, ("event",) * len(storms)),
        (journeys.areas, np.arange(len(journeys.areas)), labels),
    ):
        wanted = tuple(i for i, (_, found) in enumerate(keys) if zip_code in (None, found))
        yield Level(keys, group, interval, wanted)


def _weigh(journeys: CodedJourneys, dimension: str, options: AttributionSettings) -> Weighed:
    chains, journey = journeys.chains(dimension)
    converting, which = chains.converting()
    area, areas = journeys.area[journey], len(journeys.areas)
    k = len(chains.names)
    steps, touches, taken = np.zeros((areas, k + 1, k + 2)), np.zeros((areas, k)), np.zeros((areas, k))
    for part, where in chains.parts():
        steps += transitions(part, area[where], areas)
        cell = cells(part, area[where])
        touches += sums(part, np.ones(len(part.states)), cell, areas)
        taken += sums(part, part.first_seen.astype(np.float64), cell, areas)
    return Weighed(
        dimension,
        chains.names,
        steps,
        touches,
        taken,
        converting,
        area[which],
        journeys.value[journey[which]],
        touch_weights(converting, options),
    )


def _count(weighed: Weighed, level: Level, options: AttributionSettings) -> Counted:
    converting, areas = weighed.converting, len(level.keys)
    area = level.group[weighed.area]
    block, block_offsets = intervals.block_of(converting, area, areas)
    steps = _grouped(weighed.steps, level)
    points, blocks = {"markov": markov.shares(steps)}, {}
    by_block, by_area = cells(converting, block), cells(converting, area)
    for model, weight in weighed.weights.items():
        blocks[model] = sums(converting, weight, by_block, int(block_offsets[-1]))
        points[model] = markov.normalised(sums(converting, weight, by_area, areas))
    alpha = options.hybrid_alpha
    points["hybrid"] = alpha * points["markov"] + (1 - alpha) * points["shapley"]
    return Counted(
        weighed.dimension,
        weighed.names,
        steps,
        _grouped(weighed.touches, level),
        _grouped(weighed.journeys, level),
        np.bincount(area, minlength=areas).astype(np.float64),
        np.bincount(area, weighed.value, minlength=areas).astype(np.float64),
        points,
        blocks,
        block_offsets,
    )


def _grouped(counts: Floats, level: Level) -> Floats:
    """Counts by ZIP in a storm, first axis, summed to the areas of a level."""
    grouped = np.zeros((len(level.keys), *counts.shape[1:]))
    np.add.at(grouped, level.group, counts)
    return grouped


def _area_rows(journeys: CodedJourneys, level: Level, attributed: Floats) -> dict[str, list[Any]]:
    """Rows of AREA; `attributed` are each area's conversions after a touch with a play."""
    areas, wanted = len(level.keys), list(level.wanted)
    area, converted = level.group[journeys.area], journeys.converted
    conversions = np.bincount(area[converted], minlength=areas)
    totals: dict[str, NDArray[Any]] = {
        "journeys": np.bincount(area, minlength=areas),
        "conversions": conversions,
        "value": np.bincount(area[converted], journeys.value[converted], minlength=areas),
        "touches": np.bincount(area, journeys.lengths, minlength=areas),
        "unattributed": conversions - attributed,
    }
    return {
        "event_id": [level.keys[i][0] for i in wanted],
        "zip_code": [level.keys[i][1] for i in wanted],
        **{name: values[wanted].tolist() for name, values in totals.items()},
    }


def _credit_rows(
    level: Level, counted: Counted, options: AttributionSettings, bootstrap: intervals.Bootstrap
) -> dict[str, list[Any]]:
    credited = [i for i in level.wanted if counted.conversions[i] > 0]

    def shares(area: int) -> dict[str, Shares]:
        event, zip_code = level.keys[area]
        if level.interval[area] == "event":
            zip_code = WHOLE_STORM  # a storm's only ZIP gets the storm's own answer
        source = intervals.generator(options.seed, event, zip_code, counted.dimension)
        return _area_shares(counted, area, options, (source, bootstrap))

    rows: dict[str, list[Any]] = {name: [] for name in CREDIT.columns}
    with ThreadPoolExecutor(THREADS) as pool:
        for area, by_model in zip(credited, pool.map(shares, credited), strict=True):
            seen = np.flatnonzero(counted.touches[area])
            event, zip_code = level.keys[area]
            for model, (point, low, high) in by_model.items():
                made: dict[str, list[Any]] = {
                    "event_id": [event] * len(seen),
                    "zip_code": [zip_code] * len(seen),
                    "dimension": [counted.dimension] * len(seen),
                    "key": [counted.names[state] for state in seen],
                    "model": [model] * len(seen),
                    "share": point.tolist(),
                    "low": low.tolist(),
                    "high": high.tolist(),
                    "interval": [level.interval[area]] * len(seen),
                    "conversions": (point * counted.conversions[area]).tolist(),
                    "value": (point * counted.value[area]).tolist(),
                    "touches": counted.touches[area, seen].tolist(),
                    "journeys": counted.journeys[area, seen].tolist(),
                }
                for name, values in made.items():
                    rows[name] += values
    return rows


def _area_shares(
    counted: Counted,
    area: int,
    options: AttributionSettings,
    draw: tuple[np.random.Generator, intervals.Bootstrap],
) -> dict[str, Shares]:
    """Model → point, low and high of the states seen in an area."""
    source, bootstrap = draw
    k = len(counted.names)
    seen = np.flatnonzero(counted.touches[area])
    points = {model: values[area, seen] for model, values in counted.points.items()}
    steps = counted.steps[area][np.ix_([*seen, k], [*seen, k, k + 1])]
    low, high = intervals.limits(intervals.markov_draws(steps, options.draws, source), points["markov"])
    shares = {"markov": (points["markov"], low, high)}

    models = [model for model in counted.blocks if not np.isnan(points[model]).any()]
    span = slice(counted.block_offsets[area], counted.block_offsets[area + 1])
    blocks = np.stack([counted.blocks[model][span][:, seen] for model in models])
    lows, highs = intervals.limits(bootstrap.shares(blocks), np.stack([points[m] for m in models]))
    shares.update({m: (points[m], lows[i], highs[i]) for i, m in enumerate(models)})

    alpha, (_, shapley_low, shapley_high) = options.hybrid_alpha, shares["shapley"]
    # both models see the same journeys and move together, so their quantiles add
    shares["hybrid"] = (
        points["hybrid"],
        alpha * low + (1 - alpha) * shapley_low,
        alpha * high + (1 - alpha) * shapley_high,
    )
    return shares


def _insert(con: Connection, table: Table, rows: dict[str, list[Any]]) -> None:
    columns = ", ".join(f'unnest(${name}::{kind}[]) AS "{name}"' for name, kind in table.columns.items())
    con.execute(f'INSERT INTO "{table.name}" SELECT {columns}', {name: rows[name] for name in table.columns})
