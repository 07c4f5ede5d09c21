"""A feed that is a table in Postgres reads like the file it could have been."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import psycopg
import pytest
from shared_servers import Servers

from stormops_graph.errors import ColumnMissing, FeedMissing, StoreError
from stormops_graph.ingest import FeedTerms, ingest
from stormops_graph.settings import FeedSettings


def test_a_feed_from_postgres(clean_postgres: Servers, tmp_path: Path) -> None:
    dsn = clean_postgres.connections.postgres_dsn
    (tmp_path / "properties.csv").write_text("property_id,address\np1,1 Elm St\n")
    feeds = {
        "properties": FeedSettings(path="properties.csv"),
        "calls": FeedSettings(table="export.calls", columns={"caller_number": "From"}),
    }
    dsns = {"FEEDS_DSN": dsn}
    con = duckdb.connect()
    with psycopg.connect(dsn, autocommit=True) as postgres:
        postgres.execute("DROP SCHEMA IF EXISTS export CASCADE")
        postgres.execute("CREATE SCHEMA export")
        with pytest.raises(FeedMissing, match=r"no table export\.calls"):
            ingest(con, feeds, tmp_path, terms=FeedTerms(dsns))
        postgres.execute('CREATE TABLE export.calls (call_id int, started_at timestamptz, "From" text)')
        postgres.execute(
            "INSERT INTO export.calls VALUES (2, '2024-05-28 13:00-05', ''), (1, '2024-05-28 13:00-05', '5')"
        )
        ingest(con, feeds, tmp_path, terms=FeedTerms(dsns))
        assert con.execute("SELECT call_id, started_at, caller_number FROM feed_calls").fetchall() == [
            ("1", datetime(2024, 5, 28, 18), "5")
        ]
        assert con.execute("SELECT file, line FROM place_calls").fetchall() == [("export.calls", 1)]
        assert con.execute("SELECT file, line, field FROM quarantine").fetchall() == [
            ("export.calls", 2, "caller_number")
        ]
        postgres.execute("ALTER TABLE export.calls DROP COLUMN started_at")
        with pytest.raises(ColumnMissing, match="started_at"):
            ingest(con, feeds, tmp_path, terms=FeedTerms(dsns))
        postgres.execute("DROP SCHEMA export CASCADE")
    with pytest.raises(StoreError) as error:
        ingest(con, feeds, tmp_path, terms=FeedTerms({"FEEDS_DSN": "host=127.0.0.1 port=1 password=secret"}))
    assert "secret" not in str(error.value) + error.value.hint
