"""What credits would be, without drawing how sure they are: for comparing journeys that are not to be published.

Invariant: the same journeys, options and priors give the same credits to the last bit; those of storms, and of all
models but Markov and hybrid in ZIPs, are those that `attribute` publishes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from stormops_graph.attribution import markov
from stormops_graph.attribution.answers import Pooled, storm_points
from stormops_graph.attribution.coding import WHOLE_STORM, code_journeys
from stormops_graph.attribution.counting import ZipCounts, storm_chains
from stormops_graph.attribution.credit_rows import AreasDue, Found, write_areas, write_credits
from stormops_graph.attribution.credits import DIMENSIONS
from stormops_graph.attribution.leanings import Multipliers
from stormops_graph.attribution.memory import Memory
from stormops_graph.attribution.touch_credits import touch_credits
from stormops_graph.attribution.worth import worths
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import AREA, CREDIT, Connection


def point_credits(
    con: Connection,
    options: AttributionSettings,
    event: str | None = None,
    priors: Multipliers | None = None,
    zip_codes: Collection[str] | None = None,
) -> None:
    """Write AREA, CREDIT (without intervals) and TOUCH_CREDIT from JOURNEY and JOURNEY_TOUCH, for one storm or all.

    Credits are of all areas, or of some ZIPs; `ALL` is the whole storm. Touch credits are always those of all journeys.
    Compare two sets of journeys by calling it for both: a ZIP's Markov and hybrid shares are those of its mean chain,
    which differ a little from the published means of draws. Of touch credits only the published model's are made.
    Raises NotFound for a storm without journeys.
    """
    journeys = code_journeys(con, event)
    AREA.create(con)
    CREDIT.create(con)
    for storm in journeys.storms():
        attributed = np.zeros(len(storm.areas), np.int64)
        for dimension in DIMENSIONS:
            chains = storm_chains(storm, dimension, options, priors)
            attributed = np.diff(chains.converting_bounds)
            if chains.converting.size:
                zips = ZipCounts(chains)
                memory = Memory.of(chains.chains, options.markov_order)
                effects = memory.moved(markov.shares(zips.total.steps.sum(axis=0)))
                worth = worths(chains, effects, options.hybrid_alpha)
                write_credits(
                    con,
                    chains,
                    worth,
                    _points(zips, AreasDue.of(storm, options, zip_codes), (options.hybrid_alpha, memory)),
                )
        write_areas(con, storm, attributed, None)
    touch_credits(con, options, options.published_model)


def _points(zips: ZipCounts, due: AreasDue, mix: tuple[float, Memory]) -> Iterator[Found]:
    whole, storm, (alpha, memory) = due.whole, zips.storm, mix
    present = [number for number in due.zips if number in zips.present]
    alone = len(zips.present) == 1
    if whole or alone:
        found = storm_points(storm, zips.total, alpha, memory)
        same = [storm.zips[number] for number in present] if alone else []
        yield from ((area, zips.total, found, None) for area in [*[WHOLE_STORM] * whole, *same])
    if present and not alone:
        pooled = Pooled.of(zips, alpha, memory)
        yield from ((storm.zips[number], zips.of(number), pooled.points(number), None) for number in present)
