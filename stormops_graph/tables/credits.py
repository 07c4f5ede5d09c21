"""What channels, plays and touches earned."""

from __future__ import annotations

from stormops_graph.tables.table import Table

AREA = Table(
    "area",
    {
        "event_id": "VARCHAR",
        "zip_code": "VARCHAR",  # ALL for the whole storm, UNKNOWN for homes without a ZIP
        "journeys": "BIGINT",
        "conversions": "BIGINT",  # converting journeys
        "value": "DOUBLE",
        "touches": "BIGINT",
        "unattributed": "BIGINT",  # conversions whose journey has no touch with a play
    },
)
CREDIT = Table(
    "credit",
    {
        "event_id": "VARCHAR",
        "zip_code": "VARCHAR",
        "dimension": "VARCHAR",  # channel | play
        "key": "VARCHAR",
        "model": "VARCHAR",
        "share": "DOUBLE",
        "low": "DOUBLE",  # 5 % and 95 % of the posterior; NULL where a model has no interval
        "high": "DOUBLE",
        "interval": "VARCHAR",  # event (a whole storm) | pooled (a ZIP, with the rest of its storm)
        "conversions": "DOUBLE",  # share × conversions to share out
        "value": "DOUBLE",
        "touches": "BIGINT",
        "journeys": "BIGINT",  # journeys the key is in
        "raw": "DOUBLE",  # the exact answer of the area's own journeys; NULL where nobody converted
        "own": "DOUBLE",  # how much of the share comes from the area's own journeys, the rest from its storm
        "shift": "DOUBLE",  # what the priors of personas moved the share by
    },
)
PERSONA_CREDIT = Table(
    "persona_credit",  # of channels, for each persona of a storm, pooled with the rest of it; no priors lean
    {
        "event_id": "VARCHAR",
        "persona": "VARCHAR",  # NULL: journeys whose persona is not known
        "journeys": "BIGINT",
        "conversions": "BIGINT",
        "key": "VARCHAR",
        "model": "VARCHAR",
        "share": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
        "own": "DOUBLE",
    },
)
TOUCH_CREDIT = Table(
    "touch_credit",  # of converting journeys: what each touch earned, by every model; 1 a journey and model
    {
        "event_id": "VARCHAR",
        "journey_id": "VARCHAR",
        "zip_code": "VARCHAR",
        "position": "INTEGER",
        "touch_id": "VARCHAR",
        "channel": "VARCHAR",
        "play_id": "VARCHAR",
        "model": "VARCHAR",
        "credit": "DOUBLE",  # of the journey's conversion; a decimal of 12 digits
        "value": "DOUBLE",  # of the conversion's value; a decimal of 6 digits
    },
)
COMMISSION = Table(
    "commission",  # TOUCH_CREDIT as it is taken away, with who made the touch
    {
        "event_id": "VARCHAR",
        "zip_code": "VARCHAR",
        "journey_id": "VARCHAR",
        "position": "INTEGER",
        "touch_id": "VARCHAR",
        "channel": "VARCHAR",
        "play_id": "VARCHAR",
        "rep_id": "VARCHAR",
        "model": "VARCHAR",
        "credit": "DOUBLE",
        "conversion_value": "DOUBLE",
    },
)
CREDITED_TOUCH = Table(
    "credited_touch",  # the touches of converting journeys as the graph has them, with their published credit
    {"event_id": "VARCHAR", "touch_id": "VARCHAR", "rep_id": "VARCHAR", "credit": "DOUBLE"},
)
PUBLISHED_SHARE = Table(
    "published_share",  # of whole storms by the published model, as the graph has them
    {"event_id": "VARCHAR", "dimension": "VARCHAR", "key": "VARCHAR", "share": "DOUBLE", "conversions": "DOUBLE"},
)
PAID_TOUCH = Table(
    "paid_touch",  # the touches that are credited in the graph's journeys
    {
        "event_id": "VARCHAR",
        "household": "VARCHAR",
        "touch_id": "VARCHAR",
        "rep_id": "VARCHAR",
        "credit": "DOUBLE",
    },
)
EARNED_SHARE = Table(
    "earned_share",  # of whole storms by the published model, of the journeys that would be
    {"event_id": "VARCHAR", "dimension": "VARCHAR", "key": "VARCHAR", "share": "DOUBLE", "conversions": "DOUBLE"},
)
EARNED_TOUCH = Table(
    "earned_touch",  # the same of touches
    {"event_id": "VARCHAR", "household": "VARCHAR", "touch_id": "VARCHAR", "credit": "DOUBLE"},
)
PLAY_CHANNEL = Table(
    "play_channel",  # which channels carry a play, by the published model
    {
        "event_id": "VARCHAR",
        "zip_code": "VARCHAR",
        "play": "VARCHAR",
        "channel": "VARCHAR",
        "model": "VARCHAR",
        "part": "DOUBLE",  # of the play's credit; the parts of a play sum to 1
        "low": "DOUBLE",
        "high": "DOUBLE",
        "conversions": "DOUBLE",
        "touches": "BIGINT",
        "own": "DOUBLE",  # how much of the part comes from the area's own journeys
    },
)
