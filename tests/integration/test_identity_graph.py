from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from shared_servers import Servers

import stormops_graph
from stormops_graph.errors import Ambiguous, NotFound
from stormops_graph.lookup.find import Identifier, find_homes, household
from stormops_graph.project import Project
from stormops_graph.project.blueprint import RULES, found
from stormops_graph.stores import open_graph

ELM, OAK, OLD, ROES, SPLIT, TABLET = (str(uuid.UUID(int=number)) for number in (1, 2, 3, 4, 5, 6))

# Two homes; the Does of Elm Street moved in when the Roes had left; one office line that both have dialled; a browser
# that was the Does' first, and a canvasser's tablet of no home, into which an email of Oak Drive was typed.
GRAPH = """
CREATE (elm:Household {household_id: $elm}), (oak:Household {household_id: $oak}),
  (old:Household {household_id: $old, retired_run: 'r1'})-[:MERGED_INTO]->(elm),
  (elm)-[:LIVES_AT {from: $moved}]->(home:Property {property_id: 'p1', address: '12 Elm St', zip_code: '75209'}),
  (roes:Household {household_id: $roes})-[:LIVES_AT {to: $moved}]->(home),
  (roes)-[:SPLIT_FROM]->(:Household {household_id: $split, retired_run: 'r2'})<-[:SPLIT_FROM]-(old),
  (earlier:Record {record: 'door_knocks:2', feed: 'door_knocks'})-[:RESOLVES_TO {confidence: 0.7}]->(roes),
  (oak)-[:LIVES_AT {from: $moved}]->(:Property {property_id: 'p2', address: '7 Oak Drive', zip_code: '75211'}),
  (:Household {household_id: '70'})-[:LIVES_AT]->(:Property {property_id: 'p3', address: '70 Oak Drive'}),
  (jane:Person {person_id: 'jane', name: 'jane doe'})-[:MEMBER_OF {confidence: 0.9}]->(elm),
  (rick:Person {person_id: 'rick', name: 'rick roe'})-[:MEMBER_OF {confidence: 0.8}]->(oak),
  (call:Record {record: 'calls:1', feed: 'calls'})-[:RESOLVES_TO {confidence: 0.9}]->(jane),
  (crm:Record {record: 'crm_contacts:1', feed: 'crm_contacts'})-[:RESOLVES_TO {confidence: 0.95}]->(jane),
  (ricks:Record {record: 'crm_contacts:2', feed: 'crm_contacts'})-[:RESOLVES_TO {confidence: 0.95}]->(rick),
  (knock:Record {record: 'door_knocks:1', feed: 'door_knocks'})-[:RESOLVES_TO {confidence: 0.7}]->(elm),
  (sms:Record {record: 'sms:1', feed: 'sms'})-[:RESOLVES_TO {confidence: 0.8, from: $moved}]->(rick),
  (sms)-[:RESOLVES_TO {confidence: 0.8, to: $moved}]->(jane),
  (call)-[:MATCHES {probability: 0.99, weight: 7.5, evidence: '[{"kind": "phone", "weight": 7.5}]'}]->(crm),
  (phone:Identifier:Phone {key: 'phone:+12143634567', value: '+12143634567', is_shared: false}),
  (line:Identifier:Phone {key: 'phone:+12143630000', value: '+12143630000', is_shared: true}),
  (email:Identifier:Email {key: 'email:jane@mail.com', value: 'jane@mail.com', is_shared: false}),
  (mobile:Identifier:Phone {key: 'phone:+12143631111', value: '+12143631111', is_shared: false}),
  (street:Identifier:Address {key: 'address:12 elm st, 75209', value: '12 elm st, 75209', is_shared: false}),
  (passed:Identifier:Phone {key: 'phone:+12143632222', value: '+12143632222', is_shared: false}),
  (ricks)-[:HAS {first_seen: localdatetime('2022-01-01'), last_seen: localdatetime('2022-03-02')}]->(passed),
  (crm)-[:HAS {first_seen: localdatetime('2022-06-10'), last_seen: localdatetime('2022-06-10')}]->(passed),
  (mail:Identifier:Email {key: 'email:rick@mail.com', value: 'rick@mail.com', is_shared: false}),
  (tablet:Record {record: 'ga4:1', feed: 'ga4'})-[:RESOLVES_TO {confidence: 1.0}]->(:Household {household_id: $tablet}),
  (ricks)-[:HAS {first_seen: localdatetime('2022-01-01'), last_seen: localdatetime('2022-03-02')}]->(mail),
  (tablet)-[:HAS {first_seen: localdatetime('2023-01-01'), last_seen: localdatetime('2023-01-01')}]->(mail),
  (browser:Record {record: 'ga4:2', feed: 'ga4'})-[:RESOLVES_TO {confidence: 0.9, from: $moved}]->(rick),
  (browser)-[:RESOLVES_TO {confidence: 0.9, to: $moved}]->(jane),
  (browser)-[:HAS {first_seen: localdatetime('2024-05-02'), last_seen: localdatetime('2024-05-03')}]->(email),
  (street)-[:AT]->(home), (earlier)-[:HAS]->(street),
  (call)-[:HAS]->(phone), (crm)-[:HAS]->(phone), (crm)-[:HAS]->(email), (knock)-[:HAS]->(street),
  (sms)-[:HAS]->(mobile), (sms)-[:HAS]->(line), (call)-[:HAS]->(line)
"""


