"""From journeys to credits, in graph and Postgres or, of journeys from elsewhere, on no server at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from stormops_graph import runs
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.attribution.coding import WHOLE_STORM
from stormops_graph.attribution.credits import attribute as attribute_journeys
from stormops_graph.attribution.credits_json import credits_json
from stormops_graph.attribution.disagreements import doubts
from stormops_graph.attribution.overview import overview
from stormops_graph.attribution.touch_credits import touch_credits
from stormops_graph.attribution.windows import narrowed
from stormops_graph.journeys import keep_journeys, no_doubts, read_doubts, read_journeys
from stormops_graph.ledger.closings import Closing, closed_at
from stormops_graph.personas.priors import PRIORS_FILE, Priors, journey_priors
from stormops_graph.pipeline.journey_sources import read_journeys_elsewhere
from stormops_graph.pipeline.publishing import closed_storms, publish
from stormops_graph.pipeline.run import Environ, Timed, failure_recorded, held_stores
from stormops_graph.ports import Graph, Progress, Row
from stormops_graph.project import Project
from stormops_graph.reports.attribution import AttributionReport, Lift, Overview
from stormops_graph.reports.closed_storms import ClosedStorm
from stormops_graph.settings import AttributionSettings, Settings
from stormops_graph.stores import open_outputs
from stormops_graph.tables import Connection
from stormops_graph.writeback.commissions import reps_credited
from stormops_graph.writeback.credits import Publication, Scope


@dataclass(frozen=True)
class AreasAsked:
    """Which credits are asked for: of one storm or all, one ZIP or all; with an overview of the journeys, or not."""

    event: str | None = None
    zip_code: str | None = None
    overview: bool = False

    @property
    def zip_codes(self) -> tuple[str, ...] | None:
        """The ZIP codes whose credits are asked for; None: all, and the whole storms."""
        return None if self.zip_code is None else (self.zip_code,)


EVERYTHING = AreasAsked()


def attribute(
    project: Project, environ: Environ, progress: Progress, asked: AreasAsked = EVERYTHING, journeys: str | None = None
) -> AttributionReport:
    """Credit channels and plays for the journeys of the graph, or of elsewhere, and write the credits.

    `journeys` is a file's path, `postgres:TABLE` or `iceberg:CATALOG.NAMESPACE.TABLE`. Raises
    Incomplete when the last resolve did not complete, NotFound for a storm or ZIP without journeys.
    """
    options = project.settings.attribution
    priors = Priors.read(project.rules / PRIORS_FILE) if options.priors else None
    work = _Attribution(project, environ, Timed(progress), asked, journeys)
    with held_stores(project, environ, work.timed, "attribute") as (con, graph):
        resolved = None if journeys else runs.last_complete(graph, "resolve")
        at = runs.now()
        run = runs.new_run(at)
        publication = Publication(run, at, options.published_model)
        closed = closed_at(project.closings, at)
        runs.begin(graph, run, "attribute", at)
        with failure_recorded(graph, run):
            notes = work.credit(con, graph, priors)
            written = work.write(con, graph, publication, closed)
            report = _attribution_report(con, options, work.timed, run, asked)
            said = {"notes": notes, "simulated": project.settings.project.simulated}
            report = report.model_copy(update=written | said)
            runs.complete(graph, run, runs.now(), report.as_dict())
        if resolved is not None:
            keep_journeys(con, resolved)
    return report


@dataclass(frozen=True)
class _Attribution:
    """An attribution that is under way, in two steps."""

    project: Project
    environ: Environ
    timed: Timed
    asked: AreasAsked
    journeys: str | None  # of elsewhere

    def credit(self, con: Connection, graph: Graph, priors: Priors | None) -> list[str]:
        """Read the journeys and credit them; what there is to note."""
        asked, options = self.asked, self.project.settings.attribution
        with self.timed.stage("journeys"):
            no_doubts(con)
            if self.journeys is None:
                notes = _read(con, graph, asked, options)
            else:
                notes = read_journeys_elsewhere(con, self.journeys, self.project.settings.journeys, self.environ).notes
            notes += narrowed(con, options)
        with self.timed.stage("attribute"):
            known = journey_priors(con, graph if self.journeys is None else None, priors, asked.event)
            attribute_journeys(con, options, asked.event, asked.zip_codes, known)
            if self.touches_known:
                touch_credits(con, options, options.published_model)
        return notes

    def write(
        self, con: Connection, graph: Neo4jGraph, publication: Publication, closed: Mapping[str, Closing]
    ) -> dict[str, object]:
        """Publish the credits; what the report says of it."""
        standing: list[ClosedStorm] = []
        lifted: list[Lift] = []
        with self.timed.stage("write"), open_outputs(self.project, self.environ) as postgres:
            for scope in _scopes(con, self.journeys, self.asked):
                part = replace(publication, scope=replace(scope, closed=tuple(closed)))
                lifted += publish(con, (graph, postgres), part, touches=self.journeys is None)
                standing += closed_storms(con, postgres, part, closed, self.touches_known)
        reps = reps_credited(con, publication.model) if self.touches_known else []
        return {"lifts": lifted, "reps": reps, "closed": standing}

    @property
    def touches_known(self) -> bool:
        """Whether what each touch earned is worked out: of whole storms of the graph."""
        return self.journeys is None and self.asked.zip_code is None


def _read(con: Connection, graph: Graph, asked: AreasAsked, options: AttributionSettings) -> list[str]:
    """Read the journeys of the graph, and who could belong elsewhere; what there is to note."""
    read_journeys(con, graph, asked.event)
    households = read_doubts(con, graph) if options.identity_draws else 0
    if not households:
        return []
    return [f"who belongs to them is in doubt for {households:,} households; the intervals allow for it"]


def _scopes(con: Connection, journeys: str | None, asked: AreasAsked) -> list[Scope]:
    """The areas whose credits are replaced: of journeys from elsewhere, only those of their storms."""
    if journeys is None or asked.event is not None:
        return [Scope(asked.event, asked.zip_codes)]
    storms = con.execute("SELECT DISTINCT event_id FROM area ORDER BY 1").fetchall()
    return [Scope(storm, asked.zip_codes) for (storm,) in storms]


def attribute_apart(
    journeys: str, settings: Settings, environ: Environ, progress: Progress, asked: AreasAsked = EVERYTHING
) -> AttributionReport:
    """Credit channels and plays for journeys of elsewhere; no server of ours is needed and nothing is written."""
    timed = Timed(progress)
    with duckdb.connect(":memory:") as con:
        with timed.stage("journeys"):
            notes = read_journeys_elsewhere(con, journeys, settings.journeys, environ).notes
            notes += narrowed(con, settings.attribution)
        with timed.stage("attribute"):
            attribute_journeys(con, settings.attribution, asked.event, asked.zip_codes)
        report = _attribution_report(con, settings.attribution, timed, None, asked)
    return report.model_copy(update={"notes": notes})


def _attribution_report(
    con: Connection, options: AttributionSettings, timed: Timed, run: str | None, asked: AreasAsked
) -> AttributionReport:
    areas = [
        {**area, "warnings": doubts(area["channels"], options.published_model)}
        for area in credits_json(con, run)["areas"]
    ]
    return AttributionReport(
        run=run,
        published_model=options.published_model,
        written=run is not None,
        unattributed=sum(area["unattributed"] for area in areas if area["zip_code"] is None),
        areas=areas,
        overviews=_overviews(con, areas, asked),
        seconds=timed.seconds,
    )


def _overviews(con: Connection, areas: Sequence[Row], asked: AreasAsked) -> list[Overview]:
    """Of each storm, or of the ZIP that was asked for in it."""
    if not asked.overview:
        return []
    wanted = None if asked.zip_code == WHOLE_STORM else asked.zip_code
    shown = [area for area in areas if area["zip_code"] == wanted]
    return [overview(con, area["event_id"], wanted) for area in shown]
