"""Credits of chains that remember more than one touch: by hand, in ZIPs and draws, and refused where too large."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import duckdb
import numpy as np
import pytest

from stormops_graph.attribution import memory, orders
from stormops_graph.attribution.credits import attribute
from stormops_graph.attribution.intervals import Bootstrap
from stormops_graph.attribution.memory import Memory
from stormops_graph.attribution.path_strings import path_chains
from stormops_graph.errors import InputError
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import JOURNEY, JOURNEY_TOUCH, Connection

SECOND = AttributionSettings(draws=400, markov_order=2)
END = datetime(2024, 6, 1)
# after a > c everybody converts, after b > c nobody: order 1 cannot see which way c was come to
PATHS = [("a>c", True), ("b>c", False)] * 20


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def fill(con: Connection, zips: int) -> None:
    taken, touches = [], []
    for number, (path, converted) in enumerate(PATHS):
        name, zip_code = f"h{number}:S", f"7520{number // 2 % zips}"
        taken.append((name, f"h{number}", "S", zip_code, None, converted, None, END - timedelta(days=1), END))
        touches += [
            (name, place, f"t{number}.{place}", channel, None, END - timedelta(days=1 - place))
            for place, channel in enumerate(path.split(">"))
        ]
    for table, rows in ((JOURNEY, taken), (JOURNEY_TOUCH, touches)):
        table.create(con)
        table.append(con, rows)


def shares(con: Connection, zip_code: str, column: str = "share") -> dict[str, float]:
    rows = con.execute(f"SELECT key, {column} FROM credit WHERE model = 'markov' AND zip_code = ?", [zip_code])
    return dict(rows.fetchall())


@pytest.mark.parametrize("zips", [1, 2])
def test_credits_follow_the_order_that_is_set(con: Connection, zips: int) -> None:
    fill(con, zips)
    attribute(con, AttributionSettings(draws=100))
    assert shares(con, "ALL") == pytest.approx({"a": 0.25, "b": 0.25, "c": 0.5}, abs=1e-9)
    attribute(con, SECOND)
    exact = pytest.approx({"a": 0.5, "b": 0.0, "c": 0.5}, abs=1e-9)
    assert shares(con, "ALL") == shares(con, "ALL", "raw") == exact
    assert shares(con, "75200", "raw") == exact
    assert shares(con, "75200") == pytest.approx({"a": 0.5, "b": 0.0, "c": 0.5}, abs=0.03)
    checked = con.execute(
        "SELECT count(*) FILTER (NOT (low <= share AND share <= high)), count(*) FROM credit WHERE model = 'markov'"
    ).fetchall()
    assert checked == [(0, 3 * (zips + 1))]


def test_auto_takes_the_order_that_foretells(con: Connection) -> None:
    fill(con, 2)
    attribute(con, AttributionSettings(draws=100, markov_order="auto"))
    assert shares(con, "ALL") == pytest.approx({"a": 0.5, "b": 0.0, "c": 0.5}, abs=1e-9)


def test_draws_close_states_as_the_exact_answer_does() -> None:
    chains = path_chains(["a>c>a", "b>c", "a>b>b>c", "c"], [3, 1, 2, 1], [1, 4, 2, 5], ">")
    for order in (1, 2, 3):
        steps = orders.Steps.of(chains, order)
        found = memory._losses(steps, order, np.ones((2, chains.size)))
        assert found == pytest.approx(np.stack([orders.losses(steps, order)] * 2), abs=1e-7)


def test_a_memory_of_one_touch_moves_nothing_and_names_find_their_place() -> None:
    chains = path_chains(["a>c", "b>c"], [1, 0], [0, 1], ">")
    plain = np.array([0.2, 0.3, 0.5])
    assert Memory.of(chains, 1).moved(plain) is plain
    deep = Memory.of(chains, 2, Bootstrap.drawn(100, 1))
    assert deep.moved(np.array([0.25, 0.25, 0.5])) == pytest.approx(np.array([0.5, 0.0, 0.5]))
    assert deep.over(("c", "new", "a")).ratio == pytest.approx([deep.ratio[2], 1.0, deep.ratio[0]])


def test_an_order_with_too_many_states_is_refused_and_auto_leaves_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    chains = path_chains(["a>c", "b>c"], [20, 0], [0, 20], ">")
    monkeypatch.setattr(memory, "LARGEST", 3)
    with pytest.raises(InputError, match=r"a chain of order 2 has .* states here"):
        Memory.of(chains, 2)
    assert Memory.of(chains, "auto").order == 1
