"""The most that the feeds of a labelled world can tell: households if all evidence were followed, and rightly.

    python benchmarks/ceiling.py --world FOLDER [--threads 2]

Records of one true household count as found together where they are tied to each other or to its home by evidence of
a kind, directly or over others; nothing is ever joined wrongly. Each line adds a kind of evidence to those before it.
What the last line does not find has nothing in the feeds that speaks for its household.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from households import opened, ours
from rapidfuzz.distance import Levenshtein

from stormops_graph.evaluation.labels import read_labels
from stormops_graph.tables import Connection

KINDS = ("equal identifiers", "+ a slip in one", "+ names, open addresses", "+ what a cookie tells", "+ surname alone")
HOME = "its home"
_ROWS = "SELECT feed, record, household_id FROM labelled WHERE record IS NOT NULL AND household_id IS NOT NULL"
_HELD = "SELECT record, kind, value FROM holding WHERE kind IN ('phone', 'email', 'contact', 'cookie')"
_NAMES = """
SELECT record, coalesce(n.given, r.given), coalesce(n.surname, r.surname)
FROM record r LEFT JOIN link_named n USING (record)
"""
# How plainly an address or a cookie tells each home, as KINDS are numbered; an open address fits several homes.
_TELLS = """
SELECT record, property_id, 0 FROM record_home WHERE property_id IS NOT NULL
UNION ALL SELECT record, p.property_id, CASE WHEN points = best AND ties = 1 THEN 1 ELSE 2 END
FROM record JOIN (SELECT *, max(points) OVER w AS best, count(*) FILTER (points > -9) OVER w AS ties
                  FROM address_points WINDOW w AS (PARTITION BY address_key)) p USING (address_key)
UNION ALL SELECT record, property_id, 3 FROM candidate
"""


class Name(NamedTuple):
    """What a record says of somebody's name."""

    given: str | None
    surname: str | None


@dataclass
class Household:
    """A true household: its records' rows by feed, and where it lives."""

    rows: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    homes: set[str] = field(default_factory=set)

    def size(self) -> int:
        return sum(rows.total() for rows in self.rows.values())


@dataclass(frozen=True)
class World:
    """What the feeds show of each record."""

    held: dict[str, set[tuple[str, str]]]
    names: dict[str, Name]
    tells: dict[str, dict[str, int]]  # record → home → the first of KINDS by which it is told

    def home_told(self, record: str, homes: set[str]) -> int:
        return min((kind for home, kind in self.tells[record].items() if home in homes), default=len(KINDS))

    def tie(self, left: str, right: str) -> int:
        """The first of KINDS that ties two records."""
        if self.held[left] & self.held[right]:
            return 0
        if any(_slip(one, other) for one in self.held[left] for other in self.held[right]):
            return 1
        one, other = self.names[left], self.names[right]
        if not (one.surname and other.surname and Levenshtein.distance(one.surname, other.surname) <= 1):
            return len(KINDS)
        both = one.given and other.given and one.given[0] == other.given[0]
        return 2 if both else 4


def _slip(one: tuple[str, str], other: tuple[str, str]) -> bool:
    if one[0] != other[0] or one[0] not in ("phone", "email"):
        return False
    (left, _, at), (right, _, there) = one[1].partition("@"), other[1].partition("@")
    return Levenshtein.distance(one[1], other[1]) <= 1 or (left == right and Levenshtein.distance(at, there) <= 3)


def read(con: Connection) -> tuple[World, list[Household]]:
    """What the feeds show, and whose it is."""
    world = World(defaultdict(set), {}, defaultdict(dict))
    for record, kind, value in con.execute(_HELD).fetchall():
        world.held[record].add((kind, value))
    world.names.update({record: Name(given, surname) for record, given, surname in con.execute(_NAMES).fetchall()})
    for record, home, kind in con.execute(_TELLS).fetchall():
        world.tells[record][home] = min(kind, world.tells[record].get(home, kind))
    households: dict[str, Household] = defaultdict(Household)
    for feed, record, household in con.execute(_ROWS).fetchall():
        households[household].rows[record][feed] += 1
    for household, home in con.execute("SELECT household_id, property_id FROM true_stay").fetchall():
        households[household].homes.add(home)
    return world, [household for household in households.values() if household.rows]


@dataclass
class Found:
    """What evidence up to a kind finds of all households."""

    pairs: int = 0
    cubed: float = 0.0
    placed: Counter[str] = field(default_factory=Counter)

    def add(self, household: Household, ties: list[tuple[str, str]], told: set[str]) -> None:
        """The records of a household in pieces, as `ties` hold them together; those `told` are at its home."""
        sets = [{HOME, *told}, *({record} for record in household.rows if record not in told)]
        for left, right in ties:
            meet = [piece for piece in sets if left in piece or right in piece]
            sets = [piece for piece in sets if piece not in meet] + [set().union(*meet)]
        for piece in sets:
            rows = sum((household.rows[record] for record in piece if record != HOME), Counter[str]())
            self.pairs += rows.total() * (rows.total() - 1) // 2
            self.cubed += rows.total() ** 2 / household.size()
            self.placed += rows if HOME in piece else Counter()


def find(world: World, households: list[Household]) -> list[Found]:
    """For each of KINDS, what it and those before it find."""
    found = [Found() for _ in KINDS]
    for household in households:
        ties = {pair: world.tie(*pair) for pair in combinations(household.rows, 2)}
        told = {record: world.home_told(record, household.homes) for record in household.rows}
        for kind, one in enumerate(found):
            one.add(
                household,
                [pair for pair, tie in ties.items() if tie <= kind],
                {record for record, tells in told.items() if tells <= kind},
            )
    return found


def tell(world: World, households: list[Household]) -> None:
    total = sum((rows for one in households for rows in one.rows.values()), Counter[str]())
    pairs = sum(one.size() * (one.size() - 1) // 2 for one in households)
    print(f"{'':24}  pairs     F1  B-cubed  " + "  ".join(f"{feed[:11]:>11}" for feed in sorted(total)))
    for name, one in zip(KINDS, find(world, households), strict=True):
        recall, cubed = one.pairs / pairs, one.cubed / total.total()
        shares = "  ".join(f"{one.placed[feed] / total[feed]:11.3f}" for feed in sorted(total))
        print(f"{name:24}  {recall:.3f}  {2 * recall / (1 + recall):.3f}    {2 * cubed / (1 + cubed):.3f}  {shares}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    with opened(asked.world, asked.threads) as (con, rules):
        ours(con, rules)
        read_labels(con, asked.world / "truth")
        tell(*read(con))


if __name__ == "__main__":
    main()
