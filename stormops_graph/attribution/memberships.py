"""Who could belong where: draws of the memberships in doubt, and the journeys as they would be then.

Each block (a person's records in a household, or a record without one) has one chance a draw: a record stays while
that is not above its confidence, so that records of a person go together. Who goes, goes to one of the other households
by their probabilities, or else to none: a household of its own without a home. Journeys of the households that a draw
stirs are read again by the rules of `write/journeys`.
Invariant: a draw depends on the seed and on what is in doubt, never on the order of rows; one in which nobody moves
has the journeys of the graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import numpy as np
import pyarrow as pa

from stormops_graph.attribution.coding import CodedJourneys, code_journeys
from stormops_graph.attribution.intervals import generator
from stormops_graph.attribution.windows import narrow
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import (
    JOURNEY,
    JOURNEY_TOUCH,
    MEMBER_IN_DOUBT,
    OTHER_HOUSEHOLD,
    TRACE,
    TRACE_HOME,
    Connection,
    Table,
)

ALONE = "alone:"
"""Begins the name of a household of nobody else, after a block that left its own."""

MOVE = Table(
    "move",  # who goes where in which draw
    {
        "draw": "BIGINT",
        "record": "VARCHAR",
        "household": "VARCHAR",
        "person": "VARCHAR",  # NULL unless all of the person goes
        "target": "VARCHAR",
    },
)

_CHOICES = """
WITH other AS (
    SELECT record, household, list(other ORDER BY other) AS others, list(probability ORDER BY other) AS chances
    FROM other_household GROUP BY record, household
)
SELECT record, household, person, coalesce(carries_person, false), confidence, coalesce(others, []),
       coalesce(chances, [])
FROM member_in_doubt FULL JOIN other USING (record, household) ORDER BY record, household, person
"""
_STIRRED = """
CREATE OR REPLACE TABLE stirred AS
SELECT draw, household FROM move UNION SELECT draw, target FROM move
"""
_PERSON_MOVE = """
CREATE OR REPLACE TABLE person_move AS
SELECT draw, household, person, min(target) AS target FROM move WHERE person IS NOT NULL GROUP BY ALL
"""
_TRACE_DRAWN = """
CREATE OR REPLACE TABLE trace_drawn AS
SELECT stirred.draw, coalesce(move.target, person_move.target, trace.household) AS household, trace_id, is_conversion,
       "at", event_id, channel, play_id, value
FROM trace JOIN stirred USING (household)
LEFT JOIN move ON move.draw = stirred.draw AND move.household = trace.household AND move.record = trace.record
LEFT JOIN person_move ON person_move.draw = stirred.draw AND person_move.household = trace.household
     AND person_move.person = trace.person
"""
# The first conversion of each household in each storm ends its journey.
_TOUCH_DRAWN = """
CREATE OR REPLACE TABLE touch_drawn AS
WITH ending AS (
    SELECT draw, household, event_id,
           min({'at': "at", 'trace_id': trace_id, 'value': value}) FILTER (is_conversion) AS conversion
    FROM trace_drawn GROUP BY ALL
)
SELECT draw, household, event_id, household || ':' || event_id AS journey_id, conversion, trace_id AS touch_id, channel,
       play_id, "at",
       row_number() OVER (PARTITION BY draw, household, event_id ORDER BY "at", trace_id) - 1 AS position
FROM trace_drawn JOIN ending USING (draw, household, event_id)
WHERE NOT is_conversion AND (conversion IS NULL OR "at" <= conversion."at")
"""
# Its home then, or where none is known for that time the last it had.
_JOURNEY_DRAWN = """
CREATE OR REPLACE TABLE journey_drawn AS
WITH taken AS (
    SELECT draw, journey_id, household, event_id, any_value(conversion) AS conversion, min("at") AS started_at,
           max("at") AS last_at
    FROM touch_drawn GROUP BY draw, journey_id, household, event_id
), begun AS (SELECT DISTINCT household, started_at FROM taken),
home AS (
    SELECT household, started_at, arg_min({'zip_code': zip_code, 'persona': persona}, {
        'elsewhere': NOT (coalesce(valid_from <= started_at, true) AND coalesce(started_at < valid_to, true)),
        'since': coalesce(-epoch_us(valid_from), 9e18), 'property_id': property_id}) AS home
    FROM begun JOIN trace_home USING (household) GROUP BY household, started_at
)
SELECT draw, journey_id, household, event_id, coalesce(home.zip_code, 'UNKNOWN') AS zip_code, home.persona AS persona,
       conversion IS NOT NULL AS converted, conversion.value AS value, started_at,
       coalesce(conversion."at", last_at) AS ended_at
