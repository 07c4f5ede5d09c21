"""Bad input met with grace, through the commands as a user types them."""

from __future__ import annotations

import csv
import json
import os
import signal
from pathlib import Path

import pytest
from processes import Started
from shared_servers import Run, Servers

WEB = '{{"event_timestamp":{time},"event_name":"page_view","user_pseudo_id":"{cookie}"{rest}}}\n'
PARAMETERS = (
    "",
    ', "event_params": null',
    ', "event_params": "oops"',
    ', "event_params": {"zip_code": "75201"}',
    ', "event_params": [1, null, {"key": null}]',
)
FEEDS = {
    "properties.csv": """property_id,address,city,state,zip_code,estimated_value
P1,12 Main St,Dallas,TX,75201-1234,435111
P2,14 Main St,Dallas,TX,7501.0,unknown
P3,16 Main St,Dallas,TX,NULL,
P4,PO Box 9,Dallas,TX,75201.0,
P4,18 Main St,Dallas,TX,75201,
P5,,Dallas,TX,75201,
""",
    "crm_contacts.csv": """\ufeffcontact_id;first_name;last_name;phone;email;address;zip_code;created_at
C1;Ana;"Lopez; DROP TABLE x";214-363-1111;n/a;12 Main St;75201;2024-05-01
C2;Bo;Chan;555;}) DETACH DELETE n //;PO Box 12;75201;2024-05-01
C3;"A ""quoted"" \x1b[31mname";\u202ertl;214-363-1112;bo@home.example;"14 Main St
Apt 4";75201;2024-05-01
C3;Cy;Diaz;214-363-1113;;;75201;2024-05-01
C4;too;few
C5;never;"closed;214-363-1114;;;75201;2024-05-01
C6;Di;Epp;214-363-1115;;;75201;05/01/2024
""",
    "calls.csv": """call_id,started_at,caller_number,caller_name,duration_s
K1,2024-06-04T11:52:04-05:00,214-363-1111,"LÓPEZ,ANA",31
K2,yesterday,214-363-1111,,
K3,2024-06-04T11:52:04Z,anonymous,,
K4,2024-06-05T11:52:04Z,214-363-1112,,minus
""",
    "sms.csv": "message_id,phone,direction,occurred_at\n",
    "storms.csv": """event_id,name,started_at,ended_at,zip_codes
S1,May hail,2024-05-28,2024-08-11,
QUIET,Nobody converted,2023-01-01,,
BACK,Ends first,2024-06-01,2024-05-01,75201
ODD,Some day,soon,,
""",
    "conversions.csv": """conversion_id,kind,occurred_at,contact_id,phone,address,zip_code,value,event_id
V1,claim,2024-06-20,C1,,,75201,"1,200.50",S1
V2,claim,2024-05-29,,214-363-1112,,75201,abc,S1
V3,claim,2024-06-20,,,,75201,10,S1
""",
}
SET_ASIDE = {
    ("calls", 3, "started_at", "unreadable time"),
    ("calls", 4, "", "no usable identifier"),
    ("conversions", 4, "", "no identifier"),
    ("crm_contacts", 6, "contact_id", "same id, other content"),
    ("crm_contacts", 7, "", "wrong number of columns"),
    ("crm_contacts", 8, "", "unreadable line"),
    ("crm_contacts", 9, "created_at", "unreadable time"),
    ("ga4_events", 6, "", "not a JSON object"),
    ("properties", 5, "property_id", "same id, other content"),
    ("properties", 7, "address", "required value missing"),
    ("storms", 5, "started_at", "unreadable time"),
}
KEPT = {
    ("calls", 5, "duration_s", "unreadable number"),
    ("conversions", 3, "value", "unreadable number"),
    ("crm_contacts", 3, "address", "a post office box is no home"),
    ("crm_contacts", 3, "email", "unusable email"),
    ("crm_contacts", 3, "phone", "unusable phone"),
    ("properties", 3, "estimated_value", "unreadable number"),
    ("storms", 4, "ended_at", "ends before it starts"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> Path:
    """One project for all tests; the first two find it without a run."""
    folder = tmp_path_factory.mktemp("bad input")
    feeds = folder / "feeds"
    feeds.mkdir()
    for name, text in FEEDS.items():
        (feeds / name).write_bytes(text.encode("cp1252" if name == "calls.csv" else "utf-8"))
    events = [
        WEB.format(time=1717600000000000 + place, cookie=f"c.{place}", rest=rest)
        for place, rest in enumerate(PARAMETERS)
    ]
    (feeds / "ga4_events.jsonl").write_text("".join(events) + "not json\n")
    return servers.founded(folder / "project", feeds).folder


@pytest.fixture
def run(project: Path, monkeypatch: pytest.MonkeyPatch, typed: Run) -> Run:
    monkeypatch.setenv("STORMOPS_PROJECT", str(project))
    return typed


def test_what_stops_a_run_names_what_to_change(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = project / "stormops.toml"
    good = file.read_text()
    for old, new, code, words in (
        ("heap_mb =", "heap_md =", 3, ("stormops.toml:", "did you mean heap_mb?")),
        ("[feeds.calls]", "[feeds.callz]", 3, ("callz", "did you mean calls?")),
        ("feeds/calls.csv", "feeds/kalls.csv", 4, ("feeds/kalls.csv is not there", "[feeds.calls]")),
        ('calls.csv"', 'calls.csv"\ndelimiter = ";"', 4, ("no column call_id", "delimiter under [feeds.calls]")),
        ('calls.csv"', 'calls.csv"\nencoding = "utf-8"', 4, ("calls.csv is not utf-8\n",)),
        ('calls.csv"', 'calls.csv"\ncolumns = {caller_number = "From"}', 4, ("no column From", "caller_number = ")),
    ):
        file.write_text(good.replace(old, new, 1))
        found, out, err = run("resolve")
        assert (found, out) == (code, ""), new
        assert all(word in err for word in (*words, "  what to do: ")), err
    file.write_text(good)
    assert run("resolve", "--allow-shrink", "kalls")[0] == 3
    monkeypatch.setenv("NEO4J_URI", "http://127.0.0.1:7474")
    assert run("resolve")[0] == 3
    assert run("backup", str(project / "no" / "b.tar.gz"))[0] == 5


def test_a_run_that_is_cut_short_is_made_good_by_the_next(run: Run, project: Path) -> None:
    assert run("export", "assignments", "--out", str(project / "out.csv"))[0] == 8  # there is no run yet
    assert run("export", "credits", "--out", str(project / "out.csv"))[0] == 8
    with Started("resolve", environ=os.environ, until="ingest") as cut:
        with cut.standing():  # its run is in the graph, and most of its work is to come
            cut.kill(signal.SIGINT)
        said = cut.wait()
        assert cut.exit_code == 130
    assert "interrupted" in said
    assert run("resolve")[0] == 0
    states = [row["state"] for row in json.loads(run("runs", "list", "--json")[1])["runs"]]
    assert states[:2] == ["complete", "failed"]
    assert run("verify")[0] == 0


def test_every_row_is_used_or_told(run: Run, project: Path) -> None:
    code, out, _ = run("resolve")
    assert code == 0
    assert "calls.csv was read as cp1252" in out
    assert "Rows used without one value" in out
    told = out[out.index("Rows read") : out.index("Who they are")]
    assert max(map(len, told.splitlines())) <= 80

    assert run("export", "quarantine", "--out", str(project / "q.csv"))[0] == 0
    with (project / "q.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    why = {kept: {(r["feed"], int(r["line"]), r["field"], r["reason"]) for r in rows if r["kept"] == kept}
            for kept in ("false", "true")}  # fmt: skip
    assert (why["false"] ^ SET_ASIDE, why["true"] ^ KEPT) == (set(), set())
    assert all(Path(row["file"]).is_file() and ".." not in row["file"] and row["row"] for row in rows)

    report = json.loads(run("runs", "show", "last", "--json")[1])
    assert {feed["feed"]: feed["aside"] for feed in report["feeds"]}["crm_contacts"] == 4

    areas = json.loads(run("attribute", "--json")[1])["areas"]
    assert {area["event_id"] for area in areas} == {"S1"}  # a conversion before any touch makes no journey
    code, _, err = run("attribute", "--event", "QUIET")
    assert (code, "storms with journeys: S1" in err) == (1, True)
    assert run("attribute", "--zip", "NOPE")[0] == 1
    assert run("export", "credits", "--out", str(project / "c.csv"))[0] == 0
    assert (project / "c.csv").read_text().splitlines()[0] == (
        "event_id,zip_code,dimension,key,model,credit,low,high,interval,conversions,value,touches,journeys,"
        "raw,own,shift"
    )


def test_a_refused_run_leaves_what_stewards_look_at_as_the_last_one_made_it(run: Run, project: Path) -> None:
    last, now = project / "last.csv", project / "now.csv"
    assert run("resolve")[0] == 0
    assert run("export", "assignments", "--out", str(last))[0] == 0
    calls = project.parent / "feeds" / "calls.csv"
    whole = calls.read_bytes()
    calls.write_bytes(whole.splitlines(keepends=True)[0])
    try:
        code, _, err = run("resolve")
        assert (code, "calls from 3 to 0 rows (those that can be read" in err) == (7, True)
        assert run("export", "assignments", "--out", str(now))[0] == 0
        assert now.read_bytes() == last.read_bytes()
        assert run("review", "list")[0] == 0
    finally:
        calls.write_bytes(whole)
    assert "nothing has changed" in run("resolve")[1]


def test_edits_by_hand_are_found_and_written_over(run: Run, servers: Servers) -> None:
    assert (run("resolve")[0], run("attribute")[0], run("verify")[0]) == (0, 0, 0)
    with servers.driver() as driver:
        for edit in (
            "MATCH (p:Property {property_id: 'P1'}) SET p.zip_code = '99999'",
            "MATCH (:Record)-[m:HAS]->() WITH m LIMIT 1 DELETE m",
            "MATCH (j:Journey) WITH j LIMIT 1 DETACH DELETE j",
            "MATCH (h:Household)-[:TOOK]->() WITH h LIMIT 1 DETACH DELETE h",
            "MATCH (c:Credit {model: 'markov'}) WITH c LIMIT 1 SET c.share = 0.123",
            "CREATE (:Play {play_id: 'made up', fingerprint: 1})",
        ):
            driver.execute_query(edit)
        assert run("verify")[0] == 9
        code, out, _ = run("resolve", "--repair", "--json")
        assert code == 0
        assert run("attribute")[0] == 0
        assert run("verify")[0] == 0
        [[count]] = driver.execute_query("MATCH (j:Journey) RETURN count(j) AS count").records
    assert count == json.loads(out)["journeys"]
