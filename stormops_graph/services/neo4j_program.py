"""What runs as Neo4j: its jars, and where a JVM finds their classes as it needs them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Neo4jProgram:
    """The jars on the class path, and what the JVM is told beside it."""

    jars: Sequence[Path]
    options: Sequence[str] = ()

    def as_arguments(self) -> str:
        """A Java argument file, where backslashes and quotes are escaped."""
        path = _quoted(os.pathsep.join(str(jar) for jar in self.jars))
        return "\n".join([f"-cp {path}", *map(_quoted, self.options), ""])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
