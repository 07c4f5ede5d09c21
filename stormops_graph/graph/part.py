"""A part of the graph: what differs where households changed and no feed was read, found among their records alone.

Invariant: `remember` before households are worked out anew and `in_part` after. What is compared there is all that can
differ, so that writing it leaves the graph as `load` would. A household is in the part with all records that it has or
had, and with the households of those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from stormops_graph.graph.evidence import choose_evidence
from stormops_graph.graph.kinds import Kind, sql
from stormops_graph.graph.periods import date_memberships
from stormops_graph.graph.wanted import check_wanted, ensure_optional, hold_identifiers, want
from stormops_graph.tables import CONVERSION_STORM, LAST_MEMBERSHIP, MEMBERSHIP, RESIDENCE, TOUCH_STORM, Connection

_REMEMBERED = (MEMBERSHIP, RESIDENCE, TOUCH_STORM, CONVERSION_STORM)
_BEFORE = 'CREATE OR REPLACE TEMP TABLE "{name}_before" AS FROM "{name}"'
_HELD = """
CREATE OR REPLACE TEMP TABLE held_by AS
SELECT record, person, household FROM membership UNION SELECT record, person, household FROM last_membership
"""
_CHANGED = """
CREATE OR REPLACE TEMP TABLE stirred_record AS
WITH changed AS ((FROM membership EXCEPT FROM membership_before) UNION (FROM membership_before EXCEPT FROM membership)),
moved AS ((FROM residence EXCEPT FROM residence_before) UNION (FROM residence_before EXCEPT FROM residence)),
placed AS ((FROM touch_storm EXCEPT FROM touch_storm_before) UNION (FROM touch_storm_before EXCEPT FROM touch_storm)),
ended AS (
    (FROM conversion_storm EXCEPT FROM conversion_storm_before)
    UNION (FROM conversion_storm_before EXCEPT FROM conversion_storm)
)
SELECT record FROM changed
UNION SELECT record FROM held_by SEMI JOIN moved USING (household)
UNION SELECT record FROM touch SEMI JOIN placed USING (touch_id)
UNION SELECT record FROM conversion SEMI JOIN ended USING (conversion_id)
"""
_WIDER = """
CREATE OR REPLACE TEMP TABLE stirred_record AS
SELECT DISTINCT record FROM held_by
WHERE household IN (SELECT household FROM held_by SEMI JOIN stirred_record USING (record))
   OR person IN (SELECT person FROM held_by SEMI JOIN stirred_record USING (record) WHERE person IS NOT NULL)
"""
# The evidence that a record shows is chosen among all of its own; which of it spans, among its household's.
_NEAR = """
CREATE OR REPLACE TEMP TABLE near_record AS
WITH tied AS (
    FROM stirred_record
    UNION SELECT right_id FROM pair WHERE left_id IN (FROM stirred_record)
    UNION SELECT left_id FROM pair WHERE right_id IN (FROM stirred_record)
)
FROM tied
UNION SELECT record FROM membership SEMI JOIN (SELECT household FROM membership SEMI JOIN tied USING (record))
    USING (household)
