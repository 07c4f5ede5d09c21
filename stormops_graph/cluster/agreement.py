"""Components that nothing speaks against: each is one household, worked out column by column for all of them at once.

Such a component has no verdict, at most one home, no more surnames at it than a household has, no two flats, and no
sign that one family followed another. Whatever its pairs say, `residents` and `attachment` would make one household of
it too, only record by record and so more slowly. Its persons are what its strong pairs join, if these join neither two
given names nor two records that a pair shows to be two people. The other components are left to those modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stormops_graph.cluster.successions import FEWEST
from stormops_graph.rules.ruleset import ClusterRules
from stormops_graph.tables import Connection
from stormops_graph.ties import Numbers, connect

Flags = NDArray[np.bool_]
Shares = NDArray[np.float64]

_AGREEING = """
CREATE OR REPLACE TEMP TABLE agreeing AS
WITH homed AS MATERIALIZED (  -- names and homes by their hash: text is dear to sort out
    SELECT label, home, hash(home) AS house, CASE WHEN surname IS NOT NULL THEN hash(surname) END AS surname,
           first_seen, last_seen, flat
    FROM unsettled JOIN evidence_label USING (label) JOIN evidence_record USING (n) WHERE home IS NOT NULL
), housed AS MATERIALIZED (
    SELECT label, any_value(home) AS home, min(house) <> max(house) AS several FROM homed GROUP BY label
), family AS MATERIALIZED (
    SELECT label, min(first_seen) AS "first", max(last_seen) AS "last" FROM homed WHERE surname IS NOT NULL
    GROUP BY label, surname
), followed AS (  -- all that is seen of one surname comes before all of another
    SELECT label FROM family GROUP BY label HAVING max("first") > min("last")
), disputed AS (
    SELECT label FROM followed JOIN evidence_label USING (label) JOIN evidence_record USING (n)
    GROUP BY label HAVING sum(1 + (first_seen <> last_seen)::INTEGER) >= $sights
    UNION
    SELECT label FROM evidence_binding JOIN evidence_label ON n IN ("left", "right")
    UNION SELECT label FROM evidence_parted JOIN evidence_label ON n = "left"
    UNION SELECT label FROM housed WHERE several
    UNION SELECT label FROM homed GROUP BY label HAVING count(DISTINCT flat) > 1
    UNION SELECT label FROM family GROUP BY label HAVING count(*) > $families
)
SELECT label, component, home FROM unsettled LEFT JOIN housed USING (label) ANTI JOIN disputed USING (label)
"""
_RECORDS = """
SELECT n, label, CASE WHEN length(given) > 1 THEN hash(given) ELSE 0 END AS given, home IS NOT NULL AS homed,
       given IS NOT NULL OR surname IS NOT NULL AS named
