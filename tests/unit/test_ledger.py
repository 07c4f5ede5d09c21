from __future__ import annotations

import json
import resource
import stat
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from stormops_graph.errors import Contradiction, InputError, StoreError
from stormops_graph.ledger.bindings import State, bind, dormant, fingerprints_of, listed, store, stored
from stormops_graph.ledger.decision_file import append_decisions, kept_decisions, read_decisions_file
from stormops_graph.ledger.decisions import Decision, Level, Verdict, contradictions, in_force, strongest
from stormops_graph.tables import RECORD, Connection

START = datetime(2024, 5, 1)
LATER = START + timedelta(days=100)


def said(number: int, pair: str, verdict: str, level: str = "", **more: str) -> Decision:
    left, right = sorted(pair)
    return Decision(
        id=f"d{number}",
        left=left,
        right=right,
        verdict=Verdict(verdict),
        level=Level(level) if level else strongest(Verdict(verdict)),
        by="ana",
        at=START + timedelta(minutes=number),
        reason="seen on site",
        **more,
    )


def chains(*decisions: Decision) -> list[list[str]]:
    return [[decision.id for decision in chain] for chain in contradictions(in_force(decisions, LATER))]


def test_the_latest_verdict_on_a_pair_is_in_force() -> None:
    first, other, second = said(1, "ab", "same"), said(2, "bc", "different"), said(3, "ba", "different")
    assert in_force([second, first, other], LATER) == [other, second]


def test_a_contradiction_is_told_with_its_chain() -> None:
    assert chains(said(1, "ab", "same"), said(2, "bc", "same"), said(3, "ac", "different")) == [["d3", "d1", "d2"]]
    assert chains(said(1, "ac", "different"), said(2, "ab", "same"), said(3, "cd", "same")) == []
    assert chains(said(1, "ad", "different"), said(2, "ab", "same"), said(3, "bc", "same"), said(4, "cd", "same")) == [
        ["d1", "d2", "d3", "d4"]
    ]


def test_unsure_and_superseded_verdicts_bind_nothing() -> None:
    assert chains(said(1, "ab", "same"), said(2, "bc", "same"), said(3, "ac", "unsure")) == []
    assert chains(said(1, "ab", "same"), said(2, "ab", "different")) == []
    assert (
        chains(said(1, "ab", "same"), said(2, "bc", "same"), said(3, "bc", "unsure"), said(4, "ac", "different")) == []
    )


def test_one_household_may_be_two_persons_but_one_person_is_one_household() -> None:
    home, persons = said(1, "ab", "same", "household"), said(2, "bc", "same")
    assert chains(home, persons, said(3, "ac", "different", "person")) == []
    assert chains(home, persons, said(3, "ac", "different")) == [["d3", "d1", "d2"]]
    assert chains(said(1, "ab", "same"), persons, said(3, "ac", "different", "person")) == [["d3", "d1", "d2"]]


@given(st.lists(st.tuples(st.sampled_from(["ab", "ac", "ad", "bc", "bd", "cd"]), st.sampled_from(list(Verdict)))))
@settings(max_examples=40)
def test_without_contradictions_the_groups_are_kept_apart(script: list[tuple[str, Verdict]]) -> None:
    held: list[Decision] = []
    for number, (pair, verdict) in enumerate(script):
        new = said(number, pair, verdict)
        if not contradictions(in_force([*held, new], LATER)):
            held.append(new)
    con = workspace("abcd")
    store(con, held)
    bind(con, LATER)
    rows = con.execute("SELECT left_id, right_id, verdict FROM binding WHERE level = 'household'").fetchall()
    group = {letter: {letter} for letter in "abcd"}
    for left, right, verdict in rows:
        if verdict == "same":
            for letter in (both := group[left] | group[right]):
                group[letter] = both
    for decision in in_force(held, LATER):
        together = decision.right in group[decision.left]
        assert decision.verdict is not Verdict.same or together
        assert decision.verdict is not Verdict.different or not together


def workspace(records: str) -> Connection:
    con = duckdb.connect()
    RECORD.create(con)
    for record in records:
        con.execute(
            "INSERT INTO record (record, feed, given, phones) VALUES (?, 'calls', 'ann', ['+1', '+2'])", [record]
        )
    return con


def bindings(con: Connection, *decisions: Decision) -> list[tuple[str, ...]]:
    store(con, decisions)
    bind(con, LATER)
    return con.execute("SELECT * FROM binding ORDER BY ALL").fetchall()


def test_verdicts_bind_through_a_record_that_has_gone() -> None:
    con = workspace("acd")
    assert bindings(con, said(1, "ab", "same"), said(2, "bc", "same", "household"), said(3, "bd", "different")) == [
        ("household", "a", "c", "same"),
        ("household", "a", "d", "different"),
        ("person", "a", "d", "different"),
    ]
    assert bindings(con, said(1, "bx", "same"), said(2, "xa", "different")) == []


