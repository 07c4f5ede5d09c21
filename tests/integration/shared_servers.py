"""The pair of real servers that integration tests share (the fixtures are in conftest.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import neo4j
import psycopg
from psycopg import sql

from stormops_graph.project import Project
from stormops_graph.project.blueprint import found
from stormops_graph.services.connections import Connections
from stormops_graph.settings import Settings

OUR_TABLES = (
    "channel_attribution",
    "play_attribution",
    "play_channel_attribution",
    "credit_by_model",
    "touch_credit",
    "credit_history",
    "touch_credit_history",
    "incremental_lift",
)
BATCH = 20_000

Run = Callable[..., tuple[int, str, str]]
"""A command's words -> its exit code, output and messages."""


class Quiet:
    """A progress that says nothing; notes are kept."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.notes: list[str] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[Quiet]:
        self.stages.append(name)
        yield self

    def note(self, text: str) -> None:
        self.notes.append(text)

    def advance(self, amount: int = 1) -> None:
        pass

    def total(self, amount: int) -> None:
        pass


@dataclass(frozen=True)
class Servers:
    """The shared servers, and projects that use them."""

    connections: Connections
    environ: Mapping[str, str]  # names the shared servers: give it wherever an environ is wanted

    def project(self, folder: Path, **settings: Any) -> Project:
        """A project in `folder` whose stores, with `environ`, are the shared ones."""
        folder.mkdir(parents=True, exist_ok=True)
        return Project(folder, Settings.model_validate(settings))

    def founded(self, folder: Path, feeds: Path) -> Project:
        """A project in `folder` over the feeds, as `init` makes it, and empty stores for it."""
        self.empty_graph()
        self.empty_postgres()
        return found(folder, feeds).project

    def driver(self) -> neo4j.Driver:
        """A driver of the shared graph; close it."""
        known = self.connections
        return neo4j.GraphDatabase.driver(known.neo4j_uri, auth=(known.neo4j_user, known.neo4j_password))

    def empty_graph(self) -> None:
        """Remove every node. Constraints stay: with them would go all query plans, and making those takes seconds."""
        query = "MATCH (n) WITH n LIMIT $batch DETACH DELETE n RETURN count(*) AS gone"
        with self.driver() as driver:
            while driver.execute_query(query, batch=BATCH, database_=self.connections.neo4j_database).records[0][
                "gone"
            ]:
                pass

    def empty_postgres(self) -> None:
        """Remove our tables."""
        with psycopg.connect(self.connections.postgres_dsn) as connection:
            for table in OUR_TABLES:
                connection.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(table)))
