"""Why records are together: worked out by hand on six records of two households."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime

import duckdb
import pytest
from rich.console import Console

from stormops_graph.cli.reasons import show_between, show_bonds
from stormops_graph.errors import InputError, NotFound
from stormops_graph.ledger.bindings import store
from stormops_graph.ledger.decisions import Decision, Level, Verdict
from stormops_graph.lookup.reasons import explain_household, explain_records
from stormops_graph.tables import (
    CANDIDATE,
    HOLDING,
    MEMBERSHIP,
    PAIR,
    PLACEHOLDER,
    PROPERTY,
    RECORD,
    RECORD_HOME,
    SHARED_IDENTIFIER,
    SOURCE_ROW,
    Connection,
    Table,
)

HOME, OTHER = "home", "other"


def fill(con: Connection, table: Table, *rows: dict[str, object]) -> None:
    table.create(con)
    for row in rows:
        con.execute(
            f"INSERT INTO {table.name} ({', '.join(row)}) VALUES ({', '.join('?' for _ in row)})", list(row.values())
        )


def pair(left: str, right: str, level: str, probability: float, weight: float, **parts: float) -> dict[str, object]:
    said = [{"kind": kind, "level": "exact", "weight": bits} for kind, bits in parts.items()]
    return {
        "left_id": left,
        "right_id": right,
        "level": level,
        "probability": probability,
        "weight": weight,
        "evidence": json.dumps(said),
        "model": "splink",
    }


@pytest.fixture
def con() -> Iterator[Connection]:
    """A call, a contact, an email and a knock of one household, a cookie placed there, and a stranger's knock."""
    with duckdb.connect() as con:
        records = {"a:call": "calls", "b:contact": "crm_contacts", "c:mail": "emails", "d:knock": "door_knocks"}
        records |= {"e:cookie": "ga4", "z:knock": "door_knocks"}
        fill(con, RECORD, *({"record": r, "feed": feed, "phones": [], "emails": []} for r, feed in records.items()))
        con.execute("CREATE TABLE profile (unique_id VARCHAR, given VARCHAR, surname VARCHAR)")
        con.execute("INSERT INTO profile VALUES ('c:mail', 'ana', 'cruz')")  # as the mail address tells
        fill(con, SOURCE_ROW, {"feed": "calls", "id": "CA1", "record": "a:call"})
        fill(con, PROPERTY, {"property_id": "P1", "address": "1 Elm St"})
        fill(con, RECORD_HOME, {"record": "d:knock", "home": "P1", "probability": 0.97})
        fill(con, CANDIDATE, {"record": "e:cookie", "property_id": "P1", "probability": 0.9})
        members = [
            {"record": r, "person": "ann", "household": HOME, "property_id": "P1", "confidence": 0.9}
            for r in sorted(records)[:4]
        ]
        cookie = {"record": "e:cookie", "household": HOME, "property_id": "P1", "confidence": 0.9}
        fill(con, MEMBERSHIP, *members, cookie, {"record": "z:knock", "household": OTHER, "confidence": 1.0})
        fill(
            con,
            PAIR,
            pair("a:call", "b:contact", "household", 0.999, 10.0, phones=12.0),
            pair("a:call", "b:contact", "person", 0.9, 3.2, phones=12.0),
            pair("b:contact", "c:mail", "household", 0.99, 6.6, emails=9.0),
            pair("a:call", "c:mail", "household", 0.9, 3.2, given=4.0),
            pair("b:contact", "d:knock", "household", 0.95, 4.2, surname=5.0, given=-1.0),
            pair("d:knock", "z:knock", "household", 0.3, -1.2, surname=2.0),
        )
        for table in (HOLDING, PLACEHOLDER, SHARED_IDENTIFIER):
            table.create(con)
        store(con, [])
        yield con


def told_between(con: Connection, one: str, other: str) -> str:
    on = Console(file=io.StringIO(), width=80)
    show_between(on, explain_records(con, one, other), show=False)
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue()


def test_the_weakest_bridge_comes_first_with_what_it_alone_holds(con: Connection) -> None:
    bonds = explain_household(con, HOME)
    assert [(b.link.left, b.link.right, b.side, b.others) for b in bonds.bridges] == [
        ("b:contact", "d:knock", ("d:knock",), 4),
        ("b:contact", "c:mail", ("c:mail",), 4),
        ("a:call", "b:contact", ("a:call",), 4),
    ]
    assert bonds.links == 4  # the pair with the stranger is none of the household's
    assert [(part.kind, part.weight) for part in bonds.bridges[0].link.parts] == [("surname", 5.0), ("given", -1.0)]
    assert [(s.record, s.by_visits) for s in bonds.unlinked] == [("e:cookie", 0.9)]
    assert {s.record: s.by_address for s in bonds.members}["d:knock"] == 0.97


