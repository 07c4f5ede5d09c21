"""What is loaded into a real graph, and the journeys that are made there, worked out by hand."""

from __future__ import annotations

from graph_sample import add, ask, at, content, merge, resolve, sample

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.graph.history import read_history
from stormops_graph.graph.inspection import inspect
from stormops_graph.graph.load import load
from stormops_graph.graph.verdicts import read_decisions
from stormops_graph.journeys import make_journeys, read_journeys
from stormops_graph.journeys.storms import place_storms
from stormops_graph.lookup.history import history
from stormops_graph.reports.run import Change
from stormops_graph.tables import IDENTITY, LINEAGE, TOUCH


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
    merge(con)
    resolve(con, graph, "R2")
    assert not read_history(con, graph)
    other = sample()
    assert read_history(other, graph)
    for table in ("last_membership", "used_id", "ended_id"):
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
    assert ask(graph, "MATCH (c:Conversion) WHERE NOT (c)<-[:ENDED_IN]-() RETURN c.event_id") == [("S1",)]
    assert read_journeys(con, graph, event="S2") == 2  # it has none: all, for an error to name their storms


def test_a_new_touch_makes_only_its_household_anew(graph: Neo4jGraph) -> None:
    con = sample()
    resolve(con, graph, "R1")
    add(con, TOUCH, touch_id="t0", record="ga4:1", channel="ga4", at=at(3), event_id="S1")
    place_storms(con)
    assert load(con, graph, "R2", at(29)).changes == {"Touch": Change(new=1), "BY": Change(new=1)}
    assert make_journeys(graph) == 1
    read_journeys(con, graph)
    order = "SELECT touch_id FROM journey_touch WHERE journey_id = 'h2:S1' ORDER BY position"
    assert con.sql(order).fetchall() == [("t0",), ("t5",)]


def test_a_merge_keeps_the_old_id_and_takes_the_journeys_along(graph: Neo4jGraph) -> None:
    con = sample()
    resolve(con, graph, "R1")
    merge(con)
    changes = load(con, graph, "R2", at(29)).changes
    assert changes["Household"] == Change(changed=1, gone=1)
    assert changes["MERGED_INTO"] == Change(new=1)
    assert make_journeys(graph) == 2
    assert ask(
        graph, "MATCH (o:Household)-[m:MERGED_INTO]->(n) RETURN o.household_id, o.retired_run, m.run, n.household_id"
    ) == [("h2", "R2", "R2", "h1")]
    read_journeys(con, graph)
    steps = con.sql("SELECT journey_id, touch_id FROM journey_touch ORDER BY position").fetchall()
    assert steps == [("h1:S1", "t1"), ("h1:S1", "t2"), ("h1:S1", "t5"), ("h1:S1", "t3")]
    assert load(con, graph, "R3", at(29)).total == 0


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
    assert ask(graph, "MATCH ()-[m:MERGED_INTO]->() RETURN count(m)") == [(0,)]
    was = "MATCH (n:Household)-[m:WAS_MERGED_INTO]->(o) RETURN n.household_id, m.run, m.ended_run, o.household_id"
    assert ask(graph, was) == [("h2", "R2", "R3", "h1")]
    assert {(event.run, event.what) for event in history(graph, "h2") if event.other == "h1"} == {
        ("R2", "merged into"),
        ("R3", "lives again"),
        ("R3", "split from"),
    }
    assert inspect(con, graph) == []
    assert read_history(sample(), graph)
    assert load(con, graph, "R4", at(29)).total == 0
    con.execute("UPDATE membership SET household = 'h1' WHERE person = 'p3'")
    con.execute("DELETE FROM lineage")
    add(con, LINEAGE, level="household", old_id="h2", new_id="h1", kind="merged")
    resolve(con, graph, "R5")  # and together again
    assert ask(graph, "MATCH (o:Household)-[m:MERGED_INTO]->(n) RETURN o.household_id, m.run, n.household_id") == [
        ("h2", "R5", "h1")
    ]
