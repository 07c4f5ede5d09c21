"""The tables that stages read and write, each column declared once.

Invariant: a stage's output table has exactly these columns in this order; `Table.check` holds it to that.
Text is lower case and ASCII-folded where it was normalised; times are UTC without an offset.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import duckdb
import pyarrow as pa

from stormops_graph.errors import StoreError

Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Table:
    """A named table: column name → DuckDB type, in order."""

    name: str
    columns: dict[str, str]

    def create(self, con: Connection) -> None:
        """Replace the table by an empty one."""
        body = ", ".join(f'"{name}" {kind}' for name, kind in self.columns.items())
        con.execute(f'CREATE OR REPLACE TABLE "{self.name}" ({body})')

    def ensure(self, con: Connection) -> None:
        """Create the table where it does not exist; keep its rows where it does."""
        body = ", ".join(f'"{name}" {kind}' for name, kind in self.columns.items())
        con.execute(f'CREATE TABLE IF NOT EXISTS "{self.name}" ({body})')

    def check(self, con: Connection) -> int:
        """Rows in the table; raises StoreError when its columns are not the declared ones."""
        found = [row[0] for row in con.execute(f'DESCRIBE "{self.name}"').fetchall()]
        if found != list(self.columns):
            raise StoreError(f"table {self.name} has columns {found}, not {list(self.columns)}")
        return int(con.table(self.name).count("*").fetchall()[0][0])

    def append(self, con: Connection, rows: Iterable[Sequence[Any]], batch: int = 100_000) -> int:
        """Add rows of values in the order of the columns; how many they were."""
        source, added = iter(rows), 0
        while part := list(islice(source, batch)):
            chunk = pa.table(list(map(pa.array, zip(*part, strict=True))), names=list(self.columns))
            con.from_arrow(chunk).insert_into(self.name)
            added += len(part)
        return added


_SEEN = {"first_seen": "TIMESTAMP", "last_seen": "TIMESTAMP"}
_ADDRESS = {
    "street_no": "VARCHAR",
    "street_name": "VARCHAR",
    "street_type": "VARCHAR",
    "unit": "VARCHAR",
    "zip5": "VARCHAR",
}

# -- ingest ---------------------------------------------------------------------------------------
# One table a feed, `feed_<name>`: its columns are declared with the feed (ingest/feeds.py), then file, line.

QUARANTINE = Table(
    "quarantine",
    {
        "feed": "VARCHAR",
        "file": "VARCHAR",
        "line": "BIGINT",
        "field": "VARCHAR",
        "reason": "VARCHAR",  # a fixed phrase without the row's values, so that it can be shown and counted
        "row": "VARCHAR",  # the row as JSON
        "kept": "BOOLEAN",  # the row is used all the same, without this one value
    },
)
FEED_COUNT = Table(
    "feed_count",
    {"feed": "VARCHAR", "rows": "BIGINT", "quarantined": "BIGINT", "repeats": "BIGINT", "files": "BIGINT"},
)
FEED_FILE = Table(
    "feed_file",  # each file that was read; the encoding is empty where the format has its own
    {"feed": "VARCHAR", "file": "VARCHAR", "encoding": "VARCHAR", "rows": "BIGINT"},
)

WORKSPACE_OF = Table("workspace_of", {"run": "VARCHAR"})  # the complete run behind these tables; empty during one

# -- normalise ------------------------------------------------------------------------------------

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

# -- link -----------------------------------------------------------------------------------------

SHARED_IDENTIFIER = Table(
    "shared_identifier",
    {
        "kind": "VARCHAR",
        "value": "VARCHAR",
        "distinct_people": "BIGINT",
        "records": "BIGINT",
        "reason": "VARCHAR",  # placeholder | business line | too many people | too many homes | blocked
    },
)
SHARED_SINCE = Table("shared_since", {"kind": "VARCHAR", "value": "VARCHAR", "since": "TIMESTAMP"})
ADDRESS_HOME = Table(
    "address_home",  # which property an address means
    {"address_key": "VARCHAR", "property_id": "VARCHAR", "probability": "DOUBLE", "how": "VARCHAR"},
)
PAIR = Table(
    "pair",  # evidence that two records are one person or one household; left_id < right_id
    {
        "left_id": "VARCHAR",
        "right_id": "VARCHAR",
        "level": "VARCHAR",  # person | household
        "probability": "DOUBLE",
        "weight": "DOUBLE",  # log2 odds of evidence, quantised to 1/1024
        "evidence": "VARCHAR",  # JSON: [{"kind", "value", "weight"}]
        "model": "VARCHAR",  # identifier | splink | session
    },
)
RECORD_HOME = Table(
    "record_home",
    {
        "record": "VARCHAR",
        "address_key": "VARCHAR",
        "property_id": "VARCHAR",
        "home": "VARCHAR",  # the property, or else the address of one not listed; NULL: only the building is known
        "probability": "DOUBLE",
    },
)
PAIR_KIND = Table(
    "pair_kind",  # what clustering goes by; one row a candidate pair, left_id < right_id
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

# -- ledger ---------------------------------------------------------------------------------------

DECISION = Table(
    "decision",
    {
        "id": "VARCHAR",
        "left_id": "VARCHAR",
        "right_id": "VARCHAR",
        "verdict": "VARCHAR",  # same | different | unsure
        "by": "VARCHAR",
        "at": "TIMESTAMP",
        "reason": "VARCHAR",
        "supersedes": "VARCHAR",
        "level": "VARCHAR",  # person | household: what the verdict is about
        "left_fingerprint": "VARCHAR",  # of the record's values when the verdict was given
        "right_fingerprint": "VARCHAR",
        "score": "DOUBLE",  # how probable `same` was then; NULL where the records were no pair
        "model": "VARCHAR",
    },
)
BINDING = Table(
    "binding",  # what the verdicts in force ask of clustering, over records that are there; left_id < right_id
    {"level": "VARCHAR", "left_id": "VARCHAR", "right_id": "VARCHAR", "verdict": "VARCHAR"},  # same | different
)

RULING = Table(
    "ruling",  # what stewards say of an identifier, whatever the limits say; the one in force
    {
        "kind": "VARCHAR",  # phone | email
        "value": "VARCHAR",
        "ruling": "VARCHAR",  # released: it links again | blocked: it links nobody
        "by": "VARCHAR",
        "at": "TIMESTAMP",
        "reason": "VARCHAR",
    },
)

# -- cluster --------------------------------------------------------------------------------------

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
PERSON = Table("person", {"person": "VARCHAR", "given": "VARCHAR", "surname": "VARCHAR"})
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
USED_ID = Table("used_id", IDENTITY.columns)  # every id ever given, retired ones too

# -- storms ---------------------------------------------------------------------------------------

TOUCH_STORM = Table("touch_storm", {"touch_id": "VARCHAR", "event_id": "VARCHAR"})  # only touches in a storm
CONVERSION_STORM = Table("conversion_storm", {"conversion_id": "VARCHAR", "event_id": "VARCHAR"})

# -- journeys -------------------------------------------------------------------------------------

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

# -- attribution ----------------------------------------------------------------------------------

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
