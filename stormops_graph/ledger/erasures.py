"""Erasures: who was forgotten, as keyed hashes only; what was erased, as counts; by whom and when.

Invariant: an entry holds no personal data and is never changed or removed. A hash is an HMAC-SHA-256 under the
project's own key; one with an end does not count after it. They are kept in the project's `forgotten.jsonl`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from stormops_graph.ledger.decisions import Moment, Text
from stormops_graph.ledger.journal import Journal


class Mark(StrEnum):
    """What a suppressed hash is of."""

    row = "row"  # one row of a feed, by its id
    person = "person"  # given name, surname and home together
    phone = "phone"
    email = "email"
    cookie = "cookie"
    contact = "contact"
    phone_sha256 = "phone_sha256"
    email_sha256 = "email_sha256"


class Suppressed(BaseModel):
    """A value that is not read again until then (None: ever), by its keyed hash."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mark: Mark
    hash: Text
    until: Moment | None = None


class Erasure(BaseModel):
    """One request to forget, carried out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Text
    by: Text
    at: Moment
    reason: str = ""
    counts: dict[str, int]
    asked: tuple[str, ...] = ()  # keyed hashes of what they were asked for by
    suppressed: tuple[Suppressed, ...]


Hashes = frozenset[tuple[str, str]]
"""(mark, hash) of what is not read."""

_JOURNAL = Journal(Erasure, "`forget`")

kept_erasures = _JOURNAL.kept
append_erasures = _JOURNAL.append


def suppressed_at(erasures: Iterable[Erasure], at: datetime) -> Hashes:
    """The hashes that count at a time (UTC)."""
    return frozenset(
        (str(one.mark), one.hash)
        for erasure in erasures
        for one in erasure.suppressed
        if one.until is None or at < one.until
    )
