"""Whom an erasure is about: all records of the people meant, and what is known of nobody else.

Invariant: what a person who stays holds too (a family's line, a home) is not theirs alone and stays. A household goes
when nobody of it is left; then the records in it that name nobody go too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stormops_graph.forgetting.suppression import WEB
from stormops_graph.ingest.feeds import FEEDS
from stormops_graph.lookup.find import Identifier
from stormops_graph.normalise.sightings import SHOWN
from stormops_graph.tables import (
    CONVERSION,
    HOLDING,
    MEMBERSHIP,
    PROPERTY,
    RECORD,
    SOURCE_ROW,
    TOUCH,
    Connection,
)

_READ = (RECORD, SOURCE_ROW, HOLDING, MEMBERSHIP, PROPERTY, TOUCH, CONVERSION)
_MEANT = """
CREATE OR REPLACE TEMP TABLE meant AS
WITH named AS (
    SELECT DISTINCT record FROM holding JOIN (
        SELECT unnest($kinds::VARCHAR[]) AS kind, unnest($values::VARCHAR[]) AS value
    ) AS asked ON holding.kind = asked.kind AND (holding.value = asked.value
        OR asked.kind = 'address' AND starts_with(holding.value, asked.value || ', '))
    UNION SELECT record FROM membership WHERE list_contains($households::VARCHAR[], household)
)
SELECT record FROM named
UNION SELECT record FROM membership WHERE person IN (SELECT person FROM membership SEMI JOIN named USING (record))
"""
# Records without a person go with what they hold, or with their household.
_NAMELESS = """
INSERT INTO meant
WITH theirs AS (
    SELECT DISTINCT kind, value FROM holding SEMI JOIN meant USING (record)
    WHERE kind IN ('phone', 'email', 'cookie', 'contact')
), others AS (
    SELECT DISTINCT record FROM membership ANTI JOIN meant USING (record) WHERE person IS NOT NULL
), emptied AS (
    SELECT household FROM membership SEMI JOIN meant USING (record)
    EXCEPT SELECT household FROM membership SEMI JOIN others USING (record)
)
SELECT record FROM (
    SELECT record FROM holding SEMI JOIN theirs USING (kind, value)
    UNION SELECT record FROM membership SEMI JOIN emptied USING (household)
) ANTI JOIN others USING (record) ANTI JOIN meant USING (record)
"""
_ALONE = """
CREATE OR REPLACE TEMP TABLE theirs_alone AS
SELECT DISTINCT kind, value FROM holding SEMI JOIN meant USING (record)
EXCEPT SELECT kind, value FROM holding ANTI JOIN meant USING (record)
"""
# Every name of a person with every home that the person was seen at.
_NAMED_AT = """
WITH who AS (
    SELECT record, coalesce(person, record) AS who, property_id FROM meant LEFT JOIN membership USING (record)
), name AS (
    SELECT DISTINCT who, given, surname FROM who JOIN record USING (record)
    WHERE given IS NOT NULL AND surname IS NOT NULL
), home AS (
    SELECT who, value AS address_key FROM who JOIN holding USING (record) WHERE kind = 'address'
    UNION SELECT who, address_key FROM who JOIN property USING (property_id) WHERE address_key IS NOT NULL
)
SELECT DISTINCT given, surname, address_key FROM name LEFT JOIN home USING (who) ORDER BY ALL
"""
_ROWS = """
SELECT DISTINCT feed, id, CASE WHEN feed = 'emails' THEN e.value END AS recipient
FROM source_row SEMI JOIN meant USING (record)
LEFT JOIN (FROM holding WHERE kind = 'email') AS e ON e.record = source_row.record ORDER BY ALL
"""
_HOUSEHOLDS = """
SELECT household, bool_and(meant.record IS NOT NULL) AS whole FROM membership LEFT JOIN meant USING (record)
WHERE household IN (SELECT household FROM membership SEMI JOIN meant USING (record)) GROUP BY household ORDER BY 1
"""
_PERSONS = """
SELECT DISTINCT person FROM membership SEMI JOIN meant USING (record) WHERE person IS NOT NULL ORDER BY 1
"""


@dataclass(frozen=True)
class People:
    """Whom an erasure is about; values stay in memory only."""

    records: tuple[str, ...]
    persons: tuple[str, ...]
    households: tuple[str, ...]  # that nobody is left of
    others: tuple[str, ...]  # households that lose somebody
    identifiers: tuple[Identifier, ...]  # theirs alone
    names: tuple[tuple[str, str, str | None], ...]  # given, surname, the key of an address or None
    rows: tuple[tuple[str, str, str | None], ...]  # feed, the feed's own id, of a message its recipient
    touches: tuple[str, ...]
    conversions: tuple[str, ...]
    lines: tuple[tuple[str, str, int], ...]  # feed, file and line that still show them

    def counts(self) -> dict[str, int]:
        """How many of each kind there are."""
        feeds: dict[str, int] = {}
        for feed, _, _ in self.rows:
            feeds[f"rows of {feed}"] = feeds.get(f"rows of {feed}", 0) + 1
        return {
            "records": len(self.records),
            "persons": len(self.persons),
            "households": len(self.households),
            "identifiers": len(self.identifiers),
            "touches": len(self.touches),
            "conversions": len(self.conversions),
            **feeds,
        }


def find_people(con: Connection, asked: tuple[Identifier, ...], households: tuple[str, ...]) -> People:
    """The people who hold what is asked, or live in the households, by the workspace of a complete resolve."""
    for table in _READ:
        table.ensure(con)
    wanted = {"kinds": [one.kind for one in asked], "values": [one.value for one in asked], "households": [*households]}
    con.execute(_MEANT, wanted)
    con.execute(_NAMELESS)
    con.execute(_ALONE)
    homes = con.execute(_HOUSEHOLDS).fetchall()
    alone = con.execute("SELECT kind, value FROM theirs_alone ORDER BY ALL").fetchall()
    return People(
        records=_column(con, "SELECT record FROM meant ORDER BY 1"),
        persons=_column(con, _PERSONS),
        households=tuple(household for household, whole in homes if whole),
        others=tuple(household for household, whole in homes if not whole),
        identifiers=tuple(Identifier(kind, value) for kind, value in alone),
        names=tuple(con.execute(_NAMED_AT).fetchall()),
        rows=tuple(con.execute(_ROWS).fetchall()),
        touches=_column(con, "SELECT touch_id FROM touch SEMI JOIN meant USING (record) ORDER BY 1"),
        conversions=_column(con, "SELECT conversion_id FROM conversion SEMI JOIN meant USING (record) ORDER BY 1"),
        lines=tuple(line for feed in FEEDS for line in _lines(con, feed)),
    )


def _lines(con: Connection, feed: str) -> list[tuple[str, str, int]]:
    shown: Mapping[str, str] = {"id": WEB["cookie"]} if feed == "ga4_events" else SHOWN.get(feed, {})
    if "id" not in shown:
        return []
    for table in (FEEDS[feed].table, FEEDS[feed].places):
        table.ensure(con)
    kept = "ga4" if feed == "ga4_events" else feed
    # A message goes to many.
    theirs = " AND lower(recipient) IN (SELECT value FROM theirs_alone WHERE kind = 'email')" * (feed == "emails")
    found = con.execute(
        f"SELECT DISTINCT file, line FROM place_{feed} JOIN feed_{feed} USING (print) WHERE {shown['id']} IN ("  # noqa: S608  (declared names)
        f"SELECT id FROM source_row SEMI JOIN meant USING (record) WHERE feed = ?){theirs} ORDER BY ALL",
        [kept],
    ).fetchall()
    return [(feed, file, line) for file, line in found]


def _column(con: Connection, query: str) -> tuple[str, ...]:
    return tuple(value for (value,) in con.execute(query).fetchall())
