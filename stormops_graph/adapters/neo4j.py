"""Neo4j as the identity graph.

Invariant: reads are streamed; every batch of a write is one transaction, tried again after a deadlock or a
short outage. Errors name the statement and the server's code, never a value or a password.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from typing import Any, Self

from stormops_graph.adapters.statements import Statement, statement
from stormops_graph.errors import ServerDown, StoreError
from stormops_graph.ports import Row, Step, Words
from stormops_graph.unread import unread

with unread("pandas"):  # whose types we do not hand to the driver; to read it would take half a second
    import neo4j
    from neo4j.exceptions import (
        AuthError,
        ClientError,
        DriverError,
        Neo4jError,
        ServiceUnavailable,
        SessionExpired,
        TransientError,
    )
    from neo4j.time import DateTime

# What the driver logs about retries quotes the server, which may quote data; what matters is raised.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

_FETCH = 5_000  # rows a round trip: a million keys stream in 200 of them
_RETRY_SECONDS = 30.0


class Neo4jGraph:
    """The graph behind `uri`; the server is first asked with the first statement. Close it, or use `with`."""

    def __init__(self, uri: str, user: str, password: str, database: str = "neo4j") -> None:
        self._uri = uri
        self._auth = (user, password)
        self._database = database
        self._driver = self._opened()
        self._reached = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._driver.close()

    def reopen(self, uri: str) -> None:
        """Reach the graph at `uri` from now on, with new connections: its server was started again."""
        self._driver.close()
        self._uri, self._reached = uri, False
        self._driver = self._opened()

    def _opened(self) -> neo4j.Driver:
        with _told("connect", self._uri):
            return neo4j.GraphDatabase.driver(
                self._uri,
                auth=self._auth,
                connection_timeout=10.0,
                max_transaction_retry_time=_RETRY_SECONDS,
                notifications_min_severity="OFF",
            )

    def read(self, statement: str, words: Words | None = None, **parameters: Any) -> Iterator[Row]:
        """Rows of a read statement, streamed; times come as `datetime`."""
        found = _found(statement)
        with self._session(found.name, neo4j.READ_ACCESS) as session:
            result = session.run(found.spelled(words), _only(found, parameters))
            keys = result.keys()
            for record in result:
                yield dict(zip(keys, map(_native, record), strict=True))

    def write(self, statement: str, rows: Iterable[Row], *, batch: int = 10_000, **parameters: Any) -> int:
        """Run a write statement over `$batch.rows` in batches, one transaction each; rows written."""
        source = iter(rows)
        batches = iter(lambda: list(islice(source, batch)), [])
        return self.write_together(([Step(statement, part)] for part in batches), **parameters)

    def write_together(self, transactions: Iterable[Sequence[Step]], *, threads: int = 1, **parameters: Any) -> int:
        """Run each sequence of steps in one transaction, up to `threads` at a time; rows written.

        A statement that returns `written` says so itself; of others every row counts.
        """
        written = 0
        with ThreadPoolExecutor(threads, "graph") as pool:
            waiting: set[Future[int]] = set()
            for steps in transactions:
                if len(waiting) > threads:  # one batch is made while the others are written
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    written += sum(future.result() for future in done)
                waiting.add(pool.submit(self._transaction, steps, parameters))
            return written + sum(future.result() for future in waiting)

    def run(self, statement: str, **parameters: Any) -> Sequence[Row]:
        """Run one write statement in one transaction; its rows."""
        found = _found(statement)
        return self.execute(found.spelled(), _only(found, parameters), found.name)

    def explain(self, statement: str, **parameters: Any) -> None:
        """Let the server plan a statement, and keep the plan; nothing is read or written."""
        found = _found(statement)
        with self._session(found.name, neo4j.WRITE_ACCESS) as session:
            session.run(f"EXPLAIN {found.spelled()}", _only(found, parameters)).consume()

    def execute(self, text: str, parameters: Mapping[str, Any], name: str) -> Sequence[Row]:
        """Run one text in one transaction of its own; for migrations, whose texts are not statements."""

        def work(transaction: neo4j.ManagedTransaction) -> list[Row]:
            result = transaction.run(text, dict(parameters))
            keys = result.keys()
            return [dict(zip(keys, map(_native, record), strict=True)) for record in result]

        with self._session(name, neo4j.WRITE_ACCESS) as session:
            return session.execute_write(work)

    def _transaction(self, steps: Sequence[Step], parameters: Mapping[str, Any]) -> int:
        """One transaction of several statements; rows written."""

        def work(transaction: neo4j.ManagedTransaction) -> int:
            return sum(_step(transaction, step, parameters) for step in steps)

        with self._session(steps[0].statement, neo4j.WRITE_ACCESS) as session:
            return session.execute_write(work)

    @contextmanager
    def _session(self, name: str, access: str) -> Iterator[neo4j.Session]:
        with _told(name, self._uri):
            if not self._reached:  # else a retried transaction would wait half a minute for nobody
                self._driver.verify_connectivity()
                self._reached = True
            try:
                with self._driver.session(
                    database=self._database, default_access_mode=access, fetch_size=_FETCH
                ) as session:
                    yield session
            except (ServiceUnavailable, SessionExpired):
                self._reached = False  # what follows, such as noting the failure, does not wait once more
                raise


def _step(transaction: neo4j.ManagedTransaction, step: Step, parameters: Mapping[str, Any]) -> int:
    if not step.rows:
        return 0
    found = _found(step.statement)
    # In a map, as the server plans a statement anew for each order of size that a list has which is a parameter itself.
    values = _only(found, {**parameters, "batch": {"rows": step.rows}})
    record = transaction.run(found.spelled(step.words), values).single()
    written = record.get("written") if record is not None else None
    return len(step.rows) if written is None else int(written)


# `statement` is the word of the Graph port for a parameter, which hides the function inside those methods.
_found = statement


def _only(found: Statement, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that the statement names; raises StoreError where one is missing."""
    missing = [name for name in found.params if name not in parameters]
    if missing:
        raise StoreError(f"statement {found.name} needs ${', $'.join(missing)}")
    return {name: parameters[name] for name in found.params}


