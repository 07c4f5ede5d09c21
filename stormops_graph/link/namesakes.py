"""What else tells namesakes apart from one person seen twice: where they live, when they were seen, which feeds show
them, phones that are one slip of the pen apart, and their circles.
"""

from __future__ import annotations

from dataclasses import replace

from stormops_graph.carryover import half_bits
from stormops_graph.link.comparisons import days_apart
from stormops_graph.rules.matching import Aside, Matching
from stormops_graph.rules.ruleset import NamesakeRules, Rules
from stormops_graph.tables import Connection

# How often two homes of the list have one ZIP.
_ONE_ZIP = """
SELECT sum(homes * homes) / pow(sum(homes), 2)
FROM (SELECT count(*) AS homes FROM property WHERE zip5 IS NOT NULL GROUP BY zip5)
"""
_MET, _APART = 1.5, -5.0  # bits that times say at most
_SOONER = 0.5  # bits that they say less of namesakes than of who holds one phone or email, a form and its email
_NEAR_BY_CHANCE = 1e-5  # for two numbers: of ten million numbers of an area code some 70 are one slip from another
_ENOUGH = 100  # pairs of one name and phone or email, of which fewer say nothing of when
# How often records of one name and phone or email are seen within days of each other, and far apart; and how often
# records of any two names are, each held against the next five in an order that says nothing.
_WHEN = """
WITH named AS NOT MATERIALIZED (
    SELECT rowid AS place, * FROM profile
    WHERE given IS NOT NULL AND surname IS NOT NULL AND first_seen IS NOT NULL AND last_seen IS NOT NULL
), held AS MATERIALIZED (  -- by a hash, as text is dear to join
    SELECT place, first_seen, last_seen,
           hash(given, surname, unnest(list_concat(coalesce(phones, []), coalesce(emails, [])))) AS held
    FROM named
), met AS (
    SELECT first_seen, last_seen, unnest([{next_first}]) AS other_first, unnest([{next_last}]) AS other_last
    FROM named WINDOW any_order AS (ORDER BY hash(unique_id), unique_id)
), gap AS (
    SELECT true AS one, days
    FROM (SELECT DISTINCT a.place, b.place, {held_days} AS days
          FROM held a JOIN held b USING (held) WHERE a.place < b.place)
    UNION ALL
    SELECT false, {met_days} FROM met WHERE other_first IS NOT NULL
)
SELECT count(*) FILTER (one), count(*) FILTER (one AND days <= $near), count(*) FILTER (one AND days > $far),
       count(*) FILTER (NOT one), count(*) FILTER (NOT one AND days <= $near), count(*) FILTER (NOT one AND days > $far)
FROM gap
"""
_NEXT = ", ".join(f"lead({{column}}, {n}) OVER any_order" for n in range(1, 6))
_SAID = {
    "held_days": days_apart("a.first_seen", "a.last_seen", "b.first_seen", "b.last_seen"),
    "met_days": days_apart("first_seen", "last_seen", "other_first", "other_last"),
    "next_first": _NEXT.format(column="first_seen"),
    "next_last": _NEXT.format(column="last_seen"),
}


def with_asides(con: Connection, rules: Rules) -> Matching:
    """What the linking core goes by, with what else says of mere namesakes in this market. Reads property, profile."""
    declared = rules.household.namesakes
    asides = [
        Aside("feed", declared.same_feed, declared.caller_and_contact, by="pair", pair=("calls", "crm_contacts")),
        Aside("phones", half_bits(declared.near_phone / _NEAR_BY_CHANCE), by="slip"),
        *(Aside(f"circle_{kind}", 0.0, declared.another, unless=kind) for kind in ("phones", "emails")),
        *_by_zip(con, declared),
        *_by_time(con, declared),
    ]
    return replace(rules.matching, asides=tuple(asides))


def _by_zip(con: Connection, declared: NamesakeRules) -> list[Aside]:
    ((chance,),) = con.execute(_ONE_ZIP).fetchall()
    if chance is None or chance >= declared.same_zip:  # then the ZIP is the town's, and tells nobody apart
        return []
    different = (1 - declared.same_zip) / (1 - chance)
    return [Aside("zip5", half_bits(declared.same_zip / chance), half_bits(different), unless="home")]


def _by_time(con: Connection, declared: NamesakeRules) -> list[Aside]:
    near, far = declared.near_days, declared.far_days
    ((one, one_near, one_far, two, two_near, two_far),) = con.execute(
        _WHEN.format(**_SAID), {"near": near, "far": far}
    ).fetchall()
    if one < _ENOUGH:
        return []
    met = half_bits((one_near + 1) / (one * two_near / two + 1))
    apart = half_bits((one_far + 1) / (one * two_far / two + 1))
    met, apart = (bits - max(min(bits, _SOONER), -_SOONER) for bits in (met, apart))
    met, apart = (min(max(bits, _APART), _MET) for bits in (met, apart))
    return [Aside("seen", met, apart, by="time", near=near, far=far)] if met or apart else []
