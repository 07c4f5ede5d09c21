"""From the feeds to households and journeys in the graph.

Invariant: nothing is written to graph or Postgres before every stage that can refuse has run, and a run is complete
last. A run that stops anywhere is begun again from the feeds, and ends as if it had not stopped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from stormops_graph import runs
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.cluster.clustering import cluster
from stormops_graph.forgetting.suppression import suppression
from stormops_graph.graph.history import date_shared, namespace, read_history
from stormops_graph.graph.load import LoadReport, Manner, load
from stormops_graph.graph.replacements import find_replaced
from stormops_graph.graph.shadow import last_written, wrote
from stormops_graph.ingest import FeedTerms, ingest
from stormops_graph.ingest.feeds import FEEDS, SEEN_TOGETHER
from stormops_graph.ingest.sources import refuse_unknown
from stormops_graph.journeys import count_journeys, keep_journeys, make_journeys
from stormops_graph.journeys.holdouts import mark_controls, read_list
from stormops_graph.journeys.storms import place_storms
from stormops_graph.ledger.bindings import bind, dormant
from stormops_graph.ledger.ruling_file import rulings_in_force, store_rulings
from stormops_graph.link.addresses import listed_alike
from stormops_graph.link.linkage import link
from stormops_graph.normalise import FeedRules, normalise, read_feed_rules
from stormops_graph.personas.fit import classify_personas, learnt
from stormops_graph.personas.priors import PRIORS_FILE, Priors, property_priors
from stormops_graph.pipeline.importing import LocalImporter
from stormops_graph.pipeline.planning import plan_run, refuse_stale
from stormops_graph.pipeline.run import Environ, Timed, failure_recorded, held_stores
from stormops_graph.ports import Progress
from stormops_graph.project import Project
from stormops_graph.project.written import QUARANTINE, files_written, remove_expired
from stormops_graph.reports.feeds import FeedRows, feed_rows, file_rows
from stormops_graph.reports.plan import Plan
from stormops_graph.reports.run import RunReport, figures
from stormops_graph.rulebook.kept import keep, went_by
from stormops_graph.rules.model import Model, read_model
from stormops_graph.rules.ruleset import Rules, read_rules
from stormops_graph.runs.gates import check_columns, check_contacts, check_graph, check_households, check_shrink
from stormops_graph.settings import FeedSettings, Gate
from stormops_graph.stewardship.ledger import take_in
from stormops_graph.tables import WORKSPACE_OF, Connection
from stormops_graph.tables.ingested import FORGOTTEN

_ROWS = """
SELECT feed, rows + (SELECT count(*) FROM quarantine AS q WHERE q.feed = feed_count.feed AND reason = $forgotten)
FROM feed_count
"""


@dataclass(frozen=True)
class _Terms:
    """On which terms a run is made: feeds that may shrink, gates that stop nothing, and what it must keep to."""

    allow_shrink: Collection[str] = ()
    passing: Collection[str] = ()
    repair: bool = False
    plan: Plan | None = None

    def shrinking(self, project: Project) -> set[str]:
        """The feeds that may have lost rows; raises InputError for one that nobody knows."""
        allowed = {*self.allow_shrink, *project.settings.gates.allow_shrink}
        refuse_unknown(allowed)
        return {*FEEDS} if Gate.feed_shrink in self.passing else allowed


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
    return _run(project, environ, progress, _Terms(allow_shrink, passing, repair))


def apply_plan(
    project: Project,
    environ: Environ,
    progress: Progress,
    plan: Plan,
    *,
    allow_shrink: Collection[str] = (),
    passing: Collection[str] = (),
) -> RunReport:
    """Do exactly what `plan` says; raises PlanStale, and writes nothing, where a run would now do anything else."""
    return _run(project, environ, progress, _Terms(allow_shrink, passing, plan=plan))


def plan_resolve(
    project: Project,
    environ: Environ,
    progress: Progress,
    *,
    allow_shrink: Collection[str] = (),
    passing: Collection[str] = (),
) -> Plan:
    """What a run would do. Neither graph nor Postgres is written to, and the workspace stays that of the last run.

    Raises what a run raises, but not where households would change too much: a plan says how far a run would go.
    """
    work = _Work.ready(project, environ, progress, _Terms(allow_shrink, passing))
    with held_stores(project, environ, work.timed, "plan", "dropped") as (con, graph):
        return _planned(con, graph, work, _feeds_before(con, graph, passing))


@dataclass(frozen=True)
class _Work:
    """A run that is about to begin: its rules and model fit, and what may be otherwise than it was is known.

    All rules are read before anything is started: a run stops at once where one cannot be read.
    """

    project: Project
    environ: Environ
    timed: Timed
    rules: Rules
    model: Model
    priors: Priors
    feed_rules: FeedRules
    shrinking: Collection[str]
    passing: Collection[str]

    @classmethod
    def ready(cls, project: Project, environ: Environ, progress: Progress, terms: _Terms) -> _Work:
        rules = read_rules(project.rules)
        model, priors = read_model(rules), Priors.read(project.rules / PRIORS_FILE)
        said = (rules, model, priors, read_feed_rules(project.rules))
        return cls(project, environ, Timed(progress), *said, terms.shrinking(project), terms.passing)


def _run(project: Project, environ: Environ, progress: Progress, terms: _Terms) -> RunReport:
    work = _Work.ready(project, environ, progress, terms)
    timed = work.timed
    with held_stores(project, environ, timed, "resolve", "revertible") as (con, graph):
        last = _feeds_before(con, graph, terms.passing)
        started = runs.now()
        _remove_expired(project, timed, started)
        run = runs.new_run(started)
        kept = keep(project)
        runs.begin(graph, run, "resolve", started)
        with failure_recorded(graph, run):
            plan = _planned(con, graph, work, last)
            if terms.plan is not None:
                refuse_stale(terms.plan, plan)
            check_households(plan, project.settings.gates, terms.passing)
            manner = Manner(terms.repair, LocalImporter(project, environ, graph, timed))
            written, journeys = write_graph(con, graph, run, timed, manner)
            found = figures(con)
            report = RunReport(
                **found.model_dump(exclude={"notes"}),
                notes=[*found.notes, *listed_alike(con), *dormant(con, started), *learnt(con)],
                run=run,
                started_at=started,
                finished_at=runs.now(),
                simulated=project.settings.project.simulated,
                moves=plan.households,
                changes=written.changes,
                journeys=journeys,
                seconds=timed.seconds,
            )
            runs.complete(graph, run, report.finished_at, report.as_dict())
        went_by(project, kept)
        WORKSPACE_OF.append(con, [(run,)])
        keep_journeys(con, run)
    return report


def _remove_expired(project: Project, timed: Timed, at: datetime) -> None:
    days = project.settings.privacy.quarantine_days
    if removed := remove_expired(files_written(project.written), QUARANTINE, days, at):
        timed.note(f"{removed} exported quarantine files were older than {days} days and are removed")


def _feeds_before(con: Connection, graph: Neo4jGraph, passing: Collection[str]) -> Sequence[FeedRows]:
    """What was read of each feed at the last complete run; raises GateBroken where the graph is lost."""
    check_graph(last_written(con), wrote(graph), passing)
    return [FeedRows(**said) for said in runs.last_feeds(graph)]


def _planned(con: Connection, graph: Neo4jGraph, work: _Work, last: Sequence[FeedRows]) -> Plan:
    """The feeds' households in the workspace, and what writing them would change; `last` is what was read before."""
    project, timed = work.project, work.timed
    read_feeds(con, project, work.environ, timed, work.shrinking, {feed.feed: feed.rows for feed in last})
    with timed.stage("normalise") as task:
        normalise(con, work.feed_rules, task)
    exported = [feed for feed in feed_rows(con) if feed.feed != SEEN_TOGETHER]
    check_columns(exported, file_rows(con), last, project.settings.gates.column_lost, work.passing)
    _find_households(con, graph, work)
    _look_after(con, project, work.priors, timed)
    with timed.stage("plan"):
        return plan_run(con, graph, project, keep(project))


