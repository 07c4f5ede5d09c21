"""A table of journeys in an Iceberg catalog, read through pyiceberg, an optional extra (`iceberg`).

Invariant: only columns that journeys are made of are fetched; what a catalog says of itself is in no error, as it may
hold addresses and credentials.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pyarrow import RecordBatch

from stormops_graph.attribution.journey_table import JourneyTable, used
from stormops_graph.errors import FeedMissing, InputError, StoreError


def iceberg_journeys(said: str, name: str, catalogs: Mapping[str, Mapping[str, str]]) -> JourneyTable:
    """The table `CATALOG.NAMESPACE.TABLE`; settings of a catalog come from `catalogs` or pyiceberg's own.

    Raises InputError where the extra is missing or no table is named, FeedMissing without such a table, StoreError
    where the catalog refuses, then or while its rows are read.
    """
    try:
        from pyiceberg.catalog import load_catalog  # noqa: PLC0415  (an optional extra)
    except ImportError as error:
        raise InputError(f"{said} needs the extra iceberg", "pip install 'stormops-graph[iceberg]'") from error
    catalog, _, table = name.partition(".")
    if "." not in table:
        raise InputError(f"{said} names no table", "name it as iceberg:CATALOG.NAMESPACE.TABLE")
    with _told(said, catalog), load_catalog(catalog, **catalogs.get(catalog, {})) as held:
        found = held.load_table(table)
        columns = tuple(field.name for field in found.schema().fields)
        rows = found.scan(selected_fields=tuple(used(columns))).to_arrow_batch_reader()  # off its files
    return JourneyTable(said, columns, rows.schema, _read(said, catalog, rows))


def _read(said: str, catalog: str, rows: Iterator[RecordBatch]) -> Iterator[RecordBatch]:
    with _told(said, catalog):
        yield from rows


@contextmanager
def _told(said: str, catalog: str) -> Iterator[None]:
    """Errors of a catalog in words."""
    from pyiceberg.exceptions import NoSuchTableError  # noqa: PLC0415  (an optional extra)

    try:
        yield
    except NoSuchTableError as error:
        hint = "name it as iceberg:CATALOG.NAMESPACE.TABLE"
        raise FeedMissing(f"{said}: the catalog has no such table", hint) from error
    except Exception as error:  # a catalog may be of any kind, and raises what its library does
        raise StoreError(
            f"{said}: the catalog {catalog} cannot be read ({type(error).__name__})",
            f"set it up under [journeys.catalogs.{catalog}] in stormops.toml, or as pyiceberg's own settings say",
        ) from error
