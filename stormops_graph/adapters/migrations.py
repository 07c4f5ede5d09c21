"""Migrations of the graph: `cypher/migrations/V001__….cypher`, applied once, in order.

Invariant: an applied migration is recorded with the checksum of its text as (:Migration), and one that was
edited afterwards is refused. Its statements may be repeated harmlessly, so that a killed migration heals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.errors import StoreError

_FILE = re.compile(r"V(\d{3})__([a-z_]+)\.cypher")


@dataclass(frozen=True)
class Migration:
    """A numbered change of the graph's schema."""

    version: int
    name: str
    source: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, whatever its line ends."""
        return sha256(self.source.replace("\r\n", "\n").encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        """Its statements, parted by semicolons at line ends."""
        body = "\n".join(line for line in self.source.splitlines() if not line.startswith("//"))
        return [part.strip() for part in re.split(r";\s*(?:\n|$)", body) if part.strip()]


def shipped() -> list[Migration]:
    """The migrations of this version of the software, in order."""
    found = []
    for file in files("stormops_graph.cypher").joinpath("migrations").iterdir():
        if match := _FILE.fullmatch(file.name):
            found.append(Migration(int(match[1]), match[2], file.read_text("utf-8")))
    return sorted(found, key=lambda migration: migration.version)


def migrate(graph: Neo4jGraph, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Apply what the graph has not seen yet; names of what was applied.

    Raises StoreError when an applied migration was edited, or when the graph is newer than the software.
    """
    wanted = shipped() if migrations is None else list(migrations)
    applied = {row["version"]: row["checksum"] for row in graph.read("read/migrations")}
    for migration in wanted:
        if applied.get(migration.version, migration.checksum) != migration.checksum:
            raise StoreError(
                f"migration V{migration.version:03} was edited after it had been applied",
                "restore its file from the release, and put the change into a new migration",
            )
    if unknown := applied.keys() - {migration.version for migration in wanted}:
        raise StoreError(
            f"the graph was migrated by a newer version (V{max(unknown):03})",
            "update stormops-graph, then try again",
        )
    due = [migration for migration in wanted if migration.version not in applied]
    for migration in due:
        for text in migration.statements:
            graph.execute(text, {}, f"migration V{migration.version:03}")
        graph.run("write/migration", version=migration.version, name=migration.name, checksum=migration.checksum)
    return [migration.name for migration in due]
