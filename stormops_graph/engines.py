"""What other programs ask: which household is meant, which channels earned the conversions, what a persona prefers.

The project is the folder given, or the one that STORMOPS_PROJECT names, or the working directory. Nothing is written
but by `resolve(..., link=True)`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Self

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.attribution.coding import WHOLE_STORM
from stormops_graph.errors import Ambiguous, Candidate, Incomplete, Mistyped, NotFound
from stormops_graph.ledger.ruling_file import released_keys
from stormops_graph.link.weighing import sharing_probability
from stormops_graph.lookup.asked import Asked, AskedReader
from stormops_graph.lookup.find import Hit, Resolved, by_home, find_hits, narrowed
from stormops_graph.normalise import read_feed_rules
from stormops_graph.personas.priors import PRIORS_FILE, Multipliers, Priors
from stormops_graph.project import SETTINGS_FILE, Project
from stormops_graph.project.seen_together import record_sighting
from stormops_graph.rules.matching import Matching
from stormops_graph.rules.model import Model, read_model
from stormops_graph.rules.ruleset import read_rules
from stormops_graph.stores import open_graph

PROJECT = "STORMOPS_PROJECT"


class _Engine:
    """A project and its graph, connected when it is first asked; use `with`, or close it. Threads may share it."""

    def __init__(self, project: Path | str | None = None, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._project = Project.open(_folder(project, self._environ))
        self._connected: Neo4jGraph | None = None
        self._connecting = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection to the graph; the next question opens a new one."""
        with self._connecting:
            if self._connected:
                self._connected.close()
            self._connected = None

    @property
    def _graph(self) -> Neo4jGraph:
        with self._connecting:
            self._connected = self._connected or open_graph(self._project, self._environ)
            return self._connected


class PersonaEngine:
    """What personas lean to, by the project's rules, or the shipped ones where there is no project."""

    def __init__(self, project: Path | str | None = None, environ: Mapping[str, str] | None = None) -> None:
        folder = _folder(project, os.environ if environ is None else environ)
        known = (folder / SETTINGS_FILE).is_file()
        self._priors = Priors.read(Project.open(folder).rules / PRIORS_FILE) if known else Priors.shipped()

    def get_priors(self, persona: str, income: float | None = None, property_value: float | None = None) -> Multipliers:
        """`{"channels": {channel: multiplier}, "plays": {play: multiplier}}` of a persona; 1 where not listed.

        Income and property value in US dollars; one that is not known changes nothing. Raises NotFound for an
        unknown persona.
        """
        return self._priors.get_priors(persona, income, property_value)


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
        asked = Asked(ga4_cookie, phone, email, address)
        if link:
            self._record(asked)
        hits = self._hits(asked)
        return hits[0].household_id if hits else None

    def resolve_with_confidence(
        self,
        ga4_cookie: str | None = None,
        address: str | None = None,
        phone: str | None = None,
        email: str | None = None,
    ) -> Resolved | None:
        """As `resolve`, with the probability that whoever shows these identifiers is of the household.

        It is the confidence of the record that showed them before, as `find` has it (of the household's surest record
        where none showed its home as it is listed), times the probability that the two are of one household, by the
        project's trained weights; raises ModelError where they do not fit its rules.
        """
        hits = self._hits(Asked(ga4_cookie, phone, email, address))
        if not hits:
            return None
        matching, model = self._trained
        shown = sharing_probability(matching, model, {hit.identifier.kind for hit in hits})
        return Resolved(hits[0].household_id, round(shown * max(hit.confidence for hit in hits), 4))

    def _hits(self, asked: Asked) -> list[Hit]:
        """What leads to the one household that is meant; raises Ambiguous where there are several."""
        identifiers, _ = self._reader.read(asked)
        hits = find_hits(self._graph, identifiers) if identifiers else []
        homes = narrowed(led := by_home(hits))
        if len(homes) > 1:
            raise Ambiguous([_candidate(home, sure, led[home]) for home, sure in homes.items()])
        return [hit for home in homes for hit in led[home]]

    def _record(self, asked: Asked) -> None:
        identifiers, _ = self._reader.read(asked)
        seen = {found.kind: (getattr(asked, found.kind) or "").strip() for found in identifiers}
        record_sighting(self._project.seen_together, seen)

    @cached_property
    def _trained(self) -> tuple[Matching, Model]:
        rules = read_rules(self._project.rules)
        return rules.matching, read_model(rules)

    @cached_property
    def _reader(self) -> AskedReader:
        return AskedReader(read_feed_rules(self._project.rules), released_keys(self._project.shared))


class AttributionEngine(_Engine):
    """The credits that the last `attribute` published."""

    def get_channel_attribution(self, zip_code: str | None = None, event_id: str | None = None) -> dict[str, Any]:
        """Published credits of a ZIP code in a storm (None: the whole storm; `UNKNOWN`: homes without a ZIP code).

        `{"channels": {channel: share}, "plays": {play: share}, "uncertainty": {channel: [low, high]}, "journeys",
        "conversions", "model"}`; shares add up to 1, low and high bound 90 %. The storm may be left out where there
        is only one. Raises NotFound for an area without journeys, Incomplete before the first `attribute`.
        """
        storm = event_id or self._only_storm()
        if not isinstance(zip_code, str | None):
            raise Mistyped(f"the ZIP code is no text but of type {type(zip_code).__name__}", "give it in quotes")
        model = self._project.settings.attribution.published_model
        area = WHOLE_STORM if zip_code is None else zip_code
        row = next(iter(self._graph.read("read/area_credits", event_id=storm, zip_code=area, model=model)), None)
        if row is None:
            where = "storm" if zip_code is None else f"ZIP {zip_code!r} of storm"
            raise NotFound(f"no journeys are in {where} {storm}", "look at: stormops-graph attribute")
        if row["journeys"] is None:
            raise Incomplete("there are no credits yet", "make them: stormops-graph attribute")
        channels = [credit for credit in row["credits"] if credit["dimension"] == "channel"]
        return {
            "channels": {credit["key"]: credit["share"] for credit in channels},
            "plays": {credit["key"]: credit["share"] for credit in row["credits"] if credit["dimension"] == "play"},
            "uncertainty": {
                credit["key"]: [credit["low"], credit["high"]] for credit in channels if credit["low"] is not None
            },
            "journeys": row["journeys"],
            "conversions": row["conversions"],
            "model": model,
        }

    def _only_storm(self) -> str:
        storms = [row["event_id"] for row in self._graph.read("read/storms_with_areas")]
        if len(storms) != 1:
            known = ", ".join(storms) or "none, run stormops-graph resolve first"
            raise NotFound(f"there are {len(storms)} storms: which one?", f"give event_id; known storms: {known}")
        return str(storms[0])


def _folder(project: Path | str | None, environ: Mapping[str, str]) -> Path:
    return Path(project or environ.get(PROJECT) or ".")


def _candidate(household_id: str, sure: float, hits: list[Hit]) -> Candidate:
    kinds = sorted({hit.identifier.kind for hit in hits})
    return Candidate(household_id, ", ".join(kinds), sure)
