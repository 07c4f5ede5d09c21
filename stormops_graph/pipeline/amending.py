"""What stewards decide, in graph and credits at once: the households worked out anew from the last run's evidence.

Invariant: an amendment ends as the next `resolve` of the same feeds would: evidence, rules and ids are those of the
last complete run, only the verdicts are new. They are in the ledger before the graph changes, so one that is killed
is completed by the next `resolve`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from stormops_graph import runs
from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.workspace import workspace_told
from stormops_graph.attribution.leanings import Multipliers
from stormops_graph.cluster.clustering import cluster, is_kept
from stormops_graph.cluster.reach import find_reach
from stormops_graph.errors import Incomplete, StoreError
from stormops_graph.graph import shadow
from stormops_graph.graph.history import namespace, note_ended
from stormops_graph.graph.load import KINDS, load_part
from stormops_graph.graph.traces import TracePrint, print_traces
from stormops_graph.journeys import are_kept, keep_journeys, make_journeys, note_traces, noted_traces, read_due
from stormops_graph.ledger.bindings import bound, store, stored
from stormops_graph.ledger.closings import closed_at
from stormops_graph.ledger.decisions import Decision, in_order
from stormops_graph.ledger.partings import Wish
from stormops_graph.pipeline.interim_credits import concerned, credit_concerned
from stormops_graph.pipeline.neighbourhood import follow, neighbourhood, take_over
from stormops_graph.pipeline.planning import Moved, earn, make_plan
from stormops_graph.pipeline.run import Environ, Timed, failure_recorded, held_stores
from stormops_graph.planning.households import among, ids_given, moves
from stormops_graph.ports import Progress
from stormops_graph.project import Project
from stormops_graph.reports.amendment import AmendmentReport
from stormops_graph.reports.plan import Plan
from stormops_graph.rulebook.kept import keep, last_kept
from stormops_graph.rules.ruleset import Rules, read_rules
from stormops_graph.stewardship.ledger import Ledger
from stormops_graph.stores import open_outputs
from stormops_graph.tables import BINDING, JOURNEY_OF, MEMBERSHIP, WORKSPACE_OF, Connection
from stormops_graph.writeback.credits import Publication, Scope


@dataclass(frozen=True)
class Amendment:
    """What a wish came to: the verdicts it was said in, what it changes, and the run's report (None: a preview)."""

    decisions: Sequence[Decision]
    plan: Plan
    report: AmendmentReport | None = None


def amend(project: Project, environ: Environ, progress: Progress, wish: Wish) -> Amendment:
    """Record what a steward wishes, and bring households, journeys and the credits of their storms up to date with it.

    Feeds are not read. Raises Incomplete where the workspace is not that of the last complete run, and what the ledger
    raises; then nothing was written.
    """
    timed = Timed(progress)
    _refuse_no_workspace(project)
    with held_stores(project, environ, timed, "amend") as (con, graph):
        started = runs.now()
        work = _Work(con, graph, project, timed)
        decisions, plan = work.look(wish)
        run = runs.new_run(started)
        runs.begin(graph, run, "amend", started)
        with failure_recorded(graph, run):
            work.ledger.add(decisions)
            with _said_already():
                WORKSPACE_OF.create(con)
                con.commit()
                with timed.stage("graph") as task:
                    written = load_part(con, graph, run, runs.now(), task)
                with timed.stage("journeys") as task:
                    read_due(con, graph)
                    make_journeys(graph, task)
                credited = work.credit(environ, run)
            report = AmendmentReport(
                run=run,
                started_at=started,
                finished_at=runs.now(),
                simulated=project.settings.project.simulated,
                decisions=[decision.id for decision in decisions],
                moves=plan.households,
                changes=written.changes,
                credited=credited,
                seconds=timed.seconds,
            )
            runs.complete(graph, run, report.finished_at, report.as_dict())
        WORKSPACE_OF.append(con, [(run,)])
        keep_journeys(con, run)
    return Amendment(decisions, plan, report)


@contextmanager
def _said_already() -> Iterator[None]:
    """Tell of a failure that the verdicts are in the ledger all the same."""
    try:
        with workspace_told():
            yield
    except StoreError as error:
        raise type(error)(
            f"{error.message}; the verdicts are in the ledger",
            f"{error.hint}; then `stormops-graph resolve` does what is left",
        ) from error


def preview(project: Project, environ: Environ, progress: Progress, wish: Wish) -> Amendment:
    """What `amend` would do; nothing is recorded and nothing is written."""
    timed = Timed(progress)
    _refuse_no_workspace(project)
    with held_stores(project, environ, timed, "plan") as (con, graph):
        decisions, plan = _Work(con, graph, project, timed).look(wish)
        con.rollback()
    return Amendment(decisions, plan)


