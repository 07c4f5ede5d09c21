"""The pipeline: the one place where stages meet stores.

Invariant: nothing is written to graph or Postgres before every stage that can refuse has run, and a run is complete
last. A run that stops anywhere is begun again from the feeds, and ends as if it had not stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from stormops_graph import runs
from stormops_graph.adapters.migrations import migrate
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.postgres import PostgresOutputs
from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.attribution.credits import attribute as attribute_journeys
from stormops_graph.attribution.credits_json import credits_json
from stormops_graph.attribution.journey_file import read_journey_file
from stormops_graph.cluster.clustering import cluster
from stormops_graph.errors import StormopsError
from stormops_graph.exports import EXPORTED_CREDIT, FROM_GRAPH, write_export
from stormops_graph.gates import check_households, check_shrink
from stormops_graph.graph.history import date_shared, namespace, read_history
from stormops_graph.graph.load import LoadReport, load
from stormops_graph.ingest import ingest
from stormops_graph.ingest.feeds import FEEDS, SEEN_TOGETHER
from stormops_graph.ingest.sources import refuse_unknown
from stormops_graph.journeys import make_journeys, read_journeys
from stormops_graph.ledger.bindings import bind
from stormops_graph.ledger.ruling_file import rulings_in_force, store_rulings
from stormops_graph.link.linkage import link
from stormops_graph.link.training import train
from stormops_graph.locks import folder_locked, graph_locked
from stormops_graph.model import Model, read_model
from stormops_graph.normalise import normalise
from stormops_graph.personas import PRIORS_FILE, Priors, property_priors
from stormops_graph.ports import Progress, Task
from stormops_graph.project import Project
from stormops_graph.reports import AttributionReport, Change, RunReport, figures
from stormops_graph.rules import Rules, read_rules
from stormops_graph.services.local import connections, up
from stormops_graph.settings import AttributionSettings, FeedSettings, Gate
from stormops_graph.stewardship import take_in
from stormops_graph.stores import connect_graph
from stormops_graph.storms import place_storms
from stormops_graph.tables import WORKSPACE_OF, Connection
from stormops_graph.writeback import Publication, Scope, write_credits

Environ = Mapping[str, str]


class Timed:
    """A Progress that also keeps the seconds of each stage, in order."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.note: Callable[[str], None] = progress.note
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Task]:
        """Open a stage of the progress behind."""
        started = time.monotonic()
        with self._progress.stage(name) as task:
            yield task
        self.seconds[name] = round(time.monotonic() - started, 2)


def resolve(
    project: Project,
    environ: Environ,
    progress: Progress,
    *,
    allow_shrink: Collection[str] = (),
    passing: Collection[str] = (),
    repair: bool = False,
) -> RunReport:
    """Bring the households of the graph up to date with the feeds; with `repair` also undo what others edited there.

    The gates `passing` stop nothing this time, nor do feeds that `allow_shrink` names.
    Raises a StormopsError before anything is written where feeds, rules or gates refuse; Busy when another run is
    under way; StoreError or ServerDown when a store fails, and then the next run continues.
    """
    rules = read_rules(project.rules)
    model = read_model(rules)
    allowed = {*allow_shrink, *project.settings.gates.allow_shrink}
    refuse_unknown(allowed)
    if Gate.feed_shrink in passing:
        allowed = {*FEEDS}
    timed = Timed(progress)
    with _stores(project, environ, timed, "resolve") as (con, graph):
        started = runs.now()
        run = runs.new_run(started)
        runs.begin(graph, run, "resolve", started)
        with _failure_recorded(graph, run):
            _read_feeds(con, project, environ, timed, allowed, runs.last_rows(graph))
            _find_households(con, graph, project, rules, model, timed)
            check_households(con, project.settings.gates, passing)
            written, journeys = _write_graph(con, graph, project, run, timed, repair)
            report = RunReport(
                **figures(con).model_dump(),
                run=run,
                started_at=started,
                finished_at=runs.now(),
                simulated=project.settings.project.simulated,
                changes={name: Change(**counts) for name, counts in written.as_dict().items()},
                journeys=journeys,
                seconds=timed.seconds,
            )
            runs.complete(graph, run, report.finished_at, report.as_dict())
        WORKSPACE_OF.append(con, [(run,)])
    return report


