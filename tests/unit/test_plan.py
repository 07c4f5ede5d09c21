"""A plan says what a run would do, in ids and counts; worked by hand."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stormops_graph.errors import InputError, PlanStale
from stormops_graph.graph.traces import print_traces
from stormops_graph.journeys import are_kept, keep_journeys, stand
from stormops_graph.pipeline.plan_file import read_plan, write_plan
from stormops_graph.pipeline.planning import refuse_stale
from stormops_graph.planning.basis import fingerprint_inputs, fingerprint_outcome
from stormops_graph.planning.credits import credit_moves, read_published, read_waiting, write_earned
from stormops_graph.planning.households import moves, rows_moved
from stormops_graph.reports.plan import Merge, Moved, Moves, Plan, Split, StormPlan
from stormops_graph.tables import (
    CONVERSION,
    CONVERSION_STORM,
    CREDIT,
    JOURNEY,
    JOURNEY_OF,
    LAST_MEMBERSHIP,
    LINEAGE,
    MEMBERSHIP,
    PROPERTY,
    RECORD,
    RESIDENCE,
    SOURCE_ROW,
    TOUCH,
    TOUCH_CREDIT,
    TOUCH_STORM,
    Connection,
    Table,
)

MAY = datetime(2024, 5, 1)


@pytest.fixture
def con() -> Iterator[Connection]:
    with duckdb.connect(":memory:") as connection:
        for table in (MEMBERSHIP, LAST_MEMBERSHIP, LINEAGE, SOURCE_ROW, TOUCH, CREDIT, TOUCH_CREDIT, JOURNEY):
            table.create(connection)
        yield connection


def fill(con: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        table.append(con, [[row.get(name) for name in table.columns]])


def hold(con: Connection, table: Table, level: str = "household", **groups: str) -> None:
    fill(con, table, [{"record": record, level: group} for group, records in groups.items() for record in records])


def descend(con: Connection, *rows: tuple[str, str, str]) -> None:
    LINEAGE.append(con, [("household", *row) for row in rows])


def test_a_run_without_news_moves_nothing(con: Connection) -> None:
    hold(con, LAST_MEMBERSHIP, h1="ab", h2="c")
    hold(con, MEMBERSHIP, h1="ab", h2="c")
    assert moves(con, "household") == Moves(before=2, now=2)
    assert moves(con, "person") == Moves()


def test_what_becomes_of_households(con: Connection) -> None:
    hold(con, LAST_MEMBERSHIP, h1="abc", h2="d", h3="efg", h4="hi", h5="jk", gone="z")
    # h2 goes into h1; g leaves h3; h4 gets a record; h5 loses one to the feeds; two are new
    hold(con, MEMBERSHIP, h1="abcd", h3="ef", h6="g", h4="hil", h5="j", n1="m", n2="o")
    descend(con, ("h2", "h1", "merged"), ("h3", "h6", "split"))
    assert moves(con, "household") == Moves(
        before=5,
        now=7,
        new=2,
        gone=1,
        ended=1,
        merged=1,
        split=1,
        changed=2,
        merges=[Merge(into="h1", merged=["h2"], ids=1, records=4)],
        splits=[Split(of="h3", into=["h3", "h6"], parts=2, records=3)],
    )


def test_the_largest_merges_and_splits_are_named_first_and_at_most_ten(con: Connection) -> None:
    letters = "abcdefghijkl"
    hold(con, LAST_MEMBERSHIP, **{f"old{i:02}": letter for i, letter in enumerate(letters)}, big="uvw", small="xy")
    hold(con, MEMBERSHIP, all=letters, big="u", b2="v", b3="w", small="x", s2="y")
    descend(con, *((f"old{i:02}", "all", "merged") for i in range(12)))
    descend(con, ("small", "s2", "split"), ("big", "b2", "split"), ("big", "b3", "split"))
    found = moves(con, "household")
    (merge,) = found.merges
    assert (merge.into, merge.ids, merge.records, len(merge.merged)) == ("all", 12, 12, 10)
    assert [(split.of, split.parts, split.records) for split in found.splits] == [("big", 3, 3), ("small", 2, 2)]


def test_rows_and_touches_that_go_elsewhere_by_feed_and_channel(con: Connection) -> None:
    hold(con, LAST_MEMBERSHIP, h1="ab", h2="c")
    hold(con, MEMBERSHIP, h1="a", h2="bc", h3="n")
    hold(con, LAST_MEMBERSHIP, "person", p1="a", p2="c")
    hold(con, MEMBERSHIP, "person", p1="ac")
    SOURCE_ROW.append(con, [("calls", "1", "a"), ("calls", "2", "b"), ("calls", "3", "b"), ("sms", "1", "n")])
    fill(con, TOUCH, [{"touch_id": f"t{r}{i}", "record": r, "channel": "call"} for r in "abc" for i in range(2)])
    moves(con, "household")
    moves(con, "person")
    rows, touches = rows_moved(con)
    assert rows == [
        Moved(name="calls", all=3, households=2, persons=0),
        Moved(name="sms", all=1, households=0, persons=0),
    ]
    assert touches == [Moved(name="call", all=6, households=2, persons=2)]


class Published:
    """A graph that publishes what it is given."""

    def __init__(self, shares: Sequence[Mapping[str, Any]], touches: Sequence[Mapping[str, Any]]) -> None:
        self.rows = {"read/published_shares": shares, "read/paid_touches": touches}
        self.rows["read/journeys_uncredited"] = [{"event_id": "S", "journeys": 1}]

    def read(self, statement: str, words: Mapping[str, str] | None = None, **_: Any) -> Iterator[Mapping[str, Any]]:
        return iter(self.rows[statement])


def share(key: str, part: float, event: str = "S") -> dict[str, Any]:
    return {"event_id": event, "dimension": "channel", "key": key, "share": part, "conversions": 2 * part}


def paid(*touches: tuple[str, str, str, float]) -> dict[str, Any]:
    """A storm's touches: household, touch, rep and credit of each."""
    lists = map(list, zip(*touches, strict=True))
    return {"event_id": "S", **dict(zip(("households", "touches", "reps", "credits"), lists, strict=True))}