def read_feeds(
    con: Connection, project: Project, environ: Environ, timed: Timed, allowed: Collection[str], last: Mapping[str, int]
) -> None:
    """Ingest all feeds and what stewards ruled of identifiers; raises where a feed is missing a column, or shrank more
    than is allowed.
    """
    feeds = dict(project.settings.feeds)
    if project.seen_together.exists():
        feeds[SEEN_TOGETHER] = FeedSettings(path=str(project.seen_together))
    dsns = {feed.dsn_env: environ[feed.dsn_env] for feed in feeds.values() if feed.dsn_env in environ}
    with timed.stage("ingest") as task:
        now = runs.now()
        # No row is of the year after next; a limit that moved every day would have all feeds read again.
        terms = FeedTerms(dsns, suppression(project, now), before=datetime(now.year + 2, 1, 1))
        ingest(con, feeds, project.folder, task, terms)
        rows = con.execute(_ROWS, {"forgotten": FORGOTTEN}).fetchall()
        # What callers saw together is our own file, which only an erasure makes smaller.
        check_shrink(dict(rows), last, project.settings.gates.feed_shrink, {*allowed, SEEN_TOGETHER})
    store_rulings(con, rulings_in_force(project.shared))


def _find_households(con: Connection, graph: Neo4jGraph, work: _Work) -> None:
    project, rules, timed = work.project, work.rules, work.timed
    with timed.stage("link") as task:
        link(con, rules, work.model, task)
    with timed.stage("history"):
        read_history(con, graph)
        replaced, contacts = find_replaced(con, graph)
        check_contacts(replaced, contacts, project.settings.gates.contacts_replaced, work.passing)
        take_in(con, graph, project.decisions)
        bind(con, runs.now())
    with timed.stage("cluster") as task:
        cluster(con, rules.household.cluster, rules.session.place_at_least, namespace(graph), task)


def _look_after(con: Connection, project: Project, priors: Priors, timed: Timed) -> None:
    """What follows from households and homes: storms of touches, personas, homes that are held out."""
    place_storms(con)
    classify_personas(con, tuple(priors.personas), project.settings.personas)
    property_priors(con, priors)
    _hold_out(con, project, timed)


def write_graph(con: Connection, graph: Neo4jGraph, run: str, timed: Timed, manner: Manner) -> tuple[LoadReport, int]:
    """Write what differs, and read the journeys that this concerns again; what was written, and how many there are."""
    with timed.stage("graph") as task:
        date_shared(con, graph, at := runs.now())
        written = load(con, graph, run, at, task, manner)
    with timed.stage("journeys") as task:
        make_journeys(graph, task)
        journeys = count_journeys(graph)
    return written, journeys


def _hold_out(con: Connection, project: Project, timed: Timed) -> None:
    listed = project.settings.attribution.control_list
    if unknown := mark_controls(con, read_list(project.folder / listed) if listed else ()):
        timed.note(f"{unknown} homes of control_list are in no properties feed")
