"""What stages may ask of the stores and of the terminal, without knowing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from stormops_graph.tables import Connection

Row = Mapping[str, Any]
Words = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Step:
    """A write statement over `$batch.rows`; `words` fill the placeholders of a statement made for many labels."""

    statement: str
    rows: Sequence[Row]
    words: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """A table that other systems read: column name → SQL type, its key, and the rows of one scope.

    `scope` names columns and the values they may have: rows of the table that match it and are not in `rows` are stale,
    but for those with a value that `spares` names. Of `keeps` the old value stays where nothing else of the row has
    changed. A history (`is_history`) has no stale rows; its columns `valid_from` and `valid_to` say when a row held.
    """

    name: str
    columns: Mapping[str, str]
    key: Sequence[str]
    rows: Sequence[Sequence[Any]]
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keeps: Sequence[str] = ()
    spares: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_history: bool = False


LIST_SEPARATOR = "\x1f"
"""Parts the values of a list in a GraphFile: no value of ours holds control characters."""


@dataclass(frozen=True)
class GraphFile:
    """A CSV file of nodes with their labels (`Identifier:Phone`), or of relationships of a type."""

    holds: Literal["nodes", "relationships"]
    name: str
    file: str


class Task(Protocol):
    """Progress of one stage."""

    def advance(self, amount: int = 1) -> None:
        """Say that `amount` more units are done."""

    def total(self, amount: int) -> None:
        """Say how many units there are in all."""


class Progress(Protocol):
    """Where a run says what it is doing: bars on a terminal, plain lines in a log."""

    def stage(self, name: str) -> AbstractContextManager[Task]:
        """Open a stage; it is timed until it closes."""

    def note(self, text: str) -> None:
        """Say one line."""


class Unwatched:
    """A Progress, and the Task of each of its stages, that says nothing."""

    @contextmanager
    def stage(self, name: str) -> Iterator[Task]:
        """Open a stage that nobody sees."""
        yield self

    def note(self, text: str) -> None:
        """Say nothing."""

    def advance(self, amount: int = 1) -> None:
        """Say nothing."""

    def total(self, amount: int) -> None:
        """Say nothing."""


UNWATCHED = Unwatched()


class Graph(Protocol):
    """The identity graph. Statements are files of `cypher/`, named by path without the ending.

    `words` fill a statement's placeholders (`<label>`), each a label, type or property name of the model, or several:
    a line with a placeholder of several is there once for each.
    """

    def read(self, statement: str, words: Words | None = None, **parameters: Any) -> Iterator[Row]:
        """Rows of a read statement, streamed."""

    def write(self, statement: str, rows: Iterable[Row], *, batch: int = 10_000, **parameters: Any) -> int:
        """Run a write statement over `$batch.rows` in batches, one transaction each; rows written."""

    def write_together(self, transactions: Iterable[Sequence[Step]], *, threads: int = 1, **parameters: Any) -> int:
        """Run each sequence of steps in one transaction; rows written, as the statements count them."""

    def run(self, statement: str, **parameters: Any) -> Sequence[Row]:
        """Run one write statement in one transaction; its rows."""


class GraphImporter(Protocol):
    """A way to fill an empty graph at once, many times as fast as by statements; its server is away meanwhile."""

    def pays(self, rows: int) -> bool:
        """Whether so many nodes and relationships are worth it."""

    def fill(self, con: Connection, write: Callable[[Path], Sequence[GraphFile]]) -> None:
        """Let the graph be what `write` puts into files in a folder; killed at any point, it is empty or whole.

        JOURNEY, JOURNEY_TOUCH and TRACE are filled before, with the journeys that the graph will have.
        """


class Forgotten(Protocol):
    """Those who were forgotten, as the readers of feeds know them."""

    @property
    def fingerprint(self) -> str:
        """What says who they are at this time."""

    def lines(self, con: Connection, feed: str, table: str) -> list[tuple[str, int]]:
        """(file, line) of the rows about them in a table of a feed's texts under their default names."""

    def are_in(self, text: str) -> bool:
        """Whether a text that is no row shows one of them."""


class Outputs(Protocol):
    """The database of the outputs."""

    def publish(self, outputs: Sequence[Output]) -> int:
        """Write tables in one transaction, changing only what differs; rows added, changed and removed."""

    def read(self, output: Output) -> list[tuple[Any, ...]]:
        """All rows of a table within the output's scope, by its columns; none where there is no such table."""

    def read_history(self, output: Output, at: datetime | None) -> list[tuple[Any, ...]]:
        """The rows of a history that held at a time (UTC; None: that still hold), within the output's scope."""
