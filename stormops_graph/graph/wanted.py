"""What the graph should hold: one table `wanted_<kind>` for every label and relationship type.

Invariant: a pure function of the stage tables; `content` is a hash of a row's properties and times, `timed` of times.
"""

from __future__ import annotations

from collections.abc import Sequence

from stormops_graph.errors import StoreError
from stormops_graph.graph.evidence import choose_evidence
from stormops_graph.graph.kinds import Kind, sql
from stormops_graph.graph.periods import date_memberships
from stormops_graph.tables import (
    ADDRESS_HOME,
    BRIDGED,
    CANDIDATE,
    CONVERSION_STORM,
    DECISION,
    IDENTITY,
    LINEAGE,
    LISTED_TWICE,
    PAIR,
    PROPERTY_CONTROL,
    PROPERTY_PERSONA,
    PROPERTY_PRIORS,
    RESIDENCE,
    SHARED_IDENTIFIER,
    SHARED_SINCE,
    STORM,
    TOUCH_STORM,
    Connection,
)

_ISO = "CREATE OR REPLACE TEMP MACRO iso(t) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%f')"

# Shared identifiers keep their node, so that they can be seen; placeholders have none.
_IDENTIFIER_COUNTED = """
CREATE OR REPLACE TEMP TABLE identifier_counted AS
WITH held AS (
    SELECT kind, value, count(DISTINCT coalesce(person, household)) AS people
    FROM holding LEFT JOIN membership USING (record)
    WHERE kind IN ('phone', 'email', 'address', 'cookie') AND value IS NOT NULL
    GROUP BY kind, value
), shared AS (
    SELECT kind, value, max(distinct_people) AS people, min(reason) AS reason, bool_or(reason = 'placeholder') AS empty
    FROM shared_identifier GROUP BY kind, value
)
SELECT held.kind, held.value, shared.reason IS NOT NULL AS is_shared,
       coalesce(shared.people, held.people) AS distinct_people, shared.reason,
       CASE WHEN shared.reason IS NOT NULL THEN shared_since.since END AS since
FROM held LEFT JOIN shared USING (kind, value) LEFT JOIN shared_since USING (kind, value)
WHERE NOT coalesce(shared.empty, false)
"""

_WANTED = """
CREATE OR REPLACE TEMP TABLE wanted_{name} AS
SELECT {keys}, properties, times, hash(properties, times) AS content, hash(times) AS timed FROM ({query})
"""
_FLAWS = """
SELECT count(*) - count(DISTINCT ({keys})), count(*) FILTER (WHERE concat_ws('', {keys}) = '' OR ({keys}) IS NULL),
       '{name}'
FROM wanted_{name}
"""

_OPTIONAL = (
    STORM,
    TOUCH_STORM,
    CONVERSION_STORM,
    SHARED_IDENTIFIER,
    SHARED_SINCE,
    PAIR,
    ADDRESS_HOME,
    BRIDGED,
    CANDIDATE,
    DECISION,
    RESIDENCE,
    LINEAGE,
    IDENTITY,
    PROPERTY_PERSONA,
    PROPERTY_PRIORS,
    PROPERTY_CONTROL,
    LISTED_TWICE,
)


def build(con: Connection, kinds: tuple[Kind, ...]) -> None:
    """Fill `wanted_<kind>` for every kind; raises StoreError for a key that is missing or there twice."""
    ensure_optional(con)
    count_identifiers(con)
    date_memberships(con)
    choose_evidence(con)
    want_all(con, kinds)


def ensure_optional(con: Connection) -> None:
    """Create the stage tables that need not be there."""
    for table in _OPTIONAL:
        table.ensure(con)


def count_identifiers(con: Connection) -> None:
    """Fill identifier_counted: the identifiers of HOLDING, by how many people each is held and whether it is shared."""
    con.execute(_IDENTIFIER_COUNTED)


def check_wanted(con: Connection, kinds: Sequence[Kind]) -> None:
    """Raise StoreError for a key in `wanted_<kind>` that is missing or there twice."""
    labels = {kind.name: kind.label for kind in kinds}
    found = con.execute(" UNION ALL ".join(sql(kind, _FLAWS) for kind in kinds)).fetchall()
    for repeated, missing, name in found:
        if repeated or missing:
            raise StoreError(
                f"{labels[name]}: {repeated} keys are there twice and {missing} are empty; nothing was written",
                "this is a fault of an earlier stage: keep the workspace and report it",
            )


def want_all(con: Connection, kinds: Sequence[Kind]) -> None:
    """Fill `wanted_<kind>` for every kind; raises StoreError for a key that is missing or there twice."""
    want(con, kinds)
    check_wanted(con, kinds)


def want(con: Connection, kinds: Sequence[Kind]) -> None:
    """Fill `wanted_<kind>` for every kind from the stage tables, unchecked."""
    con.execute(_ISO)
    for kind in kinds:
        con.execute(sql(kind, _WANTED))
