"""Which pairs have to be compared: those with a record that is new or changed. The others weigh what they weighed
before.

Invariant: what a pair weighs depends on its two profiles, on how common their names are, and on rules, model and
market. So `pair_weighed` is the same, whether this run worked out all of it or only what is new.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stormops_graph.carryover import open_tables, renewed, tell_all
from stormops_graph.rules.matching import Block, Matching
from stormops_graph.rules.model import Model
from stormops_graph.tables import Connection, Table

ALL = "profile"
# SQL of the rows of {table} with either end in {records}: two joins cost half of what asking for each row does.
OF_EITHER = """
rowid IN (
    SELECT said.rowid FROM {table} AS said SEMI JOIN {records} ON left_id = record
    UNION ALL SELECT said.rowid FROM {table} AS said SEMI JOIN {records} ON right_id = record)
"""
_SHARE = 0.2  # of changed profiles, above which comparing all of them anew is no slower

PAIR_WEIGHED = Table(
    "pair_weighed",  # candidate pairs that are likely enough to be kept
    {
        "left_id": "VARCHAR",
        "right_id": "VARCHAR",
        "household_probability": "DOUBLE",
        "person_probability": "DOUBLE",
        "beyond_home": "BOOLEAN",
        "named": "BOOLEAN",
        "tied": "BOOLEAN",
        "evidence": "VARCHAR",
    },
)
_WEIGHED_PROFILE = Table("weighed_profile", {"unique_id": "VARCHAR", "print": "UBIGINT"})

_PRINTS = """
CREATE OR REPLACE TEMP TABLE profile_print AS
SELECT unique_id, hash(said{shares}) AS print
FROM (FROM profile{news}) AS said{joins}
"""
_NEWS = " SEMI JOIN record_news ON record = unique_id"
_CHANGED = """
CREATE OR REPLACE TEMP TABLE profile_changed AS
SELECT unique_id FROM profile_print ANTI JOIN weighed_profile USING (unique_id, print)
"""
_STIRRED = "CREATE OR REPLACE TEMP TABLE profile_stirred AS FROM profile SEMI JOIN profile_changed USING (unique_id)"
_OTHER = """
CREATE OR REPLACE TEMP TABLE profile_other AS
FROM profile_changed UNION
SELECT unique_id FROM weighed_profile{news} ANTI JOIN profile USING (unique_id)
"""
# Whoever shares a block with a changed profile.
_DUE = """
CREATE OR REPLACE TEMP TABLE profile_due AS
SELECT *, unique_id IN (FROM profile_changed) AS stirred
FROM profile WHERE unique_id IN ({near} UNION SELECT unique_id FROM profile_changed)
"""
_NEAR_EACH = """
SELECT unique_id FROM (SELECT unique_id, unnest("{column}") AS value FROM profile)
SEMI JOIN (SELECT unnest("{column}") AS value FROM profile_stirred) USING (value)
"""
_NEAR = "SELECT unique_id FROM profile SEMI JOIN profile_stirred USING ({columns})"


@contextmanager
def renewed_pairs(con: Connection, matching: Matching, model: Model, people: float) -> Iterator[str]:
    """Bring `pair_weighed`, and what is made of it, up to date meanwhile. Yields the table of profiles that have to be
    compared: `profile`, or `profile_due` where most of them did not change.

    What was weighed of the others stays in `pair_weighed`; those that changed or went are in `profile_other`.
    """
    with renewed(con, PAIR_WEIGHED.name, matching, model, people) as known:
        yield _find_due(con, matching, known=known)
        con.execute("DELETE FROM weighed_profile WHERE unique_id IN (FROM profile_other)")
        con.execute("INSERT INTO weighed_profile FROM profile_print ANTI JOIN weighed_profile USING (unique_id)")
        for name in ("profile_due", "profile_stirred", "profile_print", "profile_changed", "profile_other"):
            con.execute(f"DROP TABLE IF EXISTS {name}")


def _find_due(con: Connection, matching: Matching, *, known: bool) -> str:
    open_tables(con, (PAIR_WEIGHED, _WEIGHED_PROFILE), known=known)
    news = _NEWS if known else ""
    _print_profiles(con, matching, news)
    con.execute(_CHANGED)
    con.execute(_OTHER.format(news=news))
    ((changed, profiles),) = con.execute(
        "SELECT (SELECT count(*) FROM profile_changed), (SELECT count(*) FROM profile)"
    ).fetchall()
    if changed > _SHARE * profiles:
        if known:  # the news alone are printed
            _print_profiles(con, matching, "")
        for table in (PAIR_WEIGHED, _WEIGHED_PROFILE):
            table.create(con)
        tell_all(con)
        return ALL
    con.execute(_STIRRED)
    con.execute(_DUE.format(near=" UNION ".join(map(_near, matching.blocks))))
    return "profile_due"


def forget_stale(con: Connection) -> None:
    """Take pairs with a profile that has changed or gone out of `pair_weighed`; the new ones are added after this."""
    stale = OF_EITHER.format(table=PAIR_WEIGHED.name, records="(SELECT unique_id AS record FROM profile_other)")
    con.execute(f"DELETE FROM pair_weighed WHERE {stale}")  # noqa: S608  (fixed words)


def _print_profiles(con: Connection, matching: Matching, news: str) -> None:
    """Write `profile_print`: a hash of all that a profile is compared by, perhaps of the news alone."""
    shares = "".join(f", {column}_frequency.share" for column in matching.rare_columns)
    joins = "".join(
        f" LEFT JOIN {column}_frequency ON {column}_frequency.name = said.{column}" for column in matching.rare_columns
    )
    con.execute(_PRINTS.format(shares=shares, joins=joins, news=news))


def _near(block: Block) -> str:
    if block.each:
        return _NEAR_EACH.format(column=block.on[0])
    return _NEAR.format(columns=", ".join(f'"{column}"' for column in block.on))
