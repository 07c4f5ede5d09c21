"""What was read, and what was set aside."""

from __future__ import annotations

from stormops_graph.tables.table import Table

# One table a feed, `feed_<name>`: its columns are declared with the feed (ingest/feeds.py), then the row's print.
# `place_<name>` says where each row stands: file, line, print.

QUARANTINE = Table(
    "quarantine",
    {
        "feed": "VARCHAR",
        "file": "VARCHAR",
        "line": "BIGINT",
        "field": "VARCHAR",
        "reason": "VARCHAR",  # a fixed phrase without the row's values, so that it can be shown and counted
        "row": "VARCHAR",  # the row as JSON
        "kept": "BOOLEAN",  # the row is used all the same, without this one value
    },
)
FORGOTTEN = "forgotten"  # the reason of a row about somebody who was forgotten: counted, its values not kept
FEED_COUNT = Table(
    "feed_count",
    {
        "feed": "VARCHAR",
        "rows": "BIGINT",
        "quarantined": "BIGINT",
        "repeats": "BIGINT",
        "files": "BIGINT",
        "filled": "MAP(VARCHAR, BIGINT)",  # rows with a value, by each column that need not be there
    },
)
ROW_NEWS = Table(
    "row_news",  # rows of feeds that came or went since they were last normalised; too many rather than too few
    {"feed": "VARCHAR", "print": "UHUGEINT"},
)
FEED_FILE = Table(
    "feed_file",  # each file that was read
    {
        "feed": "VARCHAR",
        "file": "VARCHAR",
        "encoding": "VARCHAR",  # empty where the format has its own
        "rows": "BIGINT",
        # What of the feed's table came from it, as FEED_COUNT has it of the whole; NULL: nothing, or all of it.
        "used": "BIGINT",
        "filled": "MAP(VARCHAR, BIGINT)",
    },
)

WORKSPACE_OF = Table("workspace_of", {"run": "VARCHAR"})  # the complete run behind these tables; empty during one
