"""Mentions: whether a text shows anybody who is forgotten.

Invariant: a value counts wherever it stands; a number in any way of writing it; a name only in full.
"""

from __future__ import annotations

import re

from stormops_graph.forgetting.people import People
from stormops_graph.normalise.words import plain

_SHORTEST = 6  # letters of a cookie, or an id, that is looked for inside a text


class Mentions:
    """What gives away the people of an erasure."""

    def __init__(self, people: People) -> None:
        values = {one.value for one in people.identifiers if one.kind not in ("phone", "contact", "address")}
        ids = {*people.records, *people.persons, *people.households, *people.touches}
        self._texts = sorted(plain(text) for text in values | ids if len(text) >= _SHORTEST)
        self._numbers = sorted(one.value[-10:] for one in people.identifiers if one.kind == "phone")
        self._names = sorted({plain(name) for g, s, _ in people.names for name in (f"{g} {s}", f"{s} {g}")})

    def in_text(self, text: str) -> bool:
        """Whether the text shows one of them."""
        folded = plain(text)
        digits = re.sub(r"(?<=\d)[\s().+-]+(?=\d)", "", folded)
        words = f" {' '.join(re.findall(r'[a-z0-9]+', folded))} "
        return (
            any(value in folded for value in self._texts)
            or any(number in digits for number in self._numbers)
            or any(f" {' '.join(re.findall(r'[a-z0-9]+', name))} " in words for name in self._names)
        )
