"""`feed_raw`: the rows of one feed as text under its default column names, each with its file and line."""

from __future__ import annotations

import pyarrow as pa

from stormops_graph.ingest.feeds import Feed
from stormops_graph.tables import Connection


def create(con: Connection, feed: Feed) -> None:
    """Replace `feed_raw` by an empty one for this feed."""
    columns = ", ".join(f'"{column.name}" VARCHAR' for column in feed.columns)
    con.execute(f"CREATE OR REPLACE TEMP TABLE feed_raw (file VARCHAR, line BIGINT, {columns})")


def append(con: Connection, file: str, batch: pa.Table) -> None:
    """Add rows of (line, the feed's columns)."""
    con.register("feed_batch", batch)
    con.execute("INSERT INTO feed_raw SELECT ?, * FROM feed_batch", [file])
    con.unregister("feed_batch")
