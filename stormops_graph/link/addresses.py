"""The distinct addresses that records show, and the listed homes, each in the parts by which the two are compared.

Invariant: what is said of an address depends on its parts and on the listed homes alone. So an address is read again
only where a record of the news is the first to show it, shows it in other parts, or was the last to show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stormops_graph.carryover import renewed
from stormops_graph.link.numbers import SLIPPED, count_listed
from stormops_graph.street_numbers import SLIP_MACRO
from stormops_graph.tables import LISTED_TWICE, PROPERTY, Connection, Table

# Street names apart from their direction, which people leave out; a street of two (W South St) keeps one in its name.
# `tail` is the name with the type after it: where the type was left out, the name's own last word was taken for one and
# cut short (Cedar Creek Ln written as Cedar Creek: cedar crk); `long` is what such a word may have been.
_MACROS = r"""
CREATE OR REPLACE TEMP MACRO direction_of(name) AS regexp_extract(name, '^(n|s|e|w|ne|nw|se|sw) .', 1);
CREATE OR REPLACE TEMP MACRO bare(name) AS regexp_replace(name, '^(n|s|e|w|ne|nw|se|sw) (.)', '\2');
-- A number, without each of its digits, and its digits in order.
CREATE OR REPLACE TEMP MACRO slips(no) AS list_distinct([no, '~' || list_sort(string_split(no, ''))::VARCHAR]
    || list_transform(range(1, length(no) + 1), lambda place: left(no, place - 1) || substr(no, place + 1)));
"""

_PARTS = ("street_no", "whole", "street", "tail", "long", "direction", "street_type", "unit", "zip5")
ADDRESS = Table(
    "link_address",  # distinct addresses that records show, with their parts
    {
        **dict.fromkeys(("address_key", *_PARTS), "VARCHAR"),
        "covered": "BOOLEAN",  # homes of its ZIP are listed
        "known": "BOOLEAN",  # homes of its street are
        "slips": "VARCHAR[]",  # that make it a listed number; NULL where the number is listed, or the street is not
    },
)
_DUE = """
CREATE OR REPLACE TEMP TABLE address_due AS
SELECT address_key FROM record {news} WHERE address_key IS NOT NULL UNION SELECT address_key FROM record_home {news}
"""
_RECORDS = """
CREATE OR REPLACE TEMP TABLE address_record AS
SELECT record, address_key, street_no, street_name, street_type, unit, zip5, city, surname, left(given, 1) AS initial
FROM record SEMI JOIN address_due USING (address_key)
"""
# Addresses that are new or gone, or that records say in other parts, among those of news.
_SAID_NOW = """
CREATE OR REPLACE TEMP TABLE address_said AS
SELECT DISTINCT address_key, street_no, street_name, street_type, unit, zip5
FROM address_record WHERE street_no IS NOT NULL AND street_name IS NOT NULL
"""
_CHANGED = """
CREATE OR REPLACE TEMP TABLE address_changed AS
WITH said AS (SELECT address_key, street_no, street_name, street_type, unit FROM address_said),
known AS (
    SELECT address_key, street_no, whole, street_type, unit FROM link_address SEMI JOIN address_due USING (address_key)
)
SELECT DISTINCT address_key FROM ((FROM said EXCEPT FROM known) UNION ALL (FROM known EXCEPT FROM said))
"""
_ALL_CHANGED = "CREATE OR REPLACE TEMP TABLE address_changed AS SELECT DISTINCT address_key FROM address_said"
# A ZIP that has no listed home, but would with two digits swapped, is as good as none.
_SAID = r"""
CREATE OR REPLACE TEMP TABLE link_address_said AS
WITH due AS (FROM address_said SEMI JOIN address_changed USING (address_key)),
zip AS (SELECT DISTINCT zip5 FROM link_listed WHERE zip5 IS NOT NULL),
swapped AS (
    SELECT r.zip5 FROM (SELECT DISTINCT zip5 FROM due) r ANTI JOIN zip USING (zip5) JOIN zip z
      ON hamming(r.zip5, z.zip5) = 2 AND list_sort(string_split(r.zip5, '')) = list_sort(string_split(z.zip5, ''))
), said AS (
    SELECT DISTINCT address_key, street_no, street_name AS whole, bare(street_name) AS street,
           bare(street_name) || ' ' || street_type AS tail,
           bare(street_name) || ' ' || regexp_replace(street_type, '(.)', '\1%', 'g') AS long,
           direction_of(street_name) AS direction, street_type, unit,
           CASE WHEN zip5 NOT IN (FROM swapped) THEN zip5 END AS zip5, coalesce(zip5 IN (FROM zip), true) AS covered
    FROM due
), {slipped}
SELECT said.*, address_key IN (SELECT address_key FROM known) AS known, slips
FROM said LEFT JOIN slipped USING (address_key)
""".replace("{slipped}", SLIPPED.strip())
# Homes alike in address and features are one that is listed twice: the first id stands for it (decision 64).
_AGAIN = """
INSERT INTO listed_twice
SELECT property_id, min(property_id) OVER (
    PARTITION BY address_key, city, estimated_value, square_footage, property_age) AS home
