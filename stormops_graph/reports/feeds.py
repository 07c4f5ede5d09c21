"""What was read of each feed and of its files: counts, never a row's values."""

from __future__ import annotations

from pydantic import Field

from stormops_graph.reports import ReportPart
from stormops_graph.tables import Connection

_FEWEST = 5  # rows, below which that none has a value means nothing
_BY_CHANCE = 0.001  # nor where it is as likely as this that none of so many has one


class _Rows(ReportPart):
    """Rows of a feed."""

    feed: str
    rows: int  # with an id of their own and typed, as the gate against shrunk feeds counts them
    filled: dict[str, int] = Field(default_factory=dict)  # rows with a value, by each column that need not be there

    def lacks(self, column: str, share: float) -> bool:
        """Whether none of the rows has a column that so large a share of the feed's rows has, and some should."""
        few = self.rows < _FEWEST or (1 - share) ** self.rows > _BY_CHANCE
        return self.filled.get(column) == 0 and not few


class FeedRows(_Rows):
    """What was read of one feed."""

    quarantined: int  # set aside while they were read
    repeats: int
    files: int
    aside: int = 0  # set aside in all, with those that identify nobody
    lacking: dict[str, list[str]] | None = None  # see `lacks`; None in the report of an earlier release

    @property
    def read(self) -> int:
        """All rows that the files hold."""
        return self.rows + self.repeats + self.quarantined

    @property
    def used(self) -> int:
        """Rows that are neither repeats nor set aside."""
        return self.read - self.repeats - self.aside

    def share(self, column: str) -> float:
        """The share of the rows that have a value in a column."""
        return self.filled.get(column, 0) / self.rows if self.rows else 0.0


class FileRows(_Rows):
    """What of a feed that has several files came from one of them."""

    file: str


def file_rows(con: Connection) -> list[FileRows]:
    """What came from each file of the feeds that have several."""
    return [
        FileRows(feed=feed, file=file, rows=rows, filled=filled)
        for feed, file, rows, filled in con.execute(_FILES).fetchall()
    ]


def feed_rows(con: Connection) -> list[FeedRows]:
    """What was read of each feed."""
    files = file_rows(con)
    feeds = []
    for feed, rows, quarantined, repeats, count, filled, aside in con.execute(_FEEDS).fetchall():
        read = FeedRows(
            feed=feed, rows=rows, quarantined=quarantined, repeats=repeats, files=count, filled=filled, aside=aside
        )
        feeds.append(read.model_copy(update={"lacking": _lacking(read, [file for file in files if file.feed == feed])}))
    return feeds


def _lacking(feed: FeedRows, files: list[FileRows]) -> dict[str, list[str]]:
    """The files that lack a column, by the column: seldom any, so that a report stays short however many are read."""
    found = {column: [file.file for file in files if file.lacks(column, feed.share(column))] for column in feed.filled}
    return {column: lack for column, lack in found.items() if lack}


_FEEDS = """
    SELECT feed, rows, quarantined, repeats, files, filled,
        (SELECT count(*) FROM quarantine WHERE quarantine.feed = feed_count.feed AND NOT kept) AS aside
    FROM feed_count ORDER BY feed
"""
_FILES = """
    SELECT feed, file, used, filled FROM feed_file WHERE used IS NOT NULL ORDER BY feed, file
"""
