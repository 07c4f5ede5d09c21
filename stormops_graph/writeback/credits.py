"""Credits to where they are read: (:Credit)-[:FOR]->(:Area) in the graph, and tables in Postgres.

Invariant: both hold the same credits, rounded to 12 digits so that equal results are equal; each is written in one
transaction, only what differs, and only within the areas that were attributed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from stormops_graph.errors import StoreError
from stormops_graph.ports import Graph, Output, Outputs, Row, Step
from stormops_graph.tables import AREA, CREDIT, PLAY_CHANNEL, Connection

Key = tuple[str, ...]

_SHARED_COLUMNS = {
    "credit": "double precision",
    "timestamp": "timestamptz",
    "low": "double precision",
    "high": "double precision",
    "interval": "text",
    "model": "text",
    "journeys": "bigint",
    "conversions": "double precision",
    "touches": "bigint",
    "conversion_value": "double precision",
    "raw": "double precision",
    "own": "double precision",
    "shift": "double precision",
    "run": "text",
}
_AREA_KEY = {"zip_code": "text", "event_id": "text"}
_CARRIER_KEY = {**_AREA_KEY, "play_id": "text", "channel": "text"}
_CARRIER_COLUMNS = ("credit", "timestamp", "low", "high", "model", "conversions", "touches", "own", "run")
_TOLERANCE = 1e-9
_KEEPS = ("timestamp", "run")  # they say when a row last changed

_CREDITS = """
CREATE OR REPLACE TABLE credit_published AS
SELECT concat_ws('|', event_id, zip_code, dimension, key, model) AS credit_id, event_id, zip_code, dimension, key,
       model, round(share, 12) AS share, round(low, 12) AS low, round(high, 12) AS high, "interval",
       round(conversions, 9) AS conversions, round(value, 6) AS value, touches, journeys,
       round(raw, 12) AS raw, round(own, 12) AS own, round(shift, 12) AS shift
FROM credit
"""
_GRAPH_CREDITS = """
SELECT *,
       CAST(md5_number_upper(CAST(to_json(credit_published) AS VARCHAR)) >> 1 AS BIGINT) AS fingerprint
FROM credit_published ORDER BY credit_id
"""
_GRAPH_AREAS = """
SELECT event_id, zip_code, {journeys: journeys, conversions: conversions, value: round(value, 6), touches: touches,
       unattributed: unattributed} AS properties,
       CAST(md5_number_upper(CAST(to_json(properties) AS VARCHAR)) >> 1 AS BIGINT) AS fingerprint
FROM area ORDER BY event_id, zip_code
"""
_PUBLISHED = """
SELECT zip_code, event_id, key, share, $at, low, high, "interval", model, journeys, conversions, touches, value,
       raw, own, shift, $run
FROM credit_published
WHERE dimension = $dimension AND model = $model AND NOT list_contains($closed::VARCHAR[], event_id)
ORDER BY event_id, zip_code, key
"""
_BY_MODEL = """
SELECT zip_code, event_id, dimension, key, share, $at, low, high, "interval", model, journeys, conversions, touches,
       value, raw, own, shift, $run
FROM credit_published WHERE NOT list_contains($closed::VARCHAR[], event_id)
ORDER BY event_id, zip_code, dimension, key, model
"""
_CARRIERS = """
SELECT zip_code, event_id, play, channel, round(part, 12), $at, round(low, 12), round(high, 12), model,
       round(conversions, 9), touches, round(own, 12), $run
FROM play_channel WHERE NOT list_contains($closed::VARCHAR[], event_id) ORDER BY event_id, zip_code, play, channel
"""


@dataclass(frozen=True)
class Scope:
    """Which areas were attributed: one storm or all, some ZIPs or all."""

    event_id: str | None = None
    zip_codes: tuple[str, ...] | None = None
    closed: tuple[str, ...] = ()  # storms whose credits stand
    journeys: tuple[str, ...] = ()  # whose touches are credited where only some ZIPs are

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """Columns and the values that they may have."""
        events = None if self.event_id is None else (self.event_id,)
        found = {"event_id": events, "zip_code": self.zip_codes}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def of_touches(self) -> dict[str, tuple[str, ...]]:
        """The same of touches: of those of whole storms, or of the journeys."""
        journeys = {"journey_id": self.journeys} if self.journeys else {}
        return {name: values for name, values in self.columns.items() if name == "event_id"} | journeys

    def still_open(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows of storms that are not closed."""
        return (row for row in rows if row["event_id"] not in self.closed)


