"""Names of persons as given name and surname; what names nobody gives neither.

Invariant: a middle name is never kept, a title or suffix never taken for a name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from stormops_graph.normalise.rules import NameLists
from stormops_graph.normalise.values import Reading, read_values
from stormops_graph.tables import Connection

NameSource = Literal["caller", "resident", "contact"]
PART = "\x1f"  # between a contact's first and last name

_TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "sr", "sra", "srta", "rev", "prof", "sir", "madam", "hon"}
_SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "v", "md", "phd", "dds", "esq", "cpa"}
_PARTICLES = {"de", "del", "della", "der", "den", "van", "von", "la", "las", "los", "le", "da", "dos", "di", "el"}
_STATES = set(
    re.findall(
        "..", "alakazarcacoctdeflgahiidiliniakskylamemdmamimnmsmomtnenvnhnjnmnyncndohokorpariscsdtntxutvtvawawvwiwydc"
    )
)
_SILENT = re.compile(r"['’`.\"()]")
_OTHER = re.compile(r"[^a-z,&-]+")
_AND = re.compile(r"\s(?:and|&|y)\s")


def read_names(con: Connection, source: str, lists: NameLists) -> None:
    """Write `name_value(raw, given, surname)` for the texts `raw` of `source`.

    A raw text starts with its source's initial (c: caller, r: resident, p: parts of a contact).
    """
    reader = NameReader(
        re.compile("|".join(f"(?:{pattern})" for pattern in lists.junk) or "(?!)"),
        frozenset(lists.business),
        frozenset(lists.given),
    )
    query = f"SELECT DISTINCT raw FROM ({source}) WHERE raw IS NOT NULL"  # noqa: S608
    read_values(con, "name_value", query, ("given", "surname"), reader.read)


@dataclass(frozen=True)
class NameReader:
    """Reads names by the rules' lists."""

    junk: re.Pattern[str]
    business: frozenset[str]
    given: frozenset[str]

    def read(self, raw: str) -> Reading:
        """(given, surname) of a raw text with its source's initial."""
        source, text = raw[0], raw[1:]
        if source != "p":
            return self.full(text, caller=source == "c")
        first, last = (part.strip() for part in text.split(PART))
        if first and last:
            return self.parts(first, last)
        return self.full(first or last, caller=False, surname_only=not first)

    def parts(self, first: str, last: str) -> Reading:
        """A given name and a surname that were kept apart."""
        given = [word for word in _words(first) if word not in _TITLES and word not in {",", "&"}]
        surname = [word for word in _words(last) if word not in _SUFFIXES and word != ","]
        if self._is_nobody(f"{first} {last}", [*given, *surname]):
            return None, None
        couple = _AND.search(f" {_fold(first)} ")
        return (given[0] if given and not couple else None), " ".join(surname) or None

    def full(self, text: str, *, caller: bool, surname_only: bool = False) -> Reading:
        """A name in one piece: `John Q Smith Jr`, `SMITH,JOHN`, `Mr Smith`, or a carrier's `SMITH JOHN`."""
        folded = _fold(text)
        if self._is_nobody(text, _words(text)) or (caller and self._is_place(_words(text))):
            return None, None
        before, comma, after = folded.partition(",")
        if comma and (rest := _names(after)):
            return rest[0], " ".join(_names(before)) or None
        couple = _AND.search(folded)
        words = _names(folded)
        if len(words) < 2:
            return self._single(words, titled=surname_only or words != _words(text))
        if self._is_turned(words, caller=caller):
            return words[-1], " ".join(words[:-1]) if words[0] in _PARTICLES else words[0]
        return (None if couple else words[0]), _surname(words)

    def _is_nobody(self, text: str, words: list[str]) -> bool:
        return bool(self.junk.fullmatch(_ascii(text))) or not self.business.isdisjoint(words) or not words

    def _is_place(self, words: list[str]) -> bool:
        return len(words) > 1 and words[-1] in _STATES and words[0] not in self.given

    def _is_turned(self, words: list[str], *, caller: bool) -> bool:
        """Whether the surname goes first: `SMITH J`, and from carriers `SMITH JOHN` too."""
        if len(words[0]) == 1:
            return False
        return len(words[-1]) == 1 or (caller and words[-1] in self.given and words[0] not in self.given)

    def _single(self, words: list[str], *, titled: bool) -> Reading:
        if not words:
            return None, None
        return (words[0], None) if words[0] in self.given and not titled else (None, words[0])


def _names(folded: str) -> list[str]:
    """The words of a name without title, suffix and, where three or more are left, single letters."""
    words = _words(folded)
    while words and words[0] in _TITLES:
        words = words[1:]
    while words and words[-1] in _SUFFIXES:
        words = words[:-1]
    whole = [word for word in words if len(word) > 1]
    return whole if len(whole) > 1 else words


def _surname(words: list[str]) -> str:
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return " ".join(words[start:])


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return " ".join(plain.lower().split())


def _fold(text: str) -> str:
    return " ".join(_OTHER.sub(" ", _SILENT.sub("", _ascii(text))).split())


def _words(text: str) -> list[str]:
    return [word.strip("-") for word in _fold(text).replace(",", " ").replace("&", " ").split() if word.strip("-")]
