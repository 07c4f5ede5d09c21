"""Which channels carry each play: of a play's credit, the part that lies on its touches by each channel.

The published model shares each conversion out among the touches with a play; the touches of a play by one channel are
a cell. A storm's parts are drawn by weighing its converting journeys anew, beside one journey a play that is spread
over its channels. A ZIP's stand on its own journeys, and on up to ten of the play's in the rest of its storm.
Invariant: the parts of one (event_id, zip_code, play) sum to 1 and lie in their intervals.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from stormops_graph.attribution.chains import Floats, Ints
from stormops_graph.attribution.coding import THREADS, WHOLE_STORM, CodedJourneys
from stormops_graph.attribution.counting import StormChains, summed
from stormops_graph.attribution.intervals import BLOCKS, Bootstrap, gammas, generator, limits
from stormops_graph.attribution.pseudo_journeys import JOURNEYS
from stormops_graph.tables import Connection

# A play that the published model gives no credit in an area has no row of it.
_INSERTED = """
INSERT INTO play_channel
SELECT event_id, zip_code, play, channel, model, part, cell.low, cell.high, part * conversions, cell.touches, cell.own
FROM (SELECT unnest($zip_code::VARCHAR[]) AS zip_code, unnest($play::VARCHAR[]) AS play,
             unnest($channel::VARCHAR[]) AS channel, unnest($part::DOUBLE[]) AS part, unnest($low::DOUBLE[]) AS low,
             unnest($high::DOUBLE[]) AS high, unnest($touches::BIGINT[]) AS touches, unnest($own::DOUBLE[]) AS own) cell
JOIN credit USING (zip_code)
WHERE event_id = $event AND dimension = 'play' AND credit.key = play AND model = $model
ORDER BY zip_code, play, channel
"""


Naming = tuple[str, tuple[str, ...]]
"""The published model, and the names of the storm's channels."""


@dataclass(frozen=True)
class Carried:
    """The channels of the plays of one area, by cell, each (N,); a part is NaN where the play has no credit."""

    part: Floats
    low: Floats
    high: Floats
    touches: Floats
    own: Floats  # how much of the part comes from the area's own journeys