def _read_feeds(
    con: Connection, project: Project, environ: Environ, timed: Timed, allowed: Collection[str], last: Mapping[str, int]
) -> None:
    feeds = dict(project.settings.feeds)
    if project.seen_together.exists():
        feeds[SEEN_TOGETHER] = FeedSettings(path=str(project.seen_together))
    dsns = {feed.dsn_env: environ[feed.dsn_env] for feed in feeds.values() if feed.dsn_env in environ}
    WORKSPACE_OF.create(con)
    with timed.stage("ingest") as task:
        ingest(con, feeds, project.folder, task, dsns)
        rows = con.execute("SELECT feed, rows FROM feed_count").fetchall()
        check_shrink(dict(rows), last, project.settings.gates.feed_shrink, allowed)
    store_rulings(con, rulings_in_force(project.shared))
    with timed.stage("normalise") as task:
        normalise(con, project.rules, task)


def _find_households(
    con: Connection, graph: Neo4jGraph, project: Project, rules: Rules, model: Model, timed: Timed
) -> None:
    with timed.stage("link") as task:
        link(con, rules, model, task)
    with timed.stage("history"):
        read_history(con, graph)
        take_in(con, graph, project.decisions)
        bind(con)
    with timed.stage("cluster") as task:
        cluster(con, rules.household.cluster, rules.session.place_at_least, namespace(graph), task)


def _write_graph(
    con: Connection, graph: Neo4jGraph, project: Project, run: str, timed: Timed, repair: bool
) -> tuple[LoadReport, int]:
    place_storms(con)
    property_priors(con, Priors.read(project.rules / PRIORS_FILE))
    with timed.stage("graph") as task:
        date_shared(con, graph, at := runs.now())
        written = load(con, graph, run, at, task, repair=repair)
    with timed.stage("journeys") as task:
        make_journeys(graph, task)
        journeys = read_journeys(con, graph)
    return written, journeys


def train_rules(project: Project, environ: Environ, progress: Progress) -> Path:
    """Train the project's rules on its feeds; the file of the model. Raises ModelError on too little data.

    Neither graph nor Postgres is touched; the next resolve uses the new model.
    """
    rules = read_rules(project.rules)
    timed = Timed(progress)
    with folder_locked(project.state, "train"), open_workspace(project.workspace) as con:
        _read_feeds(con, project, environ, timed, allowed=(), last={})
        with timed.stage("train"):
            return train(con, rules, f"the feeds of {project.settings.project.name}")


def attribute(
    project: Project,
    environ: Environ,
    progress: Progress,
    *,
    event: str | None = None,
    zip_code: str | None = None,
    journeys: str | None = None,
) -> AttributionReport:
    """Credit channels and plays for the journeys of the graph, or of a file, and write the credits.

    Raises Incomplete when the last resolve did not complete, NotFound for a storm or ZIP without journeys.
    """
    options = project.settings.attribution
    priors = Priors.read(project.rules / PRIORS_FILE).of_personas() if options.priors else None
    timed = Timed(progress)
    with _stores(project, environ, timed, "attribute") as (con, graph):
        if journeys is None:
            runs.last_complete(graph, "resolve")
        at = runs.now()
        run = runs.new_run(at)
        runs.begin(graph, run, "attribute", at)
        with _failure_recorded(graph, run):
            with timed.stage("journeys"):
                notes = read_journey_file(con, Path(journeys)).notes if journeys else []
                if journeys is None and not read_journeys(con, graph, event):
                    read_journeys(con, graph)  # so that the error can name the storms there are
            with timed.stage("attribute"):
                attribute_journeys(con, options, event, zip_code, priors)
            with (
                timed.stage("write"),
                PostgresOutputs(
                    connections(project, environ).postgres_dsn, project.settings.postgres.table_schema
                ) as postgres,
            ):
                for scope in _scopes(con, journeys, event, zip_code):
                    write_credits(con, graph, postgres, Publication(run, at, options.published_model, scope))
            report = _attribution_report(con, options, timed, run, project.settings.project.simulated)
            report = report.model_copy(update={"notes": notes})
            runs.complete(graph, run, runs.now(), report.as_dict())
    return report


