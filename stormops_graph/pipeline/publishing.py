"""Credits of areas and of touches to graph and Postgres, together."""

from __future__ import annotations

from collections.abc import Mapping

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.postgres import PostgresOutputs
from stormops_graph.journeys.holdouts import lift_output, lifts
from stormops_graph.ledger.closings import Closing
from stormops_graph.reports.attribution import Lift
from stormops_graph.reports.closed_storms import ClosedStorm
from stormops_graph.tables import Connection
from stormops_graph.writeback.commissions import (
    COLUMNS,
    Payroll,
    commissions,
    pay_differences,
    read_credited,
    standing,
    write_on_journeys,
)
from stormops_graph.writeback.credits import Publication, write_credits
from stormops_graph.writeback.history import CREDITS, TOUCHES, differences, published


def publish(
    con: Connection,
    stores: tuple[Neo4jGraph, PostgresOutputs],
    publication: Publication,
    *,
    touches: bool,
) -> list[Lift]:
    """Write AREA and CREDIT with their history; with `touches` also TOUCH_CREDIT, of the graph's journeys, and lifts.

    A touch's credit follows from its whole storm: where only some ZIPs were credited, only those of the scope's
    journeys are written.
    """
    scope, (graph, outputs) = publication.scope, stores
    run = (publication.run, publication.at, publication.model)
    history = CREDITS.changes(outputs, published(con, publication.model), run, scope.columns, scope.closed)
    if not touches:
        write_credits(con, graph, outputs, publication, [history])
        return []
    found = lifts(con, graph, scope.event_id)
    lifted = [lift for lift in found if scope.zip_codes is None or lift.zip_code in scope.zip_codes]
    stamp = (f"{publication.at.isoformat()}+00:00", publication.run)
    beside = [history, lift_output(lifted, stamp, scope.columns, scope.closed)]
    if scope.zip_codes is not None and not scope.journeys:
        write_credits(con, graph, outputs, publication, beside)
        return lifted
    payroll = Payroll(*run, scope.of_touches, scope.closed)
    read_credited(con, graph, scope.event_id, scope.journeys)
    paid = commissions(con, payroll)
    rows = (dict(zip(COLUMNS, row, strict=True)) for row in paid.rows)
    of_touches = TOUCHES.changes(outputs, rows, run, paid.scope, scope.closed)
    write_credits(con, graph, outputs, publication, [*beside, paid, of_touches])
    write_on_journeys(con, graph, payroll, standing(outputs, scope.closed))
    return lifted


def closed_storms(
    con: Connection,
    outputs: PostgresOutputs,
    publication: Publication,
    closed: Mapping[str, Closing],
    touches_known: bool,
) -> list[ClosedStorm]:
    """The closed storms in the publication's scope, and what stands of them although CREDIT says otherwise.

    Where `touches_known`, also what stands of the commissions although TOUCH_CREDIT says otherwise.
    """
    scope, model = publication.scope, publication.model
    return [
        ClosedStorm(
            **closing.model_dump(include={"event_id", "at", "by"}),
            differences=differences(con, outputs, model, {**scope.columns, "event_id": (event,)}),
            commissions=pay_differences(con, model, event, standing(outputs, [event])) if touches_known else [],
        )
        for event, closing in closed.items()
        if scope.event_id in (None, event)
    ]
