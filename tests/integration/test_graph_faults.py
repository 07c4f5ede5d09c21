"""Loads that break off, edits by hand, servers that refuse: what a real graph is protected from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from graph_sample import ALL_GONE, add, ask, at, content, merge, resolve, sample
from shared_servers import Servers

from stormops_graph.adapters.migrations import Migration, migrate, shipped
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.errors import ServerDown, StoreError
from stormops_graph.graph.history import namespace
from stormops_graph.graph.inspection import Edits, inspect
from stormops_graph.graph.load import load
from stormops_graph.journeys.storms import place_storms
from stormops_graph.ports import Step
from stormops_graph.tables import TOUCH


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


def test_a_killed_load_is_completed_by_the_next(servers: Servers, graph: Neo4jGraph) -> None:
    known = servers.connections
    con = sample()
    resolve(con, graph, "R1")
    merge(con)
    resolve(con, graph, "R2")
    undisturbed = content(graph)
    for transactions in (0, 3, 9, 14, 19):
        ask(graph, ALL_GONE)
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
        assert content(graph) == undisturbed, transactions
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
