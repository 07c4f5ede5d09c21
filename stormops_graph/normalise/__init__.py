"""Source tables to records, identifiers and touches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stormops_graph.carryover import open_tables, renewed, tell, tell_all, tell_held
from stormops_graph.normalise.addresses import read_addresses
from stormops_graph.normalise.emails import read_emails
from stormops_graph.normalise.names import read_names
from stormops_graph.normalise.phones import read_phones
from stormops_graph.normalise.placeholders import release
from stormops_graph.normalise.places import gather_properties, write_properties, write_storms
from stormops_graph.normalise.profiles import key_sightings, write_profiles
from stormops_graph.normalise.rules import FeedRules, read_feed_rules
from stormops_graph.normalise.sightings import KEYED, gather
from stormops_graph.normalise.standing import drop_due
from stormops_graph.normalise.touches import write_touches
from stormops_graph.normalise.web import EVENT, FEATURES, gather_events, key_events, show_bridging, write_cookies
from stormops_graph.ports import UNWATCHED, Task
from stormops_graph.tables import HOLDING, PLACEHOLDER, RECORD, ROW_NEWS, RULING, SOURCE_ROW, TOUCH, Connection

__all__ = ["FeedRules", "normalise", "read_feed_rules"]

_PHONES = "SELECT phone AS raw FROM sighting UNION ALL SELECT other_phone FROM sighting"
_EMAILS = "SELECT email AS raw FROM sighting"
_NAMES = "SELECT name_raw AS raw FROM sighting"
_TEMPORARY = (
    *("sighting", "sighting_read", "identifier_said", "name_value", "email_value", "address_value"),
    *("phone_said", "phone_main", "phone_value", "known_hash", "message_recipient", "property_new"),
    *("sighting_unusable", "sighting_flawed", "bridge_now", "bridge_gone", "bridge_new", "record_due"),
    *("web_new", "web_shown", "web_said", *(f"web_{feature}" for feature in FEATURES), "bridge_due"),
)
_OF_A_NIGHT = ("row_stirred", "sighting_stirred", "sighting_keyed_gone", "web_event_gone", "property_print_gone")
_ADDRESSES = (
    "SELECT address AS raw FROM sighting UNION ALL SELECT address FROM web_new"
    " UNION ALL SELECT address FROM property_new"
)
_BY_RECORD = (RECORD, SOURCE_ROW, HOLDING, PLACEHOLDER, TOUCH)
_DUE = {"sighting_due": KEYED, "web_due": EVENT}
_HELD = "SELECT kind, value FROM {table}{whose} WHERE kind IN ('phone', 'email')"
_RELEASED = "SELECT kind, value FROM ruling WHERE ruling = 'released' ORDER BY ALL"


def normalise(con: Connection, rules: Path | FeedRules, task: Task = UNWATCHED) -> None:
    """Write property, record, source_row, holding, placeholder, business_line, touch, conversion and storm.

    Rows that the last run normalised by the same rules are taken over. `rules` is the folder of the matching rules or
    what was read there; raises SettingsError where it is wrong.
    """
    said = read_feed_rules(rules) if isinstance(rules, Path) else rules
    RULING.ensure(con)
    made_by = (said, con.execute(_RELEASED).fetchall())
    with renewed(con, KEYED.name, *made_by) as known:
        if not known:
            _tell_of_all(con)
        open_tables(con, (*_BY_RECORD, KEYED, EVENT), known=known)
        kind = "TABLE" if known else "VIEW"  # the rows of a night are few, those of a first run all there are
        steps = (*_READING, lambda con, _: _turn_to_due(con, kind), *_WRITING)
        task.total(len(steps))
        for gathered in (gather_properties, gather, gather_events):
            gathered(con, known=known)
        for step in steps:
            step(con, said)
            task.advance()
    ROW_NEWS.create(con)
    for name in (*_DUE, "web_bridging"):
        con.execute(f"DROP {kind} {name}")
    for name in (*_TEMPORARY, *(_OF_A_NIGHT if known else ())):  # they hold as much as the news
        con.execute(f"DROP TABLE {name}")


def _tell_of_all(con: Connection) -> None:
    """Let all records that there were, and what they held, be news."""
    for table in (RECORD, HOLDING, PLACEHOLDER):
        table.ensure(con)
    tell_all(con)
    for table in (HOLDING, PLACEHOLDER):
        tell_held(con, _HELD.format(table=table.name, whose=""))


def _turn_to_due(con: Connection, kind: str) -> None:
    """Tell whom the due records concern, take out what was said of them, and show their rows."""
    tell(con, "FROM record_due")
    for table in (HOLDING, PLACEHOLDER):
        tell_held(con, _HELD.format(table=table.name, whose=" SEMI JOIN record_due USING (record)"))
    drop_due(con, _BY_RECORD)
    for name, kept in _DUE.items():
        kept.show_due(con, name, kind)
    show_bridging(con, kind)


_READING: tuple[Callable[[Connection, FeedRules], None], ...] = (
    lambda con, rules: read_phones(con, _PHONES, rules.identifiers.phone),
    lambda con, rules: read_emails(con, _EMAILS, rules.identifiers.email),
    lambda con, _: release(con),
    lambda con, rules: read_names(con, _NAMES, rules.identifiers.name, rules.nicknames),
    lambda con, _: read_addresses(con, _ADDRESSES),
    lambda con, _: write_properties(con),
    lambda con, _: key_sightings(con),
    lambda con, _: key_events(con),
)
_WRITING: tuple[Callable[[Connection, FeedRules], None], ...] = (
    lambda con, _: write_profiles(con),
    lambda con, _: write_cookies(con),
    lambda con, rules: write_touches(con, rules.channels),
    lambda con, _: write_storms(con),
)