@dataclass(frozen=True)
class PlayCells:
    """The cells of a storm: pairs of a play and a channel that it was seen by, play after play."""

    storm: StormChains
    play: Ints  # (N,) of each cell
    channel: Ints
    channels: Ints  # (N,) how many channels its play has
    touches: Floats  # (Z, N)
    credit: Floats  # (Z, N)
    cell: Ints  # of each touch of the converting chains
    weight: Floats

    @classmethod
    def of(cls, journeys: CodedJourneys, storm: StormChains, weight: Floats) -> PlayCells:
        """The cells of a storm's chains of plays, by a weight of each touch of the converting ones."""
        played = journeys.states["play"] >= 0
        width, zips = len(journeys.names["channel"]), len(storm.zips)
        pair = journeys.states["play"][played] * width + journeys.states["channel"][played]
        seen = np.bincount(pair, minlength=len(storm.names) * width) > 0  # pairs are few: counted, not sorted
        pairs, cell = np.flatnonzero(seen), (np.cumsum(seen) - 1)[pair]
        play, channel = np.divmod(pairs, width)
        converting = cell[np.repeat(storm.chains.conversions > 0, storm.chains.lengths)]

        def by_zip(of_touch: Ints, bounds: Ints, amount: Floats) -> Floats:
            zip_of = np.repeat(np.arange(zips), np.diff(bounds))
            return summed(amount, zip_of * len(pairs) + of_touch, zips * len(pairs)).reshape(zips, -1)

        return cls(
            storm,
            play,
            channel,
            np.bincount(play)[play],
            by_zip(cell, storm.chains.offsets[storm.bounds], np.ones(len(cell))),
            by_zip(converting, storm.converting.offsets[storm.converting_bounds], weight),
            converting,
            weight,
        )

    def of_storm(self, bootstrap: Bootstrap) -> Carried:
        """The parts of the whole storm."""
        credit = self.credit.sum(axis=0)
        drawn = self._drawn(0, self.storm.converting.size, bootstrap)
        source = generator(bootstrap.seed, self.storm.event, "play channels")
        spread = source.standard_gamma(1.0 / self.channels, size=drawn.shape)
        return self._carried(credit, drawn + spread, self.touches.sum(axis=0), np.ones(len(credit)))

    def of_zip(self, number: int, bootstrap: Bootstrap) -> Carried:
        """The parts of a ZIP; of plays that nobody met there, NaN."""
        own, total = self.credit[number], self.credit.sum(axis=0)
        elsewhere = np.maximum(total - own, 0.0)
        lent = np.minimum(self._sums(elsewhere), JOURNEYS)
        source = generator(bootstrap.seed, self.storm.event, self.storm.zips[number], "play channels")
        # what the play's journeys elsewhere tell, and how many there are of them
        told = 1.0 / (1.0 / (lent + 1.0) + 1.0 / (self._sums(elsewhere) + 1.0)) - 1.0
        shape = told * self._parts(elsewhere + 1.0 / self.channels) + 1.0 / self.channels / (1.0 + lent)
        first, last = self.storm.converting_bounds[number : number + 2]
        drawn = self._drawn(first, last, bootstrap)
        drawn += gammas(source, shape, bootstrap.draws)
        points = np.where(self._sums(self.touches[number]) > 0, own + lent * np.nan_to_num(self._parts(elsewhere)), 0.0)
        weight = self._sums(own) / np.maximum(self._sums(own) + lent, np.finfo(float).tiny)
        return self._carried(points, drawn, self.touches[number], weight)

    def _carried(self, credit: Floats, drawn: Floats, touches: Floats, own: Floats) -> Carried:
        part = self._parts(credit)
        low, high = limits(self._parts(drawn), part)
        return Carried(part, low, high, touches, own)

    def _drawn(self, first: int, last: int, bootstrap: Bootstrap) -> Floats:
        """Draws of the cells' credit in some converting chains, (draws, N)."""
        chains = self.storm.converting
        among = slice(chains.offsets[first], chains.offsets[last])
        blocks, n = min(max(int(last - first), 1), BLOCKS), len(self.play)
        dealt = summed(self.weight[among], chains.owner[among] % blocks * n + self.cell[among], blocks * n)
        drawn: Floats = bootstrap.credits(dealt.reshape(1, blocks, n))[0]
        return drawn

    def _sums(self, amounts: Floats) -> Floats:
        """Of each cell, the sum over its play, (..., N)."""
        starts = np.diff(self.play, prepend=-1) > 0
        sums: Floats = np.add.reduceat(amounts, np.flatnonzero(starts), axis=-1)
        of_cell: Floats = np.take(sums, np.cumsum(starts) - 1, axis=-1)
        return of_cell

    def _parts(self, amounts: Floats) -> Floats:
        total = self._sums(amounts)
        parts: Floats = np.divide(amounts, total, out=np.full_like(amounts, np.nan), where=total > 0)
        return parts


def play_channels(
    con: Connection, cells: PlayCells, asked: tuple[bool, list[int]], bootstrap: Bootstrap, naming: Naming
) -> None:
    """Add a storm's areas to PLAY_CHANNEL; `asked` are the whole storm, or not, and ZIPs. CREDIT has their plays."""
    model, channels = naming
    columns = ("zip_code", "play", "channel", "part", "low", "high", "touches", "own")
    rows: dict[str, list[Any]] = {name: [] for name in columns}
    for zip_code, carried in _areas(cells, asked, bootstrap):
        found = np.flatnonzero(~np.isnan(carried.part))
        rows["zip_code"] += [zip_code] * len(found)
        rows["play"] += [cells.storm.names[play] for play in cells.play[found]]
        rows["channel"] += [channels[channel] for channel in cells.channel[found]]
        for name in ("part", "low", "high", "touches", "own"):
            rows[name] += getattr(carried, name)[found].tolist()
    con.execute(_INSERTED, {**rows, "event": cells.storm.event, "model": model})


def _areas(cells: PlayCells, asked: tuple[bool, list[int]], bootstrap: Bootstrap) -> Iterator[tuple[str, Carried]]:
    whole, zips = asked
    alone = int((np.diff(cells.storm.bounds) > 0).sum()) == 1
    storm = cells.of_storm(bootstrap) if whole or alone else None
    if whole and storm is not None:
        yield WHOLE_STORM, storm
    if alone and storm is not None:
        yield from ((cells.storm.zips[number], storm) for number in zips)
        return
    with ThreadPoolExecutor(THREADS) as pool:
        for number, carried in zip(zips, pool.map(lambda number: cells.of_zip(number, bootstrap), zips), strict=True):
            yield cells.storm.zips[number], carried
