"""The data of the local Neo4j: its graph, its users, and the other graph that it may be given.

Invariant: killed at any point while its graph is replaced, it has the one or the other, whole.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from stormops_graph.services.private_file import private_folder, write_private

USER = "neo4j"
HASH_ROUNDS = 1024


@dataclass(frozen=True)
class Neo4jData:
    """The data below the server's home; whoever changes them holds the server stopped."""

    home: Path
    database: str

    @property
    def folder(self) -> Path:
        """Where the server looks for them."""
        return self.home / "data"

    @property
    def _before(self) -> Path:
        """Where they are while others take their place."""
        return self.home / "data-before"

    def exist(self) -> bool:
        """Whether there are any."""
        return any((data / "databases").exists() for data in (self.folder, self._before))

    def prepare(self, password: str) -> None:
        """Complete or undo a replacement that was killed; give data that are to be made their user's password."""
        if self._before.exists() and not self.folder.exists():
            self._before.replace(self.folder)
        shutil.rmtree(self._before, ignore_errors=True)
        if not (self.folder / "databases" / "system").exists():
            private_folder(self.folder)
            write_private(private_folder(self.folder / "dbms") / "auth.ini", _auth_line(password))

    def replace_graph(self, other: Neo4jData) -> None:
        """Let the server have the graph of `other`, whose data are gone then; the server's users stay."""

        def graph(folder: str, _: list[str]) -> set[str]:
            return {self.database} if Path(folder).name in ("databases", "transactions") else set()

        shutil.copytree(self.folder, other.folder, ignore=graph, dirs_exist_ok=True)
        _on_disk(other.folder)
        self.folder.replace(self._before)
        other.folder.replace(self.folder)
        shutil.rmtree(self._before)


def _on_disk(folder: Path) -> None:
    """Wait until all below a folder is on the disk; what else the machine writes is not waited for."""
    for path in (folder, *folder.rglob("*")):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _auth_line(password: str) -> str:
    """The first user with the salted, repeated SHA-256 of the password that Neo4j's own tool writes."""
    salt = secrets.token_bytes(32)
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(HASH_ROUNDS - 1):
        digest = hashlib.sha256(digest).digest()
    return f"{USER}:SHA-256,{digest.hex()},{salt.hex()},{HASH_ROUNDS}:\n"
