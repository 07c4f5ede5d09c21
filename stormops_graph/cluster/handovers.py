"""Identifiers that changed hands: whose a number or an email was, and when.

Where two households claim a record about equally, it belongs to the one and then to the other, if everything that the
one was seen with it by comes before everything that the other was. A record that shows several identifiers, as a cookie
may, says itself when it showed those of the one and of the other. What would pass through many hands, as a canvasser's
tablet into which customers type their emails, is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from stormops_graph.cluster.evidence import Edge, Evidence
from stormops_graph.cluster.residents import Stay
from stormops_graph.turns import in_turn

_MOST = 3  # holders one after the other


def find_turns(
    evidence: Evidence,
    record: int,
    neighbours: Sequence[tuple[int, Edge]],
    home_of: Mapping[int, int],
    claimed_by: Iterable[int],
) -> dict[int, Stay]:
    """Household number → when it held the identifier that these neighbours share with the record of this number; empty
    where two held it at one time.

    `claimed_by` are the numbers of the households that claim the record.
    """
    seen: dict[int, list[datetime]] = {household: [] for household in claimed_by}
    for neighbour in (other for other, edge in neighbours if edge.tied):
        household, profile = home_of.get(neighbour), evidence.profiles[neighbour]
        if household in seen:
            first, last = evidence.shown.get((record, neighbour), (profile.first_seen, profile.last_seen))
            if first is None or last is None:
                return {}
            seen[household] += [first, last]
    if not 2 <= len(seen) <= _MOST or not all(seen.values()):
        return {}
    return in_turn({household: (min(times), max(times)) for household, times in seen.items()})
