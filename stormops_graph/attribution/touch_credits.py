"""What each touch of a converting journey earned, by every model: what commissions are paid by.

Invariant: by one model the credits of a journey sum to 1 and their values to the value of its conversion, exactly: they
are decimals of 12 and 6 digits, dealt out by largest remainder. So the credits of an area sum to its conversions.
A storm whose channels have no published credits has no touch credits either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stormops_graph.attribution.chains import Chains, Flags, Floats, Ints
from stormops_graph.attribution.coding import NO_ZIP, WHOLE_STORM
from stormops_graph.attribution.touch_weights import touch_weights
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import CREDIT, JOURNEY, JOURNEY_TOUCH, TOUCH_CREDIT, Connection

CREDIT_UNITS = 10**12
VALUE_UNITS = 10**6

# rounded as they are published, so that whoever works it out from the graph finds the same
_SHARES = f"""
CREATE OR REPLACE TEMP TABLE storm_share AS
SELECT event_id, key AS channel, round(share, 12) AS share, row_number() OVER (ORDER BY event_id, key) - 1 AS state
FROM credit WHERE zip_code = '{WHOLE_STORM}' AND dimension = 'channel' AND model = 'markov'
"""  # noqa: S608  (a constant)
_TOUCHES = f"""
SELECT journey.event_id, journey_id, coalesce(nullif(trim(zip_code), ''), '{NO_ZIP}') AS zip_code, "position",
       touch_id, storm_share.channel, play_id, state, coalesce(journey.value, 0) AS worth,
       coalesce((epoch_us(ended_at) - epoch_us("at")) / 86400e6, 'nan'::DOUBLE) AS age,
       dense_rank() OVER (ORDER BY journey.event_id, journey_id) - 1 AS journey
FROM journey JOIN journey_touch USING (journey_id)
JOIN storm_share ON storm_share.event_id = journey.event_id AND storm_share.channel = trim(journey_touch.channel)
WHERE converted ORDER BY journey, "position"
"""  # noqa: S608  (a constant)
_COPIED = ("event_id", "journey_id", "zip_code", "position", "touch_id", "channel", "play_id")


def touch_credits(con: Connection, options: AttributionSettings, only: str | None = None) -> int:
    """Write TOUCH_CREDIT from JOURNEY, JOURNEY_TOUCH and the storms' Markov shares in CREDIT; how many rows.

    Of every model, or of one `only`.
    """
    for table in (JOURNEY, JOURNEY_TOUCH, CREDIT):
        table.check(con)
    TOUCH_CREDIT.create(con)
    con.execute(_SHARES)
    shares = np.array([row[0] for row in con.execute("SELECT share FROM storm_share ORDER BY state").fetchall()])
    touches = con.sql(_TOUCHES).to_arrow_table()
    con.execute("DROP TABLE storm_share")
    if not len(touches):
        return 0
    chains = _chains(touches, len(shares))
    worth = np.rint(_array(touches["worth"])[chains.offsets[:-1]] * VALUE_UNITS)
    for model, weights in weights_by_model(chains, shares, options).items():
        if only not in (None, model):
            continue
        kept = _complete_storms(touches, weights)
        credit = dealt(np.where(kept, weights, 0.0), chains.offsets, np.full(chains.size, float(CREDIT_UNITS)))
        value = dealt(credit / CREDIT_UNITS, chains.offsets, worth)
        rows = touches.select(_COPIED)
        for name, column in (
            ("model", pa.array([model] * len(rows), pa.string())),
            ("credit", pa.array(credit / CREDIT_UNITS)),
            ("value", pa.array(value / VALUE_UNITS)),
        ):
            rows = rows.append_column(name, column)
        con.from_arrow(rows.filter(pa.array(kept))).insert_into(TOUCH_CREDIT.name)
    return TOUCH_CREDIT.check(con)


def weights_by_model(chains: Chains, shares: Floats, options: AttributionSettings) -> Mapping[str, Floats]:
    """Model → weight of each touch of converting chains, 1 a chain; `shares` are the states' Markov shares, (K,).

    Markov and Shapley credit channels: what a channel earned is split evenly over its touches in the journey.
    """
    weights = touch_weights(chains, options)
    pair = chains.owner * len(chains.names) + chains.states
    _, which, times = np.unique(pair, return_inverse=True, return_counts=True)
    weights["shapley"] = np.bincount(which, weights["shapley"])[which] / times[which]
    removal = shares[chains.states] / times[which]
    total = np.repeat(np.add.reduceat(removal, chains.offsets[:-1]), chains.lengths)
    # channels without any effect, as rounding may leave them, share like those of Shapley
    markov = np.divide(removal, total, out=weights["shapley"].copy(), where=total > 0)
    alpha = options.hybrid_alpha
    return {"markov": markov, "hybrid": alpha * markov + (1.0 - alpha) * weights["shapley"], **weights}


def dealt(weights: Floats, offsets: Ints, units: Floats) -> Floats:
    """Each chain's whole units, dealt to its touches by weight: the largest remainder first, of equals the earlier."""
    lengths = np.diff(offsets)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    due = weights * units[owner]
    whole: Floats = np.floor(due)
    left = units - np.add.reduceat(whole, offsets[:-1])
    remainder = np.round(due - whole, 3)  # so that how a product was rounded decides nothing
    order = np.lexsort((np.arange(len(due)), -remainder, owner))
    rank = np.empty(len(due))
    rank[order] = np.arange(len(due)) - offsets[owner]
    return whole + (rank < left[owner])


def _chains(touches: pa.Table, states: int) -> Chains:
    journey = _array(touches["journey"])
    offsets = np.concatenate([[0], np.flatnonzero(np.diff(journey)) + 1, [len(journey)]])
    once = np.ones(len(offsets) - 1)
    names = tuple(map(str, range(states)))  # only labels
    return Chains(names, _array(touches["state"]), offsets, once, 0.0 * once, _array(touches["age"]))


def _complete_storms(touches: pa.Table, weights: Floats) -> Flags:
    """Marks the touches of storms in which every touch has a weight: a time that is missing leaves a storm out."""
    missing = np.isnan(weights)
    if not missing.any():
        return ~missing
    storm = _array(pc.dictionary_encode(touches["event_id"].combine_chunks()).indices)
    complete: Flags = (np.bincount(storm, missing) == 0)[storm]
    return complete


def _array(column: pa.ChunkedArray) -> NDArray[Any]:
    return np.from_dlpack(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)
