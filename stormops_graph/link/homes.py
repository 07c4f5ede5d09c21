"""Which listed property an address means: the one with exactly these parts, else the best of a few that come near.

Every candidate gets points in bits (household.toml, [address]). Its probability is 2^points, divided by the sum of this
over all candidates and over "a home that is not listed". A home that reaches `place_at_least` is written to
`address_home`. How likely a home is not listed, and how likely a digit is wrong, is learnt from the run's addresses
(`numbers`): where the list is complete, an address that is not listed is most likely a slip.
"""

from __future__ import annotations

from contextlib import nullcontext

from stormops_graph.carryover import open_tables, renewed, tell_all, told
from stormops_graph.link.addresses import find_listed_twice, renewed_addresses, turn_to_all, write_slips
from stormops_graph.link.numbers import is_complete, number_points, unlisted_points
from stormops_graph.link.tenants import TENANTS, place_tenants
from stormops_graph.rules.ruleset import AddressRules
from stormops_graph.street_numbers import SLIPS
from stormops_graph.tables import ADDRESS_HOME, NO_HOME, RECORD_HOME, RECORD_NEWS, Connection, Table

_ADDRESS_POINTS = Table(  # of addresses that no home stands out for: who is found there may tell
    "address_points", {"address_key": "VARCHAR", "property_id": "VARCHAR", "points": "DOUBLE"}
)

_MACROS = r"""
CREATE OR REPLACE TEMP MACRO one_direction(a, p) AS a.whole = p.street OR a.street = p.whole;
-- Of candidates with points in bits, how probable the likeliest is; summed as whole numbers, so that no order shows.
CREATE OR REPLACE TEMP MACRO sureness(points, covered, unlisted, elsewhere) AS
    pow(2, max(points)) / (sum(round(pow(2, 40 + points))::HUGEINT) / pow(2, 40)
                           + pow(2, CASE WHEN any_value(covered) THEN unlisted ELSE elsewhere END));
CREATE OR REPLACE TEMP MACRO without_type(a, p) AS levenshtein(a.tail, p.street) <= 2 OR p.street LIKE a.long;
CREATE OR REPLACE TEMP MACRO like_name(a, p, at_least) AS
    jaro_winkler_similarity(a.street, p.street) >= at_least OR levenshtein(a.street, p.street) <= 1
    OR without_type(a, p);
-- Several slips in one word, of which at least half is right; a street that is numbered is another by one.
CREATE OR REPLACE TEMP MACRO half_right(a, p) AS
    levenshtein(a.street, p.street) <= least(3, greatest(length(a.street), length(p.street)) // 2)
    AND NOT regexp_matches(p.street, '[0-9]');
"""

# What an address means depends on its parts, the listed homes and the points alone: known ones keep their homes.
_LISTED_PRINT = """
SELECT count(*), bit_xor(hash(property_id, street_no, street_name, street_type, unit, zip5)),
       bit_xor(hash(zip5, unit, street_type, street_name, street_no, property_id))
FROM property ANTI JOIN listed_twice USING (property_id)
"""
# What an address means is its own business: so many at a time, however many homes come near them all together.
_BATCH = 200_000
_NEW = """
CREATE OR REPLACE TEMP TABLE link_address_new AS
SELECT *, concat_ws(' ', street_no, whole, street_type) IN $placeholders AS placeholder
FROM {changed} WHERE hash(address_key) % $batches = $batch
"""

# Ways to come near: the same number on a like street; the same street with a mistyped number; another ZIP or none; and
# both slips at once, where the street as written is not listed. Streets are compared once, not for each of their homes.
_LIKE = """
CREATE OR REPLACE TEMP TABLE link_street_like AS
WITH written AS (
    SELECT DISTINCT whole, street, tail, long, zip5 FROM link_address_new WHERE NOT known AND zip5 IS NOT NULL
)
SELECT a.whole, a.tail, p.whole AS meant, zip5
FROM written a JOIN (SELECT DISTINCT whole, street, zip5 FROM link_listed) p USING (zip5)
WHERE like_name(a, p, $similar) OR one_direction(a, p)
"""
_NEAR = """
CREATE OR REPLACE TEMP TABLE link_address_near AS
SELECT a.rowid AS address, p.rowid AS listed FROM link_address_new a JOIN link_listed p
  ON a.street_no = p.street_no AND a.zip5 = p.zip5
  AND (a.street = p.street OR like_name(a, p, $similar) OR half_right(a, p) OR one_direction(a, p))
UNION
SELECT a.rowid AS address, p.rowid AS listed FROM link_address_new a JOIN link_listed p
  ON a.street_no = p.street_no AND a.street = p.street AND a.zip5 IS DISTINCT FROM p.zip5
UNION
SELECT a.rowid AS address, p.rowid AS listed FROM link_address_new a JOIN link_listed p
  ON a.street_no = p.street_no AND a.whole = p.street AND a.whole <> a.street AND a.zip5 IS DISTINCT FROM p.zip5
UNION
SELECT a.rowid AS address, p.rowid AS listed FROM link_address_new a JOIN link_listed p
  ON a.street_no = p.street_no AND a.street = p.whole AND p.whole <> p.street AND a.zip5 IS DISTINCT FROM p.zip5
UNION
SELECT address, listed FROM (
    SELECT address, listed FROM link_address_slip a JOIN link_listed_slip p USING (mark)
    WHERE slip_of(a.street_no, p.street_no) IS NOT NULL
    UNION
    SELECT address, listed FROM link_address_slip a JOIN link_listed_slip p USING (loose)
    WHERE a.zip5 IS NULL AND slip_of(a.street_no, p.street_no) IS NOT NULL)
JOIN link_address_new a ON a.rowid = address JOIN link_listed p ON p.rowid = listed
WHERE a.street = p.street AND (a.zip5 IS NULL OR a.zip5 = p.zip5)
UNION
SELECT a.rowid AS address, p.rowid AS listed FROM link_address_new a JOIN link_listed p
  ON a.zip5 IS NULL AND a.street_no = p.street_no AND left(a.street, 1) = left(p.street, 1)
  AND like_name(a, p, $similar)
UNION
SELECT a.rowid AS address, p.rowid AS listed FROM link_address_new a JOIN link_street_like s USING (whole, tail, zip5)
JOIN link_listed p ON p.whole = s.meant AND p.zip5 = s.zip5 AND slip_of(a.street_no, p.street_no) IS NOT NULL
"""

