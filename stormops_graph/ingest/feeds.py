"""The feeds that are understood: every column declared once, with what it holds and whether a row needs it.

Invariant: `feed_<name>` has exactly the columns of `Feed.table`, whatever the files looked like.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stormops_graph.tables import Table

SEEN_TOGETHER = "seen_together"
ColumnKind = Literal["text", "time", "micros", "number", "flag"]
SQL_TYPE: dict[ColumnKind, str] = {
    "text": "VARCHAR",
    "time": "TIMESTAMP",
    "micros": "TIMESTAMP",  # microseconds since 1970, UTC
    "number": "DOUBLE",
    "flag": "BOOLEAN",
}


@dataclass(frozen=True)
class Column:
    """A column of a feed: its default name and what it holds."""

    name: str
    kind: ColumnKind = "text"
    required: bool = False


NESTED = ("event_params", "geo")  # GA4's, of which the feed's table has the parts that are read


@dataclass(frozen=True)
class Feed:
    """A feed: its columns, its key, and what a row that is absent today means."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    life: Literal["snapshot", "append"] = "append"
    identifiers: tuple[str, ...] = ()  # a row needs at least one of them
    parameters: tuple[Column, ...] = ()  # columns that are read out of NESTED ones

    @property
    def typed(self) -> tuple[Column, ...]:
        """The columns of the feed's table, those of its parameters included."""
        return tuple(column for column in self.columns if column.name not in NESTED) + self.parameters

    @property
    def table(self) -> Table:
        """The table that ingest writes.

        `print` is a hash of what a row was read from: two rows of one print say the same, in this run and the next.
        """
        columns = {column.name: SQL_TYPE[column.kind] for column in self.typed}
        return Table(f"feed_{self.name}", {**columns, "print": "UHUGEINT"})

    @property
    def places(self) -> Table:
        """Where each row of the table stands, by its print: a row stays as it is where its line moves."""
        return Table(f"place_{self.name}", {"file": "VARCHAR", "line": "BIGINT", "print": "UHUGEINT"})


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from `name`, `name*` (required) and `name:kind` words."""
    columns = []
    for word in text.split():
        name, _, kind = word.partition(":")
        columns.append(Column(name.rstrip("*"), _KINDS[kind], required=name.endswith("*")))
    return tuple(columns)


_KINDS: dict[str, ColumnKind] = {
    "": "text",
    "text": "text",
    "time": "time",
    "micros": "micros",
    "number": "number",
    "flag": "flag",
}

_FEEDS = (
    Feed(
        "properties",
        _columns(
            "property_id* address* city state zip_code estimated_value:number square_footage:number"
            " property_age:number risk_score:number risk_tier primary_persona recommended_play"
            " sii_score:number follow_up_sla_hours:number median_household_income:number"
            " price_sensitivity:number risk_tolerance:number control:flag"
            " updated_at:time"
        ),
        key=("property_id",),
        life="snapshot",
    ),
    Feed(
        "crm_contacts",
        _columns(
            "contact_id* first_name last_name phone mobile_phone email address city state zip_code"
            " created_at:time updated_at:time"
        ),
        key=("contact_id",),
        life="snapshot",
    ),
    Feed(
        "ga4_events",
        _columns("event_timestamp*:micros event_name* user_pseudo_id* user_id event_params geo"),
        key=("user_pseudo_id", "event_timestamp", "event_name"),
        parameters=_columns(
            "zip_code address home_value_band year_built:number square_footage:number event_id playbook_id"
            " email_sha256 phone_sha256 mid geo_city"
        ),
    ),
    Feed(
        "calls",
        _columns(
            "call_id* started_at*:time caller_number* caller_name tracking_number duration_s:number event_id play_id"
        ),
        key=("call_id",),
    ),
    Feed(
        "door_knocks",
        _columns(
            "knock_id* knocked_at*:time address* city state zip_code resident_name phone outcome rep_id"
            " event_id play_id"
        ),
        key=("knock_id",),
    ),
    Feed(
        "emails",
        _columns("message_id* recipient* event_type occurred_at*:time event_id play_id"),
        key=("message_id", "event_type", "occurred_at"),
    ),
    Feed(
        "sms",
        _columns("message_id* phone* direction occurred_at*:time event_id play_id"),
        key=("message_id",),
    ),
    Feed("storms", _columns("event_id* name started_at*:time ended_at:time zip_codes"), key=("event_id",)),
    Feed(
        "conversions",
        _columns("conversion_id* kind occurred_at*:time contact_id phone email address zip_code value:number event_id"),
        key=("conversion_id",),
        identifiers=("contact_id", "phone", "email", "address"),
    ),
    Feed(
        SEEN_TOGETHER,  # the project's own: what callers of `IdentityGraph.resolve(link=True)` saw together
        _columns("seen_at*:time cookie phone email address"),
        key=("seen_at", "cookie", "phone", "email", "address"),
        identifiers=("cookie", "phone", "email", "address"),
    ),
)

FEEDS: dict[str, Feed] = {feed.name: feed for feed in _FEEDS}
