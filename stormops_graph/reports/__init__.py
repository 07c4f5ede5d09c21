"""What runs tell: of themselves, of what they would do, and of what stands whatever they find.

Invariant: a report is plain data that survives JSON, so the one shown at the end of a run and the one kept
with the run in the graph are the same. It holds counts, ids, reasons and seconds, never a person's values.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ReportPart(BaseModel):
    """A part of a report, or all of it; what a later release would tell beside it is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")
