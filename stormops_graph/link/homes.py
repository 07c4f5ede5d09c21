"""Which listed property an address means: an exact key where it fits, else the best of a few near ones.

Every candidate gets points in bits (household.toml, [address]); its probability is 2^points over those of all the
candidates and of "a home that is not listed". What reaches `place_at_least` is written to `address_home`. How likely
such a home is, and a wrong digit, is learnt (`numbers`): where the list is complete, what comes near is a slip.
"""

from __future__ import annotations

from stormops_graph.carryover import carried, forget, keep, told
from stormops_graph.link.numbers import MISTYPED, SWAPPED, number_points, unlisted_points
from stormops_graph.link.tenants import place_tenants
from stormops_graph.rules.ruleset import AddressRules
from stormops_graph.tables import ADDRESS_HOME, RECORD_HOME, Connection, Table

_ADDRESS_POINTS = Table("address_points", {"address_key": "VARCHAR", "property_id": "VARCHAR", "points": "DOUBLE"})

# Street names apart from their direction, which people leave out; a street of two (W South St) keeps one in its name.
# `tail` is the name with the type after it: where the type was left out, the name's own last word was taken for one and
# cut short (Cedar Creek Ln written as Cedar Creek: cedar crk); `long` is what such a word may have been.
_MACROS = r"""
CREATE OR REPLACE TEMP MACRO direction_of(name) AS regexp_extract(name, '^(n|s|e|w|ne|nw|se|sw) .', 1);
CREATE OR REPLACE TEMP MACRO bare(name) AS regexp_replace(name, '^(n|s|e|w|ne|nw|se|sw) (.)', '\2');
CREATE OR REPLACE TEMP MACRO one_direction(a, p) AS a.whole = p.street OR a.street = p.whole;
CREATE OR REPLACE TEMP MACRO without_type(a, p) AS levenshtein(a.tail, p.street) <= 2 OR p.street LIKE a.long;
"""

# Distinct addresses that records show, with their parts. A ZIP that has no listed home, but would with two digits
# swapped, is as good as none.
_ADDRESS = r"""
CREATE OR REPLACE TEMP TABLE link_address AS
WITH zip AS (SELECT DISTINCT zip5 FROM link_listed WHERE zip5 IS NOT NULL),
swapped AS (
    SELECT r.zip5 FROM (SELECT DISTINCT zip5 FROM record) r ANTI JOIN zip USING (zip5) JOIN zip z
      ON hamming(r.zip5, z.zip5) = 2 AND list_sort(string_split(r.zip5, '')) = list_sort(string_split(z.zip5, ''))
)
SELECT DISTINCT address_key, street_no, street_name AS whole, bare(street_name) AS street,
       bare(street_name) || ' ' || street_type AS tail,
       bare(street_name) || ' ' || regexp_replace(street_type, '(.)', '\1%', 'g') AS long,
       direction_of(street_name) AS direction, street_type, unit,
       CASE WHEN zip5 NOT IN (FROM swapped) THEN zip5 END AS zip5, coalesce(zip5 IN (FROM zip), true) AS covered
FROM record WHERE address_key IS NOT NULL AND street_no IS NOT NULL AND street_name IS NOT NULL
"""
_LISTED = """
CREATE OR REPLACE TEMP TABLE link_listed AS
SELECT property_id, street_no, street_name AS whole, bare(street_name) AS street,
       direction_of(street_name) AS direction, street_type, unit, zip5
FROM property WHERE street_no IS NOT NULL AND street_name IS NOT NULL
"""

# What an address means depends on its parts, the listed homes and the points alone: known ones keep their homes.
_LISTED_HASH = "SELECT count(*), bit_xor(md5_number(to_json(link_listed)::VARCHAR)) FROM link_listed"
_NEW = """
CREATE OR REPLACE TEMP TABLE link_address_new AS
WITH other AS ((FROM link_address EXCEPT FROM placed_address) UNION (FROM placed_address EXCEPT FROM link_address))
SELECT * FROM link_address SEMI JOIN other USING (address_key)
"""
_STALE = """
DELETE FROM address_points WHERE address_key IN (SELECT address_key FROM link_address_new)
 OR address_key NOT IN (SELECT address_key FROM link_address)
"""

# Ways to come near: the same number on a like street; the same street with a mistyped number; another ZIP or none.
_NEAR = """
CREATE OR REPLACE TEMP TABLE link_address_near AS
SELECT a.address_key, p.property_id FROM link_address_new a JOIN link_listed p
  ON a.street_no = p.street_no AND a.zip5 = p.zip5
  AND (a.street = p.street OR jaro_winkler_similarity(a.street, p.street) >= $similar
       OR levenshtein(a.street, p.street) <= 1 OR without_type(a, p) OR one_direction(a, p))
UNION
SELECT a.address_key, p.property_id FROM link_address_new a JOIN link_listed p
  ON a.street_no = p.street_no AND a.zip5 IS DISTINCT FROM p.zip5 AND (a.street = p.street OR one_direction(a, p))
UNION
SELECT a.address_key, p.property_id FROM link_address_new a JOIN link_listed p
  ON a.street = p.street AND a.zip5 = p.zip5 AND a.street_no <> p.street_no AND ({mistyped} OR {swapped})
UNION
SELECT a.address_key, p.property_id FROM link_address_new a JOIN link_listed p
  ON a.zip5 IS NULL AND a.street = p.street AND a.street_no <> p.street_no AND ({mistyped} OR {swapped})
UNION
SELECT a.address_key, p.property_id FROM link_address_new a JOIN link_listed p
  ON a.zip5 IS NULL AND a.street_no = p.street_no AND left(a.street, 1) = left(p.street, 1)
  AND (jaro_winkler_similarity(a.street, p.street) >= $similar
       OR levenshtein(a.street, p.street) <= 1 OR without_type(a, p))
""".replace("{mistyped}", MISTYPED).replace("{swapped}", SWAPPED)

