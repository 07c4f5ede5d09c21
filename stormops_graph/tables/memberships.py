"""Persons and households, their homes and ids."""

from __future__ import annotations

from stormops_graph.tables.table import Table

MEMBERSHIP = Table(
    "membership",
    {
        "record": "VARCHAR",
        "person": "VARCHAR",  # NULL for a record that names no person (an address-only knock)
        "household": "VARCHAR",
        "property_id": "VARCHAR",  # the home the record is placed in, where one stands out
        "confidence": "DOUBLE",
        "valid_from": "TIMESTAMP",  # NULL: since ever
        "valid_to": "TIMESTAMP",  # exclusive; NULL: until further notice
    },
)
PERSON = Table("person", dict.fromkeys(("person", "given", "surname", "suffix"), "VARCHAR"))
RESIDENCE = Table(
    "residence",  # which household lives at which property, when
    {"household": "VARCHAR", "property_id": "VARCHAR", "valid_from": "TIMESTAMP", "valid_to": "TIMESTAMP"},
)
LINEAGE = Table(
    "lineage",
    {
        "level": "VARCHAR",  # household | person
        "old_id": "VARCHAR",
        "new_id": "VARCHAR",
        "kind": "VARCHAR",  # merged | split
    },
)

IDENTITY = Table(
    "identity",  # of each household and person: the record key it was born of, and its generation
    {"level": "VARCHAR", "id": "VARCHAR", "birth_key": "VARCHAR", "generation": "BIGINT"},
)
LAST_MEMBERSHIP = Table(
    "last_membership",  # as the graph holds it; a record twice where its membership is dated
    {"record": "VARCHAR", "person": "VARCHAR", "household": "VARCHAR"},
)
REPLACED_RECORD = Table("replaced_record", {"record": "VARCHAR"})  # contacts whose id is somebody else's now
USED_ID = Table("used_id", IDENTITY.columns)  # every id ever given, retired ones too
ENDED_ID = Table(
    "ended_id",  # of these, which nobody has; merged: another one goes on for it
    {"level": "VARCHAR", "id": "VARCHAR", "merged": "BOOLEAN"},
)
