"""Credit that would move: what the graph publishes against the journeys that would be.

Invariant: both sides are by the published model and of whole storms; a storm whose journeys nobody credited yet has
nothing to move.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from itertools import repeat
from typing import Any

from stormops_graph.masks import masked_touch
from stormops_graph.ports import Graph
from stormops_graph.reports.plan import SHOWN, Earned, PaidTouch, Payee, StormPlan
from stormops_graph.tables import (
    CREDIT,
    EARNED_SHARE,
    EARNED_TOUCH,
    JOURNEY,
    PAID_TOUCH,
    PUBLISHED_SHARE,
    TOUCH,
    TOUCH_CREDIT,
    Connection,
)

_SHARES = """
INSERT INTO earned_share SELECT event_id, dimension, key, round(share, 12), round(conversions, 9)
FROM credit WHERE zip_code = 'ALL' AND model = $model
"""
_OF_TOUCHES = """
INSERT INTO earned_touch SELECT touch_credit.event_id, household, touch_id, credit
FROM touch_credit JOIN journey USING (journey_id) WHERE model = $model
"""
_EARNED = """
SELECT coalesce(p.event_id, n.event_id), coalesce(p.dimension, n.dimension), coalesce(p.key, n.key), p.share, n.share,
       p.conversions, n.conversions
FROM published_share p
FULL JOIN earned_share n ON p.event_id = n.event_id AND p.dimension = n.dimension AND p.key = n.key
WHERE coalesce(p.event_id, n.event_id) IN (SELECT event_id FROM published_share)
ORDER BY 1, 2, greatest(coalesce(p.share, 0), coalesce(n.share, 0)) DESC, 3
"""
# Credits are counted in whole units, as they were dealt out, so that the order of sums cannot show.
_PAID = """
CREATE OR REPLACE TEMP TABLE paid AS
SELECT event_id, touch_id, was.household AS household, now.household AS household_now,
       coalesce(was.rep_id, now.rep_id) AS rep_id, round(coalesce(was.credit, 0) * 1e12)::HUGEINT AS units,
       round(coalesce(now.credit, 0) * 1e12)::HUGEINT AS units_now,
       was.household IS NOT NULL AND was.household IS DISTINCT FROM now.household AS moved
FROM paid_touch was
FULL JOIN (SELECT earned_touch.*, rep_id FROM earned_touch LEFT JOIN touch USING (touch_id)) now
    USING (event_id, touch_id)
WHERE event_id IN (SELECT event_id FROM published_share)
"""
_SUMS = """
SELECT event_id, count(*) FILTER (moved), coalesce(sum(units) FILTER (moved), 0) FROM paid GROUP BY event_id
"""
_PAYEES = """
SELECT event_id, rep_id, sum(units) AS before, sum(units_now) AS now, coalesce(sum(units) FILTER (moved), 0)
FROM paid GROUP BY event_id, rep_id HAVING before <> now OR bool_or(moved)
ORDER BY event_id, abs(before - now) DESC, rep_id NULLS LAST
"""
_TOUCHES = """
SELECT event_id, touch_id, household, household_now, units, units_now FROM paid WHERE moved
QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY greatest(units, units_now) DESC, touch_id) <= $shown
ORDER BY event_id, greatest(units, units_now) DESC, touch_id
"""
_UNIT = 10**12


def read_published(con: Connection, graph: Graph, model: str) -> int:
    """Fill PUBLISHED_SHARE and PAID_TOUCH with what the graph publishes by `model`; how many shares that are."""
    PUBLISHED_SHARE.fill(con, graph.read("read/published_shares", model=model))
    PAID_TOUCH.create(con)
    for row in graph.read("read/paid_touches"):
        reps = (rep or None for rep in row["reps"])
        paid = zip(repeat(row["event_id"]), row["households"], row["touches"], reps, row["credits"], strict=False)
        PAID_TOUCH.append(con, paid)
    return PUBLISHED_SHARE.check(con)


def write_earned(con: Connection, model: str) -> None:
    """Fill EARNED_SHARE and EARNED_TOUCH by CREDIT, TOUCH_CREDIT and JOURNEY as they would be."""
    for table in (CREDIT, TOUCH_CREDIT, JOURNEY):
        table.check(con)
    for table, step in ((EARNED_SHARE, _SHARES), (EARNED_TOUCH, _OF_TOUCHES)):
        table.create(con)
        con.execute(step, {"model": model})


def read_waiting(graph: Graph, model: str, closed: Collection[str]) -> dict[str, int]:
    """Storm, but closed ones → converting journeys that the last `attribute` has not credited as they are."""
    rows = graph.read("read/journeys_uncredited", model=model, closed=sorted(closed))
    return {row["event_id"]: row["journeys"] for row in rows}


def credit_moves(con: Connection, closed: Collection[str], waiting: Mapping[str, int]) -> list[StormPlan]:
    """Of each storm with published credits what would move, by EARNED_SHARE, EARNED_TOUCH and `read_waiting`."""
    for table in (EARNED_SHARE, EARNED_TOUCH, TOUCH):
        table.check(con)
    con.execute(_PAID)
    parts: defaultdict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for event, *row in con.execute(_EARNED).fetchall():
        parts[event]["credits"].append(Earned(**dict(zip(Earned.model_fields, row, strict=True))))
    for event, rep, *units in con.execute(_PAYEES).fetchall():
        credit, now, moved = (part / _UNIT for part in units)
        parts[event]["payees"].append(Payee(rep_id=rep, credit=credit, credit_now=now, moved=moved))
    for event, touch, was, now, *units in con.execute(_TOUCHES, {"shown": SHOWN}).fetchall():
        before, after = (part / _UNIT for part in units)
        paid = PaidTouch(
            touch_id=masked_touch(touch), household=was, household_now=now, credit=before, credit_now=after
        )
        parts[event]["touches"].append(paid)
    sums = {event: (touches, units / _UNIT) for event, touches, units in con.execute(_SUMS).fetchall()}
    return [
        StormPlan(
            event_id=event,
            closed=event in closed,
            waiting=waiting.get(event, 0),
            conversions=_conversions(found["credits"], "conversions"),
            conversions_now=_conversions(found["credits"], "conversions_now"),
            touches_moved=sums.get(event, (0, 0.0))[0],
            credit_moved=sums.get(event, (0, 0.0))[1],
            **found,
        )
        for event, found in sorted(parts.items())
    ]


def _conversions(credits: list[Earned], name: str) -> float:
    return round(sum(getattr(earned, name) or 0 for earned in credits if earned.dimension == "channel"), 6)
