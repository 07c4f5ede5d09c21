"""The relationship types of the graph, each with the query over the stage tables that says what it should hold.

Both ends of a relationship are joined to the table of their nodes: what has no node has no relationship.
"""

from __future__ import annotations

from collections.abc import Sequence

from stormops_graph.graph.kinds import (
    CONVERSION,
    DECISION,
    HOUSEHOLD,
    IDENTIFIER,
    PERSON,
    PROPERTY,
    RECORD,
    TOUCH,
    Relation,
    RelationGone,
)

_HAS = """
SELECT record AS start_key, kind || ':' || value AS end_key,
       {via: list_sort(list(DISTINCT via))} AS properties,
       {first_seen: iso(min(first_seen)), last_seen: iso(max(last_seen))} AS times
FROM holding SEMI JOIN record USING (record) SEMI JOIN identifier_counted USING (kind, value)
GROUP BY ALL
"""

_TOUCH_BY = """
SELECT touch_id AS start_key, record AS end_key, NULL AS properties, NULL AS times
FROM touch SEMI JOIN record USING (record)
"""

_CONVERSION_BY = """
SELECT conversion_id AS start_key, record AS end_key, NULL AS properties, NULL AS times
FROM conversion SEMI JOIN record USING (record)
"""

_MATCHES = """
SELECT left_id AS start_key, right_id AS end_key,
       {level: level, probability: probability, weight: weight, evidence: evidence, model: model, spans: spans}
         AS properties, NULL AS times
FROM shown_evidence
"""

_CANDIDATE = """
SELECT record AS start_key, property_id AS end_key, {probability: max(probability)} AS properties, NULL AS times
FROM (FROM candidate UNION ALL FROM bridged) SEMI JOIN record USING (record) SEMI JOIN property USING (property_id)
GROUP BY ALL
"""

_AT = """
SELECT 'address:' || address_key AS start_key, property_id AS end_key, {probability: max(probability)} AS properties,
       NULL AS times
FROM address_home SEMI JOIN property USING (property_id)
SEMI JOIN (SELECT value FROM identifier_counted WHERE kind = 'address') held ON held.value = address_key
GROUP BY ALL
"""

_ABOUT = """
SELECT DISTINCT id AS start_key, record AS end_key, NULL AS properties, NULL AS times
FROM (SELECT id, unnest([left_id, right_id]) AS record FROM decision) SEMI JOIN record USING (record)
"""
# Identifiers have a node while a record holds them.
_ABOUT_IDENTIFIER = """
SELECT DISTINCT id AS start_key, key AS end_key, NULL AS properties, NULL AS times
FROM (
    SELECT id, key, split_part(key, ':', 1) AS kind, substr(key, strpos(key, ':') + 1) AS value
    FROM (SELECT id, unnest([left_id, right_id]) AS key FROM decision)
) SEMI JOIN holding USING (kind, value)
ANTI JOIN (FROM shared_identifier WHERE reason = 'placeholder') USING (kind, value)
WHERE kind IN ('phone', 'email', 'cookie')
"""

_RESOLVES_TO_PERSON = """
SELECT record AS start_key, target AS end_key,
       {confidence: confidence} AS properties, {"from": iso("from"), "to": iso("to")} AS times
FROM record_target WHERE is_person
"""

_RESOLVES_TO_HOUSEHOLD = _RESOLVES_TO_PERSON.replace("WHERE is_person", "WHERE NOT is_person")

_MEMBER_OF = """
SELECT person AS start_key, household AS end_key,
       {confidence: confidence} AS properties, {"from": iso("from"), "to": iso("to")} AS times
FROM person_household
"""

_LIVES_AT = """
SELECT household AS start_key, property_id AS end_key,
       NULL AS properties,
       {"from": iso(CASE WHEN bool_and(valid_from IS NOT NULL) THEN min(valid_from) END),
        "to": iso(CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END)} AS times
FROM residence SEMI JOIN property USING (property_id) SEMI JOIN membership USING (household)
GROUP BY ALL
"""

_MERGED_INTO = """
SELECT DISTINCT old_id AS start_key, new_id AS end_key, NULL AS properties, NULL AS times
FROM lineage WHERE level = '{level}' AND kind = 'merged'
"""

_SPLIT_FROM = """
SELECT DISTINCT new_id AS start_key, old_id AS end_key, NULL AS properties, NULL AS times
FROM lineage WHERE level = '{level}' AND kind = 'split'
"""

PERIOD = ("from", "to")
_LINEAGE: Sequence[tuple[str, str, RelationGone]] = (
    ("MERGED_INTO", _MERGED_INTO, "ended"),
    ("SPLIT_FROM", _SPLIT_FROM, "kept"),
)
HOUSEHOLD_RELATIONS = (
    Relation("resolves_to_person", "RESOLVES_TO", RECORD, PERSON, _RESOLVES_TO_PERSON, times=PERIOD),
    Relation("resolves_to_household", "RESOLVES_TO", RECORD, HOUSEHOLD, _RESOLVES_TO_HOUSEHOLD, times=PERIOD),
    Relation("member_of", "MEMBER_OF", PERSON, HOUSEHOLD, _MEMBER_OF, times=PERIOD),
    Relation("lives_at", "LIVES_AT", HOUSEHOLD, PROPERTY, _LIVES_AT, times=PERIOD),
    *(
        Relation(f"{level}_{kind.lower()}", kind, end, end, query.replace("{level}", level), gone)
        for level, end in (("household", HOUSEHOLD), ("person", PERSON))
        for kind, query, gone in _LINEAGE
    ),
)
ABOUT = (
    Relation("about", "ABOUT", DECISION, RECORD, _ABOUT),
    Relation("about_identifier", "ABOUT", DECISION, IDENTIFIER, _ABOUT_IDENTIFIER),
)
RELATIONS = (
    Relation("has", "HAS", RECORD, IDENTIFIER, _HAS, times=("first_seen", "last_seen")),
    Relation("touch_by", "BY", TOUCH, RECORD, _TOUCH_BY),
    Relation("conversion_by", "BY", CONVERSION, RECORD, _CONVERSION_BY),
    Relation("matches", "MATCHES", RECORD, RECORD, _MATCHES),
    Relation("at", "AT", IDENTIFIER, PROPERTY, _AT),
    Relation("candidate", "CANDIDATE", RECORD, PROPERTY, _CANDIDATE),
    *ABOUT,
)
