"""Journeys of the stage tables, coded as integers once for every dimension and area.

Invariant: journeys come by storm and ZIP, then in an order that follows from their ids (by hash: cheaper than by
name), and touches in the order of their positions, whatever the order of the tables' rows, so that sums of floats are
the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stormops_graph.attribution.chains import Chains, Flags, Floats, Ints, offsets_of
from stormops_graph.errors import NotFound
from stormops_graph.tables import JOURNEY, JOURNEY_TOUCH, Connection

WHOLE_STORM = "ALL"
NO_ZIP = "UNKNOWN"
COLUMNS = {"channel": "channel", "play": "play_id"}
"""Dimension -> column of JOURNEY_TOUCH."""

THREADS = 2
Codes = NDArray[np.int32]

AREA_CODED = f"""
CREATE OR REPLACE TEMP TABLE area_coded AS
SELECT event_id, zip_code, zip_said, dense_rank() OVER (ORDER BY event_id, zip_code) - 1 AS area
FROM (SELECT DISTINCT event_id, zip_code AS zip_said, coalesce(nullif(trim(zip_code), ''), '{NO_ZIP}') AS zip_code
      FROM journey WHERE event_id IS NOT NULL AND ($event IS NULL OR event_id = $event))
"""  # noqa: S608  (a constant)
JOURNEY_CODED = """
CREATE OR REPLACE TEMP TABLE journey_coded AS
SELECT journey_id, area, coalesce(converted, false)::BIGINT AS converted, coalesce(value, 0) AS value, persona,
       ended_at, (row_number() OVER (ORDER BY area, hash(journey_id)) - 1)::INTEGER AS number
FROM journey JOIN area_coded ON area_coded.event_id = journey.event_id
     AND zip_said IS NOT DISTINCT FROM journey.zip_code
"""
AREAS = "SELECT DISTINCT area, event_id, zip_code FROM area_coded ORDER BY area"
JOURNEYS = "SELECT number, area, converted, value, persona FROM journey_coded"
NAMES = "SELECT journey_id FROM journey_coded ORDER BY number"
TOUCHES = """
SELECT number, position, channel, play_id,
       coalesce((epoch_us(ended_at) - epoch_us("at")) / 86400e6, 'nan'::DOUBLE) AS age
