"""The tables that other stages read: what is settled, under ids that last.

Invariant: ids are given anew only to a component that is new, or in which somebody belongs to a household for a time.
Everywhere else the last run's rows stand, as long as the last membership is what that run said. Components share no
ids, so this gives the same result as naming all of them.
"""

from __future__ import annotations

import uuid
from typing import NamedTuple

from stormops_graph.carryover import renewed
from stormops_graph.cluster.identity import name_groups
from stormops_graph.cluster.settlement import SETTLED_MEMBER
from stormops_graph.tables import (
    IDENTITY,
    LAST_MEMBERSHIP,
    LINEAGE,
    MEMBERSHIP,
    PERSON,
    RESIDENCE,
    USED_ID,
    Connection,
)

_STANDING = (MEMBERSHIP, RESIDENCE, PERSON, IDENTITY)
# A record of two households names the one or the other: such components are named in every run.
_DUE = """
CREATE OR REPLACE TEMP TABLE named_due AS
SELECT component FROM unsettled
UNION SELECT component FROM settled_member WHERE valid_from IS NOT NULL OR valid_to IS NOT NULL
"""
_RENAMED = (
    "CREATE OR REPLACE TEMP TABLE settled_due AS FROM settled_member SEMI JOIN named_due USING (component)",
    "CREATE OR REPLACE TEMP TABLE renamed AS SELECT record FROM settled_left UNION SELECT record FROM settled_due",
    "CREATE OR REPLACE TEMP TABLE member_due AS"
    " SELECT rowid AS row, record, person, household FROM membership SEMI JOIN renamed USING (record)",
    "CREATE OR REPLACE TEMP TABLE last_due AS FROM last_membership SEMI JOIN renamed USING (record)",
)
# What has ever been born of a record that is due, and all ids that one of them had.
_USED = """
CREATE OR REPLACE TEMP TABLE used_due AS
FROM used_id SEMI JOIN renamed ON record = birth_key
UNION FROM used_id SEMI JOIN (SELECT unnest([person, household]) AS id FROM last_due) USING (id)
"""
# Whether all others are still who they were, and had their ids from nobody who is due. They have one row each: who has
# several is dated, and so is due. A row that both sides have cancels in the print.
_IS_LAST = """
WITH said AS (
    SELECT count(*) AS records, bit_xor({row}) AS print FROM membership
    UNION ALL SELECT -count(*), bit_xor({row}) FROM member_due
    UNION ALL SELECT -count(*), bit_xor({row}) FROM last_membership
    UNION ALL SELECT count(*), bit_xor({row}) FROM last_due
), shared AS (
    SELECT record FROM last_membership SEMI JOIN last_due USING (household)
    UNION ALL SELECT record FROM last_membership SEMI JOIN last_due USING (person)
)
SELECT sum(records) = 0 AND coalesce(bit_xor(print), 0) = 0
   AND NOT EXISTS (FROM shared ANTI JOIN renamed USING (record))
   AND NOT EXISTS (FROM (SELECT {born} FROM identity) ANTI JOIN (SELECT {born} FROM used_id) USING (born))
FROM said
""".replace("{row}", "hash(record, person, household)").replace(
    "{born}", "hash(level, id, birth_key, generation) AS born"
)
_LEFT = "CREATE OR REPLACE TEMP TABLE named_left AS SELECT {level} AS id FROM member_due"
_TAKEN_OUT = (
    _LEFT.format(level="household"),
    "DELETE FROM residence WHERE household IN (FROM named_left)",
    "DELETE FROM identity WHERE level = 'household' AND id IN (FROM named_left)",
    _LEFT.format(level="person"),
    "DELETE FROM person WHERE person IN (FROM named_left)",
    "DELETE FROM identity WHERE level = 'person' AND id IN (FROM named_left)",
    "DELETE FROM membership WHERE rowid IN (SELECT row FROM member_due)",
)
# Each record of a group once: who has several rows is dated.
_ONCE = """
SELECT component, {level} AS number, record, false AS dated FROM {settled}
WHERE {where} AND valid_from IS NULL AND valid_to IS NULL
UNION ALL
SELECT DISTINCT component, {level}, record, true FROM {settled}
WHERE {where} AND (valid_from IS NOT NULL OR valid_to IS NOT NULL)
"""
_GROUPED = "CREATE OR REPLACE TEMP TABLE grouped AS" + _ONCE
_LEVELS = {"household": "lasting", "person": "person IS NOT NULL"}
_NAMED = "CREATE OR REPLACE TEMP TABLE named_{level} AS SELECT component, number AS {level}, id FROM named"
_MEMBERSHIP = (
    """
CREATE OR REPLACE TEMP TABLE named_member AS
SELECT m.*, h.id AS household_id FROM {settled} m JOIN named_household h USING (component, household)
""",
    """
INSERT INTO membership
SELECT record, p.id, household_id, property_id, confidence, valid_from, valid_to
FROM named_member LEFT JOIN named_person p USING (component, person)
LEFT JOIN (SELECT DISTINCT property_id FROM property SEMI JOIN named_member ON home = property_id) ON property_id = home
""",
)
_RESIDENCE = """
INSERT INTO residence
SELECT id, home, valid_from, valid_to FROM settled_stay JOIN named_household USING (component, household)
WHERE home IN (SELECT property_id FROM property)
"""
_PERSON = """
INSERT INTO person
SELECT id, given, surname, suffix FROM settled_person JOIN named_person USING (component, person)
"""


class _Sources(NamedTuple):
    """Tables: what is settled of the components to be named, the last membership and used ids that concern them."""

    settled: str
    last: str
    used: str


def write_outcome(con: Connection, namespace: uuid.UUID) -> None:
    """Read the settled tables, unsettled, property, last_membership, used_id and ended_id; write the tables of the
    cluster stage.
    """
    with renewed(con, MEMBERSHIP.name, namespace) as known:
        sources = _leave_standing(con, known=known)
        LINEAGE.create(con)
        for level, where in _LEVELS.items():
            con.execute(_GROUPED.format(level=level, where=where, settled=sources.settled))
            name_groups(con, level, namespace, sources.last, sources.used)
            con.execute(_NAMED.format(level=level))
        for statement in (*_MEMBERSHIP, _RESIDENCE, _PERSON):
            con.execute(statement.format(settled=sources.settled))


def _leave_standing(con: Connection, *, known: bool) -> _Sources:
    """Take what was said of the components to be named, and of those that went, out of the tables, and tell where these
    components are; without what the last run said, all of them.
    """
    for table in _STANDING:
        table.ensure(con)
    if known:
        con.execute(_DUE)
        for statement in _RENAMED:
            con.execute(statement)
        if con.execute(_IS_LAST).fetchall() == [(True,)]:
            for statement in (*_TAKEN_OUT, _USED):
                con.execute(statement)
            return _Sources("settled_due", "last_due", "used_due")
    for table in _STANDING:
        table.create(con)
    return _Sources(SETTLED_MEMBER.name, LAST_MEMBERSHIP.name, USED_ID.name)
