"""A plan: what a run would do to households, rows, touches and credits, in ids and counts.

Invariant: a plan holds no personal data; it names all it rests on, and of the same it is the same but for its time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SHOWN = 10
"""Of the largest merges and splits, and of the touches that move most credit, so many are named."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Merge(_Part):
    """An id that others are merged into."""

    into: str
    merged: list[str]  # the first of them
    ids: int  # how many are merged into it
    records: int  # of what comes out


class Split(_Part):
    """An id whose records go apart."""

    of: str
    into: list[str]  # the first of them; its own among them where it stays
    parts: int
    records: int  # that it had and are still there


class Largest(_Part):
    """The household that would have the most records."""

    household: str
    records: int


class Moves(_Part):
    """What becomes of the households, or of the persons."""

    before: int = 0  # with records that are still there
    now: int = 0
    new: int = 0  # of records that were nobody's before
    gone: int = 0  # all of whose records have gone from the feeds
    ended: int = 0  # that lose their id, though records of them are still there
    merged: int = 0  # wholly into another
    split: int = 0
    changed: int = 0  # that keep their id with other records, and are neither merged nor split
    merges: list[Merge] = Field(default_factory=list)  # the largest first
    splits: list[Split] = Field(default_factory=list)

    @property
    def total(self) -> int:
        """All that something becomes of."""
        return self.new + self.gone + self.merged + self.split + self.changed


class Moved(_Part):
    """Of the rows of a feed, or the touches of a channel, how many there are and how many move."""

    name: str
    all: int
    households: int  # go from one household to another
    persons: int


class Earned(_Part):
    """A share of a storm's credit and its conversions, as published and as they would be (None: none)."""

    dimension: Literal["channel", "play"]
    key: str
    share: float | None
    share_now: float | None
    conversions: float | None
    conversions_now: float | None


class Payee(_Part):
    """The commission of a rep, in conversions, as published and as it would be."""

    rep_id: str | None  # None: touches that nobody made
    credit: float
    credit_now: float
    moved: float  # of the published, for touches that go to another household's journey


class PaidTouch(_Part):
    """A touch whose commission goes from one household's journeys to another's (None: it earned, or earns, nothing)."""

    touch_id: str
    household: str | None
    household_now: str | None
    credit: float
    credit_now: float


class StormPlan(_Part):
    """The credit that would move in a storm, by the published model."""

    event_id: str
    closed: bool = False  # its books are closed: what is published stands
    waiting: int = 0  # converting journeys not yet credited as they are: their credit moves whatever the plan
    conversions: float
    conversions_now: float
    credits: list[Earned] = Field(default_factory=list)
    touches_moved: int = 0  # credited touches that go from one household's journeys to another's
    credit_moved: float = 0.0  # what they were paid, in conversions
    payees: list[Payee] = Field(default_factory=list)  # whose commission changes
    touches: list[PaidTouch] = Field(default_factory=list)  # those that move most

    @property
    def shift(self) -> float:
        """The share of the channels' credit that goes from some to others."""
        apart = (abs((e.share_now or 0) - (e.share or 0)) for e in self.credits if e.dimension == "channel")
        return round(sum(apart) / 2, 12)


class Plan(_Part):
    """What a run would do."""

    made_at: datetime
    simulated: bool = False
    basis: dict[str, str] = Field(default_factory=dict)  # what the plan rests on → fingerprint of it
    outcome: str = ""  # fingerprint of the households that would be
    first: bool = False  # the graph holds no household yet
    households: Moves
    persons: Moves
    largest: Largest | None = None
    rows: list[Moved] = Field(default_factory=list)  # by feed
    touches: list[Moved] = Field(default_factory=list)  # by channel
    model: str = ""  # the published one
    storms: list[StormPlan] = Field(default_factory=list)  # with published credits
    uncredited: bool = False  # no `attribute` is complete: no credit moves

    @cached_property
    def fingerprint(self) -> str:
        """Of all that the plan rests on, and of the households that come out."""
        said = json.dumps([sorted(self.basis.items()), self.outcome])
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    @property
    def nothing_moves(self) -> bool:
        """Whether all households, persons and credits stay as they are."""
        return not (self.households.total or self.persons.total or any(storm.shift for storm in self.storms))

    def changed_since(self, other: Plan) -> list[str]:
        """What the two rest on and is not the same in both; `households` where only what comes out differs."""
        apart = sorted(
            name for name in self.basis.keys() | other.basis.keys() if self.basis.get(name) != other.basis.get(name)
        )
        return apart or (["households"] if self.outcome != other.outcome else [])

    def as_dict(self) -> dict[str, Any]:
        """The plan as its file and `--json` have it."""
        return {"fingerprint": self.fingerprint, **self.model_dump(mode="json")}

    @classmethod
    def from_dict(cls, plan: Mapping[str, Any]) -> Plan:
        """The plan that `as_dict` wrote; raises ValueError where it was edited or is of another version."""
        made = cls.model_validate({name: value for name, value in plan.items() if name != "fingerprint"})
        if plan.get("fingerprint") != made.fingerprint:
            raise ValueError("its fingerprint is not that of its content")
        return made
