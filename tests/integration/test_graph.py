from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from graph_sample import add, at, content, sample
from shared_servers import Servers

from stormops_graph.adapters.migrations import Migration, migrate, shipped
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.errors import ServerDown, StoreError
from stormops_graph.graph.history import namespace, read_history
from stormops_graph.graph.inspection import Edits, inspect
from stormops_graph.graph.load import load
from stormops_graph.graph.verdicts import read_decisions
from stormops_graph.journeys import conversions_apart, make_journeys, read_journeys
from stormops_graph.ports import Step
from stormops_graph.storms import place_storms
from stormops_graph.tables import IDENTITY, LINEAGE, TOUCH, Connection

EMPTY = "MATCH (n) WHERE NOT n:Graph AND NOT n:Migration WITH n LIMIT 20000 DETACH DELETE n RETURN count(n)"


@pytest.fixture
def graph(servers: Servers) -> Iterator[Neo4jGraph]:
    """An empty graph; its constraints stay, as making them anew for each test takes seconds."""
    known = servers.connections
    with Neo4jGraph(known.neo4j_uri, known.neo4j_user, known.neo4j_password, known.neo4j_database) as opened:
        empty(opened)
        migrate(opened)
        yield opened


def empty(graph: Neo4jGraph) -> None:
    while ask(graph, EMPTY) != [(0,)]:
        pass


def resolve(con: Connection, graph: Neo4jGraph, run: str) -> int:
    place_storms(con)
    total = load(con, graph, run, at(28)).total
    make_journeys(graph)
    return total


def ask(graph: Neo4jGraph, query: str) -> list[Any]:
    return [tuple(row.values()) for row in graph.execute(query, {}, "test")]


def test_a_second_load_writes_nothing(graph: Neo4jGraph) -> None:
    con = sample()
    assert resolve(con, graph, "R1") > 50
    before = content(graph)
    place_storms(con)
    report = load(con, graph, "R2", at(28))
    assert (report.total, report.read_back, make_journeys(graph)) == (0, False, 0)
    assert content(graph) == before
    assert ask(graph, "MATCH (r:Run) RETURN r.run_id") == [("R1",)]


def test_a_deleted_workspace_is_read_back_and_writes_nothing(graph: Neo4jGraph) -> None:
    resolve(sample(), graph, "R1")
    con = sample()
    place_storms(con)
    report = load(con, graph, "R2", at(28))
    assert (report.total, report.read_back) == (0, True)


def test_a_workspace_of_before_a_kind_was_known_is_read_back(graph: Neo4jGraph) -> None:
    con = sample()
    resolve(con, graph, "R1")
    con.execute("DROP TABLE shadow_at")
    assert inspect(con, graph) is None
    report = load(con, graph, "R2", at(28))
    assert (report.total, report.read_back) == (0, True)


def test_history_is_the_same_from_workspace_and_graph(graph: Neo4jGraph) -> None:
    con = sample()
    resolve(con, graph, "R1")
    assert not read_history(con, graph)
    other = sample()
    assert read_history(other, graph)
    for table in ("last_membership", "used_id"):
        rows = [sorted(map(str, each.table(table).fetchall())) for each in (con, other)]
        assert rows[0] == rows[1]
        assert rows[0]
    assert read_decisions(other, graph) == 1
    assert other.table("decision").fetchall() == con.table("decision").fetchall()


def test_the_model_that_analysts_see(graph: Neo4jGraph) -> None:
    resolve(sample(), graph, "R1")
    assert ask(graph, "MATCH (i:Phone {is_shared: true}) RETURN i.key, i.distinct_people") == [
        ("phone:+12143630000", 40)
    ]
    assert ask(graph, "MATCH (:Record {record: 'knock:1'})-[r:RESOLVES_TO]->(h) RETURN labels(h), r.confidence") == [
        (["Household"], 0.9)
    ]
    assert ask(graph, "MATCH (h:Household) RETURN h.household_id, h.surname, h.people, h.records, h.zip_code") == [
        ("h1", "lee", 2, 4, "75001"),
        ("h2", "ray", 1, 2, None),
    ]
    assert ask(
        graph, "MATCH (:Household {household_id: 'h1'})-[:LIVES_AT]->(p) RETURN p.persona, p.persona_priors"
    ) == [("Deal_Hunter", '{"channels":{"sms":1.3}}')]
    assert ask(graph, "MATCH (r:Record)-[c:CANDIDATE]->(p) RETURN r.record, c.probability, p.property_id") == [
        ("ga4:2", 0.4, "P1")
    ]
    spanning = ask(graph, "MATCH ()-[m:MATCHES {spans: true}]->() RETURN m.weight ORDER BY m.weight")
    assert spanning == [(6.0,), (8.0,)]
    assert ask(graph, "MATCH ()-[m:MATCHES {spans: false}]->() RETURN m.weight") == [(2.0,)]
    assert ask(graph, "MATCH (:Decision {verdict: 'same'})-[:ABOUT]->(r) RETURN r.record ORDER BY r.record") == [
        ("call:1",),
        ("crm:1",),
    ]
    assert ask(graph, "MATCH (i:Identifier) WHERE i.key STARTS WITH 'contact' RETURN i") == []


