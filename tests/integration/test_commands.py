"""The main job through the commands, as a user runs it, on a small simulated storm."""

from __future__ import annotations

import csv
import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from shared_servers import Run, Servers

from stormops_graph import AttributionEngine
from stormops_graph.adapters.statements import statement
from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.browser_kit import QUERIES
from stormops_graph.errors import NotFound
from stormops_graph.project.written import files_written

# Somebody's number first, as whom the lists are asked for; then all that a record says of people.
PERSONAL = """
SELECT max(value) FILTER (kind = 'phone') AS phone, max(value) FILTER (kind = 'email'),
       split_part(max(value) FILTER (kind = 'address'), ',', 1),
       max(value) FILTER (kind = 'cookie' AND length(value) > 9),
       any_value(given || ' ' || surname)
FROM record LEFT JOIN holding USING (record) GROUP BY record
ORDER BY phone IS NULL, phone IN (SELECT value FROM shared_identifier), record
"""
pytestmark = pytest.mark.usefixtures("clean_postgres")


def json_of(run: Run, *arguments: str) -> dict[str, Any]:
    code, out, _ = run(*arguments, "--json")
    assert code == 0, arguments
    assert out.count("\n") == 1
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_the_main_job_through_the_commands(run: Run, tmp_path: Path, servers: Servers) -> None:
    assert run("attribute")[0] == 8  # there is nothing to attribute yet

    first = json_of(run, "resolve")
    assert first["households"] > 20
    assert first["simulated"]
    assert not first["nothing_changed"]
    code, out, err = run("resolve")
    assert (code, "nothing has changed: nothing was written" in out) == (0, True)
    assert "SIMULATED" in out
    assert all(line[:2] == "20" for line in err.splitlines())  # a log has dated lines

    credits = json_of(run, "attribute")
    storm = credits["areas"][0]
    assert storm["zip_code"] is None
    markov = [row["credit"] for row in storm["channels"] if row["model"] == "markov"]
    assert sum(markov) == pytest.approx(1, abs=1e-9)
    looked = tmp_path / "credits.html"
    assert "90 % interval" in run("attribute", "--event", storm["event_id"], "--report", str(looked))[1]
    for said in ("Simulated data", storm["event_id"], "From step to step", "Over time"):
        assert said in looked.read_text()
    assert json_of(run, "verify") == {"agree": True, "edits_checked": True, "found": []}
    with AttributionEngine(environ={**servers.environ, "STORMOPS_PROJECT": str(tmp_path / "project")}) as engine:
        said = engine.get_channel_attribution(event_id=storm["event_id"])
        with pytest.raises(NotFound, match="no journeys are in storm nowhere"):
            engine.get_channel_attribution(event_id="nowhere")
        with pytest.raises(NotFound, match="no journeys are in ZIP '' of storm"):  # not the whole storm
            engine.get_channel_attribution(zip_code="", event_id=storm["event_id"])
    assert (said["journeys"], said["conversions"]) == (storm["journeys"], storm["conversions"])
    assert sum(said["channels"].values()) == pytest.approx(1, abs=1e-9)

    kinds = [listed["kind"] for listed in json_of(run, "runs", "list")["runs"]]
    assert kinds == ["attribute", "attribute", "resolve", "resolve"]
    assert json_of(run, "runs", "show", first["run"])["households"] == first["households"]
    assert "Rows read" in run("runs", "show", first["run"])[1]
    assert run("runs", "show", "nothing")[0] == 1

    check_exports(run, tmp_path)
    check_lookup(run, tmp_path)
    check_reasons(run, tmp_path)
    check_browser(run, tmp_path, servers)
    check_masks(run, tmp_path)
    check_register(run, tmp_path)


