"""Numbers of things as people say them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from stormops_graph.counts import counted
from stormops_graph.writeback.commissions import COLUMNS, unpaid


@pytest.mark.parametrize(
    ("number", "word", "said"),
    [(1, "record", "1 record"), (0, "record", "0 records"), (1200, "touch", "1,200 touches"), (1, "touch", "1 touch")],
)
def test_a_number_takes_its_word_along(number: int, word: str, said: str) -> None:
    assert counted(number, word) == said


class Stored:
    """A store that has these rows, whatever it is asked for."""

    def __init__(self, *rows: Any) -> None:
        self._rows = rows

    def read(self, *_: Any, **__: Any) -> Iterator[Any]:
        return iter(self._rows)


def test_verify_counts_the_journeys_whose_touches_do_not_sum_to_1() -> None:
    paid = [{"event_id": "storm", "journey_id": journey, "credit": 0.5} for journey in ("j1", "j2")]
    outputs: Any = Stored(*([row.get(name) for name in COLUMNS] for row in paid))
    graph: Any = Stored({"event_id": "storm", "journeys": 1})
    assert unpaid(graph, outputs, "markov") == [
        "storm: the touches of 1 converting journey do not sum to 1 in the graph",
        "storm: the touches of 2 converting journeys do not sum to 1 in Postgres",
    ]
