"""Journeys that are a table in Postgres read like the file they could have been."""

from __future__ import annotations

from pathlib import Path

import duckdb
import psycopg
import pytest
from shared_servers import Quiet, Servers

from stormops_graph.adapters import postgres_journeys
from stormops_graph.attribution.journey_file import read_journey_file
from stormops_graph.errors import ColumnMissing, FeedMissing, StoreError
from stormops_graph.pipeline import attribute_apart
from stormops_graph.pipeline.journey_sources import read_journeys_elsewhere
from stormops_graph.settings import AttributionSettings, JourneySettings, Settings
from stormops_graph.tables import Connection

SOURCE = "postgres:export.Journeys"
TABLE = """
CREATE TABLE export."Journeys" (household_id uuid, "Zip_Code" char(10), event_id text, channel varchar, play_id text,
    timestamp timestamptz, converted boolean, conversion_value numeric, notes text)
"""
ROW = "INSERT INTO export.\"Journeys\" VALUES (%s, %s, 'S', %s, %s, %s, %s, %s, %s)"


def made(con: Connection) -> list[list[tuple[object, ...]]]:
    queries = ("SELECT * FROM journey ORDER BY ALL", "SELECT * FROM journey_touch ORDER BY ALL")
    return [con.execute(query).fetchall() for query in queries]


def test_journeys_from_postgres(clean_postgres: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_journeys, "BLOCK", 2_000)  # many blocks, cut between rows
    dsn = clean_postgres.connections.postgres_dsn
    environ = {"FEEDS_DSN": dsn}
    con = duckdb.connect()
    with psycopg.connect(dsn, autocommit=True) as postgres:
        postgres.execute("DROP SCHEMA IF EXISTS export CASCADE")
        with pytest.raises(FeedMissing, match="no such table"):
            read_journeys_elsewhere(con, SOURCE, JourneySettings(), environ)
        postgres.execute("CREATE SCHEMA export")
        postgres.execute(TABLE)
        for number in range(300):
            home = f"00000000-0000-0000-0000-{number // 3:012}"
            channel = ('say "hi",\nthere', "call", "caf\u00e9")[number % 3]
            at = f"2024-05-{1 + number % 28:02} 10:00:00-05"
            paid = "1234.5" if number % 6 == 0 else None
            values = (home, "75209", channel, "NULL" if number % 2 else "P", at, number % 6 == 0, paid, "secret")
            postgres.execute(ROW, values)
        postgres.execute(ROW, (None, None, "call", None, "infinity", None, None, "secret"))
        read = read_journeys_elsewhere(con, SOURCE, JourneySettings(), environ)
        assert (read.rows, read.quarantined, read.journeys) == (301, 1, 100)
        assert con.execute("SELECT file, reason FROM quarantine").fetchall() == [
            (SOURCE, "no household_id or property_id")
        ]
        assert "secret" not in str(con.execute("SELECT row FROM quarantine").fetchall())
        from_table = made(con)
        with postgres.cursor().copy('COPY export."Journeys" TO STDOUT (FORMAT csv, HEADER)') as rows:
            (tmp_path / "j.csv").write_bytes(b"".join(rows))
        con.execute(f"COPY (FROM read_csv('{tmp_path / 'j.csv'}', all_varchar = true)) TO '{tmp_path / 'j.parquet'}'")
        read_journey_file(con, tmp_path / "j.parquet")
        assert made(con) == from_table

        options = Settings(attribution=AttributionSettings(draws=100))
        report = attribute_apart(SOURCE, options, environ, Quiet())
        assert [area["journeys"] for area in report.areas if area["zip_code"] is None] == [100]
        assert report.run is None

        postgres.execute('ALTER TABLE export."Journeys" DROP COLUMN channel')
        with pytest.raises(ColumnMissing, match="no column channel"):
            read_journeys_elsewhere(con, SOURCE, JourneySettings(), environ)
        postgres.execute("DROP SCHEMA export CASCADE")
    with pytest.raises(StoreError) as error:
        read_journeys_elsewhere(con, SOURCE, JourneySettings(), {"FEEDS_DSN": "host=127.0.0.1 port=1 password=hush"})
    assert "hush" not in str(error.value) + error.value.hint
