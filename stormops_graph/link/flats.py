"""Whose flat a record means that gives its building alone: the one where others of its name are found.

P(that flat) = 1 / (1 + how many of the other flats are expected to have the name). Where two flats show it, or a first
name speaks against the only one, the flat stays open.
"""

from __future__ import annotations

from stormops_graph.tables import Connection

_FLATS = """
CREATE OR REPLACE TEMP TABLE flat_by_name AS
WITH open AS (
    SELECT h.record, h.address_key, r.surname, left(r.given, 1) AS initial
    FROM record_home h JOIN record r USING (record) WHERE h.home IS NULL AND r.surname IS NOT NULL
), flat AS (
    SELECT address_key, p.property_id, count(*) OVER (PARTITION BY address_key) - 1 AS others
    FROM address_points JOIN link_address a USING (address_key) JOIN link_listed p USING (property_id)
    WHERE a.unit IS NULL AND p.unit IS NOT NULL AND a.street_no = p.street_no AND points >= $building
), living AS (
    SELECT DISTINCT h.property_id, r.surname, left(r.given, 1) AS initial
    FROM record_home h JOIN record r USING (record) WHERE h.property_id IS NOT NULL AND r.surname IS NOT NULL
), name AS (
    SELECT surname, count(DISTINCT property_id) / (SELECT count(DISTINCT property_id) FROM living) AS share
    FROM living GROUP BY surname
)
SELECT record, min(l.property_id) AS property_id, round(1 / (1 + min(others) * min(share)), 6) AS probability
FROM open JOIN flat USING (address_key) JOIN living l USING (property_id, surname) JOIN name USING (surname)
GROUP BY record
HAVING count(DISTINCT l.property_id) = 1 AND bool_or(coalesce(open.initial = l.initial, true))
   AND probability >= $place_at_least
"""
_PLACED = """
UPDATE record_home SET property_id = f.property_id, home = f.property_id, probability = f.probability
FROM flat_by_name f WHERE f.record = record_home.record
"""


def place_by_name(con: Connection, building: float, place_at_least: float) -> None:
    """Give a home in `record_home` to named records of a building; reads what `homes` wrote.

    `building` is the points from which an address without its unit means a building.
    """
    con.execute(_FLATS, {"building": building, "place_at_least": place_at_least})
    con.execute(_PLACED)
