"""The node labels of the graph, each with the query over the stage tables that says what it should hold."""

from __future__ import annotations

from stormops_graph.graph.kinds import (
    CONVERSION,
    DECISION,
    HOUSEHOLD,
    PERSON,
    PLAY,
    PROPERTY,
    RECORD,
    STORM,
    TOUCH,
    NodeKind,
)

_STORM = """
SELECT event_id AS key,
       {name: any_value(name), zip_codes: nullif(list_sort(flatten(list(zip_codes))), [])} AS properties,
       {started_at: iso(min(started_at)), ended_at: iso(max(ended_at))} AS times
FROM (SELECT event_id, name, started_at, ended_at, zip_codes FROM storm
      UNION ALL SELECT DISTINCT event_id, NULL, NULL::TIMESTAMP, NULL::TIMESTAMP, []::VARCHAR[] FROM touch_storm
      UNION ALL SELECT DISTINCT event_id, NULL, NULL, NULL, [] FROM conversion_storm)
GROUP BY event_id
"""

_PLAY = """
SELECT play_id AS key, {channels: list_sort(list(DISTINCT channel))} AS properties, NULL AS times
FROM touch WHERE play_id IS NOT NULL GROUP BY play_id
"""

_PROPERTY = """
SELECT property_id AS key,
       {address: address, city: city, state: state, zip_code: zip5, sii_score: sii_score,
        persona: primary_persona, persona_priors: persona_priors, likely_persona: likely.persona,
        likely_persona_probability: likely.probability, persona_names: likely.personas, persona_chances: likely.chances,
        recommended_play: recommended_play,
        risk_score: risk_score, risk_tier: risk_tier, estimated_value: estimated_value,
        square_footage: square_footage, property_age: property_age, follow_up_sla_hours: follow_up_sla_hours,
        median_household_income: median_household_income, price_sensitivity: price_sensitivity,
        risk_tolerance: risk_tolerance,
        control: CASE WHEN property_control.property_id IS NOT NULL THEN true END,
        same_as: listed_twice.home} AS properties, NULL AS times
FROM property LEFT JOIN property_priors USING (property_id) LEFT JOIN property_control USING (property_id)
LEFT JOIN property_persona likely USING (property_id) LEFT JOIN listed_twice USING (property_id)
"""

_IDENTIFIER = """
SELECT kind || ':' || value AS key,
       {value: value, is_shared: is_shared, distinct_people: distinct_people, shared_because: reason} AS properties,
       {shared_since: iso(since)} AS times
FROM identifier_counted WHERE kind = '{kind}'
"""

_RECORD = """
SELECT record AS key,
       {feed: feed, given: given, surname: surname, suffix: suffix, zip_code: zip5} AS properties,
       {first_seen: iso(first_seen), last_seen: iso(last_seen)} AS times
FROM record
"""

_TOUCH = """
SELECT touch_id AS key,
       {channel: channel, play_id: play_id, event_id: touch_storm.event_id, rep_id: rep_id, zip_code: zip5}
         AS properties,
       {"at": iso("at")} AS times
FROM touch LEFT JOIN touch_storm USING (touch_id)
"""

_CONVERSION = """
SELECT conversion_id AS key,
       {kind: kind, value: value, event_id: conversion_storm.event_id, zip_code: zip5} AS properties,
       {"at": iso("at")} AS times
FROM conversion LEFT JOIN conversion_storm USING (conversion_id)
"""

_DECISION = """
SELECT id AS key,
       {left_id: left_id, right_id: right_id, verdict: verdict, "by": "by", reason: reason, supersedes: supersedes,
        level: level, left_fingerprint: left_fingerprint, right_fingerprint: right_fingerprint, score: score,
        model: model, needs_second: CASE WHEN needs_second THEN true END, confirms: confirms,
        restored_by: restored_by} AS properties,
       {"at": iso("at"), ended_at: iso(until)} AS times
FROM decision
"""

_HOUSEHOLD = """
WITH surname AS (
    SELECT household, surname, row_number() OVER (PARTITION BY household ORDER BY count(*) DESC, surname) AS place
    FROM (SELECT DISTINCT household, person FROM membership) JOIN person USING (person)
    WHERE surname IS NOT NULL GROUP BY household, surname
), home AS (
    SELECT household, address, zip5, row_number() OVER (
        PARTITION BY household ORDER BY valid_to DESC NULLS FIRST, valid_from DESC NULLS LAST, property_id) AS place
    FROM residence JOIN property USING (property_id)
), size AS (
    SELECT household, count(DISTINCT person) AS people, count(DISTINCT record) AS records
    FROM membership GROUP BY household
)
SELECT size.household AS key,
       {surname: surname.surname, address: home.address, zip_code: home.zip5, people: people, records: records,
        birth_key: birth_key, generation: generation} AS properties,
       NULL AS times
FROM size
LEFT JOIN surname ON surname.household = size.household AND surname.place = 1
LEFT JOIN home ON home.household = size.household AND home.place = 1
LEFT JOIN identity ON identity.level = 'household' AND identity.id = size.household
"""

_PERSON = """
SELECT found.person AS key,
       {name: trim(concat_ws(' ', given, surname, suffix)), given: given, surname: surname,
        birth_key: birth_key, generation: generation} AS properties,
       NULL AS times
FROM (SELECT DISTINCT person FROM membership WHERE person IS NOT NULL) found
LEFT JOIN person ON person.person = found.person
LEFT JOIN identity ON identity.level = 'person' AND identity.id = found.person
"""

IDENTIFIER_KINDS = ("phone", "email", "address", "cookie")  # contact ids and unread hashes are no one's to ask for

# What a household consists of is written in one transaction, see `bundles`.
HOUSEHOLD_NODES = (
    NodeKind("household", *HOUSEHOLD, _HOUSEHOLD, "retired"),
    NodeKind("person", *PERSON, _PERSON, "retired"),
)
VERDICT = NodeKind("decision", *DECISION, _DECISION, "kept", times=("at", "ended_at"))
NODES = (
    NodeKind("storm", *STORM, _STORM, times=("started_at", "ended_at")),
    NodeKind("play", *PLAY, _PLAY),
    NodeKind("property", *PROPERTY, _PROPERTY),
    *(
        NodeKind(
            kind, f"Identifier:{kind.title()}", "key", _IDENTIFIER.replace("{kind}", kind), times=("shared_since",)
        )
        for kind in IDENTIFIER_KINDS
    ),
    NodeKind("record", *RECORD, _RECORD, times=("first_seen", "last_seen")),
    NodeKind("touch", *TOUCH, _TOUCH, times=("at",)),
    NodeKind("conversion", *CONVERSION, _CONVERSION, times=("at",)),
    VERDICT,
)
