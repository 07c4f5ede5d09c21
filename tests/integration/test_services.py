"""Local servers as users meet them: up, killed, healed, moved off a taken port, saved and brought back.

These tests start servers of their own whatever the environment names.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import struct
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import neo4j
import psycopg
import pytest
from neo4j.exceptions import AuthError
from shared_servers import Quiet

from stormops_graph.errors import Busy, InputError, PortTaken, StoreError
from stormops_graph.project import Project
from stormops_graph.services import local
from stormops_graph.services.loopback import PortBook
from stormops_graph.services.postgres_server import PostgresServer
from stormops_graph.services.room import DISK_WAS_FULL
from stormops_graph.services.servers import no_run, only_one
from stormops_graph.settings import Settings

ENVIRON = {key: value for key, value in os.environ.items() if key not in ("NEO4J_URI", "POSTGRES_DSN")}
SMALL = {"neo4j": {"heap_mb": 512, "pagecache_mb": 64}}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with servers of its own; each test brings them up as it needs them."""
    project = Project(tmp_path_factory.mktemp("own servers"), Settings.model_validate(SMALL))  # a space in the path
    try:
        yield project
    finally:
        local.down(project)


def up(project: Project) -> list[local.ServiceStatus]:
    return local.up(project, ENVIRON, Quiet())


def pids(project: Project) -> list[int]:
    return [service.pid for service in local.status(project, ENVIRON) if service.pid]


def pid_of(project: Project, server: str) -> int:
    (pid,) = [service.pid for service in local.status(project, ENVIRON) if service.name == server]
    assert pid
    return pid


def driver(project: Project) -> neo4j.Driver:
    known = local.connections(project, ENVIRON)
    return neo4j.GraphDatabase.driver(known.neo4j_uri, auth=(known.neo4j_user, known.neo4j_password))