@dataclass(frozen=True)
class Publication:
    """What is published: by which run, when (UTC), by which model, for which areas."""

    run: str
    at: datetime
    model: str
    scope: Scope = Scope()
    had: Sequence[Row] | None = None  # the scope's credits that the graph has, where they have been read


@dataclass(frozen=True)
class Written:
    """What a write-back changed."""

    graph: int = 0
    postgres: int = 0


@dataclass(frozen=True)
class Difference:
    """Something that two stores do not agree on."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def channel_output(rows: list[Any], scope: Scope) -> Output:
    """The table `channel_attribution`."""
    return _output("channel_attribution", {**_AREA_KEY, "channel": "text"}, rows, scope)


def play_output(rows: list[Any], scope: Scope) -> Output:
    """The table `play_attribution`."""
    return _output("play_attribution", {**_AREA_KEY, "play_id": "text"}, rows, scope)


def model_output(rows: list[Any], scope: Scope) -> Output:
    """The table `credit_by_model`."""
    key = {**_AREA_KEY, "dimension": "text", "key": "text"}
    output = _output("credit_by_model", key, rows, scope)
    return replace(output, key=(*output.key, "model"))


def carrier_output(rows: list[Any], scope: Scope) -> Output:
    """The table `play_channel_attribution`: `credit` is the part of the play's credit that a channel carries."""
    columns = _CARRIER_KEY | {name: _SHARED_COLUMNS[name] for name in _CARRIER_COLUMNS}
    return replace(_output("", _CARRIER_KEY, rows, scope), name="play_channel_attribution", columns=columns)


def write_credits(
    con: Connection, graph: Graph, outputs: Outputs, publication: Publication, beside: Sequence[Output] = ()
) -> Written:
    """Write AREA and CREDIT to graph and Postgres, there with PLAY_CHANNEL and the tables `beside` in one transaction;
    idempotent.
    """
    AREA.check(con)
    CREDIT.check(con)
    PLAY_CHANNEL.ensure(con)
    con.execute(_CREDITS)
    scope = publication.scope
    in_graph = _write_graph(con, graph, publication)
    stamp = {"at": f"{publication.at.isoformat()}+00:00", "run": publication.run, "closed": list(scope.closed)}

    def published(dimension: str) -> list[Any]:
        return con.execute(_PUBLISHED, {**stamp, "dimension": dimension, "model": publication.model}).fetchall()

    tables = (
        channel_output(published("channel"), scope),
        play_output(published("play"), scope),
        model_output(con.execute(_BY_MODEL, stamp).fetchall(), scope),
        carrier_output(con.execute(_CARRIERS, stamp).fetchall(), scope),
    )
    return Written(in_graph, outputs.publish((*tables, *beside)))


def compare_credits(graph: Graph, outputs: Outputs, model: str) -> list[Difference]:
    """What graph and Postgres do not agree on; `model` is the published one."""
    credits = [
        {**row, "channel": row["key"], "play_id": row["key"]}
        for row in graph.read("read/credits", event_id=None, zip_codes=None)
    ]
    published = [row for row in credits if row["model"] == model]
    compared = (
        (channel_output([], Scope()), [row for row in published if row["dimension"] == "channel"]),
        (play_output([], Scope()), [row for row in published if row["dimension"] == "play"]),
        (model_output([], Scope()), credits),
    )
    found: list[Difference] = []
    for output, rows in compared:
        in_graph = {tuple(row[name] for name in output.key): float(row["credit"]) for row in rows}
        found += _apart(output.name, in_graph, _stored(outputs, output))
    return found