_POINTS = """
INSERT INTO address_points
SELECT a.address_key, p.property_id,
    CASE WHEN a.zip5 = p.zip5 THEN 0 WHEN a.zip5 IS NULL OR p.zip5 IS NULL THEN $zip_missing
         ELSE $zip_different END
  + CASE WHEN a.street_no = p.street_no THEN 0 WHEN {mistyped} THEN $mistyped ELSE $swapped END
  + CASE WHEN a.direction = p.direction THEN 0
         WHEN a.direction = '' OR p.direction = '' OR one_direction(a, p) THEN $direction_missing
         ELSE $direction_different END
  + CASE WHEN a.street <> p.street AND without_type(a, p) THEN $type_missing
         ELSE CASE WHEN a.street = p.street OR one_direction(a, p) THEN 0
                   WHEN levenshtein(a.street, p.street) <= 2 THEN $name_typo ELSE $name_similar END
            + CASE WHEN a.street_type IS NOT DISTINCT FROM p.street_type THEN 0
                   WHEN a.street_type IS NULL OR p.street_type IS NULL THEN $type_missing ELSE $type_different END
         END
  + CASE WHEN a.unit IS NOT DISTINCT FROM p.unit THEN 0 WHEN a.unit IS NULL THEN $unit_missing
         WHEN p.unit IS NULL THEN $unit_extra ELSE $unit_different END AS points
FROM link_address_near n JOIN link_address_new a USING (address_key) JOIN link_listed p USING (property_id)
""".replace("{mistyped}", MISTYPED)

# The list says nothing of a ZIP without a listed home.
_PLACED = """
INSERT INTO address_home
SELECT address_key, home, round(mass / total, 6), CASE WHEN best = 0 THEN 'exact' ELSE 'near' END
FROM (
    SELECT address_key, arg_min(property_id, (-points, property_id)) AS home, max(points) AS best,
           pow(2, max(points)) AS mass,
           sum(round(pow(2, 40 + points))::HUGEINT) / pow(2, 40)
           + pow(2, CASE WHEN any_value(covered) THEN $unlisted ELSE $elsewhere END) AS total
    FROM address_points JOIN link_address USING (address_key) GROUP BY address_key)
WHERE mass / total >= $place_at_least
"""

# A street number without its unit, where several units are listed, is a building and nobody's home, but see `tenants`.
_RECORD_HOME = """
INSERT INTO record_home
WITH building AS (
    SELECT address_key FROM address_points JOIN link_address a USING (address_key)
    JOIN link_listed p USING (property_id)
    WHERE a.unit IS NULL AND p.unit IS NOT NULL AND a.street_no = p.street_no AND points >= $building
    GROUP BY address_key HAVING count(*) > 1
)
SELECT r.record, r.address_key, h.property_id,
       coalesce(h.property_id, CASE WHEN b.address_key IS NULL THEN r.address_key END) AS home,
       coalesce(h.probability, 1.0) AS probability
FROM record r LEFT JOIN address_home h USING (address_key) LEFT JOIN building b USING (address_key)
WHERE r.address_key IS NOT NULL
ORDER BY r.record
"""


def place_addresses(con: Connection, rules: AddressRules) -> int:
    """Fill `address_home` and `record_home`; records whose home changed are news. How many addresses have a home."""
    points = rules.model_dump(exclude={"unlisted", "number_typo", "place_at_least"})
    for step in (_MACROS, _LISTED, _ADDRESS):
        con.execute(step)
    unlisted = unlisted_points(con, rules)
    points |= number_points(con, rules, unlisted)
    _weigh_homes(con, points)
    ADDRESS_HOME.create(con)
    placing = {"unlisted": unlisted, "elsewhere": rules.unlisted, "place_at_least": rules.place_at_least}
    con.execute(_PLACED, placing)
    RECORD_HOME.ensure(con)
    with told(con, RECORD_HOME.name, "*", "SELECT record FROM {changed}"):
        RECORD_HOME.create(con)
        con.execute(_RECORD_HOME, {"building": rules.unit_missing + rules.name_typo + rules.zip_missing})
        place_tenants(con, placing)
    return ADDRESS_HOME.check(con)


def _weigh_homes(con: Connection, points: dict[str, float]) -> None:
    """Bring `address_points` up to date: the listed homes that each address may mean, with their points."""
    made_by = (points, con.execute(_LISTED_HASH).fetchall())
    known = carried(con, _ADDRESS_POINTS.name, *made_by)
    forget(con, _ADDRESS_POINTS.name)
    if not known:
        _ADDRESS_POINTS.create(con)
        con.execute("CREATE OR REPLACE TABLE placed_address AS FROM link_address LIMIT 0")
    con.execute(_NEW)
    con.execute(_STALE)
    similar = {"similar": points["similar_at_least"]}
    con.execute(_NEAR, similar)
    con.execute(_POINTS, {name: value for name, value in points.items() if name != "similar_at_least"})
    con.execute("CREATE OR REPLACE TABLE placed_address AS FROM link_address")
    keep(con, _ADDRESS_POINTS.name, *made_by)
