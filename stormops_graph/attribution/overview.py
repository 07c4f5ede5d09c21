"""The journeys of an area as they are looked at: who follows whom, and when it happened.

Invariant: counts of JOURNEY and JOURNEY_TOUCH alone, in an order that follows from the names; nothing is estimated.
"""

from __future__ import annotations

from stormops_graph.attribution.coding import NO_ZIP, WHOLE_STORM
from stormops_graph.reports.attribution import Overview, Week
from stormops_graph.tables import JOURNEY, JOURNEY_TOUCH, Connection

AREA_JOURNEY = f"""
CREATE OR REPLACE TEMP TABLE overview_journey AS
SELECT journey_id, coalesce(converted, false) AS converted, started_at, ended_at FROM journey
WHERE event_id = $event AND $zip IN ('{WHOLE_STORM}', coalesce(nullif(trim(zip_code), ''), '{NO_ZIP}'))
"""  # noqa: S608  (constants)
AREA_TOUCH = """
CREATE OR REPLACE TEMP TABLE overview_touch AS
SELECT overview_journey.rowid AS journey, position, trim(channel) AS channel, converted
FROM journey_touch JOIN overview_journey USING (journey_id) WHERE trim(channel) <> ''
"""
CHANNELS = "SELECT channel FROM overview_touch GROUP BY channel ORDER BY avg(position), channel"
# the start's channel is NULL, and so is that of both ends
STEPS = """
SELECT lag(channel) OVER in_time AS source, channel AS target, NULL AS ended FROM overview_touch
WINDOW in_time AS (PARTITION BY journey ORDER BY position)
UNION ALL
SELECT arg_max(channel, position), NULL, any_value(converted) FROM overview_touch GROUP BY journey
"""
COUNTED = f"SELECT source, target, ended, count(*) FROM ({STEPS}) GROUP BY ALL"  # noqa: S608  (a constant)
WEEKS = """
SELECT week, sum(started)::BIGINT, sum(converted)::BIGINT FROM (
    SELECT date_trunc('week', started_at)::DATE AS week, 1 AS started, 0 AS converted FROM overview_journey
    UNION ALL
    SELECT date_trunc('week', ended_at)::DATE, 0, 1 FROM overview_journey WHERE converted
) WHERE week IS NOT NULL GROUP BY week ORDER BY week
"""
SPAN = """
SELECT min(started_at), max(ended_at),
       median((epoch_us(ended_at) - epoch_us(started_at)) / 86400e6) FILTER (converted)
FROM overview_journey
"""


def overview(con: Connection, event: str, zip_code: str | None) -> Overview:
    """The journeys of one ZIP in a storm, or of the whole storm (None)."""
    JOURNEY.check(con)
    JOURNEY_TOUCH.check(con)
    con.execute(AREA_JOURNEY, {"event": event, "zip": zip_code or WHOLE_STORM})
    con.execute(AREA_TOUCH)
    channels = [str(name) for (name,) in con.execute(CHANNELS).fetchall()]
    first, last, days = con.execute(SPAN).fetchall()[0]
    found = Overview(
        event_id=event,
        zip_code=zip_code,
        channels=channels,
        steps=_steps(con, channels),
        weeks=[
            Week(begins=begins, started=started, converted=converted)
            for begins, started, converted in con.execute(WEEKS).fetchall()
        ],
        first=first,
        last=last,
        days_to_convert=days,
    )
    for temporary in ("overview_journey", "overview_touch"):
        con.execute(f"DROP TABLE {temporary}")
    return found


def _steps(con: Connection, channels: list[str]) -> list[list[int]]:
    """Transition counts (K + 1, K + 2): the last row is the start, the last columns conversion and end without."""
    k = len(channels)
    place: dict[str | None, int] = {name: i for i, name in enumerate(channels)}
    place[None] = k
    steps = [[0] * (k + 2) for _ in range(k + 1)]
    for source, target, ended, journeys in con.execute(COUNTED).fetchall():
        column = place[target] if ended is None else k if ended else k + 1
        steps[place[source]][column] = journeys
    return steps
