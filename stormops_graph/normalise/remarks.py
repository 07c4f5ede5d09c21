"""Remarks where a name goes, or beside it: `no answer`, `nice lady`, `Smith, John - dog in yard`, `owner John Smith`.

Invariant: of the words by which a remark is told none is a name, or several are there, none of them a given name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, groupby

from stormops_graph.normalise.words import Words, words_of

_PARTS = re.compile(r"(\s*[;:,]\s*|\s[-–—]+\s*|[-–—]+\s|\s/\s)")
_DO_NOT = re.compile(r"\bdo ?n[o'’]t\b", re.IGNORECASE)  # Do alone is a surname
# A name may come behind.
_WHOSE = {"owner", "homeowner", "resident", "wife", "spouse", "widow", "widower", "lady", "gentleman"}
_INITIALS = 2  # letters that may be initials, or a name of East Asia


@dataclass(frozen=True)
class Remarks:
    """Remarks by the words of the rules' lists: those that no name has, and those that stand beside them."""

    telling: frozenset[str]
    others: frozenset[str]

    def without(self, text: str) -> str:
        """A text without its remarks; empty where there is nothing else."""
        kept, parts = "", _PARTS.split(_DO_NOT.sub("dont", text))
        for before, part in zip(["", *parts[1::2]], parts[::2], strict=True):
            behind = bool(kept) and before.strip() != ","  # where no given name is
            if self.known.isdisjoint(words_of(part)):
                name = " ".join(_apart(part))
            else:
                name = "" if behind else self._name(part, bool(kept))
            kept += (before if kept and name else "") + name
        return kept

    def are(self, words: Words) -> bool:
        """Whether these are a remark's words: one of them no name has, or none of several is likely a name."""
        several = sum(len(word) > _INITIALS for word in words) > 1
        return self._can_be(words) and (several or not self.telling.isdisjoint(words))

    def _name(self, part: str, behind: bool) -> str:
        """What stands before a part's first remark, or behind one that says whose name comes (new owner Garcia)."""
        runs = [list(run) for _, run in groupby(_apart(part), lambda word: self._can_be(words_of(word)))]
        at = next((n for n, run in enumerate(runs) if self.are(words_of(" ".join(run)))), len(runs))
        if at:
            return " ".join(chain(*runs[:at]))
        told = [word for word in words_of(" ".join(runs[0])) if len(word) > 1]
        named = " ".join(chain(*runs[1:]))
        whose = not behind and not _WHOSE.isdisjoint(told[-1:])
        return named if whose and self.known.isdisjoint(words_of(named)) else ""

    def _can_be(self, words: Words) -> bool:
        return all(len(word) == 1 or word in self.known for word in words)

    @cached_property
    def known(self) -> frozenset[str]:
        """All their words."""
        return self.telling | self.others


def _apart(part: str) -> list[str]:
    return part.replace("&", " & ").split()
