"""What other programs ask: which household is meant, which channels earned the conversions, what a persona prefers.

The project is the folder given, or the one that STORMOPS_PROJECT names, or the working directory. Nothing is written
but by `resolve(..., link=True)`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.asked import Asked, AskedReader
from stormops_graph.errors import Ambiguous, Candidate
from stormops_graph.find import Hit, find_hits, narrowed
from stormops_graph.normalise import read_feed_rules
from stormops_graph.project import Project
from stormops_graph.seen_together import record_sighting
from stormops_graph.stores import connect_graph

PROJECT = "STORMOPS_PROJECT"


class _Engine:
    """A project and its graph, connected when it is first asked; use `with`, or close it."""

    def __init__(self, project: Path | str | None = None, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._project = Project.open(Path(project or self._environ.get(PROJECT) or "."))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection to the graph; the next question opens a new one."""
        if "_graph" in self.__dict__:
            self._graph.close()
            del self.__dict__["_graph"]

    @cached_property
    def _graph(self) -> Neo4jGraph:
        return connect_graph(self._project, self._environ)


class IdentityGraph(_Engine):
    """The households of a project."""

    def resolve(
        self,
        ga4_cookie: str | None = None,
        address: str | None = None,
        phone: str | None = None,
        email: str | None = None,
        *,
        link: bool = False,
    ) -> str | None:
        """The household id that the identifiers point to, a UUID; None where nothing is known.

        What is no identifier (a phone `555`) is left out. Raises Ambiguous with the candidates when they point to
        more than one home. With `link` it is recorded that these were seen together, as evidence for the next
        resolve.
        """
        given = {"cookie": ga4_cookie, "phone": phone, "email": email, "address": address}
        identifiers, _ = self._reader.read(Asked(**given))
        if link:
            seen = {found.kind: (given[found.kind] or "").strip() for found in identifiers}
            record_sighting(self._project.seen_together, seen)
        hits = find_hits(self._graph, identifiers) if identifiers else []
        homes = narrowed(hits)
        if len(homes) > 1:
            raise Ambiguous([_candidate(home, hits) for home in homes])
        return homes[0] if homes else None

    @cached_property
    def _reader(self) -> AskedReader:
        return AskedReader(read_feed_rules(self._project.rules))


def _candidate(household_id: str, hits: list[Hit]) -> Candidate:
    here = [hit for hit in hits if hit.household_id == household_id]
    kinds = sorted({hit.identifier.kind for hit in here})
    return Candidate(household_id, ", ".join(kinds), max(hit.confidence for hit in here))
