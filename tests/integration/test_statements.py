from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from shared_servers import Servers
from spellings import spellings

import stormops_graph.cypher
from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.statements import statement
from stormops_graph.graph.load import KINDS
from stormops_graph.pipeline.rehearsal import STATEMENTS, rehearsed
from stormops_graph.pipeline.unstarted import EMPTY

ROOT = Path(stormops_graph.cypher.__path__[0])
NAMES = sorted(
    f"{folder}/{file.stem}" for folder in ("read", "write", "browser") for file in (ROOT / folder).glob("*.cypher")
)


@pytest.fixture(scope="module")
def graph(servers: Servers) -> Iterator[Neo4jGraph]:
    known = servers.connections
    with Neo4jGraph(known.neo4j_uri, known.neo4j_user, known.neo4j_password, known.neo4j_database) as opened:
        yield opened


@pytest.mark.parametrize("name", NAMES)
def test_the_header_names_the_parameters_of_the_body(name: str) -> None:
    found = statement(name)
    assert set(found.params) == set(re.findall(r"\$(\w+)", found.text))
    assert found.purpose
    assert found.returns
    if name.startswith("browser/"):
        assert "LIMIT" in found.text


@pytest.mark.parametrize("name", NAMES)
def test_the_server_can_plan_it(graph: Neo4jGraph, name: str) -> None:
    found = statement(name)
    forms = spellings(found)
    assert forms
    for words in forms:
        graph.execute(f"EXPLAIN {found.spelled(words)}", dict.fromkeys(found.params), name)


def test_what_is_rehearsed_is_not_done(clean_graph: Servers, graph: Neo4jGraph) -> None:
    household = {"household_id": "H", "key": "H"}
    graph.execute("CREATE (:Household {household_id: 'H', journeys_due: true})-[:TOOK]->(:Journey)", {}, "test")
    for name in STATEMENTS:
        graph.explain(name, batch={"rows": [household]})
    with rehearsed(graph):
        pass
    assert [row["household_id"] for row in graph.read("read/journeys_due")] == ["H"]
    assert [row["journeys"] for row in graph.read("read/journey_count")] == [1]


def test_migrations_apply(clean_graph: Servers, graph: Neo4jGraph) -> None:
    assert migrate(graph) == ["model", "namespace", "listed_addresses"]


def test_what_is_said_of_a_server_that_was_never_started_is_what_an_empty_graph_says(graph: Neo4jGraph) -> None:
    for name, said in EMPTY.items():
        found = statement(name)
        words = next(kind.words for kind in KINDS if found.placeholders <= kind.words.keys())
        assert list(graph.read(name, words, **{key: [] for key in found.params})) == list(said), name
