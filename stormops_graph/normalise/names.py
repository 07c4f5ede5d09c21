"""Names of persons as given name and surname; what names nobody gives neither, and a business is told from nobody.

Invariant: a middle name is never kept, a title or suffix never taken for a name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from stormops_graph.normalise.rules import NameLists
from stormops_graph.normalise.values import Reader, Reading, read_values
from stormops_graph.tables import Connection

_LONGEST = 200
_CALLER_LETTERS = 15
_CUT_LETTERS = 4  # of a word that was cut off there, to know it again
PART = "\x1f"  # between a contact's first and last name

_TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "sr", "sra", "srta", "rev", "prof", "sir", "madam", "hon"}
_SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "v", "md", "phd", "dds", "esq", "cpa"}
_PARTICLES = {"de", "del", "della", "der", "den", "van", "von", "la", "las", "los", "le", "da", "dos", "di", "el"}
_STATE = re.compile(
    "a[klrz]|c[aot]|d[ce]|fl|ga|hi|i[adln]|k[sy]|la|m[adeinost]|n[cdehjmvy]|o[hkr]|pa|ri|s[cd]|t[nx]|ut|v[at]|w[aivy]"
)
_CITY = re.compile(r".+ city [a-z]{1,2}")  # the state perhaps cut off
_SILENT = re.compile(r"['’`.\"()]")
_OTHER = re.compile(r"[^a-z,&-]+")
_AND = re.compile(r"\s(?:and|&|y)\s")


def read_names(con: Connection, source: str, lists: NameLists) -> None:
    """Write `name_value(raw, given, surname, business)` for the texts `raw` of `source`.

    `business` is set where a caller's name is a business's.

    A raw text starts with its source's initial (c: caller, r: resident, p: parts of a contact).
    """
    reader = NameReader(
        re.compile("|".join(f"(?:{pattern})" for pattern in lists.junk) or "(?!)"),
        frozenset(lists.business),
        frozenset(lists.given),
    )
    read_values(con, "name_value", source, Reader(("given", "surname", "business"), reader.read))


@dataclass(frozen=True)
class NameReader:
    """Reads names by the rules' lists."""

    junk: re.Pattern[str]
    business: frozenset[str]
    given: frozenset[str]

    def read(self, raw: str) -> Reading:
        """(given, surname, business) of a raw text with its source's initial."""
        source, text = raw[0], raw[1:]
        if len(text) > _LONGEST:
            return None, None, None
        if source == "c":
            return (None, None, "yes") if self._is_business(text) else (*self.caller(text), None)
        if source == "r":
            return (*self.full(text), None)
        first, last = (part.strip() for part in text.split(PART, 1))
        if first and last:
            return (*self.parts(first, last), None)
        return (*(self.full(first) if first else self.full(f"mr {last}")), None)

    def parts(self, first: str, last: str) -> Reading:
        """A given name and a surname that were kept apart."""
        given = [word for word in _words(first) if word not in _TITLES]
        surname = [word for word in _words(last) if word not in _SUFFIXES]
        # Church and Homes are surnames as well: one such word beside a given name is no business.
        if self._is_nobody(f"{first} {last}", surname if len(surname) > 1 else []):
            return None, None
        couple = _AND.search(f" {_fold(first)} ")
        return (given[0] if given and not couple else None), " ".join(surname) or None

    def full(self, text: str) -> Reading:
        """A name in one piece: `John Q Smith Jr`, `Smith, John`, `Mr Smith`, `SMITH J`."""
        words, said = _names(text), _words(text)
        if not words or self._is_nobody(text, said):
            return None, None
        before, comma, after = _fold(text).partition(",")
        if comma and (rest := _names(after)):
            return rest[0], " ".join(_names(before)) or None
        if len(words) == 1:
            return (words[0], None) if words == said and words[0] in self.given else (None, words[0])
        if _ends_in_initial(words):
            return _turned(words)
        return (None if _AND.search(_fold(text)) else words[0]), _surname(words)

    def caller(self, text: str) -> Reading:
        """A carrier's caller name, of at most 15 letters: `SMITH JOHN`, `SMITH`, or a city and its state."""
        words = _names(text)
        if "," in text or not words or self._is_nobody(text, _words(text)):
            return self.full(text)
        cut = len(text) == _CALLER_LETTERS
        if len(words) == 1:
            return None, words[0]
        if words[0] in self.given:
            return self.full(text)
        if _STATE.fullmatch(words[-1]):
            return None, None
        return _turned(words) if self._is_given(words[-1], cut=cut) else self.full(text)

    def _is_business(self, text: str) -> bool:
        """Whether a caller's name has a business's word in it, the last of them perhaps cut off."""
        words = _words(text)
        if _CITY.fullmatch(" ".join(words)):
            return False
        if not self.business.isdisjoint(words):
            return True
        cut = words[-1] if len(words) > 1 and len(text.strip()) >= _CALLER_LETTERS - 1 else ""
        if len(cut) >= _CUT_LETTERS:
            return any(word.startswith(cut) for word in self.business)
        # One letter short of a business's word: PARK CITIES BAN, but not CHRISTOPHER BAN.
        short = len(cut) == _CUT_LETTERS - 1 and self.given.isdisjoint(words)
        return short and any(word[:-1] == cut for word in self.business)

    def _is_given(self, word: str, *, cut: bool) -> bool:
        if cut and len(word) > 2:
            return any(name.startswith(word) for name in self.given)
        return word in self.given

    def _is_nobody(self, text: str, words: list[str]) -> bool:
        return bool(self.junk.fullmatch(_ascii(text))) or not self.business.isdisjoint(words)


def _ends_in_initial(words: list[str]) -> bool:
    return len(words[-1]) == 1 and len(words[0]) > 1


def _turned(words: list[str]) -> Reading:
    """Surname first; all the words of one that starts like `de la Cruz`."""
    return words[-1], " ".join(words[:-1]) if words[0] in _PARTICLES else words[0]


def _names(text: str) -> list[str]:
    """The words of a name without title, suffix and, where two longer ones are there, single letters."""
    words = _words(text)
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
