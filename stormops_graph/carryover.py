"""What a run carries over from the last one, so that it costs what is new.

Invariant: a table is carried over only while everything that it was made by is the same, the software included. A
workspace without it gives the same results, only later.

The news of a run are the records that are new, changed or gone (RECORD_NEWS). A table that says something of each
record is brought up to date for these alone. Before a stage changes anything of a record, it adds the record to the
news, and so it does with the records that a change elsewhere concerns: those who bear a name that became common, those
who hold a number that is now shared. The last stage empties the news, so that a run that breaks off leaves them to the
next one. A table that says something of each identifier goes by what the records of news hold, and by what they held
before (IDENTIFIER_NEWS).
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
_READERS = ("anyascii", "duckdb", "fastaddress", "numpy", "phonenumbers", "rapidfuzz", "splink")


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
    """Bring table `name` up to date inside the context. Yields whether the last run left it complete and made by the
    same; never where `also` is false. What an error interrupts is not carried over.
    """
    known = also and carried(con, name, *made_by)
    forget(con, name)
    yield known
    keep(con, name, *made_by)


def open_tables(con: Connection, tables: Iterable[Table], *, known: bool) -> None:
    """Make the tables ready to be added to: as the last run left them where that is `known`, else empty."""
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
    """Add all records to the news; those that have gone since the last run are among them already."""
    tell(con, "SELECT record FROM record")


@contextmanager
def told(con: Connection, rows: str, concerned: str) -> Iterator[None]:
    """Compare the result of the query `rows` before and after the context; the records that rows which came or went
    concern are news. These records are told by the query `concerned`, in which `{changed}` stands for those rows.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE told_before AS {rows}")
    yield
    con.execute(f"CREATE OR REPLACE TEMP TABLE told_after AS {rows}")
    tell(con, concerned.format(changed=f"({differing('told_before', 'told_after')})"))
    for name in ("told_before", "told_after"):
        con.execute(f"DROP TABLE {name}")


@contextmanager
def remade(con: Connection, table: Table, concerned: str) -> Iterator[None]:
    """Empty `table`, to be filled anew inside the context; whom rows that came or went concern is news, see `told`."""
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
