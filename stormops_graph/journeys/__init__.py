"""Journeys: one household in one storm, in time order, ended by its first conversion; read by Cypher in the graph.

Invariant: a journey has at least one touch, none after its conversion (at the same instant is not after), and a
touch is in at most one journey. A conversion before any touch makes no journey.
Only households that are marked (see graph/due.py) are read again, each in one transaction with its old journeys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from stormops_graph.ports import UNWATCHED, Graph, Row, Step, Task
from stormops_graph.tables import (
    JOURNEY,
    JOURNEY_DUE,
    JOURNEY_OF,
    JOURNEY_PRINT,
    JOURNEY_TOUCH,
    MEMBER_IN_DOUBT,
    OTHER_HOUSEHOLD,
    TRACE,
    TRACE_HOME,
    Connection,
)

BATCH = 1_000  # households a transaction
SURE = 0.99  # a record that belongs to its household with this probability is not in doubt
_NOTED = "SELECT print FROM journey_print WHERE run = ?"
_IN_DOUBT = """
SELECT household FROM member_in_doubt UNION SELECT unnest([household, other]) FROM other_household ORDER BY 1
"""


def make_journeys(graph: Graph, task: Task = UNWATCHED) -> int:
    """Make the journeys of all marked households anew; how many households that were."""
    due = list(graph.read("read/journeys_due"))
    task.total(len(due))

    def transactions() -> Iterator[Sequence[Step]]:
        for first in range(0, len(due), BATCH):
            rows = due[first : first + BATCH]
            yield [
                Step("write/journeys_removed", rows),
                Step("write/journeys", rows),
                Step("write/journeys_read", rows),
            ]
            task.advance(len(rows))

    graph.write_together(transactions())  # one thread, as the areas are shared
    return len(due)


def read_due(con: Connection, graph: Graph) -> int:
    """Fill JOURNEY_DUE from the graph, before the journeys of marked households are made anew; how many rows."""
    return JOURNEY_DUE.fill(con, graph.read("read/journeys_of_due"))


def read_journeys(con: Connection, graph: Graph, event: str | None = None) -> int:
    """Fill JOURNEY and JOURNEY_TOUCH from the graph, of a storm or of all; the number of journeys.

    Of all as well where that storm has none, so that whoever says so can name the storms there are.
    """
    for table in (JOURNEY, JOURNEY_TOUCH, JOURNEY_OF):
        table.create(con)
    rows = graph.read("read/journeys", event_id=event)
    count = 0
    while part := list(islice(rows, 20_000)):
        JOURNEY.append(con, ([row[name] for name in JOURNEY.columns] for row in part))
        JOURNEY_TOUCH.append(con, (step for row in part for step in _steps(row)))
        count += len(part)
    if event is not None:
        return count or read_journeys(con, graph)
    JOURNEY_OF.append(con, [("",)])
    return count


def stand(con: Connection, traces: str) -> bool:
    """Whether JOURNEY has all journeys that a run would make which finds the `traces`; that run is under way now."""
    for table in (JOURNEY_OF, JOURNEY_PRINT):
        table.ensure(con)
    made = con.execute("SELECT run FROM journey_of JOIN journey_print USING (run) WHERE print = ?", [traces]).fetchall()
    standing = bool(made) and made != [("",)]  # the run that began with them was cut short
    JOURNEY_OF.create(con)
    JOURNEY_OF.append(con, [("",)] * standing)
    note_traces(con, traces)
    return standing


def note_traces(con: Connection, traces: str) -> None:
    """Let the `traces` be those that the run under way has found."""
    JOURNEY_PRINT.create(con)
    JOURNEY_PRINT.append(con, [("", traces)])


def noted_traces(con: Connection, run: str) -> str | None:
    """The traces that a complete run found, where it said so."""
    JOURNEY_PRINT.ensure(con)
    return next((str(said) for (said,) in con.execute(_NOTED, [run]).fetchall()), None)


def keep_journeys(con: Connection, run: str) -> None:
    """Let JOURNEY be that of a complete run, if it has all journeys and all of their touches."""
    for table in (JOURNEY_OF, JOURNEY_PRINT):
        table.ensure(con)
    con.execute("UPDATE journey_of SET run = ?", [run])
    con.execute("UPDATE journey_print SET run = ? WHERE run = ''", [run])


def are_kept(con: Connection, run: str) -> bool:
    """Whether JOURNEY has all journeys, as a complete run left them."""
    JOURNEY_OF.ensure(con)
    return bool(con.table(JOURNEY_OF.name).fetchall() == [(run,)])


def count_journeys(graph: Graph) -> int:
    """How many journeys the graph holds."""
    return sum(int(row["journeys"]) for row in graph.read("read/journey_count"))


def read_doubts(con: Connection, graph: Graph, sure: float = SURE) -> int:
    """Fill MEMBER_IN_DOUBT and OTHER_HOUSEHOLD, and TRACE and TRACE_HOME of all households in them; how many those are.

    What a steward decided about is not in doubt.
    """
    settled = {row["record"] for row in graph.read("read/records_decided")}
    for table, statement in (
        (MEMBER_IN_DOUBT, "read/members_in_doubt"),
        (OTHER_HOUSEHOLD, "read/other_households"),
    ):
        in_doubt = graph.read(statement, sure=sure)
        table.fill(con, (row for row in in_doubt if row["record"] not in settled))
    households = [row[0] for row in con.execute(_IN_DOUBT).fetchall()]
    for table, statement in ((TRACE, "read/traces"), (TRACE_HOME, "read/homes")):
        table.fill(con, graph.read(statement, households=households))
    return len(households)


def no_doubts(con: Connection) -> None:
    """Every record belongs where it is: journeys of a file, or draws that are not wanted."""
    for table in (MEMBER_IN_DOUBT, OTHER_HOUSEHOLD, TRACE, TRACE_HOME):
        table.create(con)


def _steps(row: Row) -> Iterator[Sequence[Any]]:
    for touch in row["touches"]:
        yield (row["journey_id"], *touch)
