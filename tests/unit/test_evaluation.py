from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from stormops_graph.cli.evaluation_tables import show_evaluation
from stormops_graph.errors import ColumnMissing, InputError, Mistyped
from stormops_graph.evaluation import evaluate
from stormops_graph.evaluation.calibration import reliability
from stormops_graph.evaluation.findings import Evaluation, Labelled, Score, Scores
from stormops_graph.evaluation.page import page
from stormops_graph.evaluation.scores import score
from stormops_graph.pages.document import write_page
from stormops_graph.tables import CONVERSION, MEMBERSHIP, PAIR, RECORD, SOURCE_ROW, TOUCH, Connection


@dataclass(frozen=True)
class Row:
    """A source row: where we put it, where it belongs."""

    id: str
    ours: str | None
    true: str
    feed: str = "calls"
    home: str | None = None
    sure: float = 1.0
    at: datetime | None = None


def workspace(rows: Sequence[Row], pairs: Sequence[tuple[str, str, float, str]] = ()) -> Connection:
    con = duckdb.connect()
    for table in (SOURCE_ROW, RECORD, TOUCH, CONVERSION, MEMBERSHIP, PAIR):
        table.create(con)
    for row in rows:
        record = f"{row.feed}:r{row.id}"
        con.execute("INSERT INTO source_row VALUES (?, ?, ?)", [row.feed, row.id, record])
        con.execute(
            "INSERT INTO record (record, feed, given, surname, phones, first_seen, last_seen) "
            "VALUES (?, ?, 'ana', 'bell', ['+12145550123'], ?, ?)",
            [record, row.feed, row.at, row.at],
        )
        if row.ours:
            con.execute(
                "INSERT INTO membership VALUES (?, NULL, ?, ?, ?, NULL, NULL)", [record, row.ours, row.home, row.sure]
            )
    for left, right, weight, evidence in pairs:
        con.execute("INSERT INTO pair VALUES (?, ?, 'household', 0.9, ?, ?, 'splink')", [left, right, weight, evidence])
    return con


def labels(folder: Path, rows: Iterable[Row], stays: Sequence[tuple[str, str, str, str]] = ()) -> Path:
    write(folder / "records.csv", ("feed", "record_id", "household_id"), ((r.feed, r.id, r.true) for r in rows))
    if stays:
        write(folder / "households.csv", ("household_id", "property_id", "from", "to"), stays)
    return folder


def write(file: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows])
    return file


def triple(found: Score) -> tuple[float | None, float | None]:
    return found.precision, found.recall


FIVE = [
    Row("a", "1", "x"), Row("b", "1", "x", "sms"), Row("c", "1", "y"), Row("d", "2", "y"), Row("e", "2", "y", "sms"),
]  # fmt: skip
FIVE_PAIRS = [
    ("calls:ra", "calls:rc", 3.0, '[{"kind": "home", "weight": 3.0}]'),
    (
        "calls:rc",
        "sms:rb",
        5.0,
        '[{"kind": "given", "weight": -1.5}, {"kind": "phones", "weight": 6.5},'
        ' {"kind": "prior", "weight": -0.4}, {"kind": "family", "weight": 0.4}]',
    ),
    ("calls:ra", "sms:rb", 9.0, "[]"),
    ("calls:rc", "calls:rd", 1.0, '[{"kind": "home", "weight": 1.0}]'),
]


@pytest.fixture
def five(tmp_path: Path) -> Labelled:
    return evaluate(workspace(FIVE, FIVE_PAIRS), labels(tmp_path, FIVE))


def test_scores_worked_by_hand(five: Labelled) -> None:
    (level,) = five.levels
    assert (level.name, level.ours, level.true) == ("household", 2, 2)
    # ab, ac, bc, de are ours; ab, cd, ce, de are true; ab and de are both
    assert triple(level.overall.pairwise) == (0.5, 0.5)
    assert triple(level.overall.bcubed) == pytest.approx((11 / 15, 11 / 15))
    assert triple(level.overall.exact) == (0, 0)
    assert level.overall.exact.f1 == 0


def test_of_a_feed_pairs_count_with_one_row_in_it(five: Labelled) -> None:
    calls, sms = five.levels[0].feeds
    assert (calls.feed, calls.rows, sms.feed, sms.rows) == ("calls", 3, "sms", 2)
    assert triple(calls.pairwise) == (0.5, 0.5)  # every pair has a call in it
    assert triple(sms.pairwise) == pytest.approx((2 / 3, 2 / 3))  # ab, bc, de; ab, ce, de
    assert triple(sms.bcubed) == pytest.approx((5 / 6, 5 / 6))
    assert triple(calls.bcubed) == pytest.approx((2 / 3, 2 / 3))


