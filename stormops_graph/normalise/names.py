"""Names of persons as given name and surname; what names nobody gives neither, and a business is told from nobody.

Invariant: a middle name is never kept, a title or suffix never taken for a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from stormops_graph.normalise.couples import AND, AT_AN_END, beside_comma, joined
from stormops_graph.normalise.letters import mended
from stormops_graph.normalise.remarks import Remarks
from stormops_graph.normalise.rules import NameLists
from stormops_graph.normalise.surnames import ALSO_SURNAMES, BUSINESS_SURNAMES
from stormops_graph.normalise.values import Reader, Reading, read_values
from stormops_graph.normalise.words import (
    ASIDE,
    SUFFIXES,
    THE,
    TITLES,
    Words,
    folded,
    name_words,
    plain,
    suffix_of,
    without_asides,
    words_of,
)
from stormops_graph.tables import Connection

_LONGEST = 200
_CALLER_LETTERS = 15
_SHORTEST = 3  # letters of a given name that another follows without a blank
_CUT_LETTERS = 4  # of a word that was cut off there, to know it again
PART = "\x1f"  # between a contact's first and last name
_PARTS = re.compile(f"[,{PART}]")

_PARTICLES = {"de", "del", "della", "der", "den", "van", "von", "la", "las", "los", "le", "da", "dos", "di", "el"} | {
    *("dela", "delas", "delos", "du", "mac", "mc", "san", "santa", "st"),
}
_NO_GIVEN_NAMES = {"de", "dela", "delas", "delos", "del", "della", "den", "der", "los", "las", "mc", "st", "von"}
_STATE = re.compile(
    "a[klrz]|c[aot]|d[ce]|fl|ga|hi|i[adln]|k[sy]|la|m[adeinost]|n[cdehjmvy]|o[hkr]|pa|ri|s[cd]|t[nx]|ut|v[at]|w[aivy]"
)
_SURNAMES_AND_STATES = {"ma", "la"}
_CITY = re.compile(r".+ city [a-z]{1,2}")  # the state perhaps cut off
_ESTATE = re.compile(r"^\s*(?:the\s+)?est(?:ate|\.)?\s+of\s+(?:the\s+late\s+)?", re.IGNORECASE)
_OF_CHURCHES = {"christian", "grace"}  # given names
_MIDDLE = {"thi", "van"}  # between a Vietnamese surname and given name


def read_names(con: Connection, source: str, lists: NameLists, nicknames: Iterable[str]) -> None:
    """Write `name_value(raw, given, surname, business, suffix)` for the texts `raw` of `source`.

    `business` is the first word of a caller's name that is a business's; `suffix` sr, jr, iii or iv.

    A raw text starts with its source's initial (c: caller, r: resident, p: parts of a contact).
    """
    reader = NameReader.of(lists, nicknames)
    read_values(con, "name_value", source, Reader(("given", "surname", "business", "suffix"), reader.read))


@dataclass(frozen=True)
class NameReader:
    """Reads names by the rules' lists."""

    junk: re.Pattern[str]
    remarks: Remarks
    business: frozenset[str]
    given: frozenset[str]
    short: frozenset[str]  # forms of given names, some of which are as well known as surnames: Ray, Rich

    @classmethod
    def of(cls, lists: NameLists, nicknames: Iterable[str]) -> NameReader:
        """The reader of these lists."""
        junk = re.compile("|".join(f"(?:{pattern})" for pattern in lists.junk) or "(?!)")
        remarks = Remarks(frozenset(lists.remark), frozenset(lists.beside_remark))
        return cls(junk, remarks, frozenset(lists.business), frozenset(lists.given), frozenset(nicknames))

    def read(self, raw: str) -> Reading:
        """(given, surname, business, suffix) of a raw text with its source's initial."""
        source, text = raw[0], mended(raw[1:])
        if len(text) > _LONGEST:
            return None, None, None, None
        given, surname, business = self._read(source, text)
        suffix = suffix_of(_PARTS.split(text)) if given and surname else None
        return given and self._first(given), surname, business, suffix

    def _read(self, source: str, text: str) -> Reading:
        if source == "c":
            return (None, None, words_of(text)[0]) if self._is_business(text) else (*self.caller(text), None)
        whole = text.replace(PART, " ")
        if estate := _ESTATE.match(whole):  # its heirs, of whom some bear the name
            return None, self.full(whole[estate.end() :])[1], None
        if source == "r":
            return (*self.full(text), None)
        first, last = (part.strip() for part in text.split(PART, 1))
        if first.lower() == "the" or (not first and THE.match(last)):
            return (*self.full(whole), None)
        if first and last and not (AT_AN_END.search(first) or AT_AN_END.search(last)):
            return (*self.parts(first, last), None)
        return (*self.full(f"{first} {last}" if first else f"mr {last}"), None)

    def _first(self, given: str) -> str:
        """The first of two given names that are written in one: anne-marie, annemarie."""
        first, dash, _ = given.partition("-")
        if dash or given in self.given:
            return first or given
        cuts = (cut for cut in range(_SHORTEST, len(given) - _SHORTEST + 1))
        return next((given[:cut] for cut in cuts if {given[:cut], given[cut:]} <= self.given), given)

    def parts(self, first: str, last: str) -> Reading:
        """A given name and a surname that were kept apart."""
        # Church and Homes are surnames as well: one such word beside a given name is no business.
        surname = [word for word in words_of(ASIDE.sub("", last)) if word not in SUFFIXES]
        if self._is_nobody(f"{first} {last}", tuple(surname) if len(surname) > 1 else ()):
            return None, None
        first = "" if self.junk.fullmatch(plain(first)) else first
        plainly = self._is_name(first) and self._is_name(last)
        if not plainly and not self._named(f"{first} {last}"):  # Left, Card
            return None, None
        first, last = self._named(first), self._named(last)
        family = AND.split(folded(last))[0]
        surname = [word for word in words_of(family) if word not in SUFFIXES]
        given = [word for word in words_of(first) if word not in TITLES]
        if len(surname) > 1 and given[:1] == surname[:1]:  # John, John Smith
            surname = surname[1:]
        if len(given) == 1 and self._is_turned(given[0], surname):
            given, surname = surname[-1:], given
        two = "," in first and len(given) > 1 and self.given.issuperset(given)  # John, Mary
        couple = two or AND.search(f" {folded(first)} ")
        return (given[0] if given and not couple else None), " ".join(surname) or None

    def full(self, text: str) -> Reading:
        """A name in one piece: `John Q Smith Jr`, `Smith, John`, `Mr Smith`, `SMITH J`, `John & Mary Smith`."""
        if self._is_nobody(text, words_of(text)) or not name_words(text := self._named(text)):
            return None, None
        words, said = name_words(text), words_of(text)
        before, comma, after = folded(text).partition(",")
        if comma:
            return self._beside_comma(before, after)
        if len(people := AND.split(f" {folded(text)} ")) > 1:
            return self._couple(people[0], people[-1])
        if len(words) < 2:
            (alone,) = words
            return (alone, None) if words == said and (alone in self.given or alone in self.short) else (None, alone)
        return self._ordered(words)

    def _ordered(self, words: Words) -> Reading:
        """Two words or more, the given name first or last."""
        if words[0] in _NO_GIVEN_NAMES:  # De la Cruz, De Leon Maria
            name = next((n for n, word in enumerate(words) if word not in _PARTICLES), len(words))
            return _turned(words) if name < len(words) - 1 else (None, " ".join(words))
        if _ends_in_initial(words) or self._is_turned(words[0], words[1:]):
            return _turned(words)
        return words[0], _surname(words)

    def _beside_comma(self, before: str, after: str) -> Reading:
        """A surname before it and a given name behind, or two people."""
        if not (rest := name_words(after)):  # Smith, Mrs.
            return self.full(before)
        if people := beside_comma(before, after, self.given):
            return self._couple(*people)
        return (None if AND.search(after) else rest[0]), " ".join(name_words(before)) or None

    def _couple(self, one: str, other: str) -> Reading:
        """The surname of two people in one name; the first of them where they have two."""
        first, second = name_words(one), name_words(other)
        named = sum(len(word) > 1 for word in second) > 1
        if named and _ends_in_initial(first) and first[0] in self.given:  # John Q & Mary A Smith
            return None, _surname(second)
        if len(first) > 1:  # John Smith & Mary, Smith John & Mary, John Smith & Mary Jones
            given, surname = self.full(one)
            return (given if named and self.full(other)[1] != surname else None), surname
        if len(second) == 1 and first and second[0] in self.given:
            return None, None
        return None, _surname(second) if second else None

    def caller(self, text: str) -> Reading:
        """A carrier's caller name, of at most 15 letters: `SMITH JOHN`, `SMITH`, or a city and its state."""
        if "," in text and self._is_place(name_words(text)):
            return None, None
        said, cut = words_of(text), len(text) == _CALLER_LETTERS
        whole = cut and said and self._is_given(said[-1], cut=True)  # there(sa) is no remark
        if not (words := name_words(text if whole else self._named(text))):
            return None, None
        two = "&" in (without_asides(text) if len(words) > 2 else text)  # SMITH JOHN/MARY, but SMITH/JOHN
        if "," in text or two or self._is_nobody(text, words_of(text)):
            return self.full(text)
        if len(words) == 1:
            return None, words[0]
        if _STATE.fullmatch(words[-1]) and not (words[-1] in _SURNAMES_AND_STATES and words[0] in self.given):
            return None, None
        return _turned(words) if self._is_surname_first(text, words) else self.full(text)

    def _is_surname_first(self, text: str, words: Words) -> bool:
        """Whether a carrier wrote SMITH JOHN; its capitals do so where neither word tells."""
        first, last = words[0] in self.given, self._is_given(words[-1], cut=len(text) == _CALLER_LETTERS)
        if first and last:
            first, last = words[0] not in ALSO_SURNAMES, words[-1] not in ALSO_SURNAMES
        return last if first != last else text.isupper() and len(words[0]) > 1

    def _is_business(self, text: str) -> bool:
        """Whether a caller's name has a business's word in it, the last of them perhaps cut off."""
        words = words_of(text)
        if _CITY.fullmatch(" ".join(words)):
            return False
        if not self.business.isdisjoint(words):
            return not self._is_person(words)
        cut = words[-1] if len(words) > 1 and len(text.strip()) >= _CALLER_LETTERS - 1 else ""
        if len(cut) >= _CUT_LETTERS:  # ALAMO HOME MARK(ETING), but EISENHOWER MARK
            return cut in self._business_cut and not (len(words) == 2 and cut in self.given)
        # One letter short of a business's word: PARK CITIES BAN, but not CHRISTOPHER BAN.
        short = len(cut) == _CUT_LETTERS - 1 and self.given.isdisjoint(words)
        return short and any(word[:-1] == cut for word in self.business)

    @cached_property
    def _business_cut(self) -> frozenset[str]:
        return _beginnings(self.business)

    @cached_property
    def _given_cut(self) -> frozenset[str]:
        return _beginnings(self.given)

    def _is_turned(self, first: str, rest: Sequence[str]) -> bool:
        """Whether the surname was written where the given name goes, and the other way: Smith John, Nguyen Van Minh."""
        if len(rest) != 1 and not (len(rest) == 2 and rest[0] in _MIDDLE):
            return False
        last = rest[-1]
        return last in self.given and last not in ALSO_SURNAMES and len(first) > 1 and first not in self.given

    def _is_place(self, words: Words) -> bool:
        """Whether a state stands on one side of a caller name's comma and no given name on the other: TX,PLANO."""
        ends = {words[0], words[-1]} if len(words) > 1 else set()
        return self.given.isdisjoint(ends) and any(map(_STATE.fullmatch, ends))

    def _is_given(self, word: str, *, cut: bool) -> bool:
        if cut and len(word) > 2:
            return word in self._given_cut
        return word in self.given

    def _is_name(self, text: str) -> bool:
        """Whether a text is one word, and none of a remark: as most first and last names are."""
        return text.isalpha() and self.remarks.known.isdisjoint(words_of(text))

    def _named(self, text: str) -> str:
        said = without_asides(text)
        if self._is_name(said):
            return said
        said = joined(said, self.given)
        named = self.remarks.without(said)
        return "" if named != said and self.junk.fullmatch(plain(named)) else named  # Renter - call owner

    def _is_nobody(self, text: str, words: Words) -> bool:
        before, _, after = plain(text).partition(",")
        if self.junk.fullmatch(f"{after} {before}".strip()):  # CALLER,WIRELESS
            return True
        return not self.business.isdisjoint(words) and not self._is_person(words)

    def _is_person(self, words: Words) -> bool:
        """Whether two words, one of them a business's, are a name all the same: Ricardo Law, Hoa Nguyen."""
        if len(words) != 2:
            return False
        for one, other in (words, words[::-1]):
            if one in BUSINESS_SURNAMES and other in self.given:
                return not (one == "church" and other in _OF_CHURCHES)
        return words[0] == "hoa" and words[1] not in self.business  # an association writes it last


def _beginnings(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word[:length] for word in words for length in range(1, len(word) + 1))


def _ends_in_initial(words: Words) -> bool:
    return len(words) > 1 and len(words[-1]) == 1 and len(words[0]) > 1


def _turned(words: Words) -> Reading:
    """Surname first; all the words of one that starts like `de la Cruz`."""
    return words[-1], " ".join(words[:-1]) if words[0] in _PARTICLES else words[0]


def _surname(words: Words) -> str:
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return " ".join(words[start:])
