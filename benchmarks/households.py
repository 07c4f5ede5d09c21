"""Households of a labelled world: ours beside exact identifiers with union-find, without a server.

    python benchmarks/households.py --world FOLDER [--threads 2] [--mistakes]

FOLDER holds feeds and `truth/`, as `stormops-graph simulate` and `worlds/world.py` write them. Counted as
`stormops-graph evaluate` counts: docs/evaluation.md.
"""

from __future__ import annotations

import argparse
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path

import pyarrow as pa

from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.cluster.clustering import cluster
from stormops_graph.cluster.forest import Forest
from stormops_graph.evaluation.evaluating import evaluate
from stormops_graph.evaluation.findings import Labelled
from stormops_graph.ingest import discover, ingest
from stormops_graph.ledger.bindings import bind
from stormops_graph.link.linkage import link
from stormops_graph.normalise import normalise
from stormops_graph.rules.model import read_model
from stormops_graph.rules.ruleset import Rules, read_rules
from stormops_graph.tables import DECISION, MEMBERSHIP, RULING, Connection

NAMESPACE = uuid.UUID(int=1)
WRONG_AT_MOST = {"emails": 0.03, "ga4": 0.03}  # of the rows placed; other feeds .01

# Records of a property feed's address are at that property; all else follows exact identifiers.
_HELD = """
SELECT record, kind || ':' || value FROM holding WHERE kind IN ('phone', 'email', 'contact', 'cookie')
 AND (kind, value) NOT IN (SELECT (kind, value) FROM placeholder)
UNION ALL SELECT record, 'address:' || address_key FROM record WHERE address_key IS NOT NULL ORDER BY ALL
"""
_LISTED = "SELECT 'address:' || address_key, min(property_id) FROM property WHERE address_key IS NOT NULL GROUP BY 1"


def read_world(con: Connection, world: Path, rules: Rules) -> None:
    """The feeds of `world`, normalised."""
    ingest(con, discover(world), world)
    RULING.ensure(con)
    normalise(con, rules.folder)


@contextmanager
def opened(world: Path, threads: int) -> Iterator[tuple[Connection, Rules]]:
    """A workspace in memory with the feeds of `world`, and the rules as shipped."""
    with (
        as_file(files("stormops_graph.matching_rules")) as shipped,
        open_workspace(Path(":memory:"), threads=threads) as con,
    ):
        con.execute("SET enable_progress_bar = false")
        rules = read_rules(shipped)
        read_world(con, world, rules)
        yield con, rules


def ours(con: Connection, rules: Rules) -> None:
    """Fill `membership` as a first run does."""
    link(con, rules, read_model(rules))
    DECISION.ensure(con)
    bind(con, datetime.max)
    cluster(con, rules.household.cluster, rules.session.place_at_least, NAMESPACE)


def union_find(con: Connection) -> None:
    """Fill `membership` by equal normalised identifiers alone, in one connected component after the other."""
    records = [row[0] for row in con.execute("SELECT record FROM record ORDER BY record").fetchall()]
    number = {record: n for n, record in enumerate(records)}
    forest, first = Forest(len(records)), {}
    held = con.execute(_HELD).fetchall()
    for record, value in held:
        forest.join(first.setdefault(value, number[record]), number[record])
    listed = dict(con.execute(_LISTED).fetchall())
    homes: dict[int, str] = {}
    for record, value in held:
        if value in listed:
            root = forest.root(number[record])
            homes[root] = min(listed[value], homes.get(root, listed[value]))
    roots = [forest.root(n) for n in number.values()]
    home = pa.array(map(homes.get, roots), pa.string())
    con.register(
        "placed_by_union",
        pa.table({"record": records, "household": [str(root) for root in roots], "property_id": home}),
    )
    MEMBERSHIP.create(con)
    con.execute(
        "INSERT INTO membership BY NAME SELECT record, household, property_id, 1.0 AS confidence FROM placed_by_union"
    )


def tell(title: str, found: Labelled, mistakes: bool) -> None:
    """One block of figures."""
    level = next(level for level in found.levels if level.name == "household")
    pair, cubed = level.overall.pairwise, level.overall.bcubed
    print(f"\n{title}: {found.rows:,} labelled rows")
    print(f"  pairwise  P {pair.precision:.3f}  R {pair.recall:.3f}  F1 {pair.f1:.3f}    B-cubed F1 {cubed.f1:.3f}")
    print("  feed           at their home     wrong of placed")
    for place in found.placement:
        wrong = place.wrong / max(place.placed, 1)
        flag = " *" if wrong > WRONG_AT_MOST.get(place.feed, 0.01) else ""
        print(f"  {place.feed:13}  {place.right / place.rows:13.3f}     {wrong:15.3%}{flag}")
    for claim in found.reliability:
        if claim.error is not None:
            print(f"  {claim.claim}: expected calibration error {claim.error:.3f}")
    people = [level for level in found.levels if level.name == "person"]
    if people:
        print(f"  persons   F1 {people[0].overall.pairwise.f1:.3f}")
    if mistakes:
        for kind in (level.merges, level.splits):
            for one in kind:
                print(" ", one)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--mistakes", action="store_true", help="also the worst false merges and splits")
    asked = parser.parse_args()
    with opened(asked.world, asked.threads) as (con, rules):
        started = time.process_time()
        ours(con, rules)
        spent = time.process_time() - started
        tell(f"ours ({spent:.0f} CPU-s)", evaluate(con, asked.world / "truth"), asked.mistakes)
        union_find(con)
        tell("exact identifiers, union-find", evaluate(con, asked.world / "truth"), False)


if __name__ == "__main__":
    main()
