"""Storms whose truth is known: chains over five channels, journeys walked along them, and the shares in the long run.

Every truth is exact, by the chain: no sample stands in for it. Journeys that do not convert are in. The ages of touches
say nothing about their places, so that in the long run time decay is linear.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from stormops_graph.attribution import markov
from stormops_graph.attribution.chains import Chains, Floats, offsets_of
from stormops_graph.attribution.coding import CodedJourneys
from stormops_graph.settings import AttributionSettings

CHANNELS = ("ga4", "email", "sms", "call", "door_knock")
K = len(CHANNELS)
PERSONAS = ("Deal_Hunter", "Family_Protector", "Proof_Seeker", "Status_Conscious")
LEANS = np.array([[1, 0.5, 2, 1, 1], [1, 1, 1, 2, 0.5], [1, 2, 1, 1, 0.5], [1, 0.5, 1, 1, 2.0]])
TOLD = {"right": LEANS, "wrong": 1 / LEANS, "absent": np.ones_like(LEANS), "unknown": np.ones_like(LEANS)}
"""What the model is told that the personas lean to, where they lean to LEANS; `unknown`: nor whose is whose."""

# the channels, then the start: the chance of each channel, of a conversion, of the end without one
TYPICAL = np.array(
    [
        [0.10, 0.30, 0.10, 0.05, 0.25, 0.02, 0.18],
        [0.10, 0.05, 0.05, 0.20, 0.25, 0.10, 0.25],
        [0.05, 0.05, 0.05, 0.25, 0.15, 0.15, 0.30],
        [0.05, 0.05, 0.05, 0.05, 0.10, 0.45, 0.25],
        [0.05, 0.20, 0.10, 0.25, 0.05, 0.15, 0.20],
        [0.60, 0.10, 0.05, 0.05, 0.20, 0.00, 0.00],
    ]
)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(96)


def world(source: np.random.Generator) -> Floats:
    """A chain, (K + 1, K + 2): rows of chance, conversions rarer than journeys that end without one."""
    chain = source.dirichlet(np.array([1.0] * K + [0.5, 1.5]), size=K + 1)
    chain[K, K:] = 0.0
    return markov.rows(chain)


def sample(chain: Floats, journeys: int, source: np.random.Generator) -> Chains:
    """Journeys of a chain, all walked at once."""
    bounds = chain.cumsum(axis=1)
    state, alive = np.full(journeys, K), np.arange(journeys)
    converted = np.zeros(journeys)
    walked: list[tuple[np.ndarray, np.ndarray]] = []
    while alive.size:
        step = (source.random(alive.size)[:, None] > bounds[state[alive]]).sum(axis=1)
        converted[alive[step == K]] = 1.0
        alive, step = alive[step < K], step[step < K]
        state[alive] = step
        walked.append((alive, step))
    owner = np.concatenate([journey for journey, _ in walked])
    order = np.argsort(owner, kind="stable")
    states = np.concatenate([step for _, step in walked])[order]
    lengths = np.bincount(owner, minlength=journeys)
    ages = source.exponential(7.0, states.size)
    return Chains(CHANNELS, states, offsets_of(lengths), converted, 1.0 - converted, ages)


def coded(sizes: Sequence[int], walks: Sequence[tuple[int, Chains]], kind: str) -> CodedJourneys:
    """A storm of ZIPs of so many journeys; `walks` are those of each ZIP and persona, ZIP after ZIP."""
    chains, known = [walk for _, walk in walks], kind in TOLD and kind != "unknown"
    return CodedJourneys(
        tuple(("S", f"{number:05}") for number in range(len(sizes))),
        np.repeat(np.arange(len(sizes)), sizes),
        np.concatenate([walk.conversions for walk in chains]) > 0,
        np.zeros(sum(sizes)),
        PERSONAS if known else ("",),
        np.concatenate([np.full(walk.size, persona if known else 0) for persona, walk in walks]),
        np.concatenate([walk.lengths for walk in chains]),
        {"channel": CHANNELS},
        {"channel": np.concatenate([walk.states for walk in chains])},
        np.concatenate([walk.ages for walk in chains if walk.ages is not None]),
    )


def priors(kind: str) -> dict[str, dict[str, dict[str, float]]] | None:
    """What the model is told of the personas, as `personas.toml` would."""
    return (
        None
        if kind not in TOLD
        else {
            persona: {"channels": dict(zip(CHANNELS, row.tolist(), strict=True))}
            for persona, row in zip(PERSONAS, TOLD[kind], strict=True)
        }
    )


def truth(chains: Floats, mix: Floats) -> dict[str, Floats]:
    """Shares by each model in the long run of journeys along several chains, (P, K + 1, K + 2), mixed by `mix`."""
    whole = {"markov": markov.losses(mixed(chains, mix))}
    for chain, part in zip(chains, mix, strict=True):
        for model, credits in _credits(chain).items():
            whole[model] = whole.get(model, 0.0) + part * credits
    found = {model: markov.normalised(values) for model, values in whole.items()}
    alpha = AttributionSettings().hybrid_alpha
    return found | {"hybrid": alpha * found["markov"] + (1 - alpha) * found["shapley"]}


def mixed(chains: Floats, mix: Floats) -> Floats:
    """The chain that journeys of several personas make together."""
    steps, start = chains[:, :K, :K], chains[:, K, :K]
    visits = np.linalg.solve(np.eye(K) - steps.swapaxes(1, 2), start[..., None])[..., 0]
    weight = mix[:, None] * np.concatenate([visits, np.ones((len(mix), 1))], axis=1)
    return markov.rows((weight[..., None] * chains).sum(axis=0))


def _credits(chain: Floats) -> dict[str, Floats]:
    """Conversions credited per journey of a chain by the models of touches."""
    steps, start, convert = chain[:K, :K], chain[K, :K], chain[:K, K]
    visits = np.linalg.inv(np.eye(K) - steps)
    first, last = start * (visits @ convert), (start @ visits) * convert
    linear, between = _along(steps, start, convert)
    one, two = start * convert, np.stack([start * (steps @ convert), (start @ steps) * convert])
    return {
        "shapley": _shapley(steps, start, convert),
        "first_touch": first,
        "last_touch": last,
        "linear": linear,
        "time_decay": linear,
        "position_based": one
        + 0.5 * two.sum(axis=0)
        + 0.4 * (first + last - 2 * one - two.sum(axis=0))
        + 0.2 * between,
    }


def _along(steps: Floats, start: Floats, convert: Floats) -> tuple[Floats, Floats]:
    """1 / touches at each touch, and 1 / (touches - 2) at each between the ends, of journeys that convert.

    The sum of p_n / n is the integral of sum p_n t^(n - 1) over t from 0 to 1.
    """
    t = (NODES + 1) / 2
    visits = np.linalg.inv(np.eye(K) - t[:, None, None] * steps)
    before, after = start @ visits, visits @ convert
    even = WEIGHTS / 2 @ (before * after)
    return even, WEIGHTS / 2 @ ((before @ steps) * (after @ steps.T))


def _shapley(steps: Floats, start: Floats, convert: Floats) -> Floats:
    within: dict[tuple[int, ...], float] = {(): 0.0}
    credits = np.zeros(K)
    for size in range(1, K + 1):
        for kept in combinations(range(K), size):
            states = np.array(kept)
            inside = np.linalg.solve(np.eye(size) - steps[np.ix_(states, states)], convert[states])
            parts = sum(within[part] for less in range(size) for part in combinations(kept, less))
            within[kept] = float(start[states] @ inside) - parts  # the journeys of just these states
            credits[states] += within[kept] / size
    return credits
