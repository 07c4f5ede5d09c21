"""Journeys from tables: an Iceberg catalog on disk, and what is said where one cannot be read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from stormops_graph.attribution.journey_file import read_journey_file
from stormops_graph.attribution.journey_table import JourneyTable, read_journey_table
from stormops_graph.errors import ColumnMissing, FeedMissing, InputError, SettingsError, StoreError
from stormops_graph.pipeline.journey_sources import read_journeys_elsewhere
from stormops_graph.settings import JourneySettings
from stormops_graph.tables import Connection

COLUMNS = {
    "Household_ID": pa.array(["h1", "h1", "h2", None], pa.string()),
    "event_id": pa.array(["S"] * 4, pa.string()),
    "channel": pa.array(["ga4", "call", "sms", "sms"], pa.string()),
    "timestamp": pa.array([datetime(2024, 5, 28, hour) for hour in (9, 10, 11, 12)], pa.timestamp("us", tz="UTC")),
    "converted": pa.array([False, True, None, False], pa.bool_()),
    "conversion_value": pa.array([None, 9000.5, None, None], pa.float64()),
    "phone": pa.array(["+1"] * 4, pa.string()),
}
ROWS = pa.table(COLUMNS)


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'America/Chicago'")
    yield connection
    connection.close()


@pytest.fixture
def lake(tmp_path: Path) -> JourneySettings:
    """A catalog on disk with one table of journeys, and one that has no channel."""
    from pyiceberg.catalog import load_catalog

    properties = {"type": "sql", "uri": f"sqlite:///{tmp_path}/lake.db", "warehouse": f"file://{tmp_path}/lake"}
    catalog = load_catalog("lake", **properties)
    catalog.create_namespace("crm")
    catalog.create_table("crm.journeys", schema=ROWS.schema).append(ROWS)
    bare = ROWS.drop_columns(["channel"])
    catalog.create_table("crm.bare", schema=bare.schema).append(bare)
    catalog.close()
    return JourneySettings(catalogs={"lake": properties})


def made(con: Connection) -> list[list[tuple[object, ...]]]:
    queries = ("SELECT * FROM journey ORDER BY ALL", "SELECT * FROM journey_touch ORDER BY ALL")
    return [con.execute(query).fetchall() for query in queries]


def test_a_table_in_iceberg_reads_like_the_file_it_could_have_been(
    con: Connection, lake: JourneySettings, tmp_path: Path
) -> None:
    read = read_journeys_elsewhere(con, "iceberg:lake.crm.journeys", lake, {})
    assert (read.rows, read.quarantined, read.journeys, read.touches) == (4, 1, 2, 3)
    found = made(con)
    assert found[0][0][5:7] == (True, 9000.5)
    assert found[1][0][-1] == datetime(2024, 5, 28, 9)
    assert con.execute("SELECT file, reason FROM quarantine").fetchall() == [
        ("iceberg:lake.crm.journeys", "no household_id or property_id")
    ]
    assert "+1" not in str(con.execute("SELECT row FROM quarantine").fetchall())  # was never fetched
    con.register("rows", ROWS)
    con.execute(f"COPY rows TO '{tmp_path / 'j.parquet'}' (FORMAT parquet)")
    read_journey_file(con, tmp_path / "j.parquet")
    assert made(con) == found


def test_what_iceberg_lacks_is_named(con: Connection, lake: JourneySettings) -> None:
    with pytest.raises(ColumnMissing, match="no column channel") as missing:
        read_journeys_elsewhere(con, "iceberg:lake.crm.bare", lake, {})
    assert "phone" in missing.value.hint
    with pytest.raises(FeedMissing, match="no such table"):
        read_journeys_elsewhere(con, "iceberg:lake.crm.nothing", lake, {})
    with pytest.raises(StoreError, match="catalog pond cannot be read") as unknown:
        read_journeys_elsewhere(con, "iceberg:pond.crm.journeys", lake, {})
    assert "journeys.catalogs.pond" in unknown.value.hint
    for name in ("iceberg:lake", "iceberg:lake.journeys", "iceberg:", "postgres:", "postgres:a..b"):
        with pytest.raises(InputError, match="names no table"):
            read_journeys_elsewhere(con, name, lake, {})


def test_nothing_that_a_catalog_holds_is_in_an_error(con: Connection) -> None:
    properties = {"type": "rest", "uri": "http://127.0.0.1:9/", "credential": "client:secret"}
    with pytest.raises(StoreError) as error:
        read_journeys_elsewhere(con, "iceberg:lake.a.b", JourneySettings(catalogs={"lake": properties}), {})
    assert "secret" not in str(error.value) + error.value.hint


def test_iceberg_needs_the_extra(con: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyiceberg.catalog", None)
    with pytest.raises(InputError, match="extra iceberg") as error:
        read_journeys_elsewhere(con, "iceberg:lake.crm.journeys", JourneySettings(), {})
    assert "stormops-graph[iceberg]" in error.value.hint


def test_postgres_needs_its_address(con: Connection) -> None:
    with pytest.raises(SettingsError, match="EXPORTS is not set"):
        read_journeys_elsewhere(con, "postgres:exports.journeys", JourneySettings(dsn_env="EXPORTS"), {})


def test_a_column_that_is_there_twice_is_refused(con: Connection) -> None:
    schema = pa.schema([("channel", pa.string()), ("Channel", pa.string())])
    with pytest.raises(InputError, match="twice"):
        read_journey_table(con, JourneyTable("postgres:j", ("channel", "Channel"), schema, iter(())))
