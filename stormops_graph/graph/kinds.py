"""What the graph is made of: each node label and relationship type, and the query that says what there should be.

Invariant: a node kind's query gives (key, properties, times), a relationship kind's (start_key, end_key, properties,
times); keys are unique and never NULL, lists are sorted and never empty, so that equal input has equal fingerprints.
Times are apart and in ISO form, since the driver packs a text 40 times faster than a `datetime`; Cypher makes times of
them, of those that the kind names and no others: one that is set to null costs as much as one that is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from stormops_graph.ports import Words

RelationGone = Literal["removed", "kept", "ended"]


@dataclass(frozen=True)
class NodeKind:
    """A label with its key property; `when_gone` says what becomes of a node that the query no longer gives.

    An id that was given to anyone stays known (retired); a verdict is never undone by a machine (kept).
    """

    name: str
    label: str  # two labels are written `Identifier:Phone`
    key: str
    query: str
    when_gone: Literal["removed", "retired", "kept"] = "removed"
    times: tuple[str, ...] = ()

    columns: ClassVar[tuple[str, ...]] = ("key",)

    @cached_property
    def words(self) -> Words:
        """What fills the placeholders of the statements for nodes."""
        return {"label": self.label, "key": self.key, "times": self.times}


@dataclass(frozen=True)
class Relation:
    """A relationship type between two labels, at most one of it between two nodes.

    History is kept for good, or until its start is wanted again: then it has ended.
    """

    name: str
    type: str
    start: tuple[str, str]  # label, key property
    end: tuple[str, str]
    query: str
    when_gone: RelationGone = "removed"
    times: tuple[str, ...] = ()

    columns: ClassVar[tuple[str, ...]] = ("start_key", "end_key")

    @property
    def label(self) -> str:
        """What reports call it."""
        return self.type

    @cached_property
    def words(self) -> Words:
        """What fills the placeholders of the statements for relationships."""
        return {
            "type": self.type,
            "start": self.start[0],
            "startkey": self.start[1],
            "end": self.end[0],
            "endkey": self.end[1],
            "times": self.times,
        }


Kind = NodeKind | Relation


def sql(kind: Kind, text: str) -> str:
    """The text with the kind's name, key columns and query put in; all of them constants of this package."""
    words = {
        "name": kind.name,
        "keys": ", ".join(kind.columns),
        "order": ", ".join(reversed(kind.columns)),
        "same": " AND ".join(f"shadow.{column} = other.{column}" for column in kind.columns),
    }
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    return text.replace("{query}", kind.query)


HOUSEHOLD = ("Household", "household_id")
PERSON = ("Person", "person_id")
PROPERTY = ("Property", "property_id")
IDENTIFIER = ("Identifier", "key")
RECORD = ("Record", "record")
TOUCH = ("Touch", "touch_id")
CONVERSION = ("Conversion", "conversion_id")
DECISION = ("Decision", "decision_id")
STORM = ("Storm", "event_id")
PLAY = ("Play", "play_id")
