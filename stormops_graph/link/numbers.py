"""Is an address that is not listed a slip of the pen, or a home that is not listed?

Of the addresses on listed streets whose number is not listed, more lie one slip away from a listed number than listed
numbers lie from each other: what is above that chance are slips. The others are homes that are not listed: next to none
where the list is of all parcels, nearly all where it is of leads.
Invariant: points are in half bits, so that one more address seldom moves them.
"""

from __future__ import annotations

import math

from stormops_graph.rules.ruleset import AddressRules
from stormops_graph.tables import Connection

MISTYPED = (
    "(length(a.street_no) = length(p.street_no) AND length(a.street_no) >= 3 AND hamming(a.street_no, p.street_no) = 1)"
)
SWAPPED = (
    "(length(a.street_no) = length(p.street_no) AND length(a.street_no) >= 3 AND hamming(a.street_no, p.street_no) = 2"
    " AND list_sort(string_split(a.street_no, '')) = list_sort(string_split(p.street_no, '')))"
)
_WEIGHT = 5  # the rules' expectation counts like so many addresses
_SUREST = 0.98
_FEWEST = 1 / 17  # no list is taken to lack fewer homes: four bits

_LACKING = f"""
WITH listed AS (SELECT DISTINCT street_no, street, zip5 FROM link_listed WHERE zip5 IS NOT NULL),
street AS (SELECT DISTINCT street, zip5 FROM listed),
known AS (SELECT a.* FROM link_address a SEMI JOIN street USING (street, zip5)),
unlisted AS (SELECT * FROM known ANTI JOIN listed USING (street_no, street, zip5))
SELECT count(*), count(*) FILTER (address_key IN (
    SELECT a.address_key FROM unlisted a JOIN listed p USING (street, zip5) WHERE {MISTYPED} OR {SWAPPED})),
       (SELECT count(*) FROM known)
FROM unlisted
"""  # noqa: S608  (fixed words)

# `slip` of the unlisted numbers of `street`s, and of the listed ones among themselves.
_COUNTED = """
WITH listed AS (SELECT DISTINCT street_no, street, zip5 FROM link_listed WHERE zip5 IS NOT NULL),
unlisted AS (
    SELECT DISTINCT street_no, street, zip5 FROM link_address a SEMI JOIN listed USING (street, zip5)
    ANTI JOIN listed l ON l.street_no = a.street_no AND l.street = a.street AND l.zip5 = a.zip5
), near AS (
    SELECT DISTINCT a.* FROM unlisted a JOIN listed p USING (street, zip5) WHERE {slip}
), near_listed AS (
    SELECT DISTINCT a.* FROM listed a JOIN listed p USING (street, zip5) WHERE {slip}
)
SELECT (SELECT count(*) FROM unlisted), (SELECT count(*) FROM near),
       (SELECT count(*) FROM near_listed) / greatest((SELECT count(*) FROM listed), 1)
"""


def unlisted_points(con: Connection, rules: AddressRules) -> float:
    """Points of "a home that is not listed": the rules' where as many addresses are listed as not, else fewer."""
    ((unlisted, near, known),) = con.execute(_LACKING).fetchall()
    lacking = max(_FEWEST, min(0.5, (unlisted - near + _WEIGHT / 2) / (known + _WEIGHT)))
    return rules.unlisted + round(2 * math.log2(lacking / (1 - lacking))) / 2


def number_points(con: Connection, rules: AddressRules, other: float) -> dict[str, float]:
    """Points of a number with one wrong digit (`mistyped`) and with two swapped ones, by this run's addresses; `other`
    are those of a home that is not listed.
    """
    points = {}
    for name, slip in (("mistyped", MISTYPED), ("swapped", SWAPPED)):
        ((unlisted, near, chance),) = con.execute(_COUNTED.replace("{slip}", slip)).fetchall()
        points[name] = _points((unlisted, near, chance), rules, other)
    return points


def _points(counted: tuple[int, int, float], rules: AddressRules, other: float) -> float:
    """So many that one candidate, beside a home that is not listed, is as probable as slips are among those near."""
    unlisted, near, chance = counted
    expected = 1 / (1 + 2 ** (rules.unlisted - rules.number_typo))
    slips = max(0.0, (near - chance * unlisted) / (1 - chance)) if chance < 1 else 0.0
    share = min(_SUREST, (min(slips, near) + _WEIGHT * expected) / (near + _WEIGHT))
    odds = math.log2(max(share, 1 - _SUREST) / (1 - share))
    return other + round(2 * odds) / 2
