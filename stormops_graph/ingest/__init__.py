"""Feeds to typed source tables and a quarantine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stormops_graph.carryover import carried, keep
from stormops_graph.errors import FeedMissing
from stormops_graph.ingest import types
from stormops_graph.ingest.feeds import FEEDS
from stormops_graph.ingest.reading import FeedTerms, leave_empty, read_feed
from stormops_graph.ingest.sources import discover, files_of, refuse_unknown
from stormops_graph.ports import UNWATCHED, Task
from stormops_graph.settings import FeedSettings
from stormops_graph.tables import FEED_COUNT, FEED_FILE, QUARANTINE, ROW_NEWS, WORKSPACE_OF, Connection

__all__ = ["FEEDS", "FeedTerms", "discover", "ingest"]

_PLAIN = FeedTerms()


def ingest(
    con: Connection,
    feeds: Mapping[str, FeedSettings],
    folder: Path,
    task: Task = UNWATCHED,
    terms: FeedTerms = _PLAIN,
) -> None:
    """Write `feed_<name>` for every feed (empty where not configured), `quarantine`, `feed_count`, `feed_file`.

    Paths are relative to `folder`.
    Raises FeedMissing or SettingsError before anything is touched, so that the tables stay those of the last run;
    ColumnMissing or InputError, and of a Postgres table FeedMissing, where the feed is read.
    """
    refuse_unknown(feeds)
    _refuse_missing(feeds, folder)
    types.define(con, terms.before)
    _begin(con)
    task.total(len(FEEDS))
    for name, feed in FEEDS.items():
        if name in feeds:
            read_feed(con, feed, feeds[name], folder, terms)
        else:
            leave_empty(con, feed)
        task.advance()


def _refuse_missing(feeds: Mapping[str, FeedSettings], folder: Path) -> None:
    if "properties" not in feeds:
        raise FeedMissing("there is no feed properties", "add [feeds.properties] to stormops.toml: homes are its rows")
    for name, settings in feeds.items():
        if not settings.table:
            files_of(name, settings, folder)


def _begin(con: Connection) -> None:
    """Keep what was told of the feeds, which each of them replaces where it is read; not what another version told."""
    WORKSPACE_OF.create(con)  # from here on they are no run's
    known = carried(con, QUARANTINE.name)
    for table in (QUARANTINE, FEED_COUNT, FEED_FILE):
        (table.ensure if known else table.create)(con)
    ROW_NEWS.ensure(con)
    keep(con, QUARANTINE.name)
