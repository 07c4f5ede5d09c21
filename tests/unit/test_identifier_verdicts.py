"""Verdicts on identifiers: whom they bind, now and when other records come to show them."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.resources import as_file, files

import duckdb
import pytest

from stormops_graph.errors import Contradiction, InputError, NotFound
from stormops_graph.ledger.bindings import State, bind, listed, refuse, store
from stormops_graph.ledger.claims import Claim, Hearing, restored
from stormops_graph.ledger.decisions import Decision, Level, Verdict, contradictions, in_force
from stormops_graph.ledger.holders import spread
from stormops_graph.lookup.asked import AskedReader
from stormops_graph.normalise import read_feed_rules
from stormops_graph.tables import HOLDING, LAST_MEMBERSHIP, MEMBERSHIP, RECORD, SHARED_IDENTIFIER, Connection

NOW = datetime(2024, 6, 1)
PHONE, EMAIL, COOKIE = "phone:+12145550142", "email:ann@mail.com", "cookie:GA1.2.33"


class Town:
    """A workspace of records that hold identifiers, and a ledger in it."""

    def __init__(self) -> None:
        self.con: Connection = duckdb.connect()
        self.known: list[Decision] = []
        for table in (RECORD, HOLDING, SHARED_IDENTIFIER, MEMBERSHIP, LAST_MEMBERSHIP):
            table.create(self.con)

    def record(
        self, record: str, *keys: str, seen: tuple[str, str] = ("2024-05-01", "2024-05-02"), home: str = "", name="ann"
    ) -> None:
        self.con.execute("INSERT INTO record (record, feed, surname) VALUES (?, 'calls', ?)", [record, name])
        for key in keys:
            self.con.execute(
                "INSERT INTO holding VALUES (?, ?, ?, 'row', ?, ?, 1)", [record, *key.split(":", 1), *seen]
            )
        for household in home.split():
            self.con.execute("INSERT INTO membership (record, household) VALUES (?, ?)", [record, household])
            self.con.execute("INSERT INTO last_membership (record, household) VALUES (?, ?)", [record, household])

    def say(self, one: str, other: str, verdict: str, level: str = "household", **more: object) -> Decision:
        claim = Claim(one, other, Verdict(verdict), "she said so", "ana", Level(level), **more)  # type: ignore[arg-type]
        at = NOW + timedelta(seconds=len(self.known))
        decision = Hearing(self.con, [claim], self.known, at).made(claim, at)
        whole = in_force([*self.known, decision], NOW)
        refuse(contradictions(spread(self.con, whole)))
        self.known.append(decision)
        return decision

    def bound(self, at: datetime = NOW) -> set[tuple[str, str, str]]:
        """What clustering is told at the level of households."""
        store(self.con, self.known)
        bind(self.con, at)
        return set(
            self.con.execute("SELECT left_id, verdict, right_id FROM binding WHERE level = 'household'").fetchall()
        )  # type: ignore[arg-type]

    def states(self) -> list[State]:
        store(self.con, self.known)
        return [one.state for one in listed(self.con, NOW)]


@pytest.fixture
def town() -> Town:
    found = Town()
    found.record("a", PHONE)
    found.record("b", PHONE)
    found.record("c", EMAIL)
    found.record("d", COOKIE)
    return found


def test_same_holds_all_holders_together_and_those_who_come(town: Town) -> None:
    town.say(PHONE, EMAIL, "same")
    assert town.bound() == {("a", "same", "b"), ("a", "same", "c")}
    town.record("e", PHONE)
    assert town.bound() == {("a", "same", "b"), ("a", "same", "c"), ("a", "same", "e")}
    assert town.states() == [State.in_force]


def test_different_keeps_every_holder_of_one_from_every_holder_of_the_other(town: Town) -> None:
    town.say(PHONE, EMAIL, "different")
    assert town.bound() == {("a", "different", "c"), ("b", "different", "c")}
    town.record("e", EMAIL)
    assert {("a", "different", "e"), ("b", "different", "e")} < town.bound()
    assert town.say("d", PHONE, "different") in town.known  # a record and an identifier
    assert {("a", "different", "d"), ("b", "different", "d")} < town.bound()


def test_identifiers_bind_through_one_that_nobody_holds_any_more(town: Town) -> None:
    town.say("d", PHONE, "same")
    town.say("c", PHONE, "same")
    town.con.execute("DELETE FROM holding WHERE kind = 'phone'")
    assert town.bound() == {("c", "same", "d")}
    assert town.states() == [State.dormant, State.dormant]


def test_what_strangers_share_stands_for_nobody(town: Town) -> None:
    town.say(PHONE, EMAIL, "same")
    town.con.execute("INSERT INTO shared_identifier VALUES ('phone', '+12145550142', 30, 40, 'too many people')")
    assert town.bound() == set()
    assert town.states() == [State.dormant]
    with pytest.raises(NotFound) as refused:
        town.say("phone:+12145550143", COOKIE, "same")
    assert refused.value.message == "no record holds phone:+1*****0143 as its own"


def test_a_number_that_passed_on_means_who_has_it_now() -> None:
    town = Town()
    town.record("old", PHONE, seen=("2020-01-01", "2021-01-01"), home="h1")
    town.record("turn", PHONE, seen=("2020-01-01", "2024-01-01"), home="h1 h2")  # the bare number, each in turn
    town.record("new", PHONE, seen=("2023-01-01", "2024-01-01"), home="h2")
    town.record("x", EMAIL, home="h3")
    town.say(PHONE, EMAIL, "same")
    assert town.bound() == {("new", "same", "x")}
    town.record("next", PHONE, seen=("2024-06-02", "2024-06-02"))
    assert town.bound() == {("new", "same", "next"), ("new", "same", "x")}


def test_a_record_that_shows_both_is_on_neither_side_and_brings_the_question_back(town: Town) -> None:
    town.say(PHONE, EMAIL, "different")
    town.record("both", PHONE, EMAIL)
    assert town.bound() == {("a", "different", "c"), ("b", "different", "c")}
    assert town.states() == [State.review]


def test_other_names_with_an_identifier_bring_the_question_back(town: Town) -> None:
    town.say(PHONE, EMAIL, "same")
    town.record("again", PHONE)
    assert town.states() == [State.in_force]
    town.record("stranger", PHONE, name="bond")
    assert town.states() == [State.review]
    assert ("a", "same", "stranger") in town.bound()


def test_a_contradiction_with_a_verdict_on_records_is_refused_with_both(town: Town) -> None:
    on_records = town.say("a", "c", "different")
    with pytest.raises(Contradiction) as refused:
        town.say(PHONE, EMAIL, "same")
    assert on_records.id in refused.value.message
    assert "phone:+1*****0142" in refused.value.message
    assert "5550142" not in refused.value.message
    assert "ann@" not in refused.value.message
    town.say(COOKIE, EMAIL, "same")
    with pytest.raises(Contradiction):
        town.say(COOKIE, PHONE, "same")


def test_what_records_come_to_show_stops_no_run_but_sets_the_verdict_on_identifiers_aside(town: Town) -> None:
    town.say(PHONE, EMAIL, "same")
    town.say("d", "c", "different")
    town.say("a", COOKIE, "different")
    town.con.execute("INSERT INTO holding VALUES ('d', 'phone', '+12145550142', 'row', '2024-05-01', '2024-05-01', 1)")
    assert town.bound() == {("c", "different", "d"), ("a", "different", "d")}
    assert town.states() == [State.opposed, State.in_force, State.in_force]


def test_it_is_taken_back_and_ends_as_others_do(town: Town) -> None:
    said = town.say(PHONE, EMAIL, "same")
    assert town.say(EMAIL, PHONE, "same") == said  # said again, nothing is added
    town.known = [said, restored(said, [said], "ben", NOW)]
    assert town.bound() == set()
    again = town.say(PHONE, EMAIL, "same", until=datetime(2024, 7, 1))
    assert again.supersedes == town.known[1].id
    assert town.bound() == {("a", "same", "b"), ("a", "same", "c")}
    assert town.bound(datetime(2024, 7, 1)) == set()


def test_persons_of_one_household_may_be_kept_apart(town: Town) -> None:
    town.say(PHONE, EMAIL, "same")
    town.say(PHONE, EMAIL, "different", "person")
    assert town.bound() == set()  # the later verdict on the two is the one in force
    persons = town.con.execute("SELECT left_id, verdict, right_id FROM binding WHERE level = 'person'").fetchall()
    assert set(persons) == {("a", "different", "c"), ("b", "different", "c")}


def test_identifiers_are_read_as_the_feeds_are() -> None:
    with as_file(files("stormops_graph.matching_rules")) as shipped:
        reader = AskedReader(read_feed_rules(shipped))
    assert reader.end("phone:(214) 555-7142") == "phone:+12145557142"
    assert reader.end("email: Ann@Mail.com") == EMAIL
    assert reader.end("calls:CA1") == "calls:CA1"
    with pytest.raises(InputError):
        reader.end("phone:12")


def test_the_order_of_rows_changes_nothing(town: Town) -> None:
    town.say(PHONE, EMAIL, "same")
    town.say(PHONE, COOKIE, "different")
    first = town.bound()
    town.con.execute("CREATE OR REPLACE TABLE holding AS FROM holding ORDER BY record DESC")
    town.con.execute("CREATE OR REPLACE TABLE record AS FROM record ORDER BY record DESC")
    assert town.bound() == first
