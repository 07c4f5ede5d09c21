"""The local servers of one project, started and stopped together under one lock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stormops_graph.errors import Busy
from stormops_graph.ports import Progress
from stormops_graph.project import Project
from stormops_graph.services import jars
from stormops_graph.services.connections import managed_neo4j, managed_postgres
from stormops_graph.services.credentials import Credentials
from stormops_graph.services.file_lock import RUN_LOCK, is_ours, open_lock
from stormops_graph.services.loopback import PortBook
from stormops_graph.services.neo4j_server import Neo4jServer
from stormops_graph.services.postgres_server import PostgresServer, user_namespace
from stormops_graph.services.private_file import private_folder

LOCK_SECONDS = 600.0


def local_neo4j(project: Project) -> Neo4jServer:
    """The project's own Neo4j, running or not."""
    return Neo4jServer(project.state, project.settings.neo4j, PortBook(project.state / "ports.json"))


def local_postgres(project: Project) -> PostgresServer:
    """The project's own Postgres, running or not."""
    return PostgresServer(project.state, project.settings.postgres, PortBook(project.state / "ports.json"))


@dataclass(frozen=True)
class LocalServers:
    """The servers that are the project's own; None stands for a managed one."""

    state: Path
    neo4j: Neo4jServer | None
    postgres: PostgresServer | None

    @classmethod
    def wanted(cls, project: Project, environ: Mapping[str, str]) -> LocalServers:
        """The local servers of those stores for which no managed one is named."""
        return cls(
            project.state,
            None if managed_neo4j(project.settings.neo4j, environ) else local_neo4j(project),
            None if managed_postgres(project.settings.postgres, environ) else local_postgres(project),
        )

    def are_up(self) -> bool:
        """Whether each runs and accepts connections."""
        return all(server.serves() for server in (self.neo4j, self.postgres) if server)

    def are_well(self) -> bool:
        """Whether each is up, and nothing is wrong with Neo4j's database."""
        return self.are_up() and not self._ailing()

    def make_ready(self, environ: Mapping[str, str], progress: Progress) -> None:
        """Have what they are started with; raises StoreError where it cannot be had, or Postgres could not run."""
        if self.neo4j:
            jars.fetch(jars.locked_jars(), jars.JarSource.from_environ(environ), progress)
        if self.postgres:
            user_namespace()

    def start(self, environ: Mapping[str, str], progress: Progress) -> None:
        """Start what is stopped: Postgres while Neo4j's jars come down, then Neo4j, also one that ails."""
        if self.neo4j and self.neo4j.serves() and (reason := self._ailing()):
            progress.note(f"Neo4j is started again: {reason}")
            self.neo4j.stop()
        if self.are_up():
            return
        credentials = Credentials.ensure(private_folder(self.state))
        private_folder(self.state / "logs")
        with ThreadPoolExecutor(1) as beside:
            postgres = self.postgres and beside.submit(
                self.postgres.start, credentials.postgres_password, environ, progress.note
            )
            if self.neo4j and not self.neo4j.serves():
                paths = jars.fetch(jars.locked_jars(), jars.JarSource.from_environ(environ), progress)
                with progress.stage("starting Neo4j"):
                    self.neo4j.start(paths, credentials.neo4j_password, environ, progress.note)
            if postgres:
                postgres.result()

    def _ailing(self) -> str | None:
        """Why Neo4j has to be started again though it answers, if it has."""
        kept = Credentials.read(self.state)
        if not self.neo4j or not kept:
            return None
        return "its disk was full" if self.neo4j.disk_was_full.exists() else self.neo4j.given_up(kept.neo4j_password)

    def stop(self) -> None:
        """Stop both, Neo4j and Postgres side by side."""
        with ThreadPoolExecutor(2) as pool:
            stopping = [pool.submit(server.stop) for server in (self.neo4j, self.postgres) if server]
        for done in stopping:
            done.result()


@contextmanager
def only_one(state: Path, note: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of starting and stopping; waits for another holder, raises Busy after ten minutes."""
    with open_lock(state, "services.lock") as file:
        deadline = time.monotonic() + LOCK_SECONDS
        told = False
        while not is_ours(file):
            if time.monotonic() > deadline:
                raise Busy("another stormops-graph starts or stops the servers", "try again when it is done")
            if not told:
                note("another stormops-graph starts or stops the servers: waiting for it")
            told = True
            time.sleep(0.2)
        yield


@contextmanager
def no_run(state: Path) -> Iterator[None]:
    """Hold the lock of runs, so that none begins; raises Busy while one is under way."""
    with open_lock(state, RUN_LOCK) as file:
        if not is_ours(file):
            raise Busy("a run is under way, and it needs the servers", "wait until it is complete")
        yield
