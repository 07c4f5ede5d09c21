"""What an evaluation finds, as plain data that survives JSON.

Invariant: nothing in it names a person unless it was asked to; ids of records are hashes.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

Share = float | None  # None: there was nothing to take a share of


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Score(_Part):
    """Precision, recall and their harmonic mean."""

    precision: Share
    recall: Share

    @computed_field  # type: ignore[prop-decorator]
    @property
    def f1(self) -> Share:
        """2PR/(P+R)."""
        if self.precision is None or self.recall is None:
            return None
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


class Scores(_Part):
    """Three views of one clustering; `feed` None is all of it."""

    feed: str | None
    rows: int
    pairwise: Score
    bcubed: Score
    exact: Score


class SizeBin(_Part):
    """How many clusters have `low` to `high` rows (None: or more), ours and the true ones."""

    low: int
    high: int | None
    ours: int
    true: int | None = None


class Shown(_Part):
    """A record as evidence shows it, masked unless asked otherwise."""

    record: str
    name: str
    identifiers: tuple[str, ...]


class Tie(_Part):
    """The evidence between two records on either side of a mistake."""

    left: Shown
    right: Shown
    probability: float
    weight: float
    kinds: tuple[str, ...]


class Piece(_Part):
    """What a mistake put together or took apart: a cluster of the other side, and its rows in this one."""

    id: str
    rows: int


class Mistake(_Part):
    """A false merge (one of our clusters holding several true ones) or split (a true one lying in several of ours)."""

    id: str
    rows: int
    pairs: int  # of rows, wrongly together or wrongly apart
    pieces: tuple[Piece, ...]
    ties: tuple[Tie, ...] = ()
    untied: str | None = None  # what put it together or left it apart where there are no ties


class Level(_Part):
    """Households or persons held against their labels."""

    name: Literal["household", "person"]
    overall: Scores
    feeds: tuple[Scores, ...]
    ours: int  # clusters
    true: int
    sizes: tuple[SizeBin, ...]
    merges: tuple[Mistake, ...] = ()
    splits: tuple[Mistake, ...] = ()


class Placement(_Part):
    """Of a feed's rows: how many are placed at a property, and there rightly.

    `other_time` of the wrong ones are at a home that was their household's at another time.
    """

    feed: str
    rows: int
    placed: int
    right: int
    wrong: int
    other_time: int


class Bin(_Part):
    """Rows with a stated confidence from `low` to `high`: the mean of what was stated, the share that holds."""

    low: float
    high: float
    rows: int
    stated: float
    found: float


class Reliability(_Part):
    """How well a stated confidence holds; `error` is the expected calibration error (None: nothing was stated)."""

    claim: Literal["membership", "placement"]
    rows: int
    error: Share
    bins: tuple[Bin, ...]


class Labelled(_Part):
    """The clustering held against labels."""

    rows: int
    unread: int  # labelled rows that no feed shows: each counts as a cluster of its own
    unhoused: int = 0  # labelled households of which no home is labelled, where homes are
    levels: tuple[Level, ...]
    placement: tuple[Placement, ...] = ()
    reliability: tuple[Reliability, ...] = ()


def unhoused(households: int) -> str:
    """What is to be said of labelled households of which no home is."""
    return f"labelled households without a home in the labels: {households:,}; wherever their rows are placed is wrong"


class JudgedPairs(_Part):
    """Pairs that stewards judged, and how many of them a clustering holds together."""

    same: int
    same_together: int
    different: int
    different_together: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def score(self) -> Score:
        """Precision and recall of `same` among the judged pairs."""
        together = self.same_together + self.different_together
        return Score(
            precision=self.same_together / together if together else None,
            recall=self.same_together / self.same if self.same else None,
        )


class JudgedLevel(_Part):
    """Households or persons held against verdicts: as published, and as they would be had nobody judged."""

    name: Literal["person", "household"]
    published: JudgedPairs
    unaided: JudgedPairs


class Judged(_Part):
    """The clustering held against the ledger."""

    levels: tuple[JudgedLevel, ...]
    unsure: int
    dormant: int  # about a record that no feed shows any more


class Reviewed(_Part):
    """Pairwise precision over records, estimated from reviewed households."""

    households: int  # reviewed completely
    unanswered: int
    population: int  # households of two records and more
    wrong: int  # reviewed households that hold more than one
    precision: float
    standard_error: float
    low: float  # 95 %
    high: float


class Evaluation(_Part):
    """How right the households are, by whichever of the three there is."""

    simulated: bool = False
    labelled: Labelled | None = None
    judged: Judged | None = None
    reviewed: Reviewed | None = None
    notes: tuple[str, ...] = Field(default=())

    def as_dict(self) -> dict[str, Any]:
        """The evaluation as JSON has it."""
        return self.model_dump(mode="json")
