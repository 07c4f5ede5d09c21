"""What namesakes show beside their name: in which ZIP they live, and whether one feed tells of both."""

from __future__ import annotations

from dataclasses import replace

from stormops_graph.carryover import half_bits
from stormops_graph.rules.matching import Aside, Matching
from stormops_graph.rules.ruleset import Rules
from stormops_graph.tables import Connection

# How often two homes of the list have one ZIP.
_ONE_ZIP = """
SELECT sum(homes * homes) / pow(sum(homes), 2)
FROM (SELECT count(*) AS homes FROM property WHERE zip5 IS NOT NULL GROUP BY zip5)
"""


def with_asides(con: Connection, rules: Rules) -> Matching:
    """What the linking core goes by, with what ZIP and feed say of mere namesakes in this market."""
    declared = rules.household.namesakes
    asides = [Aside("feed", declared.same_feed, 0.0)]
    ((chance,),) = con.execute(_ONE_ZIP).fetchall()
    if chance is not None and chance < declared.same_zip:  # else the ZIP is the town's, and tells nobody apart
        different = (1 - declared.same_zip) / (1 - chance)
        asides.append(Aside("zip5", half_bits(declared.same_zip / chance), half_bits(different), unless="home"))
    return replace(rules.matching, asides=tuple(asides))
