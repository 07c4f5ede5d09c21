"""Homes, pairs and candidates, and identifiers that link nobody."""

from __future__ import annotations

from stormops_graph.tables.table import Table

SHARED_IDENTIFIER = Table(
    "shared_identifier",
    {
        "kind": "VARCHAR",
        "value": "VARCHAR",
        "distinct_people": "BIGINT",
        "records": "BIGINT",
        # placeholder | business line | too many people | too many homes | flats of one house
        # | homes of two families | blocked
        "reason": "VARCHAR",
    },
)
SHARED_SINCE = Table("shared_since", {"kind": "VARCHAR", "value": "VARCHAR", "since": "TIMESTAMP"})
ADDRESS_HOME = Table(
    "address_home",  # which property an address means
    {"address_key": "VARCHAR", "property_id": "VARCHAR", "probability": "DOUBLE", "how": "VARCHAR"},
)
NO_HOME = Table(
    "no_home", {"address_key": "VARCHAR", "building": "BOOLEAN"}
)  # of a building without its flat, or nowhere
LISTED_TWICE = Table("listed_twice", {"property_id": "VARCHAR", "home": "VARCHAR"})  # the home that it is, listed twice
PAIR = Table(
    "pair",  # evidence that two records are one person or one household; left_id < right_id
    {
        "left_id": "VARCHAR",
        "right_id": "VARCHAR",
        "level": "VARCHAR",  # person | household
        "probability": "DOUBLE",
        "weight": "DOUBLE",  # log2 odds of evidence, quantised to 1/1024
        "evidence": "VARCHAR",  # JSON: [{"kind", "level", "weight"}], which add up to the household's weight
        "model": "VARCHAR",  # identifier | splink
    },
)
REST = ("prior", "family", "verdicts")  # kinds of evidence that are no comparison: see `link.tally`
RECORD_HOME = Table(
    "record_home",
    {
        "record": "VARCHAR",
        "address_key": "VARCHAR",
        "property_id": "VARCHAR",
        "home": "VARCHAR",  # the property, or else the address of one not listed; NULL: a building, or no street
        "probability": "DOUBLE",
    },
)
PAIR_KIND = Table(
    "pair_kind",  # what clustering goes by; one row a pair that is kept, left_id < right_id
    {
        "left_id": "VARCHAR",
        "right_id": "VARCHAR",
        "household_probability": "DOUBLE",  # one person or two of one household
        "person_probability": "DOUBLE",
        "beyond_home": "BOOLEAN",  # something other than the address speaks for it
        "named": "BOOLEAN",  # both name somebody, and the names agree
        "tied": "BOOLEAN",  # they share a phone, an email or a contact's id
    },
)
CANDIDATE = Table("candidate", {"record": "VARCHAR", "property_id": "VARCHAR", "probability": "DOUBLE"})
LEFTOVER = Table(
    "leftover",  # identifiers on a card that are rather somebody else's
    {"record": "VARCHAR", "kind": "VARCHAR", "value": "VARCHAR"},
)
BRIDGED = Table("bridged", CANDIDATE.columns)  # homes of a cookie that shows identifiers of several
