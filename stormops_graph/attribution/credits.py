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
import pyarrow as pa

from stormops_graph.attribution import intervals, markov
from stormops_graph.attribution.chains import Floats, Ints, sums, transitions
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
    area: Ints  # of each journey
    interval: tuple[str, ...]  # of each area


@dataclass(frozen=True)
class Counted:
    """What is counted in each area of a level for one dimension."""

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
    AREA.create(con)
    CREDIT.create(con)
    found = False
    for level in _levels(journeys):
        wanted = [i for i, (_, zip_) in enumerate(level.keys) if zip_code in (None, zip_)]
        if not wanted:
            continue
        found = True
        counted = {name: _count(journeys, level, name, options) for name in DIMENSIONS}
        _insert(con, AREA, _area_rows(journeys, level, counted["play"], wanted))
        for dimension in DIMENSIONS:
            _insert(con, CREDIT, _credit_rows(level, dimension, counted[dimension], wanted, options))
    if zip_code is not None and not found:
        raise NotFound(f"no journey is in ZIP {zip_code}", "leave the ZIP out to see all areas")


def _levels(journeys: CodedJourneys) -> Iterator[Level]:
    storms = sorted({event for event, _ in journeys.areas})
    number = {event: i for i, event in enumerate(storms)}
    storm_of_area = np.array([number[event] for event, _ in journeys.areas], dtype=np.int64)
    zips = np.bincount(storm_of_area, minlength=len(storms))
    # a storm's only ZIP is the whole storm: there is nothing to pool it with
    labels = tuple("event" if zips[number[event]] == 1 else "unpooled" for event, _ in journeys.areas)
    keys = tuple((event, WHOLE_STORM) for event in storms)
    yield Level(keys, storm_of_area[journeys.area], ("event",) * len(storms))
    yield Level(journeys.areas, journeys.area, labels)


def _count(journeys: CodedJourneys, level: Level, dimension: str, options: AttributionSettings) -> Counted:
    chains, journey = journeys.chains(dimension)
    area, areas = level.area[journey], len(level.keys)
    converting, which = chains.converting()
    block, block_offsets = intervals.block_of(converting, area[which], areas)
    steps = transitions(chains, area, areas)
    points, blocks = {"markov": markov.shares(steps)}, {}
    for model, weight in touch_weights(converting, options).items():
        blocks[model] = sums(converting, weight, block, int(block_offsets[-1]))
        points[model] = markov.normalised(sums(converting, weight, area[which], areas))
    alpha = options.hybrid_alpha
    points["hybrid"] = alpha * points["markov"] + (1 - alpha) * points["shapley"]
    return Counted(
        chains.names,
        steps,
        sums(chains, np.ones(len(chains.states)), area, areas),
        sums(chains, chains.first_seen.astype(np.float64), area, areas),
        np.bincount(area[which], minlength=areas).astype(np.float64),
        np.bincount(area[which], journeys.value[journey[which]], minlength=areas).astype(np.float64),
        points,
        blocks,
        block_offsets,
    )


def _area_rows(journeys: CodedJourneys, level: Level, plays: Counted, wanted: list[int]) -> dict[str, Any]:
    areas = len(level.keys)
    converted = journeys.converted
    totals = {
        "journeys": np.bincount(level.area, minlength=areas),
        "conversions": np.bincount(level.area[converted], minlength=areas),
        "value": np.bincount(level.area[converted], journeys.value[converted], minlength=areas),
        "touches": np.bincount(level.area, journeys.lengths, minlength=areas),
    }
    totals["unattributed"] = totals["conversions"] - plays.conversions
    return {
        "event_id": [level.keys[i][0] for i in wanted],
        "zip_code": [level.keys[i][1] for i in wanted],
        **{name: values[wanted] for name, values in totals.items()},
    }


def _credit_rows(
    level: Level, dimension: str, counted: Counted, wanted: list[int], options: AttributionSettings
) -> dict[str, Any]:
    credited = [i for i in wanted if counted.conversions[i] > 0]

    def shares(area: int) -> dict[str, Shares]:
        zip_code = WHOLE_STORM if level.interval[area] == "event" else level.keys[area][1]
        source = intervals.generator(options.seed, level.keys[area][0], zip_code, dimension)
        return _area_shares(counted, area, options, source)

    rows: dict[str, list[Any]] = {name: [] for name in CREDIT.columns}
    with ThreadPoolExecutor(THREADS) as pool:
        for area, by_model in zip(credited, pool.map(shares, credited), strict=True):
            seen = np.flatnonzero(counted.touches[area])
            event, zip_code = level.keys[area]
            for model, (point, low, high) in by_model.items():
                same = (event, zip_code, dimension, model, level.interval[area])
                for name, value in zip(("event_id", "zip_code", "dimension", "model", "interval"), same, strict=True):
                    rows[name] += [value] * len(seen)
                rows["key"] += [counted.names[state] for state in seen]
                rows["share"] += point.tolist()
                rows["low"] += low.tolist()
                rows["high"] += high.tolist()
                rows["conversions"] += (point * counted.conversions[area]).tolist()
                rows["value"] += (point * counted.value[area]).tolist()
                rows["touches"] += counted.touches[area, seen].tolist()
                rows["journeys"] += counted.journeys[area, seen].tolist()
    return rows


def _area_shares(
    counted: Counted, area: int, options: AttributionSettings, source: np.random.Generator
) -> dict[str, Shares]:
    """Model → point, low and high of the states seen in an area."""
    k = len(counted.names)
    seen = np.flatnonzero(counted.touches[area])
    steps = counted.steps[area][np.ix_([*seen, k], [*seen, k, k + 1])]
    models = [m for m in counted.blocks if not np.isnan(counted.points[m][area]).any()]
    span = slice(counted.block_offsets[area], counted.block_offsets[area + 1])
    blocks = np.stack([counted.blocks[model][span][:, seen] for model in models])
    points = {model: values[area, seen] for model, values in counted.points.items()}

    low, high = intervals.limits(intervals.markov_draws(steps, options.draws, source), points["markov"])
    shares = {"markov": (points["markov"], low, high)}
    drawn = intervals.bootstrap_draws(blocks, options.draws, source)
    lows, highs = intervals.limits(drawn, np.stack([points[model] for model in models]))
    shares.update({m: (points[m], lows[i], highs[i]) for i, m in enumerate(models)})
    alpha, (_, shapley_low, shapley_high) = options.hybrid_alpha, shares["shapley"]
    # both models see the same journeys and move together: their quantiles add
    shares["hybrid"] = (
        points["hybrid"],
        alpha * low + (1 - alpha) * shapley_low,
        alpha * high + (1 - alpha) * shapley_high,
    )
    return shares


def _insert(con: Connection, table: Table, rows: dict[str, Any]) -> None:
    columns = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in table.columns.items())
    con.register("rows_made", pa.table({name: pa.array(rows[name]) for name in table.columns}))
    con.execute(f'INSERT INTO "{table.name}" SELECT {columns} FROM rows_made')  # noqa: S608  (declared names)
    con.unregister("rows_made")
