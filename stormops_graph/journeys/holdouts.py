"""Homes that were held out, and what the difference between them and the others says: the incremental lift.

Invariant: homes are compared as they were assigned, touched or not, and only within ZIP codes that hold out some and
not all; a home without any touch counts like every other. Nothing here depends on a model.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from stormops_graph.errors import FeedMissing, InputError
from stormops_graph.ports import Graph, Output
from stormops_graph.reports.attribution import Lift
from stormops_graph.tables import LISTED_TWICE, PROPERTY, PROPERTY_CONTROL, Connection, Table

Z = 1.6448536269514722
"""The normal quantile of a 90 % interval."""

COLUMNS = {
    **dict.fromkeys(("zip_code", "event_id"), "text"),
    **dict.fromkeys(("treated", "treated_converted", "control", "control_converted", "control_touched"), "bigint"),
    **dict.fromkeys(("difference", "low", "high"), "double precision"),
    "timestamp": "timestamptz",
    "run": "text",
}
_HEADER = "property_id"
_MARKED = """
INSERT INTO property_control
SELECT DISTINCT coalesce(home, property_id) FROM (
    SELECT property_id FROM feed_properties WHERE control UNION SELECT unnest($listed::VARCHAR[]))
LEFT JOIN listed_twice USING (property_id) ORDER BY 1
"""
_HOME = Table("holdout_home", {"property_id": "VARCHAR", "zip_code": "VARCHAR", "control": "BOOLEAN"})
_STORM = Table("holdout_storm", {"event_id": "VARCHAR", "zip_codes": "VARCHAR[]"})
_CONVERTED = Table("holdout_converted", {"event_id": "VARCHAR", "property_id": "VARCHAR"})
_TOUCHED = Table("holdout_touched", {"event_id": "VARCHAR", "property_id": "VARCHAR"})
_READ = (
    (_STORM, "read/storm_zips"),
    (_CONVERTED, "read/converted_homes"),
    (_TOUCHED, "read/touched_controls"),
)
_COUNTS = """
WITH home AS (
    SELECT event_id, zip_code, control, converted.property_id IS NOT NULL AS converted,
           touched.property_id IS NOT NULL AS touched
    FROM holdout_storm JOIN holdout_home ON len(zip_codes) = 0 OR list_contains(zip_codes, zip_code)
    LEFT JOIN (SELECT DISTINCT * FROM holdout_converted) AS converted USING (event_id, property_id)
    LEFT JOIN (SELECT DISTINCT * FROM holdout_touched) AS touched USING (event_id, property_id)
), area AS (
    SELECT event_id, zip_code, count(*) FILTER (NOT control) AS treated,
           count(*) FILTER (NOT control AND converted) AS treated_converted, count(*) FILTER (control) AS control,
           count(*) FILTER (control AND converted) AS control_converted,
           count(*) FILTER (control AND touched) AS control_touched
    FROM home GROUP BY ALL HAVING bool_or(control) AND NOT bool_and(control)
)
SELECT event_id, coalesce(zip_code, 'ALL') AS zip_code, sum(treated)::BIGINT, sum(treated_converted)::BIGINT,
       sum(control)::BIGINT, sum(control_converted)::BIGINT, sum(control_touched)::BIGINT
FROM area GROUP BY GROUPING SETS ((event_id), (event_id, zip_code))
ORDER BY event_id, area.zip_code NULLS FIRST
"""


def read_list(file: Path) -> list[str]:
    """The property ids of a list of homes that are held out: one a line, `#` begins a comment.

    Raises FeedMissing where there is no such file, InputError where it is no UTF-8 text.
    """
    hint = "correct control_list under [attribution] in stormops.toml"
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise FeedMissing(f"control_list: there is no file {file}", hint) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"control_list: {file} cannot be read as UTF-8 text", hint) from error
    said = (line.partition("#")[0].strip().strip('"') for line in lines)
    return [line for line in said if line and line != _HEADER]


def mark_controls(con: Connection, listed: Iterable[str] = ()) -> int:
    """Fill PROPERTY_CONTROL with the homes that the properties feed or a list holds out; of one that is listed twice,
    either id will do.

    Returns how many of the list are in no properties feed.
    """
    PROPERTY_CONTROL.create(con)
    LISTED_TWICE.ensure(con)
    con.execute(_MARKED, {"listed": sorted(set(listed))})
    unknown = "SELECT count(*) FROM property_control ANTI JOIN property USING (property_id)"
    PROPERTY.check(con)
    return int(con.execute(unknown).fetchall()[0][0])


def lifts(con: Connection, graph: Graph, event: str | None = None) -> list[Lift]:
    """The other homes against the held-out ones, by storm and by ZIP code in it; none where no home is held out."""
    if not _HOME.fill(con, graph.read("read/holdout_homes")):
        return []
    for table, statement in _READ:
        table.fill(con, graph.read(statement, event_id=event))
    return [_lift(row) for row in con.execute(_COUNTS).fetchall()]


def newcombe(treated: tuple[int, int], control: tuple[int, int], z: float = Z) -> tuple[float, float]:
    """Bounds of the difference of two shares, each (converted, homes); by default 90 % of them hold the truth.

    Newcombe's hybrid score interval, without continuity correction (Statistics in Medicine 17, 1998, method 10): it
    stays within -1 and 1 and needs no large counts.
    """
    share, other = (converted / homes for converted, homes in (treated, control))
    low, high = _wilson(*treated, z)
    other_low, other_high = _wilson(*control, z)
    difference = share - other
    down = math.hypot(share - low, other_high - other)
    up = math.hypot(high - share, other - other_low)
    return difference - down, difference + up


def lift_output(
    found: Sequence[Lift], stamp: tuple[str, str], scope: Mapping[str, tuple[str, ...]], closed: Sequence[str] = ()
) -> Output:
    """The table `incremental_lift`; `stamp` is time and run. What is closed stands."""
    rows = [
        [*(getattr(lift, name) for name in list(COLUMNS)[:-2]), *stamp] for lift in found if lift.event_id not in closed
    ]
    spares = {"event_id": list(closed)} if closed else {}
    return Output("incremental_lift", COLUMNS, ("zip_code", "event_id"), rows, scope, ("timestamp", "run"), spares)


def _lift(row: Sequence[object]) -> Lift:
    event, zip_code, *counts = row
    treated, treated_converted, control, control_converted, touched = (int(str(number)) for number in counts)
    low, high = newcombe((treated_converted, treated), (control_converted, control))
    return Lift(
        event_id=str(event),
        zip_code=str(zip_code),
        treated=treated,
        treated_converted=treated_converted,
        control=control,
        control_converted=control_converted,
        control_touched=touched,
        difference=round(treated_converted / treated - control_converted / control, 12),
        low=round(low, 12),
        high=round(high, 12),
    )


def _wilson(converted: int, homes: int, z: float) -> tuple[float, float]:
    """Wilson's score interval of a share."""
    centre = converted + z * z / 2.0
    half = z * math.sqrt(converted * (homes - converted) / homes + z * z / 4.0)
    return (centre - half) / (homes + z * z), (centre + half) / (homes + z * z)
