"""Hostile values all the way: from feeds through graph and credits to terminal, report, exports and saved queries."""

from __future__ import annotations

import csv
import json
import unicodedata
from pathlib import Path

import pytest
from shared_servers import Run, Servers

HOSTILE = (
    "x'); DROP TABLE record; --",
    '"}) DETACH DELETE n //',
    "\x1b]0;owned\x07\x1b[2Jred",
    "\u202egnp.exe\u2066x\u2069",
    "a\x00b",
    '=HYPERLINK("http://x","y")',
    "@SUM(1)",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "two\nlines\u2028more",
    "{{7*7}} ${jndi:ldap://x} %n%s",
)
COLUMNS = {
    name: tuple(columns.split())
    for name, columns in {
        "properties": "property_id address city state zip_code primary_persona risk_tier",
        "crm_contacts": "contact_id first_name last_name phone email address zip_code",
        "calls": "call_id started_at caller_number caller_name event_id play_id",
        "door_knocks": "knock_id knocked_at address zip_code resident_name outcome event_id play_id rep_id",
        "storms": "event_id name started_at ended_at",
        "conversions": "conversion_id occurred_at contact_id kind value event_id",
    }.items()
}
LISTS = ("runs list", "runs show last", "paths", "shared list --show", "decisions list", "credits")


def rows() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {name: [] for name in COLUMNS}
    for n, bad in enumerate(HOSTILE):
        address, phone = f"{n + 1} Main St", f"214-363-11{n:02}"
        found["properties"].append((f"P{n}{bad}", address, bad, bad, "75201", bad, bad))
        found["crm_contacts"].append((f"C{n}{bad}", bad, f"Diaz {bad}", phone, f"c{n}@home.example", address, "75201"))
        found["calls"].append((f"K{n}{bad}", "2024-06-05", phone, bad, "S1", f"{bad}{n % 3}"))
        found["door_knocks"].append((f"D{n}{bad}", "2024-06-04", address, "75201", bad, bad, "S1", bad, bad))
        found["conversions"].append((f"V{n}{bad}", "2024-06-20", f"C{n}{bad}", bad, "100", "S1"))
        found["storms"].append((f"S1{bad}", bad, "2024-05-28", "2024-08-11"))
    found["storms"].append(("S1", HOSTILE[7], "2024-05-28", "2024-08-11"))
    return found


@pytest.fixture
def run(
    tmp_path: Path, clean_graph: Servers, clean_postgres: Servers, monkeypatch: pytest.MonkeyPatch, typed: Run
) -> Run:
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    for name, said in rows().items():
        with (feeds / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([COLUMNS[name], *said])
    monkeypatch.setenv("STORMOPS_PROJECT", str(tmp_path / "project"))
    assert typed("init", str(tmp_path / "project"), "--feeds", str(feeds))[0] == 0
    return typed


def acting(text: str) -> set[str]:
    """Letters that a terminal would obey."""
    return {letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}


def test_hostile_values_act_nowhere(run: Run, tmp_path: Path, servers: Servers) -> None:
    out = tmp_path / "out"
    out.mkdir()
    said = []

    def ask(*command: str) -> str:
        code, text, err = run(*command)
        assert code == 0, (command, err)
        said.append(text + err)
        return text

    ask("resolve")
    ask("attribute", "--event", "S1", "--report", str(out / "credits.html"))
    ask("verify")
    for n in range(len(HOSTILE)):
        found = json.loads(run("find", "--phone", f"214-363-11{n:02}", "--json", "--show")[1])
        ask("find", "--phone", f"214-363-11{n:02}", "--show")
        ask("household", found["households"][0]["household_id"], "--show")
    for command in LISTS:
        ask(*command.split())
    assert acting("".join(said)) == set()
    page = (out / "credits.html").read_text("utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert acting(page) == set()

    for what in ("assignments", "journeys", "credits", "commissions", "quarantine"):
        ask("export", what, "--out", str(out / f"{what}.csv"))
        with (out / f"{what}.csv").open(newline="", encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell.lstrip().startswith(("=", "@"))], what

    with servers.driver() as driver:
        [[properties]] = driver.execute_query("MATCH (p:Property) RETURN count(p)").records
        plays = {row[0] for row in driver.execute_query("MATCH (p:Play) RETURN p.play_id").records}
    assert properties == len(HOSTILE)
    assert '=HYPERLINK("http://x","y")' in plays  # data stays data
