"""Suppression: which rows of the feeds are about people who were forgotten.

Invariant: values are read by the code that reads the feeds and compared as keyed hashes, in memory: nothing of such a
row reaches the workspace. An address alone is nobody's, so that a home's next owner is read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime

import duckdb
import pyarrow as pa

from stormops_graph.forgetting.keyed import define, keyed, read_key
from stormops_graph.ledger.erasures import Hashes, Mark, kept_erasures, suppressed_at
from stormops_graph.normalise import FeedRules, read_feed_rules, sightings
from stormops_graph.normalise.addresses import read_addresses
from stormops_graph.normalise.emails import read_emails
from stormops_graph.normalise.names import read_names
from stormops_graph.normalise.phones import read_phones
from stormops_graph.project import Project
from stormops_graph.tables import Connection

WEB = {
    "cookie": "user_pseudo_id",
    "contact": "user_id",
    "email_sha256": "lower(email_sha256)",
    "phone_sha256": "lower(phone_sha256)",
}
"""Where GA4's events show what others show as a sighting does."""

_COLUMNS = (
    *("id", "contact", "cookie", "phone", "other_phone", "email", "email_sha256", "phone_sha256"),
    *("name_raw", "address", "zip_code"),
)
# What a message is to one recipient is the row, not the message.
_MARKED = """
SELECT file, line, 'row' AS mark,
       $feed || ':' || id || CASE WHEN $feed = 'emails' THEN ':' || e.email ELSE '' END AS value
FROM said LEFT JOIN email_value AS e ON e.raw = said.email
UNION ALL SELECT file, line, 'contact', contact FROM said
UNION ALL SELECT file, line, 'cookie', cookie FROM said
UNION ALL SELECT file, line, 'email_sha256', email_sha256 FROM said
UNION ALL SELECT file, line, 'phone_sha256', phone_sha256 FROM said
UNION ALL SELECT file, line, 'email', e.email FROM said JOIN email_value AS e ON e.raw = said.email
UNION ALL SELECT file, line, 'phone', p.phone FROM said JOIN phone_value AS p ON p.raw IN (said.phone, other_phone)
"""
_PERSONS = """
UNION ALL
SELECT file, line, 'person', concat_ws(chr(31), given, surname,
       address_key_of(street_no, street_name, street_type, unit, coalesce(zip_of(zip_code), zip5)))
FROM said JOIN name_value AS n ON n.raw = name_raw JOIN address_value AS a ON a.raw = address
WHERE given IS NOT NULL AND surname IS NOT NULL AND street_no IS NOT NULL
"""
_LINES = """
WITH marked AS ({marked}), hit AS (
    SELECT mark, value FROM (SELECT DISTINCT mark, value FROM marked WHERE value IS NOT NULL)
    WHERE keyed(mark, value) IN (SELECT hash FROM held)
)
SELECT DISTINCT file, line FROM marked SEMI JOIN hit USING (mark, value) ORDER BY file, line
"""
_EMAIL = re.compile(r"[^\s@,;<>\"'|:]+@[^\s@,;<>\"'|:]+")
_NUMBER = re.compile(r"\d(?:[\s().-]{0,3}\d){9,10}")
_WORD = re.compile(r"[^\s,;|\"'\[\]{}]+")


class Suppression:
    """Those who were forgotten, by the hashes that count now."""

    def __init__(self, key: bytes, held: Hashes, rules: FeedRules) -> None:
        self._key, self._held, self._rules = key, held, rules

    @property
    def fingerprint(self) -> str:
        """What says who they are at this time."""
        return hashlib.sha256("".join(sorted(hash_ for _, hash_ in self._held)).encode()).hexdigest()

    def lines(self, con: Connection, feed: str, table: str) -> list[tuple[str, int]]:
        """(file, line) of the rows about them in a table of a feed's texts under their default names."""
        shown = WEB if feed == "ga4_events" else sightings.SHOWN.get(feed, {})
        if not shown or not self._held:
            return []
        sightings.define(con)
        columns = ", ".join(f"{_expression(feed, shown, name)} AS {name}" for name in _COLUMNS)
        said = con.sql(f"SELECT file, line, {columns} FROM {table}").to_arrow_table()  # noqa: S608  (declared names)
        with duckdb.connect(config={"threads": 1}) as apart:
            return self._hit(apart, feed, said)

    def are_in(self, text: str) -> bool:
        """Whether a text that is no row shows one of them: an email, a number, or a cookie or id by itself."""
        return any((mark, keyed(self._key, mark, value)) in self._held for mark, value in _words(text))

    def _hit(self, con: Connection, feed: str, said: pa.Table) -> list[tuple[str, int]]:
        con.register("said", said)
        define(con, self._key)
        sightings.define(con)
        con.execute("CREATE TABLE held AS SELECT unnest(?::VARCHAR[]) AS hash", [sorted({h for _, h in self._held})])
        phones = "SELECT phone AS raw FROM said UNION ALL SELECT other_phone FROM said"
        read_phones(con, phones, self._rules.identifiers.phone)
        read_emails(con, "SELECT email AS raw FROM said", self._rules.identifiers.email)
        marked = _MARKED
        if any(mark == Mark.person for mark, _ in self._held) and said["name_raw"].null_count < len(said):
            named = "FROM said WHERE name_raw IS NOT NULL AND address IS NOT NULL"
            read_names(con, f"SELECT name_raw AS raw {named}", self._rules.identifiers.name, self._rules.nicknames)
            read_addresses(con, f"SELECT address AS raw {named}")
            marked += _PERSONS
        return con.execute(_LINES.replace("{marked}", marked), {"feed": feed}).fetchall()


def suppression(project: Project, at: datetime) -> Suppression | None:
    """Those of the project who are forgotten at a time (UTC); None where nobody ever was."""
    erasures = kept_erasures(project.forgotten)
    if not erasures:
        return None
    key = read_key(project.forgetting_key)
    return Suppression(key, suppressed_at(erasures, at), read_feed_rules(project.rules))


def _expression(feed: str, shown: dict[str, str], name: str) -> str:
    """Where a column stands in the feed's texts; a sighting's id is made of typed values, which are not there."""
    return "NULL::VARCHAR" if name not in shown or (feed, name) == ("seen_together", "id") else shown[name]


def _words(text: str) -> Iterator[tuple[str, str]]:
    for found in _EMAIL.findall(text):
        yield Mark.email, found.lower()
    for found in _NUMBER.findall(text):
        yield Mark.phone, f"+1{re.sub(r'[^0-9]', '', found)[-10:]}"
    for found in _WORD.findall(text):
        yield Mark.cookie, found
        yield Mark.contact, found
