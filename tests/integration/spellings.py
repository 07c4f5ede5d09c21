"""The forms in which a statement is sent: once for each way in which kinds of nodes and relationships differ."""

from __future__ import annotations

from stormops_graph.adapters.statements import Statement
from stormops_graph.graph.load import KINDS
from stormops_graph.ports import Words


def spellings(found: Statement) -> list[Words]:
    """In each form, but not of each kind: where only the names are others, the server plans the same again."""
    if not found.placeholders:
        return [{}]
    fitting = [kind.words for kind in KINDS if found.placeholders <= kind.words.keys()]
    return list({_form(words): words for words in fitting}.values())


def _form(words: Words) -> tuple[tuple[str, ...], bool, bool]:
    """What of a kind's words makes a statement another one: which there are, several labels, and times."""
    return tuple(words), ":" in str(words.get("label")), bool(words.get("times"))
