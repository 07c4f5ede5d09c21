"""The keys of the review screen, each once: the screen binds them, its help lists them, the docs are held to them."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """A key, the action of the screen that it starts, its short name and what it does."""

    key: str
    action: str
    name: str
    does: str


KEYS = (
    Key("s", "decide('same', '')", "same", "same: one person, and so one household"),
    Key("f", "decide('same', 'household')", "family", "same family: one household, persons by the evidence"),
    Key("d", "decide('different', '')", "different", "different: two households, and so two persons"),
    Key("p", "decide('different', 'person')", "persons", "two persons, who may live together"),
    Key("u", "decide('unsure', '')", "unsure", "unsure: kept, binds nothing, comes back with new evidence"),
    Key("k", "skip", "skip", "skip: no verdict; the case comes again after the others"),
    Key("z", "undo", "undo", "undo the last verdict of this sitting, as often as wanted"),
    Key("Z", "redo", "redo", "take the last undoing back"),
    Key("h", "history", "history", "all verdicts: open one with Enter, undo it with z"),
    Key("r", "reason", "reason", "type the reason of the next verdict"),
    Key("m", "mask", "mask", "show personal data, or mask them again"),
    Key("b", "blind", "blind", "hide what the model thinks, or show it again"),
    Key("w", "why", "why", "all evidence that holds the cluster together, the weakest first"),
    Key("/", "search", "search", "find a case by a name, number, address, record or household"),
    Key("n", "renew", "new run", "read what the last run left anew"),
    Key("[", "step(-1)", "before", "the case before, decided or not"),
    Key("]", "step(1)", "after", "the case after"),
    Key("<", "shift(-1)", "left", "records further to the left"),
    Key(">", "shift(1)", "right", "records further to the right"),
    Key("?", "help", "help", "this list"),
    Key("q", "leave", "quit", "leave; every verdict is kept already"),
)
FOOTER = frozenset("sfdpukzhmbw/?q")
