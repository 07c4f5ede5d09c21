"""A verdict on identifiers, from the command line to the graph, over nights, and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shared_servers import Run, Servers

PHONE, MAIL = "2143631111", "cy@home.example"
FEEDS = {
    "properties.csv": """property_id,address,city,state,zip_code
P1,12 Main St,Dallas,TX,75201
P2,99 Elm St,Dallas,TX,75201
""",
    "crm_contacts.csv": """contact_id,first_name,last_name,phone,email,address,zip_code,created_at
ANA,Ana,Quillfeather,214-363-1111,,12 Main St,75201,2024-05-01
CY,Cy,Diaz,214-363-1113,cy@home.example,99 Elm St,75201,2024-05-01
""",
    "calls.csv": """call_id,started_at,caller_number,caller_name,event_id,play_id
CALL-1,2024-06-04T11:00:00Z,(214) 363-1111,QUILLFEATHER ANA,S1,Premium
""",
}


@pytest.fixture
def project(
    tmp_path: Path, clean_graph: Servers, clean_postgres: Servers, monkeypatch: pytest.MonkeyPatch, typed: Run
) -> Path:
    (tmp_path / "feeds").mkdir()
    for name, text in FEEDS.items():
        (tmp_path / "feeds" / name).write_text(text)
    folder = tmp_path / "project"
    monkeypatch.setenv("STORMOPS_PROJECT", str(folder))
    monkeypatch.setenv("STORMOPS_STEWARD", "ana")
    assert typed("init", str(folder), "--feeds", str(tmp_path / "feeds"))[0] == 0
    return folder


def homes(run: Run, *asked: str) -> list[str]:
    """The households that identifiers lead to, each by itself."""
    found = []
    for one in asked:
        kind, _, value = one.partition(":")
        (home,) = json.loads(run("find", f"--{kind}", value, "--json")[1])["households"]
        found.append(home["household_id"])
    return found


def night(run: Run) -> None:
    code, _, err = run("resolve", "--pass", "ids_changed", "--pass", "merges")
    assert code == 0, err


def test_a_verdict_on_identifiers_binds_who_holds_them_and_who_comes(project: Path, typed: Run) -> None:
    night(typed)
    apart = homes(typed, f"phone:{PHONE}", f"email:{MAIL}")
    assert len(set(apart)) == 2
    said = ("decide", f"phone:({PHONE[:3]}) 363-1111", f"email: {MAIL.upper()}", "same", "--level", "household")
    code, out, err = typed(*said, "--reason", "Cy moved in")
    assert code == 0, err
    assert "phone:+1*****1111" in out
    assert "363-1111" not in out
    night(typed)
    assert len(set(homes(typed, f"phone:{PHONE}", f"email:{MAIL}"))) == 1

    feed = project.parent / "feeds" / "calls.csv"
    feed.write_text(feed.read_text() + "CALL-2,2024-06-09T11:00:00Z,214-363-1111,CY DIAZ,S1,Safety\n")
    night(typed)
    code, out, _ = typed("explain", "calls:CALL-2", "crm_contacts:CY", "--json")
    told = json.loads(out)
    assert (code, told["together"] != "two households") == (0, True)
    assert [(one["left"], one["right"]) for one in told["verdicts"]] == [
        ("email:c***@home.example", "phone:+1*****1111")
    ]
    (home,) = set(homes(typed, f"phone:{PHONE}", f"email:{MAIL}"))
    history = typed("history", home)[1]
    assert "same" in history and "3631111" not in history and "moved in" not in history
    assert "Cy moved in" in typed("history", home, "--show")[1]

    code, _, err = typed("decide", "crm_contacts:CY", "crm_contacts:ANA", "different", "--reason", "no")
    assert (code, "phone:+1*****1111" in err, "3631111" in err) == (10, True, False)
    (entry,) = json.loads(typed("decisions", "list", "--json")[1])["decisions"]
    assert (entry["reason"], entry["state"]) == (None, "in force, to be reviewed again")  # another name calls from it
    assert typed("review", "list")[0] == 0
    out_file = project.parent / "verdicts.jsonl"
    assert typed("decisions", "export", str(out_file))[0] == 0
    assert json.loads(out_file.read_text())["right"] == f"phone:+1{PHONE}"
    assert typed("decisions", "undo", entry["id"])[0] == 0
    night(typed)
    told = json.loads(typed("explain", "crm_contacts:CY", "crm_contacts:ANA", "--json")[1])
    assert (told["together"], told["verdicts"]) == ("two households", [])
