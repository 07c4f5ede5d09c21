"""One run at a time: a lock on the project's folder, and one in the graph for runs from other machines.

Invariant: at most one process holds both. The lock of a process that is dead, or of a machine that has not been
heard of for two minutes, is taken over and the takeover is told. Stewards hold the locks for moments only: whoever
comes then waits for them.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from stormops_graph.errors import Busy, StoreError
from stormops_graph.ports import Graph, Progress, Row
from stormops_graph.services.file_lock import RUN_LOCK, is_ours, open_lock

HEARTBEAT_SECONDS = 15.0
EXPIRES_SECONDS = 120
MOMENTARY = ("decide", "review")  # kinds of holders that are done in seconds, so that a nightly run need not fail
PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.05


@contextmanager
def folder_locked(state: Path, kind: str) -> Iterator[None]:
    """Hold the lock of a project's state folder; raises Busy with the holder's process, or StoreError."""
    with open_lock(state, RUN_LOCK) as file:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_ours(file):
            file.seek(0)
            holder = _holder(file.read())
            if holder.get("kind", MOMENTARY[0]) not in MOMENTARY or time.monotonic() > deadline:
                raise _busy(holder)
            time.sleep(_PAUSE_SECONDS)
        holder = {"kind": kind, "pid": os.getpid(), "host": socket.gethostname()}
        with suppress(OSError):  # who holds it is not told on a full disk
            os.ftruncate(file.fileno(), 0)
            os.pwrite(file.fileno(), json.dumps(holder).encode(), 0)
        yield  # the system frees the lock when the file closes, also by SIGKILL


@contextmanager
def graph_locked(graph: Graph, kind: str, progress: Progress) -> Iterator[None]:
    """Hold the lock of the graph and keep it alive; raises Busy, or StoreError when it was lost meanwhile."""
    owner = secrets.token_hex(8)
    _take(graph, owner, kind, progress)
    stop, lost = Event(), Event()
    heart = Thread(target=_beat, args=(graph, owner, stop, lost), name="lock", daemon=True)
    heart.start()
    try:
        yield
    finally:
        stop.set()
        heart.join(HEARTBEAT_SECONDS)  # one that still waits for a server that was away finds no lock of this owner
        with suppress(StoreError):  # a server that went down keeps the lock until it expires
            graph.run("write/lock_released", owner=owner)
    if lost.is_set():
        raise StoreError(
            "another run took the lock over, as this one had not been heard of for two minutes",
            "look at `stormops-graph runs list`, then run again",
        )


def _take(graph: Graph, owner: str, kind: str, progress: Progress) -> None:
    host = socket.gethostname()
    row = _ask(graph, owner, host, kind, replaces=None)
    if not row["taken"] and row["holder_host"] == host and not _alive(int(row["holder_pid"])):
        row = _ask(graph, owner, host, kind, replaces=str(row["holder"]))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not row["taken"] and row["holder_kind"] in MOMENTARY and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
        row = _ask(graph, owner, host, kind, replaces=None)
    if not row["taken"]:
        raise _busy({"kind": row["holder_kind"], "pid": row["holder_pid"], "host": row["holder_host"]})
    if row["holder"] is not None:
        progress.note(f"took over the lock of {row['holder_kind']} on {row['holder_host']} that is no longer running")


def _ask(graph: Graph, owner: str, host: str, kind: str, replaces: str | None) -> Row:
    return graph.run(
        "write/lock_taken",
        owner=owner,
        host=host,
        pid=os.getpid(),
        kind=kind,
        replaces=replaces,
        seconds=EXPIRES_SECONDS,
    )[0]


def _beat(graph: Graph, owner: str, stop: Event, lost: Event) -> None:
    while not stop.wait(HEARTBEAT_SECONDS):
        try:
            if not graph.run("write/lock_kept", owner=owner):
                lost.set()
                return
        except StoreError:
            continue  # the run itself meets a server that is down; this thread only tries again


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _holder(text: str) -> dict[str, object]:
    try:
        return dict(json.loads(text))
    except ValueError:  # it has just begun and not yet written who it is
        return {}


def _busy(holder: dict[str, object]) -> Busy:
    who = f"{holder.get('kind', 'run')} (process {holder.get('pid', '?')} on {holder.get('host', 'this machine')})"
    return Busy(f"another run is under way: {who}", "wait until it has ended, or stop it")
