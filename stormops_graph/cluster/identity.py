"""Ids that last: a group keeps the id that most of its old members had.

An old id goes to the group with the most of the old members still there, of equal parts to that with the smallest
record; a group that several ids go to keeps the one that most of its members had, of equals that of the smallest
record. So what falls apart and comes together again has the id that it had. What got no id is born with a UUIDv5 of
its smallest record key and a generation, so that no id is ever used twice. Old ids that ended point to where their
members went.

An id that ended lives again in the group that has the record that it was born of, if that keeps no other. Else it stays
merged into where its members went; one whose records had all gone is merged into the id of that group.

A contact whose id is somebody else's now (REPLACED_RECORD) takes no id along and brings none back.
"""

from __future__ import annotations

import uuid

from stormops_graph.tables import LAST_MEMBERSHIP, USED_ID, Connection, Table

GROUPED = Table(
    "grouped",  # the records of each household or person, whatever it is called: by component and number in it
    {
        "component": "UHUGEINT",
        "number": "BIGINT",
        "record": "VARCHAR",
        "dated": "BOOLEAN",  # belongs there for a time: only such a record may be in several
    },
)

# A record with two homes one after the other names the smaller, which may have no other record.
_LAST = """
CREATE OR REPLACE TEMP TABLE named_before AS
WITH last AS (
    SELECT record, {level} FROM {last} SEMI JOIN grouped USING (record) ANTI JOIN replaced_record USING (record)
    WHERE {level} IS NOT NULL
),
twice AS (SELECT record FROM last GROUP BY record HAVING count(*) > 1), smaller AS (
    SELECT t.record, {level}, count(*) AS members
    FROM (SELECT DISTINCT record, {level} FROM last SEMI JOIN twice USING (record)) t
    JOIN {last} USING ({level}) GROUP BY ALL
)
SELECT record, {level} AS old FROM last ANTI JOIN twice USING (record)
UNION ALL
SELECT record, arg_min({level}, (members, {level})) FROM smaller GROUP BY record
"""
_OVERLAP = """
CREATE OR REPLACE TEMP TABLE overlap AS
SELECT component, number, old, count(*) AS shared, min(record) AS first
FROM grouped JOIN named_before USING (record) GROUP BY component, number, old
"""
_KEPT = """
CREATE OR REPLACE TEMP TABLE named_still AS
SELECT best.component, best.number, arg_min(old, (-best.shared, best.first, old)) AS id
FROM (
    SELECT old, arg_min(struct_pack(component, number, shared, first), (-shared, first)) AS best
    FROM overlap GROUP BY old
)
GROUP BY best.component, best.number
"""
# Ended ids that were born of a record here. One that was merged into no other is lost while nobody has that record.
_ENDED = """
CREATE OR REPLACE TEMP TABLE ended AS
WITH born AS MATERIALIZED (
    FROM {used} SEMI JOIN grouped ON record = birth_key ANTI JOIN replaced_record ON replaced_record.record = birth_key
    WHERE level = $level
)
SELECT id, birth_key, generation, NOT merged AND birth_key NOT IN (SELECT record FROM named_before) AS lost
FROM born JOIN ended_id USING (level, id)
"""
# A record that moved is in several groups, and several ids may be born of it: each has its own, as it was born.
_BIRTHPLACE = """
CREATE OR REPLACE TEMP TABLE birthplace AS
WITH here AS (SELECT component, number, record FROM grouped SEMI JOIN ended ON record = birth_key), birth AS (
    SELECT component, number, min(record) AS first
    FROM grouped SEMI JOIN here USING (component, number) GROUP BY component, number
)
SELECT component, number, record AS birth_key, named_still.id IS NULL AS free,
       row_number() OVER (
           PARTITION BY record, free ORDER BY record <> first, component DESC, number DESC) AS place
FROM here JOIN birth USING (component, number) LEFT JOIN named_still USING (component, number)
"""
_TAKEN_AGAIN = """
INSERT INTO named_still
WITH called AS (
    SELECT id, birth_key, row_number() OVER (PARTITION BY birth_key ORDER BY generation DESC) AS place FROM ended
)
SELECT component, number, arg_min(id, birth_key)
FROM called JOIN birthplace USING (birth_key, place) WHERE free GROUP BY component, number
"""
# UUIDv5 (RFC 9562): the first 16 bytes of the SHA-1 of namespace and name, with version and variant set, as one number.
_BORN_AS = """
CREATE OR REPLACE TEMP MACRO born_as(namespace, level, birth_key, generation) AS (
    ('0x' || left(sha1(from_hex(namespace) || encode(level || ':' || birth_key || ':' || generation)), 32))::UHUGEINT
    & '0xffffffffffff0fff3fffffffffffffff'::UHUGEINT | '0x00000000000050008000000000000000'::UHUGEINT
)::UUID::VARCHAR
"""
# Of an erased record an id may be in use that does not say any more what it was born of.
_BORN = """
CREATE OR REPLACE TEMP TABLE named AS
WITH used AS (SELECT * FROM {used} WHERE level = $level),
birth AS (
    SELECT component, number, min(record) AS birth_key, bool_or(dated) AS dated FROM grouped GROUP BY component, number
),
before AS (SELECT birth_key, count(*) AS births FROM used SEMI JOIN birth USING (birth_key) GROUP BY birth_key),
known AS (FROM named_still JOIN used USING (id)),
nameless AS (
    SELECT birth.*, k.id AS kept, coalesce(births, 0) AS births
    FROM (FROM birth ANTI JOIN known USING (component, number)) birth
    LEFT JOIN named_still k USING (component, number) LEFT JOIN before USING (birth_key)
), twin AS (  -- born of one record
    SELECT component, number, row_number() OVER (PARTITION BY birth_key ORDER BY component, number) - 1 AS place
    FROM nameless WHERE dated
), new AS (
    SELECT component, number, birth_key, kept, births + coalesce(place, 0) AS generation
    FROM nameless LEFT JOIN twin USING (component, number)
),
called AS MATERIALIZED (SELECT *, coalesce(kept, born_as($namespace, $level, birth_key, generation)) AS id FROM new),
born AS (
    SELECT called.*, twice.id IS NOT NULL AS taken
    FROM called LEFT JOIN (SELECT id FROM used_id SEMI JOIN called USING (id) WHERE level = $level) twice USING (id)
)
SELECT component, number, birth_key, CASE WHEN taken THEN generation + 1000000 ELSE generation END AS generation,
       CASE WHEN taken THEN born_as($namespace, $level, birth_key, generation + 1000000) ELSE id END AS id
FROM born
UNION ALL
SELECT component, number, birth_key, generation, id FROM known
"""
_LINEAGE = """
INSERT INTO lineage
WITH lost AS (
    SELECT ended.id, unnest(arg_min(struct_pack(component, number), (place, free)))
    FROM ended JOIN birthplace USING (birth_key) WHERE lost AND ended.id NOT IN (SELECT id FROM named) GROUP BY ended.id
), went AS (
    SELECT DISTINCT old, id AS new FROM overlap JOIN named USING (component, number) WHERE old <> id
    UNION SELECT lost.id, named.id FROM lost JOIN named USING (component, number)
)
SELECT $level, old, new, CASE WHEN count(*) OVER (PARTITION BY old) = 1 AND old NOT IN (SELECT id FROM named)
                              THEN 'merged' ELSE 'split' END
FROM went ORDER BY old, new
"""
_IDENTITY = "INSERT INTO identity SELECT $level, id, birth_key, generation FROM named"


def name_groups(
    con: Connection, level: str, namespace: uuid.UUID, last: str = LAST_MEMBERSHIP.name, used: str = USED_ID.name
) -> None:
    """Read grouped, last_membership, used_id, ended_id, replaced_record; write `named`, (component, number) → id, and
    add to lineage and identity. `level` is household or person; tables `last` and `used` have at least all rows that
    concern the groups: of old ids that any of their records had, and of ids born of their records.
    """
    con.execute(_LAST.format(level=level, last=last))
    con.execute(_OVERLAP)
    con.execute(_KEPT)
    con.execute(_ENDED.format(used=used), {"level": level})
    con.execute(_BIRTHPLACE)
    con.execute(_TAKEN_AGAIN)
    con.execute(_BORN_AS)
    con.execute(_BORN.format(used=used), {"level": level, "namespace": namespace.hex})
    con.execute(_LINEAGE, {"level": level})
    con.execute(_IDENTITY, {"level": level})
