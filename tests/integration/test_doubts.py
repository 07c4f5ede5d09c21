"""What is in doubt is read from the graph, and read again by the same rules as the graph reads its journeys."""

from __future__ import annotations

from typing import Any

import pytest
from graph_sample import add, at, sample

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.attribution.memberships import MOVE
from stormops_graph.attribution.worlds import journeys_of_moves
from stormops_graph.graph.load import load
from stormops_graph.journeys import make_journeys, read_doubts, read_journeys
from stormops_graph.journeys.storms import place_storms
from stormops_graph.personas.priors import Priors, journey_priors
from stormops_graph.tables import (
    CONVERSION,
    IDENTITY,
    JOURNEY,
    MEMBERSHIP,
    PROPERTY_PERSONA,
    RESIDENCE,
    TOUCH,
    Connection,
)

TABLES = ("member_in_doubt", "other_household")


def resolve(con: Connection, graph: Neo4jGraph) -> None:
    place_storms(con)
    load(con, graph, "R1", at(28))
    make_journeys(graph)
    read_journeys(con, graph)


def busy() -> Connection:
    """The sample with more going on: a mover, touches after a conversion and at its instant, a second storm."""
    con = sample()
    add(con, RESIDENCE, household="h2", property_id="P1", valid_from=at(9), valid_to=at(12))
    for number, (record, day, channel, event) in enumerate(
        (
            ("crm:1", 5, "email", "S1"),
            ("call:1", 6, "call", "S1"),
            ("crm:2", 10, "email", "S2"),
            ("crm:2", 13, "email", "S2"),
            ("ga4:2", 3, "ga4", "S1"),
            ("ga4:2", 11, "ga4", "S2"),
            ("knock:1", 1, "door_knock", "S2"),
        )
    ):
        add(con, TOUCH, touch_id=f"more:{number}", record=record, at=at(day), channel=channel, event_id=event)
    add(con, CONVERSION, conversion_id="more", record="crm:2", at=at(12), event_id="S2", kind="claim", value=7.0)
    return con


def test_memberships_as_they_are_give_the_journeys_of_the_graph(graph: Neo4jGraph) -> None:
    con = busy()
    resolve(con, graph)
    read_doubts(con, graph)  # of all households somebody is in doubt
    MOVE.create(con)
    con.execute("INSERT INTO move SELECT DISTINCT 0, record, household, NULL, household FROM trace")
    journeys_of_moves(con)
    names = ", ".join(JOURNEY.columns)
    drawn = con.execute(f"SELECT {names} FROM journey_drawn ORDER BY journey_id").fetchall()
    assert drawn == con.execute(f"SELECT {names} FROM journey ORDER BY journey_id").fetchall()
    assert len(drawn) >= 4
    steps = 'journey_id, "position", touch_id, channel, play_id, "at"'
    assert con.execute(f"SELECT {steps} FROM touch_drawn ORDER BY ALL").fetchall() == (
        con.execute(f"SELECT {steps} FROM journey_touch ORDER BY ALL").fetchall()
    )


def doubts(con: Connection, graph: Neo4jGraph) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    read_doubts(con, graph)
    members, others = (con.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in TABLES)
    return members, others


def test_what_is_in_doubt_but_for_what_a_steward_decided(graph: Neo4jGraph) -> None:
    con = sample()
    add(con, MEMBERSHIP, record="ga4:2", person=None, household="h3", confidence=1.0)
    add(con, IDENTITY, level="household", id="h3", birth_key="ga4:2", generation=0)
    resolve(con, graph)
    members, others = doubts(con, graph)
    # not the knock, whose address is where they live, nor the two that the verdict is about
    assert members == [
        ("crm:2", "h2", "p3", 0.9, False),
        ("ga4:1", "h2", "p3", 0.9, False),
        ("sms:1", "h1", "p2", 0.9, False),
    ]
    assert others == [("ga4:2", "h3", "h1", 0.4)]
    graph.execute("MATCH (d:Decision) SET d.ended_at = localdatetime('2020-01-01T00:00:00')", {}, "test")
    assert [row[0] for row in doubts(con, graph)[0]] == ["call:1", "crm:1", "crm:2", "ga4:1", "sms:1"]
    graph.execute("MATCH (d:Decision) SET d.ended_at = null, d.verdict = 'withdrawn'", {}, "test")
    assert len(doubts(con, graph)[0]) == 5
    graph.execute("MATCH (d:Decision) DETACH DELETE d", {}, "test")
    members, others = doubts(con, graph)
    assert [row[0] for row in members] == ["call:1", "crm:1", "crm:2", "ga4:1", "sms:1"]
    assert con.execute("SELECT DISTINCT household FROM trace_home ORDER BY 1").fetchall() == [("h1",), ("h2",)]


def test_journeys_without_a_persona_lean_by_the_chances_of_their_homes(graph: Neo4jGraph) -> None:
    con = sample()
    add(con, MEMBERSHIP, record="ga4:2", person=None, household="h3", confidence=1.0)
    add(con, IDENTITY, level="household", id="h3", birth_key="ga4:2", generation=0)
    PROPERTY_PERSONA.create(con)
    names, chances = ["Deal_Hunter", "Proof_Seeker"], [0.25, 0.75]
    add(con, PROPERTY_PERSONA, property_id="P2", persona=names[1], probability=0.75, personas=names, chances=chances)
    resolve(con, graph)
    (home,) = graph.execute("MATCH (p:Property {property_id: 'P2'}) RETURN p.persona, p.likely_persona", {}, "test")
    assert list(home.values()) == [None, "Proof_Seeker"]
    # of two journeys without a persona one is of that home; of the other, a cookie's, nothing is known
    found = journey_priors(con, graph, Priors.shipped())
    assert found is not None
    assert found[""]["channels"]["email"] == pytest.approx(1 + 0.125 * (0.8 - 1) + 0.375 * (1.4 - 1))
    assert found[""]["channels"]["call"] == pytest.approx(1 + 0.375 * (1.1 - 1), abs=1e-4)
    assert found["Deal_Hunter"] == Priors.shipped().of_personas()["Deal_Hunter"]
    assert journey_priors(con, graph, None) is None
