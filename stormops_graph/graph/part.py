"""A part of the graph: what differs because of some records, found among these alone.

Invariant: REACHED holds the records of all households and persons that changed, with those that they had. What is
compared in the part is all that can differ of its kinds, so that writing it leaves the graph as comparing all would.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from stormops_graph.graph.evidence import choose_evidence
from stormops_graph.graph.kinds import Kind, sql
from stormops_graph.graph.periods import date_memberships
from stormops_graph.graph.wanted import count_identifiers, ensure_optional, want_all
from stormops_graph.tables import LAST_MEMBERSHIP, REACHED, Connection

# Whom the records in the part belong or belonged to.
_HELD_BY = """
CREATE OR REPLACE TEMP TABLE held_by_reached AS
SELECT record, person, household FROM membership SEMI JOIN reached USING (record)
UNION SELECT record, person, household FROM last_membership SEMI JOIN reached USING (record)
"""
# The evidence that a record shows is chosen among all of its own; which of it spans, among its household's. So of
# whoever is near all pairs are there, with their other ends.
_NEAR = """
CREATE OR REPLACE TEMP TABLE near_record AS
WITH tied AS (
    FROM reached
    UNION SELECT right_id FROM pair SEMI JOIN reached ON left_id = record
    UNION SELECT left_id FROM pair SEMI JOIN reached ON right_id = record
)
FROM tied
UNION SELECT record FROM membership SEMI JOIN (SELECT household FROM membership SEMI JOIN tied USING (record))
    USING (household)
"""
# By one end after the other: to ask for both at once costs twice as much.
_PAIRS = """
CREATE OR REPLACE TEMP TABLE near_pair AS
SELECT p.rowid AS row FROM pair p SEMI JOIN near_record ON left_id = record
UNION SELECT p.rowid FROM pair p SEMI JOIN near_record ON right_id = record
"""
# What the records in the part hold or held, and what is shared otherwise than it was.
_IDENTIFIERS = """
CREATE OR REPLACE TEMP TABLE part_identifier AS
WITH told AS (
    SELECT kind, value FROM holding SEMI JOIN reached USING (record)
    WHERE kind IN ('phone', 'email', 'address', 'cookie')
    UNION SELECT split_part(end_key, ':', 1), substr(end_key, strpos(end_key, ':') + 1)
    FROM shadow_has WHERE start_key IN (FROM reached)
    UNION SELECT kind, value FROM stirred_identifier
)
SELECT kind || ':' || value AS key, kind, value FROM told
"""
# Stage table → its rows that the part is made of; MEMBERSHIP is narrowed once identifiers and evidence are known.
_NARROW = {
    "touch": "touch SEMI JOIN reached USING (record)",
    "conversion": "conversion SEMI JOIN reached USING (record)",
    "holding": "holding SEMI JOIN part_identifier USING (kind, value)",
    "candidate": "candidate SEMI JOIN reached USING (record)",
    "bridged": "bridged SEMI JOIN reached USING (record)",
    "pair": "pair SEMI JOIN near_pair ON pair.rowid = near_pair.row",
    "record": "record WHERE record IN (FROM near_record UNION SELECT unnest([left_id, right_id]) FROM part.main.pair)",
    "residence": "residence SEMI JOIN held_by_reached USING (household)",
}
_OWN = {name: f"{name} SEMI JOIN reached USING (record)" for name in ("membership", "record", "holding")}
_TRACES = """
key IN (
    SELECT {kind}_id FROM part.main.{kind}
    UNION ALL SELECT start_key FROM shadow_{kind}_by WHERE end_key IN (FROM reached))
"""
_MATCHES = """
rowid IN (
    SELECT m.rowid FROM shadow_matches m SEMI JOIN reached ON start_key = record
    UNION ALL SELECT m.rowid FROM shadow_matches m SEMI JOIN reached ON end_key = record)
"""
# Kind → which of what the graph holds is in the part; the other kinds are few, or homes, and are compared as they are.
_HERE = {
    **dict.fromkeys(("phone", "email", "address", "cookie"), "key IN (SELECT key FROM part_identifier)"),
    "record": "key IN (FROM reached)",
    "has": "start_key IN (FROM reached)",
    "at": "start_key IN (SELECT key FROM part_identifier)",
    "candidate": "start_key IN (FROM reached)",
    "touch": _TRACES.replace("{kind}", "touch"),
    "conversion": _TRACES.replace("{kind}", "conversion"),
    "touch_by": "end_key IN (FROM reached)",
    "conversion_by": "end_key IN (FROM reached)",
    "matches": _MATCHES,
    "household": "key IN (SELECT household FROM held_by_reached)",
    "person": "key IN (SELECT person FROM held_by_reached)",
    "resolves_to_person": "start_key IN (FROM reached)",
    "resolves_to_household": "start_key IN (FROM reached)",
    "member_of": "start_key IN (SELECT person FROM held_by_reached)",
    "lives_at": "start_key IN (SELECT household FROM held_by_reached)",
    **dict.fromkeys(
        ("household_merged_into", "household_split_from", "person_merged_into", "person_split_from"), "true"
    ),
}
_SHADOW = "CREATE TABLE part.main.shadow_{name} AS FROM shadow_{name} WHERE {here}"
_NOT_HERE = "DELETE FROM shown_evidence WHERE NOT (left_id IN (FROM reached) OR right_id IN (FROM reached))"


def concerned(kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """The kinds that a part has."""
    return tuple(kind for kind in kinds if kind.name in _HERE)


@contextmanager
def in_part(con: Connection, kinds: tuple[Kind, ...]) -> Iterator[None]:
    """Let the stage tables and shadows be those of the part of REACHED and `stirred_identifier`, with `wanted_<kind>`
    filled for it.

    The shadow of the workspace must be true; what is created inside is dropped at the end.
    """
    ensure_optional(con)
    for table in (LAST_MEMBERSHIP, REACHED):
        table.ensure(con)
    for step in (_HELD_BY, _NEAR, _PAIRS, _IDENTIFIERS):
        con.execute(step)
    workspace = con.execute("SELECT current_database()").fetchall()[0][0]
    con.execute("ATTACH ':memory:' AS part")
    try:
        for name, rows in _NARROW.items():
            con.execute(f"CREATE TABLE part.main.{name} AS SELECT {name}.* FROM {rows}")  # noqa: S608  (constants)
        for kind in kinds:
            con.execute(sql(kind, _SHADOW).replace("{here}", _HERE[kind.name]))
        con.execute(f"""SET search_path = 'part.main,"{workspace}".main'""")  # what is not narrowed is the workspace's
        _want(con, kinds, workspace)
        yield
    finally:
        con.execute(f'USE "{workspace}"')
        con.execute("DETACH part")


def _want(con: Connection, kinds: tuple[Kind, ...], workspace: str) -> None:
    count_identifiers(con)
    choose_evidence(con)
    con.execute(_NOT_HERE)
    for name, rows in _OWN.items():
        con.execute(f'CREATE OR REPLACE TABLE {name} AS FROM (FROM "{workspace}".main.{rows})')
    date_memberships(con)
    want_all(con, kinds)