def test_journeys_worked_by_hand(graph: Neo4jGraph) -> None:
    con = sample()
    resolve(con, graph, "R1")
    assert read_journeys(con, graph) == 2
    journeys = con.sql(
        "SELECT journey_id, zip_code, persona, converted, value, started_at, ended_at FROM journey ORDER BY ALL"
    ).fetchall()
    assert journeys == [
        ("h1:S1", "75001", "Deal_Hunter", True, 900.0, at(2), at(5)),
        ("h2:S1", "UNKNOWN", None, False, None, at(4), at(4)),
    ]
    steps = con.sql(
        "SELECT journey_id, position, touch_id, channel, play_id FROM journey_touch ORDER BY ALL"
    ).fetchall()
    assert steps == [
        ("h1:S1", 0, "t1", "sms", "Financing"),
        ("h1:S1", 1, "t2", "call", None),
        ("h1:S1", 2, "t3", "door_knock", None),
        ("h2:S1", 0, "t5", "ga4", None),
    ]
    assert ask(graph, "MATCH (a)-[:NEXT]->(b) RETURN a.touch_id, b.touch_id ORDER BY a.touch_id") == [
        ("t1", "t2"),
        ("t2", "t3"),
    ]
    assert ask(graph, "MATCH (:Journey)-[:ENDED_IN]->(c) RETURN c.conversion_id") == [("k1",)]
    assert ask(graph, "MATCH (:Journey)-[:IN]->(a)-[:OF]->(s) RETURN a.zip_code, s.event_id ORDER BY a.zip_code") == [
        ("75001", "S1"),
        ("UNKNOWN", "S1"),
    ]
    assert conversions_apart(graph) == {"S1": 1}
    assert read_journeys(con, graph, zip_code="75001") == 1
    assert read_journeys(con, graph, event="S2") == 0


def test_a_new_touch_makes_only_its_household_anew(graph: Neo4jGraph) -> None:
    con = sample()
    resolve(con, graph, "R1")
    add(con, TOUCH, touch_id="t0", record="ga4:1", channel="ga4", at=at(3), event_id="S1")
    place_storms(con)
    assert load(con, graph, "R2", at(29)).as_dict() == {
        "Touch": {"new": 1, "changed": 0, "gone": 0},
        "BY": {"new": 1, "changed": 0, "gone": 0},
    }
    assert make_journeys(graph) == 1
    read_journeys(con, graph)
    order = "SELECT touch_id FROM journey_touch WHERE journey_id = 'h2:S1' ORDER BY position"
    assert con.sql(order).fetchall() == [("t0",), ("t5",)]


def test_a_merge_keeps_the_old_id_and_takes_the_journeys_along(graph: Neo4jGraph) -> None:
    con = sample()
    resolve(con, graph, "R1")
    merge(con)
    report = load(con, graph, "R2", at(29)).as_dict()
    assert report["Household"] == {"new": 0, "changed": 1, "gone": 1}
    assert report["MERGED_INTO"] == {"new": 1, "changed": 0, "gone": 0}
    assert make_journeys(graph) == 2
    assert ask(
        graph, "MATCH (o:Household)-[m:MERGED_INTO]->(n) RETURN o.household_id, o.retired_run, m.run, n.household_id"
    ) == [("h2", "R2", "R2", "h1")]
    read_journeys(con, graph)
    steps = con.sql("SELECT journey_id, touch_id FROM journey_touch ORDER BY position").fetchall()
    assert steps == [("h1:S1", "t1"), ("h1:S1", "t2"), ("h1:S1", "t5"), ("h1:S1", "t3")]
    assert load(con, graph, "R3", at(29)).total == 0


def merge(con: Connection) -> None:
    con.execute("UPDATE membership SET household = 'h1' WHERE household = 'h2'")
    con.execute("DELETE FROM residence WHERE household = 'h2'")
    con.execute("DELETE FROM identity WHERE id = 'h2'")
    add(con, LINEAGE, level="household", old_id="h2", new_id="h1", kind="merged")


def test_an_id_that_comes_back_is_no_longer_retired(graph: Neo4jGraph) -> None:
    con = sample()
    resolve(con, graph, "R1")
    merge(con)
    resolve(con, graph, "R2")
    con.execute("UPDATE membership SET household = 'h2' WHERE person = 'p3'")
    con.execute("DELETE FROM lineage")
    add(con, LINEAGE, level="household", old_id="h1", new_id="h2", kind="split")
    add(con, IDENTITY, level="household", id="h2", birth_key="crm:2", generation=0)
    resolve(con, graph, "R3")
    assert ask(
        graph, "MATCH (n:Household)-[:SPLIT_FROM]->(o) RETURN n.household_id, n.retired_run, o.household_id"
    ) == [("h2", None, "h1")]
    assert ask(graph, "MATCH ()-[m:MERGED_INTO]->() RETURN count(m)") == [(1,)]


