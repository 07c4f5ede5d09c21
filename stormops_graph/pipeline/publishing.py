"""Credits of areas and of touches to graph and Postgres, together."""

from __future__ import annotations

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.postgres import PostgresOutputs
from stormops_graph.attribution.touch_credits import touch_credits
from stormops_graph.commissions import Payroll, commissions, read_credited, write_on_journeys
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import Connection
from stormops_graph.writeback import Publication, write_credits


def publish(
    con: Connection,
    stores: tuple[Neo4jGraph, PostgresOutputs],
    publication: Publication,
    touches: AttributionSettings | None,
) -> None:
    """Write AREA and CREDIT, and with the options `touches` what each touch of the graph's journeys earned.

    A touch's credit follows from its whole storm: where only a ZIP was credited, it stays as it is.
    """
    scope, graph = publication.scope, stores[0]
    if touches is None or scope.zip_code is not None:
        write_credits(con, *stores, publication)
        return
    payroll = Payroll(publication.run, publication.at, publication.model, scope.event_id, scope.closed)
    read_credited(con, graph, scope.event_id)
    touch_credits(con, touches)
    write_credits(con, *stores, publication, [commissions(con, payroll)])
    write_on_journeys(con, graph, payroll)
