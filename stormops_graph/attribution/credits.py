"""Credits of channels and plays, per storm and per ZIP in a storm, by every model, with intervals.

Invariant: the shares of one (event_id, zip_code, dimension, model) sum to 1; a storm in which nobody converted has
AREA rows and no credits. What is written is a pure function of the journeys, the options and the priors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stormops_graph.attribution import markov
from stormops_graph.attribution.answers import Answers, How, Pooled, storm_answers
from stormops_graph.attribution.chains import Floats, Ints
from stormops_graph.attribution.coding import WHOLE_STORM, CodedJourneys, code_journeys
from stormops_graph.attribution.counting import Counts, StormChains, ZipCounts, storm_chains
from stormops_graph.attribution.doubt import AreaDraws, Doubt
from stormops_graph.attribution.intervals import Bootstrap
from stormops_graph.attribution.leanings import Multipliers
from stormops_graph.attribution.play_channels import PlayCells, play_channels
from stormops_graph.attribution.touch_credits import weights_by_model
from stormops_graph.attribution.worth import valued, worths
from stormops_graph.errors import NotFound
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import AREA, CREDIT, PLAY_CHANNEL, Connection, Table

DIMENSIONS = ("channel", "play")
THREADS = 2
"""ZIPs are drawn side by side; each has a generator of its own, so the number changes nothing but the time."""

Asked = tuple[bool, list[int]]
"""Whether the whole storm is to be credited, and which of its ZIPs."""

Found = tuple[str, Counts, Answers, str]
"""Of one area: ZIP code, counts, answers, kind of interval."""


def attribute(
    con: Connection,
    options: AttributionSettings,
    event: str | None = None,
    zip_code: str | None = None,
    priors: Multipliers | None = None,
) -> None:
    """Write AREA, CREDIT and PLAY_CHANNEL from JOURNEY and JOURNEY_TOUCH, for one storm or all, one ZIP or all.

    `zip_code` may be `ALL` (whole storms only) or `UNKNOWN`. `priors` are multipliers of personas; without them, or
    where all are 1, nobody leans to anything. Raises NotFound for a storm or ZIP without journeys.
    """
    journeys = code_journeys(con, event)
    known = {found for _, found in journeys.areas} | {WHOLE_STORM}
    if zip_code is not None and zip_code not in known:
        raise NotFound(f"no journey is in ZIP {zip_code}", "leave the ZIP out to see all areas")
    AREA.create(con)
    CREDIT.create(con)
    PLAY_CHANNEL.create(con)
    bootstrap = Bootstrap.drawn(options.draws, options.seed)
    doubt = Doubt.drawn(con, options, priors, event, len(journeys.area))
    for storm in journeys.storms():
        attributed = np.zeros(len(storm.areas), np.int64)
        for dimension in DIMENSIONS:
            chains = storm_chains(storm, dimension, options, priors)
            attributed = np.diff(chains.converting_bounds)
            if not chains.converting.size:
                continue
            zips, asked = ZipCounts(chains), _published(storm, options, zip_code)
            how = How.of(chains, options, bootstrap)
            drawn = doubt.of(chains, _areas(zips, asked), how.hybrid)
            worth = worths(chains, zips.total.steps.sum(axis=0), options.hybrid_alpha)
            _insert(con, CREDIT, _credit_rows(chains, worth, _answered(zips, asked, how, drawn)))
            if dimension == "play":
                _carry(con, storm, zips, asked, (options, bootstrap))
        _insert(con, AREA, _area_rows(storm, attributed, zip_code))


def _published(storm: CodedJourneys, options: AttributionSettings, zip_code: str | None) -> Asked:
    journeys = np.bincount(storm.area, minlength=len(storm.areas))
    enough = journeys >= options.minimum_journeys
    zips = [i for i, (_, found) in enumerate(storm.areas) if enough[i] and zip_code in (None, found)]
    return zip_code in (None, WHOLE_STORM) and len(storm.area) >= options.minimum_journeys, zips


def _areas(zips: ZipCounts, asked: Asked) -> list[str]:
    """The areas that are drawn for: a storm's only ZIP is the whole storm."""
    alone = len(zips.present) == 1
    whole = [WHOLE_STORM] if asked[0] or alone else []
    return whole + [zips.storm.zips[number] for number in asked[1] if not alone and number in zips.present]


