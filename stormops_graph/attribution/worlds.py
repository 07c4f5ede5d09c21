"""Journeys as they would be: of all households, or in each draw of the memberships in doubt.

A draw changes the journeys of the households that it stirs; these are read again by the rules of `write/journeys`. Most
draws that stir a household do the same to it, so each of its *variants* is read once, and all journeys, as they are and
as they would be, are coded once; a draw is which of them there are.
Invariant: the journeys of a draw do not depend on the order of rows; one in which nobody moves has those of the graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from stormops_graph.attribution.chains import Flags, Ints
from stormops_graph.attribution.coding import CodedJourneys, code_named
from stormops_graph.attribution.windows import narrow
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import JOURNEY, JOURNEY_OF, JOURNEY_TOUCH, Connection

# What moves together: traces of one record, as one person, in one household.
_NUMBERED = """
CREATE OR REPLACE TABLE trace_numbered AS
SELECT trace.*, dense_rank() OVER (ORDER BY household, person, record) AS number FROM trace
"""
_PERSON_MOVE = """
CREATE OR REPLACE TABLE person_move AS
SELECT draw, household, person, min(target) AS target FROM move WHERE person IS NOT NULL GROUP BY ALL
"""
_TRACE_MOVE = """
CREATE OR REPLACE TABLE trace_move AS
WITH known AS (SELECT DISTINCT number, household, person, record FROM trace_numbered),
own AS (
    SELECT draw, number, known.household, min(target) AS target FROM known JOIN move USING (household, record)
    GROUP BY ALL
)
FROM own
UNION ALL
SELECT draw, number, known.household, target FROM known JOIN person_move USING (household, person)
ANTI JOIN own USING (draw, number)
"""
# A variant of a household is what leaves it and what comes.
_STIRRED = """
CREATE OR REPLACE TABLE stirred AS
SELECT draw, household, dense_rank() OVER (ORDER BY household, moves) AS variant
FROM (
    SELECT draw, household, list_sort(list(DISTINCT moved)) AS moves FROM (
        SELECT draw, household, 2 * number AS moved FROM trace_move
        UNION ALL SELECT draw, target, 2 * number + 1 FROM trace_move
    ) GROUP BY draw, household
)
"""
_TRACE_DRAWN = """
CREATE OR REPLACE TABLE trace_drawn AS
WITH variant AS (SELECT variant, household, min(draw) AS draw FROM stirred GROUP BY variant, household)
SELECT variant, variant.household, trace.* EXCLUDE (household, person, record, number)
FROM variant JOIN trace_numbered trace USING (household) ANTI JOIN trace_move USING (draw, number)
UNION ALL
SELECT variant, variant.household, trace.* EXCLUDE (household, person, record, number)
FROM variant JOIN trace_move moved ON moved.draw = variant.draw AND moved.target = variant.household
JOIN trace_numbered trace USING (number)
"""
_EVERYBODY = """
CREATE OR REPLACE TABLE trace_drawn AS SELECT 0::BIGINT AS variant, * EXCLUDE (person, record) FROM trace
"""
# The first conversion of each household in each storm ends its journey.
_TOUCH_DRAWN = """
CREATE OR REPLACE TABLE touch_drawn AS
WITH ending AS (
    SELECT variant, household, event_id,
           min({'at': "at", 'trace_id': trace_id, 'value': value}) FILTER (is_conversion) AS conversion
    FROM trace_drawn GROUP BY ALL
)
SELECT variant, household, event_id, household || ':' || event_id AS journey_id, conversion, trace_id AS touch_id,
       channel, play_id, "at",
       row_number() OVER (PARTITION BY variant, household, event_id ORDER BY "at", trace_id) - 1 AS position
FROM trace_drawn JOIN ending USING (variant, household, event_id)
WHERE NOT is_conversion AND (conversion IS NULL OR "at" <= conversion."at")
"""
# Its home then, or where none is known for that time the last it had.
_JOURNEY_DRAWN = """
CREATE OR REPLACE TABLE journey_drawn AS
WITH taken AS (
    SELECT variant, journey_id, household, event_id, any_value(conversion) AS conversion, min("at") AS started_at,
           max("at") AS last_at
    FROM touch_drawn GROUP BY variant, journey_id, household, event_id
), begun AS (SELECT DISTINCT household, started_at FROM taken),
home AS (
    SELECT household, started_at, arg_min({'zip_code': zip_code, 'persona': persona}, {
        'elsewhere': NOT (coalesce(valid_from <= started_at, true) AND coalesce(started_at < valid_to, true)),
        'since': coalesce(-epoch_us(valid_from), 9e18), 'property_id': property_id}) AS home
    FROM begun JOIN trace_home USING (household) GROUP BY household, started_at
)
SELECT variant, journey_id, household, event_id, coalesce(home.zip_code, 'UNKNOWN') AS zip_code,
       home.persona AS persona, conversion IS NOT NULL AS converted, conversion.value AS value, started_at,
       coalesce(conversion."at", last_at) AS ended_at
