"""Identifiers that link nobody, as stewards see them: list them, release them, block others.

Invariant: what is listed is what the graph holds since the last resolve (of placeholders, addresses that name no home
among them, what the workspace holds), and beside it the ruling in force; a ruling takes effect with the next resolve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from stormops_graph import runs
from stormops_graph.ledger.ruling_file import keep_ruling, rulings_in_force
from stormops_graph.ledger.rulings import IdentifierKind, Outcome, Ruling
from stormops_graph.lookup.asked import AskedReader
from stormops_graph.normalise import read_feed_rules
from stormops_graph.ports import Graph
from stormops_graph.project import Project
from stormops_graph.runs.locks import folder_locked
from stormops_graph.stores import open_graph, open_stages
from stormops_graph.tables import HOLDING, NO_HOME, PLACEHOLDER, RECORD

_PLACEHOLDERS = """
SELECT kind, value, count(DISTINCT record), 'placeholder: ' || min(reason) FROM placeholder
WHERE kind IN ('phone', 'email') GROUP BY kind, value
UNION ALL
SELECT 'address', address_key, count(*), 'placeholder: names no home' FROM no_home JOIN record USING (address_key)
WHERE NOT building GROUP BY address_key ORDER BY ALL
"""
_SHOWN = """
SELECT EXISTS (FROM holding WHERE kind = $kind AND value = $value)
    OR EXISTS (FROM placeholder WHERE kind = $kind AND value = $value)
"""


@dataclass(frozen=True)
class SharedIdentifier:
    """An identifier that links nobody, or that a steward ruled on."""

    kind: str
    value: str
    people: int | None  # distinct people behind it; None: nobody counted, as it identifies nobody
    records: int
    because: str | None  # why it links nobody; None: it links
    since: datetime | None  # since when it is shared, by the runs
    ruling: Ruling | None = None

    @property
    def key(self) -> str:
        """Its key in the graph."""
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True)
class RulingAsked:
    """What a steward says of an identifier, as typed."""

    kind: IdentifierKind
    value: str
    outcome: Outcome
    reason: str
    by: str


def rule(project: Project, asked: RulingAsked) -> Ruling:
    """Keep a ruling; it binds from the next resolve on.

    Raises InputError for what is no phone or email, Busy during a run. The feeds may not show the identifier yet.
    """
    named = AskedReader(read_feed_rules(project.rules)).named(asked.kind, asked.value)
    made = Ruling(
        kind=asked.kind, value=named.value, ruling=asked.outcome, by=asked.by, at=runs.now(), reason=asked.reason
    )
    with folder_locked(project.state, "shared"):
        return keep_ruling(project.shared, made)


def is_shown(project: Project, ruled: Ruling) -> bool:
    """Whether a record of the last resolve shows what was ruled on; raises Busy during a run."""
    with folder_locked(project.state, "shared"), open_stages(project) as con:
        HOLDING.ensure(con)
        PLACEHOLDER.ensure(con)
        return bool(con.execute(_SHOWN, {"kind": ruled.kind, "value": ruled.value}).fetchall()[0][0])


def list_shared(
    project: Project, environ: Mapping[str, str], kind: IdentifierKind | None = None
) -> list[SharedIdentifier]:
    """What links nobody or was ruled on, most people first; starts no server. Raises Busy during a run, ServerDown."""
    with folder_locked(project.state, "shared"):
        ruled = {ruling.key: ruling for ruling in rulings_in_force(project.shared)}
        found = {one.key: one for one in _placeholders(project)}
        with open_graph(project, environ) as graph:
            found |= {one.key: one for one in _in_graph(graph, list(ruled))}
    for key, ruling in ruled.items():
        found.setdefault(key, SharedIdentifier(ruling.kind, ruling.value, None, 0, None, None))
    listed = [replace(one, ruling=ruled.get(one.key)) for one in found.values() if kind is None or one.kind == kind]
    return sorted(listed, key=lambda one: (-(one.people or 0), -one.records, one.key))


def _in_graph(graph: Graph, keys: list[str]) -> list[SharedIdentifier]:
    return [
        SharedIdentifier(
            row["kind"], row["value"], row["distinct_people"], row["records"], row["because"], row["since"]
        )
        for row in graph.read("read/shared_identifiers", keys=keys)
    ]


def _placeholders(project: Project) -> list[SharedIdentifier]:
    with open_stages(project) as con:
        for table in (PLACEHOLDER, NO_HOME, RECORD):
            table.ensure(con)
        found = con.execute(_PLACEHOLDERS).fetchall()
    return [SharedIdentifier(kind, value, None, records, because, None) for kind, value, records, because in found]