def test_two_records_that_do_not_match_are_joined_by_the_strongest_chain(con: Connection) -> None:
    between = explain_records(con, "calls:CA1", "d:knock")
    assert between.together == "one person"
    assert between.direct is None
    assert [(link.left, link.right) for link in between.way] == [("a:call", "b:contact"), ("b:contact", "d:knock")]
    matching = explain_records(con, "b:contact", "a:call").direct
    assert matching is not None
    assert (matching.household_probability, matching.person_probability, matching.weight) == (0.999, 0.9, 10.0)


def test_records_of_two_households_are_told_with_what_speaks_for_them(con: Connection) -> None:
    between = explain_records(con, "d:knock", "z:knock")
    assert between.together == "two households"
    assert between.direct is not None
    assert between.direct.household_probability == 0.3
    assert between.way == ()
    assert explain_records(con, "e:cookie", "a:call").together == "one household"


def test_verdicts_that_hold_are_told(con: Connection) -> None:
    said = {"left": "d:knock", "right": "z:knock", "by": "ana", "reason": "saw it", "level": Level.household}
    early = Decision(id="1", verdict=Verdict.same, at=datetime(2024, 1, 1), **said)
    late = Decision(id="2", verdict=Verdict.different, at=datetime(2024, 1, 2), supersedes="1", **said)
    store(con, [early, late])
    assert [verdict.id for verdict in explain_records(con, "z:knock", "a:call").verdicts] == ["2"]
    assert [verdict.id for verdict in explain_household(con, HOME).verdicts] == ["2"]
    assert explain_records(con, "a:call", "b:contact").verdicts == ()


def test_what_would_part_the_weakest_link_is_told_unless_a_steward_holds_it(con: Connection) -> None:
    def told() -> str:
        on = Console(file=io.StringIO(), width=80)
        show_bonds(on, explain_household(con, HOME), show=False)
        assert isinstance(on.file, io.StringIO)
        return on.file.getvalue()

    assert "to part them, decide that these two are different" in told()
    said = {"left": "b:contact", "right": "d:knock", "by": "ana", "reason": "saw it", "level": Level.household}
    store(con, [Decision(id="1", verdict=Verdict.same, at=datetime(2024, 1, 1), **said)])
    assert "a steward said same of the two: that holds, whatever the evidence" in told()
    assert "to part them" not in told()


def test_the_name_that_a_mail_address_tells_is_told(con: Connection) -> None:
    assert explain_records(con, "c:mail", "a:call").left[0].name == "ana cruz"


def test_the_first_characters_of_an_id_name_a_household_where_they_suffice(con: Connection) -> None:
    first, second = "0a1b2c3d-1111", "0a1b2c3d-2222"
    con.execute("UPDATE membership SET household = ? WHERE household = ?", [first, HOME])
    assert explain_household(con, "0a1b2c3d").household_id == first
    with pytest.raises(NotFound):
        explain_household(con, "0a1b2c3")  # fewer than any list shows
    con.execute("UPDATE membership SET household = ? WHERE household = ?", [second, OTHER])
    with pytest.raises(InputError, match="several ids"):
        explain_household(con, "0a1b2c3d")
    assert explain_household(con, second).household_id == second


def test_a_record_means_the_household_that_it_is_in_last(con: Connection) -> None:
    assert explain_household(con, "calls:CA1").household_id == HOME
    con.execute("UPDATE membership SET valid_to = TIMESTAMP '2024-01-01' WHERE record = 'a:call'")
    con.execute("INSERT INTO membership (record, household, confidence, valid_from)"
                " VALUES ('a:call', ?, 1.0, TIMESTAMP '2024-01-01')", [OTHER])  # fmt: skip
    assert explain_household(con, "a:call").household_id == OTHER


def test_a_record_of_two_homes_is_explained_by_the_present_one_and_the_other_is_dated(con: Connection) -> None:
    con.execute("UPDATE membership SET valid_to = TIMESTAMP '2024-01-01' WHERE record = 'e:cookie'")
    con.execute("INSERT INTO membership (record, household, confidence, valid_from)"
                " VALUES ('e:cookie', ?, 1.0, TIMESTAMP '2024-02-01')", [OTHER])  # fmt: skip
    was = explain_records(con, "e:cookie", "a:call")
    assert (was.together, was.way) == ("two households", ())
    assert explain_records(con, "z:knock", "e:cookie").together == "one household"
    assert f"before: left, until 2024-01-01: {HOME}" in told_between(con, "e:cookie", "a:call")