@pytest.fixture(scope="module")
def projects(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with servers.driver() as driver, driver.session(database=servers.connections.neo4j_database) as session:
        session.run("MATCH (n) DETACH DELETE n").consume()
        more = {"tablet": TABLET, "moved": datetime(2024, 6, 1)}
        session.run(GRAPH, elm=ELM, oak=OAK, old=OLD, roes=ROES, split=SPLIT, **more).consume()
        feeds = tmp_path_factory.mktemp("feeds")
        yield found(tmp_path_factory.mktemp("projects") / "one", feeds).project
        session.run("MATCH (n) DETACH DELETE n").consume()


@pytest.fixture
def graph(servers: Servers, projects: Project) -> Iterator[Any]:
    from stormops_graph import IdentityGraph

    with IdentityGraph(projects.folder, servers.environ) as opened:
        yield opened


def test_identifiers_in_any_form_lead_home(graph: Any) -> None:
    assert graph.resolve(phone="(214) 363-4567") == ELM
    assert graph.resolve(email=" Jane@Mail.com ") == ELM
    assert graph.resolve(address="12 Elm Street, Dallas, TX 75209-1234") == ELM
    assert graph.resolve(address="12 elm st") == ELM
    assert graph.resolve(None, None, "+1 214 363 4567", "jane@mail.com") == ELM


def test_what_is_unknown_or_no_identifier_is_none(graph: Any) -> None:
    assert graph.resolve(phone="2143639999") is None
    assert graph.resolve(phone="555", email="n/a") is None
    assert graph.resolve() is None


def test_a_number_leads_to_who_has_it_now(graph: Any) -> None:
    assert graph.resolve(phone="2143631111") == OAK


def test_a_number_or_an_address_leads_to_who_had_it_then(servers: Servers, projects: Project) -> None:
    with open_graph(projects, servers.environ) as graph:

        def homes(kind: str, value: str, at: datetime | None) -> list[str]:
            return sorted(home.household_id for home in find_homes(graph, [Identifier(kind, value)], at))

        mobile = ("phone", "+12143631111")  # by its dated membership
        assert homes(*mobile, datetime(2024, 5, 1)) == [ELM]
        assert homes(*mobile, None) == [OAK]
        passed = ("phone", "+12143632222")  # by who was seen with it when; a hundred days between the two
        assert homes(*passed, datetime(2022, 3, 20)) == [OAK]
        assert homes(*passed, datetime(2022, 5, 20)) == [ELM]
        assert homes(*passed, datetime(2022, 4, 20)) == [ELM, OAK]  # when it changed hands nobody saw
        street = ("address", "12 elm st, 75209")  # by who lived there
        assert homes(*street, datetime(2024, 5, 1)) == [ROES]
        assert homes(*street, None) == [ELM]
        stays = [household(graph, one) for one in (ROES, ELM)]
        moved = datetime(2024, 6, 1)
        assert [(stay.lives_from, stay.lives_to) for stay in stays] == [(None, moved), (moved, None)]


def test_an_address_that_no_record_shows_leads_to_who_lives_where_it_is_listed(
    servers: Servers, projects: Project
) -> None:
    with open_graph(projects, servers.environ) as graph:
        for asked in ("7 oak dr, 75211", "7 oak dr"):
            (home,) = find_homes(graph, [Identifier("address", asked)])
            assert (home.household_id, home.confidence, home.by_listing) == (OAK, 0.95, True)
        for asked, day in (("7 oak dr, 75211", datetime(2024, 5, 1)), ("7 oak dr, 75209", None), ("7 oak st", None)):
            with pytest.raises(NotFound):
                find_homes(graph, [Identifier("address", asked)], day)


def test_a_browser_of_no_home_takes_no_email_over(graph: Any) -> None:
    found = graph.resolve_with_confidence(email="rick@mail.com")
    assert (found.household_id, found.confidence) == (OAK, 0.95)


def test_a_browser_leads_from_an_email_to_whose_it_was_when_it_showed_it(servers: Servers, projects: Project) -> None:
    with open_graph(projects, servers.environ) as graph:
        for day in (datetime(2024, 5, 1), None):  # before it went to Oak Drive, and since
            homes = find_homes(graph, [Identifier("email", "jane@mail.com")], day)
            assert [home.household_id for home in homes] == [ELM]


def test_a_home_says_when_it_was_first_seen(servers: Servers, projects: Project) -> None:
    with open_graph(projects, servers.environ) as graph:
        (home,) = find_homes(graph, [Identifier("email", "jane@mail.com")], datetime(2020, 1, 1))
    assert (home.household_id, home.first_seen) == (ELM, datetime(2022, 6, 10))


def test_an_old_id_says_where_its_records_went(servers: Servers, projects: Project) -> None:
    with open_graph(projects, servers.environ) as graph:
        assert household(graph, OLD).household_id == ELM  # merged into it
        with pytest.raises(NotFound, match=f"{SPLIT} has ended; its records went to {ELM} and {ROES}") as told:
            household(graph, SPLIT)
        assert told.value.hint.endswith(f"stormops-graph history {SPLIT}")
        with pytest.raises(NotFound, match="there is no household nobody"):
            household(graph, "nobody")


def test_two_homes_are_ambiguous_and_an_office_line_never_decides_alone(graph: Any) -> None:
    with pytest.raises(Ambiguous) as caught:
        graph.resolve(phone="2143631111", email="jane@mail.com")
    assert [candidate.household_id for candidate in caught.value.candidates] == [ELM, OAK]
    with pytest.raises(Ambiguous):
        graph.resolve(phone="2143630000")
    assert graph.resolve(phone="2143630000", email="jane@mail.com") == ELM


def test_how_sure_it_is_grows_with_what_is_known(graph: Any) -> None:
    by_phone = graph.resolve_with_confidence(phone="2143634567")
    by_both = graph.resolve_with_confidence(phone="2143634567", email="jane@mail.com")
    assert by_phone.household_id == by_both.household_id == ELM
    assert 0.5 < by_phone.confidence < by_both.confidence <= 0.95  # its records are Jane's with 0.95
    assert graph.resolve_with_confidence(phone="2143639999") is None
    with pytest.raises(Ambiguous):
        graph.resolve_with_confidence(phone="2143630000")


def test_reading_writes_nothing_and_link_records_a_sighting(graph: Any, projects: Project) -> None:
    graph.resolve(phone="2143634567", email="new@mail.com")
    assert not projects.seen_together.exists()
    assert graph.resolve("1.2", phone="2143634567", email="n/a", link=True) == ELM
    (line,) = projects.seen_together.read_text().splitlines()
    assert {name: value for name, value in json.loads(line).items() if name != "seen_at"} == {
        "cookie": "1.2",
        "phone": "2143634567",
    }


def test_the_project_comes_from_the_environment(servers: Servers, projects: Project) -> None:
    with stormops_graph.IdentityGraph(environ={**servers.environ, "STORMOPS_PROJECT": str(projects.folder)}) as opened:
        assert opened.resolve(email="jane@mail.com") == ELM


def test_a_home_says_who_lives_there_and_why(servers: Servers, projects: Project) -> None:
    with open_graph(projects, servers.environ) as store:
        (home,) = find_homes(store, [Identifier("phone", "+12143634567")])
        old = household(store, OLD)
        with pytest.raises(NotFound):
            household(store, str(uuid.UUID(int=9)))
        with pytest.raises(NotFound):
            find_homes(store, [Identifier("phone", "+12143639999")])
    assert (home.household_id, home.address, home.confidence) == (ELM, "12 Elm St", 0.95)
    assert [(member.name, member.confidence) for member in home.members] == [("jane doe", 0.9)]
    assert [(held.kind, held.feeds) for held in home.identifiers if held.value == "+12143634567"] == [
        ("phone", ("calls", "crm_contacts"))
    ]
    assert [(pair.left, pair.right, pair.kinds) for pair in home.evidence] == [
        ("calls:1", "crm_contacts:1", ("phone",))
    ]
    assert (old.household_id, old.followed_from) == (ELM, OLD)


def test_a_new_project_has_its_own_rules(projects: Project) -> None:
    assert (projects.rules / "identifiers.toml").is_file()
    assert projects.rules.name == RULES


def test_importing_the_package_is_quick() -> None:
    assert {"AttributionEngine", "IdentityGraph", "PersonaEngine"} <= set(dir(stormops_graph))
    assert not hasattr(stormops_graph, "Nothing")


def test_a_project_without_settings_is_refused(tmp_path: Path) -> None:
    from stormops_graph.errors import SettingsError

    with pytest.raises(SettingsError):
        stormops_graph.IdentityGraph(tmp_path)
