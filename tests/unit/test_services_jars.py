"""Jars come from a Maven repository over HTTP: here a real one on loopback with small made-up jars."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stormops_graph.errors import StoreError
from stormops_graph.services import jars, maven
from stormops_graph.services.jars import Jar, JarSource, fetch, locked_jars


class Said:
    """A progress that remembers what was said."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.done = self.wanted = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[Said]:
        self.stages.append(name)
        yield self

    def note(self, text: str) -> None:
        self.stages.append(text)

    def advance(self, amount: int = 1) -> None:
        self.done += amount

    def total(self, amount: int) -> None:
        self.wanted = amount


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def make_jar(repository: Path, name: str, content: bytes, classifier: str = "") -> Jar:
    jar = Jar("org.example", name, "1.0", classifier, len(content), hashlib.sha256(content).hexdigest())
    (repository / jar.path).parent.mkdir(parents=True, exist_ok=True)
    (repository / jar.path).write_bytes(content)
    return jar


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    return folder


@pytest.fixture
def source(tmp_path: Path, repository: Path) -> Iterator[JarSource]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(repository)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield JarSource(tmp_path / "cache", url=f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(jars, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(maven, "RETRY_SECONDS", 0.01)


def test_the_lock_is_complete() -> None:
    locked = locked_jars()
    assert len(locked) == 226
    assert len({jar.name for jar in locked}) == 226  # so that a plain folder can hold them all
    assert {len(jar.sha256) for jar in locked} == {64}
    assert Path("org/neo4j/neo4j/2026.08.1/neo4j-2026.08.1.jar") in {jar.path for jar in locked}
    assert any(jar.name.endswith("-linux-x86_64.jar") for jar in locked)


def test_missing_jars_are_fetched_once(source: JarSource, repository: Path) -> None:
    wanted = [make_jar(repository, "big", b"x" * 100_000), make_jar(repository, "native", b"y", "linux-x86_64")]
    said = Said()
    paths = fetch(wanted, source, said)
    assert [path.read_bytes() for path in paths] == [b"x" * 100_000, b"y"]
    assert said.done == said.wanted == 100_001
    for path in (repository / jar.path for jar in wanted):
        path.unlink()
    again = Said()
    assert fetch(wanted, source, again) == paths
    assert again.stages == []
    assert [path.name for path in source.cache.iterdir()] == ["org"]  # nothing under way is left


def test_a_half_jar_is_fetched_again(source: JarSource, repository: Path) -> None:
    jar = make_jar(repository, "half", b"whole jar")
    for broken in (b"whole", b"other jar"):
        place = source.place(jar)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(broken)
        assert fetch([jar], source, Said())[0].read_bytes() == b"whole jar"


def test_what_the_lock_does_not_say_is_refused(source: JarSource, repository: Path) -> None:
    jar = make_jar(repository, "swapped", b"as it was")
    (repository / jar.path).write_bytes(b"as it is!")
    with pytest.raises(StoreError, match=r"swapped-1\.0\.jar .* not what the lock says") as caught:
        fetch([jar], source, Said())
    assert "STORMOPS_MAVEN_URL" in caught.value.hint
    assert not source.place(jar).exists()


def test_a_jar_nobody_has(source: JarSource, repository: Path) -> None:
    jar = make_jar(repository, "gone", b"gone")
    (repository / jar.path).unlink()
    with pytest.raises(StoreError, match="the repository does not have it"):
        fetch([jar], source, Said())


def test_a_busy_repository_is_asked_again(source: JarSource, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter((429, 503))
    give = Silent.do_GET

    def busy_first(self: Silent) -> None:
        code = next(answers, None)
        self.send_error(code) if code else give(self)

    monkeypatch.setattr(Silent, "do_GET", busy_first)
    jar = make_jar(repository, "wanted", b"wanted by many")
    assert fetch([jar], source, Said())[0].read_bytes() == b"wanted by many"
    assert next(answers, None) is None


def test_no_network(tmp_path: Path, repository: Path) -> None:
    jar = make_jar(repository, "far", b"far")
    with pytest.raises(StoreError, match="ConnectionError"):
        fetch([jar], JarSource(tmp_path / "cache", url="http://127.0.0.1:9"), Said())


def test_a_folder_of_jars(tmp_path: Path, repository: Path) -> None:
    jar, other = make_jar(repository, "one", b"one"), make_jar(repository, "two", b"two")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "one-1.0.jar").write_bytes(b"one")
    source = JarSource(tmp_path / "cache", folder=folder)
    assert fetch([jar], source, Said()) == [folder / "one-1.0.jar"]
    with pytest.raises(StoreError, match=r"lacks 1 of 2 jars .* two-1\.0\.jar"):
        fetch([jar, other], source, Said())


def test_the_environment_says_where_jars_come_from() -> None:
    assert JarSource.from_environ({"HOME": "/home/ana"}) == JarSource(Path("/home/ana/.m2/repository"), None, None)
    named = {"M2_REPO": "/m2", "STORMOPS_JARS": "/jars", "STORMOPS_MAVEN_URL": "https://maven.example/x/"}
    assert JarSource.from_environ(named) == JarSource(Path("/m2"), Path("/jars"), "https://maven.example/x")
