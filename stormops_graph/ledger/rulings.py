"""Rulings: what a steward said of a phone or an email, whatever its number of people says.

Invariant: a ruling is never changed or removed; the latest on an identifier is in force. They are kept in the
project's `shared.jsonl` alone, as the graph shows what became of them, not who asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from stormops_graph.ledger.decisions import Moment, Text


class Outcome(StrEnum):
    """What is ruled: it links again although the limits say no, or nobody although they allow it."""

    released = "released"
    blocked = "blocked"


class IdentifierKind(StrEnum):
    """What can be ruled of: the identifiers that link people by being equal."""

    phone = "phone"
    email = "email"


class Ruling(BaseModel):
    """One ruling on an identifier, its value as the feeds' readers write it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: IdentifierKind
    value: Text
    ruling: Outcome
    by: Text
    at: Moment
    reason: Text

    @property
    def key(self) -> str:
        """The identifier's key in the graph."""
        return f"{self.kind}:{self.value}"


def in_force(rulings: Iterable[Ruling]) -> list[Ruling]:
    """The latest of each identifier, by key; of one moment the later line."""
    latest = {ruling.key: ruling for ruling in sorted(rulings, key=lambda ruling: ruling.at)}
    return [latest[key] for key in sorted(latest)]