FROM journey_touch JOIN journey_coded USING (journey_id)
"""


@dataclass(frozen=True)
class CodedJourneys:
    """Journeys in storms and ZIPs: `areas[area[j]]` is (event_id, zip_code) of journey j, `area` never falling.

    A journey has a persona by number ("" where it is not known), a touch a channel and a play (-1: no play); `ages`
    are days before the journey's end.
    """

    areas: tuple[tuple[str, str], ...]
    area: Ints
    converted: Flags
    value: Floats
    personas: tuple[str, ...]
    persona: Ints
    lengths: Ints
    names: dict[str, tuple[str, ...]]
    states: dict[str, Ints]
    ages: Floats

    def chains(self, dimension: str) -> tuple[Chains, Ints]:
        """The chains of `channel` or `play`, and the journey of each; touches without one are not in them."""
        converted = self.converted.astype(np.float64)
        whole = Chains(
            self.names[dimension],
            self.states[dimension],
            offsets_of(self.lengths),
            converted,
            1.0 - converted,
            self.ages,
        )
        return whole.keep(whole.states >= 0)

    def taken(self, journeys: Flags) -> CodedJourneys:
        """Some journeys of a storm, one at least, with the personas and names that they have."""
        touches = np.repeat(journeys, self.lengths)
        coded = {name: _seen(self.names[name], states[touches]) for name, states in self.states.items()}
        personas, persona = _seen(self.personas, self.persona[journeys])
        return CodedJourneys(
            self.areas,
            self.area[journeys],
            self.converted[journeys],
            self.value[journeys],
            personas,
            persona,
            self.lengths[journeys],
            {name: names for name, (names, _) in coded.items()},
            {name: states for name, (_, states) in coded.items()},
            self.ages[touches],
        )

    def storms(self) -> Iterator[CodedJourneys]:
        """The journeys of one storm after the other, with the areas, personas and names of that storm alone."""
        first_area = [i for i, (event, _) in enumerate(self.areas) if i == 0 or event != self.areas[i - 1][0]]
        first_area.append(len(self.areas))
        bounds = np.searchsorted(self.area, first_area)
        touches = offsets_of(self.lengths)
        for i in range(len(first_area) - 1):
            areas, part = slice(*first_area[i : i + 2]), slice(*bounds[i : i + 2])
            among = slice(touches[part.start], touches[part.stop])
            coded = {name: _seen(self.names[name], states[among]) for name, states in self.states.items()}
            personas, persona = _seen(self.personas, self.persona[part])
            yield CodedJourneys(
                self.areas[areas],
                self.area[part] - areas.start,
                self.converted[part],
                self.value[part],
                personas,
                persona,
                self.lengths[part],
                {name: names for name, (names, _) in coded.items()},
                {name: states for name, (_, states) in coded.items()},
                self.ages[among],
            )


def code_journeys(con: Connection, event: str | None = None) -> CodedJourneys:
    """Read JOURNEY and JOURNEY_TOUCH, of one storm or of all; raises NotFound for a storm without journeys."""
    return _code(con, event)[0]


def code_named(con: Connection, event: str | None = None) -> tuple[CodedJourneys, list[str]]:
    """The same with the ids of the journeys, in their order."""
    return _code(con, event, NAMES)


def _code(con: Connection, event: str | None, names: str = "") -> tuple[CodedJourneys, list[str]]:
    JOURNEY.check(con)
    JOURNEY_TOUCH.check(con)
    con.execute(AREA_CODED, {"event": event})
    areas = tuple((row[1], row[2]) for row in con.execute(AREAS).fetchall())
    if event is not None and not areas:
        known = con.execute("SELECT DISTINCT event_id FROM journey ORDER BY 1 LIMIT 10").fetchall()
        listed = ", ".join(str(row[0]) for row in known) or "none"
        raise NotFound(f"no journey is in storm {event}", f"storms with journeys: {listed}")
    con.execute(JOURNEY_CODED)
    journeys = con.sql(JOURNEYS).to_arrow_table()
    touches = con.sql(TOUCHES).to_arrow_table()
    ids = [row[0] for row in con.execute(names).fetchall()] if names else []
    for temporary in ("area_coded", "journey_coded"):
        con.execute(f"DROP TABLE {temporary}")
    journey = _array(journeys["number"])
    lengths, place = _placed(_array(touches["number"]), _array(touches["position"]), len(journeys))
    with ThreadPoolExecutor(THREADS) as pool:
        coded = pool.map(lambda column: _states(touches[column], place), COLUMNS.values())
        ages = _moved(_array(touches["age"]), place)
        keys, states = (dict(zip(COLUMNS, found, strict=True)) for found in zip(*coded, strict=True))
    personas, persona = _states(journeys["persona"], journey)
    found = CodedJourneys(
        areas,
        _moved(_array(journeys["area"]), journey),
        _moved(_array(journeys["converted"]), journey) > 0,
        _moved(_array(journeys["value"]), journey),
        ("", *personas),
        persona + 1,
        lengths,
        keys,
        states,
        ages,
    )
    return found, ids


def _placed(journey: Codes, position: Codes, journeys: int) -> tuple[Ints, Ints]:
    """Touches of each journey, and the place of each touch by journey and position."""
    lengths = np.bincount(journey, minlength=journeys)
    place = offsets_of(lengths)[journey] + position
    taken = np.zeros(len(journey), dtype=np.bool_)
    inside = (position >= 0) & (position < lengths[journey])
    taken[place if inside.all() else place[inside]] = True
    if not taken.all():  # positions with gaps: sorting costs more, and is always right
        place = np.empty(len(journey), dtype=np.int64)
        place[np.lexsort((position, journey))] = np.arange(len(journey))
    return lengths, place


def _states(column: pa.ChunkedArray, place: Ints | Codes) -> tuple[tuple[str, ...], Ints]:
    """Sorted names and the number of each row's name, -1 where there is none; rows go to their places."""
    coded = pc.dictionary_encode(column.combine_chunks(), null_encoding="encode")
    found = [(name or "").strip() for name in coded.dictionary.to_pylist()]
    names = tuple(sorted({name for name in found if name}))
    number = {name: i for i, name in enumerate(names)}
    rank = np.array([number.get(name, -1) for name in found], dtype=np.int64)
    codes = np.from_dlpack(coded.indices)
    # moved while they are small, then made large: less to move at random
    return names, rank[_moved(codes, place)]


def _moved(values: NDArray[Any], place: Ints | Codes) -> NDArray[Any]:
    moved = np.empty_like(values)
    moved[place] = values
    return moved


def _seen(names: tuple[str, ...], states: Ints) -> tuple[tuple[str, ...], Ints]:
    """The names that states have, and the states numbered by them; -1 stays."""
    seen = np.bincount(states + 1, minlength=len(names) + 1)[1:] > 0
    if seen.all():
        return names, states
    number = np.concatenate([[-1], np.cumsum(seen) - 1])
    return tuple(name for name, is_seen in zip(names, seen, strict=True) if is_seen), number[states + 1]


def _array(column: pa.ChunkedArray) -> NDArray[Any]:
    return np.from_dlpack(column.combine_chunks())
