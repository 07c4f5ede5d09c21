"""What a plan rests on: fingerprints of the rows that were read, of what stewards said, and of what comes out.

Invariant: a fingerprint is of content alone. The order of rows does not show in it, nor in which file or line they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from stormops_graph.tables import DECISION, LINEAGE, MEMBERSHIP, PERSON, RESIDENCE, RULING, Connection, Table

_FEEDS = """
SELECT table_name FROM information_schema.tables WHERE starts_with(table_name, 'feed_')
AND table_name NOT IN ('feed_count', 'feed_file') ORDER BY 1
"""
_CONTENT = 'SELECT count(*), coalesce(sum(hash(content)::HUGEINT), 0) FROM (SELECT {columns} FROM "{table}") content'
_SAID = "* EXCLUDE print"
_OUTCOME = (MEMBERSHIP, PERSON, RESIDENCE, LINEAGE)


def fingerprint_inputs(con: Connection) -> dict[str, str]:
    """Fingerprints of the feeds' rows, of the verdicts and of the rulings."""
    feeds = [name for (name,) in con.execute(_FEEDS).fetchall()]
    return {
        "feeds": _digest(f"{name} {_content(con, name, _SAID)}" for name in feeds),
        "verdicts": _digest([_of(con, DECISION)]),
        "rulings": _digest([_of(con, RULING)]),
    }


def fingerprint_outcome(con: Connection) -> str:
    """A fingerprint of the households and persons that would be."""
    return _digest(f"{table.name} {_of(con, table)}" for table in _OUTCOME)


def _of(con: Connection, table: Table) -> str:
    table.ensure(con)
    return _content(con, table.name, "*")


def _content(con: Connection, table: str, columns: str) -> str:
    return str(con.execute(_CONTENT.replace("{columns}", columns).replace("{table}", table)).fetchall()[0])


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
