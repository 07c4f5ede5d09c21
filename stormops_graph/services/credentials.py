"""The passwords of a project's local servers, generated once, in a file only its owner can read."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from stormops_graph.errors import StoreError
from stormops_graph.services.private_file import write_private

FILE = "credentials.json"
PASSWORD_BYTES = 24


@dataclass(frozen=True)
class Credentials:
    """Passwords of the local servers; never shown by `repr`."""

    neo4j_password: str = field(repr=False)
    postgres_password: str = field(repr=False)

    @classmethod
    def read(cls, state: Path) -> Credentials | None:
        """The passwords kept in `state`, None before the first `up`; raises StoreError when unreadable."""
        file = state / FILE
        if not file.exists():
            return None
        try:
            return cls(**json.loads(file.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise StoreError(
                f"{file} cannot be read as credentials",
                "put back the file as it was: without it the servers' data cannot be opened",
            ) from error

    @classmethod
    def ensure(cls, state: Path) -> Credentials:
        """The passwords kept in `state`, made up where there are none; the file's mode is 0600."""
        kept = cls.read(state)
        if kept:
            (state / FILE).chmod(0o600)
            return kept
        made = cls(secrets.token_urlsafe(PASSWORD_BYTES), secrets.token_urlsafe(PASSWORD_BYTES))
        write_private(state / FILE, json.dumps(asdict(made)) + "\n")
        return made
