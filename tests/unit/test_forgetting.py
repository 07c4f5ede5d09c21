"""Who is forgotten is not read again, and nobody else is lost by it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stormops_graph.matching_rules
from stormops_graph.errors import StoreError
from stormops_graph.forgetting import keyed as keys
from stormops_graph.forgetting.journals import ERASED, Journals
from stormops_graph.forgetting.marks import marks_of
from stormops_graph.forgetting.mentions import Mentions
from stormops_graph.forgetting.people import People, find_people
from stormops_graph.forgetting.pseudonyms import Pseudonyms
from stormops_graph.forgetting.suppression import Suppression
from stormops_graph.ingest import FeedTerms, ingest
from stormops_graph.ledger.decision_file import append_decisions, kept_decisions
from stormops_graph.ledger.decisions import Decision, Level, Verdict
from stormops_graph.ledger.erasures import Erasure, append_erasures, kept_erasures, suppressed_at
from stormops_graph.lookup.find import Identifier
from stormops_graph.normalise import normalise, read_feed_rules
from stormops_graph.project import Project
from stormops_graph.project.seen_together import drop_sightings, record_sighting
from stormops_graph.reports.run import figures
from stormops_graph.settings import FeedSettings, Settings
from stormops_graph.tables import MEMBERSHIP, Connection

RULES = read_feed_rules(Path(stormops_graph.matching_rules.__path__[0]))
KEY, NOW = bytes(range(32)), datetime(2026, 11, 26)
END, NUMBER_END = NOW + timedelta(days=1000), NOW + timedelta(days=300)
# Ana is to be forgotten; Bo lives with her and has a line with her; Cy comes to live there later.
FEEDS = {
    "properties": "property_id,address,zip_code\nP1,12 Main St,75201\n",
    "crm_contacts": """contact_id,first_name,last_name,phone,mobile_phone,email,address,zip_code
C1,Ana,Lopez,214-363-1111,214-363-1110,ana@home.example,12 Main St,75201
C2,Bo,Chan,,214-363-1110,bo@home.example,12 Main St,75201
C3,Cy,Diaz,214-363-1113,,,12 Main St,75201
""",
    "calls": "call_id,started_at,caller_number\nK1,2024-06-04,(214) 363-1111\nK2,2024-06-04,214-363-1113\n",
    "door_knocks": """knock_id,knocked_at,address,zip_code,resident_name
D1,2024-06-04,12 Main Street,75201,Ana Lopez
D2,2024-06-04,12 Main St,75201,
D3,2024-06-04,12 Main St,75201,Cy Diaz
""",
    "emails": """message_id,recipient,occurred_at
