"""What stops a run before anything is written: a feed that broke off, or households that changed too much at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from stormops_graph.errors import FeedShrunk, GateBroken
from stormops_graph.settings import Gate, GateSettings
from stormops_graph.tables import Connection

_LARGEST = """
SELECT household, count(DISTINCT record) AS records FROM membership WHERE household IS NOT NULL
GROUP BY household ORDER BY records DESC, household LIMIT 1
"""
# A household whose records have all gone from the feeds did not change: that is for feed_shrink to watch.
_CHANGED = """
WITH before AS (SELECT DISTINCT household AS id FROM last_membership SEMI JOIN membership USING (record)),
now AS (SELECT DISTINCT household AS id FROM membership),
moved AS (SELECT old_id AS id, kind FROM lineage WHERE level = 'household')
SELECT count(*), count(*) FILTER (id NOT IN (SELECT id FROM now WHERE id IS NOT NULL)),
       count(*) FILTER (id IN (SELECT id FROM moved WHERE kind = 'merged')),
       count(*) FILTER (id IN (SELECT id FROM moved WHERE kind = 'split'))
FROM before
"""


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


def check_households(con: Connection, gates: GateSettings, passed: Collection[str] = ()) -> None:
    """Raise GateBroken where membership and lineage say more than a gate lets through; those `passed` do not count.

    Reads membership, last_membership and lineage. All that is broken is told at once.
    """
    said = {gate: text for gate, text in _broken(con, gates).items() if gate not in passed}
    if said:
        options = " ".join(f"--pass {gate}" for gate in said)
        raise GateBroken(
            "\n".join(f"{gate}: {text}" for gate, text in said.items()),
            "look for a shared number to block, a changed feed or new rules; if it is right, run again with "
            f"{options}, or set the gate in stormops.toml",
        )


def _broken(con: Connection, gates: GateSettings) -> dict[Gate, str]:
    broken = {}
    for household, records in con.execute(_LARGEST).fetchall():
        if records > gates.largest_household:
            broken[Gate.largest_household] = (
                f"household {household} would have {records:,} records; at most {gates.largest_household:,} may be"
            )
    before, ended, merged, split = con.execute(_CHANGED).fetchall()[0]
    if ended > gates.ids_changed * before:
        broken[Gate.ids_changed] = f"{_of(ended, before)} would lose their id; at most {gates.ids_changed:.1%} may"
    if merged + split > gates.merges * before:
        broken[Gate.merges] = (
            f"{_of(merged + split, before)} would be merged ({merged:,}) or split ({split:,}); "
            f"at most {gates.merges:.1%} may"
        )
    return broken


def _of(count: int, before: int) -> str:
    return f"{count:,} of {before:,} households ({count / before:.1%})"
