"""What stewards are asked, in which order, and what their verdicts would do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pytest

from stormops_graph.ledger.bindings import Listed, State
from stormops_graph.ledger.decisions import Decision, Level, Verdict
from stormops_graph.review.agreement import Agreement, agreement
from stormops_graph.review.case import read_case
from stormops_graph.review.desk import Outcome, Undo
from stormops_graph.review.effects import effect
from stormops_graph.review.sitting import Sitting
from stormops_graph.review.snapshot import Snapshot, snapshot_of
from stormops_graph.tables import (
    CONVERSION,
    MEMBERSHIP,
    PAIR,
    PAIR_KIND,
    PROPERTY,
    RECORD,
    RESIDENCE,
    TOUCH,
    Connection,
)

AT = datetime(2024, 5, 1)
PROFILE = """
CREATE TABLE profile (
    unique_id VARCHAR, given VARCHAR, given_root VARCHAR, surname VARCHAR, phones VARCHAR[], emails VARCHAR[]
)
"""


def town(homes: dict[str, str], pairs: dict[str, float], converted: str = "") -> Connection:
    """Records of one letter in households; pairs of two letters with P(one household), those within spanning."""
    con = duckdb.connect()
    for table in (CONVERSION, MEMBERSHIP, PAIR, PAIR_KIND, PROPERTY, RECORD, RESIDENCE, TOUCH):
        table.create(con)
    con.execute(PROFILE)
    for record, household in homes.items():
        con.execute("INSERT INTO record (record, feed, given) VALUES (?, 'calls', ?)", [record, f"name {record}"])
        con.execute("INSERT INTO membership (record, household, confidence) VALUES (?, ?, 0.5)", [record, household])
    for pair, p in pairs.items():
        left, right = pair
        con.execute("INSERT INTO pair_kind VALUES (?, ?, ?, ?, true, true, true)", [left, right, p, p])
        con.execute(
            "INSERT INTO pair VALUES (?, ?, 'household', ?, 1, '[{\"kind\":\"given\",\"weight\":2}]', 'm')",
            [left, right, p],
        )
    for record in converted:
        con.execute("INSERT INTO conversion (conversion_id, record) VALUES (?, ?)", [record, record])
    return con


def read(con: Connection, verdicts: Sequence[Listed] = ()) -> Snapshot:
    return snapshot_of(con, "run", verdicts, 2, 0.99)


def queue(con: Connection, verdicts: Sequence[Listed] = ()) -> list[tuple[str, str]]:
    return [(question.kind, question.left + question.right) for question in read(con, verdicts).page()]


def said(pair: str, verdict: str, state: State = State.in_force, **more: object) -> Listed:
    decision = Decision(
        id=pair + verdict, left=pair[0], right=pair[1], verdict=Verdict(verdict),
        level=Level.household, by="ana", at=AT, reason="seen", **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return Listed(decision, state)


HOMES = {"a": "h1", "b": "h1", "c": "h1", "d": "h2", "e": "h2", "f": "h3"}
PAIRS = {"ab": 0.999, "bc": 0.8, "de": 0.9, "cd": 0.5, "bd": 0.3, "ef": 0.1}


def test_asked_are_weak_bridges_and_gaps_and_each_two_households_once() -> None:
    assert set(queue(town(HOMES, PAIRS))) == {("bridge", "bc"), ("bridge", "de"), ("gap", "cd")}
    assert queue(town(HOMES, {"ab": 0.999})) == []


def test_more_hangs_on_a_household_that_converted() -> None:
    assert queue(town(HOMES, {"bc": 0.8, "de": 0.8})) == [("bridge", "bc"), ("bridge", "de")]  # three records, two
    assert queue(town(HOMES, {"bc": 0.8, "de": 0.8}, converted="d")) == [("bridge", "de"), ("bridge", "bc")]


def test_a_household_with_too_many_surnames_is_asked_about_though_its_bridges_are_strong() -> None:
    con = town(HOMES, {"ab": 0.999, "bc": 0.995})
    con.execute("UPDATE record SET surname = record")
    assert queue(con) == [("guard", "bc")]


def test_what_was_decided_is_asked_again_only_for_a_reason() -> None:
    con = town(HOMES, {"bc": 0.8})
    assert queue(con, [said("bc", "same")]) == []
    assert queue(con, [said("bc", "unsure", State.unsure, score=0.8)]) == []
    assert queue(con, [said("bc", "unsure", State.unsure, score=0.7)]) == [("unsure", "bc")]
    for state, kind in ((State.review, "changed"), (State.expired, "expired"), (State.pending, "pending")):
        assert queue(con, [said("bc", "same", state)]) == [(kind, "bc")]
    assert queue(con, [said("bc", "same", State.withdrawn)]) == [("bridge", "bc")]


def test_the_order_of_rows_does_not_show() -> None:
    turned = town(dict(reversed(HOMES.items())), dict(reversed(PAIRS.items())))
    assert read(turned).page() == read(town(HOMES, PAIRS)).page()


def persons(con: Connection, *of: str, given: str = "abcdef") -> Connection:
    """Who is whom: the records of each word are a person; those of `given` have a name."""
    for person in of:
        con.execute("UPDATE membership SET person = $p WHERE contains($p, record)", {"p": person})
    con.execute("UPDATE record SET given = NULL WHERE NOT contains($named, record)", {"named": given})
    return con


def test_persons_are_asked_about_after_households_and_only_where_both_are_named() -> None:
    sure = {"ab": 0.999, "bc": 0.999, "ac": 0.999, "de": 0.9}
    con = persons(town(HOMES, sure), "ab", "c", "de")
    con.execute("UPDATE pair_kind SET person_probability = CASE left_id || right_id "
                "WHEN 'ab' THEN 0.7 WHEN 'bc' THEN 0.1 WHEN 'ac' THEN 0.4 ELSE 0.6 END")  # fmt: skip
    assert queue(con) == [("bridge", "de"), ("person", "ac"), ("person", "ab")]
    assert queue(con, [said("ac", "different", score=0.4)]) == [("bridge", "de"), ("person", "ab")]
    assert queue(persons(con, given="acde")) == [("bridge", "de"), ("person", "ac")]


def test_a_verdict_on_persons_parts_them_and_leaves_the_household() -> None:
    con = persons(town(HOMES, {"ab": 0.999, "bc": 0.999, "ac": 0.999}), "abc")
    con.execute("UPDATE pair_kind SET person_probability = CASE left_id || right_id WHEN 'bc' THEN 0.9 ELSE 0.6 END")
    snapshot = read(con)
    sitting = Sitting(snapshot, "ana")
    assert [question.left + question.right for question in snapshot.page()] == ["ab", "bc"]
    case = sitting.case()
    assert case is not None and (case.level, case.one_person) == (Level.person, True)
    assert effect(case, []).left_side == ("a",) and sorted(effect(case, []).right_side) == ["b", "c"]
    claim = sitting.claim(case, Verdict.different, None)
    assert (claim.one, claim.other, claim.verdict, claim.level) == ("a", "b", Verdict.different, Level.person)
    again = read_case(
        snapshot, case.question, [said("ab", "different").decision.model_copy(update={"level": "person"})]
    )
    assert again.level is Level.person


def test_expected_errors_are_the_doubts() -> None:
    snapshot = read(town(HOMES, {"bc": 0.8, "de": 0.9}))
    assert snapshot.errors == pytest.approx(0.3)


def test_a_verdict_parts_a_household_at_its_bridge_or_joins_two() -> None:
    snapshot = read(town(HOMES, PAIRS))
    questions = {question.left + question.right: question for question in snapshot.page()}
    bridge = effect(read_case(snapshot, questions["bc"], []), [])
    assert (bridge.left_side, bridge.right_side, bridge.moving) == (("b", "a"), ("c",), ("c",))
    gap = effect(read_case(snapshot, questions["cd"], []), [])
    assert (sorted(gap.left_side), sorted(gap.right_side)) == (["a", "b", "c"], ["d", "e"])


def test_a_verdict_that_would_be_refused_is_told_beforehand() -> None:
    snapshot = read(town(HOMES, PAIRS))
    case = read_case(snapshot, next(q for q in snapshot.page() if q.pair == ("c", "d")), [])
    held = [said("bc", "same").decision, said("bd", "different").decision]
    assert "b different d" in effect(case, held).against_same[0]
    assert effect(case, held).against_different == ()
    joined = [said("bc", "same").decision, said("bd", "same").decision]
    assert len(effect(case, joined).against_different) == 2
    assert "name" not in "".join(effect(case, held).against_same)


def test_a_sitting_goes_on_comes_back_and_ends() -> None:
    sitting = Sitting(read(town(HOMES, PAIRS)), "ana")
    first = sitting.case()
    assert first is not None
    claim = sitting.claim(first, Verdict.same, None)
    assert (claim.by, claim.reason) == ("ana", "reviewed: given")
    sitting.skip()
    third = sitting.case()
    assert third is not None
    sitting.claim(third, Verdict.unsure, None)
    skipped = sitting.case()  # what was skipped comes again after the others
    assert skipped is not None
    sitting.claim(skipped, Verdict.different, None)
    assert sitting.case() is None
    assert sitting.standing().decided == 3
    sitting.land(Outcome(claim, error=None))  # refused
    assert sitting.question == first.question
    made = said("bc", "same").decision.model_copy(update={"left": third.question.left, "right": third.question.right})
    sitting.land(Outcome(Undo("ana"), decision=made))
    assert sitting.question == third.question
    assert sitting.standing().decided == 1


def test_search_finds_names_and_goes_round() -> None:
    sitting = Sitting(read(town(HOMES, PAIRS)), "ana")
    assert sitting.search("NAME E")
    found = sitting.question
    assert found is not None and "h2" in (found.household, found.other)
    assert sitting.search("name e")
    assert not sitting.search("nobody")


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        (["bob", "al"], ["al"], Agreement.same),
        (["robert"], ["robret"], Agreement.near),
        (["r"], ["robert"], Agreement.near),
        (["+12145550001"], ["+12145550002"], Agreement.near),
        (["+12145550001"], ["+12145550022"], Agreement.differs),
        (["bob"], ["alice"], Agreement.differs),
        ([], ["alice"], Agreement.silent),
    ],
)
def test_fields_agree_nearly_or_not(one: list[str], other: list[str], how: Agreement) -> None:
    assert agreement(one, other) is how
    assert agreement(other, one) is how
