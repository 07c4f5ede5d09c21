"""Ports on the loopback interface: chosen once, remembered, so that a bookmark of the Browser stays good."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stormops_graph.errors import PortTaken
from stormops_graph.services.private_file import write_private

HOST = "127.0.0.1"
TRIES = 200


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def answers(port: int, seconds: float = 1.0) -> bool:
    """Whether somebody accepts connections on `port`."""
    try:
        with socket.create_connection((HOST, port), timeout=seconds):
            return True
    except OSError:
        return False


@dataclass(frozen=True)
class PortBook:
    """The ports of a project's servers, by name, kept in `file`."""

    file: Path

    def port(self, name: str) -> int | None:
        """The port that `name` was given last, None before its first start."""
        port = self._read().get(name)
        return port if isinstance(port, int) else None

    def choose(self, name: str, pinned: int, usual: int, note: Callable[[str], None]) -> int:
        """A free port for `name`, remembered.

        `pinned` is the settings' wish, 0 for none: then it is the last one, or the first free one from
        `usual` on.
        Raises PortTaken when the pinned port is taken, naming the setting `name`.
        """
        last = self.port(name)
        if pinned:
            if not is_free(pinned):
                raise PortTaken(
                    f"port {pinned} is taken by another program",
                    f"stop that program, or change {name} in stormops.toml (0 takes a free port)",
                )
            port = pinned
        elif last and is_free(last):
            port = last
        else:
            taken = {other for key, other in self._read().items() if key != name}
            candidates = (port for port in range(usual, usual + TRIES) if port not in taken)
            port = next((port for port in candidates if is_free(port)), 0)
            if not port:
                raise PortTaken(f"ports {usual} to {usual + TRIES - 1} are all taken", f"set {name} in stormops.toml")
            if last or port != usual:
                note(f"port {last or usual} is taken by another program: {name} is {port} now")
        if port != last:
            write_private(self.file, json.dumps(self._read() | {name: port}, sort_keys=True) + "\n")
        return port

    def _read(self) -> dict[str, object]:
        try:
            known = json.loads(self.file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}
