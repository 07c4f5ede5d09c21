"""How journeys go: their commonest paths, who follows whom, what a removal costs, how long it takes.

Invariant: figures of JOURNEY and JOURNEY_TOUCH alone, exact but for `orders`, whose likelihoods are of journeys that
were left out; equal journeys give equal figures, whatever the order of rows.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from stormops_graph.attribution import markov, orders
from stormops_graph.attribution.chains import Chains, Floats, transitions
from stormops_graph.attribution.coding import NO_ZIP, WHOLE_STORM, CodedJourneys, code_journeys
from stormops_graph.errors import NotFound
from stormops_graph.settings import Depth
from stormops_graph.tables import Connection

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
IN_AREA = f"""
event_id = $event AND $zip IN ('{WHOLE_STORM}', coalesce(nullif(trim(zip_code), ''), '{NO_ZIP}'))
"""
TOP_PATHS = f"""
SELECT path, count(*) AS journeys, count(*) FILTER (converted) AS conversions,
       coalesce(sum(value) FILTER (converted), 0) AS value
FROM (SELECT list(trim(channel) ORDER BY "position") AS path, any_value(converted) AS converted,
             any_value(value) AS value
      FROM journey_touch JOIN journey USING (journey_id) WHERE {IN_AREA} GROUP BY journey_id)
GROUP BY path ORDER BY conversions DESC, journeys DESC, path LIMIT $top
"""  # noqa: S608  (constants)
TIMES = f"""
SELECT quantile_cont((epoch_us(ended_at) - epoch_us(started_at)) / 86400e6, {list(QUANTILES)}),
       quantile_cont(touches, {list(QUANTILES)})
FROM journey LEFT JOIN (SELECT journey_id, count(*) AS touches FROM journey_touch GROUP BY journey_id)
     USING (journey_id)
WHERE converted AND {IN_AREA}
"""  # noqa: S608  (constants)


@dataclass(frozen=True)
class TopPath:
    """Journeys that took the same channels in the same order."""

    channels: list[str]
    journeys: int
    conversions: int
    value: float


@dataclass(frozen=True)
class OrderFound:
    """How well a chain of an order foretells journeys that were left out, and the channels' shares by it."""

    order: int
    states: int
    log_likelihood: float
    behind: float  # what the best order is ahead by
    error: float  # the standard error of that
    shares: list[float | None]


@dataclass(frozen=True)
class AreaPaths:
    """The journeys of a storm, or of one ZIP in it; lists are in the order of `channels` (K)."""

    event_id: str
    zip_code: str | None
    journeys: int
    conversions: int
    channels: list[str]
    top: list[TopPath]
    days_to_convert: dict[str, float | None]  # by quantile, from the first touch to the conversion
    touches_to_convert: dict[str, float | None]
    transitions: list[list[float]]  # (K + 1, K + 2) chances; the last row is the start, the last columns the ends
    removal: list[list[float | None]]  # (K, K) conversions lost without both channels; on the diagonal without one
    order: int  # of the chain that `removal` is of
    orders: list[OrderFound]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def path_report(
    con: Connection, depth: Depth, event: str | None = None, zip_code: str | None = None, top: int = 10
) -> list[AreaPaths]:
    """The paths of each storm, or of one; of the whole storm or of one ZIP in it.

    `depth` is the order of the chain, or `auto`: the lowest that foretells as well as the best, within one standard
    error. Raises NotFound for a storm or ZIP without journeys.
    """
    coded = code_journeys(con, event)
    wanted = None if zip_code == WHOLE_STORM else zip_code
    found = [
        _area(con, storm, wanted, depth, top)
        for storm in coded.storms()
        if wanted is None or wanted in {place for _, place in storm.areas}
    ]
    if not found and wanted is not None:
        raise NotFound(f"no journey is in ZIP {wanted}", "leave the ZIP out to see whole storms")
    return found


def _area(con: Connection, storm: CodedJourneys, zip_code: str | None, depth: Depth, top: int) -> AreaPaths:
    event = storm.areas[0][0]
    mine = np.array([zip_code in (None, place) for _, place in storm.areas])[storm.area]
    whole = storm.chains("channel")
    chains = _among(*whole, mine) if zip_code else whole[0]
    compared = orders.compared(chains)
    order = orders.chosen(compared).order if depth == "auto" else depth
    place = {"event": event, "zip": zip_code or WHOLE_STORM}
    rows = con.execute(TOP_PATHS, {**place, "top": top}).fetchall()
    days, touches = con.execute(TIMES, place).fetchall()[0]
    steps = transitions(chains, np.zeros(chains.size, dtype=np.int64), 1)[0]
    return AreaPaths(
        event,
        zip_code,
        int(mine.sum()),
        int(storm.converted[mine].sum()),
        list(chains.names),
        [TopPath(channels, journeys, converted, value) for channels, journeys, converted, value in rows],
        _quantiles(days),
        _quantiles(touches),
        markov.rows(steps).tolist(),
        _numbers(removal(chains, order)),
        order,
        [
            OrderFound(each.order, each.states, each.log_likelihood, each.behind, each.error, _numbers(each.shares))
            for each in compared
        ],
    )


def removal(chains: Chains, order: int) -> Floats:
    """The part of the conversions that is lost without two channels, (K, K), without one on the diagonal.

    NaN where nobody converted.
    """
    steps, k = orders.Steps.of(chains, order), len(chains.names)
    last = steps.contexts(order)[0] % (k + 1)
    pairs = [(i, j) for i in range(k) for j in range(i + 1)]
    chance = orders.conversion_chances(steps, order, [(last == i) | (last == j) for i, j in pairs])
    lost = np.full((k, k), np.nan)
    for (i, j), left in zip(pairs, chance[1:], strict=True):
        if chance[0] > 0:
            lost[i, j] = lost[j, i] = max(1.0 - left / chance[0], 0.0)
    return lost


def _among(chains: Chains, journey: Any, mine: Any) -> Chains:
    """The chains of some journeys, with the channels that are in them."""
    kept, _ = chains.keep(np.repeat(mine[journey], chains.lengths))
    seen = np.flatnonzero(np.bincount(kept.states, minlength=len(kept.names)))
    number = np.zeros(len(kept.names), dtype=np.int64)
    number[seen] = np.arange(len(seen))
    names = tuple(kept.names[i] for i in seen)
    return Chains(names, number[kept.states], kept.offsets, kept.conversions, kept.nulls)


def _quantiles(found: list[float] | None) -> dict[str, float | None]:
    values: list[float | None] = list(found) if found else [None] * len(QUANTILES)
    return {f"{quantile:.0%}": value for quantile, value in zip(QUANTILES, values, strict=True)}


def _numbers(values: Floats) -> Any:
    """Nested lists, None for NaN."""
    found = values.astype(object)
    found[np.isnan(values)] = None
    return found.tolist()