FROM property
SEMI JOIN (SELECT address_key FROM property GROUP BY address_key HAVING count(*) > 1) USING (address_key)
WHERE coalesce(estimated_value, square_footage, property_age) IS NOT NULL QUALIFY property_id > home
"""
_UNCLEAR = """
SELECT coalesce(sum(homes), 0)::BIGINT FROM (
    SELECT count(*) AS homes FROM property ANTI JOIN listed_twice USING (property_id)
    WHERE address_key IS NOT NULL GROUP BY address_key HAVING count(*) > 1
)
"""
_LISTED = """
CREATE OR REPLACE TABLE link_listed AS
SELECT property_id, street_no, street_name AS whole, bare(street_name) AS street,
       direction_of(street_name) AS direction, street_type, unit, zip5
FROM property ANTI JOIN listed_twice USING (property_id) WHERE street_no IS NOT NULL AND street_name IS NOT NULL
"""
# Two numbers that are one slip apart have one of these in common; a long street without its ZIP has thousands of homes.
# The marks are hashes of it with the street, and with its ZIP.
_SLIPS = """
SELECT row AS {number}, street_no, zip5, hash(street, slip) AS loose, hash(street, zip5, slip) AS mark
FROM (SELECT rowid AS row, *, unnest(slips(street_no)) AS slip FROM {table} WHERE length(street_no) >= 3)
"""
_LISTED_SLIPS = "CREATE OR REPLACE TABLE link_listed_slip AS" + _SLIPS.format(number="listed", table="link_listed")
_OWN_SLIPS = "CREATE OR REPLACE TEMP TABLE link_address_slip AS" + _SLIPS.format(
    number="address", table="link_address_new"
)


@contextmanager
def renewed_addresses(con: Connection, listed: object) -> Iterator[bool]:
    """Bring `link_address` up to date; whether it was known, for homes of the print `listed`, is yielded. Meanwhile the
    addresses of news are in `address_due`, who says these in `address_record`, what is new or gone of them in
    `address_changed`; the new ones are in `link_address_said`.
    """
    con.execute(_MACROS + SLIP_MACRO)
    with renewed(con, ADDRESS.name, listed) as known:
        if not known:
            for statement in (_LISTED, _LISTED_SLIPS):
                con.execute(statement)
            count_listed(con)
            ADDRESS.create(con)
        _turn_to(con, news="SEMI JOIN record_news USING (record)" if known else "")
        for statement in (_SAID_NOW, _CHANGED if known else _ALL_CHANGED):
            con.execute(statement)
        con.execute("DELETE FROM link_address WHERE address_key IN (FROM address_changed)")
        con.execute(_SAID)
        con.execute("INSERT INTO link_address FROM link_address_said")
        yield known
        for name in ("address_record", "address_said", "link_address_said"):
            con.execute(f"DROP TABLE {name}")


def turn_to_all(con: Connection) -> None:
    """Let all addresses be due and changed."""
    _turn_to(con, news="")
    con.execute("CREATE OR REPLACE TEMP TABLE address_changed AS FROM address_due")


def write_slips(con: Connection) -> None:
    """Write `link_address_slip` of `link_address_new`, by which `link_listed_slip` has homes that are near."""
    con.execute(_OWN_SLIPS)


def _turn_to(con: Connection, news: str) -> None:
    """Write `address_due`, perhaps of the news alone, and who says these, `address_record`."""
    con.execute(_DUE.format(news=news))
    con.execute(_RECORDS)


def find_listed_twice(con: Connection) -> None:
    """Write LISTED_TWICE, the homes of PROPERTY that are another one, listed twice."""
    LISTED_TWICE.create(con)
    con.execute(_AGAIN)


def listed_alike(con: Connection) -> list[str]:
    """What is to be said of listed homes that share one address."""
    for table in (PROPERTY, LISTED_TWICE):
        table.ensure(con)
    twice = LISTED_TWICE.check(con)
    ((unclear,),) = con.execute(_UNCLEAR).fetchall()
    said = {
        f"homes listed twice: {twice:,}; who is there is shown at the one with the first id": twice,
        f"different homes listed under one address: {unclear:,}; who gives it is placed at none of them": unclear,
    }
    return [note for note, homes in said.items() if homes]
