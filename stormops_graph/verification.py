"""Whether graph and Postgres hold the same credits. Nothing is changed, and nothing personal is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stormops_graph.ports import Graph, Output, Outputs
from stormops_graph.writeback import Scope, channel_output, model_output, play_output

_TOLERANCE = 1e-9

Key = tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """Something that two stores do not agree on."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def compare_credits(graph: Graph, outputs: Outputs, model: str) -> list[Difference]:
    """What graph and Postgres do not agree on; `model` is the published one."""
    credits = [
        {**row, "channel": row["name"], "play_id": row["name"], "key": row["name"]}
        for row in graph.read("read/credits", event_id=None, zip_code=None)
    ]
    published = [row for row in credits if row["model"] == model]
    compared = (
        (channel_output([], Scope()), [row for row in published if row["dimension"] == "channel"]),
        (play_output([], Scope()), [row for row in published if row["dimension"] == "play"]),
        (model_output([], Scope()), credits),
    )
    found: list[Difference] = []
    for output, rows in compared:
        in_graph = {tuple(row[name] for name in output.key): float(row["share"]) for row in rows}
        found += _apart(output.name, in_graph, _stored(outputs, output))
    return found


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
