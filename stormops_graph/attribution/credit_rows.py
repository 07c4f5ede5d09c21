"""Rows of credits and of areas: which areas have them, and how answers become rows of CREDIT.

Invariant: areas with fewer journeys than `minimum_journeys` have no credits; every area has a row of AREA.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stormops_graph.attribution.answers import Answers
from stormops_graph.attribution.chains import Floats, Ints
from stormops_graph.attribution.coding import WHOLE_STORM, CodedJourneys
from stormops_graph.attribution.counting import Counts, StormChains
from stormops_graph.attribution.worth import valued
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import AREA, CREDIT, Connection, Table

Found = tuple[str, Counts, Answers, str | None]
"""Of one area: ZIP code, counts, answers, kind of interval."""


@dataclass(frozen=True)
class AreasDue:
    """Whether the whole storm is to be credited, and which of its ZIPs."""

    whole: bool
    zips: list[int]

    @classmethod
    def of(
        cls, storm: CodedJourneys, options: AttributionSettings, zip_codes: Collection[str] | None = None
    ) -> AreasDue:
        """All areas of a storm that have journeys enough, or some of them; `ALL` is the whole storm."""
        enough = np.bincount(storm.area, minlength=len(storm.areas)) >= options.minimum_journeys
        zips = [
            i for i, (_, found) in enumerate(storm.areas) if enough[i] and (zip_codes is None or found in zip_codes)
        ]
        whole = zip_codes is None or WHOLE_STORM in zip_codes
        return cls(whole and len(storm.area) >= options.minimum_journeys, zips)


def write_credits(con: Connection, storm: StormChains, worth: Mapping[str, Floats], areas: Iterable[Found]) -> None:
    """Add the credits of areas of a storm to CREDIT; `worth` are the worths of its states by model."""
    rows: dict[str, list[Any]] = {name: [] for name in CREDIT.columns}
    k = len(storm.names)
    for zip_code, counts, answers, interval in areas:
        for model, answer in answers.items():
            made: dict[str, Sequence[Any]] = {
                "event_id": [storm.event] * k,
                "zip_code": [zip_code] * k,
                "dimension": [storm.dimension] * k,
                "key": storm.names,
                "model": [model] * k,
                "share": answer.share.tolist(),
                "low": [None] * k if answer.low is None else answer.low.tolist(),
                "high": [None] * k if answer.high is None else answer.high.tolist(),
                "interval": [interval] * k,
                "conversions": (answer.share * counts.conversions).tolist(),
                "value": valued(answer.share, worth[model], float(counts.value)).tolist(),
                "touches": counts.touches.tolist(),
                "journeys": counts.journeys.tolist(),
                "raw": [None if np.isnan(raw) else raw for raw in answer.raw.tolist()],
                "own": [answer.own] * k,
                "shift": answer.shift.tolist(),
            }
            for name, values in made.items():
                rows[name] += values
    _insert(con, CREDIT, rows)


def write_areas(con: Connection, storm: CodedJourneys, attributed: Ints, zip_codes: Collection[str] | None) -> None:
    """Add a storm and its ZIPs, or some of them, to AREA; `attributed` are the conversions of each after a play."""
    zips = len(storm.areas)
    conversions = np.bincount(storm.area[storm.converted], minlength=zips)
    totals: dict[str, NDArray[Any]] = {
        "journeys": np.bincount(storm.area, minlength=zips),
        "conversions": conversions,
        "value": np.bincount(storm.area[storm.converted], storm.value[storm.converted], minlength=zips),
        "touches": np.bincount(storm.area, storm.lengths, minlength=zips).astype(np.int64),
        "unattributed": conversions - attributed,
    }
    names = [WHOLE_STORM, *(found for _, found in storm.areas)]
    wanted = [i for i, name in enumerate(names) if zip_codes is None or name in zip_codes]
    rows = {
        "event_id": [storm.areas[0][0]] * len(wanted),
        "zip_code": [names[i] for i in wanted],
        **{name: [[values.sum(), *values][i].item() for i in wanted] for name, values in totals.items()},
    }
    _insert(con, AREA, rows)


def _insert(con: Connection, table: Table, rows: dict[str, list[Any]]) -> None:
    columns = ", ".join(f'"{name}"::{kind}' for name, kind in table.columns.items())
    given = pa.table({name: pa.array(rows[name]) for name in table.columns})
    con.from_arrow(given).project(columns).insert_into(table.name)
