"""What of a journey counts: the touches near its end, of channels that are not left out, repeats as one or as many.

Invariant: no journey loses its last touch that could count, so that every conversion stays somebody's; positions stay
as they were, with gaps. With the settings as shipped nothing is touched.
"""

from __future__ import annotations

from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import JOURNEY, JOURNEY_OF, JOURNEY_TOUCH, Connection

# Only where there is something else: a conversion after nothing but calls in is still theirs.
LEFT_OUT = """
DELETE FROM journey_touch WHERE trim(channel) IN (SELECT unnest($channels::VARCHAR[])) AND journey_id IN (
    SELECT journey_id FROM journey_touch WHERE trim(channel) NOT IN (SELECT unnest($channels::VARCHAR[])))
"""
TOO_OLD = """
DELETE FROM journey_touch USING (
    SELECT journey_id, ended_at, last FROM journey
    JOIN (SELECT journey_id, max("position") AS last FROM journey_touch GROUP BY journey_id) USING (journey_id)
) AS journey
WHERE journey.journey_id = journey_touch.journey_id AND "position" < last
      AND epoch_us(ended_at) - epoch_us("at") > $days * 86400e6
"""
REPEATED = """
DELETE FROM journey_touch USING (
    SELECT journey_id, "position", lead({channel: trim(channel), play: play_id}) OVER journey AS next FROM journey_touch
    WINDOW journey AS (PARTITION BY journey_id ORDER BY "position")
) AS followed
WHERE followed.journey_id = journey_touch.journey_id AND followed."position" = journey_touch."position"
      AND next.channel = trim(journey_touch.channel) AND next.play IS NOT DISTINCT FROM journey_touch.play_id
"""


def narrow(con: Connection, options: AttributionSettings) -> int:
    """Take out of JOURNEY_TOUCH what does not count by `leave_out`, `lookback_days` and `repeats`; how many touches."""
    steps: list[tuple[str, dict[str, object]]] = []
    if options.leave_out:
        steps.append((LEFT_OUT, {"channels": list(options.leave_out)}))
    if options.lookback_days:
        steps.append((TOO_OLD, {"days": options.lookback_days}))
    if options.repeats == "once":
        steps.append((REPEATED, {}))
    if not steps:
        return 0
    JOURNEY.check(con)
    before = JOURNEY_TOUCH.check(con)
    for step, given in steps:
        con.execute(step, given)
    if taken := before - JOURNEY_TOUCH.check(con):
        JOURNEY_OF.create(con)
    return taken


def narrowed(con: Connection, options: AttributionSettings) -> list[str]:
    """`narrow`, and what there is to note of it."""
    touches = narrow(con, options)
    return [f"{touches:,} touches do not count, by lookback_days, leave_out and repeats"] if touches else []