FROM taken LEFT JOIN home USING (household, started_at)
"""
_READ = (_TOUCH_DRAWN, _JOURNEY_DRAWN)
_VARIANTS = (_NUMBERED, _PERSON_MOVE, _TRACE_MOVE, _STIRRED, _TRACE_DRAWN, *_READ)
_ALL_JOURNEYS = "INSERT INTO journey SELECT * EXCLUDE (variant) FROM journey_drawn"
_ALL_TOUCHES = """
INSERT INTO journey_touch SELECT journey_id, position, touch_id, channel, play_id, "at" FROM touch_drawn
"""
# Temporary tables hide those of the workspace, which are kept by another name before. A variant's journeys have ids of
# their own here.
_OF_VARIANTS = (
    "CREATE OR REPLACE TEMP TABLE journey_as_is AS FROM journey",
    "CREATE OR REPLACE TEMP TABLE journey_touch_as_is AS FROM journey_touch",
    """
    CREATE OR REPLACE TEMP TABLE journey AS
    SELECT * EXCLUDE (variant) REPLACE (journey_id || '#' || variant AS journey_id) FROM journey_drawn
    """,
    """
    CREATE OR REPLACE TEMP TABLE journey_touch AS
    SELECT journey_id || '#' || variant AS journey_id, position, touch_id, channel, play_id, "at" FROM touch_drawn
    """,
)
_STATES = """
CREATE OR REPLACE TEMP TABLE journey_state AS
SELECT journey_id, dense_rank() OVER (ORDER BY household) - 1 AS state, household FROM journey_as_is
UNION ALL
SELECT journey_id || '#' || variant, (SELECT count(DISTINCT household) FROM journey_as_is) + variant - 1, NULL
FROM journey_drawn
"""
_AS_THEY_ARE = (
    "INSERT INTO journey FROM journey_as_is",
    "INSERT INTO journey_touch FROM journey_touch_as_is",
)
_SIZES = """
SELECT (SELECT count(DISTINCT household) FROM journey_as_is), coalesce(max(variant), 0) FROM stirred
"""
_THERE = """
SELECT draw, (SELECT count(DISTINCT household) FROM journey_as_is) + variant - 1 AS comes, coalesce(state, -1) AS goes
FROM stirred
LEFT JOIN (SELECT DISTINCT household, state FROM journey_state WHERE household IS NOT NULL) USING (household)
"""


def journeys_of_moves(con: Connection) -> None:
    """Read the journeys of the households that MOVE stirs, variant by variant, from TRACE and TRACE_HOME."""
    for step in _VARIANTS:
        con.execute(step)


def journeys_of_all(con: Connection) -> int:
    """Fill JOURNEY and JOURNEY_TOUCH with what TRACE and TRACE_HOME say, as the graph would have it; how many."""
    JOURNEY.create(con)
    JOURNEY_TOUCH.create(con)
    JOURNEY_OF.create(con)
    for step in (_EVERYBODY, *_READ, _ALL_JOURNEYS, _ALL_TOUCHES):
        con.execute(step)
    JOURNEY_OF.append(con, [("",)])
    return JOURNEY.check(con)


@dataclass(frozen=True)
class Worlds:
    """The journeys of each storm, as they are and as they would be, and which of them there are in each draw."""

    storms: dict[str, tuple[CodedJourneys, Ints]]  # journeys, and the state of its household that each belongs to
    there: Flags  # (draws, states)

    @classmethod
    def drawn(cls, con: Connection, draws: int, options: AttributionSettings, event: str | None) -> Worlds:
        """Those of the draws of MOVE, of one storm or all, with the touches that count by the options.

        Journeys of households that nothing stirs are as in JOURNEY and JOURNEY_TOUCH.
        """
        JOURNEY.check(con)
        JOURNEY_TOUCH.check(con)
        journeys_of_moves(con)
        with closing(con.cursor()) as own:  # its temporary tables hide those of the workspace from nobody else
            for step in _OF_VARIANTS:
                own.execute(step)
            narrow(own, options)
            for step in (*_AS_THEY_ARE, _STATES):
                own.execute(step)
            coded, ids = code_named(own, event)
            state = dict(own.execute("SELECT journey_id, state FROM journey_state").fetchall())
            there = _there(own, draws)
        states, storms, first = np.array([state[name] for name in ids], dtype=np.int64), {}, 0
        for storm in coded.storms():
            last = first + len(storm.area)
            storms[storm.areas[0][0]] = storm, states[first:last]
            first = last
        return cls(storms, there)

    def of(self, event: str) -> Iterator[tuple[int, CodedJourneys]]:
        """The journeys of a storm in each draw, by its number; none where it has none then."""
        if event not in self.storms:
            return
        journeys, states = self.storms[event]
        for draw, there in enumerate(self.there):
            taken = there[states]
            if taken.any():
                yield draw, journeys.taken(taken)


def _there(con: Connection, draws: int) -> Flags:
    """Which states of households there are in each draw: as they are, but for the stirred."""
    households, variants = con.execute(_SIZES).fetchall()[0]
    there = np.zeros((draws, households + variants), dtype=np.bool_)
    there[:, :households] = True
    found = con.sql(_THERE).to_arrow_table()
    draw, comes, goes = (found[name].to_numpy() for name in ("draw", "comes", "goes"))
    there[draw, comes] = True
    was_there = goes >= 0
    there[draw[was_there], goes[was_there]] = False
    return there
