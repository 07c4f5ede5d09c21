"""The jars of Neo4j: exactly those of the lock, fetched once into the user's Maven cache.

Invariant: a path this module returns is a file whose SHA-256 is the lock's. A jar appears under its final
name only whole and checked, so that an interrupted download is never taken for a jar.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from stormops_graph.errors import StoreError
from stormops_graph.ports import Progress

if TYPE_CHECKING:
    from stormops_graph.services.maven import Repository

LOCK_FILE = "neo4j-2026.08.1.lock"
NEO4J_VERSION = "2026.08.1"
THREADS = 8
ATTEMPTS = 3
RETRY_SECONDS = 2.0
STAGING_PREFIX = ".stormops-"
ABANDONED_SECONDS = 3600
ELSEWHERE = (
    "check the network and HTTPS_PROXY; STORMOPS_MAVEN_URL names another Maven repository, "
    "STORMOPS_JARS a folder that holds the jars"
)


@dataclass(frozen=True)
class Jar:
    """One jar of the lock."""

    group: str
    artifact: str
    version: str
    classifier: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """The file's name."""
        suffix = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{suffix}.jar"

    @property
    def path(self) -> Path:
        """The file's place in a Maven repository."""
        return Path(*self.group.split("."), self.artifact, self.version, self.name)

    def is_at(self, file: Path) -> bool:
        """Whether `file` is this jar, whole and unchanged."""
        try:
            if file.stat().st_size != self.size:
                return False
            with file.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest() == self.sha256
        except OSError:
            return False


@dataclass(frozen=True)
class JarSource:
    """Where jars come from: `folder` holds them all, or else `url` (None: Maven Central) fills the cache at `cache`."""

    cache: Path
    folder: Path | None = None
    url: str | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> JarSource:
        """The source that M2_REPO, STORMOPS_JARS and STORMOPS_MAVEN_URL name; each may be missing."""
        home = Path(environ.get("HOME") or Path.home())
        return cls(
            cache=Path(environ.get("M2_REPO") or home / ".m2" / "repository").expanduser(),
            folder=Path(environ["STORMOPS_JARS"]).expanduser() if environ.get("STORMOPS_JARS") else None,
            url=environ.get("STORMOPS_MAVEN_URL", "").rstrip("/") or None,
        )

    def place(self, jar: Jar) -> Path:
        """Where `jar` lies or will lie."""
        return self.folder / jar.name if self.folder else self.cache / jar.path


@cache
def locked_jars() -> tuple[Jar, ...]:
    """The jars of the lock, in its order."""
    text = files("stormops_graph.services").joinpath(LOCK_FILE).read_text("utf-8")
    rows = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(
        Jar(group, artifact, version, "" if classifier == "-" else classifier, int(size), sha256)
        for group, artifact, version, classifier, size, sha256 in rows
    )


def fetch(jars: Sequence[Jar], source: JarSource, progress: Progress) -> list[Path]:
    """Paths of all `jars`, each checked; what is missing or broken is fetched again.

    Raises StoreError when a folder of jars lacks one, or the repository cannot give it.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        whole = pool.map(lambda jar: jar.is_at(source.place(jar)), jars)
        wanted = [jar for jar, is_there in zip(jars, whole, strict=True) if not is_there]
    if wanted and source.folder:
        raise StoreError(
            f"{source.folder} lacks {len(wanted)} of {len(jars)} jars or holds other versions, "
            f"the first is {wanted[0].name}",
            "fill the folder, or unset STORMOPS_JARS to fetch them from Maven Central",
        )
    if wanted:
        _download(wanted, source, progress)
    return [source.place(jar) for jar in jars]


def _download(jars: Sequence[Jar], source: JarSource, progress: Progress) -> None:
    """Fetch `jars` into the cache, several at a time."""
    from stormops_graph.services import maven  # noqa: PLC0415  (slow to import, and wanted once in a project's life)

    with (
        progress.stage(f"fetching Neo4j {NEO4J_VERSION} ({len(jars)} jars, once)") as task,
        _staging(source.cache) as staging,
        maven.reached(source.url, THREADS) as repository,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        task.total(sum(jar.size for jar in jars))
        by_size = sorted(jars, key=lambda jar: (-jar.size, jar.path))  # the longest first, none waits for it
        pending = {pool.submit(_download_one, jar, source, staging, repository): jar for jar in by_size}
        try:
            for done in as_completed(pending):
                done.result()
                task.advance(pending[done].size)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def _staging(cache: Path) -> Iterator[Path]:
    """A folder next to the cache's own for jars under way; those of killed downloads are swept."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        for old in cache.glob(f"{STAGING_PREFIX}*"):
            if time.time() - old.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=cache))
    except OSError as error:
        raise StoreError(
            f"cannot write to the Maven cache {cache}: {error.strerror}",
            "make it writable, or name another folder in M2_REPO",
        ) from error
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _download_one(jar: Jar, source: JarSource, staging: Path, repository: Repository) -> None:
    """Fetch one jar, check it and move it to its place in the cache."""
    reason = ""
    file = staging / jar.name
    for attempt in range(ATTEMPTS):
        time.sleep(attempt * RETRY_SECONDS)
        try:
            repository.save(jar.path, file)
            if jar.is_at(file):
                place = source.place(jar)
                place.parent.mkdir(parents=True, exist_ok=True)
                file.replace(place)
                return
            reason = "what came is not what the lock says"
        except FileNotFoundError:
            reason = "the repository does not have it"
        except OSError as error:
            reason = type(error).__name__
    raise StoreError(f"cannot fetch {jar.name} from {source.url or 'Maven Central'}: {reason}", ELSEWHERE)
