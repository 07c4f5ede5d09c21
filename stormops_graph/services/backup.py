"""Backup and restore of all that a project's local servers and rules hold, as one file.

Invariant: nothing in a project is replaced before everything of the archive was checked and loaded aside, and
what is replaced is moved, not deleted. Feeds and the derived workspace are not part of it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from stormops_graph.errors import StoreError
from stormops_graph.ports import Progress
from stormops_graph.project import SETTINGS_FILE, Project
from stormops_graph.project.written import BACKUP, note_written
from stormops_graph.services import jars
from stormops_graph.services.archive import Manifest, Part, pack, unpack
from stormops_graph.services.aside import set_aside
from stormops_graph.services.credentials import Credentials
from stormops_graph.services.loopback import PortBook
from stormops_graph.services.neo4j_server import Neo4jServer
from stormops_graph.services.postgres_server import DATABASE, PostgresServer
from stormops_graph.services.private_file import private_folder
from stormops_graph.services.servers import LocalServers, local_neo4j, local_postgres, no_run, only_one

GRAPH_DUMP, POSTGRES_DUMP = "graph.dump", "postgres.dump"
# What stays out: the servers' own folders (dumped instead), what belongs to this machine, and what is derived.
NOT_KEPT = (
    "neo4j",
    "postgres",
    "logs",
    "credentials.json",
    "ports.json",
    "workspace",
    "written",
    "replaced-",
    "aside-",
)


def backup(project: Project, environ: Mapping[str, str], out: Path, progress: Progress) -> None:
    """Write graph, Postgres, rules and settings to the new file `out` (.tar.gz, mode 0600).

    Servers that run are stopped for the graph's dump and started again. Managed servers are not covered: a note
    says so. Raises StoreError when `out` exists or a server refuses.
    """
    if out.exists():
        raise StoreError(f"{out} exists already", "name a new file")
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise StoreError(f"{out} cannot be written", "name a file in a folder that exists and that you may write to")
    with _held(project, progress), set_aside(project.state) as aside:
        servers = LocalServers.wanted(project, environ)
        files = _kept_files(project)
        with _as_it_was(servers, environ, progress):
            if servers.neo4j and servers.neo4j.has_data():
                files[GRAPH_DUMP] = _dump_graph(servers.neo4j, aside, environ, progress)
            if servers.postgres and servers.postgres.has_data():
                files[POSTGRES_DUMP] = _dump_postgres(servers.postgres, aside, environ, progress)
        with progress.stage("writing the archive"):
            parts = [(Part.of(name, file), file) for name, file in sorted(files.items())]
            manifest = Manifest(
                made_at=datetime.now(UTC).isoformat(timespec="seconds"),
                software=version("stormops-graph"),
                neo4j=jars.NEO4J_VERSION,
                not_covered=_not_covered(servers),
                parts=tuple(part for part, _ in parts),
            )
            pack(out, manifest, parts)
            note_written(project.written, BACKUP, out)
    _say_what_is_missing(manifest, progress)


def restore(
    project: Project, environ: Mapping[str, str], archive: Path, progress: Progress, *, force: bool = False
) -> None:
    """Bring back what `backup` wrote into the project's folder, which may be empty.

    With `force` what is there already is moved to `.stormops/replaced-<time>`; without, it raises StoreError.
    Raises InputError for a broken archive. Whatever is raised, nothing has changed. Running servers are restarted.
    """
    with _held(project, progress), set_aside(project.state) as aside:
        with progress.stage("checking the archive"):
            manifest = unpack(archive, aside / "archive")
        _refuse_newer(manifest, archive)
        restored = _project_of(aside / "archive", project)
        in_the_way = _in_the_way(restored, manifest)
        if in_the_way and not force:
            raise StoreError(
                f"{project.folder} holds other data already: {', '.join(sorted(in_the_way)[:5])}",
                "restore into a new folder, or use --force: what is there is moved aside then, not deleted",
            )
        servers = LocalServers.wanted(restored, environ)
        _load(restored, servers, aside, environ, progress)
        were_up = servers.are_up()
        LocalServers(project.state, local_neo4j(project), local_postgres(project)).stop()
        _swap(restored, manifest, aside, in_the_way, progress)
        if were_up:
            servers.start(environ, progress)
    _say_what_is_missing(manifest, progress)


def _dump_graph(server: Neo4jServer, aside: Path, environ: Mapping[str, str], progress: Progress) -> Path:
    """Dump the graph of the server, which is stopped for it."""
    with progress.stage("dumping the graph"):
        server.stop()
        _prepare(server, environ, progress)
        database = server.settings.database
        server.administer("database", "dump", database, f"--to-path={aside}", environ=environ)
        return (aside / f"{database}.dump").replace(aside / GRAPH_DUMP)


def _dump_postgres(server: PostgresServer, aside: Path, environ: Mapping[str, str], progress: Progress) -> Path:
    """Dump our database of the server, which is started for it."""
    password = Credentials.ensure(server.state).postgres_password
    with progress.stage("dumping Postgres"):
        server.start(password, environ, progress.note)
        file = aside / POSTGRES_DUMP
        server.run_tool("pg_dump", "--format=custom", f"--file={file}", password=password, environ=environ)
    return file


def _load(
    restored: Project, servers: LocalServers, aside: Path, environ: Mapping[str, str], progress: Progress
) -> None:
    """Load the dumps into servers' folders of their own, `aside`/fresh, as they will be moved into place."""
    fresh = private_folder(aside / "fresh")
    book = PortBook(fresh / "ports.json")
    credentials = Credentials.ensure(restored.state)
    graph_dump, postgres_dump = aside / "archive" / GRAPH_DUMP, aside / "archive" / POSTGRES_DUMP
    if servers.neo4j and graph_dump.exists():
        settings = restored.settings.neo4j.model_copy(update={"bolt_port": 0, "http_port": 0})
        neo4j = Neo4jServer(fresh, settings, book)
        with progress.stage("loading the graph"):
            _prepare(neo4j, environ, progress, credentials.neo4j_password)
            graph_dump.replace(aside / f"{settings.database}.dump")
            neo4j.administer("database", "load", settings.database, f"--from-path={aside}", environ=environ)
    if servers.postgres and postgres_dump.exists():
        password = credentials.postgres_password
        postgres = PostgresServer(fresh, restored.settings.postgres.model_copy(update={"port": 0}), book)
        with progress.stage("loading Postgres"):
            try:
                postgres.start(password, environ, lambda _: None)
                options = ("--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={DATABASE}")
                postgres.run_tool("pg_restore", *options, str(postgres_dump), password=password, environ=environ)
            finally:
                postgres.stop()