FROM taken LEFT JOIN home USING (household, started_at)
"""
_READ = (_PERSON_MOVE, _TRACE_DRAWN, _TOUCH_DRAWN, _JOURNEY_DRAWN)
# Once they are gone, `main.journey` is that of the workspace again, and not the temporary one of the last draw.
_OF_DRAW = (
    "DROP TABLE IF EXISTS temp.main.journey",
    "DROP TABLE IF EXISTS temp.main.journey_touch",
    """
    CREATE TEMP TABLE journey AS
    SELECT * FROM main.journey WHERE household NOT IN (SELECT household FROM stirred WHERE draw = $draw)
    UNION ALL SELECT * EXCLUDE (draw) FROM journey_drawn WHERE draw = $draw
    """,
    """
    CREATE TEMP TABLE journey_touch AS
    SELECT journey_touch.* FROM main.journey_touch SEMI JOIN journey USING (journey_id)
    WHERE journey_id NOT IN (SELECT journey_id FROM journey_drawn WHERE draw = $draw)
    UNION ALL
    SELECT journey_id, position, touch_id, channel, play_id, "at" FROM touch_drawn WHERE draw = $draw
    """,
)


_EVERYBODY = "CREATE OR REPLACE TABLE stirred AS SELECT DISTINCT 0::BIGINT AS draw, household FROM trace"
_ALL_JOURNEYS = "INSERT INTO journey SELECT * EXCLUDE (draw) FROM journey_drawn"
_ALL_TOUCHES = """
INSERT INTO journey_touch SELECT journey_id, position, touch_id, channel, play_id, "at" FROM touch_drawn
"""


def in_doubt(con: Connection) -> bool:
    """Whether any record may belong to another household than its own."""
    for table in (MEMBER_IN_DOUBT, OTHER_HOUSEHOLD, TRACE, TRACE_HOME):
        table.ensure(con)
    return bool(MEMBER_IN_DOUBT.check(con) + OTHER_HOUSEHOLD.check(con))


def draw_memberships(con: Connection, draws: int, seed: int) -> None:
    """Fill MOVE for so many draws, and the journeys of the households that they stir."""
    MOVE.create(con)
    columns: list[list[object]] = [[] for _ in MOVE.columns]
    for record, household, person, carries, confidence, others, chances in con.execute(_CHOICES).fetchall():
        block = f"{household}|{person or record}"
        targets = (*others, ALONE + block)
        found = _choices(confidence, chances, generator(seed, "membership", block).random((2, draws)))
        for draw in np.flatnonzero(found >= 0):
            row = (int(draw), record, household, person if carries else None, targets[found[draw]])
            for column, value in zip(columns, row, strict=True):
                column.append(value)
    if columns[0]:
        types = (pa.int64(), *(pa.string(),) * 4)
        arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
        con.from_arrow(pa.table(arrays, names=list(MOVE.columns))).insert_into(MOVE.name)
    journeys_of_moves(con)


def journeys_of_moves(con: Connection) -> None:
    """Read the journeys of the households that MOVE stirs, draw by draw, from TRACE and TRACE_HOME."""
    for step in (_STIRRED, *_READ):
        con.execute(step)


def journeys_of_all(con: Connection) -> int:
    """Fill JOURNEY and JOURNEY_TOUCH with what TRACE and TRACE_HOME say, as the graph would have it; how many."""
    for table in (MOVE, JOURNEY, JOURNEY_TOUCH):
        table.create(con)
    for step in (_EVERYBODY, *_READ, _ALL_JOURNEYS, _ALL_TOUCHES):
        con.execute(step)
    return JOURNEY.check(con)


def drawn_journeys(
    con: Connection, draws: int, options: AttributionSettings, event: str | None
) -> Iterator[CodedJourneys]:
    """The journeys of each draw, of one storm or all, with the touches that count by the options.

    Those of households that nothing stirs are as in JOURNEY and JOURNEY_TOUCH.
    """
    JOURNEY.check(con)
    JOURNEY_TOUCH.check(con)
    with closing(con.cursor()) as own:  # its temporary tables hide those of the workspace from nobody else
        for draw in range(draws):
            for step in _OF_DRAW:
                own.execute(step, {"draw": draw} if "$draw" in step else {})
            narrow(own, options)
            yield code_journeys(own, event)


def _choices(confidence: float | None, chances: Sequence[float], chance: np.ndarray) -> np.ndarray:
    """For each draw -1 (stays), the number of another household, or one more than there are (none)."""
    room = 1.0 if confidence is None else 1.0 - confidence
    other = np.array(chances, dtype=np.float64)
    other *= min(1.0, room / other.sum()) if other.sum() > 0 else 1.0
    stays = 1.0 - other.sum() if confidence is None else confidence
    goes, place = chance
    number = np.searchsorted(other.cumsum(), place * (1.0 - stays), side="right")
    return np.where(goes > stays, number, -1)
