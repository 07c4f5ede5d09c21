"""What becomes of a steward's claim: said once, taken back, for a time, by two."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from stormops_graph.errors import Contradiction, InputError, Mistyped, NotFound
from stormops_graph.ledger.bindings import State, bind, listed, store
from stormops_graph.ledger.claims import Claim, Hearing, restored
from stormops_graph.ledger.decisions import Decision, Level, Verdict, in_force
from stormops_graph.ledger.naming import decision_named
from stormops_graph.ledger.statement_file import read_statements
from stormops_graph.tables import MEMBERSHIP, PAIR, PAIR_KIND, RECORD, SOURCE_ROW, Connection

START = datetime(2024, 5, 1)


class Book:
    """A ledger in a workspace alone, a minute passing between entries; households a b, c d e and f."""

    def __init__(self, second_above: int = 0) -> None:
        self.con, self.known, self.second_above = workspace(), list[Decision](), second_above

    @property
    def now(self) -> datetime:
        return START + timedelta(minutes=len(self.known))

    def say(self, pair: str, verdict: str, by: str = "ana", **more: object) -> Decision:
        claim = Claim(pair[0], pair[1], Verdict(verdict), "seen", by, **more)  # type: ignore[arg-type]
        hearing = Hearing(self.con, [claim], self.known, self.now, self.second_above)
        return self._keep(hearing.made(claim, self.now))

    def undo(self, decision: Decision) -> Decision:
        return self._keep(restored(decision, self.known, "ben", self.now))

    def states(self, at: datetime | None = None) -> list[State]:
        store(self.con, self.known)
        return [one.state for one in listed(self.con, at or self.now)]

    def bound(self, at: datetime | None = None) -> set[tuple[str, str, str]]:
        store(self.con, self.known)
        bind(self.con, at or self.now)
        rows = self.con.execute("SELECT left_id || right_id, verdict FROM binding WHERE level = 'household'").fetchall()
        return {(pair, verdict) for pair, verdict in rows}  # type: ignore[misc]

    def _keep(self, decision: Decision) -> Decision:
        if decision not in self.known:
            self.known.append(decision)
        return decision


def workspace() -> Connection:
    con = duckdb.connect()
    RECORD.create(con)
    MEMBERSHIP.create(con)
    for record, household in {"a": "h1", "b": "h1", "c": "h2", "d": "h2", "e": "h2", "f": "h3"}.items():
        con.execute("INSERT INTO record (record, feed, given) VALUES (?, 'calls', 'ann')", [record])
        con.execute("INSERT INTO membership (record, household) VALUES (?, ?)", [record, household])
    return con


def test_what_holds_already_is_not_said_twice() -> None:
    book = Book()
    first = book.say("ab", "same")
    assert book.say("ba", "same") is first
    assert book.say("ab", "same", by="ben") is not first
    book.con.execute("UPDATE record SET given = 'bea' WHERE record = 'a'")
    assert book.states()[-1] is State.review
    book.say("ab", "same", by="ben")  # of other values it is another verdict
    assert book.states() == [State.superseded, State.superseded, State.in_force]


def test_many_claims_are_heard_as_one_after_the_other() -> None:
    said = [
        ("ab", "same"),
        ("ce", "different"),
        ("ba", "same"),
        ("calls:7f", "same"),
        ("ab", "different"),
        ("bc", "same"),
    ]
    claims = [Claim(pair[:-1], pair[-1], Verdict(verdict), "seen", "ana") for pair, verdict in said]
    con, one, other = workspace(), list[Decision](), list[Decision]()
    for table in (PAIR, PAIR_KIND, SOURCE_ROW):
        table.create(con)
    con.execute("INSERT INTO source_row (feed, id, record) VALUES ('calls', '7', 'd')")
    con.execute(
        "INSERT INTO pair_kind VALUES ('a', 'b', 0.9, 0.8, true, true, true), ('d', 'f', 0.7, 0.6, true, true, true)"
    )
    con.execute("INSERT INTO pair (left_id, right_id, model) VALUES ('a', 'b', 'splink'), ('a', 'b', 'identifier')")
    for claim in claims:
        one.append(Hearing(con, [claim], one, START, second_above=3).made(claim, START))
    hearing = Hearing(con, claims, [], START, second_above=3)
    other += [hearing.made(claim, START) for claim in claims]
    apart = {"id", "supersedes"}
    assert [d.model_dump(exclude=apart) for d in one] == [d.model_dump(exclude=apart) for d in other]
    assert other[2] is other[0]
    assert [d.pair for d in other[3:]] == [("d", "f"), ("a", "b"), ("b", "c")]
    assert [(d.score, d.model) for d in other[:2]] == [(0.8, "identifier, splink"), (None, None)]
    assert (other[4].score, other[4].supersedes) == (0.9, other[0].id)
    assert [d.needs_second for d in other] == [False, False, False, True, False, True]


def test_a_claim_that_means_nothing_is_told_when_its_turn_comes() -> None:
    con = workspace()
    claims = [Claim(one, other, Verdict.same, "seen", "ana") for one, other in ("ab", "ax", "cc")]
    hearing = Hearing(con, claims, [], START)
    assert hearing.made(claims[0], START).pair == ("a", "b")
    with pytest.raises(NotFound, match="there is no record x"):
        hearing.made(claims[1], START)
    with pytest.raises(Mistyped, match="both names mean"):
        hearing.made(claims[2], START)


def test_a_withdrawn_verdict_binds_nothing_and_is_kept() -> None:
    book = Book()
    with pytest.raises(NotFound, match="no verdict"):
        book.say("ab", "withdrawn")
    book.say("ab", "different")
    assert book.bound() == {("ab", "different")}
    gone = book.say("ab", "withdrawn")
    assert book.bound() == set()
    assert book.states() == [State.superseded, State.withdrawn]
    assert book.say("ab", "withdrawn", by="ben") is gone


def test_undo_restores_what_was_said_before_and_undo_of_undo_what_was_undone() -> None:
    book = Book()
    first = book.say("ab", "same")
    second = book.say("ab", "different", level=Level.person)
    with pytest.raises(Contradiction, match="later verdict") as refused:
        book.undo(first)
    assert refused.value.hint.endswith(f"decisions undo {second.id}")
    back = book.undo(second)
    assert (back.verdict, back.level, back.reason) == (Verdict.same, Level.person, "seen")
    assert (back.by, back.restored_by, back.signed) == ("ana", "ben", "ana, restored by ben")  # it is ana's word again
    assert book.say("ab", "same") is back  # who says it again adds nothing
    again = book.undo(back)
    assert (again.verdict, again.level, again.supersedes) == (Verdict.different, Level.person, back.id)
    assert book.undo(again).verdict is Verdict.same


def test_undoing_the_first_verdict_on_a_pair_leaves_none_and_can_be_undone() -> None:
    book = Book()
    first = book.say("ac", "same")
    gone = book.undo(first)
    assert (gone.verdict, gone.by, gone.restored_by) == (Verdict.withdrawn, "ben", None)
    assert book.bound() == set()
    book.undo(gone)
    assert book.bound() == {("ac", "same")}
    assert len(book.known) == 3


def test_a_verdict_for_a_time_holds_until_then_and_is_history_after() -> None:
    book = Book()
    book.say("ac", "different", until=START + timedelta(days=1))
    assert book.bound(START + timedelta(hours=23)) == {("ac", "different")}
    assert book.bound(START + timedelta(days=1)) == set()
    assert book.states(START + timedelta(days=1)) == [State.expired]


def test_a_large_merge_binds_when_another_steward_says_the_same() -> None:
    book = Book(second_above=4)
    assert book.say("cf", "same").needs_second is False  # four records
    assert book.say("cd", "same").needs_second is False  # in one household already
    first = book.say("ac", "same")
    assert first.needs_second
    assert book.states()[-1] is State.pending
    assert ("ac", "same") not in book.bound()
    assert book.say("ac", "same") is first
    assert book.say("ac", "same", by="ben", level=Level.household).needs_second  # says less, so it confirms nothing
    book.say("ac", "same")
    second = book.say("ac", "same", by="ben")
    assert (second.needs_second, second.confirms) == (False, second.supersedes)
    assert ("ac", "same") in book.bound()
    assert ("ac", "same") not in (book.undo(second), book.bound())[1]


def test_who_takes_his_objection_back_has_not_said_the_same() -> None:
    book = Book(second_above=4)
    book.say("ac", "same")
    waits = book.undo(book.say("ac", "different", by="ben"))
    assert (waits.by, waits.needs_second) == ("ana", True)
    assert book.say("ac", "same").needs_second
    assert book.bound() == set()
    assert not book.say("ac", "same", by="ben").needs_second


def test_a_pending_verdict_does_not_bind() -> None:
    book = Book(second_above=1)
    book.say("ac", "same")
    assert in_force(book.known, book.now) == []


def test_statements_name_file_line_and_field(tmp_path: Path) -> None:
    file = tmp_path / "verdicts.jsonl"
    good = '{"one": "a", "other": "b", "verdict": "same", "reason": "one line", "level": "household"}\n'
    file.write_text(good + "\n" + good.replace("}", ', "by": "ben"}'))
    claims = read_statements(file, "ana", START)
    assert [(place, claim.by) for place, claim in claims] == [(f"{file}:1", "ana"), (f"{file}:3", "ben")]
    file.write_text(good, "utf-8-sig")  # a byte order mark first
    assert [place for place, _ in read_statements(file, "ana", START)] == [f"{file}:1"]
    for bad, told in (
        (good.replace("same", "maybe"), r":2: verdict: "),
        (good.replace('"reason"', '"because"'), r":2: (because|reason): "),
        (good.replace("}", ', "until": "2020-01-01T00:00:00"}'), r":2: until: "),
        ("nonsense\n", r":2: "),
    ):
        file.write_text(good + bad)
        with pytest.raises(InputError, match=told):
            read_statements(file, "ana", START)


def test_a_decision_is_named_by_as_much_of_its_id_as_lists_show() -> None:
    book = Book()
    first = book.say("ab", "same")
    assert decision_named(book.known, first.id) == decision_named(book.known, first.id[:8]) == first
    with pytest.raises(NotFound):
        decision_named(book.known, first.id[:7])
    twin = first.model_copy(update={"id": first.id[:-1] + ("0" if first.id[-1] != "0" else "1")})
    assert decision_named([first, twin], first.id) == first
    with pytest.raises(InputError, match="several ids begin"):
        decision_named([first, twin], first.id[:8])