def check_register(run: Run, folder: Path) -> None:
    """Whatever a command writes for others to take away is in the register, see `test_cli.NOTED`."""
    household = json_of(run, "review", "list")["queue"][0]["households"][0]
    wanted = {
        "charts": ("attribute", "--charts"), "page.html": ("attribute", "--report"), "kept.zip": ("backup",),
        "kit": ("browser",), "said.jsonl": ("decisions", "export"), "page2.html": ("evaluate", "--report"),
        "sample.csv": ("evaluate", "--sample", "20", "--out"), "out.parquet": ("export", "assignments", "--out"),
        "home.html": ("picture", household, "--out"), "plan.json": ("resolve", "--plan", "--out"),
    }  # fmt: skip
    known = {one.file for one in files_written(folder / "project" / ".stormops" / "written.jsonl")}
    for name, command in wanted.items():
        code, _, err = run(*command, str(folder / "taken" / name))
        if name in ("charts", "kept.zip") and code != 0:  # where no font is, or the servers are not ours to dump
            assert "font" in err or "png" in err or "dump" in err or "backup" in err, err
            continue
        assert code == 0, (command, err)
    written = [one.file for one in files_written(folder / "project" / ".stormops" / "written.jsonl")]
    there = {file for file in (folder / "taken").rglob("*") if file.is_file()}
    assert len(there) >= 10
    assert there <= {*written} - known


def check_masks(run: Run, folder: Path) -> None:
    """No list shows anybody in full who did not ask for it."""
    with open_workspace(folder / "project" / ".stormops" / "workspace.duckdb") as con:
        values = con.execute(PERSONAL).fetchall()
        touch = con.execute("SELECT touch_id FROM journey_touch WHERE touch_id LIKE 'ga4:%' ORDER BY 1").fetchall()[0][
            0
        ]
        pair = con.execute("SELECT left_id, right_id FROM pair ORDER BY weight DESC, 1, 2").fetchall()[0]
    case = json_of(run, "review", "list")["queue"][0]
    assert run("decide", *pair, "same", "--reason", "says Jane")[0] == 0
    assert run("shared", "block", "phone", values[0][0], "--reason", "says Jane")[0] == 0
    lists: list[tuple[str, ...]] = [
        ("find", "--phone", values[0][0]), ("household", case["households"][0]), ("explain", case["households"][0]),
        ("explain", *pair), ("explain", "credit", touch), ("history", case["households"][0]), ("decisions", "list"),
        ("review", "list"), ("review", "show", case["case"]), ("shared", "list"), ("runs", "list"),
        ("runs", "show", "last"), ("credits",), ("paths",), ("evaluate",), ("resolve", "--plan"),
        ("forget", "--phone", values[0][0], "--plan"),
    ]  # fmt: skip
    for command in lists:
        for form in ((), ("--json",)):
            _, out, err = run(*command, *form)
            said = (out + err).lower()
            shown = {value for row in values for value in row if value and value.lower() in said}
            assert not shown - {*command}, (command, form, shown)
            assert "says jane" not in said, (command, form)


def check_exports(run: Run, folder: Path) -> None:
    for what in ("assignments", "evidence", "journeys", "credits", "quarantine"):
        out = folder / f"{what}.csv"
        assert run("export", what, "--out", str(out))[0] == 0
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with (folder / "assignments.csv").open(newline="") as file:
        assert next(csv.reader(file)) == [
            "feed", "record_id", "household_id", "person_id", "property_id", "confidence",
        ]  # fmt: skip
    again = json_of(run, "attribute", "--journeys", str(folder / "journeys.csv"))
    assert again["run"] is None
    # a file names no personas, so nothing leans
    whole, storm = again["areas"][0], json_of(run, "attribute", "--no-priors")["areas"][0]
    assert (whole["journeys"], whole["conversions"]) == (storm["journeys"], storm["conversions"])
    shares = {(row["key"], row["model"]): row["credit"] for row in storm["channels"] if row["model"] == "markov"}
    for row in whole["channels"]:
        if row["model"] == "markov":
            assert row["credit"] == pytest.approx(shares[row["key"], "markov"], abs=1e-9)


