"""From small feeds to records, holdings, touches, conversions and storms."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stormops_graph.ingest import discover, ingest
from stormops_graph.normalise import normalise
from stormops_graph.settings import FeedSettings
from stormops_graph.tables import (
    CONVERSION,
    HOLDING,
    PLACEHOLDER,
    PROPERTY,
    RECORD,
    SOURCE_ROW,
    STORM,
    TOUCH,
    Connection,
)

RULES = Path(__file__).parents[2] / "matching_rules"
OUTPUTS = (PROPERTY, RECORD, SOURCE_ROW, HOLDING, PLACEHOLDER, TOUCH, CONVERSION, STORM)
FILES = {
    "properties": [
        "property_id,address,city,zip_code,estimated_value",
        "p1,1374 Windmill Ln,Dallas,75211.0,400000",
        "p2,9 Elm St Apt 4,Dallas,NULL,",
        "p3,PO Box 7,Dallas,75211 1234,",
    ],
    "crm_contacts": [
        "contact_id,first_name,last_name,phone,mobile_phone,email,address,city,zip_code,created_at,updated_at",
        "7,Ana,Peña,(214) 657-8910,2146578910,Ana@X.org,1374 WINDMILL LANE,dallas,75211,2024-01-01,2024-02-01",
        "8,Bo,Ray,555,,n/a,PO Box 7,Dallas,7521,2024-01-02,",
    ],
    "calls": [
        "call_id,started_at,caller_number,caller_name,event_id,play_id",
        "a,2024-05-28T13:00:00Z,+12146578910,PENA ANA,S1,Fast",
        "b,2024-05-29T13:00:00Z,214-657-8910,PENA ANA,,",
        "c,2024-05-29T14:00:00Z,2146578910,WIRELESS CALLER,,",
        "d,2024-05-29T15:00:00Z,555,ANA PENA,,",
        "e,2024-05-29T16:00:00Z,0000000000,,,",
    ],
    "door_knocks": [
        "knock_id,knocked_at,address,city,zip_code,resident_name,phone,outcome,rep_id,event_id",
        "k1,2024-05-30T10:00:00Z,1374 Windmill Ln.,Dallas,75211,Mrs Pena,,spoke,r1,S2",
        "k2,2024-05-31T10:00:00Z,1374 windmill ln,Dallas,75211,,,not_home,r2,S2",
        "k3,2024-05-31T11:00:00Z,PO Box 9,Dallas,75211,Nobody,,spoke,r2,",
    ],
    "emails": [
        "message_id,recipient,event_type,occurred_at,play_id",
        "m1,ana@x.org,sent,2024-05-28T08:00:00Z,Mail",
        "m1,ana@x.org,open,2024-05-28T09:00:00Z,Mail",
        "m1,ana@x.org,clicked,2024-05-28T09:01:00Z,Mail",
        "m2,none@none.com,open,2024-05-28T09:00:00Z,Mail",
        "m2,none@none.com,clicked,2024-05-28T09:00:00Z,Mail",
        "m4,none@none.com,open,2024-05-28T09:00:00Z,Mail",
        "m3,ana@x.org,sent,2024-05-29T08:00:00Z,Mail",
    ],
    "sms": [
        "message_id,phone,direction,occurred_at",
        "s1,2146578910,out,2024-05-28T10:00:00Z",
        "s2,2146578910,,2024-05-28T11:00:00Z",
        "s3,2146578910,failed,2024-05-28T12:00:00Z",
    ],
    "storms": ["event_id,name,started_at,ended_at,zip_codes", 'S1,May,2024-05-28,2024-06-28,"[75211, 75209-1000]"'],
    "conversions": [
        "conversion_id,kind,occurred_at,contact_id,phone,zip_code,value,event_id",
        "v1,claim,2024-06-01,7,,75211,500,S1",
        "v2,claim,2024-06-02,,2146578910,,,S3",
        "v3,claim,2024-06-02,,12,,,",
    ],
}
NOON = 1716897600000000  # 2024-05-28 12:00 UTC
MINUTE = 60_000_000


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def event(cookie: str, minute: float, name: str = "page_view", city: str | None = None, **parameters: Any) -> str:
    said = [{"key": key, "value": {"string_value": str(value)}} for key, value in parameters.items()]
    user = parameters.pop("user_id", None)
    start = {"event_timestamp": round(NOON + minute * MINUTE), "event_name": name, "user_pseudo_id": cookie}
    return json.dumps(start | {"user_id": user, "event_params": said, "geo": {"city": city}})


EVENTS = [
    event("k1", 0, zip_code="75211", home_value_band="350K", year_built=1990, event_id="S1"),
    event("k1", 5, zip_code="75209", page_location="https://x.org/?mid=m1", email_sha256=sha("ana@x.org")),
    event("k1", 34, zip_code="75211", email_sha256=sha("new@x.org"), playbook_id="Web"),
    event("k1", 65, address="1374 Windmill Ln", zip_code="75211", phone_sha256=sha("+12146578910")),
    event("k2", 1, page_location="https://x.org/?mid=m2", user_id="7", city="(not set)"),
    event("k3", 1, city="Fort  Worth", year_built=2147483647),
]  # fmt: skip


def build(folder: Path, threads: int = 2, shuffle: int | None = None, only: Sequence[str] = ()) -> Connection:
    """The tables made of the files above, its rows in another order where `shuffle` is given."""
    folder.mkdir(exist_ok=True)
    files = FILES | {"ga4_events": EVENTS}
    for name in only or files:
        header = [] if name == "ga4_events" else files[name][:1]
        rows = files[name][len(header) :]
        if shuffle is not None:
            rows = random.Random(shuffle).sample(rows, len(rows))
        (folder / f"{name}.{'csv' if header else 'jsonl'}").write_text("\n".join(header + rows))
    con = duckdb.connect(config={"threads": threads})
    ingest(con, discover(folder), folder)
    normalise(con, RULES)
    return con


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Connection:
    return build(tmp_path_factory.mktemp("feeds"))


def rows(con: Connection, query: str) -> list[Any]:
    return con.execute(query).fetchall()


def test_tables_are_as_declared_and_nothing_else_stays(con: Connection) -> None:
    for table in OUTPUTS:
        assert table.check(con) > 0
    assert rows(con, "SELECT table_name FROM duckdb_tables() WHERE temporary") == []


def test_properties(con: Connection) -> None:
    assert rows(con, "SELECT property_id, address_key, zip5, unit FROM property") == [
        ("p1", "1374 windmill ln, 75211", "75211", None),
        ("p2", "9 elm st #4", None, "4"),
        ("p3", None, "75211", None),
    ]


def test_a_record_is_a_set_of_values_not_an_event(con: Connection) -> None:
    said = "SELECT feed, given, surname, phones, emails, address_key, zip5 FROM record WHERE feed IN ({}) ORDER BY ALL"
    assert rows(con, said.format("'calls'")) == [
        ("calls", "ana", "pena", ["+12146578910"], [], None, None),
        ("calls", None, None, [], [], None, None),
        ("calls", None, None, ["+12146578910"], [], None, None),
    ]
    home = "1374 windmill ln, 75211"
    assert rows(con, said.format("'crm_contacts', 'door_knocks'")) == [
        ("crm_contacts", "ana", "pena", ["+12146578910"], ["ana@x.org"], home, "75211"),
        ("crm_contacts", "bo", "ray", [], [], None, None),
        ("door_knocks", None, "pena", [], [], home, "75211"),
        ("door_knocks", None, None, [], [], home, "75211"),
    ]
    assert rows(con, "SELECT id, count(*) FROM source_row WHERE feed = 'emails' GROUP BY id ORDER BY id") == [
        ("m1", 1), ("m2", 1), ("m3", 1), ("m4", 1),
    ]  # fmt: skip


def test_record_ids_are_functions_of_the_values(con: Connection) -> None:
    assert rows(con, "SELECT record FROM record WHERE cookie = 'k1'") == [("ga4:" + sha("k1")[:16],)]
    seven = rows(con, "SELECT record FROM source_row WHERE feed = 'crm_contacts' AND id = '7'")
    assert seven == [("crm_contacts:" + sha("7")[:16],)]


def test_holdings_say_how_and_when(con: Connection) -> None:
    twice = "SELECT value, via, first_seen, last_seen, rows FROM holding WHERE record LIKE 'calls%' AND rows > 1"
    times = (datetime(2024, 5, 28, 13), datetime(2024, 5, 29, 13))
    assert rows(con, twice) == [("+12146578910", "row", *times, 2)]
    contact = rows(con, "SELECT kind, rows, first_seen, last_seen FROM holding WHERE record LIKE 'crm%' ORDER BY 1, 3")
    january, february = datetime(2024, 1, 1), datetime(2024, 2, 1)
    assert contact == [
        ("address", 1, january, february),
        ("contact", 1, january, february),
        ("contact", 1, datetime(2024, 1, 2), datetime(2024, 1, 2)),
        ("email", 1, january, february),
        ("phone", 1, january, february),
    ]


def test_cookies_are_bridged_by_hash_click_form_and_login(con: Connection) -> None:
    held = "SELECT kind, value, via, rows FROM holding JOIN record USING (record) WHERE cookie = '{}' ORDER BY ALL"
    assert rows(con, held.format("k1")) == [
        ("address", "1374 windmill ln, 75211", "row", 1),
        ("cookie", "k1", "row", 4),
        ("email", "ana@x.org", "click", 1),
        ("email", "ana@x.org", "hash", 1),
        ("email_sha256", sha("new@x.org"), "row", 1),
        ("phone", "+12146578910", "hash", 1),
    ]
    assert rows(con, held.format("k2")) == [("contact", "7", "row", 1), ("cookie", "k2", "row", 1)]
    assert rows(con, held.format("k3")) == [("cookie", "k3", "row", 1)]
    cities = "SELECT cookie, city FROM record WHERE cookie IS NOT NULL ORDER BY cookie"
    assert rows(con, cities) == [("k1", None), ("k2", None), ("k3", "fort worth")]
    features = "SELECT zip5, home_value_band, year_built, street_no, len(hashes) FROM record WHERE cookie = 'k1'"
    assert rows(con, features) == [("75211", "350k", 1990, "1374", 3)]
    assert rows(con, "SELECT year_built FROM record WHERE cookie = 'k3'") == [(None,)]  # no house is of that year


def test_placeholders_hold_nothing_but_are_seen(con: Connection) -> None:
    assert rows(con, "SELECT split_part(record, ':', 1), kind, value, reason FROM placeholder ORDER BY ALL") == [
        ("calls", "phone", "+10000000000", "one digit over and over"),
        ("emails", "email", "none@none.com", "placeholder address"),
        ("emails", "email", "none@none.com", "placeholder address"),
        ("ga4", "email", "none@none.com", "placeholder address"),
    ]
    assert rows(con, "SELECT count(*) FROM holding WHERE value LIKE 'none@%' OR value LIKE '%00000'") == [(0,)]


def test_what_goes_to_a_placeholder_is_no_one_record(con: Connection) -> None:
    said = "SELECT id, count(DISTINCT record), any_value(len(emails)) FROM source_row JOIN record USING (record)"
    of = "WHERE source_row.feed = 'emails' AND id IN ('m2', 'm4') GROUP BY id ORDER BY id"
    assert rows(con, f"{said} {of}") == [("m2", 1, 0), ("m4", 1, 0)]
    assert rows(con, "SELECT count(DISTINCT record) FROM source_row WHERE id IN ('m2', 'm4')") == [(2,)]


def test_unusable_values_are_noted_and_rows_without_any_other_set_aside(con: Connection) -> None:
    assert rows(con, "SELECT feed, line, field, reason FROM quarantine ORDER BY ALL") == [
        ("calls", 5, None, "no usable identifier"),
        ("conversions", 4, None, "no usable identifier"),
        ("crm_contacts", 3, "address", "a post office box is no home"),
        ("crm_contacts", 3, "phone", "unusable phone"),
        ("crm_contacts", 3, "zip_code", "unusable ZIP code"),
        ("door_knocks", 4, None, "no usable identifier"),
    ]
    assert rows(
        con, "SELECT count(*) FROM source_row WHERE feed || id IN ('callsd', 'door_knocksk3', 'conversionsv3')"
    ) == [(0,)]


def test_touches(con: Connection) -> None:
    found = rows(
        con,
        'SELECT touch_id, channel, "at", event_id, play_id, rep_id, zip5 FROM touch ORDER BY channel, "at", touch_id',
    )
    assert found == [
        ("calls:a", "call", datetime(2024, 5, 28, 13), "S1", "Fast", None, None),
        ("calls:b", "call", datetime(2024, 5, 29, 13), None, None, None, None),
        ("calls:c", "call", datetime(2024, 5, 29, 14), None, None, None, None),
        ("calls:e", "call", datetime(2024, 5, 29, 16), None, None, None, None),
        ("door_knocks:k1", "door_knock", datetime(2024, 5, 30, 10), "S2", None, "r1", "75211"),
        ("door_knocks:k2", "door_knock", datetime(2024, 5, 31, 10), "S2", None, "r2", "75211"),
        ("emails:m1", "email", datetime(2024, 5, 28, 9), None, "Mail", None, None),
        ("emails:m2", "email", datetime(2024, 5, 28, 9), None, "Mail", None, None),
        ("emails:m4", "email", datetime(2024, 5, 28, 9), None, "Mail", None, None),
        (f"ga4:k1:{NOON}", "ga4", datetime(2024, 5, 28, 12), "S1", "Web", None, "75211"),
        (f"ga4:k2:{NOON + MINUTE}", "ga4", datetime(2024, 5, 28, 12, 1), None, None, None, None),
        (f"ga4:k3:{NOON + MINUTE}", "ga4", datetime(2024, 5, 28, 12, 1), None, None, None, None),
        (f"ga4:k1:{NOON + 65 * MINUTE}", "ga4", datetime(2024, 5, 28, 13, 5), None, None, None, "75211"),
        ("sms:s1", "sms", datetime(2024, 5, 28, 10), None, None, None, None),
        ("sms:s2", "sms", datetime(2024, 5, 28, 11), None, None, None, None),
    ]


def test_emails_sent_are_touches_where_the_export_has_nothing_better(tmp_path: Path) -> None:
    text = "message_id,recipient,occurred_at\nm1,a@x.org,2024-05-28\nm1,b@x.org,2024-05-28\nm2,a@x.org,2024-05-28\n"
    (tmp_path / "emails.csv").write_text(text)
    con = build(tmp_path, only=["properties"])
    found = [touch for (touch,) in rows(con, "SELECT touch_id FROM touch ORDER BY 1")]
    assert len(found) == 2 and found[-1] == "emails:m2"


def test_conversions_and_storms(con: Connection) -> None:
    assert rows(con, 'SELECT conversion_id, kind, "at", event_id, zip5, value FROM conversion') == [
        ("v1", "claim", datetime(2024, 6, 1), "S1", "75211", 500.0),
        ("v2", "claim", datetime(2024, 6, 2), "S3", None, None),
    ]
    assert rows(con, "FROM storm") == [
        ("S1", "May", datetime(2024, 5, 28), datetime(2024, 6, 28), ["75209", "75211"]),
        ("S2", None, datetime(2024, 5, 30, 10), datetime(2024, 5, 31, 10), ["75211"]),
        ("S3", None, datetime(2024, 6, 2), datetime(2024, 6, 2), []),
    ]


def test_order_and_threads_change_nothing(con: Connection, tmp_path: Path) -> None:
    for seed, threads in enumerate((1, 2, 4)):
        other = build(tmp_path / str(seed), threads=threads, shuffle=seed)
        for table in OUTPUTS:
            assert rows(other, f"FROM {table.name} ORDER BY ALL") == rows(con, f"FROM {table.name} ORDER BY ALL")


def test_a_second_run_gives_the_same(tmp_path: Path) -> None:
    con = build(tmp_path)
    before = [rows(con, f"FROM {table.name} ORDER BY ALL") for table in OUTPUTS]
    notes = rows(con, "FROM quarantine ORDER BY ALL")
    normalise(con, RULES)
    assert before == [rows(con, f"FROM {table.name} ORDER BY ALL") for table in OUTPUTS]
    assert notes == rows(con, "FROM quarantine ORDER BY ALL")


def test_properties_alone_are_enough(tmp_path: Path) -> None:
    con = build(tmp_path, only=["properties"])
    assert rows(con, "SELECT count(*) FROM property") == [(3,)]
    assert rows(con, "SELECT count(*) FROM record") == [(0,)]


def test_what_was_seen_together_ties_a_cookie_to_a_phone(tmp_path: Path) -> None:
    con = duckdb.connect()
    (tmp_path / "properties.csv").write_text("property_id,address\np1,1 Oak St\n")
    (tmp_path / "seen.jsonl").write_text(
        '{"seen_at": "2024-06-01T10:00:00+00:00", "cookie": "C.1", "phone": "214-541-3577"}\n'
    )
    feeds = {"properties": FeedSettings(path="properties.csv"), "seen_together": FeedSettings(path="seen.jsonl")}
    ingest(con, feeds, tmp_path)
    normalise(con, RULES)
    held = con.execute("SELECT kind, value FROM holding WHERE record LIKE 'seen_together:%' ORDER BY kind").fetchall()
    assert held == [("cookie", "C.1"), ("phone", "+12145413577")]
    assert con.execute("SELECT count(*) FROM touch").fetchall() == [(0,)]


def test_a_contact_is_named_by_a_number_as_programs_write_it_and_never_by_0(tmp_path: Path) -> None:
    named = ("7.0", "0", "0.0", "8")
    feeds = {
        "properties": "property_id,address\np,1 Elm St\n",
        "crm_contacts": "contact_id,first_name,last_name\n7,Ana,Ray\n0,Bo,Cruz\n8.0,Cy,Dow\n",
        "conversions": "conversion_id,kind,occurred_at,contact_id,zip_code\n"
        + "".join(f"v{row},claim,2024-06-01,{contact},75211\n" for row, contact in enumerate(named)),
        "ga4_events": "\n".join(event(f"k{contact}", 1, user_id=contact) for contact in ("7", "0", "8.0")),
    }
    for feed, text in feeds.items():
        (tmp_path / f"{feed}.{'jsonl' if feed == 'ga4_events' else 'csv'}").write_text(text)
    con = duckdb.connect()
    ingest(con, discover(tmp_path), tmp_path)
    normalise(con, RULES)
    named = "SELECT value, feed, id FROM holding JOIN source_row USING (record) WHERE kind = 'contact' ORDER BY ALL"
    assert rows(con, named) == [
        ("0", "crm_contacts", "0"),
        *(("7", feed, row) for feed, row in (("conversions", "v0"), ("crm_contacts", "7"), ("ga4", "k7"))),
        *(("8", feed, row) for feed, row in (("conversions", "v3"), ("crm_contacts", "8.0"), ("ga4", "k8.0"))),
    ]
    assert rows(con, "SELECT feed, reason FROM quarantine") == [("conversions", "no usable identifier")] * 2
