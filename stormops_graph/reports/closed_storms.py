"""What a run tells of storms whose books are closed: what stands, and what would have changed."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from stormops_graph.reports import ReportPart


class CreditChange(ReportPart):
    """A published credit of a closed storm that stands although the journeys say otherwise now."""

    zip_code: str  # ALL: the whole storm
    dimension: str
    key: str
    published: float | None  # None: it has none
    now: float | None
    published_conversions: float | None
    now_conversions: float | None


class PayChange(ReportPart):
    """Published commissions of a closed storm that stand although its touches would earn something else now."""

    rep_id: str | None  # None: touches that nobody made, as an email's
    channel: str
    touches: int  # whose credit would differ
    published: float  # conversions credited, of all touches of the rep by the channel
    now: float
    published_value: float
    now_value: float


class ClosedStorm(ReportPart):
    """A storm whose credits were not written, as its books are closed, and what would have changed."""

    event_id: str
    at: datetime
    by: str
    differences: list[CreditChange] = Field(default_factory=list)
    commissions: list[PayChange] = Field(default_factory=list)
