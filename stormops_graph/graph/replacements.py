"""Contacts whose id was given to somebody else since the graph was written: no number, email or address that
they show is what it was, and the name is another.

An export that numbers its rows, instead of its contacts, gives every id to another. Who moves keeps a number, an email
or his name.
"""

from __future__ import annotations

from typing import NamedTuple

from stormops_graph.ports import Graph
from stormops_graph.tables import REPLACED_RECORD, Connection

_FEWEST = 2  # identifiers, then and now, below which another tells little

# What is shared by many is a contact's, but does not tell whose the id is.
_STRANGERS = f"""
WITH shared AS (SELECT kind || ':' || value AS key FROM shared_identifier),
had AS (
    SELECT start_key AS record, count(*) AS identifiers, list(end_key) FILTER (shared.key IS NULL) AS keys
    FROM shadow_has LEFT JOIN shared ON shared.key = end_key WHERE starts_with(start_key, 'crm_contacts:')
    GROUP BY record
), has AS (
    SELECT record, count(*) AS identifiers, list(kind || ':' || value) AS keys FROM holding
    WHERE kind IN ('phone', 'email', 'address') AND starts_with(record, 'crm_contacts:') GROUP BY record
)
SELECT record, r.given, r.surname FROM had JOIN has USING (record) JOIN record r USING (record)
WHERE least(had.identifiers, has.identifiers) >= {_FEWEST} AND NOT coalesce(list_has_any(had.keys, has.keys), false)
ORDER BY record
"""  # noqa: S608  (a constant)


class _Name(NamedTuple):
    given: str | None
    surname: str | None

    def may_be(self, other: _Name) -> bool:
        """Whether both may be one person's, as far as they are written."""
        return _agree(self.given, other.given) and _agree(self.surname, other.surname)


def _agree(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return True
    letters = 1 if 1 in (len(one), len(other)) else None
    return one[:letters] == other[:letters]


def find_replaced(con: Connection, graph: Graph) -> tuple[int, int]:
    """Fill REPLACED_RECORD from holding, shared_identifier, record and the shadow, which must be true; how many, of how
    many contacts.
    """
    REPLACED_RECORD.create(con)
    now = {record: _Name(*name) for record, *name in con.execute(_STRANGERS).fetchall()}
    if now:
        for row in graph.read("read/record_names", records=sorted(now)):
            before, name = _Name(row["given"], row["surname"]), now[row["record"]]
            if any(before) and any(name) and not before.may_be(name):
                REPLACED_RECORD.append(con, [(row["record"],)])
    ((contacts,),) = con.execute("SELECT count(*) FROM record WHERE feed = 'crm_contacts'").fetchall()
    return REPLACED_RECORD.check(con), contacts
