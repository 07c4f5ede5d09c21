"""What the servers' modules do without a server: processes, ports, credentials, connections, archives."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import tarfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from stormops_graph.errors import InputError, PortTaken, ServerDown, SettingsError, StoreError
from stormops_graph.project import Project
from stormops_graph.services import local, postgres_server
from stormops_graph.services.archive import Manifest, Part, pack, unpack
from stormops_graph.services.connections import Connections, managed_neo4j, managed_postgres, shown_dsn
from stormops_graph.services.credentials import Credentials
from stormops_graph.services.jars import NEO4J_VERSION
from stormops_graph.services.loopback import PortBook, answers, is_free
from stormops_graph.services.neo4j_data import Neo4jData
from stormops_graph.services.postgres_server import PostgresServer
from stormops_graph.services.processes import Process, birth, last_line, launch, noted, wait_until
from stormops_graph.settings import Neo4jSettings, PostgresSettings, Settings


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- processes


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Process]:
    process = launch(["/bin/sleep", "60"], tmp_path / "pid", tmp_path / "logs" / "log", os.environ)
    yield process
    process.stop(signal.SIGKILL, patience=5)


def test_a_process_is_known_again_and_stopped(sleeper: Process, tmp_path: Path) -> None:
    assert noted(tmp_path / "pid") == sleeper
    assert os.getsid(sleeper.pid) != os.getsid(0)
    assert mode(tmp_path / "pid") == 0o600
    assert mode(tmp_path / "logs" / "log") == 0o600
    assert sleeper.stop(signal.SIGTERM, patience=5)
    assert noted(tmp_path / "pid") is None
    assert sleeper.stop(signal.SIGTERM, patience=5)  # stopping twice does no harm


def test_a_recycled_pid_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "pid").write_text(json.dumps({"pid": os.getpid(), "birth": "another boot 1"}))
    assert noted(tmp_path / "pid") is None
    assert Process(os.getpid(), "another boot 1").stop(signal.SIGKILL, patience=0)  # and is not signalled


@pytest.mark.parametrize("text", ["", "nonsense", "{}", "[1]", '{"pid": "x", "birth": "y"}'])
def test_a_broken_pid_file_means_stopped(tmp_path: Path, text: str) -> None:
    (tmp_path / "pid").write_text(text)
    assert noted(tmp_path / "pid") is None


def test_a_stubborn_process_is_killed(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", 'trap "" TERM; echo deaf; while :; do sleep 0.05; done']
    process = launch(command, tmp_path / "pid", tmp_path / "log", os.environ)
    assert wait_until(lambda: last_line(tmp_path / "log") == "deaf", process, 10)
    assert process.stop(signal.SIGTERM, signal.SIGKILL, patience=0.3)
    assert birth(process.pid) is None


def test_a_program_that_ends_at_once(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", "echo no memory; echo '\tat java.lang'; exit 1"]
    process = launch(command, tmp_path / "pid", tmp_path / "log", os.environ)
    assert not wait_until(lambda: False, process, 10)
    assert last_line(tmp_path / "log") == "no memory"


def test_a_server_inherits_little(tmp_path: Path) -> None:
    environ = {**os.environ, "NEO4J_PASSWORD": "secret", "JAVA_TOOL_OPTIONS": "-Xmx1m", "PGDATA": "/x"}
    process = launch(["/bin/sh", "-c", "/usr/bin/env; exec sleep 9"], tmp_path / "pid", tmp_path / "log", environ)
    assert wait_until(lambda: "LC_ALL=C" in (tmp_path / "log").read_text(), process, 10)
    process.stop(signal.SIGKILL, patience=5)
    assert not re.search("secret|JAVA_TOOL_OPTIONS|PGDATA", (tmp_path / "log").read_text())


# -- ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_listener_is_seen(taken: int) -> None:
    assert answers(taken)
    assert not is_free(taken)


def test_an_automatic_port_stays_until_it_is_taken(tmp_path: Path, taken: int) -> None:
    book, notes = PortBook(tmp_path / "ports.json"), list[str]()
    first = book.choose("postgres.port", 0, taken, notes.append)
    assert first > taken
    assert notes == [f"port {taken} is taken by another program: postgres.port is {first} now"]
    assert book.choose("postgres.port", 0, 5432, notes.append) == first == book.port("postgres.port")
    other = book.choose("neo4j.bolt_port", 0, first, notes.append)  # two servers never share one
    assert other != first
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", first))
        listener.listen()
        assert book.choose("postgres.port", 0, first, notes.append) not in (first, other)


def test_a_pinned_port_that_is_taken(tmp_path: Path, taken: int) -> None:
    book = PortBook(tmp_path / "ports.json")
    with pytest.raises(PortTaken, match=str(taken)) as caught:
        book.choose("neo4j.http_port", taken, 7474, print)
    assert "neo4j.http_port" in caught.value.hint
    assert book.port("neo4j.http_port") is None


def test_a_broken_port_book_is_started_anew(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("[")
    book = PortBook(tmp_path / "ports.json")
    assert book.port("x") is None
    assert book.choose("x", 0, 20000, print) == book.port("x")


# -- credentials and connections


def test_credentials_are_made_once_and_private(tmp_path: Path) -> None:
    assert Credentials.read(tmp_path) is None
    made = Credentials.ensure(tmp_path)
    assert mode(tmp_path / "credentials.json") == 0o600
    assert Credentials.ensure(tmp_path) == made
    assert made.neo4j_password not in repr(made)
    assert made.neo4j_password != made.postgres_password
    (tmp_path / "credentials.json").write_text("{}")
    with pytest.raises(StoreError, match="cannot be read as credentials"):
        Credentials.ensure(tmp_path)


def test_secrets_are_not_shown() -> None:
    known = Connections(
        "bolt://127.0.0.1:7687", "neo4j", "s3cret", "neo4j", "http://127.0.0.1:7474", "postgresql://u:s3cret@h/d"
    )
    assert "s3cret" not in repr(known)
    assert known.browser_url == "http://127.0.0.1:7474/browser/?dbms=bolt://neo4j@127.0.0.1:7687"
    assert shown_dsn("postgresql://u:s3cret@db.example:6543/out") == "db.example:6543/out"
    assert shown_dsn("host=db.example password=s3cret dbname=out") == "db.example:5432/out"
    assert shown_dsn("not = a = dsn s3cret") == "a DSN that cannot be read"


def test_a_managed_server_is_named_by_environment_or_settings() -> None:
    assert managed_neo4j(Neo4jSettings(), {}) is None
    assert managed_postgres(PostgresSettings(), {"POSTGRES_DSN": ""}) is None
    assert managed_postgres(PostgresSettings(dsn_env="PG"), {"PG": "dsn"}) == "dsn"
    settings = Neo4jSettings(uri="neo4j://settings", user="ana", password_env="GRAPH_PW", database="storm")
    named = managed_neo4j(settings, {"GRAPH_PW": "s3cret"})
    assert named
    assert (named.uri, named.user, named.password, named.database) == ("neo4j://settings", "ana", "s3cret", "storm")
    assert "s3cret" not in repr(named)
    over = managed_neo4j(settings, {"NEO4J_URI": "bolt://env", "NEO4J_USER": "bo", "GRAPH_PW": ""})
    assert over
    assert (over.uri, over.user, over.password) == ("bolt://env", "bo", "")
    with pytest.raises(SettingsError, match="password") as caught:
        managed_neo4j(settings, {})
    assert "GRAPH_PW" in caught.value.hint


def test_before_the_first_up(tmp_path: Path) -> None:
    project = Project(tmp_path, Settings())
    with pytest.raises(ServerDown, match="never started"):
        local.connections(project, {})
    assert [(s.running, s.detail) for s in local.status(project, {})] == [(False, "never started")] * 2
    assert [s.running for s in local.down(project)] == [False, False]
    assert not project.state.exists()


def test_a_managed_server_that_is_down(tmp_path: Path) -> None:
    project = Project(tmp_path, Settings())
    environ = {
        "NEO4J_URI": "bolt://127.0.0.1:9",
        "NEO4J_PASSWORD": "s3cret",
        "POSTGRES_DSN": "postgresql://u:s3cret@127.0.0.1:9/d",
    }
    began = time.monotonic()
    found = local.status(project, environ)
    assert time.monotonic() - began < 20
    assert [(s.running, s.managed) for s in found] == [(False, True), (False, True)]
    with pytest.raises(ServerDown, match=r"bolt://127\.0\.0\.1:9") as caught:
        local.up(project, environ, Quiet())
    assert "s3cret" not in f"{found} {caught.value} {caught.value.hint}"


class Quiet:
    def stage(self, name: str) -> object:
        raise AssertionError(name)

    def note(self, text: str) -> None:
        raise AssertionError(text)


# -- archives


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "a").write_text("alpha")
    (tmp_path / "b").write_text("beta" * 1000)
    files = [(Part.of("rules/a.toml", tmp_path / "a"), tmp_path / "a"), (Part.of("b", tmp_path / "b"), tmp_path / "b")]
    pack(tmp_path / "out.tar.gz", _manifest(*(part for part, _ in files)), files)
    return tmp_path / "out.tar.gz"


def _manifest(*parts: Part) -> Manifest:
    return Manifest("2026-01-01T00:00:00+00:00", "0.1.0", NEO4J_VERSION, ("x",), parts=parts)


def test_an_archive_gives_back_what_it_got(archive: Path, tmp_path: Path) -> None:
    manifest = unpack(archive, tmp_path / "here")
    assert mode(archive) == 0o600
    assert manifest == _manifest(*manifest.parts)
    assert (tmp_path / "here/rules/a.toml").read_text() == "alpha"
    assert (tmp_path / "here/b").read_text() == "beta" * 1000


def test_a_broken_archive_is_refused(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for number, broken in enumerate((whole[: len(whole) // 2], b"", b"not an archive", whole[:-400])):
        archive.write_bytes(broken)
        with pytest.raises(InputError, match="not a whole backup"):
            unpack(archive, tmp_path / f"broken{number}")
    with pytest.raises(InputError, match="does not exist"):
        unpack(tmp_path / "none.tar.gz", tmp_path / "x")


@pytest.mark.parametrize("name", ["../escape", "/tmp/escape", "a/../../escape", ""])
def test_an_archive_cannot_write_elsewhere(tmp_path: Path, name: str) -> None:
    (tmp_path / "evil").write_text("evil")
    part = Part.of(name, tmp_path / "evil")
    pack(tmp_path / "out.tar.gz", _manifest(part), [(part, tmp_path / "evil")])
    with pytest.raises(InputError):
        unpack(tmp_path / "out.tar.gz", tmp_path / "inner" / "most")
    assert not list(tmp_path.rglob("escape"))


def test_an_archive_of_another_format_is_refused(tmp_path: Path) -> None:
    text = b'{"format": 99}'
    with tarfile.open(tmp_path / "out.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("manifest.json")
        member.size = len(text)
        tar.addfile(member, BytesIO(text))
    with pytest.raises(StoreError, match="format 99"):
        unpack(tmp_path / "out.tar.gz", tmp_path / "x")


# -- Docker


def test_docker_compose_gives_the_same_servers_on_loopback() -> None:
    text = (Path(__file__).parents[2] / "docker-compose.yml").read_text()
    assert f"image: neo4j:{NEO4J_VERSION}\n" in text
    ports = re.findall(r'- "([\d.:]+:\d+)"', text)
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a user namespace for Postgres")
def test_root_without_user_namespaces_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no unshare here
    server = PostgresServer(tmp_path, PostgresSettings(), PortBook(tmp_path / "ports.json"))
    postgres_server.user_namespace.cache_clear()
    try:
        with pytest.raises(StoreError, match="refuses the way around it") as caught:
            server.start("password", {}, print)
    finally:
        postgres_server.user_namespace.cache_clear()
    assert "POSTGRES_DSN" in caught.value.hint
    assert not server.has_data()


# -- a graph in the place of another


def graph_data(home: Path, text: str) -> Neo4jData:
    for folder in ("databases", "transactions"):
        (home / "data" / folder / "neo4j").mkdir(parents=True)
        (home / "data" / folder / "neo4j" / "store").write_text(text)
    return Neo4jData(home, "neo4j")


def held(data: Neo4jData) -> tuple[str, list[str]]:
    return (data.folder / "databases" / "neo4j" / "store").read_text(), [file.name for file in data.home.iterdir()]


def test_a_graph_takes_the_place_of_another_and_users_stay(tmp_path: Path) -> None:
    data, other = graph_data(tmp_path / "server", "old"), graph_data(tmp_path / "importer", "new")
    (data.folder / "databases" / "system").mkdir()
    (data.folder / "databases" / "system" / "users").write_text("ours")
    data.replace_graph(other)
    assert held(data) == ("new", ["data"])
    assert (data.folder / "databases" / "system" / "users").read_text() == "ours"


@pytest.mark.parametrize(("moved", "left"), [(1, "old"), (2, "new")])
def test_a_graph_that_is_replaced_half_is_the_one_or_the_other(tmp_path: Path, moved: int, left: str) -> None:
    data, other = graph_data(tmp_path / "server", "old"), graph_data(tmp_path / "importer", "new")
    data.folder.replace(tmp_path / "server" / "data-before")  # where they are when the run is killed
    if moved == 2:
        other.folder.replace(data.folder)
    assert data.exist()
    data.prepare("secret")
    assert held(data) == (left, ["data"])


def test_a_server_that_was_never_started_is_given_a_graph_and_its_user(tmp_path: Path) -> None:
    data, other = Neo4jData(tmp_path / "server", "neo4j"), graph_data(tmp_path / "importer", "new")
    data.prepare("secret")
    assert not data.exist()
    data.replace_graph(other)
    assert held(data) == ("new", ["data"])
    assert (data.folder / "dbms" / "auth.ini").read_text().startswith("neo4j:SHA-256,")
