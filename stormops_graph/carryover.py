"""What a run carries over from the last one, so that it costs what is new.

Invariant: a table is carried over only while everything that it was made by is the same, the software included; a
workspace without it gives the same results, only later. What is carried says of a text, value or pair what it means
on its own; what depends on all rows together is worked out in every run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

from stormops_graph.tables import Connection, Table

CARRIED = Table("carried", {"name": "VARCHAR", "made_by": "VARCHAR"})
_READERS = ("duckdb", "fastaddress", "numpy", "phonenumbers", "splink")  # what they say may change with their version


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


def _fingerprint(parts: Sequence[object]) -> str:
    return hashlib.sha256("\x1f".join([software(), *map(repr, parts)]).encode()).hexdigest()
