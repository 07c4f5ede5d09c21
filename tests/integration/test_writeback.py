from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest
from shared_servers import Servers

from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.postgres import PostgresOutputs
from stormops_graph.tables import AREA, CREDIT, PLAY_CHANNEL, Connection
from stormops_graph.writeback.credits import (
    Publication,
    Scope,
    Written,
    carrier_output,
    channel_output,
    compare_credits,
    write_credits,
)

FIRST, SECOND = datetime(2024, 6, 1), datetime(2024, 6, 2)


@pytest.fixture
def stores(servers: Servers, clean_postgres: Servers) -> Iterator[tuple[Neo4jGraph, PostgresOutputs]]:
    known = servers.connections
    with (
        Neo4jGraph(known.neo4j_uri, known.neo4j_user, known.neo4j_password, known.neo4j_database) as graph,
        PostgresOutputs(known.postgres_dsn) as outputs,
    ):
        graph.execute("MATCH (n) WHERE NOT n:Graph AND NOT n:Migration DETACH DELETE n", {}, "test")
        migrate(graph)
        yield graph, outputs


def credits() -> Connection:
    """Two areas, two channels and a play, two models."""
    con = duckdb.connect()
    AREA.create(con)
    CREDIT.create(con)
    AREA.append(con, [("S1", zip_code, 4, 2, 100.0, 9, 0) for zip_code in ("ALL", "75001")])
    CREDIT.append(
        con,
        [
            (
                "S1",
                zip_code,
                dimension,
                key,
                model,
                share,
                low,
                high,
                interval,
                2 * share,
                100 * share,
                4,
                3,
                share,
                1.0,
                0.0,
            )
            for zip_code in ("ALL", "75001")
            for dimension, key, share in (
                ("channel", "sms", 0.25),
                ("channel", "call", 0.75),
                ("play", "Financing", 1.0),
            )
            for model, low, high, interval in (("markov", 0.1, 1.0, "event"), ("first_touch", None, None, None))
        ],
    )
    return con


def channels(outputs: PostgresOutputs) -> list[tuple[Any, ...]]:
    return [row[:5] for row in outputs.read(channel_output([], Scope()))]


def test_credits_are_written_once(stores: tuple[Neo4jGraph, PostgresOutputs]) -> None:
    con = credits()
    assert write_credits(con, *stores, Publication("R1", FIRST, "markov")) == Written(graph=14, postgres=18)
    first = FIRST.replace(tzinfo=UTC)
    assert channels(stores[1]) == [
        ("75001", "S1", "call", 0.75, first),
        ("75001", "S1", "sms", 0.25, first),
        ("ALL", "S1", "call", 0.75, first),
        ("ALL", "S1", "sms", 0.25, first),
    ]
    assert compare_credits(*stores, "markov") == []
    assert write_credits(con, *stores, Publication("R2", SECOND, "markov")) == Written()
    assert channels(stores[1])[0][4] == first


def test_only_what_differs_is_written_and_what_is_stale_goes(stores: tuple[Neo4jGraph, PostgresOutputs]) -> None:
    con = credits()
    write_credits(con, *stores, Publication("R1", FIRST, "markov"))
    con.execute("DELETE FROM credit WHERE zip_code = '75001'")
    con.execute("DELETE FROM area WHERE zip_code = '75001'")
    con.execute("UPDATE credit SET share = 0.8 WHERE key = 'call' AND model = 'markov'")
    con.execute("UPDATE credit SET share = 0.2 WHERE key = 'sms' AND model = 'markov'")
    one = Publication("R2", SECOND, "markov", Scope("S1", ("ALL",)))
    assert write_credits(con, *stores, one) == Written(graph=2, postgres=4)
    assert [row[:4] for row in channels(stores[1])] == [
        ("75001", "S1", "call", 0.75),
        ("75001", "S1", "sms", 0.25),
        ("ALL", "S1", "call", 0.8),
        ("ALL", "S1", "sms", 0.2),
    ]
    assert compare_credits(*stores, "markov") == []
    assert write_credits(con, *stores, Publication("R3", SECOND, "markov")) == Written(graph=7, postgres=9)
    assert [row[0] for row in channels(stores[1])] == ["ALL", "ALL"]
    assert compare_credits(*stores, "markov") == []


def test_a_disagreement_is_told(stores: tuple[Neo4jGraph, PostgresOutputs]) -> None:
    write_credits(credits(), *stores, Publication("R1", FIRST, "markov"))
    stores[0].execute("MATCH (c:Credit {credit_id: 'S1|ALL|channel|sms|markov'}) SET c.share = 0.5", {}, "test")
    assert [str(difference) for difference in compare_credits(*stores, "markov")] == [
        "channel_attribution: ALL · S1 · sms is 0.500000 in the graph and 0.250000 in Postgres",
        "credit_by_model: ALL · S1 · channel · sms · markov is 0.500000 in the graph and 0.250000 in Postgres",
    ]


def test_who_carries_a_play_is_written_and_goes_with_it(stores: tuple[Neo4jGraph, PostgresOutputs]) -> None:
    con = credits()
    PLAY_CHANNEL.create(con)
    carried = [("call", 0.75, 0.5, 0.9), ("sms", 0.25, 0.1, 0.5)]
    rows = [("S1", "ALL", "Financing", *each, 1.5, 3, 1.0) for each in carried]
    PLAY_CHANNEL.append(con, [(*row[:4], "markov", *row[4:]) for row in rows])
    write_credits(con, *stores, Publication("R1", FIRST, "markov"))
    written = stores[1].read(carrier_output([], Scope()))
    first = FIRST.replace(tzinfo=UTC)
    assert written == [
        ("ALL", "S1", "Financing", "call", 0.75, first, 0.5, 0.9, "markov", 1.5, 3, 1.0, "R1"),
        ("ALL", "S1", "Financing", "sms", 0.25, first, 0.1, 0.5, "markov", 1.5, 3, 1.0, "R1"),
    ]
    con.execute("DELETE FROM play_channel WHERE channel = 'sms'")
    write_credits(con, *stores, Publication("R2", SECOND, "markov", Scope("S1", ("75001",))))
    assert stores[1].read(carrier_output([], Scope())) == written  # another area was asked for
    assert write_credits(con, *stores, Publication("R3", SECOND, "markov")).postgres == 1
    assert [row[3] for row in stores[1].read(carrier_output([], Scope()))] == ["call"]
