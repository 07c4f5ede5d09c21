"""Contacts whose id was given to somebody else since the graph was written: nothing that they show is what it was.

An export that numbers its rows, instead of its contacts, gives every id to another. Who moves keeps a number, an email
or his name.
"""

from __future__ import annotations

from stormops_graph.ports import Graph
from stormops_graph.tables import REPLACED_RECORD, Connection

_FEWEST = 2  # identifiers, then and now, below which another tells little

_STRANGERS = f"""
WITH had AS (
    SELECT start_key AS record, list(end_key) AS keys FROM shadow_has WHERE starts_with(start_key, 'crm_contacts:')
    GROUP BY record
), has AS (
    SELECT record, list(kind || ':' || value) AS keys FROM holding
    WHERE kind IN ('phone', 'email', 'address') AND starts_with(record, 'crm_contacts:') GROUP BY record
)
SELECT record, r.given, r.surname FROM had JOIN has USING (record) JOIN record r USING (record)
WHERE least(length(had.keys), length(has.keys)) >= {_FEWEST} AND NOT list_has_any(had.keys, has.keys)
ORDER BY record
"""  # noqa: S608  (a constant)


def find_replaced(con: Connection, graph: Graph) -> tuple[int, int]:
    """Fill REPLACED_RECORD from holding, record and the shadow, which must be true; how many, of how many contacts."""
    REPLACED_RECORD.create(con)
    now = {record: {given, surname} - {None} for record, given, surname in con.execute(_STRANGERS).fetchall()}
    if now:
        for row in graph.read("read/record_names", records=sorted(now)):
            before = {row["given"], row["surname"]} - {None}
            if before and (names := now[row["record"]]) and before.isdisjoint(names):
                REPLACED_RECORD.append(con, [(row["record"],)])
    ((contacts,),) = con.execute("SELECT count(*) FROM record WHERE feed = 'crm_contacts'").fetchall()
    return REPLACED_RECORD.check(con), contacts
