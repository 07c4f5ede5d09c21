"""Credits of what a change of households concerns, at once: its storms, and their ZIPs and touches that are concerned.

Other ZIPs and other journeys' touches move by what the storm moves, which the next `attribute` works out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from stormops_graph.adapters.neo4j import Neo4jGraph
from stormops_graph.adapters.postgres import PostgresOutputs
from stormops_graph.attribution.coding import NO_ZIP, WHOLE_STORM
from stormops_graph.attribution.credits import attribute
from stormops_graph.attribution.interim import widen
from stormops_graph.attribution.leanings import Multipliers
from stormops_graph.pipeline.publishing import publish
from stormops_graph.settings import AttributionSettings
from stormops_graph.tables import JOURNEY, JOURNEY_DUE, Connection
from stormops_graph.writeback.credits import Publication

DRAWS = 200
"""Draws of interim credits, as somebody waits for them. Shares of whole storms need none; a ZIP's move a little."""

MANY = 20
"""ZIPs of a storm, from which on all of it is credited anew."""

_CONCERNED = f"""
SELECT event_id, list_sort(list(DISTINCT zip_code)), list_sort(list(DISTINCT journey_id)) FROM (
    SELECT event_id, zip_code, journey_id FROM journey_due WHERE journey_id IS NOT NULL
    UNION ALL
    SELECT event_id, coalesce(nullif(trim(zip_code), ''), '{NO_ZIP}'), journey_id
    FROM journey SEMI JOIN journey_due USING (household)
) WHERE event_id IS NOT NULL GROUP BY event_id ORDER BY event_id
"""  # noqa: S608  (a constant)


@dataclass(frozen=True)
class Concerned:
    """A storm, with the ZIPs and journeys in it that are not as they were."""

    event_id: str
    zip_codes: tuple[str, ...]
    journeys: tuple[str, ...]


def concerned(con: Connection) -> list[Concerned]:
    """What is concerned by journeys that were made anew: by JOURNEY_DUE as they were, by JOURNEY as they are."""
    JOURNEY.check(con)
    JOURNEY_DUE.check(con)
    return [
        Concerned(event, tuple(zip_codes), tuple(journeys))
        for event, zip_codes, journeys in con.execute(_CONCERNED).fetchall()
    ]


def credit_concerned(
    con: Connection,
    stores: tuple[Neo4jGraph, PostgresOutputs],
    publication: Publication,
    by: tuple[AttributionSettings, Multipliers | None],
    storm: Concerned,
) -> None:
    """Credit and publish what is concerned of a storm, of JOURNEY and JOURNEY_TOUCH; the intervals are interim.

    TOUCH_CREDIT says what touches earn, as the plan found it. `by` are the options and what personas lean to; the
    publication's scope says which storms are closed.
    """
    options, priors = by
    zip_codes = None if len(storm.zip_codes) >= MANY else (WHOLE_STORM, *storm.zip_codes)
    quick = options.model_copy(update={"draws": min(options.draws, DRAWS), "identity_draws": 0})
    attribute(con, quick, storm.event_id, zip_codes, priors)
    had = list(stores[0].read("read/credits", event_id=storm.event_id, zip_codes=zip_codes))
    widen(con, had)
    of_touches = () if zip_codes is None else storm.journeys
    scope = replace(publication.scope, event_id=storm.event_id, zip_codes=zip_codes, journeys=of_touches)
    publish(con, stores, replace(publication, scope=scope, had=had), touches=True)
