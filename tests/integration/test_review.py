"""The review screen, driven by its keys over real servers; and what it decides, in force in every later run."""

from __future__ import annotations

import asyncio
import csv
import json
import random
import re
import shutil
from collections.abc import Awaitable, Callable

import pytest
from disks import full_beyond, grown
from shared_servers import Quiet, Run, Servers
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Static

from stormops_graph import pipeline
from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.cli.review_app import ReviewApp
from stormops_graph.ledger.bindings import Listed, State
from stormops_graph.ledger.decisions import Decision, Level
from stormops_graph.pipeline.verification import verify
from stormops_graph.project import Project
from stormops_graph.review.desk import Desk
from stormops_graph.review.snapshot import Snapshot, read_snapshot
from stormops_graph.runs.locks import folder_locked
from stormops_graph.settings import Gate
from stormops_graph.simulation import simulate
from stormops_graph.stewardship.ledger import open_ledger

HOUSEHOLDS, SEED, VERDICTS, BURST = 140, 11, 200, 40
Drive = Callable[[Pilot[None]], Awaitable[None]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> Project:
    """One project for all tests; the first finds it without a run."""
    base = tmp_path_factory.mktemp("review")
    simulate(base / "feeds", HOUSEHOLDS, SEED)
    folder = servers.founded(base / "project", base / "feeds").folder
    with (folder / "stormops.toml").open("a") as settings:
        settings.write("\n[review]\nsure = 1.0\n")  # so that so small a town has so many questions
    return Project.open(folder)


def resolve(project: Project, servers: Servers) -> None:
    # So many verdicts in so small a town are more than the gates let through.
    pipeline.resolve(project, servers.environ, Quiet(), passing=[Gate.ids_changed, Gate.merges])


@pytest.fixture(scope="module")
def resolved(project: Project, servers: Servers) -> Project:
    """The project after a run."""
    resolve(project, servers)
    return project


def review(project: Project, servers: Servers, drive: Drive, steward: str = "ana") -> None:
    """Open the screen, let `drive` press keys, and leave."""

    def opened() -> tuple[Snapshot, Desk]:
        snapshot = read_snapshot(project, servers.environ, Quiet())
        return snapshot, Desk(project, servers.environ, Quiet(), snapshot)

    async def sit() -> None:
        async with ReviewApp(opened, steward).run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            await drive(pilot)
            await settled(pilot)

    asyncio.run(sit())


async def settled(pilot: Pilot[None]) -> None:
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def text(pilot: Pilot[None], widget: str) -> str:
    screen = pilot.app.screen_stack[1]
    return str(screen.query_one(widget, Static).visual)


def shown(pilot: Pilot[None]) -> str:
    """The lines of the terminal as they are on it."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def lines(project: Project) -> list[dict[str, str]]:
    if not project.decisions.exists():
        return []
    return [json.loads(line) for line in project.decisions.read_text().splitlines() if line.strip()]


def listed(project: Project, servers: Servers) -> list[Listed]:
    with open_ledger(project, servers.environ, Quiet()) as ledger:
        return ledger.listed()


def broken(project: Project, servers: Servers) -> list[Decision]:
    """The verdicts in force that the households do not obey."""
    out = project.folder / "assignments.csv"
    pipeline.export(project, servers.environ, "assignments", out)
    with out.open(newline="") as file:
        home = {f"{r['feed']}:{r['record_id']}": (r["household_id"], r["person_id"]) for r in csv.DictReader(file)}
    held = [one.decision for one in listed(project, servers) if one.state in (State.in_force, State.review)]
    with open_workspace(project.workspace) as con:
        rows = {r: f"{f}:{i}" for f, i, r in con.execute("FROM source_row ORDER BY feed DESC, id DESC").fetchall()}

    def obeyed(said: Decision) -> bool:
        left, right = (home[rows[record]] for record in said.pair)
        together = {Level.household: left[0] == right[0], Level.person: left[1] == right[1] != ""}
        return all(
            together[level] if said.joins(level) else not together[level]
            for level in Level
            if said.joins(level) or said.parts(level)
        )

    assert len(held) > VERDICTS / 2
    return [said for said in held if not obeyed(said)]


def test_the_first_screen_says_why_it_is_empty(project: Project, servers: Servers) -> None:
    async def no_run(pilot: Pilot[None]) -> None:
        assert "there is no run yet" in shown(pilot)
        assert "stormops-graph resolve" in shown(pilot)
        await press(pilot, "s", "z", "h", "w")  # keys without a case do nothing

    review(project, servers, no_run)
    with folder_locked(project.state, "resolve"):
        project.workspace.touch()

        async def busy(pilot: Pilot[None]) -> None:
            assert "another run is under way" in shown(pilot)
            assert "press n to look again" in shown(pilot)

        review(project, servers, busy)
    project.workspace.unlink()
    assert lines(project) == []


async def look(pilot: Pilot[None]) -> None:
    """Mask, blind, why, help, skip."""
    head = text(pilot, "#head")
    assert head.startswith(" review · case 1 of ")
    assert re.search(r"about \d+ errors? left", head)
    assert "+1*****" in shown(pilot) or "***@" in shown(pilot)
    masked = shown(pilot)
    await press(pilot, "m")
    assert "UNMASKED" in shown(pilot)
    assert shown(pilot) != masked
    await press(pilot, "m", "b")
    assert "blind" in text(pilot, "#head")
    assert "one household" not in shown(pilot).replace("to one household", "")
    await press(pilot, "b", "w")
    assert "the weakest first" in shown(pilot)
    await press(pilot, "escape", "question_mark")
    assert "unsure: kept, binds nothing" in shown(pilot)
    await press(pilot, "q", "k")
    assert text(pilot, "#head").startswith(" review · case 2 of ")


async def judge_and_undo(pilot: Pilot[None], project: Project) -> None:
    """Verdicts with and without a reason, undone and redone."""
    await press(pilot, "s")
    assert "kept: same (person)" in shown(pilot)
    assert [line["verdict"] for line in lines(project)] == ["same"]
    await press(pilot, "z")
    assert text(pilot, "#head").startswith(" review · case 2 of ")
    assert "0 decided" in text(pilot, "#head")
    await press(pilot, "Z")
    await press(pilot, "r", *"spoke", "enter", "d")
    await press(pilot, "z", "z", "Z")
    assert [(line["verdict"], line["by"]) for line in lines(project)] == [
        ("same", "ana"), ("withdrawn", "ana"), ("same", "ana"),
        ("different", "ana"), ("withdrawn", "ana"), ("withdrawn", "ana"), ("same", "ana"),
    ]  # fmt: skip
    assert lines(project)[0]["reason"].startswith("reviewed: ")
    assert lines(project)[3]["reason"] == "spoke"


async def judge_again(pilot: Pilot[None], project: Project) -> None:
    """History, search, and a run under way."""
    await press(pilot, "h", "enter")
    assert "judge it again" in shown(pilot)
    await press(pilot, "u")
    assert lines(project)[-1]["verdict"] == "unsure"
    assert lines(project)[-1]["supersedes"] == lines(project)[-2]["id"]
    await press(pilot, "h", "z")
    assert lines(project)[-1]["verdict"] == "same"
    await press(pilot, "slash", *"nobody is called so", "enter")
    assert "no case shows that" in shown(pilot)
    with folder_locked(project.state, "resolve"):
        before = text(pilot, "#head")
        await press(pilot, "d")
        assert "not kept: another run is under way" in shown(pilot)
        assert text(pilot, "#head") == before
    with full_beyond(1):
        await press(pilot, "d")
    said = text(pilot, "#said")
    assert said.startswith("not kept: ") and "cannot be written" in said, said
    assert text(pilot, "#head") == before
    with full_beyond(grown(project.decisions, project.workspace)):
        await press(pilot, "u")
    said = text(pilot, "#said")
    assert said.startswith("kept, but ") and "is in the graph, and in force" in said, said
    assert text(pilot, "#head") != before


def test_the_keys_do_what_they_say(
    resolved: Project, servers: Servers, typed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = resolved

    async def drive(pilot: Pilot[None]) -> None:
        await look(pilot)
        await judge_and_undo(pilot, project)
        await judge_again(pilot, project)

    review(project, servers, drive)
    kept = len(listed(project, servers))
    resolve(project, servers)  # in a project without a new run the screen would go on

    async def named(pilot: Pilot[None]) -> None:
        assert "Who decides?" in shown(pilot)
        await press(pilot, *"ben", "enter")
        resolve(project, servers)  # a nightly run does not wait for the screen
        await press(pilot, "d")
        assert "a newer run has replaced what is shown" in shown(pilot)
        await press(pilot, "n", "d")
        assert lines(project)[-1]["by"] == "ben"

    review(project, servers, named, steward="")
    assert len(lines(project)) == kept + 1
    monkeypatch.setenv("STORMOPS_PROJECT", str(project.folder))
    queue = json.loads(typed("review", "list", "--json", "--limit", "2")[1])
    assert len(queue["queue"]) == 2 < queue["cases"]
    case = queue["queue"][0]["case"]
    assert case in typed("review", "list")[1]
    assert "A verdict" in typed("review", "show", case)[1]
    assert json.loads(typed("review", "show", case, "--json")[1])["case"] == case
    assert typed("review", "show", "nothing")[0] == 1
    assert typed("review")[0] == 2  # without a terminal


def at_once(pilot: Pilot[None], *keys: str) -> None:
    """Keys as they come where the connection is slow."""
    for key in keys:
        pilot.app.post_message(Key(key, key if len(key) == 1 else None))


async def left(pilot: Pilot[None]) -> None:
    while pilot.app.is_running:
        await asyncio.sleep(0.05)


def test_who_leaves_in_a_hurry_loses_no_verdict(resolved: Project, servers: Servers) -> None:
    async def hurry(pilot: Pilot[None]) -> None:
        at_once(pilot, "u", "u", "u", "ctrl+q")
        await left(pilot)

    before = len(lines(resolved))
    review(resolved, servers, hurry)
    assert len(lines(resolved)) == before + 3

    async def refused(pilot: Pilot[None]) -> None:
        with folder_locked(resolved.state, "resolve"):
            at_once(pilot, "u", "u", "q")
            await settled(pilot)
            assert "not kept: another run is under way" in shown(pilot)  # it has stayed, to say so
            at_once(pilot, "q")
            await left(pilot)

    review(resolved, servers, refused)
    assert len(lines(resolved)) == before + 3


def test_no_verdict_replaces_one_of_another_steward_that_was_not_to_be_seen(
    resolved: Project, servers: Servers, typed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORMOPS_PROJECT", str(resolved.folder))

    [asked] = json.loads(typed("review", "list", "--json", "--limit", "1")[1])["queue"]
    two = asked["left"], asked["right"]

    async def late(pilot: Pilot[None]) -> None:
        assert typed("decide", *two, "different", "--reason", "met them", "--by", "bob")[0] == 0
        await press(pilot, "s")
        assert "another verdict on these two has come meanwhile" in shown(pilot)

    review(resolved, servers, late)
    assert [(line["by"], line["verdict"]) for line in lines(resolved)][-1] == ("bob", "different")


def test_two_hundred_verdicts_of_the_screen_are_in_force_after_five_runs(resolved: Project, servers: Servers) -> None:
    project = resolved
    with servers.driver() as driver:
        driver.execute_query("MATCH (d:Decision) DETACH DELETE d")  # those of other tests
    project.decisions.unlink(missing_ok=True)
    dice = random.Random(5)

    async def judge(pilot: Pilot[None]) -> None:
        while len(lines(project)) < VERDICTS:  # what contradicts is refused, and the case comes back
            for _ in range(BURST):  # quicker than verdicts are kept: those that wait are kept together
                pilot.app.simulate_key(dice.choice("sssfddup"))
                await asyncio.sleep(0.01)
            await settled(pilot)

    review(project, servers, judge)
    assert len(lines(project)) >= VERDICTS
    made = {one.decision.id for one in listed(project, servers)}
    assert made == {line["id"] for line in lines(project)}

    rules = project.rules / "household.toml"
    for household, person in ((0.95, 0.97), (0.6, 0.6), (0.8, 0.5), (0.99, 0.9)):
        resolve(project, servers)
        assert broken(project, servers) == []
        text = rules.read_text()
        for name, value in (("household_at_least", household), ("person_at_least", person)):
            before = next(line for line in text.splitlines() if line.startswith(f"{name} "))
            text = text.replace(before, f"{name} = {value}")
        rules.write_text(text)

    with servers.driver() as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")  # a lost graph
    shutil.rmtree(project.state)
    resolve(project, servers)
    assert broken(project, servers) == []
    assert {one.decision.id for one in listed(project, servers)} == made
    assert pipeline.resolve(project, servers.environ, Quiet()).nothing_changed
    assert verify(project, servers.environ).found == []