def _scopes(con: Connection, journeys: str | None, event: str | None, zip_code: str | None) -> list[Scope]:
    """The areas whose credits are replaced: of a file, only those of its storms."""
    if journeys is None or event is not None:
        return [Scope(event, zip_code)]
    storms = con.execute("SELECT DISTINCT event_id FROM area ORDER BY 1").fetchall()
    return [Scope(storm, zip_code) for (storm,) in storms]


def attribute_file(
    journeys: Path,
    options: AttributionSettings,
    progress: Progress,
    *,
    event: str | None = None,
    zip_code: str | None = None,
) -> AttributionReport:
    """Credit channels and plays for the journeys of a file; no server is needed and nothing is written."""
    timed = Timed(progress)
    with duckdb.connect(":memory:") as con:
        with timed.stage("journeys"):
            notes = read_journey_file(con, journeys).notes
        with timed.stage("attribute"):
            attribute_journeys(con, options, event, zip_code)
        report = _attribution_report(con, options, timed, None, simulated=False)
    return report.model_copy(update={"notes": notes})


def _attribution_report(
    con: Connection, options: AttributionSettings, timed: Timed, run: str | None, simulated: bool
) -> AttributionReport:
    areas = credits_json(con, run)["areas"]
    return AttributionReport(
        run=run,
        published_model=options.published_model,
        simulated=simulated,
        written=run is not None,
        unattributed=sum(area["unattributed"] for area in areas if area["zip_code"] is None),
        areas=areas,
        seconds=timed.seconds,
    )


def export(project: Project, environ: Environ, what: str, out: Path) -> int:
    """Write assignments, journeys, credits or quarantine to `out`; how many rows."""
    with folder_locked(project.state, "export"), open_workspace(project.workspace) as con:
        if what in FROM_GRAPH:
            with connect_graph(project, environ) as graph:
                runs.last_complete(graph, "attribute" if what == "credits" else "resolve")
                if what == "journeys":
                    read_journeys(con, graph)
                else:
                    EXPORTED_CREDIT.create(con)
                    rows = graph.read("read/credits", event_id=None, zip_code=None)
                    EXPORTED_CREDIT.append(con, ([row[name] for name in EXPORTED_CREDIT.columns] for row in rows))
        return write_export(con, what, out)


@contextmanager
def _stores(project: Project, environ: Environ, timed: Timed, kind: str) -> Iterator[tuple[Connection, Neo4jGraph]]:
    """Workspace and graph, both held by this run alone; local servers are started."""
    with folder_locked(project.state, kind):
        with timed.stage("servers"):
            up(project, environ, timed)
        with connect_graph(project, environ) as graph, open_workspace(project.workspace) as con:
            migrate(graph)
            with graph_locked(graph, kind, timed):
                yield con, graph


@contextmanager
def _failure_recorded(graph: Neo4jGraph, run: str) -> Iterator[None]:
    """Keep in the graph that and why the run failed, where the graph still answers."""
    try:
        yield
    except (StormopsError, KeyboardInterrupt) as error:
        reason = error.message if isinstance(error, StormopsError) else "interrupted"
        try:
            runs.fail(graph, run, runs.now(), reason)
        except StormopsError as second:
            raise error from second
        raise
