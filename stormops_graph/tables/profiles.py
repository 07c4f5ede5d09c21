"""Properties, records, what they hold, touches, conversions and storms."""

from __future__ import annotations

from stormops_graph.tables.table import Table

_SEEN = {"first_seen": "TIMESTAMP", "last_seen": "TIMESTAMP"}
_ADDRESS = {
    "street_no": "VARCHAR",
    "street_name": "VARCHAR",
    "street_type": "VARCHAR",
    "unit": "VARCHAR",
    "zip5": "VARCHAR",
}

PROPERTY = Table(
    "property",  # a parcel or dwelling, the anchor of a home
    {
        "property_id": "VARCHAR",
        "address": "VARCHAR",  # as written in the feed
        "address_key": "VARCHAR",
        **_ADDRESS,
        "city": "VARCHAR",
        "state": "VARCHAR",
        "estimated_value": "DOUBLE",
        "square_footage": "DOUBLE",
        "property_age": "DOUBLE",
        "risk_score": "DOUBLE",
        "risk_tier": "VARCHAR",
        "primary_persona": "VARCHAR",
        "recommended_play": "VARCHAR",
        "sii_score": "DOUBLE",
        "follow_up_sla_hours": "DOUBLE",
        "median_household_income": "DOUBLE",
        "price_sensitivity": "DOUBLE",
        "risk_tolerance": "DOUBLE",
    },
)
PROPERTY_PRIORS = Table("property_priors", {"property_id": "VARCHAR", "persona_priors": "VARCHAR"})  # JSON
PROPERTY_PERSONA = Table(
    "property_persona",  # of homes whose persona the feed does not say
    {
        "property_id": "VARCHAR",
        "persona": "VARCHAR",  # the most probable
        "probability": "DOUBLE",
        "personas": "VARCHAR[]",
        "chances": "DOUBLE[]",  # of each of them
    },
)
PERSONA_FIT = Table(
    "persona_fit",  # how personas were learnt, one row; accuracy and log loss are of homes left out of the fit
    {
        "homes": "BIGINT",
        "classified": "BIGINT",
        "accuracy": "DOUBLE",
        "most_common": "DOUBLE",  # the accuracy of always saying the most common persona
        "log_loss": "DOUBLE",
        "temper": "DOUBLE",
    },
)
PROPERTY_CONTROL = Table("property_control", {"property_id": "VARCHAR"})  # homes that are held out
RECORD = Table(
    "record",  # a profile: one feed's distinct identifying values
    {
        "record": "VARCHAR",  # feed:hash of the values
        "feed": "VARCHAR",
        "given": "VARCHAR",
        "surname": "VARCHAR",
        "suffix": "VARCHAR",  # sr | jr | iii | iv, of two who bear one name
        "phones": "VARCHAR[]",  # E.164
        "emails": "VARCHAR[]",
        "address_key": "VARCHAR",
        **_ADDRESS,
        "city": "VARCHAR",
        "cookie": "VARCHAR",
        "hashes": "VARCHAR[]",
        "home_value_band": "VARCHAR",
        "year_built": "INTEGER",
        "square_footage": "DOUBLE",
        **_SEEN,
    },
)
RECORD_NEWS = Table(
    "record_news",  # of which anything changed since the last complete run, or that went; too many rather than too few
    {"record": "VARCHAR"},
)
IDENTIFIER_NEWS = Table(
    "identifier_news",  # that a record of news has held since the last complete run, and may hold no more
    {"kind": "VARCHAR", "value": "VARCHAR"},
)
SOURCE_ROW = Table("source_row", {"feed": "VARCHAR", "id": "VARCHAR", "record": "VARCHAR"})
HOLDING = Table(
    "holding",  # which record showed which identifier, how and when
    {
        "record": "VARCHAR",
        "kind": "VARCHAR",  # phone | email | address | cookie | contact | email_sha256 | phone_sha256
        "value": "VARCHAR",
        "via": "VARCHAR",  # row | hash (a known value hashes to it) | click (mid of a clicked email)
        **_SEEN,
        "rows": "BIGINT",
    },
)
PLACEHOLDER = Table(
    "placeholder",  # which record showed an identifier that identifies nobody; it gets no holding
    {"record": "VARCHAR", "kind": "VARCHAR", "value": "VARCHAR", "reason": "VARCHAR"},
)
BUSINESS_LINE = Table("business_line", {"phone": "VARCHAR"})  # numbers that the carrier says a business calls from
TOUCH = Table(
    "touch",
    {
        "touch_id": "VARCHAR",
        "record": "VARCHAR",
        "channel": "VARCHAR",
        "at": "TIMESTAMP",
        "event_id": "VARCHAR",  # the storm; NULL until it is placed
        "play_id": "VARCHAR",
        "rep_id": "VARCHAR",
        "zip5": "VARCHAR",  # as the row says it
    },
)
CONVERSION = Table(
    "conversion",
    {
        "conversion_id": "VARCHAR",
        "record": "VARCHAR",
        "kind": "VARCHAR",
        "at": "TIMESTAMP",
        "event_id": "VARCHAR",
        "zip5": "VARCHAR",
        "value": "DOUBLE",
    },
)
STORM = Table(
    "storm",  # from the storms feed, or else from the touches that name it
    {
        "event_id": "VARCHAR",
        "name": "VARCHAR",
        "started_at": "TIMESTAMP",
        "ended_at": "TIMESTAMP",
        "zip_codes": "VARCHAR[]",  # empty: every ZIP
    },
)
