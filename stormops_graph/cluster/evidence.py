"""What clustering reads: records with their homes and names, pairs strongest first, verdicts; all by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from stormops_graph.tables import Connection


class Profile(NamedTuple):
    """One record as clustering sees it."""

    record: str
    given: str | None
    surname: str | None
    home: str | None
    home_probability: float
    first_seen: datetime | None
    last_seen: datetime | None


class Edge(NamedTuple):
    """A pair of record numbers, with how likely it is one household and one person."""

    left: int
    right: int
    household: float
    person: float
    beyond_home: bool  # something other than the address speaks for it
    named: bool  # both records name somebody, and the names agree
    tied: bool  # they share a phone, an email or a contact's id


class Verdicts(NamedTuple):
    """Record numbers that stewards hold together, and those they keep apart."""

    same: Sequence[tuple[int, int]] = ()
    different: Sequence[tuple[int, int]] = ()


NONE = Verdicts()


@dataclass(frozen=True)
class Evidence:
    """Everything clustering goes by; `edges` from the strongest to the weakest, ties by record."""

    profiles: list[Profile]
    edges: list[Edge]
    household: Verdicts = NONE
    person: Verdicts = NONE


# A cookie's home is its likeliest candidate where that stands out; an address beats it.
_PROFILES = """
WITH likeliest AS (
    SELECT record, property_id, probability FROM candidate
    WHERE probability >= $place_at_least
    QUALIFY row_number() OVER (PARTITION BY record ORDER BY probability DESC, property_id) = 1
)
SELECT r.record, coalesce(f.given_root, r.given), r.surname, coalesce(h.home, l.property_id),
       coalesce(h.probability, l.probability, 0), r.first_seen, r.last_seen
FROM record r LEFT JOIN record_home h USING (record) LEFT JOIN likeliest l USING (record)
LEFT JOIN profile f ON f.unique_id = r.record
ORDER BY r.record
"""

_EDGES = """
WITH number AS (SELECT record, row_number() OVER (ORDER BY record) - 1 AS n FROM record)
SELECT l.n, r.n, household_probability, person_probability, beyond_home, named, tied
FROM pair_kind JOIN number l ON l.record = left_id JOIN number r ON r.record = right_id
WHERE household_probability >= $at_least
ORDER BY household_probability DESC, person_probability DESC, left_id, right_id
"""

_BINDINGS = """
WITH number AS (SELECT record, row_number() OVER (ORDER BY record) - 1 AS n FROM record)
SELECT l.n, r.n FROM binding JOIN number l ON l.record = left_id JOIN number r ON r.record = right_id
WHERE level = $level AND verdict = $verdict ORDER BY l.n, r.n
"""


def read_evidence(con: Connection, edge_at_least: float, cookie_at_least: float) -> Evidence:
    """The evidence in the workspace, in an order that does not depend on the order of input."""
    profiles = list(map(Profile._make, con.execute(_PROFILES, {"place_at_least": cookie_at_least}).fetchall()))
    edges = list(map(Edge._make, con.execute(_EDGES, {"at_least": edge_at_least}).fetchall()))
    return Evidence(profiles, edges, _verdicts(con, "household"), _verdicts(con, "person"))


def _verdicts(con: Connection, level: str) -> Verdicts:
    return Verdicts(
        *(con.execute(_BINDINGS, {"level": level, "verdict": verdict}).fetchall() for verdict in Verdicts._fields)
    )
