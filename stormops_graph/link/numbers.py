"""Is an address that is not listed a slip of the pen, or a home that is not listed?

Taken are the addresses on listed streets whose number is not listed. By chance some of them are one slip away from a
listed number, about as many as listed numbers are from each other. What is above that share, for each kind of slip, are
slips; the other addresses are homes that are not listed: hardly any where the list has all parcels, nearly all where it
is a list of leads.
Invariant: points are in half bits, so that one more address seldom moves them.
"""

from __future__ import annotations

from collections.abc import Sequence

from stormops_graph.carryover import half_bits
from stormops_graph.rules.ruleset import AddressRules
from stormops_graph.street_numbers import SLIPS
from stormops_graph.tables import Connection

_WEIGHT = 5  # the rules' expectation counts like so many addresses
_SUREST = 0.98
_TELLING = 0.5  # no slip that is more often chance is known
_FEWEST = 1 / 17  # no list is taken to lack fewer homes
_COMPLETE = -4.0  # bits of that

# Of the addresses in `said`: those on listed streets, those of them whose number is not listed, and which slips make
# these a listed one.
SLIPPED = """
known AS (FROM said SEMI JOIN (FROM link_listed WHERE zip5 IS NOT NULL) USING (street, zip5)),
unlisted AS (FROM known ANTI JOIN link_listed USING (street_no, street, zip5)),
slipped AS (
    SELECT a.address_key, list_sort(list_distinct(list(slip_of(a.street_no, p.street_no)))) AS slips
    FROM unlisted a JOIN link_listed p USING (street, zip5) GROUP BY a.address_key
)"""
_LACKING = """
SELECT count(slips), count(*) FILTER (list_has_any(slips, $telling)), count(*) FILTER (known) FROM link_address
"""
_COUNTED = """
SELECT slips, count(*) FROM (
    SELECT list_sort(list_distinct(flatten(list(slips)))) AS slips
    FROM link_address WHERE slips IS NOT NULL GROUP BY street_no, street, zip5)
GROUP BY slips
"""
# How often listed numbers lie one slip from each other, and from how many if so.
_CHANCE = """
CREATE OR REPLACE TABLE slip_chance AS
WITH listed AS (SELECT DISTINCT street_no, street, zip5 FROM link_listed WHERE zip5 IS NOT NULL),
near AS (
    SELECT slip_of(a.street_no, p.street_no) AS slip, count(*) AS times
    FROM listed a JOIN listed p USING (street, zip5) WHERE a.street_no <> p.street_no
    GROUP BY a.street_no, street, zip5, slip
)
SELECT slip, count(*) / (SELECT count(*) FROM listed) AS share, avg(times) AS times
FROM near WHERE slip IS NOT NULL GROUP BY slip
"""


def count_listed(con: Connection) -> None:
    """Write `slip_chance` of `link_listed`."""
    con.execute(_CHANCE)


def unlisted_points(con: Connection, rules: AddressRules) -> float:
    """Points of "a home that is not listed": the rules' where as many addresses are listed as not, else fewer."""
    return _unlisted_points(con, rules, [slip for slip, (chance, _) in _chances(con).items() if chance <= _TELLING])


def is_complete(con: Connection, rules: AddressRules) -> bool:
    """Whether so few addresses come near no listed home that the list is of all parcels."""
    return _unlisted_points(con, rules, SLIPS) <= rules.unlisted + _COMPLETE


def _unlisted_points(con: Connection, rules: AddressRules, telling: Sequence[str]) -> float:
    ((unlisted, near, known),) = con.execute(_LACKING, {"telling": telling}).fetchall()
    lacking = max(_FEWEST, min(0.5, (unlisted - near + _WEIGHT / 2) / (known + _WEIGHT)))
    return rules.unlisted + half_bits(lacking / (1 - lacking))


def number_points(con: Connection, rules: AddressRules, other: float) -> dict[str, float]:
    """Points of each of `SLIPS`, by this run's addresses; `other` are those of a home that is not listed.

    What a rarer chance explains, another need not. Where most listed homes lie so from each other, coming near says
    nothing: what the rules declare holds, beside a list of all parcels, and all homes that may be meant share it.
    """
    counted = con.execute(_COUNTED).fetchall()
    points = {}
    for slip, (chance, sharing) in sorted(_chances(con).items(), key=lambda item: (item[1][0], item[0])):
        near = sum(times for slips, times in counted if slip in slips)
        if chance > _TELLING:
            points[slip] = rules.number_typo + _COMPLETE - half_bits(sharing)
        else:
            points[slip] = _points(near, sum(times for _, times in counted), chance, rules) + other
        counted = [(slips, times) for slips, times in counted if slip not in slips]
    return points


def _chances(con: Connection) -> dict[str, tuple[float, float]]:
    """Of each slip how often listed numbers lie so from each other, and from how many if so."""
    found = con.execute("SELECT slip, share, times FROM slip_chance").fetchall()
    return dict.fromkeys(SLIPS, (0.0, 1.0)) | {slip: (share, times) for slip, share, times in found}


def _points(near: int, unlisted: int, chance: float, rules: AddressRules) -> float:
    """So many, above a home that is not listed, that one candidate is as probable as slips are among the `near`."""
    expected = 1 / (1 + 2 ** (rules.unlisted - rules.number_typo))
    slips = max(0.0, (near - chance * unlisted) / (1 - chance))
    share = min(_SUREST, (min(slips, near) + _WEIGHT * expected) / (near + _WEIGHT))
    return half_bits(max(share, 1 - _SUREST) / (1 - share))
