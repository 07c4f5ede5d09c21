"""The three kinds of pair: what EM finds back, and what a missing value must not do."""

from __future__ import annotations

import numpy as np
import pytest

from stormops_graph.link.mixture import Mixture, fit, normalised

TRUE = Mixture(
    np.array([0.3, 0.3, 0.4]),
    (
        np.array([[0.05, 0.95], [0.95, 0.05], [0.97, 0.03]]),  # given name
        np.array([[0.05, 0.95], [0.10, 0.90], [0.95, 0.05]]),  # surname
        np.array([[0.20, 0.80], [0.60, 0.40], [0.98, 0.02]]),  # phone
        np.array([[0.10, 0.90], [0.15, 0.85], [0.80, 0.20]]),  # home
        np.array([[0.20, 0.80], [0.75, 0.25], [0.99, 0.01]]),  # email
    ),
)
START = Mixture(np.full(3, 1 / 3), tuple(0.5 * shares + 0.25 for shares in TRUE.levels))


def drawn(pairs: int) -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(5)
    kinds = dice.choice(3, pairs, p=TRUE.kinds)
    columns = [(dice.random(pairs) < shares[kinds, 1]).astype(int) for shares in TRUE.levels]
    return np.unique(np.column_stack(columns), axis=0, return_counts=True)


def test_em_finds_the_kinds_back() -> None:
    patterns, counts = drawn(200_000)
    found = fit(START, patterns, counts.astype(float), pairs=1.0, rounds=5000)
    assert found.kinds == pytest.approx(TRUE.kinds, abs=0.03)
    for shares, expected in zip(found.levels, TRUE.levels, strict=True):
        assert shares == pytest.approx(expected, abs=0.04)


def test_a_missing_value_is_no_evidence() -> None:
    assert TRUE.posterior(np.array([[-1, -1, -1, -1, -1]]))[0] == pytest.approx(TRUE.kinds)


def test_one_name_agreeing_says_person_and_another_name_says_family() -> None:
    person, family = TRUE.posterior(np.array([[1, 1, 1, 1, -1], [0, 1, 1, 1, -1]]))
    assert person.argmax() == 0 and person[0] > 0.97
    assert family.argmax() == 1 and family[1] > 0.85


def test_bits_shift_the_odds_by_their_power_of_two() -> None:
    pattern = np.array([[0, 1, -1, -1, -1]])
    plain = TRUE.posterior(pattern)[0]
    shifted = normalised(TRUE.log_shares(pattern) + np.array([[3.0, 0.0, 0.0]]) * np.log(2))[0]
    assert shifted[0] / shifted[2] == pytest.approx(8 * plain[0] / plain[2])
