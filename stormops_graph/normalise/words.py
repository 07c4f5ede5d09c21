"""The words of a name as somebody wrote it: plain letters, without titles and suffixes, and without asides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from anyascii import anyascii

from stormops_graph.normalise.surnames import IRISH, of_one

_KNOWN = 1 << 14  # first and last names come again and again, and are looked up
Words = tuple[str, ...]

TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "drs", "sr", "sra", "srta", "rev", "prof", "sir", "madam", "hon"} | {
    *("sgt", "ssgt", "cpl", "lt", "capt", "maj", "col", "rabbi"),
}
GENERATIONS = {"sr": "sr", "jr": "jr", "ii": "jr", "iii": "iii", "iv": "iv"}  # as written → as read
SUFFIXES = {*GENERATIONS, "v", "md", "phd", "dds", "esq", "cpa", "rn", "dvm", "ret", "nd", "rd", "th"}
_APART = re.compile(rf"(?<=\bo) (?=(?:{IRISH})\b)|(?<=\bmc) (?=[a-z]{{3}})")  # the blank in O Brien, Mc Donald
_SAINT = re.compile(r"\bsaint (?=[a-z]{3})")
_SILENT = re.compile(r"['’`.\"()]")
_OTHER = re.compile(r"[^a-z,&-]+")
_BESIDE = re.compile(r"(?<=\w\w)\s*[/+]\s*(?=\w\w)")  # JOHN/MARY SMITH
_INITIALS = re.compile(r"\b(\w)\.(?=\w)")  # J.R. Smith
ASIDE = re.compile(r"\([^)]*\)|\bc/o\b.*|\bet ?(?:ux|vir)\b.*", re.IGNORECASE)  # as deeds say "and wife"
_ABOUT = re.compile(
    r"(?:\W+(?:family|household|residence|et ?al|(?:home ?)?owner|tenant|renter"
    r"|(?:(?:or )?current )?(?:occupant|resident)|spouse|wife|husband|deceased"
    r"|dnc|do ?n[o']t ?(?:call|contact|mail|text|knock)))+\W*$",
    re.IGNORECASE,
)
THE = re.compile(r"^\s*the\s", re.IGNORECASE)
_NOTHING = {"n/a", "none", "null", "unknown", "tbd"}


@lru_cache(_KNOWN)
def without_asides(text: str) -> str:
    """A name without what is said in brackets or at its end, initials apart, people joined by `&`; nothing for none."""
    if text.strip().lower() in _NOTHING:
        return ""
    if text.isalpha():
        return text
    named = _ABOUT.sub("", ASIDE.sub("", text))
    if the := THE.match(named):
        named = of_one(folded(named[the.end() :]))
    return _BESIDE.sub(" & ", _INITIALS.sub(r"\1 ", named))


def name_words(text: str) -> Words:
    """The words of a name without title, suffix and, where two longer ones are there, single letters."""
    words = words_of(text)
    while words and words[0] in TITLES:
        words = words[1:]
    while words and words[-1] in SUFFIXES:
        words = words[:-1]
    whole = tuple(word for word in words if len(word) > 1)
    return whole if len(whole) > 1 else words


def suffix_of(parts: Iterable[str]) -> str | None:
    """Which of a family's bearers of one name is meant: sr, jr, iii or iv, where a name's parts say just one.

    It stands behind a name, or alone: what a part begins with is a title, as in Sr. Garcia.
    """
    said = [words_of(part) for part in parts]
    behind = (word for words in said for word in (words[1:] or words))
    found = {GENERATIONS[word] for word in behind if word in GENERATIONS}
    return found.pop() if len(found) == 1 else None


def plain(text: str) -> str:
    """A text in small ASCII letters, other scripts as they are spelt in these; one blank between its words."""
    if not text.isascii():
        letters = "".join(anyascii(letter) if letter.isalpha() else letter for letter in text.replace("’", "'"))
        text = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
    return " ".join(text.lower().split())


@lru_cache(_KNOWN)
def folded(text: str) -> str:
    """The letters, commas, hyphens and ampersands of a name; a family name in two words (O Brien) is one."""
    letters = plain(text)
    if letters.isalpha():
        return letters
    return _SAINT.sub("st ", _APART.sub("", " ".join(_OTHER.sub(" ", _SILENT.sub("", letters)).split())))


@lru_cache(_KNOWN)
def words_of(text: str) -> Words:
    """The words of a name, commas and ampersands left out."""
    words = (word.strip("-") for word in folded(text).replace(",", " ").replace("&", " ").split())
    return tuple(filter(None, words))