class KilledError(Exception):
    """The process was killed."""


class DyingGraph(Neo4jGraph):
    """The real graph, of a process that dies before its n-th transaction."""

    def live(self, transactions: int) -> DyingGraph:
        self.left = transactions
        return self

    def write_together(self, transactions: Iterable[Sequence[Step]], *, threads: int = 1, **parameters: Any) -> int:
        def counted() -> Iterator[Sequence[Step]]:
            for steps in transactions:
                if self.left == 0:
                    raise KilledError
                self.left -= 1
                yield steps

        return super().write_together(counted(), threads=1, **parameters)


@pytest.mark.parametrize("transactions", [0, 3, 9, 14, 19])
def test_a_killed_load_is_completed_by_the_next(servers: Servers, graph: Neo4jGraph, transactions: int) -> None:
    known = servers.connections
    con = sample()
    resolve(con, graph, "R1")
    merge(con)
    resolve(con, graph, "R2")
    undisturbed = content(graph)
    empty(graph)
    con = sample()
    resolve(con, graph, "R1")
    merge(con)
    with (
        DyingGraph(known.neo4j_uri, known.neo4j_user, known.neo4j_password).live(transactions) as dying,
        pytest.raises(KilledError),
    ):
        resolve(con, dying, "R2")
        raise KilledError  # it survived: there were fewer transactions
    resolve(con, graph, "R3")
    assert content(graph) == undisturbed
    assert load(con, graph, "R4", at(29)).total == 0


def test_edits_by_hand_are_seen(graph: Neo4jGraph) -> None:
    con = sample()
    assert inspect(con, graph) is None
    resolve(con, graph, "R1")
    assert inspect(con, graph) == []
    ask(graph, "MATCH (p:Property {property_id: 'P1'}) SET p.address = '9 Elm St'")
    ask(graph, "MATCH (t:Touch {touch_id: 't7'}) DETACH DELETE t")
    ask(graph, "MATCH (:Person {person_id: 'p1'})-[m:MEMBER_OF]->() SET m.confidence = 1.0")
    ask(graph, "MATCH (a:Record {record: 'crm:1'}), (b:Record {record: 'crm:2'}) CREATE (a)-[:MATCHES]->(b)")
    assert inspect(con, graph) == [
        Edits("Property", 0, 0, 1),
        Edits("Touch", 1, 0, 0),
        Edits("BY", 1, 0, 0),
        Edits("MATCHES", 0, 1, 0),
        Edits("MEMBER_OF", 0, 0, 1),
    ]


def test_rows_without_a_place_are_told_and_the_next_load_finds_what_was_deleted(graph: Neo4jGraph) -> None:
    con = sample()
    resolve(con, graph, "R1")
    ask(graph, "MATCH (r:Record {record: 'ga4:1'}) DETACH DELETE r")
    add(con, TOUCH, touch_id="t0", record="ga4:1", channel="ga4", at=at(3), event_id="S1")
    with pytest.raises(StoreError, match="1 of 1 rows found no place in the graph"):
        resolve(con, graph, "R2")
    resolve(con, graph, "R3")
    assert inspect(con, graph) == []


def test_a_key_that_is_there_twice_stops_before_anything_is_written(graph: Neo4jGraph) -> None:
    con = sample()
    add(con, TOUCH, touch_id="t1", record="sms:1", channel="call", at=at(9))
    place_storms(con)
    with pytest.raises(StoreError, match="Touch: 1 keys"):
        load(con, graph, "R1", at(28))
    assert ask(graph, "MATCH (n) WHERE NOT n:Graph AND NOT n:Migration RETURN count(n)") == [(0,)]


def test_migrations_are_applied_once_and_not_edited(graph: Neo4jGraph) -> None:
    assert migrate(graph) == []
    assert namespace(graph) == namespace(graph)
    edited = [Migration(one.version, one.name, one.source + "\n// more") for one in shipped()]
    with pytest.raises(StoreError, match="V001 was edited"):
        migrate(graph, edited)
    with pytest.raises(StoreError, match="newer version"):
        migrate(graph, shipped()[:1])


def test_a_server_that_is_down_or_refuses_says_so(servers: Servers) -> None:
    known = servers.connections
    with Neo4jGraph("bolt://127.0.0.1:9", "neo4j", "secret") as nobody, pytest.raises(ServerDown) as down:
        list(nobody.read("read/migrations"))
    assert "up" in down.value.hint
    with Neo4jGraph(known.neo4j_uri, "neo4j", "wrong-password") as stranger, pytest.raises(StoreError) as refused:
        list(stranger.read("read/migrations"))
    assert "wrong-password" not in str(refused.value)
