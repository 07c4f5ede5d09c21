"""Credits of channels and plays, per storm and per ZIP in a storm, by every model, with intervals.

Invariant: the shares of one (event_id, zip_code, dimension, model) sum to 1; a storm in which nobody converted has
AREA rows and no credits. What is written is a pure function of the journeys, the options and the priors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import numpy as np

from stormops_graph.attribution import markov
from stormops_graph.attribution.answers import How, Pooled, storm_answers
from stormops_graph.attribution.chains import Floats
from stormops_graph.attribution.coding import WHOLE_STORM, CodedJourneys, code_journeys
from stormops_graph.attribution.counting import ZipCounts, storm_chains
from stormops_graph.attribution.credit_rows import AreasDue, Found, write_areas, write_credits
from stormops_graph.attribution.doubt import AreaDraws, Doubt
from stormops_graph.attribution.intervals import Bootstrap
from stormops_graph.attribution.leanings import Multipliers
from stormops_graph.attribution.persona_credits import write_persona_credits
from stormops_graph.attribution.play_channels import PlayCells, play_channels
from stormops_graph.attribution.touch_credits import weights_by_model
from stormops_graph.attribution.worth import worths
from stormops_graph.errors import NotFound
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import AREA, CREDIT, PERSONA_CREDIT, PLAY_CHANNEL, Connection

DIMENSIONS = ("channel", "play")
THREADS = 2
"""ZIPs are drawn side by side; each has a generator of its own, so the number changes nothing but the time."""


def attribute(
    con: Connection,
    options: AttributionSettings,
    event: str | None = None,
    zip_codes: Collection[str] | None = None,
    priors: Multipliers | None = None,
) -> None:
    """Write AREA, CREDIT, PERSONA_CREDIT and PLAY_CHANNEL from JOURNEY and JOURNEY_TOUCH, of one storm or all.

    `zip_codes` name some ZIPs (`UNKNOWN` is one), or `ALL`, the whole storms; then there are no personas. `priors` are
    multipliers of personas; without them, or where all are 1, nobody leans to anything. Raises NotFound for a storm
    without journeys, or where these ZIPs have none.
    """
    journeys = code_journeys(con, event)
    known = {found for _, found in journeys.areas} | {WHOLE_STORM}
    if zip_codes is not None and known.isdisjoint(zip_codes):
        raise NotFound(f"no journey is in ZIP {', '.join(sorted(zip_codes))}", "leave the ZIP out to see all areas")
    for table in (AREA, CREDIT, PERSONA_CREDIT, PLAY_CHANNEL):
        table.create(con)
    bootstrap = Bootstrap.drawn(options.draws, options.seed)
    doubt = Doubt.drawn(con, options, priors, event, len(journeys.area))
    for storm in journeys.storms():
        attributed = np.zeros(len(storm.areas), np.int64)
        for dimension in DIMENSIONS:
            chains = storm_chains(storm, dimension, options, priors)
            attributed = np.diff(chains.converting_bounds)
            if not chains.converting.size:
                continue
            zips, due = ZipCounts(chains), AreasDue.of(storm, options, zip_codes)
            how = How.of(chains, options, bootstrap)
            drawn = doubt.of(chains, _areas(zips, due), how)
            effects = how.memory.moved(markov.shares(zips.total.steps.sum(axis=0)))
            worth = worths(chains, effects, options.hybrid_alpha)
            write_credits(con, chains, worth, _answered(zips, due, how, drawn))
            if dimension == "channel" and zip_codes is None:
                write_persona_credits(con, storm, how, doubt)
            if dimension == "play":
                _carry(con, storm, zips, due, (how, effects))
        write_areas(con, storm, attributed, zip_codes)


def _areas(zips: ZipCounts, due: AreasDue) -> list[str]:
    """The areas that are drawn for: a storm's only ZIP is the whole storm."""
    alone = len(zips.present) == 1
    whole = [WHOLE_STORM] if due.whole or alone else []
    return whole + [zips.storm.zips[number] for number in due.zips if not alone and number in zips.present]


def _carry(
    con: Connection,
    storm: CodedJourneys,
    zips: ZipCounts,
    due: AreasDue,
    by: tuple[How, Floats],
) -> None:
    """Add which channels carry the plays of a storm, by the published model where it has an answer."""
    chains, (how, effects) = zips.storm, by
    options, model = how.options, how.options.published_model
    if model in ("markov", "hybrid", *chains.weights):
        cells = PlayCells.of(storm, chains, weights_by_model(chains.converting, effects, options)[model])
        play_channels(con, cells, (due.whole, due.zips), how.bootstrap, (model, storm.names["channel"]))


def _answered(zips: ZipCounts, due: AreasDue, how: How, drawn: AreaDraws) -> Iterator[Found]:
    storm, counts = zips.storm, zips.total
    whole, present = due.whole, [number for number in due.zips if number in zips.present]
    # a storm's only ZIP is the whole storm: there is nothing to pool it with
    alone = len(zips.present) == 1
    found = storm_answers(storm, counts, how, drawn.get(WHOLE_STORM)) if whole or alone else {}
    if whole:
        yield WHOLE_STORM, counts, found, "event"
    if alone:
        yield from ((storm.zips[number], counts, found, "event") for number in present)
    elif present:
        pooled = Pooled.of(zips, how.hybrid.alpha, how.memory)
        with ThreadPoolExecutor(THREADS) as pool:
            others = [drawn.get(storm.zips[number]) for number in present]
            for number, answers in zip(present, pool.map(pooled.answers, present, repeat(how), others), strict=True):
                yield storm.zips[number], zips.of(number), answers, "pooled"