def _output(name: str, key: dict[str, str], rows: list[Any], scope: Scope) -> Output:
    spares = {"event_id": scope.closed} if scope.closed else {}
    return Output(name, {**key, **_SHARED_COLUMNS}, tuple(key), rows, scope.columns, _KEEPS, spares)


def _write_graph(con: Connection, graph: Graph, publication: Publication) -> int:
    """Write the differences of credits and areas in one transaction; how many rows."""
    scope = publication.scope
    of: dict[str, Any] = {"event_id": scope.event_id, "zip_codes": scope.zip_codes}
    old_credits = graph.read("read/credits", **of) if publication.had is None else publication.had
    had = {row["credit_id"]: _values({**row, "share": row["credit"]}) for row in scope.still_open(old_credits)}
    old_areas = graph.read("read/area_fingerprints", **of)
    had_areas = {(row["event_id"], row["zip_code"]): row["fingerprint"] for row in scope.still_open(old_areas)}
    credits = {row["key"]: row for row in scope.still_open(_credit_rows(con))}
    areas = {(row["event_id"], row["zip_code"]): row for row in scope.still_open(_area_rows(con))}
    steps = [
        Step("write/areas", [row for key, row in areas.items() if had_areas.get(key) != row["fingerprint"]]),
        Step("write/credits", [row for key, row in credits.items() if had.get(key) != _values(row["properties"])]),
        Step("write/credits_removed", [{"key": key} for key in sorted(had.keys() - credits.keys())]),
        Step(
            "write/areas_removed",
            [
                {"event_id": area[0], "zip_code": area[1]}
                for area in sorted(had_areas.keys() - areas.keys())
                if had_areas[area] is not None
            ],
        ),
    ]
    expected = sum(len(step.rows) for step in steps)
    if not expected:
        return 0
    written = graph.write_together([steps], run=publication.run)
    if written < expected:
        raise StoreError(f"{expected - written} credits found no place in the graph", "run `stormops-graph attribute`")
    return written


def _credit_rows(con: Connection) -> Iterator[Row]:
    for row in _records(con, _GRAPH_CREDITS):
        properties = {name: value for name, value in row.items() if name not in ("credit_id", "fingerprint")}
        yield {
            "key": row["credit_id"],
            "event_id": row["event_id"],
            "zip_code": row["zip_code"],
            "properties": properties,
            "fingerprint": row["fingerprint"],
        }


def _values(row: Row) -> tuple[Any, ...]:
    """What a credit says: compared itself, not by its fingerprint, so that an edit by hand is written over."""
    return tuple(row[name] for name in CREDIT.columns)


def _area_rows(con: Connection) -> Iterator[Row]:
    yield from _records(con, _GRAPH_AREAS)


def _records(con: Connection, query: str) -> list[dict[str, Any]]:
    rows = con.execute(query).fetchall()
    names = [column[0] for column in con.description or ()]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _stored(outputs: Outputs, output: Output) -> dict[Key, float]:
    names = list(output.columns)
    rows = [dict(zip(names, row, strict=True)) for row in outputs.read(output)]
    return {tuple(row[name] for name in output.key): float(row["credit"]) for row in rows}


def _apart(table: str, in_graph: Mapping[Key, float], stored: Mapping[Key, float]) -> list[Difference]:
    found = [Difference(table, f"{_said(key)} is in the graph only") for key in sorted(in_graph.keys() - stored.keys())]
    found += [Difference(table, f"{_said(key)} is in Postgres only") for key in sorted(stored.keys() - in_graph.keys())]
    for key in sorted(in_graph.keys() & stored.keys()):
        if abs(in_graph[key] - stored[key]) > _TOLERANCE:
            found.append(
                Difference(table, f"{_said(key)} is {in_graph[key]:.6f} in the graph and {stored[key]:.6f} in Postgres")
            )
    return found


def _said(key: Key) -> str:
    return " · ".join(key)
