"""Published touch credits to where they are read: `credit` on HAS_TOUCH in the graph, `touch_credit` in Postgres.

Invariant: both say the same of a touch; only what differs is written. Of a closed storm the rows in Postgres stand,
and the graph is brought back to them where journeys were read again since.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from stormops_graph.counts import counted
from stormops_graph.errors import Incomplete, StoreError
from stormops_graph.ports import Graph, Output, Outputs
from stormops_graph.reports.attribution import RepCredit
from stormops_graph.reports.closed_storms import PayChange
from stormops_graph.tables import COMMISSION, CREDITED_TOUCH, TOUCH_CREDIT, Connection

COLUMNS = {
    "event_id": "text",
    "touch_id": "text",
    "journey_id": "text",
    "position": "bigint",
    "zip_code": "text",
    "channel": "text",
    "play_id": "text",
    "rep_id": "text",
    "model": "text",
    "credit": "double precision",
    "conversion_value": "double precision",
    "timestamp": "timestamptz",
    "run": "text",
}
TOLERANCE = 1e-9

_ROWS = """
SELECT event_id, touch_id, journey_id, "position", zip_code, channel, play_id, rep_id, model, touch_credit.credit,
       value, $at, $run
FROM touch_credit JOIN credited_touch USING (event_id, touch_id)
WHERE model = $model AND NOT list_contains($closed::VARCHAR[], event_id) ORDER BY event_id, touch_id
"""
_DUE = """
SELECT event_id, touch_id, wanted.credit
FROM credited_touch LEFT JOIN (
    SELECT event_id, touch_id, credit FROM touch_credit
    WHERE model = $model AND NOT list_contains($closed::VARCHAR[], event_id)
    UNION ALL
    SELECT unnest($events::VARCHAR[]), unnest($touches::VARCHAR[]), unnest($credits::DOUBLE[])
) AS wanted USING (event_id, touch_id)
WHERE wanted.credit IS DISTINCT FROM credited_touch.credit ORDER BY event_id, touch_id
"""
_LISTED = """
INSERT INTO commission
SELECT event_id, zip_code, journey_id, "position", touch_id, channel, play_id, rep_id, model, touch_credit.credit, value
FROM touch_credit JOIN credited_touch USING (event_id, touch_id)
WHERE model <> $model AND NOT list_contains($closed::VARCHAR[], event_id)
ORDER BY model, event_id, journey_id, "position"
"""
_REPS = """
SELECT event_id, rep_id, count(*) AS touches, sum(touch_credit.credit::DECIMAL(18, 12))::DOUBLE AS conversions,
       sum(value::DECIMAL(18, 6))::DOUBLE AS value
FROM touch_credit JOIN credited_touch USING (event_id, touch_id) WHERE model = $model AND rep_id IS NOT NULL
GROUP BY event_id, rep_id ORDER BY event_id, conversions DESC, rep_id
"""
# Summed as decimals: floats would sum otherwise in another order.
_PAY_CHANGES = """
WITH stood AS (
    SELECT unnest($touch_id::VARCHAR[]) AS touch_id, unnest($channel::VARCHAR[]) AS channel,
           unnest($rep_id::VARCHAR[]) AS rep_id, unnest($credit::DECIMAL(18, 12)[]) AS credit,
           unnest($conversion_value::DECIMAL(18, 6)[]) AS value
), earned AS (
    SELECT touch_id, channel, rep_id, touch_credit.credit::DECIMAL(18, 12) AS credit, value::DECIMAL(18, 6) AS value
    FROM touch_credit JOIN credited_touch USING (event_id, touch_id) WHERE event_id = $event AND model = $model
)
SELECT coalesce(stood.rep_id, earned.rep_id) AS rep, coalesce(stood.channel, earned.channel) AS way,
       count(*) FILTER (abs(coalesce(stood.credit, 0) - coalesce(earned.credit, 0)) > $tolerance
                        OR stood.value IS DISTINCT FROM earned.value) AS touches,
       coalesce(sum(stood.credit), 0)::DOUBLE, coalesce(sum(earned.credit), 0)::DOUBLE,
       coalesce(sum(stood.value), 0)::DOUBLE, coalesce(sum(earned.value), 0)::DOUBLE
FROM stood FULL JOIN earned USING (touch_id) GROUP BY rep, way HAVING touches > 0 ORDER BY rep NULLS LAST, way
"""
# In the graph otherwise than in the books, by another model there, or credited where nothing is earned or the reverse.
_STALE = """
SELECT count(*)
FROM credited_touch FULL JOIN commission paid USING (event_id, touch_id)
LEFT JOIN (FROM touch_credit WHERE model = $model) AS now USING (event_id, touch_id)
WHERE NOT list_contains($closed::VARCHAR[], event_id)
  AND (abs(coalesce(paid.credit, 0) - coalesce(credited_touch.credit, 0)) > $tolerance
       OR paid.model <> $model OR (credited_touch.credit IS NULL) <> (now.credit IS NULL))
