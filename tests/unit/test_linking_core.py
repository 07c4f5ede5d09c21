"""The linking core on columns that the product does not have: families stay apart, whatever the columns are called."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import pytest
from splink import DuckDBAPI

from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.merging import Pair, merge, part
from stormops_graph.errors import ModelError, SettingsError
from stormops_graph.link.comparisons import level_weights, splink_settings
from stormops_graph.link.learning import expected_model, learn
from stormops_graph.link.scoring import linker, score_pairs
from stormops_graph.link.weighing import Weighed, scored_columns, weigh
from stormops_graph.rules.matching import (
    Aside,
    Block,
    Comparison,
    Expectation,
    KindLevels,
    Level,
    Matching,
    check_expectation,
)

FAMILIES = 150
PEOPLE = 4.0 * FAMILIES
EXACT = [Level(kind="exact")]


def expect(person: float, household: float, unrelated: float) -> KindLevels:
    return KindLevels.model_validate(
        {
            "person": [person, 1 - person],
            "household": [household, 1 - household],
            "unrelated": [unrelated, 1 - unrelated],
        }
    )


MATCHING = Matching(
    blocks=[Block(on=["clan"])],
    comparisons=[
        Comparison(column="call", level=[Level(kind="exact", rare=True)]),
        Comparison(column="clan", level=[Level(kind="exact", rare=True)]),
        Comparison(column="hut", level=[Level(kind="agree", of=["path", "door"])]),
    ],
    expected=Expectation(
        20.0,
        {"person": 0.3, "household": 0.3, "unrelated": 0.4},
        {"call": expect(0.9, 0.05, 0.05), "clan": expect(0.95, 0.9, 0.3), "hut": expect(0.9, 0.9, 0.05)},
    ),
    family=["clan"],
)

# Two people a family, each seen twice in their hut; two families a clan, in huts of their own. Row n is person n // 2.
PROFILE = """
CREATE TABLE profile AS
SELECT range AS unique_id, 'call' || (range // 2 * 7919 % 211) AS call, 'clan' || (range // 8) AS clan,
       'hut' || (range // 4) AS hut, range // 4 AS path, 0 AS door
FROM range($rows)
"""
FREQUENCY = """
CREATE TABLE {column}_frequency AS
SELECT {column} AS name, count(*) / sum(count(*)) OVER () AS share FROM profile GROUP BY {column}
"""


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": 1})
    con.execute("SET enable_progress_bar = false")
    con.execute(PROFILE, {"rows": 4 * FAMILIES})
    for column in MATCHING.rare_columns:
        con.execute(FREQUENCY.format(column=column))
    return con


def weighed_pairs(con: duckdb.DuckDBPyConnection) -> Weighed:
    model = learn(con, MATCHING, expected_model(con, MATCHING, "profile"), PEOPLE)
    score_pairs(con, MATCHING, model, PEOPLE)
    return weigh(con, MATCHING, model)


def test_the_gate_tells_one_person_from_two_of_one_household(con: duckdb.DuckDBPyConnection) -> None:
    weighed = weighed_pairs(con)
    ends = con.sql("SELECT left_id, right_id FROM pair_scored ORDER BY rowid").fetchnumpy()
    left, right = ends["left_id"][weighed.row], ends["right_id"][weighed.row]
    person, family = left // 2 == right // 2, left // 4 == right // 4
    assert weighed.gate[person].min() > 0.95
    assert weighed.gate[family & ~person].max() < 0.1
    assert weighed.apart[family & ~person].min() > 0.8
    assert weighed.kinds.sum(axis=1) == pytest.approx(np.ones(len(left)))

    forest = Forest(4 * FAMILIES)
    pairs = list(map(Pair, left.tolist(), right.tolist(), (weighed.splink * weighed.gate).tolist(), weighed.apart))
    part(forest, pairs, 0.8)
    merge(forest, pairs, 0.5)
    assert [forest.root(n) for n in range(4 * FAMILIES)] == [n // 2 * 2 for n in range(4 * FAMILIES)]


def test_pairs_are_scored_as_splink_predicts_them(con: duckdb.DuckDBPyConnection) -> None:
    model = learn(con, MATCHING, expected_model(con, MATCHING, "profile"), PEOPLE)
    score_pairs(con, MATCHING, model, PEOPLE)
    columns = (
        "{ends}, gamma_call, gamma_clan, gamma_hut, round({adjusted}call, 3), round({adjusted}clan, 3),"
        " round(match_probability, 6)"
    )
    with linker(DuckDBAPI(con), MATCHING, splink_settings(MATCHING, model, PEOPLE)) as made:
        predicted = made.inference.predict().physical_name
        of_splink = columns.format(ends="unique_id_l, unique_id_r", adjusted="mw_tf_adj_")
        ours = columns.format(ends="left_id, right_id", adjusted="rare_")
        expected = con.execute(f"SELECT {of_splink} FROM {predicted} ORDER BY ALL").fetchall()
        assert con.execute(f"SELECT {ours} FROM pair_scored ORDER BY ALL").fetchall() == expected
        level = con.execute(f"SELECT DISTINCT gamma_call, mw_call FROM {predicted} ORDER BY 1").fetchall()
    assert [weight for _, weight in level] == pytest.approx(level_weights("call", model))


def test_values_that_go_together_are_no_rarer_together_than_they_are(con: duckdb.DuckDBPyConnection) -> None:
    model = learn(con, MATCHING, expected_model(con, MATCHING, "profile"), PEOPLE)
    said = "SELECT gamma_call > 0 AND gamma_clan > 0, rare_call, rare_clan, match_probability FROM pair_scored {} 1, 2"
    score_pairs(con, MATCHING, model, PEOPLE)
    apart = con.execute(said.format("ORDER BY left_id, right_id,")).fetchall()
    con.execute("ALTER TABLE profile ADD COLUMN kindred_bits TINYINT DEFAULT 3")
    score_pairs(con, replace(MATCHING, kindred=("call", "clan")), model, PEOPLE)
    together = con.execute(said.format("ORDER BY left_id, right_id,")).fetchall()
    assert any(both for both, *_ in apart) and not all(both for both, *_ in apart)
    for (both, call, clan, likely), now in zip(apart, together, strict=True):
        odds = likely / (1 - likely) / (8 if both else 1)
        assert now == (both, call, pytest.approx(clan - (3 if both else 0)), pytest.approx(odds / (1 + odds), abs=2e-5))


def test_a_column_beside_moves_the_probability_where_no_better_one_is_compared(
    con: duckdb.DuckDBPyConnection,
) -> None:
    model = learn(con, MATCHING, expected_model(con, MATCHING, "profile"), PEOPLE)
    con.execute("UPDATE profile SET hut = NULL WHERE unique_id % 3 = 0")
    con.execute("UPDATE profile SET path = NULL WHERE unique_id % 5 = 0")
    said = """SELECT gamma_hut, l.path = r.path, match_probability FROM pair_scored
        JOIN profile l ON l.unique_id = left_id JOIN profile r ON r.unique_id = right_id ORDER BY left_id, right_id"""
    score_pairs(con, MATCHING, model, PEOPLE)
    without = con.execute(said).fetchall()
    score_pairs(con, replace(MATCHING, asides=[Aside("path", 2.0, -3.0, unless="hut")]), model, PEOPLE)
    bits = {(-1, True): 2.0, (-1, False): -3.0}
    assert {bits.get((hut, same), 0.0) for hut, same, _ in without} == {2.0, -3.0, 0.0}
    for (hut, same, likely), now in zip(without, con.execute(said).fetchall(), strict=True):
        odds = likely / (1 - likely) * 2 ** bits.get((hut, same), 0.0)
        assert now == (hut, same, pytest.approx(odds / (1 + odds), abs=2e-5))


def test_pairs_that_show_the_same_weigh_the_same(con: duckdb.DuckDBPyConnection) -> None:
    model = learn(con, MATCHING, expected_model(con, MATCHING, "profile"), PEOPLE)
    score_pairs(con, MATCHING, model, PEOPLE)
    columns = ", ".join(scored_columns(MATCHING))
    con.execute(f"CREATE TABLE alike AS SELECT DISTINCT {columns} FROM pair_scored")
    found = {}
    for table in ("pair_scored", "alike"):
        weighed = weigh(con, MATCHING, model, table)
        shown = con.execute(f"SELECT rowid, {columns} FROM {table}").fetchall()
        said = dict(zip(weighed.row.tolist(), np.column_stack([weighed.kinds, weighed.gate]).tolist(), strict=True))
        found[table] = {tuple(values): said[row] for row, *values in shown}
        assert len(found[table]) == count(con, "alike")
    assert len(shown) < count(con, "pair_scored") / 5
    assert found["alike"] == found["pair_scored"]


def count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def test_too_few_pairs_teach_nothing(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DELETE FROM profile WHERE unique_id >= 40")
    with pytest.raises(ModelError, match="too few to train on"):
        learn(con, MATCHING, expected_model(con, MATCHING, "profile"), PEOPLE)


def test_a_column_without_values_is_named(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("UPDATE profile SET call = NULL")
    with pytest.raises(ModelError, match="no record has a call"):
        expected_model(con, MATCHING, "profile")


def test_an_expectation_that_does_not_fit_its_levels_is_refused() -> None:
    three = Comparison(column="call", level=[*EXACT, Level(kind="typo", at_most=1)])
    wrong = Matching(MATCHING.blocks, [three], MATCHING.expected, ())
    with pytest.raises(SettingsError, match=r"rules\.toml: kinds\.call\.person must be 3 shares"):
        check_expectation(wrong, "rules.toml")


def test_what_brings_pairs_together_is_learnt_where_another_column_did() -> None:
    """900 people seen twice: 400 with one path alone, 400 with one door alone, 100 with both."""
    con = duckdb.connect(config={"threads": 1})
    con.execute(
        """
        CREATE TABLE profile AS
        SELECT row_number() OVER () AS unique_id, 'call' || n AS call,
               'path' || CASE WHEN n >= 400 AND n < 800 THEN 1000 * (1 + sight) + n ELSE n END AS path,
               'door' || CASE WHEN n < 400 THEN 1000 * (1 + sight) + n ELSE n END AS door
        FROM range(900) AS person(n), range(2) AS sighting(sight)
        """
    )
    even = expect(0.5, 0.1, 0.1)
    matching = Matching(
        blocks=[Block(on=["path"]), Block(on=["door"])],
        comparisons=[Comparison(column=column, level=EXACT) for column in ("call", "path", "door")],
        expected=Expectation(
            5.0,
            {"person": 0.9, "household": 0.05, "unrelated": 0.05},
            {"call": expect(0.95, 0.05, 0.05), "path": even, "door": even},
        ),
        family=[],
    )
    model = learn(con, matching, expected_model(con, matching, "profile"), 900.0)
    assert model.free["call"] == model.levels["call"]
    for column in ("path", "door"):
        assert model.levels[column]["person"][0] == pytest.approx(500 / 900, abs=0.01)  # agrees by selection
        assert model.free[column]["person"][0] == pytest.approx(100 / 500, abs=0.01)
