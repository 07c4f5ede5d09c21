"""What an amendment tells about itself: the verdicts that came with it and what became of households; no values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from stormops_graph.reports import ReportPart
from stormops_graph.reports.plan import Moves
from stormops_graph.reports.run import Change


class AmendmentReport(ReportPart):
    """One amendment, as it is kept with its run."""

    run: str
    started_at: datetime
    finished_at: datetime
    simulated: bool = False
    decisions: list[str] = Field(default_factory=list)  # ids of the verdicts that were given with it
    moves: Moves
    changes: dict[str, Change] = Field(default_factory=dict)  # by label or relationship type of the graph
    credited: list[str] = Field(default_factory=list)  # storms; their intervals are interim until the next `attribute`
    seconds: dict[str, float] = Field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return self.model_dump(mode="json")