class _Work:
    """An amendment under way, on the workspace of the last complete run."""

    def __init__(self, con: Connection, graph: Neo4jGraph, project: Project, timed: Timed) -> None:
        """Raises Incomplete where the workspace or the rules are not those of the last complete run."""
        self.con, self.graph, self.project, self.timed = con, graph, project, timed
        con.execute("SET threads = 1")  # for its many small statements a second one costs more than it brings
        self.rules = read_rules(project.rules)
        self.last = _refuse_other_workspace(con, graph, project, self.rules)
        self.leanings: Multipliers | None = None  # of personas, by the journeys that would be
        if not are_kept(con, self.last):
            JOURNEY_OF.create(con)
        with timed.stage("history"):
            self.ledger = Ledger(con, graph, project.decisions, project.settings.review)

    def look(self, wish: Wish) -> tuple[list[Decision], Plan]:
        """The wish's decisions and what would change; the ledger is as it was.

        The workspace is as if it were done, in a transaction that is open: commit it, or roll it back.
        """
        known, above = stored(self.con), self.project.settings.review.second_steward_above
        news = wish.news(self.con, known, runs.now(), above)
        self.ledger.refuse(news)
        self._recluster([*known, *news])
        while rest := wish.rest(self.con, [*known, *news], runs.now(), above):
            news += rest
            self.con.rollback()
            self.ledger.refuse(news)
            self._recluster([*known, *news])
        with self.timed.stage("plan"):
            plan = make_plan(self.con, self.graph, self.project, self.moved, self._earn)
        store(self.con, known)
        return news, plan

    def credit(self, environ: Environ, run: str) -> list[str]:
        """Publish the credits that journeys made anew concern; of which storms, closed ones as well."""
        options, at = self.project.settings.attribution, runs.now()
        published = {event for (event,) in self.con.execute("SELECT DISTINCT event_id FROM published_share").fetchall()}
        storms = [storm for storm in concerned(self.con) if storm.event_id in published] if published else []
        if not storms:
            return []
        closed = tuple(closed_at(self.project.closings, at))
        publication = Publication(run, at, options.published_model, Scope(closed=closed))
        with self.timed.stage("credits"), open_outputs(self.project, environ) as postgres:
            for storm in storms:
                credit_concerned(self.con, (self.graph, postgres), publication, (options, self.leanings), storm)
        return [storm.event_id for storm in storms]

    def _recluster(self, decisions: Sequence[Decision]) -> None:
        """Begin a transaction in which the workspace is what the decisions make of it."""
        con, rows = self.con, bound(self.con, in_order(decisions), runs.now(), MEMBERSHIP)
        rules, least = self.rules.household.cluster, self.rules.session.place_at_least
        kept, ids = are_kept(con, self.last), ids_given(con)
        with self.timed.stage("cluster") as task:
            find_reach(con, rows)
            note_ended(con, "used_id SEMI JOIN reached ON record = birth_key")
            with neighbourhood(con, rows):
                traces = print_traces(con)
                cluster(con, rules, least, namespace(self.graph), task)
                follow(con, journeys=kept)
                households, persons = (among(moves(con, level), ids.get(level, 0)) for level in ("household", "person"))
                self.stirred = traces, print_traces(con)
        self.moved = Moved(households, persons)
        con.begin()
        take_over(con, journeys=kept)
        store(con, in_order(decisions))
        BINDING.create(con)
        BINDING.append(con, rows)

    def _earn(self) -> None:
        """What journeys earn, of which JOURNEY has all those that it had before, and else is filled."""
        noted = noted_traces(self.con, self.last)
        traces = str(TracePrint.read(noted).where(*self.stirred) if noted else print_traces(self.con))
        note_traces(self.con, traces)
        self.leanings = earn(self.con, self.project, traces, are_kept(self.con, self.last))


def _refuse_no_workspace(project: Project) -> None:
    """Raise Incomplete where there is none, before servers are started for nothing."""
    if not project.workspace.is_file():
        raise Incomplete("this machine has no evidence yet", "make it: stormops-graph resolve")


def _refuse_other_workspace(con: Connection, graph: Neo4jGraph, project: Project, rules: Rules) -> str:
    """The last complete run; raises Incomplete unless workspace, graph and rules are as it left them."""
    last = runs.last_complete(graph, "resolve")
    hint = "bring it up to date first: stormops-graph resolve"
    if runs.of_workspace(con) != last:
        raise Incomplete("the workspace is not that of the last complete run", hint)
    if not shadow.is_true(con, graph, KINDS):
        raise Incomplete("another program or machine has written to the graph since the last run here", hint)
    if keep(project) != last_kept(project):
        raise Incomplete("the matching rules have changed since the last run", hint)
    if not is_kept(con, rules.household.cluster, rules.session.place_at_least):
        raise Incomplete("the last run was made by another version of the software", hint)
    return last
