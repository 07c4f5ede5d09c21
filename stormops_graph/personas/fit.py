"""Which persona a home has where its feed does not say: probabilities from its features, learnt where it says.

Naive Bayes over bands of each feature: P(p | features) ∝ share(p) × Π (P(band | p) / P(band))^τ. The bands hold equally
many homes; τ between 0 (features say nothing) and 1 is the one that foretells homes left out of the fit best, as income
and value say much the same.
Invariant: a feature that is missing is no evidence, a home without any gets no persona, and the order of rows does not
show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stormops_graph.settings import PersonaSettings
from stormops_graph.tables import PERSONA_FIT, PROPERTY, PROPERTY_PERSONA, Connection

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FOLDS = 5
TEMPERS = np.arange(0.0, 1.05, 0.1)
"""Values of τ."""

SMOOTHING = 4.0
"""Homes that a persona's bands are smoothed by: as many as all homes have them."""


@dataclass(frozen=True)
class PersonaModel:
    """What homes of known persona say; `bands` are a feature's inner edges, `ratios` log P(band | p) / P(band)."""

    personas: tuple[str, ...]
    shares: Floats  # (P,)
    bands: tuple[Floats, ...]
    ratios: tuple[Floats, ...]  # each (bands, P)
    temper: float = 1.0

    @classmethod
    def fitted(cls, personas: tuple[str, ...], persona: Ints, features: Floats, bands: int) -> PersonaModel:
        """Learn from homes: the number of their persona, and features (homes, F), NaN where missing."""
        counts = np.bincount(persona, minlength=len(personas)).astype(np.float64)
        edges = tuple(_edges(column, bands) for column in features.T)
        ratios = []
        for column, inner in zip(features.T, edges, strict=True):
            there = ~np.isnan(column)
            found = np.zeros((len(inner) + 1, len(personas)))
            np.add.at(found, (np.searchsorted(inner, column[there], side="right"), persona[there]), 1.0)
            overall = (found.sum(axis=1, keepdims=True) + 1.0) / (found.sum() + len(found))
            likely = (found + SMOOTHING * overall) / (found.sum(axis=0) + SMOOTHING)
            ratios.append(np.log(likely / overall))
        return cls(personas, (counts + 1.0) / (counts + 1.0).sum(), edges, tuple(ratios))

    def evidence(self, features: Floats) -> Floats:
        """Log of how much the features of homes speak for each persona, untempered, (homes, P)."""
        found = np.zeros((len(features), len(self.personas)))
        for column, inner, ratio in zip(features.T, self.bands, self.ratios, strict=True):
            there = ~np.isnan(column)
            found[there] += ratio[np.searchsorted(inner, column[there], side="right")]
        return found

    def chances(self, features: Floats) -> Floats:
        """Probabilities of the personas, (homes, P)."""
        return _chances(self.shares, self.evidence(features), self.temper)


@dataclass(frozen=True)
class Fit:
    """A model, and how well it foretold homes that were left out of it."""

    model: PersonaModel
    homes: int
    accuracy: float
    most_common: float  # the accuracy of always saying the most common persona
    log_loss: float


def fit_personas(personas: tuple[str, ...], keys: Sequence[str], persona: Ints, features: Floats, bands: int) -> Fit:
    """Fit to homes with these keys; τ, accuracy and log loss (nats) are of folds that were left out, dealt by key."""
    fold = np.array([hashlib.blake2b(key.encode(), digest_size=8).digest()[0] % FOLDS for key in keys])
    evidence, shares = np.zeros((len(keys), len(personas))), np.zeros((len(keys), len(personas)))
    for number in range(FOLDS):
        out = fold == number
        model = PersonaModel.fitted(personas, persona[~out], features[~out], bands)
        evidence[out], shares[out] = model.evidence(features[out]), model.shares
    losses = [-float(np.log(_chances(shares, evidence, t)[np.arange(len(persona)), persona]).mean()) for t in TEMPERS]
    best = int(np.argmin(np.round(losses, 9)))
    right = _chances(shares, evidence, TEMPERS[best]).argmax(axis=1) == persona
    whole = PersonaModel.fitted(personas, persona, features, bands)
    model = PersonaModel(whole.personas, whole.shares, whole.bands, whole.ratios, float(TEMPERS[best]))
    most = float(np.bincount(persona).max() / len(persona))
    return Fit(model, len(keys), float(right.mean()), most, losses[best])


def classify_personas(con: Connection, known: Sequence[str], settings: PersonaSettings) -> Fit | None:
    """Write PROPERTY_PERSONA for homes without a persona, and PERSONA_FIT; None where too few homes have one.

    `known` are the personas that rules are made for; homes with another one teach nothing.
    """
    PROPERTY.check(con)
    for table in (PROPERTY_PERSONA, PERSONA_FIT):
        table.create(con)
    rows = con.execute(_homes(settings.features), {"known": sorted(known)}).fetchall()
    taught = [row for row in rows if row[1] is not None]
    personas = tuple(sorted({row[1] for row in taught}))
    if not settings.classify or len(taught) < settings.fewest or len(personas) < 2:
        return None
    persona = np.array([personas.index(row[1]) for row in taught])
    fit = fit_personas(personas, [row[0] for row in taught], persona, _features(taught), settings.bands)
    asked = [row for row in rows if row[1] is None and any(value is not None for value in row[2:])]
    if asked:
        chances = np.round(fit.model.chances(_features(asked)), 4)
        best = chances.argmax(axis=1)
        PROPERTY_PERSONA.append(
            con,
            [
                (row[0], personas[i], float(chance[i]), list(personas), chance.tolist())
                for row, i, chance in zip(asked, best, chances, strict=True)
            ],
        )
    figures = (fit.homes, len(asked), round(fit.accuracy, 6), round(fit.most_common, 6), round(fit.log_loss, 6))
    PERSONA_FIT.append(con, [(*figures, round(fit.model.temper, 1))])
    return fit


def _homes(features: Sequence[str]) -> str:
    columns = ", ".join(
        f"CASE WHEN isfinite({name}) THEN {name} END" for name in features
    )  # names of the settings' type
    return f"""
        SELECT property_id, primary_persona, {columns} FROM property
        WHERE primary_persona IS NULL OR list_contains($known::VARCHAR[], primary_persona) ORDER BY property_id
    """  # noqa: S608


def _features(rows: Sequence[Sequence[object]]) -> Floats:
    return np.array([row[2:] for row in rows], dtype=np.float64)


def _edges(column: Floats, bands: int) -> Floats:
    """Inner edges of bands with equally many of the values that are there; fewer where values repeat."""
    values = column[~np.isnan(column)]
    if not len(values):
        return np.zeros(0)
    edges: Floats = np.unique(np.quantile(values, np.arange(1, bands) / bands, method="higher"))
    return edges


def _chances(shares: Floats, evidence: Floats, temper: float) -> Floats:
    logs = np.log(shares) + temper * evidence
    odds = np.exp(logs - logs.max(axis=-1, keepdims=True))
    chances: Floats = odds / odds.sum(axis=-1, keepdims=True)
    return chances


def learnt(con: Connection) -> list[str]:
    """What is to be said of the last fit: nothing where no home's persona was missing."""
    PERSONA_FIT.ensure(con)
    said = "SELECT classified, homes, accuracy, most_common FROM persona_fit WHERE classified > 0"
    return [
        f"personas of {classified:,} homes were learnt from {homes:,} others: right for {accuracy:.0%} of "
        f"homes that were left out, as the most common one alone would be for {most_common:.0%}"
        for classified, homes, accuracy, most_common in con.execute(said).fetchall()
    ]