_AS_IT_IS = frozenset({str, float, int, bool, type(None)})


def _native(value: Any) -> Any:
    """Neo4j's times as Python's, inside lists and maps too."""
    if type(value) in _AS_IT_IS:  # nearly all are
        return value
    if isinstance(value, DateTime):
        return value.to_native()
    if isinstance(value, list):
        return [part if type(part) in _AS_IT_IS else _native(part) for part in value]
    if isinstance(value, dict):
        return {key: _native(part) for key, part in value.items()}
    return value


@contextmanager
def _told(name: str, uri: str) -> Iterator[None]:
    """Turn the driver's errors into ours; messages of the server are left out, as they may quote data."""
    try:
        yield
    except AuthError as error:
        raise StoreError(
            f"Neo4j at {uri} refuses the user or the password",
            "check user and password_env under [neo4j] in stormops.toml",
        ) from error
    except (ServiceUnavailable, SessionExpired) as error:
        raise ServerDown(
            f"Neo4j does not answer at {uri}",
            "start it with `stormops-graph up`, or check the address in stormops.toml",
        ) from error
    except TransientError as error:
        raise StoreError(
            f"Neo4j was too busy for {name} ({error.code})",
            "run the command again; give it more memory if it stays so",
        ) from error
    except ClientError as error:
        raise StoreError(f"Neo4j refuses {name} ({error.code})", _hint(error.code or "")) from error
    except (Neo4jError, DriverError) as error:
        said = error.code if isinstance(error, Neo4jError) else type(error).__name__
        raise StoreError(
            f"Neo4j failed at {name} ({said})", "look into its log, and at the room on its disk"
        ) from error


def _hint(code: str) -> str:
    if code.endswith("ConstraintValidationFailed"):
        return "a node with that key was made by hand or by another program: remove it and run again"
    if code.endswith("AuthenticationRateLimit"):
        return "another program tried wrong passwords for this user: stop it, and run again after some seconds"
    if code.endswith("DatabaseNotFound"):
        return "check the name of the database in stormops.toml"
    return "run `stormops-graph status`; a server older than 5.26 is not supported"