def check_lookup(run: Run, folder: Path) -> None:
    with (folder / "assignments.csv").open(newline="") as file:
        home = {row["record_id"]: row["household_id"] for row in csv.DictReader(file) if row["feed"] == "ga4"}
    cookie, household = min(home.items())
    found = json_of(run, "find", "--cookie", cookie)["households"]
    assert [one["household_id"] for one in found] == [household]
    assert cookie not in json.dumps(found)
    assert cookie in json.dumps(json_of(run, "find", "--cookie", cookie, "--show"))
    assert json_of(run, "household", household)["household_id"] == household
    drawing = folder / "home.svg"
    assert run("picture", household, "--out", str(drawing))[0] == 0
    assert cookie not in drawing.read_text()
    assert run("picture", household, "--out", str(drawing), "--show")[0] == 0
    assert cookie in drawing.read_text()
    assert run("picture", "nobody", "--out", str(drawing))[0] == 1
    assert run("picture", household, "--out", "home.pdf")[0] == 2
    assert run("find", "--phone", "2143639999")[0] == 1
    assert run("find", "--phone", "555")[0] == 2
    assert run("find")[0] == 2


def check_browser(run: Run, folder: Path, servers: Servers) -> None:
    """What Browser is given answers on a real graph, within its bounds, and has a look for all that is there."""
    code, out, _ = run("browser", str(folder / "browser"))
    assert (code, "saved-queries.zip" in out) == (0, True)
    style = (folder / "browser" / "style.grass").read_text()
    with servers.driver() as driver:
        example = driver.execute_query(statement("read/browser_example").text).records[0].data() | {"model": "markov"}
        for name in QUERIES:
            query = statement(f"browser/{name}")
            found = driver.execute_query(query.text, {param: example[param] for param in query.params}).records
            assert found or name == "shared_identifiers", name
            assert len(found) <= int(query.text.rpartition("LIMIT ")[2])
        named = (("labels", "label", "node"), ("relationshipTypes", "relationshipType", "relationship"))
        for procedure, column, kind in named:
            for row in driver.execute_query(f"CALL db.{procedure}()").records:
                assert f"\n{kind}.{row[column]} {{" in style
        told = set(re.findall(r"`(\w+)`", (Path(__file__).parents[2] / "docs" / "graph.md").read_text("utf-8")))
        for schema in ("nodeTypeProperties", "relTypeProperties"):
            for row in driver.execute_query(f"CALL db.schema.{schema}()").records:
                assert set(re.findall(r"\w+", row[0])) | {row["propertyName"]} <= told | {None}


def check_reasons(run: Run, folder: Path) -> None:
    with (folder / "assignments.csv").open(newline="") as file:
        homes = [row["household_id"] for row in csv.DictReader(file)]
    largest = max(sorted(set(homes)), key=homes.count)
    bonds = json_of(run, "explain", largest)
    weights = [bridge["link"]["weight"] for bridge in bonds["bridges"]]
    assert weights == sorted(weights)
    for link in (bridge["link"] for bridge in bonds["bridges"]):
        stated, told = link["household_probability"], sum(part["weight"] for part in link["parts"])
        assert 1 / (1 + 2**-told) == pytest.approx(stated, abs=0.01)
    ends = bonds["bridges"][0]["link"]
    between = json_of(run, "explain", ends["left"], ends["right"])
    assert between["direct"] == ends
    assert between["together"] != "two households"
    with (folder / "evidence.csv").open(newline="") as file:
        pairs = {(row["left_record"], row["right_record"]) for row in csv.DictReader(file)}
    assert (ends["left"], ends["right"]) in pairs
    screen = run("explain", largest)[1]
    assert "The weakest link" in screen
    total = re.findall(r"→ +([+-]\d+\.\d\d)", screen)[-1]  # where the waterfall ends
    assert 1 / (1 + 2 ** -float(total)) == pytest.approx(ends["household_probability"], abs=0.01)
    assert [event["what"] for event in json_of(run, "history", largest)["events"]] == ["made"]
    short = largest[:8]  # as lists show it
    assert json_of(run, "household", short) == json_of(run, "household", largest)
    assert json_of(run, "history", short)["household_id"] == json_of(run, "explain", short)["household_id"] == largest
    assert run("explain", "nobody")[0] == run("explain", "calls:0", "calls:1")[0] == run("history", "nobody")[0] == 1


def test_a_server_that_is_down_is_told_in_two_lines(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:9")
    code, out, err = run("resolve")
    assert (code, out) == (5, "")
    what, todo = [line for line in err.splitlines() if line[:2] != "20"]
    assert what.startswith("error: ")
    assert todo.startswith("  what to do: ")