def test_credit_that_would_move_from_one_household_and_rep_to_another(con: Connection) -> None:
    published = Published(
        [share("call", 0.75), share("sms", 0.25)],
        [paid(("h1", "t1", "ann", 1.0), ("h2", "t2", "ann", 0.5), ("h2", "t3", "", 0.5))],
    )
    assert read_published(con, published, "linear") == 2
    now = {"event_id": "S", "zip_code": "ALL", "dimension": "channel", "model": "linear"}
    fill(con, CREDIT, [{**now, "key": "call", "share": 0.5, "conversions": 1.0}])
    fill(con, CREDIT, [{**now, "key": "sms", "share": 0.5, "conversions": 1.0}])
    fill(con, CREDIT, [{**now, "key": "call", "share": 0.9, "model": "markov"}])  # not the published model
    # t2 goes to a new household, where it earns less; t4, ben's, joins it
    fill(con, JOURNEY, [{"journey_id": f"{h}:S", "household": h} for h in ("h1", "h2", "h3")])
    fill(con, TOUCH, [{"touch_id": "t4", "rep_id": "ben"}])
    for journey, touch, credit in (("h1:S", "t1", 1.0), ("h3:S", "t2", 0.25), ("h3:S", "t4", 0.75)):
        row = {"event_id": "S", "journey_id": journey, "touch_id": touch, "model": "linear", "credit": credit}
        fill(con, TOUCH_CREDIT, [row])
    write_earned(con, "linear")
    (storm,) = credit_moves(con, ["S"], read_waiting(published, "linear", ["T"]))
    assert [(e.key, e.share, e.share_now, e.conversions, e.conversions_now) for e in storm.credits] == [
        ("call", 0.75, 0.5, 1.5, 1.0),
        ("sms", 0.25, 0.5, 0.5, 1.0),
    ]
    assert (storm.shift, storm.closed, storm.conversions, storm.conversions_now) == (0.25, True, 2.0, 2.0)
    assert storm.waiting == 1
    assert (storm.touches_moved, storm.credit_moved) == (2, 1.0)  # t3 is in no converting journey any more
    assert [tuple(payee.model_dump().values()) for payee in storm.payees] == [
        ("ben", 0.0, 0.75, 0.0),
        (None, 0.5, 0.0, 0.5),
        ("ann", 1.5, 1.25, 0.5),
    ]
    assert [tuple(touch.model_dump().values()) for touch in storm.touches] == [
        ("t2", "h2", "h3", 0.5, 0.25),
        ("t3", "h2", None, 0.5, 0.0),
    ]


def test_order_of_rows_does_not_show_in_what_a_plan_rests_on(con: Connection) -> None:
    con.execute("CREATE TABLE feed_calls AS SELECT 'a' AS id, ['1'] AS tags, 7 AS print")
    con.execute("INSERT INTO feed_calls VALUES ('b', NULL, 8)")
    hold(con, MEMBERSHIP, h1="ab")
    before, outcome = fingerprint_inputs(con), fingerprint_outcome(con)
    con.execute("CREATE OR REPLACE TABLE feed_calls AS SELECT * REPLACE (9 AS print) FROM feed_calls ORDER BY id DESC")
    con.execute("CREATE OR REPLACE TABLE membership AS FROM membership ORDER BY record DESC")
    assert (fingerprint_inputs(con), fingerprint_outcome(con)) == (before, outcome)
    con.execute("INSERT INTO feed_calls SELECT * FROM feed_calls WHERE id = 'a'")
    assert {name for name, value in fingerprint_inputs(con).items() if value != before[name]} == {"feeds"}
    con.execute("UPDATE membership SET household = 'h2' WHERE record = 'b'")
    assert fingerprint_outcome(con) != outcome