# Bits for a flat of the same number in the house that a wrong street number means: not every house has it.
_SAME_UNIT = 2
_POINTS = """
CREATE OR REPLACE TEMP TABLE link_address_points AS
SELECT a.address_key, p.property_id,
    CASE WHEN a.zip5 = p.zip5 THEN 0 WHEN a.zip5 IS NULL OR p.zip5 IS NULL THEN $zip_missing
         ELSE $zip_different END
  + CASE WHEN a.street_no = p.street_no THEN 0 ELSE CASE slip_of(a.street_no, p.street_no) {slips} END END
  + CASE WHEN a.direction = p.direction THEN 0
         WHEN a.direction = '' OR p.direction = '' OR one_direction(a, p) THEN $direction_missing
         ELSE $direction_different END
  + CASE WHEN a.street <> p.street AND without_type(a, p) THEN $type_missing
         ELSE CASE WHEN a.street = p.street OR one_direction(a, p) THEN 0
                   WHEN levenshtein(a.street, p.street) <= 1 THEN $name_typo
                   WHEN jaro_winkler_similarity(a.street, p.street) < $similar_at_least THEN $name_similar
                   WHEN levenshtein(a.street, p.street) <= 2 THEN $name_typo ELSE $name_similar END
            + CASE WHEN a.street_type IS NOT DISTINCT FROM p.street_type THEN 0
                   WHEN a.street_type IS NULL OR p.street_type IS NULL THEN $type_missing ELSE $type_different END
         END
  + CASE WHEN a.unit IS NOT DISTINCT FROM p.unit THEN 0 WHEN a.unit IS NULL THEN $unit_missing
         WHEN p.unit IS NULL THEN $unit_extra ELSE $unit_different END
  + CASE WHEN a.unit = p.unit AND a.street_no <> p.street_no THEN {same_unit} ELSE 0 END AS points
FROM link_address_near n JOIN link_address_new a ON a.rowid = n.address JOIN link_listed p ON p.rowid = n.listed
""".replace("{same_unit}", str(_SAME_UNIT)).replace(
    "{slips}", " ".join(f"WHEN '{slip}' THEN ${slip}" for slip in SLIPS)
)

# The list says nothing of a ZIP without a listed home.
_PLACED = """
INSERT INTO address_home
SELECT address_key, home, round(sure, 6), CASE WHEN best = 0 THEN 'exact' ELSE 'near' END
FROM (
    SELECT address_key, arg_min(property_id, (-points, property_id)) AS home, max(points) AS best,
           sureness(points, covered, $unlisted, $elsewhere) AS sure
    FROM link_address_points JOIN link_address_new USING (address_key) GROUP BY address_key)
WHERE sure >= $place_at_least
"""

