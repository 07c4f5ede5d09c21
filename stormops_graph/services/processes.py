"""Servers as processes of their own: started detached, known again by pid and birth, stopped with patience.

Invariant: a process is taken for ours only when its pid and its time of birth are those we noted, so a pid
that the system gave to another program is never signalled.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from stormops_graph.services.private_file import write_private

KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
POLL_SECONDS = 0.05

# The server is a grandchild in a session of its own: it outlives us, and the system reaps it, not we.
_DETACH = 'log=$1; shift; umask 077; "$@" >>"$log" 2>&1 </dev/null & echo "$!"'


@dataclass(frozen=True)
class Process:
    """A process: its pid and a mark of its birth that no later process with that pid shares."""

    pid: int
    birth: str

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return birth(self.pid) == self.birth

    def stop(self, *signals: signal.Signals, patience: float) -> bool:
        """Send `signals` in turn, waiting up to `patience` seconds after each; True once it is gone."""
        for sign in signals:
            if not self.is_alive():
                return True
            os.kill(self.pid, sign)
            deadline = time.monotonic() + patience
            while self.is_alive() and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
        return not self.is_alive()


def birth(pid: int) -> str | None:
    """A mark of when `pid` was born; None when there is no such process, or only its remains."""
    if Path("/proc/self/stat").exists():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            return None
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return None if fields[0] in "ZX" else f"{boot} {fields[19]}"
    shown = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    status, _, started = shown.stdout.strip().partition(" ")
    return None if not status or status.startswith("Z") else started.strip()


def noted(file: Path) -> Process | None:
    """The process noted in a pid file, if it still runs."""
    try:
        known = json.loads(file.read_text("utf-8"))
        process = Process(int(known["pid"]), str(known["birth"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return process if process.is_alive() else None


def launch(command: Sequence[str], pid_file: Path, log: Path, environ: Mapping[str, str]) -> Process:
    """Start `command` detached, its output in a new `log`, and note it in `pid_file`.

    The log before it is kept as `.1`. The server inherits a handful of harmless variables only. One that
    ends at once is returned as a process that is not alive: its log says why.
    """
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
    started = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", _DETACH, "sh", str(log), *command],
        env=inherited(environ),
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    pid = int(started.stdout.strip() or 0)
    process = Process(pid, (birth(pid) if pid else None) or "never seen alive")
    write_private(pid_file, json.dumps(asdict(process)) + "\n")
    return process


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables a server or its tools may see: none that would change how they behave."""
    return {name: environ[name] for name in KEPT_VARIABLES if name in environ} | {"LC_ALL": "C"}


def last_line(log: Path) -> str:
    """The last line of a log, for a message; lines of a Java trace, which are indented, are left out."""
    lines = [line for line in log_tail(log).splitlines() if line and not line[0].isspace()]
    return lines[-1] if lines else "it said nothing"


def log_tail(log: Path, size: int = 8000) -> str:
    """The end of a log."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - size))
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""


def wait_until(ready: Callable[[], bool], process: Process, seconds: float) -> bool:
    """Poll `ready`; False when `process` ended before, or `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while process.is_alive() and time.monotonic() < deadline:
        if ready():
            return True
        time.sleep(POLL_SECONDS * 2)
    return False