"""
# Stage table → its rows that the part is made of; MEMBERSHIP is narrowed once identifiers and evidence are known.
_NARROW = {
    "record": "record SEMI JOIN near_record USING (record)",
    "touch": "touch SEMI JOIN stirred_record USING (record)",
    "conversion": "conversion SEMI JOIN stirred_record USING (record)",
    "holding": "holding SEMI JOIN (FROM holding SEMI JOIN stirred_record USING (record)) USING (kind, value)",
    "pair": "pair WHERE left_id IN (FROM near_record) OR right_id IN (FROM near_record)",
    "residence": "residence SEMI JOIN held_by_stirred USING (household)",
}
_OWN = {"membership": "membership SEMI JOIN stirred_record USING (record)"}
# Kind → which of what the graph holds is in the part; a kind that is not here cannot change.
_HERE = {
    **dict.fromkeys(
        ("phone", "email", "address", "cookie"), "key IN (SELECT kind || ':' || value FROM part.main.holding)"
    ),
    "touch": "key IN (SELECT touch_id FROM part.main.touch)",
    "conversion": "key IN (SELECT conversion_id FROM part.main.conversion)",
    "touch_by": "end_key IN (FROM stirred_record)",
    "conversion_by": "end_key IN (FROM stirred_record)",
    "matches": "start_key IN (FROM stirred_record) OR end_key IN (FROM stirred_record)",
    "household": "key IN (SELECT household FROM held_by_stirred)",
    "person": "key IN (SELECT person FROM held_by_stirred)",
    "resolves_to_person": "start_key IN (FROM stirred_record)",
    "resolves_to_household": "start_key IN (FROM stirred_record)",
    "member_of": "start_key IN (SELECT person FROM held_by_stirred)",
    "lives_at": "start_key IN (SELECT household FROM held_by_stirred)",
    **dict.fromkeys(
        ("household_merged_into", "household_split_from", "person_merged_into", "person_split_from"), "true"
    ),
}
_TABLES = "SELECT current_database(), list(table_name) FROM duckdb_tables() WHERE database_name = current_database()"
_SHADOW = 'CREATE TABLE part.main.shadow_{name} AS FROM "{workspace}".main.shadow_{name} WHERE {here}'
_HOMES_STAY = "CREATE OR REPLACE TEMP TABLE difference_property (key VARCHAR)"
_NOT_HERE = (
    "DELETE FROM shown_evidence WHERE NOT (left_id IN (FROM stirred_record) OR right_id IN (FROM stirred_record))"
)


def concerned(kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """The kinds of which something can change."""
    return tuple(kind for kind in kinds if kind.name in _HERE)


def remember(con: Connection) -> None:
    """Keep what households are before they are worked out anew."""
    for table in _REMEMBERED:
        table.ensure(con)
        con.execute(_BEFORE.replace("{name}", table.name))


@contextmanager
def in_part(con: Connection, kinds: tuple[Kind, ...]) -> Iterator[None]:
    """Let the stage tables and shadows be those of the part, with `wanted_<kind>` filled for it.

    The shadow of the workspace must be true; what is created inside is dropped at the end.
    """
    ensure_optional(con)
    _stir(con)
    workspace, tables = con.execute(_TABLES).fetchall()[0]
    con.execute("ATTACH ':memory:' AS part")
    try:
        for name in tables:
            if name not in _NARROW and not name.startswith("shadow_"):
                con.execute(f'CREATE VIEW part.main."{name}" AS FROM "{workspace}".main."{name}"')
        for name, rows in _NARROW.items():
            con.execute(f"CREATE TABLE part.main.{name} AS SELECT {name}.* FROM {rows}")  # noqa: S608  (constants)
        for kind in kinds:
            con.execute(sql(kind, _SHADOW).replace("{workspace}", workspace).replace("{here}", _HERE[kind.name]))
        con.execute("USE part")
        _want(con, kinds, workspace)
        yield
    finally:
        con.execute(f'USE "{workspace}"')
        con.execute("DETACH part")


def _stir(con: Connection) -> None:
    """Fill stirred_record, near_record and whom the stirred records belong or belonged to."""
    LAST_MEMBERSHIP.ensure(con)
    con.execute(_HELD)
    con.execute(_CHANGED)
    size = -1
    while size != (wider := con.execute("SELECT count(*) FROM stirred_record").fetchall()[0][0]):
        size = wider
        con.execute(_WIDER)
    con.execute(_NEAR)
    con.execute("CREATE OR REPLACE TEMP TABLE held_by_stirred AS FROM held_by SEMI JOIN stirred_record USING (record)")


def _want(con: Connection, kinds: tuple[Kind, ...], workspace: str) -> None:
    hold_identifiers(con)
    choose_evidence(con)
    con.execute(_NOT_HERE)
    for name, rows in _OWN.items():
        con.execute(f"DROP VIEW {name}")
        con.execute(f'CREATE TABLE {name} AS FROM (FROM "{workspace}".main.{rows})')
    date_memberships(con)
    con.execute(_HOMES_STAY)
    for kind in kinds:
        want(con, kind)
        check_wanted(con, kind)