def write(project: Project, key: str) -> None:
    with driver(project) as bolt:
        bolt.execute_query("CREATE (:Kept {key: $key})", key=key)
    with psycopg.connect(local.connections(project, ENVIRON).postgres_dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (key text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [key])


def keys(project: Project) -> tuple[list[str], list[str]]:
    with driver(project) as bolt:
        nodes = bolt.execute_query("MATCH (k:Kept) RETURN k.key AS key ORDER BY key").records
    with psycopg.connect(local.connections(project, ENVIRON).postgres_dsn) as connection:
        rows = connection.execute("SELECT key FROM kept ORDER BY key").fetchall()
    return [node["key"] for node in nodes], [row[0] for row in rows]


def test_settings_the_server_cannot_live_with(project: Project) -> None:
    greedy = Settings.model_validate({"neo4j": {"heap_mb": 10**9}})
    with pytest.raises(StoreError) as caught:
        up(replace(project, settings=greedy))
    assert "heap_mb" in caught.value.hint


def test_up_is_private_and_a_second_changes_nothing(project: Project) -> None:
    first = up(project)
    assert [(s.name, s.running, s.managed) for s in first] == [("neo4j", True, False), ("postgres", True, False)]
    assert up(project) == first  # the same processes
    known = local.connections(project, ENVIRON)
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = file.read_bytes()
        except OSError:
            continue
        assert known.neo4j_password.encode() not in command
    assert stat.S_IMODE(project.state.stat().st_mode) == 0o700
    secret = (
        known.neo4j_password.encode(),
        json.loads((project.state / "credentials.json").read_text()).popitem()[1].encode(),
    )
    for file in (project.state / "logs").glob("*"):
        assert not any(word in file.read_bytes() for word in secret)


def test_wrong_passwords_lock_nobody_out(project: Project) -> None:
    up(project)
    uri = local.connections(project, ENVIRON).neo4j_uri
    for _ in range(5):
        with neo4j.GraphDatabase.driver(uri, auth=("neo4j", "wrong")) as stranger, pytest.raises(AuthError):
            stranger.verify_connectivity()
    with driver(project) as known:
        known.verify_connectivity()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's table of listeners")
def test_nobody_else_can_connect(project: Project) -> None:
    up(project)
    inodes = {
        link.readlink().name for pid in pids(project) for link in Path(f"/proc/{pid}/fd").glob("*") if link.is_symlink()
    }
    listeners = [
        fields[1]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for fields in map(str.split, Path(table).read_text(encoding="utf-8").splitlines()[1:])
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes
    ]
    assert len(listeners) == 3  # Bolt, HTTP, Postgres
    assert all(address.split(":")[0].endswith("0100007F") for address in listeners)


def test_killed_servers_come_back_with_their_data_and_two_ups_at_once_start_one_pair(project: Project) -> None:
    up(project)
    write(project, "before the kill")
    for pid in pids(project):
        os.kill(pid, signal.SIGKILL)
    while pids(project):
        time.sleep(0.05)
    assert all("ended unexpectedly" in service.detail for service in local.status(project, ENVIRON))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(up, [project, project])
    assert first == second
    assert all(service.running for service in first)
    assert keys(project) == (["before the kill"], ["before the kill"])


def test_a_log_torn_by_a_full_disk_is_cut_though_it_promises_more_than_the_heap_holds(project: Project) -> None:
    up(project)
    write(project, "before the tear")
    kept, torn = keys(project), "torn" * 300  # longer than what Neo4j keeps in the property itself
    with driver(project) as bolt:
        bolt.execute_query("CREATE (:Kept {key: $key})", key=torn)
    os.kill(pid_of(project, "neo4j"), signal.SIGKILL)
    (log,) = (project.state / "neo4j" / "data" / "transactions" / "neo4j").glob("neostore.transaction.db.*")
    whole = log.read_bytes()
    text = whole.index(b"torn" * 25)
    length = struct.pack("<i", 120)
    begin = whole.rindex(length, 0, text)
    assert text - begin < 32, "the length of a text stands elsewhere in this version's log"
    log.write_bytes(whole[:begin] + struct.pack("<i", 2**31 - 100) + whole[begin + 4 : text + 60])
    (project.state / DISK_WAS_FULL).touch()
    up(project)
    assert keys(project) == kept
    assert not (project.state / DISK_WAS_FULL).exists()
    command = Path(f"/proc/{pid_of(project, 'neo4j')}/cmdline").read_bytes().split(b"\0")
    assert b"-Xmx512m" in command  # more only while it reads the torn log
    (project.state / DISK_WAS_FULL).touch()  # as where an up was killed before the server started again
    up(project)
    assert keys(project) == kept
    assert not (project.state / DISK_WAS_FULL).exists()


def test_down_keeps_data_and_stale_pids_and_a_taken_port_do_not_stop_the_next_up(project: Project) -> None:
    up(project)
    write(project, "before down")
    before, held = local.connections(project, ENVIRON), keys(project)
    assert [service.detail for service in local.down(project)] == ["stopped", "stopped"]
    stranger = json.dumps({"pid": os.getpid(), "birth": "an earlier boot"})
    for name in ("neo4j", "postgres"):
        (project.state / name / "server.pid").write_text(stranger)
    (project.state / "postgres" / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n/elsewhere\n1\n5432\n\n\n")
    bolt = int(before.neo4j_uri.rpartition(":")[2])
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", bolt))
        squatter.listen()
        pinned = Settings.model_validate({"neo4j": {**SMALL["neo4j"], "bolt_port": bolt}})
        with pytest.raises(PortTaken, match=str(bolt)) as caught:
            up(replace(project, settings=pinned))
        assert "neo4j.bolt_port" in caught.value.hint
        said = Quiet()
        local.up(project, ENVIRON, said)
        assert any(str(bolt) in note for note in said.notes)
    assert local.connections(project, ENVIRON).neo4j_uri != before.neo4j_uri
    assert keys(project) == held


def test_a_run_under_way_keeps_its_servers(project: Project, tmp_path: Path) -> None:
    up(project)
    with no_run(project.state):
        with pytest.raises(Busy, match="run is under way"):
            local.down(project)
        with pytest.raises(Busy, match="run is under way"):
            local.backup(project, ENVIRON, tmp_path / "out.tar.gz", Quiet())
        up(project)
    assert len(pids(project)) == 2


def test_backup_and_restore(project: Project, tmp_path: Path) -> None:
    up(project)
    write(project, "in the backup")
    held = keys(project)
    project.rules.mkdir(exist_ok=True)
    (project.rules / "person.toml").write_text("threshold = 1\n")
    (project.folder / "stormops.toml").write_text("[neo4j]\nheap_mb = 512\npagecache_mb = 64\n")
    (project.state / "seen_together.jsonl").write_text("{}\n")
    (project.state / "workspace.duckdb").write_text("derived")
    out = tmp_path / "storm.tar.gz"
    local.backup(project, ENVIRON, out, Quiet())
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert len(pids(project)) == 2  # they run as they did before
    with pytest.raises(StoreError, match="exists already"):
        local.backup(project, ENVIRON, out, Quiet())

    folder = tmp_path / "new"
    local.restore(Project(folder, Settings()), ENVIRON, out, Quiet())
    new = Project.open(folder)
    assert not pids(new)
    assert (new.rules / "person.toml").read_text() == "threshold = 1\n"
    assert (new.state / "seen_together.jsonl").read_text() == "{}\n"
    assert not new.workspace.exists()
    try:
        up(new)
        assert keys(new) == held
        write(new, "after the restore")
        _restore_over(new, out)
        assert keys(new) == held
    finally:
        local.down(new)


def _restore_over(project: Project, archive: Path) -> None:
    """Only with force, only from a whole archive, and what was there is kept."""
    before = keys(project)
    with pytest.raises(StoreError, match="other data already") as caught:
        local.restore(project, ENVIRON, archive, Quiet())
    assert "--force" in caught.value.hint
    half = archive.with_name("half.tar.gz")
    half.write_bytes(archive.read_bytes()[:-500])
    with pytest.raises(InputError):
        local.restore(project, ENVIRON, half, Quiet(), force=True)
    assert keys(project) == before
    local.restore(project, ENVIRON, archive, Quiet(), force=True)
    assert len(pids(project)) == 2
    (moved,) = project.state.glob("replaced-*")
    assert sorted(path.name for path in moved.iterdir()) == ["neo4j", "postgres"]
    assert not list(project.state.glob("aside-*"))


def test_a_backup_of_managed_servers_says_what_is_not_in_it(project: Project, tmp_path: Path) -> None:
    up(project)
    known = local.connections(project, ENVIRON)
    environ = {
        **ENVIRON,
        "NEO4J_URI": known.neo4j_uri,
        "NEO4J_PASSWORD": known.neo4j_password,
        "POSTGRES_DSN": known.postgres_dsn,
    }
    other = Project(tmp_path / "other", Settings())
    said = Quiet()
    local.backup(other, environ, tmp_path / "out.tar.gz", said)
    assert [note.split(":")[1].strip() for note in said.notes] == ["the graph", "Postgres"]
    assert all(service.running and service.managed for service in local.up(other, environ, Quiet()))
    wrong = local.status(other, environ | {"NEO4J_PASSWORD": "wrong"})[0]
    assert not wrong.running
    assert "refuses the password" in wrong.detail


def test_servers_that_want_the_same_port_at_once(tmp_path: Path) -> None:
    both = [
        PostgresServer(tmp_path / name, Settings().postgres, PortBook(tmp_path / name / "ports.json")) for name in "ab"
    ]
    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda server: server.start(f"password of {server.state.name}", ENVIRON, print), both))
        assert both[0].address != both[1].address
        assert all(server.serves() for server in both)
    finally:
        for server in both:
            server.stop()


def test_starting_waits_for_its_turn(tmp_path: Path) -> None:
    said: list[str] = []
    holder = subprocess.Popen(
        ["/bin/sh", "-c", 'exec 9>"$0"; flock 9; echo held; read -r _', str(tmp_path / "services.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    def note(text: str) -> None:
        said.append(text)
        assert holder.stdin
        holder.stdin.close()  # which ends it

    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with only_one(tmp_path, note):
            pass
    assert len(said) == 1
