from __future__ import annotations

import random

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from stormops_graph.graph.evidence import choose_evidence
from stormops_graph.graph.forest import spanning, trees
from stormops_graph.tables import MEMBERSHIP, PAIR, RECORD, Connection


def shown(pairs: list[tuple[str, str, float]], homes: dict[str, str]) -> list[tuple[str, str, bool]]:
    con: Connection = duckdb.connect()
    for table in (RECORD, PAIR, MEMBERSHIP):
        table.create(con)
    for record, home in homes.items():
        con.execute("INSERT INTO record (record) VALUES (?)", [record])
        con.execute("INSERT INTO membership (record, household) VALUES (?, ?)", [record, home])
    if pairs:
        PAIR.append(con, [(left, right, "person", 0.9, weight, "[]", "splink") for left, right, weight in pairs])
    choose_evidence(con)
    return con.sql("SELECT left_id, right_id, spans FROM shown_evidence ORDER BY ALL").fetchall()


def test_the_strongest_forest_spans_a_household() -> None:
    triangle = [("a", "b", 5.0), ("b", "c", 4.0), ("a", "c", 3.0)]
    assert shown(triangle, dict.fromkeys("abc", "h")) == [("a", "b", True), ("a", "c", False), ("b", "c", True)]


def test_evidence_between_households_is_shown_but_spans_nothing() -> None:
    assert shown([("a", "b", 9.0)], {"a": "h1", "b": "h2"}) == [("a", "b", False)]


def test_each_record_shows_at_most_three_more_of_its_own() -> None:
    others = {f"o{number}": f"h{number}" for number in range(9)}
    pairs = [("a", other, float(weight)) for weight, other in enumerate(others)]
    assert len(shown(pairs, {"a": "h", **others})) == 9  # each is among the three strongest of the other record
    clique = [(f"n{i}", f"n{j}", float(i * 10 + j)) for i in range(10) for j in range(i + 1, 10)]
    found = shown(clique, dict.fromkeys((f"n{i}" for i in range(10)), "h"))
    assert sum(spans for *_, spans in found) == 9
    assert len(found) <= 9 + 3 * 10


def test_two_pairs_of_the_same_records_count_once() -> None:
    assert shown([("a", "b", 1.0), ("a", "b", 2.0)], dict.fromkeys("ab", "h")) == [("a", "b", True)]
    assert shown([], {"a": "h"}) == []


def test_spanning_keeps_what_joins() -> None:
    assert spanning(["a", "b", "c", "a", "b"], ["b", "a", "d", "d", "c"]).tolist() == [0, 2, 3]
    assert spanning([], []).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=60))
def test_spanning_takes_edges_in_order_where_they_join(edges: list[tuple[int, int]]) -> None:
    """As if one edge after the other were looked at (Kruskal 1956)."""
    tree = list(range(16))
    kept = []
    for place, (left, right) in enumerate(edges):
        if tree[left] != tree[right]:
            kept.append(place)
            tree = [tree[left] if one == tree[right] else one for one in tree]
    assert spanning([left for left, _ in edges], [right for _, right in edges]).tolist() == kept


def test_trees_name_their_smallest_member_in_any_order() -> None:
    edges = [("d", "c"), ("b", "a"), ("c", "b"), ("x", "y")]
    for seed in range(5):
        random.Random(seed).shuffle(edges)
        assert trees(edges) == {**dict.fromkeys("abcd", "a"), "x": "x", "y": "x"}