FROM evidence_record JOIN evidence_label USING (n) SEMI JOIN agreeing USING (label) ORDER BY n
"""
_EDGES = """
SELECT "left", "right", household, person
FROM evidence_edge JOIN evidence_label ON n = "left" SEMI JOIN agreeing USING (label)
"""


@dataclass(frozen=True)
class _Records:
    """By record number, of all there are; `label` is that of the component."""

    label: Numbers
    given: NDArray[np.uint64]  # 0 where there is none, or an initial only
    homed: Flags
    named: Flags


@dataclass(frozen=True)
class _Edges:
    left: Numbers
    right: Numbers
    household: Shares
    person: Shares


def find_agreement(con: Connection, rules: ClusterRules) -> None:
    """Read `unsettled`; write `agreeing` (label, component, home), the components that nothing speaks against, and
    `agreed`: of each of their records its person, NULL for nobody, and, if it has no home, how probable its place is.
    """
    con.execute(_AGREEING, {"families": rules.families, "sights": 2 * FEWEST + 1})
    size = con.execute("SELECT count(*) FROM evidence_record").fetchall()[0][0]
    found = con.sql(_RECORDS).fetchnumpy()
    n = found.pop("n").astype(np.int64)
    records = _Records(**{name: _spread(size, n, values) for name, values in found.items()})
    edges = _Edges(*con.sql(_EDGES).fetchnumpy().values())
    who, disputed = _named_persons(records, edges, rules)
    who, torn = _nameless_persons(who, records, edges, rules)
    several = np.bincount(who[n], minlength=size)[who] > 1
    somebody = several | records.named | ~(records.homed | torn)
    attached, unsure = _attached(records, edges, rules)
    disputed = np.union1d(disputed, records.label[unsure])
    agreed = {
        "n": n,
        "person": pa.array(_place_in_component(n, records)[who[n]], mask=~somebody[n]),
        "attached": pa.array(attached[n], mask=np.isnan(attached[n])),
    }
    for name, table in (("agreed_rows", pa.table(agreed)), ("disputed_rows", pa.table({"label": disputed}))):
        con.register(name, table)
    con.execute("DELETE FROM agreeing WHERE label IN (FROM disputed_rows)")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE agreed AS"
        " FROM agreed_rows JOIN evidence_label USING (n) SEMI JOIN agreeing USING (label)"
    )
    con.unregister("agreed_rows")
    con.unregister("disputed_rows")


def _spread(size: int, n: Numbers, values: NDArray[Any]) -> NDArray[Any]:
    spread = np.zeros(size, dtype=values.dtype)
    spread[n] = values
    return spread


def _place_in_component(n: Numbers, records: _Records) -> Numbers:
    """Of each record, how many of its component come before it: a number that no other component moves."""
    order = n[np.lexsort((n, records.label[n]))]
    labels = records.label[order]
    place = np.zeros(len(records.label), dtype=np.int64)
    place[order] = np.arange(len(order)) - np.searchsorted(labels, labels)
    return place


def _named_persons(records: _Records, edges: _Edges, rules: ClusterRules) -> tuple[Numbers, Numbers]:
    """The person of each record that names somebody, by its smallest record, and components that do not agree on it."""
    both = records.named[edges.left] & records.named[edges.right]
    joined = both & (edges.person >= rules.person_at_least)
    who = connect(len(records.label), edges.left[joined], edges.right[joined])
    parted = both & (edges.household - edges.person >= rules.apart_at_least)
    torn = edges.left[parted & (who[edges.left] == who[edges.right])]
    called = np.flatnonzero(records.given)
    called = called[np.lexsort((records.given[called], who[called]))]
    one, other = called[:-1], called[1:]
    alias = one[(who[one] == who[other]) & (records.given[one] != records.given[other])]
    return who, np.unique(records.label[np.concatenate([torn, alias])])


def _nameless_persons(who: Numbers, records: _Records, edges: _Edges, rules: ClusterRules) -> tuple[Numbers, Flags]:
    """`who` with the others: they follow the one person they point to, else each other; and who points to several."""
    strong = edges.person >= rules.person_at_least
    left, right = edges.left[strong], edges.right[strong]
    least, most = np.full(len(who), len(who)), np.full(len(who), -1)
    for nameless, person in ((left, right), (right, left)):
        pointing = ~records.named[nameless] & records.named[person]
        np.minimum.at(least, nameless[pointing], who[person[pointing]])
        np.maximum.at(most, nameless[pointing], who[person[pointing]])
    pointed = most >= 0
    torn = pointed & (least != most)
    free = ~(records.named | pointed)
    between = free[left] & free[right]
    among = connect(len(who), left[between], right[between])
    return np.where(pointed & ~torn, least, np.where(free, among, who)), torn


def _attached(records: _Records, edges: _Edges, rules: ClusterRules) -> tuple[Shares, Numbers]:
    """How probable the place of each record without a home is, in rounds from those that have one, NaN for others; and
    records that a claim is on which is less likely than what may join two.
    """
    sure = np.where(records.homed, 1.0, np.nan)
    left, right = np.concatenate([edges.left, edges.right]), np.concatenate([edges.right, edges.left])
    share = np.concatenate([edges.household, edges.household])
    least = np.where(share >= rules.household_at_least, rules.household_at_least, rules.mail_at_least)
    unsure = [np.empty(0, dtype=np.int64)]
    while (reached := ~np.isnan(sure[left]) & np.isnan(sure[right])).any():
        claimed, claim = right[reached], share[reached] * sure[left[reached]]
        unsure.append(claimed[claim < least[reached]])
        claims = np.zeros(len(sure))
        np.maximum.at(claims, claimed, claim)
        sure[claimed] = claims[claimed]
    return np.where(records.homed, np.nan, sure), np.concatenate(unsure)
