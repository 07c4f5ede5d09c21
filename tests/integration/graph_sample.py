"""A storm small enough to work out by hand, in the stage tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.graph.load import load
from stormops_graph.journeys import make_journeys
from stormops_graph.journeys.storms import place_storms
from stormops_graph.tables import (
    CANDIDATE,
    CONVERSION,
    DECISION,
    HOLDING,
    IDENTITY,
    LINEAGE,
    MEMBERSHIP,
    PAIR,
    PERSON,
    PROPERTY,
    PROPERTY_PRIORS,
    RECORD,
    RESIDENCE,
    SHARED_IDENTIFIER,
    STORM,
    TOUCH,
    Connection,
    Table,
)

TABLES = (
    *(PROPERTY, PROPERTY_PRIORS, RECORD, HOLDING, TOUCH, CONVERSION, STORM, SHARED_IDENTIFIER, PAIR, CANDIDATE),
    *(DECISION, MEMBERSHIP, PERSON, RESIDENCE, LINEAGE, IDENTITY),
)
ALL_GONE = "MATCH (n) WHERE NOT n:Graph AND NOT n:Migration DETACH DELETE n"  # the schema stays: it takes seconds


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2024, 5, day, hour)


def add(con: Connection, table: Table, **values: Any) -> None:
    row = [values.get(name) for name in table.columns]
    con.execute(f"INSERT INTO {table.name} VALUES ({', '.join('?' for _ in row)})", row)


def sample() -> Connection:
    """Household h1 of two people at P1, an address-only knock; h2 at P2; a cookie without a home; an office line."""
    con = duckdb.connect()
    for table in TABLES:
        table.create(con)
    add(con, PROPERTY, property_id="P1", address="1 Elm St", zip5="75001", primary_persona="Deal_Hunter")
    add(con, PROPERTY, property_id="P2", address="2 Oak St", zip5=None, sii_score=101.5)
    add(con, PROPERTY_PRIORS, property_id="P1", persona_priors='{"channels":{"sms":1.3}}')
    for record, feed in (("crm:1", "crm_contacts"), ("call:1", "calls"), ("knock:1", "door_knocks")):
        add(con, RECORD, record=record, feed=feed, first_seen=at(1), last_seen=at(20))
    for record, feed in (("crm:2", "crm_contacts"), ("ga4:1", "ga4"), ("ga4:2", "ga4"), ("sms:1", "sms")):
        add(con, RECORD, record=record, feed=feed, first_seen=at(1), last_seen=at(20))
    for record, kind, value in (
        ("crm:1", "phone", "+12143634567"),
        ("call:1", "phone", "+12143634567"),
        ("crm:1", "contact", "1"),
        ("knock:1", "address", "1 elm st, 75001"),
        ("crm:2", "email", "bo@mail.com"),
        ("ga4:1", "cookie", "c1"),
        ("ga4:1", "email", "bo@mail.com"),
        ("ga4:2", "cookie", "c2"),
        ("sms:1", "phone", "+12143630000"),
        ("crm:2", "phone", "+12143630000"),
    ):
        add(con, HOLDING, record=record, kind=kind, value=value, via="row", first_seen=at(1), last_seen=at(2), rows=1)
    add(con, SHARED_IDENTIFIER, kind="phone", value="+12143630000", distinct_people=40, records=2, reason="many")
    for person, given, surname in (("p1", "ann", "lee"), ("p2", "al", "lee"), ("p3", "bo", "ray")):
        add(con, PERSON, person=person, given=given, surname=surname)
    for record, person, household, home in (
        ("crm:1", "p1", "h1", "P1"),
        ("call:1", "p1", "h1", "P1"),
        ("sms:1", "p2", "h1", "P1"),
        ("knock:1", None, "h1", "P1"),
        ("crm:2", "p3", "h2", "P2"),
        ("ga4:1", "p3", "h2", "P2"),
    ):
        add(con, MEMBERSHIP, record=record, person=person, household=household, property_id=home, confidence=0.9)
    add(con, RESIDENCE, household="h1", property_id="P1")
    add(con, RESIDENCE, household="h2", property_id="P2")
    for level, name, birth in (
        ("household", "h1", "call:1"),
        ("household", "h2", "crm:2"),
        ("person", "p1", "call:1"),
        ("person", "p2", "sms:1"),
        ("person", "p3", "crm:2"),
    ):
        add(con, IDENTITY, level=level, id=name, birth_key=birth, generation=0)
    for left, right, weight in (("call:1", "crm:1", 8.0), ("crm:1", "knock:1", 6.0), ("call:1", "knock:1", 2.0)):
        pair = {"left_id": left, "right_id": right, "level": "household", "weight": weight, "probability": 0.99}
        add(con, PAIR, **pair, evidence='[{"kind": "phone", "value": "v", "weight": 8.0}]', model="identifier")
    add(con, CANDIDATE, record="ga4:2", property_id="P1", probability=0.4)
    said = {"left_id": "call:1", "right_id": "crm:1", "verdict": "same", "level": "person", "needs_second": False}
    add(con, DECISION, id="d1", by="ana", at=at(3), **said)
    add(con, STORM, event_id="S1", name="Storm one", started_at=at(1), ended_at=at(25), zip_codes=["75001"])
    for touch, record, channel, day, storm in (
        ("t2", "call:1", "call", 2, None),  # placed by its home's ZIP
        ("t1", "sms:1", "sms", 2, None),  # at the same time as t2: the id decides
        ("t3", "knock:1", "door_knock", 5, "S1"),  # at the instant of the conversion: in
        ("t4", "call:1", "call", 6, "S1"),  # after it: out
        ("t5", "ga4:1", "ga4", 4, "S1"),
        ("t6", "ga4:2", "ga4", 4, "S1"),  # of nobody known
        ("t7", "crm:2", "email", 7, None),  # a home without a ZIP is in no storm
    ):
        play = "Financing" if channel == "sms" else None
        add(con, TOUCH, touch_id=touch, record=record, channel=channel, at=at(day), event_id=storm, play_id=play)
    add(con, CONVERSION, conversion_id="k1", record="crm:1", kind="claim", at=at(5), value=900.0, event_id="S1")
    add(con, CONVERSION, conversion_id="k2", record="crm:1", kind="claim", at=at(9), value=50.0, event_id="S1")
    return con


def content(graph: Neo4jGraph) -> list[tuple[str, ...]]:
    """Everything in the graph that does not depend on how often it was written."""
    omitted = {"first_run", "changed_run", "retired_run", "run", "at"}
    nodes = graph.execute(
        "MATCH (n) WHERE NOT n:Run AND NOT n:Graph AND NOT n:Migration AND NOT n:Lock "
        "RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS properties",
        {},
        "content",
    )
    said = {
        row["id"]: f"{sorted(row['labels'])} {sorted((k, v) for k, v in row['properties'].items() if k not in omitted)}"
        for row in nodes
    }
    links = graph.execute(
        "MATCH (a)-[r]->(b) WHERE NOT a:Run RETURN elementId(a) AS a, elementId(b) AS b, type(r) AS type, "
        "properties(r) AS properties",
        {},
        "content",
    )
    found = [("node", text) for text in said.values()]
    for row in links:
        values = sorted((k, v) for k, v in row["properties"].items() if k not in omitted)
        found.append(("relationship", said[row["a"]], row["type"], str(values), said[row["b"]]))
    return sorted(found)


def resolve(con: Connection, graph: Neo4jGraph, run: str) -> int:
    """Load the tables and make the journeys, as a run does; how much was written."""
    place_storms(con)
    total = load(con, graph, run, at(28)).total
    make_journeys(graph)
    return total


def merge(con: Connection) -> None:
    """Let h2 have become one with h1."""
    con.execute("UPDATE membership SET household = 'h1' WHERE household = 'h2'")
    con.execute("DELETE FROM residence WHERE household = 'h2'")
    con.execute("DELETE FROM identity WHERE id = 'h2'")
    add(con, LINEAGE, level="household", old_id="h2", new_id="h1", kind="merged")


def ask(graph: Neo4jGraph, query: str) -> list[Any]:
    """The rows of a query."""
    return [tuple(row.values()) for row in graph.execute(query, {}, "test")]
