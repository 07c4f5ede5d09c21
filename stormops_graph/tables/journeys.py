"""Journeys, and those that memberships in doubt would change."""

from __future__ import annotations

from stormops_graph.tables.table import Table

JOURNEY = Table(
    "journey",
    {
        "journey_id": "VARCHAR",
        "household": "VARCHAR",
        "event_id": "VARCHAR",
        "zip_code": "VARCHAR",  # UNKNOWN for homes without one
        "persona": "VARCHAR",
        "converted": "BOOLEAN",
        "value": "DOUBLE",
        "started_at": "TIMESTAMP",
        "ended_at": "TIMESTAMP",
    },
)
JOURNEY_TOUCH = Table(
    "journey_touch",
    {
        "journey_id": "VARCHAR",
        "position": "INTEGER",  # from 0, in time order
        "touch_id": "VARCHAR",
        "channel": "VARCHAR",
        "play_id": "VARCHAR",
        "at": "TIMESTAMP",
    },
)
JOURNEY_OF = Table(
    "journey_of",  # of which run all journeys are in JOURNEY, with all touches; none where some are not
    {"run": "VARCHAR"},  # "" until that run is complete
)
JOURNEY_PRINT = Table(
    "journey_print",  # what a run's journeys were made of, see `graph/traces.py`
    {"run": "VARCHAR", "print": "VARCHAR"},  # "" until that run is complete
)
JOURNEY_DUE = Table(
    "journey_due",  # what households had whose journeys are read again; NULL: none
    {"household": "VARCHAR", "journey_id": "VARCHAR", "event_id": "VARCHAR", "zip_code": "VARCHAR"},
)
MEMBER_IN_DOUBT = Table(
    "member_in_doubt",  # records that may not belong to their household
    {
        "record": "VARCHAR",
        "household": "VARCHAR",
        "person": "VARCHAR",
        "confidence": "DOUBLE",
        "carries_person": "BOOLEAN",  # all of its person in that household goes with it
    },
)
OTHER_HOUSEHOLD = Table(
    "other_household",  # where a record in doubt could belong instead
    {"record": "VARCHAR", "household": "VARCHAR", "other": "VARCHAR", "probability": "DOUBLE"},
)
TRACE = Table(
    "trace",  # all touches and conversions, in a storm, of the households that a record in doubt is in or could be
    {
        "household": "VARCHAR",
        "person": "VARCHAR",
        "record": "VARCHAR",
        "trace_id": "VARCHAR",
        "is_conversion": "BOOLEAN",
        "at": "TIMESTAMP",
        "event_id": "VARCHAR",
        "channel": "VARCHAR",
        "play_id": "VARCHAR",
        "value": "DOUBLE",
    },
)
TRACE_HOME = Table(
    "trace_home",  # where those households live
    {
        "household": "VARCHAR",
        "property_id": "VARCHAR",
        "zip_code": "VARCHAR",
        "persona": "VARCHAR",
        "valid_from": "TIMESTAMP",
        "valid_to": "TIMESTAMP",
    },
)
