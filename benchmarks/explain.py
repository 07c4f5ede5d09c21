"""How long `explain` takes in a warm process: of two records, and of a household; p50, p95 and the most, milliseconds.

    python benchmarks/explain.py PROJECT [--times 40]

PROJECT was resolved; no server is needed. Each answer opens and closes the workspace, as a command does. Asked is about
households of 4 to 40 records, chosen at random, and about two records of each.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.lookup.reasons import explain_household, explain_records, open_reasons
from stormops_graph.project import Project

CHOSEN = """
SELECT household, list_sort(list(DISTINCT record)) FROM membership
GROUP BY household HAVING count(DISTINCT record) BETWEEN 4 AND 40 ORDER BY household
"""


def timed(asked: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU milliseconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    asked()
    return 1e3 * (time.perf_counter() - wall), 1e3 * (time.process_time() - cpu)


def of_household(project: Project, household: str) -> None:
    with open_reasons(project) as con:
        explain_household(con, household)


def of_records(project: Project, one: str, other: str) -> None:
    with open_reasons(project) as con:
        explain_records(con, one, other)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--times", type=int, default=40)
    asked = parser.parse_args()
    project = Project.open(asked.project)
    with open_workspace(project.workspace) as con:
        chosen = random.Random(3).sample(con.execute(CHOSEN).fetchall(), asked.times)
    of_household(project, chosen[0][0])  # warm
    forms = {
        "a household": [timed(lambda h=household: of_household(project, h)) for household, _ in chosen],
        "two records": [timed(lambda r=records: of_records(project, r[0], r[-1])) for _, records in chosen],
    }
    print(f"{'':12}{'wall p50':>10}{'p95':>8}{'max':>8}{'CPU p50':>10}{'p95':>8}{'max':>8}   ms")
    for form, times in forms.items():
        figures = []
        for values in map(sorted, zip(*times, strict=True)):
            figures += [statistics.median(values), values[min(len(values) - 1, int(0.95 * len(values)))], values[-1]]
        print(f"{form:12}" + "".join(f"{figure:>{10 if n % 3 == 0 else 8}.0f}" for n, figure in enumerate(figures)))


if __name__ == "__main__":
    main()
