"""What personas lean to, laid over a chain: beliefs that weigh as much as a few journeys, and fade as journeys come.

Multipliers act on the next step. tilt(q, m) scales the channel cells of a row by m and keeps their total mass, and
the conversion and end cells: q_j m_j / sum_ch(q m) * sum_ch(q). Invariant: multipliers that are all 1 change nothing,
to the last bit, so an answer without priors is that with multipliers of 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stormops_graph.attribution.chains import Chains, Floats, Ints

STRENGTH = 10.0
"""How many journeys a persona's belief weighs as much as."""

Multipliers = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Persona -> `channels` or `plays` -> key -> multiplier; 1 where nothing is said."""


@dataclass(frozen=True)
class Leanings:
    """Multipliers of the personas of a storm (in its order) for the states of one dimension, (P, K)."""

    multipliers: Floats

    @classmethod
    def of(cls, priors: Multipliers | None, personas: Sequence[str], dimension: str, names: Sequence[str]) -> Leanings:
        """The multipliers of these personas for these names; a persona that is not known leans to nothing."""
        said = [(priors or {}).get(persona, {}).get(f"{dimension}s", {}) for persona in personas]
        found = np.array([[own.get(name, 1.0) for name in names] for own in said], dtype=np.float64)
        return cls(found.reshape(len(personas), len(names)))

    @cached_property
    def is_neutral(self) -> bool:
        """No persona leans to anything."""
        return bool((self.multipliers == 1.0).all())

    def neutral(self) -> Leanings:
        """The same personas, leaning to nothing."""
        return Leanings(np.ones_like(self.multipliers))

    def tilted(self, rows: Floats) -> Floats:
        """Rows of a chain (..., K + 1, K + 2) as each persona would have them, (..., P, K + 1, K + 2)."""
        each = np.repeat(rows[..., None, :, :], len(self.multipliers), axis=-3)
        return each if self.is_neutral else _scaled(each, self.multipliers[:, None, :])

    def parted(self, rows: Floats, counts: Floats) -> Floats:
        """Rows of a storm (..., K + 1, K + 2) parted into personas' that lean as believed, (..., P, K + 1, K + 2).

        Together, by their transitions `counts` (..., P, K + 1, K + 2), they are the storm's rows again, but for what
        two steps leave; tilted rows of the storm would have the personas' leanings twice.
        """
        if self.is_neutral:
            return self.tilted(rows)
        of_persona = counts.sum(axis=-1)
        total = of_persona.sum(axis=-2, keepdims=True)
        part = np.divide(of_persona, total, out=np.full_like(of_persona, 1.0 / len(self.multipliers)), where=total > 0)
        base = rows
        for _ in range(2):
            together = (part[..., None] * self.tilted(base)).sum(axis=-3)
            base = _scaled(base, np.divide(rows, together, out=np.ones_like(rows), where=together > 0)[..., :-2])
        return self.tilted(base)

    def leaned(self, rows: Floats, counts: Floats) -> Floats:
        """Rows (..., K + 1, K + 2) of a whole storm with the beliefs of its personas.

        `counts` are its transitions by persona, (P, K + 1, K + 2). P_i = (n_i D_i + STRENGTH sum_p (n_pi / n_i)
        tilt(D_i, m_p)) / (n_i + STRENGTH); a row that was never left stays as it is.
        """
        if self.is_neutral:
            return rows
        of_persona = counts.sum(axis=-1)
        total = of_persona.sum(axis=0)
        part = np.divide(of_persona, total, out=np.zeros_like(of_persona), where=total > 0)
        believed = (part[..., None] * self.tilted(rows)).sum(axis=-3)
        own = (total / (total + STRENGTH))[:, None]
        mixed: Floats = own * rows + (1.0 - own) * believed
        return np.where(total[:, None] > 0, mixed, rows)

    def weights(self, chains: Chains) -> Floats:
        """How much a persona would take each chain: the product of m over its distinct states, (P, chains)."""
        if self.is_neutral or not chains.size:
            return np.ones((len(self.multipliers), chains.size))
        logs = np.log(self.multipliers)[:, chains.states] * chains.first_seen
        found: Floats = np.exp(np.add.reduceat(logs, chains.offsets[:-1], axis=1))
        return found


def _scaled(rows: Floats, by: Floats) -> Floats:
    """Rows with their channel cells scaled, which keep their sum."""
    k = rows.shape[-1] - 2
    scaled = rows[..., :k] * by
    mass, before = scaled.sum(axis=-1, keepdims=True), rows[..., :k].sum(axis=-1, keepdims=True)
    scaled *= np.divide(before, mass, out=np.ones_like(mass), where=mass > 0)
    return np.concatenate([scaled, rows[..., k:]], axis=-1)


def mixes(here: Floats, elsewhere: Floats, draws: int, source: np.random.Generator) -> Floats:
    """Draws of an area's persona mix, (draws, P), from its journeys by persona and those of the rest of the storm."""
    drawn = source.standard_gamma(mix_weights(here, elsewhere), size=(draws, len(here)))
    share: Floats = drawn / drawn.sum(axis=1, keepdims=True)
    return share


def mix_weights(here: Floats, elsewhere: Floats) -> Floats:
    """Weights of the personas in an area: its own journeys and four as elsewhere."""
    total = elsewhere.sum(axis=-1, keepdims=True)
    expected = np.divide(elsewhere, total, out=np.full_like(elsewhere, 1.0 / elsewhere.shape[-1]), where=total > 0)
    weights: Floats = here + 4.0 * expected
    return weights


def by_persona(persona: Ints, personas: int) -> Floats:
    """How many journeys each persona has."""
    return np.bincount(persona, minlength=personas).astype(np.float64)