def test_clustering_is_not_begun_with_verdicts_that_oppose_each_other() -> None:
    con = workspace("abc")
    with pytest.raises(Contradiction, match="d3") as refused:
        bindings(con, said(1, "ab", "same"), said(2, "bc", "same"), said(3, "ac", "different"))
    assert "seen on site" not in refused.value.message
    assert refused.value.message.count("\n") == 3


def test_decisions_are_stored_as_they_are() -> None:
    con = workspace("ab")
    decision = said(1, "ab", "unsure", left_fingerprint="f", model="splink")
    store(con, [decision])
    assert stored(con) == [decision]
    con.execute("UPDATE decision SET reason = NULL")
    with pytest.raises(StoreError, match="not whole"):
        stored(con)


def test_a_verdict_on_changed_records_is_to_be_reviewed_and_one_on_gone_records_sleeps() -> None:
    con = workspace("abc")
    mark = fingerprints_of(con, ["a", "b", "x"])
    assert set(mark) == {"a", "b"}
    prints = {"left_fingerprint": mark["a"], "right_fingerprint": mark["b"]}
    store(
        con,
        [said(0, "ab", "different"), said(1, "ab", "same", **prints), said(2, "ax", "same"), said(3, "bc", "unsure")],
    )
    states = [State.superseded, State.in_force, State.dormant, State.unsure]
    assert [one.state for one in listed(con, LATER)] == states
    con.execute("UPDATE record SET phones = ['+2', '+1'], last_seen = now() WHERE record = 'a'")
    assert [one.state for one in listed(con, LATER)] == states
    con.execute("UPDATE record SET phones = ['+3'] WHERE record = 'a'")
    assert listed(con, LATER)[1].state is State.review
    con.execute("DELETE FROM record WHERE record = 'b'")
    assert listed(con, LATER)[1].state is State.dormant


def test_a_run_says_how_many_verdicts_are_dormant() -> None:
    con = workspace("abc")
    store(con, [said(1, "ab", "same"), said(2, "ax", "same"), said(3, "bx", "unsure"), said(4, "bx", "withdrawn")])
    (note,) = dormant(con, LATER)
    assert "not there now, which bind again when these are back: 1 (" in note
    con.execute("INSERT INTO record (record) VALUES ('x')")
    assert dormant(con, LATER) == []


@pytest.mark.parametrize("wrong", [{"left": "b"}, {"reason": " "}, {"verdict": "maybe"}, {"colour": "red"}])
def test_a_decision_that_is_none_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Decision.model_validate(said(1, "ab", "same").model_dump() | wrong)


def test_the_file_keeps_every_line_for_its_owner_alone(tmp_path: Path) -> None:
    file, one, two = tmp_path / "decisions.jsonl", said(1, "ab", "same"), said(2, "bc", "different")
    assert kept_decisions(file) == []
    append_decisions(file, [one])
    append_decisions(file, [two])
    append_decisions(file, [])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_decisions_file(file) == [(1, one), (2, two)]
    assert list(one.model_dump(mode="json"))[:7] == ["id", "left", "right", "verdict", "level", "by", "at"]


def test_lines_from_before_undoing_was_noted_are_read(tmp_path: Path) -> None:
    file, one = tmp_path / "decisions.jsonl", said(1, "ab", "same")
    line = one.model_dump(mode="json")
    del line["restored_by"]
    file.write_text(json.dumps(line) + "\n")
    assert read_decisions_file(file) == [(1, one)]


@pytest.mark.parametrize("cut", [1, 20, -1])
def test_a_line_that_a_crash_cut_short_is_written_again(tmp_path: Path, cut: int) -> None:
    file, one, two = tmp_path / "decisions.jsonl", said(1, "ab", "same"), said(2, "bc", "different")
    append_decisions(file, [one])
    first = file.read_bytes()
    append_decisions(file, [two])
    file.write_bytes(first + file.read_bytes()[len(first) :][:cut])
    kept = kept_decisions(file)
    assert kept == ([one, two] if cut == -1 else [one])
    append_decisions(file, [two] if len(kept) == 1 else [])
    assert [decision for _, decision in read_decisions_file(file)] == [one, two]


def test_lines_for_which_the_disk_has_no_room_leave_the_file_as_it_was(tmp_path: Path) -> None:
    file, one, two = tmp_path / "decisions.jsonl", said(1, "ab", "same"), said(2, "bc", "different")
    append_decisions(file, [one])
    before, (soft, hard) = file.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) * 5 // 2, hard))  # has room for a line and a half
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            append_decisions(file, [two, said(3, "cd", "same")])
        assert file.read_bytes() == before
        append_decisions(file, [two])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert kept_decisions(file) == [one, two]


def test_a_wrong_line_is_told_by_its_number_and_not_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    append_decisions(file, [said(1, "ab", "same")])
    with file.open("a") as opened:
        opened.write('{"id": "d2", "left": "+12143634567"}\n')
    with pytest.raises(InputError, match=r"decisions\.jsonl:2: right: ") as refused:
        kept_decisions(file)
    assert "2143634567" not in refused.value.message
    with pytest.raises(InputError, match="not there"):
        read_decisions_file(tmp_path / "nothing.jsonl")