M1,Ana@Home.example,2024-06-04
M1,bo@home.example,2024-06-04
""",
    "ga4_events": '{"event_timestamp":1717600000000000,"event_name":"v","user_pseudo_id":"cookie.1","user_id":"C1"}\n'
    '{"event_timestamp":1717600000000000,"event_name":"v","user_pseudo_id":"cookie.2"}\n',
    "conversions": "conversion_id,occurred_at,contact_id\nV1,2024-06-20,C1\n",
}
MEMBERS = {"C1": ("ana", "h"), "C2": ("bo", "h"), "C3": ("cy", "h"), "K1": ("ana", "h"), "K2": ("cy", "h")}
MEMBERS |= {"D1": ("ana", "h"), "D2": (None, "h"), "D3": ("cy", "h"), "cookie.1": (None, "g"), "V1": ("ana", "h")}


def read(folder: Path, forgotten: Suppression | None = None, feeds: dict[str, str] = FEEDS) -> Connection:
    """The stage tables of the feeds as far as memberships, which are said."""
    said = {}
    for name, text in feeds.items():
        file = folder / f"{name}.{'jsonl' if name == 'ga4_events' else 'csv'}"
        file.write_text(text)
        said[name] = FeedSettings(path=str(file))
    con = duckdb.connect(config={"threads": 1})
    ingest(con, said, folder, terms=FeedTerms(forgotten=forgotten))
    normalise(con, RULES)
    MEMBERSHIP.create(con)
    rows = con.execute("SELECT record, min(id) FROM source_row GROUP BY record ORDER BY record").fetchall()
    homes = [(record, *MEMBERS.get(id_, (None, f"alone {record}")), None, 1.0, None, None) for record, id_ in rows]
    MEMBERSHIP.append(con, homes)
    return con


def rows(con: Connection) -> set[str]:
    return {f"{feed}:{id_}" for feed, id_ in con.execute("SELECT feed, id FROM source_row").fetchall()}


def forget(people: People) -> Suppression:
    return suppression(people, NOW)


def suppression(people: People, at: datetime) -> Suppression:
    marks = tuple(marks_of(people, KEY, END, NUMBER_END))
    erasure = Erasure(id="e", by="dpo", at=NOW, counts={}, suppressed=marks)
    return Suppression(KEY, suppressed_at([erasure], at), RULES)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Connection:
    """The feeds as they were read before anybody was forgotten."""
    return read(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def people(town: Connection) -> People:
    """Ana, who is to be forgotten."""
    return find_people(town, (Identifier("email", "ana@home.example"),), ())


def test_a_person_is_all_their_records_and_what_nobody_else_holds(people: People) -> None:
    assert {f"{feed}:{row}" for feed, row, _ in people.rows} == {
        *("crm_contacts:C1", "calls:K1", "door_knocks:D1", "emails:M1", "conversions:V1", "ga4:cookie.1"),
    }
    theirs = {one.key for one in people.identifiers}
    assert {"phone:+12143631111", "email:ana@home.example"} <= theirs
    assert not {"phone:+12143631110", "address:12 main st, 75201"} & theirs  # Bo's line and home as well
    assert (people.persons, people.others) == (("ana",), ("h",))
    assert {home.split(":")[0] for home in people.households} == {"alone emails", "g"}
    assert {(feed, line) for feed, _, line in people.lines} == {
        ("crm_contacts", 2), ("calls", 2), ("door_knocks", 2), ("emails", 2), ("conversions", 2),
        ("ga4_events", 1),
    }  # fmt: skip


def test_a_household_is_everybody_of_it_and_its_nameless_rows(town: Connection) -> None:
    found = find_people(town, (), ("h",))
    assert {"ana", "bo", "cy"} == set(found.persons)
    assert ("door_knocks", "D2", None) in found.rows
    assert "h" in found.households


def test_who_is_forgotten_is_not_read_again_and_others_are(town: Connection, people: People, tmp_path: Path) -> None:
    again = read(tmp_path, forget(people))
    gone = {"crm_contacts:C1", "calls:K1", "door_knocks:D1", "conversions:V1", "ga4:cookie.1"}
    assert rows(town) - rows(again) == gone
    assert "emails:M1" in rows(again)  # to Bo
    assert again.execute("SELECT count(*) FROM record WHERE list_contains(emails, 'ana@home.example')").fetchall() == [
        (0,)
    ]
    told = again.execute("SELECT feed, line, reason, row FROM quarantine WHERE reason = 'forgotten'").fetchall()
    assert all(row is None for *_, row in told)
    assert len(told) == 6
    for feed in figures(again).feeds:
        assert feed.used == feed.rows
        lines = len(FEEDS.get(feed.feed, "").splitlines())
        assert feed.read == max(0, lines - (feed.feed != "ga4_events"))


def test_new_rows_about_somebody_forgotten_are_known_by_any_of_their_values(people: People, tmp_path: Path) -> None:
    address = hashlib.sha256(b"ana@home.example").hexdigest()
    events = [
        {"user_pseudo_id": "new", "event_params": [{"key": "email_sha256", "value": {"string_value": address}}]},
        {"user_pseudo_id": "other", "user_id": "C2"},
    ]
    news = {
        "properties": FEEDS["properties"],
        "crm_contacts": "contact_id,first_name,last_name,phone,email,address,zip_code\n"
        "C7,ANA,LOPEZ,,,12 Main Street,75201\nC8,Ana,Lopez,,a@b.example,99 Elm St,75201\nC9,,,,ANA@home.example,,\n",
        "calls": "call_id,started_at,caller_number\nK8,2025-06-04,+1 214 363 1111 x2\nK9,2025-06-04,214-363-1110\n",
        "door_knocks": "knock_id,knocked_at,address,zip_code,resident_name\n"
        "D8,2025-06-04,12 Main St,75201,Lopez Ana\nD9,2025-06-04,12 Main St,75201,New Owner\n",
        "ga4_events": "".join(
            json.dumps({"event_timestamp": 1717600000000000, "event_name": "v", **event}) + "\n" for event in events
        ),
    }
    found = rows(read(tmp_path, forget(people), news))
    assert found == {"crm_contacts:C8", "calls:K9", "door_knocks:D9", "ga4:other"}


def test_a_number_is_somebody_elses_after_its_end_and_everything_after_the_last(people: People, tmp_path: Path) -> None:
    news = {"properties": FEEDS["properties"],
            "calls": "call_id,started_at,caller_number\nK1,2024-06-04,214-363-1111\nK8,2027-06-04,214-363-1111\n",
            "emails": "message_id,recipient,occurred_at\nM8,ana@home.example,2027-06-04\n"}  # fmt: skip
    after = suppression(people, NUMBER_END + timedelta(seconds=1))
    assert rows(read(tmp_path, after, news)) == {"calls:K8"}
    last = suppression(people, END + timedelta(seconds=1))
    assert rows(read(tmp_path, last, news)) == {"calls:K8", "emails:M8"}  # an erased row never comes back


def test_a_line_that_cannot_be_read_is_not_kept_where_it_shows_somebody_forgotten(
    people: People, tmp_path: Path
) -> None:
    broken = {
        "properties": FEEDS["properties"],
        "calls": "call_id,started_at,caller_number\nK1,yesterday,214-363-1111\nK7,too,214.363.1111,wide\nK8,a,b,c\n",
        "ga4_events": 'no json of ana@home.example\n{"event_timestamp":1,"event_name":"v","user_pseudo_id":"c"}\n',
    }
    con = read(tmp_path, forget(people), broken)
    told = con.execute("SELECT feed, line, reason, row IS NULL FROM quarantine ORDER BY feed, line").fetchall()
    assert told == [
        ("calls", 2, "forgotten", True),
        ("calls", 3, "forgotten", True),
        ("calls", 4, "wrong number of columns", False),
        ("ga4_events", 1, "forgotten", True),
        ("ga4_events", 2, "unreadable time", False),
    ]


@pytest.fixture(scope="module")
def keyed() -> Connection:
    con = duckdb.connect(config={"threads": 1})
    keys.define(con, KEY)
    return con


@given(st.text(), st.text(max_size=200))
def test_hashes_are_hmac_in_python_and_in_sql(keyed: Connection, mark: str, value: str) -> None:
    mark, value = (text.encode(errors="ignore").decode() for text in (mark, value))
    said = hmac.new(KEY, f"{mark}\x1f{value}".encode(), hashlib.sha256).hexdigest()
    assert keyed.execute("SELECT keyed(?, ?)", [mark, value]).fetchall() == [(said,)]
    assert keys.keyed(KEY, mark, value) == said


def test_an_entry_holds_no_value_and_a_lost_key_is_told(people: People, tmp_path: Path) -> None:
    file = tmp_path / "forgotten.jsonl"
    erasure = Erasure(
        id="e", by="dpo", at=NOW, counts=people.counts(), suppressed=tuple(marks_of(people, KEY, END, END))
    )
    append_erasures(file, [erasure])
    assert kept_erasures(file) == [erasure]
    assert not Mentions(people).in_text(file.read_text())
    with pytest.raises(StoreError, match="would be read again"):
        keys.read_key(tmp_path / "forgetting.key")
    assert keys.ensure_key(tmp_path / "forgetting.key") == keys.ensure_key(tmp_path / "forgetting.key")
    assert (tmp_path / "forgetting.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see ANA@home.example", True),
        ("called (214) 363-1111 twice", True),
        ("it is lópez, ana", True),
        ("Ana and the Lopez line", False),
        ("bo@home.example, 214-363-1110", False),
        ("", False),
    ],
)
def test_a_mention_is_a_value_in_any_way_of_writing_it(people: People, text: str, shown: bool) -> None:
    assert Mentions(people).in_text(text) is shown


def test_verdicts_on_others_stay_whole_and_chains_hold(town: Connection, people: People, tmp_path: Path) -> None:
    record = dict(town.execute("SELECT feed || ':' || id, record FROM source_row").fetchall())
    project = Project(tmp_path, Settings())

    def said(one: str, other: str, reason: str) -> Decision:
        left, right = sorted((record[one], record[other]))
        return Decision(id=reason, left=left, right=right, verdict=Verdict.same, level=Level.household, by="bo", at=NOW,
                        reason=reason, left_fingerprint=f"of {left}", right_fingerprint=f"of {right}")  # fmt: skip

    whole = said("crm_contacts:C2", "crm_contacts:C3", "neighbours")
    before = [
        said("crm_contacts:C1", "crm_contacts:C2", "met ana lopez"),
        whole,
        said("crm_contacts:C1", "crm_contacts:C3", "seen"),
        said("calls:K2", "crm_contacts:C3", "says Ana Lopez"),
    ]
    append_decisions(project.decisions, before)
    journals = Journals(project, people, Mentions(people), Pseudonyms(KEY))
    assert journals.counts() == {"verdicts": 3, "rulings": 0}
    journals.erase()
    after = kept_decisions(project.decisions)
    assert after[1] == whole
    assert {one.reason for one in after if one != whole} == {ERASED}
    assert after[3].pair == before[3].pair
    stand_in = Pseudonyms(KEY).of_record(record["crm_contacts:C1"])
    assert {stand_in} == set(after[0].pair) & set(after[2].pair)
    assert record["crm_contacts:C1"] not in project.decisions.read_text()
    assert f"of {record['crm_contacts:C1']}" not in project.decisions.read_text()
    once = project.decisions.read_bytes()
    journals.erase()
    assert project.decisions.read_bytes() == once


def test_sightings_of_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "seen_together.jsonl"
    record_sighting(file, {"phone": "+12143631111", "cookie": "c"}, NOW)
    record_sighting(file, {"phone": "+12143631113", "cookie": "d"}, NOW)
    other = file.read_text().splitlines()[1]
    assert drop_sightings(file, lambda seen: seen["phone"] == "+12143631111") == 1
    assert file.read_text() == other + "\n"
    record_sighting(file, {"phone": "+12143631114", "cookie": "e"}, NOW)
    assert len(file.read_text().splitlines()) == 2
    assert file.stat().st_mode & 0o777 == 0o600
