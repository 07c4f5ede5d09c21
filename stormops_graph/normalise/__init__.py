"""Source tables to records, identifiers and touches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stormops_graph.normalise.addresses import read_addresses
from stormops_graph.normalise.emails import read_emails
from stormops_graph.normalise.names import read_names
from stormops_graph.normalise.phones import read_phones
from stormops_graph.normalise.placeholders import release
from stormops_graph.normalise.places import write_properties, write_storms
from stormops_graph.normalise.profiles import write_profiles
from stormops_graph.normalise.rules import FeedRules, read_feed_rules
from stormops_graph.normalise.sightings import gather
from stormops_graph.normalise.touches import write_touches
from stormops_graph.normalise.web import FEATURES, write_cookies
from stormops_graph.ports import Task
from stormops_graph.tables import BUSINESS_LINE, HOLDING, PLACEHOLDER, RECORD, SOURCE_ROW, Connection

__all__ = ["FeedRules", "normalise", "read_feed_rules"]

_PHONES = "SELECT phone AS raw FROM sighting UNION ALL SELECT other_phone FROM sighting"
_EMAILS = "SELECT email AS raw FROM sighting"
_NAMES = "SELECT name_raw AS raw FROM sighting"
_TEMPORARY = (
    *("sighting", "sighting_read", "sighting_keyed", "identifier_said", "email_value"),
    *("phone_said", "phone_value", "known_hash", "message_recipient"),
    *("web_event", "web_said", *(f"web_{feature}" for feature in FEATURES)),
)
_ADDRESSES = (
    "SELECT address AS raw FROM sighting UNION ALL SELECT address FROM feed_ga4_events"
    " UNION ALL SELECT address FROM feed_properties"
)


def normalise(con: Connection, rules: Path | FeedRules, progress: Task | None = None) -> None:
    """Write property, record, source_row, holding, placeholder, business_line, touch, conversion and storm.

    `rules` is the folder of the matching rules or what was read there; raises SettingsError where it is wrong.
    """
    said = read_feed_rules(rules) if isinstance(rules, Path) else rules
    for table in (RECORD, SOURCE_ROW, HOLDING, PLACEHOLDER, BUSINESS_LINE):
        table.create(con)
    if progress:
        progress.total(len(_STEPS))
    for step in _STEPS:
        step(con, said)
        if progress:
            progress.advance()
    for name in _TEMPORARY:  # they hold as much as the input
        con.execute(f"DROP TABLE {name}")


_STEPS: tuple[Callable[[Connection, FeedRules], None], ...] = (
    lambda con, _: gather(con),
    lambda con, rules: read_phones(con, _PHONES, rules.identifiers.phone),
    lambda con, rules: read_emails(con, _EMAILS, rules.identifiers.email),
    lambda con, _: release(con),
    lambda con, rules: read_names(con, _NAMES, rules.identifiers.name),
    lambda con, _: read_addresses(con, _ADDRESSES),
    lambda con, _: write_properties(con),
    lambda con, _: write_profiles(con),
    lambda con, _: write_cookies(con),
    lambda con, rules: write_touches(con, rules.channels),
    lambda con, _: write_storms(con),
)
