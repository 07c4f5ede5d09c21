"""The figures of the linking benchmarks, by hand, and their rules, which must fit the linking core."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def linkage() -> ModuleType:
    spec = spec_from_file_location("benchmark_linkage", BENCHMARKS / "linkage.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["pseudopeople", "febrl"])
def test_the_declared_rules_fit_their_columns(linkage: ModuleType, name: str) -> None:
    rules = linkage.read_foreign_rules(name)
    assert set(rules.kinds.columns) == set(rules.matching(()).columns)
    left = rules.matching(("birth",))
    assert "birth" not in left.columns
    assert all("birth" not in block.on for block in left.blocks)


def test_pairwise_figures_by_hand(linkage: ModuleType) -> None:
    # ours: {a a b} {b}; true pairs: a-a, b-b; ours hold a-a, a-b, a-b; a row without a truth does not count
    score = linkage.pairwise([0, 0, 0, 3, 0], ["a", "a", "b", "b", None])
    assert (score.precision, score.recall, score.f1) == pytest.approx((1 / 3, 1 / 2, 2 / 5))


def test_pairs_told_to_be_one_household(linkage: ModuleType) -> None:
    pairs = [(0, 1, 0.9), (0, 2, 0.6), (1, 2, 0.2), (0, 3, 0.9)]
    score = linkage.kinship(pairs, ["h", "h", "g", None])
    assert (score.precision, score.recall) == (0.5, 1.0)