def test_two_households_are_told_what_ties_them_and_why_that_does_not_link(con: Connection) -> None:
    for record in ("c:mail", "z:knock"):
        for kind, value in (("phone", "+12145550123"), ("email", "ana@x.com"), ("phone_sha256", "ab12")):
            con.execute("INSERT INTO holding (record, kind, value) VALUES (?, ?, ?)", [record, kind, value])
        con.execute("INSERT INTO placeholder VALUES (?, 'email', 'none@none.com', 'a word')", [record])
    con.execute("INSERT INTO holding (record, kind, value) VALUES ('a:call', 'phone', '+12145550199')")
    con.execute("INSERT INTO shared_identifier VALUES ('phone', '+12145550123', 9, 12, 'too many homes')")
    apart = explain_records(con, "a:call", "z:knock").apart
    assert apart is not None
    assert [(one.kind, one.value, one.because) for one in apart.common] == [
        ("email", "ana@x.com", None),
        ("email", "none@none.com", "placeholder"),
        ("phone", "+12145550123", "too many homes"),
    ]
    assert apart.likeliest is not None
    assert (apart.likeliest.left, apart.likeliest.right) == ("d:knock", "z:knock")  # though others were asked about
    told = told_between(con, "a:call", "z:knock")
    assert "both show the phone +1*****0123, which links nobody: too many homes" in told
    assert "both show the email a***@x.com\n" in told
    assert "their records that are likeliest one household: 30.0 %\n    d:knock · z:knock" in told
    assert "than these two: 30.0 %" in told_between(con, "d:knock", "z:knock")
    again = pair("a:call", "z:knock", "household", 0.3, -1.2, surname=2.0)
    con.execute("INSERT INTO pair BY NAME SELECT unnest(?)", [again])
    assert "than these two: 30.0 %" in told_between(con, "d:knock", "z:knock")  # of two that are as likely those asked
    assert "than these two: 30.0 %" in told_between(con, "a:call", "z:knock")
    assert explain_records(con, "a:call", "d:knock").apart is None


def test_two_households_of_different_homes_that_nothing_ties_are_told_so(con: Connection) -> None:
    con.execute("DELETE FROM pair WHERE right_id = 'z:knock'")
    con.execute("INSERT INTO property (property_id, address) VALUES ('P2', '2 Oak St')")
    con.execute("UPDATE membership SET property_id = 'P2' WHERE record = 'z:knock'")
    told = told_between(con, "a:call", "z:knock")
    assert "nothing that they wrote ties them" in told
    assert "their homes are different: *** Elm St · *** Oak St" in told


def test_a_verdict_that_parts_two_households_is_told_of_any_two_of_their_records(con: Connection) -> None:
    said = {"left": "b:contact", "right": "z:knock", "by": "ana", "reason": "saw it", "level": Level.household}
    store(con, [Decision(id="1", verdict=Verdict.different, at=datetime(2024, 1, 1), **said)])
    between = explain_records(con, "a:call", "z:knock")
    assert between.apart is not None
    assert (between.apart.parted_by, [verdict.id for verdict in between.verdicts]) == (("1",), ["1"])
    assert "a steward said different of the two households" in told_between(con, "z:knock", "a:call")
    store(con, [Decision(id="1", verdict=Verdict.unsure, at=datetime(2024, 1, 1), **said)])
    assert "a steward said different" not in told_between(con, "z:knock", "a:call")


def test_an_address_that_names_no_one_home_is_told_so(con: Connection) -> None:
    for record in ("a:call", "z:knock"):
        con.execute("INSERT INTO holding (record, kind, value) VALUES (?, 'address', '1 elm st, 75201')", [record])
        con.execute("INSERT INTO record_home (record, address_key) VALUES (?, '1 elm st, 75201')", [record])
    assert "the address *** elm st, 75201, which links nobody: it names no" in told_between(con, "a:call", "z:knock")


def test_what_is_unknown_is_told(con: Connection) -> None:
    with pytest.raises(NotFound, match="no household"):
        explain_household(con, "gone")
    with pytest.raises(NotFound, match="no record"):
        explain_household(con, "calls:gone")
    with pytest.raises(NotFound, match="no record") as nobody:
        explain_records(con, "a:call", "nobody:1")
    with pytest.raises(NotFound, match="no record") as household:
        explain_records(con, "a:call", HOME)
    assert ["`merge`" in unknown.value.hint for unknown in (nobody, household)] == [False, True]
    con.execute("INSERT INTO source_row VALUES ('calls', 'CA1', 'b:contact')")
    with pytest.raises(InputError, match="2 records"):
        explain_records(con, "calls:CA1", "d:knock")
