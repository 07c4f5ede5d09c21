"""A ZIP in a storm, by Markov: its own journeys together with what the rest of the storm says.

Each row of a ZIP's chain ~ Dirichlet(its counts + kappa * row of the storm). The storm's row is itself drawn, and
without the ZIP's own counts; where personas are known it is mixed of the personas' rows as they are in the ZIP.
kappa says how alike the ZIPs are, in journeys: it is drawn from its posterior, each ZIP being foretold by the others.
Invariant: a ZIP's draws depend on the counts of the storm and on its own generator alone.
"""

from __future__ import annotations

import numpy as np

from stormops_graph.attribution import markov
from stormops_graph.attribution.chains import Floats
from stormops_graph.attribution.counting import Counts, ZipCounts
from stormops_graph.attribution.intervals import CELLS, ESCAPE, gammas, prior
from stormops_graph.attribution.kappa import GRID, Kappa
from stormops_graph.attribution.leanings import Leanings, mix_weights, mixes

PERSONA = 100.0
"""How many journeys what a persona is believed to do weighs as much as beside what its journeys do: with 30 right
multipliers are no better than none; with 100 they are, and wrong ones do little harm."""

TRUSTED = 0.875
"""How far what ZIPs say of kappa is taken at its word: where rows vary otherwise than a Dirichlet's, it is too large.
With rows that vary by normal noise of the logits five-journey ZIPs held .85 of the truths, taken at its word."""

AROUND = 4
"""Draws of a ZIP's rows around each draw of the storm's: these vary less, and cost more."""


def kappa_of(zips: ZipCounts) -> Kappa:
    """How much the storm's row weighs, each ZIP's counts being foretold by the rest of the storm."""
    leanings = zips.storm.leanings
    evidence = [_log_likelihood(several, zips.total, leanings) for several in zips.groups()]
    return Kappa.of(np.sum(evidence, axis=0)).trusted(TRUSTED)


def expected_row(here: Counts, elsewhere: Counts, leanings: Leanings) -> Floats:
    """What the rest of the storm foretells for a ZIP or several: rows (..., K + 1, K + 2) at the mean of all drawn."""
    counts = elsewhere.steps.sum(axis=-3)
    storm = markov.rows(counts + prior(counts.shape[-1] - 2))
    if here.personas.shape[-1] == 1:
        return storm
    rows = markov.rows(elsewhere.steps + PERSONA * leanings.parted(storm, elsewhere.steps))
    weights = mix_weights(here.personas, elsewhere.personas)
    return _mixed(rows, weights / weights.sum(axis=-1, keepdims=True))


def own_part(here: Counts, storm: Counts, kappa: Kappa) -> float:
    """How much of a ZIP's rows comes from its own journeys, averaged over the storm's steps."""
    steps = storm.steps.sum(axis=(0, 2))
    return float((kappa.own(here.steps.sum(axis=(0, 2))) * steps).sum() / steps.sum())


def zip_draws(
    here: Counts, elsewhere: Counts, leanings: Leanings, kappa: Kappa, draw: tuple[int, np.random.Generator]
) -> Floats:
    """Draws of a ZIP's Markov shares, (draws, K)."""
    draws, source = draw
    cells = here.steps.size
    at_once = max(1, CELLS // cells)
    parts = []
    for done in range(0, draws, at_once):
        size = min(at_once, draws - done)
        foretold = _drawn_rows(here, elsewhere, leanings, (-(-size // AROUND), source))[:, None]
        weight = np.ones(len(foretold) * AROUND)
        weight[:size] = kappa.drawn(source.random(size))
        around = (weight.reshape(-1, AROUND, 1, 1) * foretold).reshape(-1, *foretold.shape[2:])[:size]
        chain = markov.rows(gammas(source, here.steps.sum(axis=0) + around))
        parts.append(markov.normalised(markov.losses(_open(chain))))
    return np.concatenate(parts)


def _drawn_rows(here: Counts, elsewhere: Counts, leanings: Leanings, draw: tuple[int, np.random.Generator]) -> Floats:
    """Draws of the row that the storm foretells for a ZIP, (draws, K + 1, K + 2)."""
    draws, source = draw
    counts = elsewhere.steps.sum(axis=0)
    storm = markov.rows(gammas(source, counts + prior(len(counts) - 1), draws))
    if len(here.personas) == 1:
        return storm
    around = PERSONA * leanings.parted(storm, elsewhere.steps)
    rows = markov.rows(gammas(source, elsewhere.steps + around))
    return _mixed(rows, mixes(here.personas, elsewhere.personas, draws, source))


def _mixed(rows: Floats, mix: Floats) -> Floats:
    """One chain (..., K + 1, K + 2) of the personas' (..., P, K + 1, K + 2), whose shares of the journeys are `mix`.

    By source: a persona counts for a state's row by how often its journeys come there.
    """
    k = rows.shape[-1] - 2
    steps = _open(rows)[..., :k, :k]
    visits = np.linalg.solve(np.swapaxes(np.eye(k) - steps, -1, -2), rows[..., k, :k, None])[..., 0]
    visits = np.concatenate([visits, np.ones((*visits.shape[:-1], 1))], axis=-1) * mix[..., None]
    weights = visits / np.maximum(visits.sum(axis=-2, keepdims=True), np.finfo(float).tiny)
    mixed: Floats = (weights[..., None] * rows).sum(axis=-3)
    return mixed


def _open(chain: Floats) -> Floats:
    """The same chain with a way out of every loop."""
    k = chain.shape[-1] - 2
    opened = chain.copy()
    opened[..., :k, :k] *= 1.0 - ESCAPE
    return opened


def _log_likelihood(here: Counts, storm: Counts, leanings: Leanings) -> Floats:
    """Log of the chance of the counts of several ZIPs for each kappa of the grid, up to a constant."""
    counts = here.steps.sum(axis=1)
    seen = np.nonzero(counts)
    expected = expected_row(here, storm.without(here), leanings)[seen][:, None] * GRID
    found, totals = counts[seen][:, None], counts.sum(axis=2).reshape(-1, 1)
    evidence: Floats = (_log_gamma(expected + found) - _log_gamma(expected)).sum(axis=0)
    evidence -= (_log_gamma(GRID + totals) - _log_gamma(GRID + np.zeros_like(totals))).sum(axis=0)
    return evidence


def _log_gamma(x: Floats) -> Floats:
    """Log of the gamma function for x > 0, by Stirling's series from x + 8 on (to 1e-12)."""
    y = x + 8.0
    series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / y**2) / y**2) / y**2) / y
    shifted = (y - 0.5) * np.log(y) - y + 0.5 * np.log(2 * np.pi) + series
    found: Floats = shifted - np.log(np.multiply.reduce([x + i for i in range(8)]))
    return found
