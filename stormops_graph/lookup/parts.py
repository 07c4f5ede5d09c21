"""What is listed of a pair of records, as `link.tally` wrote it: parts that add up to what is stated."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from stormops_graph.tables import REST


@dataclass(frozen=True)
class Part:
    """What one comparison says, in bits: above zero for one household, below zero against it; or one of REST."""

    kind: str
    level: str
    weight: float

    @property
    def is_compared(self) -> bool:
        """Whether it is what two values say, and not what is allowed for."""
        return self.kind not in REST


def parts_of(evidence: str | None) -> tuple[Part, ...]:
    """The parts of a pair's evidence, as PAIR holds it."""
    return tuple(Part(part["kind"], part.get("level", ""), part["weight"]) for part in json.loads(evidence or "[]"))


def in_words(parts: Iterable[Part]) -> str:
    """What was compared and how far it agrees, without weights."""
    return ", ".join(f"{part.kind} {part.level}".strip() for part in parts if part.is_compared)


def agreeing(parts: Iterable[Part]) -> tuple[str, ...]:
    """What agrees in the two, each kind once."""
    return tuple(dict.fromkeys(part.kind for part in parts if part.is_compared and part.weight > 0))
