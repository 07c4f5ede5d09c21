"""The neighbourhood of changed verdicts: a workspace of the records that these concern (REACHED) and of nothing else,
for working out anew what becomes of them.

Invariant: with what came of them taken over, the workspace is what it would be had all been worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from stormops_graph.cluster.settlement import KEPT, SETTLED_BINDING, SETTLED_MEMBER
from stormops_graph.journeys.storms import place_storms
from stormops_graph.pipeline.planning import plan_journeys
from stormops_graph.tables import BINDING, Connection

_OF_RECORDS = ("record", "holding", "record_home", "candidate", "leftover", "touch", "conversion", "membership")
_OF_HOUSEHOLDS = "household IN (SELECT household FROM last_membership)"
_OF_TOUCHES = "touch_id IN (SELECT touch_id FROM touch SEMI JOIN reached USING (record))"
_OF_CONVERSIONS = "conversion_id IN (SELECT conversion_id FROM conversion SEMI JOIN reached USING (record))"
# Table → its rows that households are worked out from, and those that say what was made of them. No evidence, home or
# verdict leads out of these records.
_NARROW = {
    **{name: f"{name} SEMI JOIN reached USING (record)" for name in _OF_RECORDS},
    "profile": "profile WHERE unique_id IN (FROM reached)",
    "pair_kind": "pair_kind WHERE left_id IN (FROM reached) AND right_id IN (FROM reached)",
    "residence": f"residence WHERE {_OF_HOUSEHOLDS}",
    "touch_storm": f"touch_storm WHERE {_OF_TOUCHES}",
    "conversion_storm": f"conversion_storm WHERE {_OF_CONVERSIONS}",
}
_WHOLE = ("property", "storm", "used_id", "ended_id", "last_membership")  # the last is of REACHED alone already
_BEFORE = f"""
CREATE OR REPLACE TEMP TABLE settled_before AS
SELECT DISTINCT component FROM {SETTLED_MEMBER.name} SEMI JOIN reached USING (record)
"""  # noqa: S608  (a constant)
# Table → which of its rows were there of the neighbourhood before; journeys come last, with their touches first.
_REPLACED = {
    "membership": "record IN (FROM reached)",
    "person": "person IN (SELECT person FROM last_membership)",
    "residence": _OF_HOUSEHOLDS,
    "identity": "id IN (SELECT unnest([person, household]) FROM last_membership)",
    "lineage": "true",
    "touch_storm": _OF_TOUCHES,
    "conversion_storm": _OF_CONVERSIONS,
    **{table.name: "component IN (FROM settled_before)" for table in KEPT},
    SETTLED_BINDING.name: "true",
}
_OF_JOURNEYS = {
    "journey_touch": "journey_id IN (SELECT journey_id FROM journey SEMI JOIN last_membership USING (household))",
    "journey": _OF_HOUSEHOLDS,
}


@contextmanager
def neighbourhood(con: Connection, bound: Sequence[tuple[str, str, str, str]]) -> Iterator[None]:
    """Let the tables be those of REACHED alone, with BINDING as `bound`; what is made there stays until the next."""
    workspace = con.execute("SELECT current_database()").fetchall()[0][0]
    con.execute("DETACH DATABASE IF EXISTS neighbourhood")
    con.execute("ATTACH ':memory:' AS neighbourhood")
    try:
        for name, rows in _NARROW.items():
            con.execute(f"CREATE TABLE neighbourhood.main.{name} AS SELECT {name}.* FROM {rows}")  # noqa: S608  (constants)
        for name in _WHOLE:
            con.execute(f'CREATE VIEW neighbourhood.main.{name} AS FROM "{workspace}".main.{name}')
        con.execute("USE neighbourhood")
        BINDING.create(con)
        BINDING.append(con, bound)
        yield
    finally:
        con.execute(f'USE "{workspace}"')


def follow(con: Connection, *, journeys: bool) -> None:
    """Work out what follows from the neighbourhood's households, with `journeys` these as well."""
    place_storms(con)
    if journeys:
        plan_journeys(con)


def take_over(con: Connection, *, journeys: bool) -> None:
    """Let the workspace have what was made in the neighbourhood."""
    con.execute(_BEFORE)
    for name, before in (_REPLACED | (_OF_JOURNEYS if journeys else {})).items():
        con.execute(f"DELETE FROM {name} WHERE {before}")  # noqa: S608  (constants)
        con.execute(f"INSERT INTO {name} FROM neighbourhood.main.{name}")
