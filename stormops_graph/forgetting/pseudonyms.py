"""Names for what stays of people who are forgotten: the same in every attempt, and by the project's key alone.

So an erasure that was cut short and is carried out again writes what the first attempt wrote.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from stormops_graph.forgetting.keyed import keyed

_LETTERS = 24


@dataclass(frozen=True)
class Pseudonyms:
    """The names by a project's key."""

    key: bytes

    def of_record(self, record: str) -> str:
        """What verdicts call a record, or an identifier, that is forgotten."""
        return f"forgotten:{keyed(self.key, 'record', record)[:_LETTERS]}"

    def of_touch(self, touch: str) -> str:
        """What a journey calls a touch or conversion."""
        return f"forgotten:{keyed(self.key, 'touch', touch)[:_LETTERS]}"

    def of_household(self, household: str) -> str:
        """The id of the nameless household that keeps the journeys."""
        return str(uuid.UUID(hex=keyed(self.key, "household", household)[:32]))