"""


@dataclass(frozen=True)
class Payroll:
    """Which touch credits are published: by which run, when (UTC), by which model, of which storms or journeys."""

    run: str
    at: datetime
    model: str
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    closed: Collection[str] = ()

    @property
    def of(self) -> dict[str, Any]:
        """The parameters of the queries over TOUCH_CREDIT."""
        return {"model": self.model, "closed": sorted(self.closed)}


def read_credited(con: Connection, graph: Graph, event: str | None = None, journeys: Sequence[str] = ()) -> int:
    """Fill CREDITED_TOUCH from the graph: touches of converting journeys of a storm, of all, or of some; how many."""
    if journeys:
        rows = graph.read("read/touch_credits_of", journey_ids=list(journeys))
    else:
        rows = graph.read("read/touch_credits", event_id=event)
    return CREDITED_TOUCH.fill(con, rows)


def reps_credited(con: Connection, model: str) -> list[RepCredit]:
    """What each rep's touches earn by TOUCH_CREDIT and a model, storm by storm, who earns most first."""
    rows = con.execute(_REPS, {"model": model}).fetchall()
    return [RepCredit(**dict(zip(RepCredit.model_fields, row, strict=True))) for row in rows]


def touch_output(rows: Sequence[Sequence[Any]] = (), scope: Mapping[str, tuple[str, ...]] | None = None) -> Output:
    """The table `touch_credit`."""
    return Output("touch_credit", COLUMNS, ("event_id", "touch_id"), rows, scope or {}, ("timestamp", "run"))


def standing(outputs: Outputs, closed: Iterable[str]) -> list[tuple[Any, ...]]:
    """The rows of `touch_credit` of closed storms, as they were published."""
    return [row for event in closed for row in outputs.read(touch_output(scope={"event_id": (event,)}))]


def commissions(con: Connection, payroll: Payroll) -> Output:
    """What Postgres should hold of the storms that are open, from TOUCH_CREDIT and CREDITED_TOUCH."""
    TOUCH_CREDIT.check(con)
    stamp = {"at": f"{payroll.at.isoformat()}+00:00", "run": payroll.run}
    output = touch_output(con.execute(_ROWS, {**payroll.of, **stamp}).fetchall(), payroll.scope)
    return replace(output, spares={"event_id": sorted(payroll.closed)})


def list_commissions(con: Connection, model: str, books: Sequence[Sequence[Any]], closed: Collection[str] = ()) -> int:
    """Fill COMMISSION with the `books`, the rows of `touch_credit`, and with what TOUCH_CREDIT says by other models.

    How many rows. Of closed storms there are the books alone. Raises Incomplete where journeys of the graph have
    changed since they were credited by the published `model`.
    """
    COMMISSION.fill(con, _named(books))
    of = {"closed": sorted(closed), "model": model}
    (stale,) = con.execute(_STALE, {**of, "tolerance": TOLERANCE}).fetchall()[0]
    if stale:
        raise Incomplete(
            f"{stale} touches have changed since they were credited", "credit them first: stormops-graph attribute"
        )
    con.execute(_LISTED, of)
    return COMMISSION.check(con)


def pay_differences(con: Connection, model: str, event: str, frozen: Sequence[Sequence[Any]]) -> list[PayChange]:
    """Of a closed storm, what its touches would earn by TOUCH_CREDIT instead of the rows of `touch_credit` that stand.

    By who made the touches and their channel, where any of them differs.
    """
    TOUCH_CREDIT.check(con)
    rows = _named(frozen)
    stood = {
        name: [row[name] for row in rows] for name in ("touch_id", "channel", "rep_id", "credit", "conversion_value")
    }
    found = con.execute(_PAY_CHANGES, {**stood, "event": event, "model": model, "tolerance": TOLERANCE}).fetchall()
    return [PayChange(**dict(zip(PayChange.model_fields, row, strict=True))) for row in found]


def write_on_journeys(con: Connection, graph: Graph, payroll: Payroll, frozen: Sequence[Sequence[Any]] = ()) -> int:
    """Write what differs of TOUCH_CREDIT onto the graph's journeys; `frozen` are rows of `touch_credit` that stand."""
    stands = {
        parameter: [row[name] for row in _named(frozen)]
        for parameter, name in (("events", "event_id"), ("touches", "touch_id"), ("credits", "credit"))
    }
    due = con.execute(_DUE, {**payroll.of, **stands}).fetchall()
    rows = [{"event_id": event, "touch_id": touch, "credit": credit} for event, touch, credit in due]
    written = graph.write("write/touch_credits", rows)
    if written != len(rows):
        raise StoreError(
            f"{len(rows) - written} touches found no place for their credit", "run `stormops-graph attribute`"
        )
    return written


def unpaid(graph: Graph, outputs: Outputs, model: str, closed: Collection[str] = ()) -> list[str]:
    """In words, how many converting journeys have touches that do not sum to 1: in the graph those of open storms."""
    found = [
        _apart(row["event_id"], row["journeys"], "the graph")
        for row in graph.read("read/journeys_uncredited", model=model, closed=sorted(closed))
    ]
    paid: defaultdict[tuple[str, str], float] = defaultdict(float)
    for row in _named(outputs.read(touch_output())):
        paid[row["event_id"], row["journey_id"]] += row["credit"]
    apart = Counter(event for (event, _), credit in paid.items() if abs(credit - 1.0) > TOLERANCE)
    return found + [_apart(event, journeys, "Postgres") for event, journeys in sorted(apart.items())]


def _apart(event: str, journeys: int, where: str) -> str:
    return f"{event}: the touches of {counted(journeys, 'converting journey')} do not sum to 1 in {where}"


def _named(rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """Rows of `touch_credit` by the names of their columns."""
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]
