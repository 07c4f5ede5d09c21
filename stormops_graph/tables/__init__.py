"""The tables that stages read and write, each column declared once.

Invariant: a stage's output table has exactly these columns in this order; `Table.check` holds it to that.
Text is lower case and ASCII-folded where it was normalised; times are UTC without an offset.
"""

from stormops_graph.tables.credits import (
    AREA,
    COMMISSION,
    CREDIT,
    CREDITED_TOUCH,
    PAID_TOUCH,
    PERSONA_CREDIT,
    PLAY_CHANNEL,
    PUBLISHED_SHARE,
    TOUCH_CREDIT,
)
from stormops_graph.tables.ingested import FEED_COUNT, FEED_FILE, QUARANTINE, WORKSPACE_OF
from stormops_graph.tables.journeys import (
    JOURNEY,
    JOURNEY_DUE,
    JOURNEY_TOUCH,
    MEMBER_IN_DOUBT,
    OTHER_HOUSEHOLD,
    TRACE,
    TRACE_HOME,
)
from stormops_graph.tables.links import (
    ADDRESS_HOME,
    CANDIDATE,
    PAIR,
    PAIR_KIND,
    RECORD_HOME,
    SHARED_IDENTIFIER,
    SHARED_SINCE,
)
from stormops_graph.tables.memberships import IDENTITY, LAST_MEMBERSHIP, LINEAGE, MEMBERSHIP, PERSON, RESIDENCE, USED_ID
from stormops_graph.tables.profiles import (
    BUSINESS_LINE,
    CONVERSION,
    HOLDING,
    PERSONA_FIT,
    PLACEHOLDER,
    PROPERTY,
    PROPERTY_CONTROL,
    PROPERTY_PERSONA,
    PROPERTY_PRIORS,
    RECORD,
    SOURCE_ROW,
    STORM,
    TOUCH,
)
from stormops_graph.tables.reviews import REVIEW_CASE, REVIEW_PAIR, REVIEW_RECORD, REVIEW_VERDICT
from stormops_graph.tables.storms import CONVERSION_STORM, TOUCH_STORM
from stormops_graph.tables.table import Connection, Table
from stormops_graph.tables.verdicts import BINDING, DECISION, RULING

__all__ = [
    "ADDRESS_HOME",
    "AREA",
    "BINDING",
    "BUSINESS_LINE",
    "CANDIDATE",
    "COMMISSION",
    "CONVERSION",
    "CONVERSION_STORM",
    "CREDIT",
    "CREDITED_TOUCH",
    "DECISION",
    "FEED_COUNT",
    "FEED_FILE",
    "HOLDING",
    "IDENTITY",
    "JOURNEY",
    "JOURNEY_DUE",
    "JOURNEY_TOUCH",
    "LAST_MEMBERSHIP",
    "LINEAGE",
    "MEMBERSHIP",
    "MEMBER_IN_DOUBT",
    "OTHER_HOUSEHOLD",
    "PAID_TOUCH",
    "PAIR",
    "PAIR_KIND",
    "PERSON",
    "PERSONA_CREDIT",
    "PERSONA_FIT",
    "PLACEHOLDER",
    "PLAY_CHANNEL",
    "PROPERTY",
    "PROPERTY_CONTROL",
    "PROPERTY_PERSONA",
    "PROPERTY_PRIORS",
    "PUBLISHED_SHARE",
    "QUARANTINE",
    "RECORD",
    "RECORD_HOME",
    "RESIDENCE",
    "REVIEW_CASE",
    "REVIEW_PAIR",
    "REVIEW_RECORD",
    "REVIEW_VERDICT",
    "RULING",
    "SHARED_IDENTIFIER",
    "SHARED_SINCE",
    "SOURCE_ROW",
    "STORM",
    "TOUCH",
    "TOUCH_CREDIT",
    "TOUCH_STORM",
    "TRACE",
    "TRACE_HOME",
    "USED_ID",
    "WORKSPACE_OF",
    "Connection",
    "Table",
]
