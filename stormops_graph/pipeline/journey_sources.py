"""Journeys that were assembled elsewhere, wherever that is: a file, a table in Postgres, or one in Iceberg."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from stormops_graph.adapters.iceberg_journeys import iceberg_journeys
from stormops_graph.adapters.postgres_journeys import postgres_journeys
from stormops_graph.attribution.journey_file import read_journey_file
from stormops_graph.attribution.journey_rows import JourneyFile
from stormops_graph.attribution.journey_table import JourneyTable, read_journey_table
from stormops_graph.errors import InputError
from stormops_graph.pipeline.run import Environ
from stormops_graph.settings import JourneySettings
from stormops_graph.tables import Connection


def read_journeys_elsewhere(con: Connection, source: str, settings: JourneySettings, environ: Environ) -> JourneyFile:
    """Fill JOURNEY and JOURNEY_TOUCH from a file's path, `postgres:TABLE` or `iceberg:CATALOG.NAMESPACE.TABLE`."""
    table = _table(source, settings, environ)
    if table is None:
        return read_journey_file(con, Path(source))
    with table as found:
        return read_journey_table(con, found)


def _table(source: str, settings: JourneySettings, environ: Environ) -> AbstractContextManager[JourneyTable] | None:
    kind, _, name = source.partition(":")
    if kind not in {"postgres", "iceberg"}:
        return None
    if not all(name.split(".")):
        raise InputError(f"{source} names no table", f"name it, as in {kind}:exports.customer_journeys")
    if kind == "postgres":
        dsn = environ.get(settings.dsn_env, "")
        return postgres_journeys(source, name, dsn, settings.dsn_env)
    return nullcontext(iceberg_journeys(source, name, settings.catalogs))
