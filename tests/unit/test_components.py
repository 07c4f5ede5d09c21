"""Clustering on a kept workspace, whatever came, changed or went, says what clustering everything at once says."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import cluster_rules
import duckdb
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from stormops_graph.carryover import forget
from stormops_graph.cluster import settlement
from stormops_graph.cluster.clustering import cluster, find_households, persons_in
from stormops_graph.cluster.evidence import gather_evidence, read_evidence
from stormops_graph.cluster.forest import Forest
from stormops_graph.cluster.placement import place
from stormops_graph.tables import (
    BINDING,
    CANDIDATE,
    HOLDING,
    LAST_MEMBERSHIP,
    MEMBERSHIP,
    PAIR_KIND,
    PROPERTY,
    RECORD,
    RECORD_HOME,
    RECORD_NEWS,
    USED_ID,
    Connection,
)
from stormops_graph.ties import connect

RULES = cluster_rules.RULES.model_copy(update={"families": 2, "mover_homes": 2})
RECORDS = [*(f"{feed}:{n}" for feed in ("crm_contacts", "emails") for n in range(3)), *(f"r{n}" for n in range(5))]
SAID = ("membership", "person", "residence", "lineage", "identity")
HOMES = {"H1": "12", "H2": "21", "H3": "500"}  # of the first two numbers one may be a slip of the other
TABLES = (PROPERTY, RECORD, HOLDING, RECORD_HOME, RECORD_NEWS, CANDIDATE, PAIR_KIND, BINDING, LAST_MEMBERSHIP, USED_ID)
MAY = datetime(2024, 5, 1)
Said = dict[str, list[Any]]


class World(NamedTuple):
    """record → given, surname, home, flat, months seen, perhaps identifiers with the month of each; pairs with their
    probabilities; verdicts.
    """

    records: dict[
        str, tuple[str | None, str | None, str | None, str | None, tuple[int, int], *tuple[dict[str, int], ...]]
    ]
    pairs: dict[tuple[str, str], tuple[float, float, bool, bool, bool]]
    same: tuple[tuple[str, str], ...] = ()
    different: tuple[tuple[str, str], ...] = ()


PEOPLE = st.tuples(
    st.sampled_from([None, "ann", "bob"]),
    st.sampled_from([None, "lee", "ray"]),
    st.sampled_from([None, None, *HOMES, "unlisted"]),
    st.sampled_from([None, None, "1", "2", "3"]),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
    st.dictionaries(st.sampled_from(["a@x.org", "b@x.org"]), st.integers(0, 3)),
)
TWO = st.lists(st.sampled_from(RECORDS), min_size=2, max_size=2, unique=True).map(lambda two: tuple(sorted(two)))
SHARE = st.sampled_from([0.5, 0.65, 0.72, 0.85, 0.97, 0.99])
FLAG = st.booleans()
PAIRS = st.dictionaries(TWO, st.tuples(SHARE, SHARE, FLAG, FLAG, FLAG), max_size=8)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    records = draw(st.dictionaries(st.sampled_from(RECORDS), PEOPLE, min_size=1))
    same = tuple(draw(st.lists(TWO, max_size=2)))
    together = forest_of(same)
    apart = [
        two for two in draw(st.lists(TWO, max_size=2)) if together.root(number(two[0])) != together.root(number(two[1]))
    ]
    return World(records, draw(PAIRS), same, tuple(apart))


def number(record: str) -> int:
    return RECORDS.index(record)


def forest_of(pairs: tuple[tuple[str, str], ...]) -> Forest:
    forest = Forest(len(RECORDS))
    for left, right in pairs:
        forest.join(number(left), number(right))
    return forest


def workspace() -> Connection:
    con = duckdb.connect(config={"threads": 1})
    for table in TABLES:
        table.create(con)
    con.execute("CREATE TABLE profile (unique_id VARCHAR, given_root VARCHAR)")
    for home, street_no in HOMES.items():
        con.execute(
            "INSERT INTO property BY NAME SELECT ? AS property_id, ? AS street_no, 'elm' AS street_name",
            [home, street_no],
        )
    return con


EVIDENCE = (
    (RECORD, "record"),
    (HOLDING, "record"),
    (RECORD_HOME, "record"),
    (PAIR_KIND, "unnest([left_id, right_id])"),
)


def fill(con: Connection, world: World) -> None:
    for table, _ in EVIDENCE:
        con.execute(f"CREATE OR REPLACE TEMP TABLE before_{table.name} AS FROM {table.name}")
    say(con, world)
    for table, records in EVIDENCE:
        now, before = f"FROM {table.name}", f"FROM before_{table.name}"
        con.execute(
            f"INSERT INTO record_news SELECT {records} FROM (({now} EXCEPT {before}) UNION ALL ({before} EXCEPT {now}))"
        )


def say(con: Connection, world: World) -> None:
    for table in (RECORD, HOLDING, RECORD_HOME, PAIR_KIND, BINDING):
        table.create(con)
    rows = []
    for record, (name, surname, home, unit, months, *shown) in world.records.items():
        first, last = (MAY + timedelta(days=30 * month) for month in sorted(months))
        held = ((value, MAY + timedelta(days=30 * month)) for one in shown for value, month in one.items())
        HOLDING.append(con, [(record, "email", value, "row", at, at, 1) for value, at in held])
        rows.append((record, name, surname, home, unit, first, last))
    names = ("record", "given", "surname", "home", "unit", "first_seen", "last_seen")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    con.register("said", pa.table(columns))
    con.execute("INSERT INTO record BY NAME SELECT * EXCLUDE (home) FROM said")
    con.execute("INSERT INTO record_home SELECT record, home, home, home, 0.9 FROM said WHERE home IS NOT NULL")
    con.unregister("said")
    here = [(two, said) for two, said in world.pairs.items() if set(two) <= world.records.keys()]
    PAIR_KIND.append(con, [(*two, *said) for two, said in here])
    verdicts = [("same", two) for two in world.same] + [("different", two) for two in world.different]
    BINDING.append(
        con, sorted({(level, *two, verdict) for verdict, two in verdicts for level in ("household", "person")})
    )


def run(con: Connection, world: World) -> Said:
    fill(con, world)
    cluster(con, RULES, 0.5, uuid.UUID(int=7))
    return {name: con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in SAID}


def recall(con: Connection, said: Said) -> None:
    LAST_MEMBERSHIP.create(con)
    LAST_MEMBERSHIP.append(con, sorted({row[:3] for row in said["membership"]}))
    con.execute("INSERT INTO used_id SELECT * FROM identity ANTI JOIN used_id USING (level, id)")
    con.execute(
        "CREATE OR REPLACE TABLE ended_id AS"
        " WITH led AS (SELECT level, old_id FROM lineage WHERE kind = 'merged'"
        " UNION SELECT level, id FROM ended_id WHERE merged)"
        " SELECT level, id, (level, id) IN (SELECT (level, old_id) FROM led) AS merged"
        " FROM used_id ANTI JOIN identity USING (level, id)"
    )


Row = tuple[str, int | str | None, int | str, float, datetime | None, datetime | None]


def told(rows: list[Row]) -> set[tuple[Any, ...]]:
    """Rows of (record, person, household, confidence, from, to), persons and households by their records."""
    persons: dict[Any, set[str]] = {}
    households: dict[Any, set[str]] = {}
    for record, person, household, *_ in rows:
        persons.setdefault(person, set()).add(record)
        households.setdefault(household, set()).add(record)
    return {
        (record, person is not None and frozenset(persons[person]), frozenset(households[household]), *rest)
        for record, person, household, *rest in rows
    }


def clustered(said: Said) -> set[tuple[Any, ...]]:
    return told([(*row[:3], *row[4:]) for row in said["membership"]])


def at_once(con: Connection) -> set[tuple[Any, ...]]:
    """The same record by record: nothing is taken over, nothing goes by columns."""
    gather_evidence(con, RULES, 0.5, whole=True)
    con.execute("CREATE OR REPLACE TEMP TABLE due AS SELECT n, n AS number, 0 AS batch FROM evidence_record")
    evidence = read_evidence(con, 0)
    households, probability = find_households(evidence, RULES)
    placed = place(evidence, households, persons_in(evidence, households, RULES), probability).members.to_pylist()
    rows: list[Row] = []
    for row in placed:
        profile, attached = evidence.profiles[row["number"]], row["attached"]
        unhomed = 1.0 if attached is None else attached
        confidence = round(unhomed if profile.home is None else profile.home_probability, 6)
        times = row["valid_from"], row["valid_to"]
        rows.append((profile.record, row["person"], row["household"], confidence, *times))
    return told(rows)


@given(st.lists(st.tuples(worlds(), st.booleans()), min_size=2, max_size=3))
@settings(max_examples=6)
def test_what_is_taken_over_is_what_would_come_out_anew(nights: list[tuple[World, bool]]) -> None:
    with workspace() as kept, workspace() as fresh:
        for world, written in nights:
            said = run(kept, world)
            assert clustered(said) == at_once(kept)
            for table in (settlement.SETTLED, MEMBERSHIP):
                forget(fresh, table.name)
            assert run(fresh, world) == said
            if written:  # a run may break off before the graph has its ids
                recall(kept, said)
                recall(fresh, said)
        assert {row[0] for row in said["membership"]} == world.records.keys()
        recall(kept, said)
        assert run(kept, world)["lineage"] == []


@given(worlds())
@settings(max_examples=8)
def test_batches_change_nothing(world: World) -> None:
    with workspace() as con:
        said = run(con, world)
        forget(con, settlement.SETTLED.name)
        before, settlement._BATCH = settlement._BATCH, 1
        try:
            assert run(con, world) == said
        finally:
            settlement._BATCH = before


def due(con: Connection) -> int:
    return int(con.execute("SELECT coalesce(sum(records), 0) FROM unsettled").fetchall()[0][0])


def household(said: Said, *records: str) -> set[str]:
    return {row[2] for row in said["membership"] if row[0] in records}


ANN, CALL = ("ann", "lee", "H1", None, (0, 1)), (None, None, None, None, (0, 1))
TIED = (0.9, 0.9, True, False, True)
BY_NAME = (0.9, 0.9, True, True, False)


def test_only_what_a_new_pair_or_verdict_touches_is_clustered_again() -> None:
    with workspace() as con:
        records = {"r0": ANN, "r1": CALL, "r2": ("bob", "ray", "H2", None, (0, 1)), "r3": CALL, "r4": CALL}
        tied = {("r0", "r1"): TIED, ("r2", "r3"): TIED}
        first = run(con, World(records, tied))
        assert household(first, "r0", "r1").isdisjoint(household(first, "r2", "r3"))
        recall(con, first)
        assert run(con, World(records, tied))["lineage"] == []
        assert due(con) == 0
        joined = run(con, World(records, {**tied, ("r3", "r4"): TIED}))
        assert due(con) == 3
        assert len(household(joined, "r2", "r3", "r4")) == 1
        assert household(joined, "r0") == household(first, "r0")
        parted = run(con, World(records, tied, different=(("r0", "r1"),)))
        assert len(household(parted, "r0", "r1")) == 2


def test_a_component_that_splits_is_two_and_one_that_merges_is_one() -> None:
    with workspace() as con:
        records = {"r0": ANN, "r1": CALL, "r2": CALL}
        chain = {("r0", "r1"): TIED, ("r1", "r2"): TIED}
        whole = run(con, World(records, chain))
        assert len(household(whole, *records)) == 1
        split = run(con, World(records, {("r0", "r1"): TIED}))
        assert len(household(split, *records)) == 2
        assert run(con, World(records, chain)) == whole


def test_a_mail_that_nothing_else_ties_joins_a_home_at_less_than_a_call_does() -> None:
    likely = (0.65, 0.65, True, True, False)
    records = {"emails:0": CALL, "r0": ANN, "r1": CALL, "r2": CALL}
    with workspace() as con:
        alone = run(con, World(records, {("emails:0", "r0"): likely, ("r0", "r1"): likely}))
        assert len(household(alone, "emails:0", "r0")) == 1
        assert len(household(alone, "r0", "r1")) == 2
        assert [row[4] for row in alone["membership"] if row[0] == "emails:0"] == [0.65]
        tied = {("emails:0", "r0"): likely, ("emails:0", "r2"): TIED}
        assert len(household(run(con, World(records, tied)), "emails:0", "r0")) == 2
        astray = {("emails:0", "r1"): likely}  # to nobody's home
        assert len(household(run(con, World(records, astray)), "emails:0", "r1")) == 2


def test_who_was_parted_by_two_cards_is_joined_when_one_of_them_is_gone() -> None:
    knock, card = ("ann", "lee", "H1", None, (0, 1)), ("ann", "lee", None, None, (0, 1))
    records = {"crm_contacts:0": card, "crm_contacts:1": knock, "r0": knock, "r1": card}
    pairs = {("crm_contacts:0", "r1"): TIED, ("crm_contacts:1", "r0"): TIED, ("r0", "r1"): BY_NAME}
    with workspace() as con:
        parted = run(con, World(records, pairs))
        assert len(household(parted, *records)) == 2
        recall(con, parted)
        gone = {record: said for record, said in records.items() if record != "crm_contacts:0"}
        assert len(household(run(con, World(gone, pairs)), *gone)) == 1
        assert len(household(run(con, World(records, pairs)), *records)) == 2


def test_where_only_one_of_two_such_cards_is_told_to_be_gone_all_whom_it_kept_apart_are_clustered_again() -> None:
    ann = ("ann", "lee", None, None, (0, 1))
    records = {"crm_contacts:0": ann, "crm_contacts:1": ("ann", "lee", "H1", None, (0, 1)), "r0": ann, "r1": ann}
    pairs = {("crm_contacts:0", "r1"): TIED, ("crm_contacts:1", "r0"): TIED, ("r0", "r1"): BY_NAME}
    gone = {record: said for record, said in records.items() if record != "crm_contacts:0"}
    with workspace() as con:
        recall(con, run(con, World(records, pairs)))
        say(con, World(gone, pairs))
        RECORD_NEWS.append(con, [("crm_contacts:0",)])
        cluster(con, RULES, 0.5, uuid.UUID(int=7))
        assert con.execute("SELECT count(DISTINCT household) FROM membership").fetchall() == [(1,)]


def test_whom_a_steward_says_to_be_one_with_a_card_stays_with_it() -> None:
    ann, at_home = ("ann", "lee", None, None, (0, 1)), ("ann", "lee", "H1", None, (0, 1))
    records = {"crm_contacts:0": ann, "crm_contacts:1": at_home, "r0": at_home, "r1": ann}
    pairs = {("crm_contacts:1", "r0"): TIED, ("r0", "r1"): BY_NAME, ("crm_contacts:0", "r0"): BY_NAME}
    with workspace() as con:
        said = run(con, World(records, pairs, same=(("crm_contacts:0", "r1"),)))
        assert household(said, "crm_contacts:0", "r1").isdisjoint(household(said, "crm_contacts:1", "r0"))


numbers = st.integers(0, 29)


@given(st.lists(st.tuples(numbers, numbers)))
def test_components_are_what_a_forest_joins(ties: list[tuple[int, int]]) -> None:
    forest = Forest(30)
    for left, right in ties:
        forest.join(left, right)
    left, right = np.array(ties, dtype=np.int64).reshape(-1, 2).T
    assert connect(30, left, right).tolist() == [forest.root(n) for n in range(30)]