# A street number without its unit, where several units are listed, is a building and nobody's home, but see `tenants`.
_BUILDINGS = """
INSERT INTO no_home
SELECT address_key, true FROM link_address_points JOIN link_address_new a USING (address_key)
JOIN link_listed p USING (property_id)
WHERE a.unit IS NULL AND p.unit IS NOT NULL AND a.street_no = p.street_no AND points >= $building
GROUP BY address_key HAVING count(*) > 1
"""
# What strangers write alike and is no home: a placeholder that is not listed just so, a ZIP and its town, and, if all
# homes are listed, what has neither a street's type nor the name of a listed one (2 story brick).
_PLACEHOLDERS = """
DELETE FROM link_address_points USING link_address_new a
WHERE a.address_key = link_address_points.address_key AND placeholder AND points < 0
"""
_NO_STREETS = """
INSERT INTO no_home
SELECT address_key, false FROM link_address_new a ANTI JOIN link_address_points USING (address_key)
WHERE placeholder OR (
    street_type IS NULL AND unit IS NULL AND (
        street_no = zip5 OR street_no IN (SELECT zip5 FROM link_listed)
        OR ($complete AND covered AND street NOT IN (SELECT street FROM link_listed)
            AND NOT regexp_matches(street, '[0-9]'))))
"""
_OPEN = "INSERT INTO address_points FROM link_address_points ANTI JOIN address_home USING (address_key)"
# A wrong digit in a ZIP leaves the town's name as it is: who shows another ZIP and another town lives there.
_RECORD_HOME = """
INSERT INTO record_home
SELECT r.record, r.address_key, h.property_id,
       coalesce(h.property_id, CASE WHEN n.address_key IS NULL THEN r.address_key END) AS home,
       coalesce(h.probability, 1.0) AS probability
FROM address_record r LEFT JOIN no_home n USING (address_key)
LEFT JOIN (FROM address_home JOIN (SELECT property_id, zip5, city FROM property) USING (property_id)) h
    ON h.address_key = r.address_key
    AND coalesce(h.zip5 = r.zip5 OR jaro_winkler_similarity(h.city, r.city) >= $similar_at_least, true)
ORDER BY r.record
"""
# Others live where they lived: at a home that their address says.
_MOVABLE = """
CREATE OR REPLACE TEMP TABLE address_movable AS FROM address_due UNION SELECT address_key FROM tenant_open
"""
_MOVING = "FROM record_home SEMI JOIN address_movable USING (address_key)"
_IN_BATCH = ("link_address_new", "link_address_slip", "link_street_like", "link_address_near", "link_address_points")
_BY_ADDRESS = (_ADDRESS_POINTS, NO_HOME, ADDRESS_HOME)
_HOUSED = (*_BY_ADDRESS, *TENANTS, RECORD_HOME)


def place_addresses(con: Connection, rules: AddressRules) -> None:
    """Bring `address_home` and `record_home` up to date with the news; records whose home changed are news as well."""
    con.execute(_MACROS)
    RECORD_NEWS.ensure(con)
    RECORD_HOME.ensure(con)
    find_listed_twice(con)
    listed = con.execute(_LISTED_PRINT).fetchall()
    with renewed_addresses(con, listed) as read:
        unlisted = unlisted_points(con, rules)
        points = number_points(con, rules, unlisted)
        complete = is_complete(con, rules)
        placing = {"unlisted": unlisted, "elsewhere": rules.unlisted, "place_at_least": rules.place_at_least}
        with renewed(con, RECORD_HOME.name, rules, unlisted, points, complete, listed, also=read) as known:
            if not known:
                tell_all(con)
                turn_to_all(con)
            open_tables(con, _HOUSED, known=known)
            con.execute(_MOVABLE)
            with told(con, _MOVING, "SELECT record FROM {changed}") if known else nullcontext():
                changed = "link_address_said" if known else "link_address"
                _place_due(con, rules, points, placing, changed, complete=complete)
                place_tenants(con, placing, complete=complete)
    ADDRESS_HOME.check(con)


def _place_due(
    con: Connection,
    rules: AddressRules,
    learnt: dict[str, float],
    placing: dict[str, float],
    changed: str,
    *,
    complete: bool,
) -> None:
    """Place the addresses in table `changed` and house the records of `address_due`."""
    points = rules.model_dump(exclude={"unlisted", "number_typo", "place_at_least", "placeholders"}) | learnt
    for table in _BY_ADDRESS:
        con.execute(f"DELETE FROM {table.name} WHERE address_key IN (FROM address_changed)")  # noqa: S608
    for table in (*TENANTS, RECORD_HOME):
        con.execute(f"DELETE FROM {table.name} WHERE address_key IN (FROM address_due)")  # noqa: S608
    ((due,),) = con.execute(f"SELECT count(*) FROM {changed}").fetchall()  # noqa: S608
    batches = 1 + due // _BATCH
    for batch in range(batches):
        new = {"batch": batch, "batches": batches, "placeholders": rules.placeholders}
        con.execute(_NEW.format(changed=changed), new)
        write_slips(con)
        con.execute(_LIKE, {"similar": rules.similar_at_least})
        con.execute(_NEAR, {"similar": rules.similar_at_least})
        con.execute(_POINTS, points)
        con.execute(_PLACEHOLDERS)
        con.execute(_PLACED, placing)
        con.execute(_BUILDINGS, {"building": rules.unit_missing + rules.name_typo + rules.zip_missing})
        con.execute(_NO_STREETS, {"complete": complete})
        con.execute(_OPEN)
    for name in _IN_BATCH:
        con.execute(f"DROP TABLE {name}")
    con.execute(_RECORD_HOME, {"similar_at_least": rules.similar_at_least})
