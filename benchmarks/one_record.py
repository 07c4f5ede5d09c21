"""How long one question takes in a warm process: IdentityGraph().resolve_with_confidence on a project's graph.

    python benchmarks/one_record.py PROJECT [--questions 400]

Identifiers are drawn from the graph: one alone, or two of one record. p50, p95 and the most,
milliseconds of the wall clock; of a kind with few questions p95 is the most.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from pathlib import Path

from stormops_graph import IdentityGraph
from stormops_graph.errors import Ambiguous
from stormops_graph.project import Project
from stormops_graph.stores import open_graph

SHOWN = """
MATCH (r:Record)-[:HAS]->(i:Identifier) WITH r, collect(i.key) AS keys ORDER BY r.record
RETURN keys
"""
SIZE = "MATCH (n) WITH count(n) AS nodes MATCH ()-[r]->() RETURN nodes, count(r) AS relationships"
ARGUMENT = {"phone": "phone", "email": "email", "address": "address", "cookie": "ga4_cookie"}


def questions(folder: Path, asked: int) -> list[dict[str, str]]:
    """So many sets of arguments."""
    dice = random.Random(1)
    with open_graph(Project.open(folder), os.environ) as graph:
        (size,) = graph.execute(SIZE, {}, "size")
        print(f"{size['nodes']:,} nodes, {size['relationships']:,} relationships")
        records = [row["keys"] for row in graph.execute(SHOWN, {}, "shown")]
    chosen = (dice.sample(keys, min(len(keys), dice.choice((1, 2)))) for keys in dice.choices(records, k=asked))
    return [{ARGUMENT[kind]: value for kind, _, value in (key.partition(":") for key in keys)} for keys in chosen]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--questions", type=int, default=400)
    asked = parser.parse_args()
    sets = questions(asked.project, asked.questions)
    spent: dict[str, list[float]] = {}
    answers = {"one": 0, "none": 0, "several": 0}
    with IdentityGraph(asked.project) as graph:
        graph.resolve_with_confidence(phone="2143634567", email="a@mail.com", address="1 Elm St", ga4_cookie="1.2")
        for arguments in sets:
            started = time.perf_counter()
            try:
                found = graph.resolve_with_confidence(**arguments)
                answers["one" if found else "none"] += 1
            except Ambiguous:
                answers["several"] += 1
            taken = 1000 * (time.perf_counter() - started)
            for name in ("all", " + ".join(sorted(arguments))):
                spent.setdefault(name, []).append(taken)
    print(f"{len(sets)} questions; households found: " + ", ".join(f"{name} {n}" for name, n in answers.items()))
    for name, times in sorted(spent.items(), key=lambda item: -len(item[1])):
        times.sort()
        p50, p95 = (times[min(len(times) - 1, round(len(times) * share))] for share in (0.5, 0.95))
        print(f"  {name:22} {len(times):5}   p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   most {times[-1]:6.1f} ms")


if __name__ == "__main__":
    main()
