"""What a run carries over from the last one, so that it costs what is new.

Invariant: a table is carried over only while everything that it was made by is the same, the software included; a
workspace without it gives the same results, only later.

A table by record is brought up to date for the records in RECORD_NEWS alone. Each stage adds those that it changes
anything of, before it does, and whom a change elsewhere concerns (a name that became common, a number that is shared);
the last one empties the table. So a run that broke off leaves them to the next. A table by identifier goes by what
these records hold, and by IDENTIFIER_NEWS, which they held before.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

from stormops_graph.tables import IDENTIFIER_NEWS, RECORD_NEWS, Connection, Table

CARRIED = Table("carried", {"name": "VARCHAR", "made_by": "VARCHAR"})
# What these say may change with their version.
_READERS = ("duckdb", "fastaddress", "numpy", "phonenumbers", "rapidfuzz", "splink")


@cache
def software() -> str:
    """A hash of this package's sources and of the versions of the libraries that read and weigh values."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    for name in _READERS:
        digest.update(f"{name} {version(name)}".encode())
    return digest.hexdigest()


def carried(con: Connection, name: str, *made_by: object) -> bool:
    """Whether table `name` was kept and everything that made it is the same."""
    CARRIED.ensure(con)
    found = con.execute("SELECT made_by FROM carried WHERE name = ?", [name]).fetchall()
    return bool(found) and found[0][0] == _fingerprint(made_by)


def forget(con: Connection, name: str) -> None:
    """From now on table `name` is not to be carried over."""
    CARRIED.ensure(con)
    con.execute("DELETE FROM carried WHERE name = ?", [name])


def keep(con: Connection, name: str, *made_by: object) -> None:
    """Let the next run carry table `name` over; call it when the table is complete."""
    forget(con, name)
    CARRIED.append(con, [(name, _fingerprint(made_by))])


@contextmanager
def renewed(con: Connection, name: str, *made_by: object, also: bool = True) -> Iterator[bool]:
    """Bring table `name` up to date meanwhile: yields whether the last run's can be built on, if that is `also` so for
    other reasons. What an error interrupts is not carried over.
    """
    known = also and carried(con, name, *made_by)
    forget(con, name)
    yield known
    keep(con, name, *made_by)


def open_tables(con: Connection, tables: Iterable[Table], *, known: bool) -> None:
    """Have the tables ready: with what the last run left in them where that is `known`, else empty."""
    for table in tables:
        (table.ensure if known else table.create)(con)


def tell(con: Connection, records: str) -> None:
    """Add the records of a query to the news."""
    RECORD_NEWS.ensure(con)
    con.execute(
        f"INSERT INTO record_news SELECT DISTINCT record FROM ({records}) ANTI JOIN record_news USING (record)"  # noqa: S608
    )


def tell_held(con: Connection, identifiers: str) -> None:
    """Add the identifiers (kind, value) of a query, which records of news hold no longer, to the news."""
    IDENTIFIER_NEWS.ensure(con)
    con.execute(
        f"INSERT INTO identifier_news SELECT DISTINCT kind, value FROM ({identifiers})"  # noqa: S608
        " ANTI JOIN identifier_news USING (kind, value)"
    )


def tell_all(con: Connection) -> None:
    """Let all records be news, as those are that went meanwhile."""
    tell(con, "SELECT record FROM record")


@contextmanager
def told(con: Connection, rows: str, concerned: str) -> Iterator[None]:
    """Add to the news whom it concerns that rows of the query `rows` come or go meanwhile: the records of the query
    `concerned`, in which `{changed}` stands for these rows.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE told_before AS {rows}")
    yield
    con.execute(f"CREATE OR REPLACE TEMP TABLE told_after AS {rows}")
    tell(con, concerned.format(changed=f"({differing('told_before', 'told_after')})"))
    for name in ("told_before", "told_after"):
        con.execute(f"DROP TABLE {name}")


@contextmanager
def remade(con: Connection, table: Table, concerned: str) -> Iterator[None]:
    """Fill `table`, which is emptied, anew meanwhile; whom it concerns that rows come or go is news, see `told`."""
    table.ensure(con)
    with told(con, f"FROM {table.name}", concerned):
        table.create(con)
        yield


def differing(one: str, other: str) -> str:
    """SQL of the rows that only one of two tables has."""
    only = "SELECT said.* EXCLUDE (print) FROM {0} AS said ANTI JOIN {1} AS o USING (print)"
    first, second = (f"(SELECT *, hash(t) AS print FROM {table} AS t)" for table in (one, other))  # noqa: S608
    return f"{only.format(first, second)} UNION ALL {only.format(second, first)}"


def half_bits(odds: float) -> float:
    """Odds in bits, to half a bit: one more row seldom moves what is learnt from all, and all that it weighs."""
    return round(2 * math.log2(odds)) / 2


def _fingerprint(parts: Sequence[object]) -> str:
    return hashlib.sha256("\x1f".join([software(), *map(repr, parts)]).encode()).hexdigest()