def _prepare(server: Neo4jServer, environ: Mapping[str, str], progress: Progress, password: str = "") -> None:
    """Give the admin tool its class path and configuration; `password` is for a server without data."""
    paths = jars.fetch(jars.locked_jars(), jars.JarSource.from_environ(environ), progress)
    server.prepare(paths, password, lambda _: None)


def _swap(
    restored: Project, manifest: Manifest, aside: Path, in_the_way: Mapping[str, Path], progress: Progress
) -> None:
    """Move what is in the way to `replaced-<time>` and what was loaded into its place."""
    if in_the_way:
        replaced = private_folder(restored.state / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        for name, path in in_the_way.items():
            (replaced / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, replaced / name)
        progress.note(f"what was there is in {replaced}: delete it when nobody misses it")
    for name in ("neo4j", "postgres"):
        if (aside / "fresh" / name).exists():
            shutil.rmtree(restored.state / name, ignore_errors=True)  # without data: those were moved
            shutil.move(aside / "fresh" / name, restored.state / name)
    for part in manifest.parts:
        if part.name not in (GRAPH_DUMP, POSTGRES_DUMP):
            target = _place(restored, part.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(aside / "archive" / part.name, target)
    for derived in restored.state.glob("workspace*"):  # a cache of the graph that was
        derived.unlink()


def _kept_files(project: Project) -> dict[str, Path]:
    """The files that no server holds: the project's own, rules, and what its state keeps beside the derived."""
    own = (project.folder / SETTINGS_FILE, project.decisions, project.shared, project.closings, project.forgotten)
    files = {f"settings/{file.name}": file for file in own}
    files |= {f"rules/{file.relative_to(project.rules).as_posix()}": file for file in project.rules.rglob("*")}
    files |= {
        f"state/{file.relative_to(project.state).as_posix()}": file
        for top in project.state.glob("*")
        if not top.name.startswith(NOT_KEPT) and top.suffix != ".lock"
        for file in (top, *top.rglob("*"))
    }
    return {name: file for name, file in files.items() if file.is_file() and "__pycache__" not in name}


def _place(project: Project, name: str) -> Path:
    """Where the part `name` belongs in the project."""
    kind, _, rest = name.partition("/")
    return {"settings": project.folder, "rules": project.rules, "state": project.state}[kind] / rest


def _in_the_way(project: Project, manifest: Manifest) -> dict[str, Path]:
    """What the project holds already and the archive does not hold just so, by name."""
    whole = {part.name: part for part in manifest.parts}
    found = {name: file for name, file in _kept_files(project).items() if Part.of(name, file) != whole.get(name)}
    for server in (local_neo4j(project), local_postgres(project)):
        if server.has_data():
            found[server.home.name] = server.home
    return found


def _project_of(unpacked: Path, project: Project) -> Project:
    """The project's folder with the settings of the archive, where it has any."""
    kept = unpacked / "settings"
    return Project(project.folder, Project.open(kept).settings if kept.exists() else project.settings)


def _refuse_newer(manifest: Manifest, archive: Path) -> None:
    theirs, ours = ([int(number) for number in text.split(".")] for text in (manifest.neo4j, jars.NEO4J_VERSION))
    if theirs > ours:
        raise StoreError(f"{archive} holds a graph of the newer Neo4j {manifest.neo4j}", "update stormops-graph")


def _not_covered(servers: LocalServers) -> tuple[str, ...]:
    graph = () if servers.neo4j else ("the graph: Neo4j is managed, dump it where it runs",)
    postgres = () if servers.postgres else ("Postgres: it is managed; attribute writes its tables again",)
    return graph + postgres


def _say_what_is_missing(manifest: Manifest, progress: Progress) -> None:
    for what in manifest.not_covered:
        progress.note(f"not in this backup: {what}")


@contextmanager
def _held(project: Project, progress: Progress) -> Iterator[None]:
    """Nobody else starts, stops or uses the servers meanwhile."""
    with no_run(project.state), only_one(project.state, progress.note):
        yield


@contextmanager
def _as_it_was(servers: LocalServers, environ: Mapping[str, str], progress: Progress) -> Iterator[None]:
    """Start or stop the servers afterwards, so that those run that ran before, whatever happens."""
    before = [server.process() is not None if server else False for server in (servers.neo4j, servers.postgres)]
    try:
        yield
    finally:
        graph, postgres = before
        LocalServers(servers.state, None if graph else servers.neo4j, None if postgres else servers.postgres).stop()
        LocalServers(servers.state, servers.neo4j if graph else None, servers.postgres if postgres else None).start(
            environ, progress
        )