def _carry(
    con: Connection,
    storm: CodedJourneys,
    zips: ZipCounts,
    asked: Asked,
    how: tuple[AttributionSettings, Bootstrap],
) -> None:
    """Add which channels carry the plays of a storm, by the published model where it has an answer."""
    chains, (options, bootstrap) = zips.storm, how
    model = options.published_model
    if model in ("markov", "hybrid", *chains.weights):
        effects = markov.shares(zips.total.steps.sum(axis=0))
        cells = PlayCells.of(storm, chains, weights_by_model(chains.converting, effects, options)[model])
        play_channels(con, cells, asked, bootstrap, (model, storm.names["channel"]))


def _answered(zips: ZipCounts, wanted: Asked, how: How, drawn: AreaDraws) -> Iterator[Found]:
    whole, asked = wanted
    storm, counts = zips.storm, zips.total
    asked = [number for number in asked if number in zips.present]
    # a storm's only ZIP is the whole storm: there is nothing to pool it with
    alone = len(zips.present) == 1
    found = storm_answers(storm, counts, how, drawn.get(WHOLE_STORM)) if whole or alone else {}
    if whole:
        yield WHOLE_STORM, counts, found, "event"
    if alone:
        yield from ((storm.zips[number], counts, found, "event") for number in asked)
    elif asked:
        pooled = Pooled.of(zips, how)
        with ThreadPoolExecutor(THREADS) as pool:
            others = [drawn.get(storm.zips[number]) for number in asked]
            for number, answers in zip(asked, pool.map(pooled.answers, asked, others), strict=True):
                yield storm.zips[number], zips.of(number), answers, "pooled"


def _credit_rows(storm: StormChains, worth: Mapping[str, Floats], areas: Iterator[Found]) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {name: [] for name in CREDIT.columns}
    k = len(storm.names)
    for zip_code, counts, answers, interval in areas:
        for model, answer in answers.items():
            made: dict[str, Sequence[Any]] = {
                "event_id": [storm.event] * k,
                "zip_code": [zip_code] * k,
                "dimension": [storm.dimension] * k,
                "key": storm.names,
                "model": [model] * k,
                "share": answer.share.tolist(),
                "low": answer.low.tolist(),
                "high": answer.high.tolist(),
                "interval": [interval] * k,
                "conversions": (answer.share * counts.conversions).tolist(),
                "value": valued(answer.share, worth[model], float(counts.value)).tolist(),
                "touches": counts.touches.tolist(),
                "journeys": counts.journeys.tolist(),
                "raw": [None if np.isnan(raw) else raw for raw in answer.raw.tolist()],
                "own": [answer.own] * k,
                "shift": answer.shift.tolist(),
            }
            for name, values in made.items():
                rows[name] += values
    return rows


def _area_rows(storm: CodedJourneys, attributed: Ints, zip_code: str | None) -> dict[str, list[Any]]:
    """Rows of AREA; `attributed` are each ZIP's conversions after a touch with a play."""
    zips = len(storm.areas)
    conversions = np.bincount(storm.area[storm.converted], minlength=zips)
    totals: dict[str, NDArray[Any]] = {
        "journeys": np.bincount(storm.area, minlength=zips),
        "conversions": conversions,
        "value": np.bincount(storm.area[storm.converted], storm.value[storm.converted], minlength=zips),
        "touches": np.bincount(storm.area, storm.lengths, minlength=zips).astype(np.int64),
        "unattributed": conversions - attributed,
    }
    names = [WHOLE_STORM, *(found for _, found in storm.areas)]
    wanted = [i for i, name in enumerate(names) if zip_code in (None, name)]
    return {
        "event_id": [storm.areas[0][0]] * len(wanted),
        "zip_code": [names[i] for i in wanted],
        **{name: [[values.sum(), *values][i].item() for i in wanted] for name, values in totals.items()},
    }


def _insert(con: Connection, table: Table, rows: dict[str, list[Any]]) -> None:
    columns = ", ".join(f'"{name}"::{kind}' for name, kind in table.columns.items())
    given = pa.table({name: pa.array(rows[name]) for name in table.columns})
    con.from_arrow(given).project(columns).insert_into(table.name)
