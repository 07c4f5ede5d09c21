"""What a run would do, worked out in the workspace once its households are found and before anything is written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from stormops_graph import runs
from stormops_graph.attribution.coding import WHOLE_STORM
from stormops_graph.attribution.points import point_credits
from stormops_graph.attribution.windows import narrow
from stormops_graph.attribution.worlds import journeys_of_all
from stormops_graph.carryover import software
from stormops_graph.errors import PlanStale
from stormops_graph.graph.traces import trace_all
from stormops_graph.ledger.closings import closed_at
from stormops_graph.personas.priors import PRIORS_FILE, Priors, planned_priors
from stormops_graph.plan import Plan, StormPlan
from stormops_graph.planning.basis import fingerprint_inputs, fingerprint_outcome
from stormops_graph.planning.credits import credit_moves, read_published
from stormops_graph.planning.households import largest, moves, rows_moved
from stormops_graph.ports import Graph
from stormops_graph.project import Project
from stormops_graph.tables import LAST_MEMBERSHIP, Connection

_STORES = {"neo4j", "postgres", "gates"}  # where things are kept and what stops a run change nothing that it would do


def plan_journeys(con: Connection) -> int:
    """Fill JOURNEY and JOURNEY_TOUCH as the graph will have them; how many journeys."""
    trace_all(con)
    return journeys_of_all(con)


def make_plan(
    con: Connection, graph: Graph, project: Project, journeys: Callable[[Connection], object] = plan_journeys
) -> Plan:
    """What the run would do whose stage tables these are, up to the storms of touches; it names nothing it rests on.

    `journeys` fills JOURNEY and JOURNEY_TOUCH as the graph will have them.
    """
    households, persons = moves(con, "household"), moves(con, "person")
    rows, touches = rows_moved(con)
    model = project.settings.attribution.published_model
    credited = read_published(con, graph, model)
    return Plan(
        made_at=runs.now(),
        simulated=project.settings.project.simulated,
        first=LAST_MEMBERSHIP.check(con) == 0,
        households=households,
        persons=persons,
        largest=largest(con),
        rows=rows,
        touches=touches,
        model=model,
        storms=storms_moved(con, project, journeys) if credited else [],
        uncredited=not credited,
    )


def resting(plan: Plan, con: Connection, graph: Graph, project: Project, rules: str) -> Plan:
    """The plan with all that it rests on and the households that come out; `rules` names the rules' copy."""
    basis = {**fingerprint_inputs(con), **_basis(graph, project, rules)}
    return plan.model_copy(update={"basis": basis, "outcome": fingerprint_outcome(con)})


def storms_moved(con: Connection, project: Project, journeys: Callable[[Connection], object]) -> list[StormPlan]:
    """The credit that would move, PUBLISHED_SHARE and PAID_TOUCH having been read."""
    model = project.settings.attribution.published_model
    journeys(con)
    credit_points(con, project)
    return credit_moves(con, model, closed_at(project.closings, runs.now()))


def credit_points(con: Connection, project: Project) -> None:
    """Fill CREDIT, of whole storms, and TOUCH_CREDIT for the journeys of the workspace, without intervals."""
    options = project.settings.attribution
    narrow(con, options)
    priors = Priors.read(project.rules / PRIORS_FILE) if options.priors else None
    point_credits(con, options, None, planned_priors(con, priors), [WHOLE_STORM])


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
    wrote = next((row["run_id"] for row in graph.read("read/version")), None)
    return {
        "rules": rules,
        "settings": hashlib.sha256(settings.encode()).hexdigest()[:16],
        "software": software()[:16],
        "last run": hashlib.sha256(repr([*last, wrote]).encode()).hexdigest()[:16],
    }
