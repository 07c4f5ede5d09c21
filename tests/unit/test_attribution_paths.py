"""Exact answers on hand-worked paths, and what must hold on any."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormops_graph.attribution import markov
from stormops_graph.attribution.chains import Floats, transitions
from stormops_graph.attribution.path_strings import path_chains, paths
from stormops_graph.attribution.touch_weights import summed_credits, touch_weights
from stormops_graph.errors import InputError
from stormops_graph.settings import AttributionSettings

EXACT = {"rel": 0, "abs": 1e-9}
STORM = (
    ["ga4>email>door_knock>call", "ga4>door_knock>email>call", "ga4>door_knock>sms>call", "ga4>door_knock"],
    [2, 1, 1, 0],
    [0, 0, 0, 1],
)

UNHURRIED = settings(max_examples=60)

channels = st.integers(0, 4).map(lambda i: ["ga4", "email", "(null)", "START", "conversion"][i])
path = st.lists(channels, min_size=1, max_size=7)
journeys = st.lists(st.tuples(path, st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12).filter(
    lambda rows: any(converted for _, converted, _ in rows)
)


def credit(rows: list[tuple[list[str], int, int]]) -> dict[str, dict[str, float]]:
    return paths([" > ".join(row[0]) for row in rows], [row[1] for row in rows], [row[2] for row in rows])


def rate(strings: list[str], conversions: list[int], nulls: list[int]) -> float:
    chains = path_chains(strings, conversions, nulls, ">")
    return conversion_rate(transitions(chains, np.zeros(chains.size, dtype=np.int64), 1)[0])


def conversion_rate(counts: Floats) -> float:
    """P(conversion) from the start by the chain of these counts."""
    chain = markov.rows(counts)
    k = chain.shape[-1] - 2
    return float(chain[k, :k] @ np.linalg.solve(np.eye(k) - chain[:k, :k], chain[:k, k]))


def test_three_channels_in_a_row() -> None:
    rows = (["C1>C2>C3", "C1", "C2>C3"], [1, 0, 0], [0, 1, 1])
    assert rate(*rows) == pytest.approx(1 / 3, **EXACT)
    found = paths(*rows)
    assert found["markov"] == pytest.approx({"C1": 1 / 5, "C2": 2 / 5, "C3": 2 / 5}, **EXACT)
    assert found["shapley"] == pytest.approx({"C1": 1 / 3, "C2": 1 / 3, "C3": 1 / 3}, **EXACT)
    assert found["hybrid"] == pytest.approx({"C1": 4 / 15, "C2": 11 / 30, "C3": 11 / 30}, **EXACT)


def test_two_channels() -> None:
    found = paths(["google", "mailing", "google > mailing"], [2, 1, 1], [1, 0, 0])
    assert found["markov"] == pytest.approx({"google": 12 / 5, "mailing": 8 / 5}, **EXACT)


def test_storm_journeys() -> None:
    shares = {key: value / 4 for key, value in paths(*STORM)["markov"].items()}
    expected = {"ga4": 30 / 109, "call": 30 / 109, "door_knock": 25 / 109, "email": 33 / 218, "sms": 15 / 218}
    assert shares == pytest.approx(expected, **EXACT)


def test_a_loop_and_a_repeated_touch() -> None:
    # a>a>b converts, a does not: P(a|a) = 1/3, P(b|a) = 1/3, so both removals lose everything
    found = paths(["a>a>b", "a"], [1, 0], [0, 1])
    assert found["markov"] == pytest.approx({"a": 0.5, "b": 0.5}, **EXACT)
    assert found["shapley"] == pytest.approx({"a": 0.5, "b": 0.5}, **EXACT)
    assert found["linear"] == pytest.approx({"a": 2 / 3, "b": 1 / 3}, **EXACT)


def test_names_of_absorbing_states_are_only_names() -> None:
    odd = {"ga4": "START", "email": "(null)", "door_knock": "conversion", "call": "(start)", "sms": "null"}
    renamed = [">".join(odd[step] for step in string.split(">")) for string in STORM[0]]
    plain, found = paths(*STORM), paths(renamed, *STORM[1:])
    for model, shares in plain.items():
        assert found[model] == pytest.approx({odd[key]: value for key, value in shares.items()}, **EXACT)


def test_one_channel_all_converting_and_none() -> None:
    assert {tuple(shares.items()) for shares in paths(["a", "a>a"], [1, 2], [0, 0]).values()} == {(("a", 3.0),)}
    assert paths(["a>b", "b"], [1, 1], [0, 0])["markov"] == pytest.approx({"a": 2 / 3, "b": 4 / 3}, **EXACT)
    assert paths(["a>b"], [0], [5]) == {}
    assert paths([], [], []) == {}


def test_heuristics_of_one_two_and_three_touches() -> None:
    found = paths(["a", "a>b", "a>b>c"], [1, 1, 1], [0, 0, 0])
    assert found["first_touch"] == {"a": 3, "b": 0, "c": 0}
    assert found["last_touch"] == {"a": 1, "b": 1, "c": 1}
    assert found["linear"] == pytest.approx({"a": 11 / 6, "b": 5 / 6, "c": 1 / 3}, **EXACT)
    assert found["position_based"] == pytest.approx({"a": 1.9, "b": 0.7, "c": 0.4}, **EXACT)


def test_position_without_weight_at_the_ends() -> None:
    options = AttributionSettings(position_first=0, position_last=0)
    found = paths(["a>b", "a>b>c"], [1, 1], [0, 0], options=options)
    assert found["position_based"] == pytest.approx({"a": 0.5, "b": 1.5, "c": 0}, **EXACT)


def test_more_channels_than_bits() -> None:
    names = [f"c{i:03}" for i in range(200)]
    found = paths([">".join(names), "c000"], [1, 1], [0, 0])
    assert found["shapley"]["c000"] == pytest.approx(1 + 1 / 200, **EXACT)
    assert found["shapley"]["c199"] == pytest.approx(1 / 200, **EXACT)


@pytest.mark.parametrize(
    ("given", "separator"),
    [
        (["a  >b", "a", " b "], ">"),
        (["a -> b", "a", "b"], "->"),
        (pa.chunked_array([["a>b"], ["a", "b"]], pa.large_string()), ">"),
        (pa.array(["z", "a>b", "a", "b", "z"])[1:4], ">"),
        (pd.Series(["a|b", "a", "b"]), "|"),
    ],
)
def test_forms_of_paths(given: pa.Array, separator: str) -> None:
    found = paths(given, [1, 2, 3], [0, 0, 0], separator)
    assert found["last_touch"] == {"a": 2, "b": 4}


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ((["a>"], [1], [0]), "no channel"),
        (([">a", "b"], [1, 1], [0, 0]), "no channel"),
        ((["a", "", "b"], [1, 1, 1], [0, 0, 0]), "no channel"),
        (([""], [1], [0]), "no channel"),
        (([" "], [1], [0]), "no channel"),
        ((["a>>b"], [1], [0]), "no channel"),
        ((["a"], [1, 2], [0]), "length"),
        ((["a"], [-1], [0]), "negative"),
        (([None], [1], [0]), "missing"),
    ],
)
def test_bad_paths_are_refused(rows: tuple[list[str], list[int], list[int]], word: str) -> None:
    with pytest.raises(InputError, match=word):
        paths(*rows)


@UNHURRIED
@given(journeys)
def test_chain_converts_at_the_observed_rate(rows: list[tuple[list[str], int, int]]) -> None:
    converted, not_converted = sum(row[1] for row in rows), sum(row[2] for row in rows)
    found = rate([">".join(row[0]) for row in rows], [row[1] for row in rows], [row[2] for row in rows])
    assert found == pytest.approx(converted / (converted + not_converted), abs=1e-9)


@UNHURRIED
@given(journeys)
def test_credits_add_up_to_the_conversions(rows: list[tuple[list[str], int, int]]) -> None:
    converted = sum(row[1] for row in rows)
    for shares in credit(rows).values():
        assert sum(shares.values()) / converted == pytest.approx(1, abs=1e-12)
        assert min(shares.values()) >= 0


@UNHURRIED
@given(journeys)
def test_shapley_is_the_definition(rows: list[tuple[list[str], int, int]]) -> None:
    """Against the average of marginal worths over all coalitions, which gives efficiency and symmetry too."""
    names = sorted({name for row in rows for name in row[0]})

    def worth(coalition: frozenset[str]) -> int:
        return sum(row[1] for row in rows if set(row[0]) <= coalition)

    found = credit(rows)["shapley"]
    for name in names:
        others, value = [other for other in names if other != name], Fraction(0)
        for size in range(len(names)):
            ways = len(names) * len(list(combinations(others, size)))
            for chosen in map(frozenset, combinations(others, size)):
                value += Fraction(worth(chosen | {name}) - worth(chosen), ways)
        assert found[name] == pytest.approx(float(value), abs=1e-9)


@UNHURRIED
@given(journeys)
def test_a_channel_of_no_converting_journey_earns_nothing(rows: list[tuple[list[str], int, int]]) -> None:
    for shares in credit([*rows, (["ga4", "nobody"], 0, 2), (["nobody"], 0, 1)]).values():
        assert shares["nobody"] == pytest.approx(0, abs=1e-12)


@UNHURRIED
@given(journeys)
def test_removal_is_what_the_chain_without_the_channel_loses(rows: list[tuple[list[str], int, int]]) -> None:
    chains = path_chains([">".join(r[0]) for r in rows], [r[1] for r in rows], [r[2] for r in rows], ">")
    counts = transitions(chains, np.zeros(chains.size, dtype=np.int64), 1)[0]
    chain, whole = markov.rows(counts), conversion_rate(counts)
    for state, lost in enumerate(markov.losses(chain)):
        without = chain.copy()
        without[state] = 0.0
        without[state, -1] = 1.0
        assert whole - conversion_rate(without) == pytest.approx(float(lost), abs=1e-9)


@UNHURRIED
@given(journeys, st.randoms(use_true_random=False), st.permutations(range(5)))
def test_neither_order_nor_names_matter(
    rows: list[tuple[list[str], int, int]], chance: object, order: list[int]
) -> None:
    names = ["ga4", "email", "(null)", "START", "conversion"]
    renamed = {name: f"{order[i]} {name[::-1]}" for i, name in enumerate(names)}
    shuffled = [([renamed[step] for step in row[0]], row[1], row[2]) for row in rows]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    plain, found = credit(rows), credit(shuffled)
    for model, shares in plain.items():
        assert found[model] == pytest.approx({renamed[key]: value for key, value in shares.items()}, abs=1e-9)


@UNHURRIED
@given(journeys, st.randoms(use_true_random=False))
def test_order_of_rows_changes_no_bit(rows: list[tuple[list[str], int, int]], chance: object) -> None:
    plain = credit(rows)
    chance.shuffle(rows)  # type: ignore[attr-defined]
    assert credit(rows) == plain


@UNHURRIED
@given(journeys)
def test_sums_by_place_are_the_sums_over_touches(rows: list[tuple[list[str], int, int]]) -> None:
    chains = path_chains([">".join(r[0]) for r in rows], [r[1] for r in rows], [r[2] for r in rows], ">")
    options, counts = AttributionSettings(position_first=0.3), np.repeat(chains.conversions, chains.lengths)
    found = summed_credits(chains, options)
    for model, weight in touch_weights(chains, options).items():
        expected = np.bincount(chains.states, weight * counts, minlength=len(chains.names))
        assert found[model] == pytest.approx(expected, abs=1e-9)
