"""What stops a run before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from stormops_graph.errors import FeedShrunk


def check_shrink(rows: Mapping[str, int], last: Mapping[str, int], most: float, allowed: Collection[str] = ()) -> None:
    """Raise FeedShrunk where a feed lost more than the share `most` of its rows since the last run.

    An export that broke off looks like homes that have gone; `allowed` names the feeds that may shrink.
    """
    lost = {
        feed: (before, rows.get(feed, 0))
        for feed, before in sorted(last.items())
        if feed not in allowed and rows.get(feed, 0) < before * (1 - most)
    }
    if lost:
        told = ", ".join(f"{feed} from {before:,} to {now:,} rows" for feed, (before, now) in lost.items())
        options = " ".join(f"--allow-shrink {feed}" for feed in lost)
        raise FeedShrunk(
            f"feeds have shrunk by more than {most:.0%} since the last run: {told}",
            f"look whether an export broke off; if it is right, run again with {options}",
        )
