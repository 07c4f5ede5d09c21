"""Which home a record means whose address alone does not say it: the one where its name, phone or email is found.

Each home that the address may mean has its points in bits (`homes`); what the people found there show adds to these or
takes from them. A flat whose number is missing is the one where others of its name live, unless two flats show that
name. An address with too many slips is that of the record's own family, or of nobody who is known.
Invariant: people are taken to live at homes by their addresses alone, so that no order shows.
"""

from __future__ import annotations

from stormops_graph.link.sharing import HOLDINGS_OF
from stormops_graph.tables import Connection, Table

# Bits (but `similar`): how often a home's records agree, over how often others do. A surname counts by how few homes
# bear it.
_SURNAME_AGREES = 0.8
_WHO = {
    "rarest": 10.0,  # no surname is rarer evidence than this
    "other_surname": -2.0,
    "similar": 0.9,  # a slip in it
    "initial": 3.0,  # the first letter of a given name, beside the surname
    "other_given": -1.5,  # another of the family
    "identifier": 8.0,  # a phone or an email that is found at no other home
}

# An address that fits no home of a list of all homes, and is written so once, is a listed one's that nobody can read:
# where the record lives, its other evidence tells.
_OPEN_TABLE = Table(
    "tenant_open",  # records whose address does not say their home, and the home that they have otherwise
    {
        **dict.fromkeys(("record", "address_key", "surname", "initial"), "VARCHAR"),
        "covered": "BOOLEAN",
        "otherwise": "VARCHAR",
    },
)
_OPEN = """
INSERT INTO tenant_open
SELECT record, r.address_key, surname, initial, covered,
       CASE WHEN r.address_key NOT IN (SELECT address_key FROM no_home)
             AND NOT ($complete AND covered AND count(*) OVER (PARTITION BY r.address_key) = 1)
            THEN r.address_key END
FROM address_record r ANTI JOIN address_home USING (address_key) JOIN link_address a ON a.address_key = r.address_key
"""
_LIVING_TABLE = Table(
    "tenant_living",  # the names at homes that addresses say
    dict.fromkeys(("address_key", "property_id", "surname", "initial"), "VARCHAR"),
)
_LIVING = """
INSERT INTO tenant_living
SELECT DISTINCT address_key, property_id, surname, initial
FROM address_record JOIN address_home USING (address_key) WHERE surname IS NOT NULL
"""
TENANTS = (_OPEN_TABLE, _LIVING_TABLE)  # by address: brought up to date for those in `address_due`
_MAY = "CREATE OR REPLACE TEMP TABLE tenant_may AS FROM tenant_open JOIN address_points USING (address_key)"
# In half powers of two, so that one more home seldom moves how sure anybody is to live where.
_SHARE = """
CREATE OR REPLACE TEMP TABLE tenant_share AS
SELECT surname, pow(2, round(2 * log2(count(DISTINCT property_id)
                                      / (SELECT count(DISTINCT property_id) FROM tenant_living))) / 2) AS share
FROM tenant_living GROUP BY surname
"""
# Of the identifiers that these records hold, those that are found at one home; asked step by step of ever fewer.
_OWNED = (
    """
CREATE OR REPLACE TEMP TABLE tenant_held AS
SELECT DISTINCT kind, value FROM holding SEMI JOIN tenant_open USING (record)
WHERE kind IN ('phone', 'email', 'contact')
""",
    f"CREATE OR REPLACE TEMP TABLE tenant_holder AS FROM {HOLDINGS_OF.format(these='tenant_held')}",
    """
CREATE OR REPLACE TEMP TABLE tenant_owned AS
SELECT kind, value, min(property_id) AS property_id
FROM tenant_holder
JOIN (FROM record_home SEMI JOIN tenant_holder USING (record) SEMI JOIN address_home USING (address_key)) USING (record)
GROUP BY kind, value HAVING min(property_id) = max(property_id)
""",
)
_WEIGHED = """
CREATE OR REPLACE TEMP TABLE tenant_weighed AS
WITH named AS (
    SELECT m.record, m.property_id, max(CASE
        WHEN jaro_winkler_similarity(l.surname, m.surname) < $similar THEN $other_surname
        ELSE least(log2($agrees / share), $rarest)
             + CASE WHEN l.initial = m.initial THEN $initial WHEN l.initial <> m.initial THEN $other_given ELSE 0 END
        END) AS bits
    FROM tenant_may m JOIN tenant_living l USING (property_id) JOIN tenant_share s ON s.surname = l.surname
    WHERE m.surname IS NOT NULL GROUP BY ALL
), held AS (
    SELECT DISTINCT m.record, m.property_id, $identifier AS bits
    FROM tenant_may m JOIN tenant_holder h USING (record) JOIN tenant_owned o USING (kind, value, property_id)
)
SELECT record, m.property_id, covered, n.bits IS NOT NULL OR h.bits IS NOT NULL AS told,
       points + coalesce(n.bits, 0) + coalesce(h.bits, 0) AS bits
FROM tenant_may m LEFT JOIN named n USING (record, property_id) LEFT JOIN held h USING (record, property_id)
"""
_SUREST = """
CREATE OR REPLACE TEMP TABLE tenant_placed AS
SELECT record, arg_min(property_id, (-bits, property_id)) AS property_id,
       round(sureness(bits, covered, $unlisted, $elsewhere), 6) AS probability
FROM tenant_weighed GROUP BY record HAVING bool_or(told) AND probability >= $place_at_least
"""
_PLACED = """
UPDATE record_home SET property_id = t.property_id, home = t.home, probability = t.probability
FROM (
    SELECT DISTINCT record, p.property_id, coalesce(p.property_id, otherwise) AS home,
           coalesce(p.probability, 1) AS probability
    FROM tenant_open LEFT JOIN tenant_placed p USING (record)
) AS t WHERE t.record = record_home.record
 AND (t.property_id, t.home, t.probability)
     IS DISTINCT FROM (record_home.property_id, record_home.home, record_home.probability)
"""


def place_tenants(con: Connection, placing: dict[str, float], *, complete: bool) -> None:
    """Give a home in `record_home` to records that are found there, and take it from others; reads what `homes` wrote.

    `placing` are the points of a home that is not listed, in ZIPs with listed homes and elsewhere, and what a home's
    probability has to reach; `complete` is a list of all homes.
    """
    con.execute(_OPEN, {"complete": complete})
    for statement in (_LIVING, _MAY, _SHARE, *_OWNED):
        con.execute(statement)
    con.execute(_WEIGHED, {**_WHO, "agrees": _SURNAME_AGREES})
    con.execute(_SUREST, placing)
    con.execute(_PLACED)
