from __future__ import annotations

import csv
import math
import random
import statistics
from pathlib import Path

import duckdb
import pytest

from stormops_graph.errors import ColumnMissing, Incomplete, InputError, Mistyped
from stormops_graph.evaluation.reviews import read_review, strangers
from stormops_graph.evaluation.sampling import Answered, Stratum, allocated, count_pairs, estimate, write_sample
from stormops_graph.tables import MEMBERSHIP, RECORD, Connection


def households(sizes: list[int]) -> Connection:
    """A workspace with a household of each size."""
    con = duckdb.connect()
    MEMBERSHIP.create(con)
    RECORD.create(con)
    for home, size in enumerate(sizes):
        for n in range(size):
            key = f"calls:{home}-{n}"
            con.execute("INSERT INTO record (record, feed, given) VALUES (?, 'calls', '=ana')", [key])
            con.execute("INSERT INTO membership VALUES (?, NULL, ?, NULL, 1, NULL, NULL)", [key, f"h{home}"])
    return con


def answered(file: Path, answer: dict[str, str]) -> Path:
    """The sample with an answer by record key, `1` where there is none."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "belongs_with": answer.get(row["record"], "1")} for row in rows)
    return file


def test_pairs_of_a_household() -> None:
    assert count_pairs(["1", "1", "1"]) == Answered(3, 3)
    assert count_pairs(["1", "1", "2", "x", "x"]) == Answered(10, 2)


def test_strata_get_their_share_of_pairs_two_at_least_and_all_at_most() -> None:
    assert allocated(10, [(2, 50, 50), (3, 30, 150), (20, 1, 300)]) == {2: 2, 3: 7, 20: 1}
    assert sum(allocated(200, [(2, 500, 500), (3, 300, 1500), (20, 9, 3000)]).values()) == 200
    sizes = [(2, 300, 300), (3, 90, 400), (5, 40, 700), (10, 20, 1500), (20, 9, 3000)]
    assert allocated(20, sizes) == {20: 9, 10: 5, 5: 2, 3: 2, 2: 2}  # by pairs the second had 6
    assert sum(allocated(3, sizes).values()) == 10  # fewer than two of each say nothing of the others


def test_the_estimate_worked_by_hand() -> None:
    # 10 households of 1 pair, of 4 reviewed one is wrong; 5 households of 3 pairs, of 2 reviewed one has 1 pair right
    strata = [
        Stratum(10, [Answered(1, 1), Answered(1, 1), Answered(1, 1), Answered(1, 0)]),
        Stratum(5, [Answered(3, 3), Answered(3, 1)]),
    ]
    found = estimate(strata)
    precision = (10 * 0.75 + 5 * 2) / 25
    assert found.precision == pytest.approx(precision)
    # the deviations y - Rx have the variances of y here: 1/4 and 2
    error = math.sqrt(100 * (1 - 4 / 10) * 0.25 / 4 + 25 * (1 - 2 / 5) * 2 / 2) / 25
    assert found.standard_error == pytest.approx(error)
    assert (found.households, found.population, found.wrong) == (6, 15, 2)
    assert found.low == pytest.approx(precision - 1.959964 * error)
    assert found.high == 1.0


def test_all_households_reviewed_leave_no_error() -> None:
    found = estimate([Stratum(1, [Answered(190, 100)]), Stratum(2, [Answered(1, 1), Answered(1, 0)])])
    assert found.precision == pytest.approx(101 / 192)
    assert found.standard_error == 0


def test_where_no_mistake_is_found_the_interval_goes_by_the_rule_of_three() -> None:
    assert estimate([Stratum(100, [Answered(1, 1)] * 30)]).low == pytest.approx(1 - 3 / 30)
    assert estimate([Stratum(100, [Answered(1, 1)] * 2)]).low == 0
    assert estimate([Stratum(30, [Answered(1, 1)] * 30)]).low == 1  # all were looked at


def test_a_stratum_with_one_answer_joins_its_neighbour() -> None:
    joined = estimate([Stratum(4, [Answered(1, 1), Answered(1, 0)]), Stratum(6, [Answered(3, 3)])])
    at_once = estimate([Stratum(10, [Answered(1, 1), Answered(1, 0), Answered(3, 3)])])
    assert joined == at_once
    with pytest.raises(InputError, match="one reviewed household"):
        estimate([Stratum(4, [Answered(1, 1)]), Stratum(6, [])])


def test_the_estimate_is_right_on_average_and_its_error_is_its_spread() -> None:
    chance = random.Random(5)
    small = [Answered(1, int(chance.random() < 0.9)) for _ in range(400)]
    large = [Answered(10, chance.choice((10, 10, 10, 6, 4))) for _ in range(100)]
    truth = sum(a.right for a in small + large) / sum(a.pairs for a in small + large)
    found = [
        estimate([Stratum(400, chance.sample(small, 30)), Stratum(100, chance.sample(large, 40))]) for _ in range(600)
    ]
    spread = statistics.stdev(one.precision for one in found)
    assert statistics.fmean(one.precision for one in found) == pytest.approx(truth, abs=3 * spread / math.sqrt(600))
    assert statistics.fmean(one.standard_error for one in found) == pytest.approx(spread, rel=0.1)
    assert 0.92 < statistics.fmean(one.low <= truth <= one.high for one in found) < 0.98


def test_a_sample_goes_out_and_comes_back(tmp_path: Path) -> None:
    con, file = households([1, 2, 2, 2, 2, 3, 3, 6, 25]), tmp_path / "review.csv"
    assert write_sample(con, 100, 0, file) == (8, 45)
    assert file.stat().st_mode & 0o777 == 0o600
    assert "'=ana" in file.read_text()  # no formula for a spreadsheet
    found = read_review(answered(file, {"calls:7-0": "2"}))
    pairs = 4 + 2 * 3 + 15 + 300
    assert found.precision == pytest.approx((pairs - 5) / pairs)
    assert (found.households, found.population, found.unanswered, found.wrong) == (8, 8, 0, 1)


def test_a_sample_depends_on_its_seed_alone(tmp_path: Path) -> None:
    texts = []
    for number, (seed, sizes) in enumerate([(0, [2] * 50), (0, [2] * 50), (1, [2] * 50)]):
        con = households(sizes)
        con.execute(f"SET threads = {number + 1}")
        assert write_sample(con, 10, seed, tmp_path / "review.csv") == (10, 20)
        texts.append((tmp_path / "review.csv").read_text())
    assert texts[0] == texts[1] != texts[2]


def test_households_without_all_answers_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "review.csv"
    write_sample(households([2, 2, 2, 2]), 4, 0, file)
    found = read_review(answered(file, {"calls:0-0": "", "calls:1-1": " ? "}))
    assert (found.households, found.unanswered, found.population, found.precision) == (2, 2, 4, 1.0)


def test_what_is_no_review_is_told(tmp_path: Path) -> None:
    file = tmp_path / "review.csv"
    with pytest.raises(Mistyped, match="there is no"):
        read_review(file)
    with pytest.raises(Incomplete):
        write_sample(households([1, 1]), 10, 0, file)
    write_sample(households([2, 2]), 4, 0, file)
    with pytest.raises(InputError, match="no household whose records all have an answer"):
        read_review(file)
    file.write_text("household_id,record\nh,r\n")
    with pytest.raises(ColumnMissing, match="stratum"):
        read_review(file)
    file.write_text("household_id,stratum,households_in_stratum,record,belongs_with\nh,2,4,r,1\nh,two,4,r,1\n")
    with pytest.raises(InputError, match="line 3: stratum is no whole number: 'two'"):
        read_review(file)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("h1,2,3,2,calls:1-1,1\n", "h1,2,3,2,calls:1-1,1\nh1,2,3,2,calls:1-1,2\n", "twice, in lines 3 and 4"),
        ("h1,2,3,2,calls:1-1,1\n", "", "has 1 of the 2 lines of the household in line 2"),
        ("h1,2,3,2,calls:1-1", "h7,2,3,2,calls:1-1", "has 1 of the 2 lines of the household in line"),
        ("h1,2,3,2,calls:1-1", "h1,3,3,2,calls:1-1", "in line 2 another stratum or size than in line 3"),
        ("h2,2,3,2,", "h2,2,4,2,", "in lines 2 and 4 that stratum 2 has 3 and 4 households"),
        (",2,3,2,", ",2,1,2,", "has 2 households of stratum 2, which has 1 by line 2"),
    ],
)
def test_a_review_is_the_sample_as_it_was_written(tmp_path: Path, was: str, now: str, said: str) -> None:
    file, head = tmp_path / "review.csv", "household_id,stratum,households_in_stratum,records_in_household,record"
    text = f"{head},belongs_with\n" + "".join(f"h{n},2,3,2,calls:{n}-{one},1\n" for n in (1, 2) for one in (0, 1))
    file.write_text(text)
    assert read_review(file).households == 2
    file.write_text(text.replace(was, now))
    assert was in text
    with pytest.raises(InputError, match=said):
        read_review(file)


def test_records_that_nobody_knows_are_told(tmp_path: Path) -> None:
    file, con = tmp_path / "review.csv", households([2, 2, 2])
    write_sample(con, 3, 0, file)
    assert strangers(con, file) is None
    con.execute("DELETE FROM record WHERE record = 'calls:1-1'")
    assert "in no feed now: 1 of 6, the first in line " in (strangers(con, file) or "")
    con.execute("DELETE FROM record")
    with pytest.raises(InputError, match="none of its 6 records is known here, from line 2 on"):
        strangers(con, file)