def test_exact_clusters_worked_by_hand(tmp_path: Path) -> None:
    rows = [Row("a", "1", "x"), Row("b", "1", "x"), Row("c", "2", "y"), Row("d", "3", "y", "sms")]
    level = evaluate(workspace(rows), labels(tmp_path, rows)).levels[0]
    assert triple(level.overall.exact) == pytest.approx((1 / 3, 1 / 2))
    assert triple(level.feeds[1].exact) == (0, 0)  # of sms: one of ours, one true, not the same
    assert [(b.low, b.high, b.ours, b.true) for b in level.sizes[:2]] == [(1, 1, 2, 0), (2, 2, 1, 2)]


def test_rows_that_nobody_knows_are_alone(tmp_path: Path) -> None:
    rows = [Row("a", "1", "x"), Row("b", None, "x"), Row("c", "1", "")]
    known = workspace(rows)
    found = evaluate(known, labels(tmp_path, [*rows, Row("gone", None, "x")]))
    assert (found.rows, found.unread) == (4, 1)
    assert triple(found.levels[0].overall.pairwise) == (0, 0)
    assert found.levels[0].ours == 3
    assert found.levels[0].true == 2


def test_worst_mistakes_with_their_evidence(five: Labelled) -> None:
    level = five.levels[0]
    (merge,) = level.merges
    assert (merge.id, merge.rows, merge.pairs) == ("1", 3, 2)
    assert [(piece.id, piece.rows) for piece in merge.pieces] == [("x", 2), ("y", 1)]
    assert [(tie.left.record, tie.right.record) for tie in merge.ties] == [
        ("calls:rc", "sms:rb"),
        ("calls:ra", "calls:rc"),
    ]
    assert merge.ties[0].kinds == ("phones +6.5", "given -1.5", "family +0.4", "prior -0.4")  # 5.0, as stated
    (split,) = level.splits
    assert (split.id, split.rows, split.pairs) == ("y", 3, 2)
    assert [(tie.left.record, tie.right.record) for tie in split.ties] == [("calls:rc", "calls:rd")]
    assert (merge.untied, split.untied) == (None, None)


def test_a_mistake_without_evidence_says_so(tmp_path: Path) -> None:
    labelled = evaluate(workspace(FIVE), labels(tmp_path, FIVE))
    (merge,), (split,) = labelled.levels[0].merges, labelled.levels[0].splits
    assert (merge.ties, split.ties) == ((), ())
    told = io.StringIO()
    show_evaluation(Console(file=told, width=100), Evaluation(labelled=labelled))
    assert "one record, a shared home, or records between them, joined them" in told.getvalue()
    assert "nothing ties them" in told.getvalue()
    assert "nothing ties them" in page(Evaluation(labelled=labelled), "storm")


def test_names_and_numbers_are_masked_until_asked(tmp_path: Path) -> None:
    con, truth = workspace(FIVE, FIVE_PAIRS), labels(tmp_path, FIVE)
    assert not {"ana", "bell", "2145550123"} & set(evaluate(con, truth).model_dump_json().split('"'))
    masked = evaluate(con, truth).levels[0].merges[0].ties[0].left
    assert (masked.name, masked.identifiers) == ("A. B.", ("+1*****0123",))
    shown = evaluate(con, truth, show=True).levels[0].merges[0].ties[0].left
    assert (shown.name, shown.identifiers) == ("ana bell", ("+12145550123",))


def test_a_mover_is_right_at_the_home_of_the_rows_time(tmp_path: Path) -> None:
    before, after = datetime(2024, 5, 1), datetime(2024, 7, 1)
    rows = [
        Row("old", "1", "x", home="P1", at=before),
        Row("new", "1", "x", home="P2", at=after),
        Row("late", "1", "x", home="P1", at=after),
        Row("stranger", "1", "y", home="P1", at=before),
        Row("nowhere", "1", "x", at=before),
    ]
    stays = [("x", "P1", "", "2024-06-01T00:00:00Z"), ("x", "P2", "2024-06-01T00:00:00Z", ""), ("y", "P3", "", "")]
    (placed,) = evaluate(workspace(rows), labels(tmp_path, rows, stays)).placement
    assert (placed.rows, placed.placed, placed.right, placed.wrong, placed.other_time) == (5, 4, 2, 2, 1)


