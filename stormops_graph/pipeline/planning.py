"""What a run would do, worked out in the workspace once its households are found and before anything is written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stormops_graph import runs
from stormops_graph.attribution.coding import WHOLE_STORM
from stormops_graph.attribution.leanings import Multipliers
from stormops_graph.attribution.points import point_credits
from stormops_graph.attribution.windows import narrow
from stormops_graph.attribution.worlds import journeys_of_all
from stormops_graph.carryover import carried, renewed, software
from stormops_graph.errors import PlanStale
from stormops_graph.graph.shadow import wrote
from stormops_graph.graph.traces import print_traces, trace_all
from stormops_graph.journeys import stand
from stormops_graph.ledger.closings import closed_at
from stormops_graph.personas.priors import PRIORS_FILE, Priors, planned_priors, print_chances
from stormops_graph.planning.basis import fingerprint_inputs, fingerprint_outcome
from stormops_graph.planning.credits import credit_moves, read_published, read_waiting, write_earned
from stormops_graph.planning.households import largest, moves, rows_moved
from stormops_graph.ports import Graph
from stormops_graph.project import Project
from stormops_graph.reports.plan import Moves, Plan, StormPlan
from stormops_graph.tables import EARNED_SHARE, LAST_MEMBERSHIP, Connection

_STORES = {
    "neo4j",
    "postgres",
    "workspace",
    "gates",
}  # where things are kept and what stops a run change nothing that it would do


def plan_journeys(con: Connection) -> None:
    """Fill JOURNEY and JOURNEY_TOUCH as the graph will have them."""
    trace_all(con)
    journeys_of_all(con)


def plan_run(con: Connection, graph: Graph, project: Project, rules: str) -> Plan:
    """What the run would do whose stage tables these are, up to the storms of touches; `rules` names the rules' copy.

    Journeys that stand, and what is earned by the same, are not worked out again.
    """
    traces = str(print_traces(con))
    standing = stand(con, traces)

    def earning() -> None:
        if not carried(con, EARNED_SHARE.name, *_earned_by(con, project, traces)):
            earn(con, project, traces, standing)

    moved = Moved(moves(con, "household"), moves(con, "person"), first=LAST_MEMBERSHIP.check(con) == 0)
    plan = make_plan(con, graph, project, moved, earning)
    basis = {**fingerprint_inputs(con), **_basis(graph, project, rules)}
    return plan.model_copy(update={"basis": basis, "outcome": fingerprint_outcome(con)})


@dataclass(frozen=True)
class Moved:
    """What becomes of households and persons; `first`: there were none before."""

    households: Moves
    persons: Moves
    first: bool = False


def make_plan(con: Connection, graph: Graph, project: Project, moved: Moved, earning: Callable[[], object]) -> Plan:
    """What would become of all, by what `moved`; it names nothing that it rests on.

    `earning` fills EARNED_SHARE and EARNED_TOUCH; it is called where credits have been published.
    """
    rows, touches = rows_moved(con)
    model = project.settings.attribution.published_model
    credited = read_published(con, graph, model)
    return Plan(
        made_at=runs.now(),
        simulated=project.settings.project.simulated,
        first=moved.first,
        households=moved.households,
        persons=moved.persons,
        largest=largest(con),
        rows=rows,
        touches=touches,
        model=model,
        storms=_storms_moved(con, graph, project, earning) if credited else [],
        uncredited=not credited,
    )


def earn(con: Connection, project: Project, traces: str, standing: bool) -> Multipliers | None:
    """Fill EARNED_SHARE and EARNED_TOUCH with what journeys of `traces` earn; JOURNEY is filled unless it stands.

    Returns what personas lean to by these journeys.
    """
    with renewed(con, EARNED_SHARE.name, *_earned_by(con, project, traces)):
        if not standing:
            plan_journeys(con)
        leanings = credit_points(con, project)
        write_earned(con, project.settings.attribution.published_model)
    return leanings


def _earned_by(con: Connection, project: Project, traces: str) -> tuple[str, ...]:
    """What else than the software decides on what is earned."""
    options = project.settings.attribution
    priors = (project.rules / PRIORS_FILE).read_text("utf-8") if options.priors else ""
    return traces, options.model_dump_json(), priors, print_chances(con)


def _storms_moved(con: Connection, graph: Graph, project: Project, earning: Callable[[], object]) -> list[StormPlan]:
    """The credit that would move, PUBLISHED_SHARE and PAID_TOUCH having been read."""
    earning()
    closed = closed_at(project.closings, runs.now())
    return credit_moves(con, closed, read_waiting(graph, project.settings.attribution.published_model, closed))


def credit_points(con: Connection, project: Project) -> Multipliers | None:
    """Fill CREDIT, of whole storms, and TOUCH_CREDIT for the journeys of the workspace, without intervals.

    Returns what personas lean to by these journeys.
    """
    options = project.settings.attribution
    narrow(con, options)
    priors = Priors.read(project.rules / PRIORS_FILE) if options.priors else None
    leanings = planned_priors(con, priors)
    point_credits(con, options, None, leanings, [WHOLE_STORM])
    return leanings


def refuse_stale(plan: Plan, now: Plan) -> None:
    """Raise PlanStale where a run would not do what `plan` says, as what it rests on has changed."""
    if changed := plan.changed_since(now):
        raise PlanStale(
            f"the plan does not hold any more: {', '.join(changed)} changed since it was made; nothing was written",
            "look at what a run would do now: stormops-graph resolve --plan",
        )


def _basis(graph: Graph, project: Project, rules: str) -> dict[str, str]:
    settings = project.settings.model_dump_json(exclude=_STORES)
    kinds: tuple[Sequence[str], ...] = (runs.HOUSEHOLDS, ("attribute",))
    last = [next(iter(graph.read("read/last_complete", kinds=kind)))["run_id"] for kind in kinds]
    return {
        "rules": rules,
        "settings": hashlib.sha256(settings.encode()).hexdigest()[:16],
        "software": software()[:16],
        "last run": hashlib.sha256(repr([*last, wrote(graph)]).encode()).hexdigest()[:16],
    }
