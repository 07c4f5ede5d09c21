"""Numbers of things as people say them."""

from __future__ import annotations

import pytest

from stormops_graph.counts import counted


@pytest.mark.parametrize(
    ("number", "word", "said"),
    [(1, "record", "1 record"), (0, "record", "0 records"), (1200, "touch", "1,200 touches"), (1, "touch", "1 touch")],
)
def test_a_number_takes_its_word_along(number: int, word: str, said: str) -> None:
    assert counted(number, word) == said