def test_calibration_of_members_and_places(tmp_path: Path) -> None:
    rows = [Row(str(n), "1", "x" if n < 6 else "y", home="P1", sure=0.8) for n in range(8)]
    rows.append(Row("alone", "2", "z", sure=1.0))
    membership, placement = evaluate(workspace(rows), labels(tmp_path, rows, [("x", "P1", "", "")])).reliability
    assert (membership.claim, membership.rows) == ("membership", 8)
    assert membership.error == pytest.approx(0.8 - 0.75)
    assert (placement.claim, placement.rows) == ("placement", 8)
    assert placement.bins[0].found == 0.75


def test_bins_hold_five_hundred_and_part_no_equals() -> None:
    found = reliability("membership", [(0.5, 499, 250), (0.6, 300, 180), (0.7, 600, 300), (0.9, 100, 90)])
    assert [(b.low, b.high, b.rows) for b in found.bins] == [(0.5, 0.6, 799), (0.7, 0.9, 700)]
    stated = ((0.5 * 499 + 0.6 * 300), (0.7 * 600 + 0.9 * 100))
    assert found.error == pytest.approx((abs(stated[0] - 430) + abs(stated[1] - 390)) / 1499)
    assert reliability("placement", []).error is None


def test_labels_that_cannot_be_read(tmp_path: Path) -> None:
    con = workspace(FIVE)
    with pytest.raises(Mistyped):
        evaluate(con, tmp_path)
    with pytest.raises(ColumnMissing, match="record_id"):
        evaluate(con, write(tmp_path / "a.csv", ("feed", "household_id"), []))
    with pytest.raises(ColumnMissing, match="neither household_id nor person_id"):
        evaluate(con, write(tmp_path / "b.csv", ("feed", "record_id"), []))
    twice = [("calls", "a", "x"), ("sms", "b", "x"), ("calls", "a", "y"), ("sms", "b", "x")]
    with pytest.raises(InputError, match=r"c\.csv labels a row twice and differently: a of calls in lines 2 and 4$"):
        evaluate(con, labels_file(tmp_path / "c.csv", twice))
    twice = [("ga4", "cookie-of-ana", "x"), ("ga4_events", "cookie-of-ana", "y"), *twice]
    with pytest.raises(InputError, match=r": cookie\*\*\* of ga4 in lines 2 and 3 \(the first of 2"):
        evaluate(con, labels_file(tmp_path / "c.csv", twice))
    with pytest.raises(InputError, match="none of the 2 labels of feed sms names a row of it"):
        evaluate(con, labels_file(tmp_path / "f.csv", [("calls", "a", "x"), ("sms", "b|1", "x"), ("sms", "e|1", "y")]))
    with pytest.raises(InputError, match="labels no row"):
        evaluate(con, labels_file(tmp_path / "d.csv", []))
    rows = [("calls", str(n), "x") for n in range(40_000)]  # beyond what is read to find out the columns
    latin = labels_file(tmp_path / "e.csv", rows)
    latin.write_bytes(latin.read_bytes() + b"calls,\xe9,x\n")
    with pytest.raises(InputError, match=r"e\.csv line 40,002 is not UTF-8"):
        evaluate(con, latin)
    with pytest.raises(InputError, match="csv line 3: there is no feed 'callz'"):
        evaluate(con, labels_file(tmp_path / "g.csv", [("calls", "a", "x"), ("callz", "a", "x")]))
    for line, said in (("calls,a", "line 2 has 2 fields, and the first line 3"), ('calls,"a,x', "line 2 has a quote")):
        (tmp_path / "h.csv").write_text(f"feed,record_id,household_id\n{line}\n")
        with pytest.raises(InputError, match=said):
            evaluate(con, tmp_path / "h.csv")
    with pytest.raises(InputError, match=r"households\.csv line 2: a time in `from` or `to`"):
        evaluate(con, labels(tmp_path, FIVE, [("x", "P1", "soon", "")]))
    with pytest.raises(InputError, match=r"households\.csv line 3: `from` is after `to`"):
        evaluate(con, labels(tmp_path, FIVE, [("x", "P1", "", ""), ("x", "P1", "2024-02-01", "2024-01-01")]))


def test_households_of_which_no_home_is_labelled_are_told(tmp_path: Path) -> None:
    households = {row.true for row in FIVE}
    one, *others = households
    found = evaluate(workspace(FIVE), labels(tmp_path, FIVE, [(one, "P1", "", "")]))
    assert found.unhoused == len(others) > 0
    assert "Labelled households without a home in the labels: " in page(Evaluation(labelled=found), "storm")


