"""How far credits could be off because records may belong to other households than theirs.

For each of some draws of the memberships the journeys are coded anew, and a few draws of the credits are made of them
as if they were all there is. Together they are draws of the credits: of what the sample leaves open, and of what the
identities do. The published share stays that of the likeliest memberships.
Invariant: without records in doubt, or with `identity_draws = 0`, there is nothing here, and nothing changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np

from stormops_graph.attribution.answers import Draws, How, Pooled, storm_draws
from stormops_graph.attribution.chains import Floats
from stormops_graph.attribution.coding import WHOLE_STORM, CodedJourneys
from stormops_graph.attribution.counting import StormChains, ZipCounts, storm_chains
from stormops_graph.attribution.intervals import Bootstrap, generator
from stormops_graph.attribution.leanings import Multipliers
from stormops_graph.attribution.memberships import draw_memberships, in_doubt
from stormops_graph.attribution.worlds import Worlds
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import Connection

AreaDraws = dict[str, Draws]
"""ZIP code, or ALL -> draws of its shares."""

CODED = 3_000_000
"""Journeys that are coded for all draws of the memberships together: a million get fewer draws, but FEWEST."""

FEWEST = 10

ZIPS = 1_000
"""ZIPs of a storm that are answered for all draws together; its later draws are of the whole storm alone."""

THREADS = 2


def _same(journeys: CodedJourneys) -> CodedJourneys:
    return journeys


@dataclass(frozen=True)
class Doubt:
    """The journeys of each draw of the memberships; `options` are those of the credits drawn from one."""

    worlds: Worlds | None  # None: nothing is in doubt
    options: AttributionSettings
    priors: Multipliers | None

    @classmethod
    def drawn(
        cls, con: Connection, options: AttributionSettings, priors: Multipliers | None, event: str | None, journeys: int
    ) -> Doubt:
        """Draw the memberships in doubt, as often as the options and the number of journeys say."""
        times = min(options.identity_draws, options.draws, max(FEWEST, CODED // max(journeys, 1)))
        worlds = None
        if times and in_doubt(con):
            draw_memberships(con, times, options.seed)
            worlds = Worlds.drawn(con, times, options, event)
        of_one = {"draws": -(-options.draws // max(times, 1))}
        return cls(worlds, options.model_copy(update=of_one), priors)

    def of(
        self,
        storm: StormChains,
        wanted: Sequence[str],
        how: How,
        parted: Callable[[CodedJourneys], CodedJourneys] = _same,
    ) -> AreaDraws:
        """Draws of the shares of areas of a storm, (draws, K) as its states are; none where nothing is in doubt.

        `parted` says what the areas are where they are not ZIPs.
        """
        found: dict[str, dict[str, list[Floats]]] = {area: defaultdict(list) for area in wanted}
        of_zips = max(FEWEST, ZIPS // max(len(wanted), 1))
        for number, journeys in self.worlds.of(storm.event) if self.worlds else ():
            seed = int(generator(self.options.seed, "memberships", str(number)).integers(2**31))
            options = self.options.model_copy(update={"seed": seed})
            chains = storm_chains(parted(journeys), storm.dimension, options, self.priors)
            asked = wanted if number < of_zips else [area for area in wanted if area == WHOLE_STORM]
            for area, draws in _credits(chains, asked, options, how):
                for model, shares in draws.items():
                    found[area][model].append(_aligned(shares, chains.names, storm.names))
        return {
            area: {model: np.concatenate(parts) for model, parts in models.items()} for area, models in found.items()
        }


def _credits(
    chains: StormChains, wanted: Sequence[str], options: AttributionSettings, of_storm: How
) -> Iterator[tuple[str, Draws]]:
    """Draws of the credits of the areas that are in these journeys."""
    if not (chains.converting.size and wanted):
        return
    zips = ZipCounts(_as_one(chains) if list(wanted) == [WHOLE_STORM] else chains)
    chains, bootstrap = zips.storm, Bootstrap.drawn(options.draws, options.seed)
    how = How(options, bootstrap, of_storm.hybrid.over(chains.names), of_storm.memory.over(chains.names))
    present = [number for number in zips.present if chains.zips[number] in wanted]
    alone = len(zips.present) == 1
    if WHOLE_STORM in wanted or alone:
        whole = storm_draws(chains, zips.total, how)
        same = [chains.zips[number] for number in present] if alone else []
        yield from ((area, whole) for area in [WHOLE_STORM, *same] if area in wanted)
    if present and not alone:
        pooled = Pooled.of(zips, options.hybrid_alpha, how.memory)
        with ThreadPoolExecutor(THREADS) as pool:
            for number, draws in zip(present, pool.map(pooled.draws, present, repeat(how)), strict=True):
                yield chains.zips[number], draws


def _as_one(chains: StormChains) -> StormChains:
    """The same chains in one nameless ZIP: many are dear to count one by one, only to be summed."""
    return replace(
        chains,
        zips=("",),
        bounds=np.array([0, chains.chains.size]),
        converting_bounds=np.array([0, chains.converting.size]),
    )


def _aligned(shares: Floats, names: Sequence[str], to: Sequence[str]) -> Floats:
    """Shares (draws, K) by the states `to`, of which one that was not seen gets nothing."""
    if names == to:
        return shares
    place = {name: i for i, name in enumerate(to)}
    known = [i for i, name in enumerate(names) if name in place]
    aligned = np.zeros((len(shares), len(to)))
    aligned[:, [place[names[i]] for i in known]] = shares[:, known]
    return aligned
