"""Remarks where a name goes, or beside it: `no answer`, `nice lady`, `Smith, John - dog in yard`, `Owner: John Smith`.

Invariant: of the words by which a remark is told none is a name, or several are there, none of them a given name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from stormops_graph.normalise.words import Words, words_of

_PARTS = re.compile(r"(\s*[;:,]\s*|\s[-–—]+\s*|[-–—]+\s|\s/\s)")
_INITIALS = 2  # letters that may be initials, or a name of East Asia


@dataclass(frozen=True)
class Remarks:
    """Remarks by the words of the rules' lists: those that no name has, and those that stand beside them."""

    telling: frozenset[str]
    others: frozenset[str]

    def without(self, text: str) -> str:
        """A text without its remarks; empty where there is nothing else."""
        kept, parts = "", _PARTS.split(text)
        for before, part in zip(["", *parts[1::2]], parts[::2], strict=True):
            behind = bool(kept) and before.strip() != ","  # where no given name is
            if name := "" if behind and not self._known.isdisjoint(words_of(part)) else self._before(part):
                kept += (before if kept else "") + name
        return kept

    def are(self, words: Words) -> bool:
        """Whether these are a remark's words: one of them no name has, or none of several is likely a name."""
        several = sum(len(word) > _INITIALS for word in words) > 1
        return self._can_be(words) and (several or not self.telling.isdisjoint(words))

    def _before(self, part: str) -> str:
        """A part up to the remark that it ends in; nothing where a word is left that no name has."""
        said = part.split()
        end = next((n for n in range(len(said), 0, -1) if not self._can_be(words_of(said[n - 1]))), 0)
        name = " ".join(said[:end]) if self.are(words_of(" ".join(said[end:]))) else part
        return name if self.telling.isdisjoint(words_of(name)) else ""

    def _can_be(self, words: Words) -> bool:
        return all(len(word) == 1 or word in self._known for word in words)

    @cached_property
    def _known(self) -> frozenset[str]:
        return self.telling | self.others