def labels_file(file: Path, rows: Iterable[Sequence[str]]) -> Path:
    return write(file, ("feed", "record_id", "household_id"), rows)


def test_persons_are_asked_about_where_one_person_left_the_row(tmp_path: Path) -> None:
    con = workspace(FIVE)
    con.execute("UPDATE membership SET person = CASE WHEN record LIKE 'calls:%' THEN 'p1' END")
    file = write(
        tmp_path / "both.csv",
        ("feed", "record_id", "household_id", "person_id"),
        [("calls", "a", "x", "p"), ("calls", "c", "x", "p"), ("calls", "d", "x", ""), ("sms", "b", "", "")],
    )
    household, person = evaluate(con, file).levels
    assert household.overall.rows == 4
    assert (person.overall.rows, person.ours, person.true) == (3, 2, 2)
    assert triple(person.overall.exact) == (1, 1)


# -- properties -----------------------------------------------------------------------------------

Clustering = list[tuple[int, int, str]]
clusterings = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from(["calls", "sms", "ga4"])), min_size=1, max_size=25
)


def scored(rows: Clustering) -> tuple[Scores, ...]:
    con = duckdb.connect()
    con.execute("CREATE TEMP TABLE evaluated (feed VARCHAR, ours VARCHAR, theirs VARCHAR)")
    con.executemany("INSERT INTO evaluated VALUES (?, ?, ?)", [(feed, str(us), str(them)) for us, them, feed in rows])
    overall, feeds, *_ = score(con)
    return overall, *feeds


@settings(max_examples=40)
@given(clusterings)
def test_scores_are_those_of_counting_one_by_one(rows: Clustering) -> None:
    for found in scored(rows):
        ours = {p for p in combinations(range(len(rows)), 2) if rows[p[0]][0] == rows[p[1]][0]}
        true = {p for p in combinations(range(len(rows)), 2) if rows[p[0]][1] == rows[p[1]][1]}
        if found.feed:
            ours, true = ({p for p in s if found.feed in (rows[p[0]][2], rows[p[1]][2])} for s in (ours, true))
        both = len(ours & true)
        expected = (both / len(ours) if ours else 1, both / len(true) if true else 1)
        assert triple(found.pairwise) == pytest.approx(expected)
        seen = [row for row in rows if found.feed in (None, row[2])]
        shares = [
            sum(r[:2] == row[:2] for r in rows) / sum(r[side] == row[side] for r in rows)
            for side in (0, 1)
            for row in seen
        ]
        half = len(seen)
        assert found.bcubed.precision == pytest.approx(math.fsum(shares[:half]) / half)
        assert found.bcubed.recall == pytest.approx(math.fsum(shares[half:]) / half)


@settings(max_examples=20)
@given(clusterings)
def test_a_perfect_clustering_scores_one(rows: Clustering) -> None:
    for found in scored([(us, us + 7, feed) for us, _, feed in rows]):
        assert {triple(s) for s in (found.pairwise, found.bcubed, found.exact)} == {(1, 1)}
        assert found.pairwise.f1 == 1


@settings(max_examples=20)
@given(clusterings, st.randoms(use_true_random=False))
def test_neither_names_nor_order_matter(rows: Clustering, random: object) -> None:
    renamed = [(90 - us, 70 - them, feed) for us, them, feed in rows]
    random.shuffle(renamed)  # type: ignore[attr-defined]
    assert scored(renamed) == scored(rows)


# -- the page -------------------------------------------------------------------------------------


def test_the_page_is_whole_and_escapes_what_it_shows(tmp_path: Path) -> None:
    rows = [Row("a", "<b>1</b>", "x"), Row("b", "<b>1</b>", "<script>")]
    found = evaluate(workspace(rows), labels(tmp_path, rows))
    text = page(Evaluation(simulated=True, labelled=found, notes=("so it is",)), "storm <i>")
    assert "Simulated data" in text
    assert "So it is." in text
    assert "&lt;script&gt;" in text
    assert not any(word in text for word in ("<script", "<i>", "<b>1", "http:", "https:", "url("))
    file = tmp_path / "report.html"
    write_page(file, text)
    assert file.read_text() == text
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InputError, match=r"\.html"):
        write_page(tmp_path / "report.pdf", text)
    with pytest.raises(InputError, match="cannot be written"):
        write_page(tmp_path / "none" / "report.html", text)
