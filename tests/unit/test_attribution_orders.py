"""Chains of higher order: by hand, against the chain of order 1, and which order is chosen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormops_graph.attribution import markov, orders
from stormops_graph.attribution.chains import Chains, transitions
from stormops_graph.attribution.path_strings import path_chains

EXACT = {"rel": 0, "abs": 1e-9}
path = st.lists(st.sampled_from("abcd"), min_size=1, max_size=7)
rows = st.lists(st.tuples(path, st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12).filter(
    lambda found: any(converted for _, converted, _ in found)
)


def chained(found: list[tuple[list[str], int, int]]) -> Chains:
    return path_chains([">".join(row[0]) for row in found], [row[1] for row in found], [row[2] for row in found], ">")


def shares(chains: Chains, order: int) -> dict[str, float]:
    found = markov.normalised(orders.losses(orders.Steps.of(chains, order), order))
    return dict(zip(chains.names, found.tolist(), strict=True))


@settings(max_examples=60)
@given(rows)
def test_order_one_is_the_chain_of_order_one(found: list[tuple[list[str], int, int]]) -> None:
    chains = chained(found)
    expected = markov.shares(transitions(chains, np.zeros(chains.size, dtype=np.int64), 1)[0])
    assert list(shares(chains, 1).values()) == pytest.approx(expected, **EXACT)


@settings(max_examples=60)
@given(rows, st.integers(1, 4))
def test_any_order_converts_at_the_observed_rate(found: list[tuple[list[str], int, int]], order: int) -> None:
    chains = chained(found)
    rate = chains.conversions.sum() / (chains.conversions + chains.nulls).sum()
    assert orders.conversion_chances(orders.Steps.of(chains, order), order, [])[0] == pytest.approx(rate, **EXACT)


@settings(max_examples=40)
@given(rows, st.integers(1, 3))
def test_following_a_chain_ends_where_inverting_it_does(found: list[tuple[list[str], int, int]], order: int) -> None:
    steps = orders.Steps.of(chained(found), order)
    inverted = orders.losses(steps, order)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(orders, "DENSE", 0)
        assert orders.losses(steps, order) == pytest.approx(inverted, **EXACT)


def test_order_two_by_hand() -> None:
    # after a>c everybody converts, after b>c nobody: order 1 cannot see which way c was come to
    chains = path_chains(["a>c", "b>c"], [1, 0], [0, 1], ">")
    assert shares(chains, 2) == pytest.approx({"a": 0.5, "b": 0.0, "c": 0.5}, **EXACT)
    assert shares(chains, 1) == pytest.approx({"a": 0.25, "b": 0.25, "c": 0.5}, **EXACT)


def drawn(order: int, journeys: int) -> Chains:
    """Journeys of two channels: the next touch repeats the last (order 1), or the one before it (order 2)."""
    source, strings, converted = np.random.default_rng(3), [], []
    for _ in range(journeys):
        taken = [int(source.integers(2)) for _ in range(order)]
        while source.random() < 0.8:
            taken.append(taken[-order] if source.random() < 0.85 else 1 - taken[-order])
        strings.append(">".join("ab"[step] for step in taken))
        converted.append(int(source.random() < 0.3))
    return path_chains(strings, converted, [1 - each for each in converted], ">")


@pytest.mark.parametrize("order", [1, 2])
def test_the_order_that_made_the_journeys_is_chosen(order: int) -> None:
    found = orders.compared(drawn(order, 2_000), (1, 2, 3))
    assert orders.chosen(found).order == order
    assert [each.order for each in found] == [1, 2, 3]
    assert min(each.behind for each in found) == 0


def test_nobody_converting_has_no_shares() -> None:
    assert np.isnan(orders.compared(path_chains(["a>b"], [0], [5], ">"))[0].shares).all()
