"""What verdicts teach: how sure stated probabilities are, and no more than the verdicts can say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.cli.app import main
from stormops_graph.cli.progress import progress_for
from stormops_graph.errors import ModelError
from stormops_graph.ledger.decision_file import append_decisions
from stormops_graph.ledger.decisions import Decision, Level, Verdict
from stormops_graph.link.calibration import FEWEST, LABELLED, calibrate, fitted
from stormops_graph.link.linkage import compare_records
from stormops_graph.normalise import normalise
from stormops_graph.pipeline.resolution import read_feeds
from stormops_graph.pipeline.run import Timed
from stormops_graph.project.blueprint import found
from stormops_graph.rules.model import Calibration, Model, check_model, log_odds, read_model
from stormops_graph.rules.ruleset import Rules, read_rules
from stormops_graph.simulation import simulate
from stormops_graph.tables import PAIR_KIND, Connection

SPAN = (0.2, 0.99)
ENDS = (0.05, 0.99)


@pytest.fixture
def shipped() -> Iterator[Path]:
    with as_file(files("stormops_graph.matching_rules")) as folder:
        yield folder


def evidence(*pairs: tuple[float, bool], level: str = "household") -> Connection:
    """A workspace with pairs of these stated probabilities, and what was said of them."""
    con = duckdb.connect()
    PAIR_KIND.create(con)
    LABELLED.create(con)
    con.execute("CREATE TABLE keyed_pair (kind VARCHAR, left_id VARCHAR, right_id VARCHAR)")
    for number, (stated, same) in enumerate(pairs):
        ends = (f"a{number}", f"b{number}")
        con.execute("INSERT INTO pair_kind VALUES (?, ?, ?, ?, true, true, true)", [*ends, stated, stated])
        con.execute("INSERT INTO labelled_pair VALUES (?, ?, ?, ?)", [level, *ends, same])
    return con


def half_right(stated: float, right: int, of: int) -> list[tuple[float, bool]]:
    return [(stated, number < right) for number in range(of)]


def test_probabilities_that_hold_are_left_nearly_alone() -> None:
    asked = [*half_right(0.5, 50, 100), *half_right(0.8, 80, 100), *half_right(0.3, 30, 100)]
    household, person = calibrate(evidence(*asked), SPAN)
    assert household.calibration is not None
    assert household.calibration.of(np.array([0.3, 0.5, 0.8])) == pytest.approx([0.3, 0.5, 0.8], abs=0.01)
    assert (household.same, household.different, person.calibration) == (160, 140, None)


def test_overconfidence_is_corrected_within_what_was_asked_about() -> None:
    asked = [*half_right(0.9, 60, 100), *half_right(0.5, 40, 100), *half_right(0.25, 30, 100)]
    found = calibrate(evidence(*asked), SPAN)[0].calibration
    assert found is not None
    corrected = found.of(np.array([0.25, 0.5, 0.9]))
    assert corrected == pytest.approx([0.25, 0.42, 0.62], abs=0.04)
    apart = np.array([0.001, 0.05, 0.99, 0.9999, 1.0])
    assert list(found.of(apart)) == list(apart)  # sure evidence stays as sure as it was


def test_log_odds_move_in_proportion_between_the_points_at_which_verdicts_move_them() -> None:
    found = Calibration(low=-3.0, high=6.0, lower=0.6, upper=-1.2, verdicts=40)
    stated = np.array([-9.0, -3.0, -1.5, 0.0, 1.0, 1.5, 3.0, 5.0, 6.0, 9.0])
    odds = [-9.0, -3.0, -1.2, 0.6, 1.0, 1.2, 1.8, 4.6, 6.0, 9.0]
    assert log_odds(found.of(1 / (1 + np.exp(-stated)))) == pytest.approx(odds)
    assert found.slopes == pytest.approx((1.2, 0.4, 1.4))


ANSWERS = st.lists(st.tuples(st.floats(0.2, 0.99), st.booleans()), min_size=FEWEST, max_size=90)


@given(ANSWERS)
def test_whatever_is_answered_the_order_of_pairs_stays_and_what_is_sure_too(answers: list[tuple[float, bool]]) -> None:
    stated, same = zip(*answers, strict=True)
    found = fitted(np.array(stated), np.array(same), ENDS)
    odds = np.linspace(-9, 9, 1801)
    fine = 1 / (1 + np.exp(-odds))
    corrected = found.of(fine)
    steps = np.diff(log_odds(corrected)) / np.diff(odds)
    assert 0 < steps.min() <= steps.max() < 3  # rising, and nowhere a cliff
    assert ((corrected >= SPAN[1]) == (fine >= SPAN[1])).all()


def test_few_verdicts_move_little() -> None:
    few = fitted(np.array([0.9] * 4), np.array([False] * 4), ENDS)
    many = fitted(np.array([0.9] * 400), np.array([False] * 400), ENDS)
    assert 0.9 > few.of(np.array([0.9]))[0] > 0.3 > many.of(np.array([0.9]))[0]
    nothing = fitted(np.array([0.5, 0.5]), np.array([True, False]), ENDS)
    assert (nothing.lower, nothing.upper) == pytest.approx((0, 0), abs=1e-6)


def test_what_nobody_was_asked_about_teaches_nothing() -> None:
    asked = [*half_right(0.5, 20, 40)]
    noticed = half_right(0.999, 0, 50)  # of what is sure, only mistakes are noticed
    alone = calibrate(evidence(*asked), SPAN)
    assert calibrate(evidence(*asked, *noticed), SPAN) == alone
    con = evidence(*asked, *half_right(0.6, 0, 20))
    con.execute(
        "INSERT INTO keyed_pair SELECT 'contact', left_id, right_id FROM pair_kind WHERE household_probability > 0.55"
    )
    assert calibrate(con, SPAN) == alone


def test_the_order_of_verdicts_changes_nothing() -> None:
    asked = [*half_right(0.9, 7, 13), *half_right(0.37, 5, 17), *half_right(0.61, 9, 11)]
    assert calibrate(evidence(*asked), SPAN) == calibrate(evidence(*asked[::-1]), SPAN)


def test_too_few_verdicts_are_refused_with_their_numbers() -> None:
    with pytest.raises(ModelError, match="household 29 same and 0 different") as refused:
        calibrate(evidence(*half_right(0.7, FEWEST - 1, FEWEST - 1)), SPAN)
    assert "review" in refused.value.hint


def test_verdicts_that_oppose_the_evidence_are_refused(shipped: Path) -> None:
    rules = read_rules(shipped)
    model = read_model(rules)
    assert model.calibration == {}
    likely = np.linspace(0.3, 0.95, 60)
    turned = fitted(likely, likely < 0.6, ENDS)  # what is likely never is, and what is not always
    with pytest.raises(ModelError, match="verdicts on the person oppose"):
        check_model(rules.matching, replace(model, calibration={"person": turned}))
    check_model(rules.matching, replace(model, calibration={"person": Calibration(-3, 6, 0.5, 1.2, 60)}))
    with pytest.raises(ModelError, match="verdicts on the person oppose"):
        check_model(rules.matching, replace(model, calibration={"person": Calibration(-3, 6, 1.5, -1.2, 60)}))


def test_a_model_is_stored_with_its_correction(shipped: Path) -> None:
    rules = read_rules(shipped)
    model: Model = replace(read_model(rules), calibration={"household": Calibration(-3.0, 6.0, -0.5, 0.8, 60)})
    stored = model.as_json(rules, "a test")["calibration"]
    assert stored == {"household": {"low": -3.0, "high": 6.0, "lower": -0.5, "upper": 0.8, "verdicts": 60}}
    assert model.calibrated("person", np.array([0.4])) == pytest.approx([0.4])


def test_the_command_corrects_the_projects_model_and_the_next_pairs_go_by_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulate(tmp_path / "feeds", 450, 5)
    project = found(tmp_path / "project", tmp_path / "feeds").project
    rules = read_rules(project.rules)
    with open_workspace(project.workspace) as con:
        read_feeds(con, project, os.environ, Timed(progress_for()), (), {})
        normalise(con, project.rules)
        before = pairs(con, rules)
    doubtful = sorted(pair for pair, stated in before.items() if SPAN[0] <= stated <= SPAN[1])
    append_decisions(project.decisions, [said(pair, number) for number, pair in enumerate(doubtful[: FEWEST - 1])])
    with pytest.raises(SystemExit) as refused:
        main(("rules", "train", "--from-verdicts", "--project", str(project.folder)))
    assert refused.value.code != 0
    assert "too few verdicts" in capsys.readouterr().err

    answers = [before[pair] > 0.6 and number % 4 > 0 for number, pair in enumerate(doubtful)]
    append_decisions(project.decisions, [said(pair, 100 + n, answers[n]) for n, pair in enumerate(doubtful)])
    with pytest.raises(SystemExit) as done:
        main(("rules", "train", "--from-verdicts", "--project", str(project.folder)))
    assert done.value.code == 0, capsys.readouterr().err
    assert "the next resolve uses it" in capsys.readouterr().out
    calibration = read_model(rules).calibration["household"]
    with open_workspace(project.workspace) as con:
        after = pairs(con, rules)
    pair = doubtful[0]
    assert after[pair] == pytest.approx(calibration.of(np.array([before[pair]]))[0], abs=1e-5)
    assert after[pair] < before[pair]  # a quarter of what was likely was not so


def pairs(con: Connection, rules: Rules) -> dict[tuple[str, str], float]:
    compare_records(con, rules, read_model(rules))
    query = (
        "SELECT left_id, right_id, household_probability FROM pair_kind ANTI JOIN keyed_pair USING (left_id, right_id)"
    )
    return {(left, right): stated for left, right, stated in con.execute(query).fetchall()}


def said(pair: tuple[str, str], number: int, same: bool = False) -> Decision:
    verdict = Verdict.same if same else Verdict.different
    return Decision(
        id=f"d{number}", left=pair[0], right=pair[1], verdict=verdict, level=Level.household, by="ana",
        at=datetime(2024, 5, 1, 0, number // 60, number % 60), reason="seen",
    )  # fmt: skip
