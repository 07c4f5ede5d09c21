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

# One digit wrong, left out or too many; or two swapped.
MISTYPED = "(least(length(a.street_no), length(p.street_no)) >= 3 AND levenshtein(a.street_no, p.street_no) = 1)"
SWAPPED = (
    "(length(a.street_no) = length(p.street_no) AND length(a.street_no) >= 3 AND hamming(a.street_no, p.street_no) = 2"
    " AND list_sort(string_split(a.street_no, '')) = list_sort(string_split(p.street_no, '')))"
)
_WHICH = (
    "bool_or(levenshtein(a.street_no, p.street_no) = 1) AS mistyped, bool_or(levenshtein(a.street_no, p.street_no) > 1)"
)
_WEIGHT = 5  # the rules' expectation counts like so many addresses
_SUREST = 0.98
_FEWEST = 1 / 17  # no list is taken to lack fewer homes: four bits

# Of the addresses in `said`: those on listed streets, those of them whose number is not listed, and whether these lie
# one slip from a listed number.
SLIPS = f"""
known AS (FROM said SEMI JOIN (FROM link_listed WHERE zip5 IS NOT NULL) USING (street, zip5)),
unlisted AS (FROM known ANTI JOIN link_listed USING (street_no, street, zip5)),
slip AS (
    SELECT a.address_key, {_WHICH} AS swapped FROM unlisted a JOIN link_listed p USING (street, zip5)
    WHERE {MISTYPED} OR {SWAPPED} GROUP BY a.address_key
)"""  # noqa: S608  (fixed words)
_LACKING = """
SELECT count(mistyped), count(*) FILTER (mistyped OR swapped), count(*) FILTER (known) FROM link_address
"""
_COUNTED = """
SELECT count(*), count(*) FILTER (mistyped), count(*) FILTER (swapped) FROM (
    SELECT bool_or(mistyped) AS mistyped, bool_or(swapped) AS swapped
    FROM link_address WHERE mistyped IS NOT NULL GROUP BY street_no, street, zip5)
"""
# How often listed numbers lie one slip from each other.
_CHANCE = f"""
CREATE OR REPLACE TABLE slip_chance AS
WITH listed AS (SELECT DISTINCT street_no, street, zip5 FROM link_listed WHERE zip5 IS NOT NULL),
near AS (
    SELECT {_WHICH} AS swapped FROM listed a JOIN listed p USING (street, zip5)
    WHERE {MISTYPED} OR {SWAPPED} GROUP BY a.street_no, street, zip5
)
SELECT count(*) FILTER (mistyped) / greatest(any_value(homes), 1) AS mistyped,
       count(*) FILTER (swapped) / greatest(any_value(homes), 1) AS swapped
FROM (SELECT count(*) AS homes FROM listed) LEFT JOIN near ON true
"""  # noqa: S608  (fixed words)


def count_listed(con: Connection) -> None:
    """Write `slip_chance` of `link_listed`."""
    con.execute(_CHANCE)


def unlisted_points(con: Connection, rules: AddressRules) -> float:
    """Points of "a home that is not listed": the rules' where as many addresses are listed as not, else fewer."""
    ((unlisted, near, known),) = con.execute(_LACKING).fetchall()
    lacking = max(_FEWEST, min(0.5, (unlisted - near + _WEIGHT / 2) / (known + _WEIGHT)))
    return rules.unlisted + round(2 * math.log2(lacking / (1 - lacking))) / 2


def is_complete(rules: AddressRules, unlisted: float) -> bool:
    """Whether the list lacks so few homes, by these points of one that is not listed, that it is of all parcels."""
    return unlisted <= rules.unlisted + math.log2(_FEWEST / (1 - _FEWEST))


def number_points(con: Connection, rules: AddressRules, other: float) -> dict[str, float]:
    """Points of a number with one wrong digit (`mistyped`) and with two swapped ones, by this run's addresses; `other`
    are those of a home that is not listed.
    """
    ((unlisted, *near),) = con.execute(_COUNTED).fetchall()
    (chances,) = con.execute("FROM slip_chance").fetchall()
    return {
        name: _points((unlisted, times, chance), rules, other)
        for name, times, chance in zip(("mistyped", "swapped"), near, chances, strict=True)
    }


def _points(counted: tuple[int, int, float], rules: AddressRules, other: float) -> float:
    """So many that one candidate, beside a home that is not listed, is as probable as slips are among those near."""
    unlisted, near, chance = counted
    expected = 1 / (1 + 2 ** (rules.unlisted - rules.number_typo))
    slips = max(0.0, (near - chance * unlisted) / (1 - chance)) if chance < 1 else 0.0
    share = min(_SUREST, (min(slips, near) + _WEIGHT * expected) / (near + _WEIGHT))
    odds = math.log2(max(share, 1 - _SUREST) / (1 - share))
    return other + round(2 * odds) / 2