def plan(**basis: str) -> Plan:
    storm = StormPlan(event_id="S", conversions=1, conversions_now=1)
    made = Plan(made_at=MAY, basis=basis, outcome="o", households=Moves(now=3), persons=Moves(), storms=[storm])
    return made.model_copy(update={"model": "markov"})


def test_a_plan_is_stale_when_anything_it_rests_on_changed() -> None:
    refuse_stale(plan(feeds="1", rules="2"), plan(feeds="1", rules="2").model_copy(update={"made_at": datetime.now()}))
    with pytest.raises(PlanStale, match="rules, verdicts changed") as refused:
        refuse_stale(plan(feeds="1", rules="2"), plan(feeds="1", rules="3", verdicts="4"))
    assert refused.value.exit_code == 12
    with pytest.raises(PlanStale, match="households changed"):
        refuse_stale(plan(), plan().model_copy(update={"outcome": "other"}))


def test_a_plan_is_a_file_that_only_its_owner_reads_and_nobody_edits(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "plan.json"
    write_plan(file, plan(feeds="1"))
    write_plan(file, plan(feeds="1"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_plan(file) == plan(feeds="1")
    edited = json.loads(file.read_text())
    file.write_text(json.dumps({**edited, "basis": {"feeds": "2"}}))
    with pytest.raises(InputError, match="was edited"):
        read_plan(file)
    for text in ("", "[]", '{"households": 3}'):
        file.write_text(text)
        with pytest.raises(InputError, match="no plan"):
            read_plan(file)
    with pytest.raises(InputError, match="not there"):
        read_plan(tmp_path / "other.json")


CONVERSION_AT = datetime(2024, 5, 3)
# Table → a row of what journeys are made of, and each column that they would be other by.
TRACED: tuple[tuple[Table, dict[str, Any], tuple[str, ...]], ...] = (
    (RECORD, {"record": "a"}, ("record",)),
    (
        TOUCH,
        {"touch_id": "t", "record": "a", "at": MAY, "channel": "call", "play_id": "P"},
        ("touch_id", "record", "at", "channel", "play_id"),
    ),
    (TOUCH_STORM, {"touch_id": "t", "event_id": "S"}, ("event_id",)),
    (
        CONVERSION,
        {"conversion_id": "c", "record": "a", "at": CONVERSION_AT, "value": 9.5},
        ("conversion_id", "record", "at", "value"),
    ),
    (CONVERSION_STORM, {"conversion_id": "c", "event_id": "S"}, ("event_id",)),
    (
        MEMBERSHIP,
        {"record": "a", "person": "p", "household": "h", "valid_from": MAY, "valid_to": CONVERSION_AT},
        ("record", "person", "household", "valid_from", "valid_to"),
    ),
    (
        RESIDENCE,
        {"household": "h", "property_id": "P1", "valid_from": MAY, "valid_to": CONVERSION_AT},
        ("household", "valid_from", "valid_to"),
    ),
    (PROPERTY, {"property_id": "P1", "zip5": "75201", "primary_persona": "Saver"}, ("zip5", "primary_persona")),
)


def test_journeys_stand_only_while_all_that_they_are_made_of_is_the_same(con: Connection) -> None:
    for table, row, _ in TRACED:
        table.create(con)
        fill(con, table, [row])
    before = print_traces(con)
    for table, row, columns in TRACED:
        for column in columns:
            other = CONVERSION_AT.replace(hour=5) if isinstance(row[column], datetime) else 7.5
            other = other if table.columns[column] in ("TIMESTAMP", "DOUBLE") else "other"
            for value in (other, None):
                con.begin()
                con.execute(f'UPDATE "{table.name}" SET "{column}" = ?', [value])
                assert print_traces(con) != before, (table.name, column, value)
                con.rollback()
    con.execute("UPDATE membership SET confidence = 0.7")
    con.execute("UPDATE property SET address = 'elsewhere'")
    assert print_traces(con) == before


def test_journeys_stand_of_a_complete_run_alone(con: Connection) -> None:
    assert not stand(con, "(1,)")
    JOURNEY_OF.append(con, [("",)])  # they are made
    assert not stand(con, "(1,)")  # and the run was cut short
    JOURNEY_OF.append(con, [("",)])
    keep_journeys(con, "R1")
    assert stand(con, "(1,)")
    keep_journeys(con, "R2")
    assert stand(con, "(1,)")
    keep_journeys(con, "R3")
    con.execute("UPDATE journey_of SET run = 'A1'")  # an amendment has other journeys
    assert not stand(con, "(1,)")
    keep_journeys(con, "R4")
    assert not are_kept(con, "R4")  # nobody made them
    JOURNEY_OF.append(con, [("R4",)])  # but they were read from the graph
    assert not stand(con, "(2,)")
