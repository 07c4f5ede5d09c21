"""Every figure of the stage tables against labels, at the levels that the labels have."""

from __future__ import annotations

from pathlib import Path

from stormops_graph.evaluation.calibration import membership_reliability, place, placement_reliability
from stormops_graph.evaluation.findings import Labelled, Level
from stormops_graph.evaluation.labels import choose_level, read_labels
from stormops_graph.evaluation.mistakes import worst
from stormops_graph.evaluation.scores import score, sizes
from stormops_graph.tables import Connection

WORST = 10


def evaluate(con: Connection, truth: Path, *, show: bool = False, many: int = WORST) -> Labelled:
    """Hold the stage tables of `con` against the labels of a file or folder (see `labels`)."""
    known = read_labels(con, truth)
    levels, reliability = [], []
    for name in known.levels:
        choose_level(con, name)
        levels.append(_level(con, name, show, many))
        if name == "household":
            reliability.append(membership_reliability(con))
    placement = place(con) if known.homes else ()
    if known.homes:
        reliability.append(placement_reliability(con))
    return Labelled(
        rows=known.rows,
        unread=known.unread,
        unhoused=known.unhoused,
        levels=tuple(levels),
        placement=placement,
        reliability=tuple(reliability),
    )


def _level(con: Connection, name: str, show: bool, many: int) -> Level:
    overall, feeds, ours, true = score(con)
    return Level.model_validate(
        {
            "name": name,
            "overall": overall,
            "feeds": feeds,
            "ours": ours,
            "true": true,
            "sizes": sizes(con),
            "merges": worst(con, "merge", many, show=show),
            "splits": worst(con, "split", many, show=show),
        }
    )
