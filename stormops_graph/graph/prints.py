"""Prints of records, kept from load to load: a hash of all that the graph says because of a record. Whose print is what
it was need not be looked at again.

Invariant: the stage tables differ from those of the last load only where REACHED is: records whose print is another,
those of homes that differ, those who hold what strangers are no longer or newly said to share with nobody, and all who
are or were of one household or person with any of these. Which identifiers are shared differently is in
`stirred_identifier` besides. Prints are kept for the run that the shadow is kept for.
"""

from __future__ import annotations

from stormops_graph.tables import LAST_MEMBERSHIP, REACHED, Connection, Table

RECORD_PRINT = Table("record_print", {"record": "VARCHAR", "print": "HUGEINT"})
SHARED_PRINT = Table(
    "shared_print", {"kind": "VARCHAR", "value": "VARCHAR", "is_placeholder": "BOOLEAN", "print": "UBIGINT"}
)
PRINTED_OF = Table("printed_of", {"run": "VARCHAR"})
MOST = 0.25
"""The share of records from which on to look at all of them costs less."""

# What a row says; of a pair to both of its ends, of a household and a person to all of its records.
_SAID = """
SELECT record, hash(feed, given, surname, suffix, zip5, first_seen, last_seen, 1) AS said FROM record
UNION ALL SELECT record, hash(kind, value, via, first_seen, last_seen, 2) FROM holding
UNION ALL SELECT record, hash(property_id, probability, 3)
FROM holding JOIN address_home ON kind = 'address' AND value = address_key
UNION ALL SELECT record, hash(touch_id, channel, play_id, s.event_id, rep_id, zip5, "at", 4)
FROM touch LEFT JOIN touch_storm s USING (touch_id)
UNION ALL SELECT record, hash(conversion_id, kind, value, s.event_id, zip5, "at", 5)
FROM conversion LEFT JOIN conversion_storm s USING (conversion_id)
UNION ALL SELECT record, hash(person, household, confidence, valid_from, valid_to, 6) FROM membership
UNION ALL SELECT record, hash(household, r.property_id, r.valid_from, r.valid_to, 7)
FROM membership JOIN residence r USING (household)
UNION ALL SELECT record, hash(person, p.given, p.surname, p.suffix, 8) FROM membership JOIN person p USING (person)
UNION ALL SELECT record, hash(property_id, probability, 9) FROM candidate
UNION ALL SELECT record, hash(property_id, probability, 11) FROM bridged
UNION ALL SELECT unnest([left_id, right_id]), hash(left_id, right_id, level, probability, weight, evidence, model, 10)
FROM pair
"""
# Sums, so that no order shows; hashed once more, as the last column's hash comes into the others' unmixed.
_PRINTED = f"""
CREATE OR REPLACE TEMP TABLE record_printed AS
SELECT record, sum(hash(said)::HUGEINT) AS print FROM ({_SAID}) GROUP BY record
"""  # noqa: S608  (a constant)
_SHARED = """
CREATE OR REPLACE TEMP TABLE shared_printed AS
SELECT kind, value, bool_or(reason = 'placeholder') AS is_placeholder,
       hash(max(distinct_people), min(reason), any_value(since)) AS print
FROM shared_identifier LEFT JOIN shared_since USING (kind, value) GROUP BY kind, value
"""
_STIRRED_IDENTIFIERS = """
CREATE OR REPLACE TEMP TABLE stirred_identifier AS
SELECT kind, value, coalesce(now.is_placeholder, false) <> coalesce(was.is_placeholder, false) AS holders_stir
FROM shared_printed now FULL JOIN shared_print was USING (kind, value) WHERE now.print IS DISTINCT FROM was.print
"""
_NOBODY = "CREATE OR REPLACE TEMP TABLE stirred_identifier (kind VARCHAR, value VARCHAR, holders_stir BOOLEAN)"
_STIRRED = """
INSERT INTO reached
SELECT record FROM record_printed now FULL JOIN record_print was USING (record)
WHERE now.print IS DISTINCT FROM was.print
UNION SELECT record FROM membership JOIN residence USING (household)
WHERE residence.property_id IN (SELECT key FROM difference_property)
UNION SELECT record FROM (FROM candidate UNION ALL FROM bridged)
WHERE property_id IN (SELECT key FROM difference_property)
UNION SELECT record FROM holding SEMI JOIN (FROM stirred_identifier WHERE holders_stir) USING (kind, value)
"""
_WIDER = """
INSERT INTO reached
WITH held_by AS (
    SELECT record, person, household FROM membership UNION ALL SELECT record, person, household FROM last_membership
), known AS (SELECT DISTINCT person, household FROM held_by SEMI JOIN reached USING (record))
FROM (
    SELECT record FROM held_by SEMI JOIN known USING (household)
    UNION SELECT record FROM held_by SEMI JOIN known USING (person)
) ANTI JOIN reached USING (record)
"""
_HOMES_STAY = "CREATE OR REPLACE TEMP TABLE difference_property (key VARCHAR)"


def print_records(con: Connection) -> None:
    """Work out the prints of the stage tables as they are."""
    for step in (_PRINTED, _SHARED):
        con.execute(step)


def find_stirred(con: Connection, run: str) -> bool:
    """Fill REACHED and `stirred_identifier`, where prints were kept for `run` and what differs is a part; whether so.

    `difference_property` is filled before.
    """
    for table in (PRINTED_OF, RECORD_PRINT, SHARED_PRINT, LAST_MEMBERSHIP):
        table.ensure(con)
    if con.table(PRINTED_OF.name).fetchall() != [(run,)]:
        return False
    con.execute(_STIRRED_IDENTIFIERS)
    REACHED.create(con)
    con.execute(_STIRRED)
    size, most = -1, MOST * RECORD_PRINT.check(con)
    while size != (wider := REACHED.check(con)):
        if (size := wider) > most:
            return False
        con.execute(_WIDER)
    return True


def stir_reached(con: Connection) -> None:
    """Let all that differs be REACHED, as it was filled elsewhere; the next load looks at these records again."""
    con.execute(_NOBODY)
    con.execute(_HOMES_STAY)
    RECORD_PRINT.ensure(con)
    con.execute("DELETE FROM record_print WHERE record IN (FROM reached)")


def keep(con: Connection, run: str) -> None:
    """Keep what `print_records` found: the graph has said it since `run`."""
    for table in (PRINTED_OF, RECORD_PRINT, SHARED_PRINT):
        table.create(con)
    con.execute("INSERT INTO record_print FROM record_printed")
    con.execute("INSERT INTO shared_print FROM shared_printed")
    PRINTED_OF.append(con, [(run,)])


def pass_on(con: Connection, before: str, run: str) -> None:
    """Let what was kept for one run be kept for the run after it."""
    PRINTED_OF.ensure(con)
    con.execute("UPDATE printed_of SET run = $run WHERE run = $before", {"run": run, "before": before})
