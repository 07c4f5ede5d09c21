from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import duckdb
import pytest

from stormops_graph.adapters.workspace import open_beside, open_revertible, open_workspace
from stormops_graph.errors import Busy, FeedMissing, GateBroken, Incomplete, StoreError, StormopsError
from stormops_graph.runs.locks import folder_locked
from stormops_graph.services.servers import no_run
from stormops_graph.tables import Table

HOLD = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


def test_a_workspace_is_for_its_owner_only_and_keeps_its_tables(tmp_path: Path) -> None:
    file = tmp_path / "state" / "workspace.duckdb"
    with open_workspace(file, threads=1) as con:
        con.execute("CREATE TABLE x AS SELECT 1 AS one")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    with open_workspace(file) as con:
        assert con.table("x").fetchall() == [(1,)]


def test_a_workspace_in_use_or_broken_says_so(tmp_path: Path) -> None:
    file = tmp_path / "workspace.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(Busy, match="another program"), open_workspace(file):
            pass
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="cannot be used"), open_workspace(file):
        pass


def worked_in(file: Path, error: StormopsError | None) -> list[tuple[int]]:
    """What is in a workspace that had a 1, after a run that added a 2 and ended with an error."""
    with open_workspace(file) as con:
        con.execute("CREATE TABLE x AS SELECT 1 AS one")
    with suppress(StormopsError), open_revertible(file) as con:
        con.execute("INSERT INTO x VALUES (2)")
        if error is not None:
            raise error
    assert [left.name for left in file.parent.iterdir()] == [file.name]
    assert file.stat().st_mode & 0o777 == 0o600
    with open_workspace(file) as con:
        return con.execute("FROM x ORDER BY ALL").fetchall()


@pytest.mark.parametrize("error", [GateBroken("merges"), FeedMissing("calls.csv")])
def test_a_run_that_is_refused_leaves_the_workspace_as_it_was(tmp_path: Path, error: StormopsError) -> None:
    assert worked_in(tmp_path / "workspace.duckdb", error) == [(1,)]


@pytest.mark.parametrize("error", [None, StoreError("the graph went away")])
def test_what_a_run_has_worked_out_stays_where_it_was_not_refused(tmp_path: Path, error: StormopsError | None) -> None:
    assert worked_in(tmp_path / "workspace.duckdb", error) == [(1,), (2,)]


def test_a_first_run_that_is_refused_keeps_what_it_has_worked_out(tmp_path: Path) -> None:
    file = tmp_path / "workspace.duckdb"
    with pytest.raises(GateBroken), open_revertible(file) as con:
        con.execute("CREATE TABLE x AS SELECT 1 AS one")
        raise GateBroken("largest_household")
    with open_workspace(file) as con:
        assert con.table("x").fetchall() == [(1,)]


def test_too_little_memory_says_where_it_is_set(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="too little memory") as caught:  # noqa: SIM117  (it is told as it closes)
        with open_workspace(tmp_path / "workspace.duckdb", threads=1, memory_mb=10) as con:
            con.execute("SELECT list(x ORDER BY x) FROM (SELECT random() AS x FROM range(3_000_000))")
    assert "memory_mb" in caught.value.hint


def test_a_state_folder_that_cannot_be_written_is_told_with_its_name(tmp_path: Path) -> None:
    state = tmp_path / "file" / ".stormops"
    state.parent.touch()  # as nothing else keeps root from writing
    with pytest.raises(StoreError, match=f"{state} cannot be written") as caught, folder_locked(state, "resolve"):
        pass
    assert "the folder's rights" in caught.value.hint
    with pytest.raises(StoreError, match="cannot be written"), no_run(state):
        pass


def test_one_run_at_a_time_in_a_folder(tmp_path: Path) -> None:
    with folder_locked(tmp_path, "resolve"), pytest.raises(Busy, match="resolve"), folder_locked(tmp_path, "attribute"):
        pass
    with folder_locked(tmp_path, "attribute"):
        pass


def test_a_run_waits_for_a_steward_who_is_deciding(tmp_path: Path) -> None:
    said = []
    holds, may_go = Event(), Event()

    def decide() -> None:
        with folder_locked(tmp_path, "decide"):
            holds.set()
            may_go.wait(20)
            said.append("decided")

    def resolve() -> None:
        with folder_locked(tmp_path, "resolve"):
            said.append("resolved")

    with ThreadPoolExecutor(2) as threads:
        steward = threads.submit(decide)
        assert holds.wait(20)
        run = threads.submit(resolve)
        may_go.set()
        steward.result()
        run.result()
    assert said == ["decided", "resolved"]


def test_a_table_of_another_version_is_told_with_what_it_lacks() -> None:
    con = duckdb.connect()
    Table("made", {"id": "INTEGER", "old": "INTEGER"}).create(con)
    with pytest.raises(StoreError, match=r"^table made has other columns .*: new, old$") as refused:
        Table("made", {"id": "INTEGER", "new": "INTEGER"}).check(con)
    assert "stormops-graph resolve" in str(refused.value.hint)


def test_a_workspace_without_what_is_looked_for_holds_no_complete_run(tmp_path: Path) -> None:
    file = tmp_path / "workspace.duckdb"
    with open_workspace(file, threads=1):
        pass
    with pytest.raises(Incomplete, match="no resolve is complete") as refused, open_beside(file, ["membership"]):
        pass
    assert refused.value.exit_code == 8
