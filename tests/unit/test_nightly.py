"""A nightly run costs what is new and says what a full run says; order, threads and chunks show in nothing."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stormops_graph.cluster.clustering import cluster
from stormops_graph.ingest import csv_rows, discover, ingest, json_rows
from stormops_graph.ledger.bindings import bind
from stormops_graph.link.linkage import link
from stormops_graph.normalise import normalise, values
from stormops_graph.rules.model import Model, read_model
from stormops_graph.rules.ruleset import Rules, read_rules
from stormops_graph.simulation import simulate
from stormops_graph.tables import DECISION, ENDED_ID, LAST_MEMBERSHIP, USED_ID, Connection

NAMESPACE = uuid.UUID(int=7)
STAGES = ("record", "holding", "touch", "pair", "pair_kind", "candidate", "record_home", "shared_identifier")
NORMALISED = ("property", "source_row", "placeholder", "business_line", "conversion", "storm")
OUTCOME = (*NORMALISED, *STAGES, "leftover", "membership", "person", "residence", "lineage", "identity")
NOTED = "SELECT * FROM quarantine ORDER BY ALL"
Said = dict[str, list[Any]]


@pytest.fixture(scope="module")
def trained() -> Iterator[tuple[Rules, Model]]:
    with as_file(files("stormops_graph.matching_rules")) as folder:
        rules = read_rules(folder)
        yield rules, read_model(rules)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, 40, 4)
    return folder


def run(con: Connection, folder: Path, trained: tuple[Rules, Model]) -> Said:
    """Everything but the servers; the last membership is the one of the run before, as the graph would have it."""
    rules, model = trained
    ingest(con, discover(folder), folder)
    normalise(con, rules.folder)
    link(con, rules, model)
    DECISION.ensure(con)
    bind(con, datetime.max)
    at_least = rules.session.place_at_least
    cluster(con, rules.household.cluster, at_least, NAMESPACE)
    return {name: con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in OUTCOME}


@pytest.fixture(scope="module")
def whole(world: Path, trained: tuple[Rules, Model]) -> Said:
    """What one full run of the world says."""
    with duckdb.connect(config={"threads": 2}) as con:
        return run(con, world, trained)


def recall(con: Connection, *nights: Said) -> None:
    """Let the next run know the last night's membership, and the ids of all."""
    said = nights[-1]
    LAST_MEMBERSHIP.create(con)
    LAST_MEMBERSHIP.append(con, [row[:3] for row in said["membership"]])
    USED_ID.create(con)
    used = {row[:2]: row for night in nights for row in night["identity"]}
    USED_ID.append(con, list(used.values()))
    merged = {(level, old) for night in nights for level, old, _, kind in night["lineage"] if kind == "merged"}
    ended = used.keys() - {row[:2] for row in said["identity"]}
    ENDED_ID.create(con)
    ENDED_ID.append(con, [(*one, one in merged) for one in sorted(ended)])


def parts(
    source: Path, folder: Path, dice: random.Random, share: float = 1.0, chunks: int = 1, slips: float = 0.0
) -> Path:
    """The world with a share of its rows, shuffled, each feed in so many files; `slips` of them say another thing."""
    folder.mkdir()
    for file in sorted(source.glob("*.[cj]s*")):
        if file.name == "simulated.json":
            continue
        lines = file.read_text().splitlines(keepends=True)
        head, rows = (lines[:1], lines[1:]) if file.suffix == ".csv" else ([], lines)
        if file.stem not in ("properties", "storms"):
            rows = [row for row in rows if dice.random() < share]
        rows = [row.replace("3", "4", 1) if dice.random() < slips else row for row in rows]
        dice.shuffle(rows)
        for number in range(chunks):
            name = file.name if chunks == 1 else f"{file.stem}-{number}{file.suffix}"
            (folder / name).write_text("".join(head + rows[number::chunks]))
    return folder


@pytest.mark.parametrize(("share", "seed"), [(0.97, 1), (0.5, 2)])
def test_what_is_new_added_to_the_last_run_is_a_full_run(
    world: Path, whole: Said, trained: tuple[Rules, Model], tmp_path: Path, share: float, seed: int
) -> None:
    before = parts(world, tmp_path / "before", random.Random(seed), share, slips=0.02)
    with duckdb.connect() as kept, duckdb.connect() as deleted:
        first = run(kept, before, trained)
        recall(kept, first)
        recall(deleted, first)
        after = run(kept, world, trained)
        assert after == run(deleted, world, trained)
    assert grouped(after) == grouped(whole)


def test_nights_on_which_rows_go_and_ids_end_and_live_again_say_what_full_runs_say(
    world: Path, trained: tuple[Rules, Model], tmp_path: Path
) -> None:
    feeds = [parts(world, tmp_path / "other", random.Random(3), 0.8, slips=0.05), world]
    with duckdb.connect() as kept:
        nights = [run(kept, world, trained)]
        for folder in feeds:
            with duckdb.connect() as deleted:
                for con in (kept, deleted):
                    recall(con, *nights)
                nights.append(run(kept, folder, trained))
                assert nights[-1] == run(deleted, folder, trained)
                assert kept.execute(NOTED).fetchall() == deleted.execute(NOTED).fetchall()
    first, other, again = ({row[:2] for row in night["identity"]} for night in nights)
    assert (first - other) & again  # some ended and live again


def test_rows_that_came_and_went_before_they_were_normalised_are_told(
    world: Path, trained: tuple[Rules, Model], tmp_path: Path
) -> None:
    first, second = (parts(world, tmp_path / str(n), random.Random(n), 0.8, slips=0.02) for n in (8, 9))
    rules, _ = trained
    tables = (*NORMALISED, "record", "holding", "touch", "quarantine")

    def normalised(con: Connection) -> Said:
        normalise(con, rules.folder)
        return {
            name: con.execute(f"SELECT COLUMNS(lambda c: c <> 'file') FROM {name} ORDER BY ALL").fetchall()
            for name in tables
        }

    def said_by(con: Connection, folder: Path, without: str = "") -> None:
        ingest(con, {name: feed for name, feed in discover(folder).items() if name != without}, folder)

    with duckdb.connect() as kept, duckdb.connect() as anew:
        said_by(kept, first)
        normalised(kept)
        said_by(kept, world, without="sms")
        said_by(kept, second)  # the run before broke off after reading
        said_by(anew, second)
        assert normalised(kept) == normalised(anew)
        assert kept.execute("SELECT count(*) FROM row_news").fetchall() == [(0,)]


@pytest.mark.parametrize("how", [(1, 1, 100_000), (4, 3, 97)])
def test_order_threads_and_chunks_change_nothing(
    world: Path,
    whole: Said,
    trained: tuple[Rules, Model],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: tuple[int, ...],
) -> None:
    threads, chunks, batch = how
    for module in (csv_rows, json_rows, values):
        monkeypatch.setattr(module, "_BATCH", batch)
    shuffled = parts(world, tmp_path / "shuffled", random.Random(threads), chunks=chunks)
    with duckdb.connect(config={"threads": threads}) as con:
        assert run(con, shuffled, trained) == whole


def grouped(said: Said) -> set[frozenset[str]]:
    """The records of each household, whatever it is called; one that changed hands is in two."""
    members: dict[str, set[str]] = {}
    for record, _, household, *_ in said["membership"]:
        members.setdefault(household, set()).add(record)
    return {frozenset(records) for records in members.values()}
