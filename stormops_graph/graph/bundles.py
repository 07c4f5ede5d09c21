"""Bundles: households that must change together.

Invariant: everything a household consists of, and every household that gives to or takes from another in this
run, is in one bundle, and a bundle is written in one transaction; so nobody ever reads half a household.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from stormops_graph.graph.forest import trees
from stormops_graph.graph.kinds import Kind, sql
from stormops_graph.graph.rows import fetched
from stormops_graph.tables import Connection

ROWS = 10_000  # a transaction holds about so many rows; a larger bundle is not cut

_PERSON_HOME = """
CREATE OR REPLACE TEMP TABLE person_home AS
SELECT start_key AS person, end_key AS household FROM wanted_member_of
UNION SELECT start_key, end_key FROM shadow_member_of
"""
# Persons and records of which something is written tie the households together that they had, have or get.
_TIES = """
WITH written_person AS (
    SELECT start_key AS person FROM difference_member_of UNION SELECT key FROM difference_person
), written_record AS (
    SELECT start_key AS record FROM difference_resolves_to_person
    UNION SELECT start_key FROM difference_resolves_to_household
), resolved AS (
    SELECT start_key AS record, end_key AS person FROM wanted_resolves_to_person
    UNION ALL SELECT start_key, end_key FROM shadow_resolves_to_person
), record_home AS (
    SELECT record, household FROM resolved SEMI JOIN written_record USING (record) JOIN person_home USING (person)
    UNION SELECT start_key, end_key FROM wanted_resolves_to_household SEMI JOIN written_record ON record = start_key
    UNION SELECT start_key, end_key FROM shadow_resolves_to_household SEMI JOIN written_record ON record = start_key
), together AS (
    SELECT 'p' || person AS member, household FROM person_home SEMI JOIN written_person USING (person)
    UNION ALL SELECT 'r' || record, household FROM record_home
    UNION ALL SELECT 'l' || old_id, unnest([old_id, new_id]) FROM lineage WHERE level = 'household'
)
SELECT first, household
FROM (SELECT household, min(household) OVER (PARTITION BY member) AS first FROM together)
WHERE household <> first GROUP BY ALL ORDER BY ALL
"""
_HOMES = """
CREATE OR REPLACE TEMP TABLE person_bundle AS
SELECT person, min(coalesce(bundle, household)) AS bundle
FROM person_home LEFT JOIN tied USING (household) GROUP BY person
"""
# Which household or person a row of a kind belongs to.
_OWNER = {
    "household": "household key",
    "person": "person key",
    "resolves_to_person": "person end_key",
    "resolves_to_household": "household end_key",
    "member_of": "household end_key",
    "lives_at": "household start_key",
    "household_merged_into": "household start_key",
    "household_split_from": "household end_key",
    "person_merged_into": "person start_key",
    "person_split_from": "person end_key",
}
_BUNDLED = """
CREATE OR REPLACE TEMP TABLE bundled_{name} AS
SELECT difference.*, coalesce(bundle, {owner}, '') AS bundle
FROM difference_{name} difference LEFT JOIN {lookup} ON {owner} = {member}
"""
_SIZES = "SELECT bundle, count(*) AS size FROM bundled_{name} GROUP BY bundle"
_PLAN = """
CREATE OR REPLACE TEMP TABLE bundle_batch AS
SELECT bundle, (sum(size) OVER (ORDER BY bundle) - size) // {rows} AS batch
FROM (SELECT bundle, sum(size) AS size FROM ({sizes}) GROUP BY bundle)
"""
_BATCHED = """
CREATE OR REPLACE TEMP TABLE bundled_{name} AS
SELECT bundled.*, batch FROM bundled_{name} bundled JOIN bundle_batch USING (bundle)
ORDER BY batch, change, {keys}
"""
_SHARES = "SELECT batch, change, count(*) FROM bundled_{name} GROUP BY batch, change ORDER BY batch, change"
_IN_ORDER = "SELECT {keys}, properties, times, fingerprint FROM bundled_{name} ORDER BY batch, change, {keys}"

Shares = dict[tuple[int, str], pa.Table]  # by batch and change


def cut(con: Connection, kinds: Sequence[Kind]) -> int:
    """Fill `bundled_<kind>`: the differences of a kind with the number of their batch; how many batches."""
    con.execute(_PERSON_HOME)
    ties = trees(con.execute(_TIES).fetchall())
    tied = pa.table({"household": list(ties), "bundle": list(ties.values())}, schema=_TIED)
    con.register("tied", tied)
    con.execute(_HOMES)
    for kind in kinds:
        level, owner = _OWNER[kind.name].split()
        lookup, member = ("tied", "household") if level == "household" else ("person_bundle", "person")
        text = _BUNDLED.replace("{lookup}", lookup).replace("{member}", member).replace("{owner}", owner)
        con.execute(sql(kind, text))
    con.unregister("tied")
    sizes = " UNION ALL ".join(sql(kind, _SIZES) for kind in kinds)
    con.execute(_PLAN.replace("{rows}", str(ROWS)).replace("{sizes}", sizes))
    for kind in kinds:
        con.execute(sql(kind, _BATCHED))
    return int(con.execute("SELECT coalesce(max(batch) + 1, 0) FROM bundle_batch").fetchall()[0][0])


def shares(con: Connection, kind: Kind) -> Shares:
    """The rows of `bundled_<kind>`, those of each batch and change apart."""
    found, first, shared = fetched(con, sql(kind, _IN_ORDER)), 0, {}
    for batch, change, size in con.execute(sql(kind, _SHARES)).fetchall():
        shared[int(batch), str(change)] = found.slice(first, size)
        first += size
    return shared


_TIED = pa.schema([("household", pa.string()), ("bundle", pa.string())])
