"""Street addresses in parts, with usaddress's answers (fastaddress), words in their short forms.

Invariant: what has no street number or no street name is no home's address; a post office box is none either.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import fastaddress
from rapidfuzz.distance import OSA

from stormops_graph.normalise.streets import DIRECTIONS, NAME_WORDS, SUFFIXES
from stormops_graph.normalise.values import Reader, Reading, read_values
from stormops_graph.tables import Connection

ADDRESS_COLUMNS = ("street_no", "street_name", "street_type", "unit", "zip5", "city", "reason")
PO_BOX = "a post office box is no home"
UNUSABLE = "unusable address"

_KNOWN = 1 << 14  # words and streets that come again and again are looked up
_KNOWN_LINES = 1 << 16
_LONGEST = 300  # letters; what is longer is no address, but may be an attempt to keep the parser busy
_HOUSE = re.compile(r"([1-9][0-9]*?)(0*) [a-z]")
_PUNCTUATION = re.compile(r"[^a-z0-9/& -]+")
_UNIT = re.compile(r"[^a-z0-9-]+")
_NUMBERED = re.compile(r"(\d+[a-z]?) (\d+(?:st|nd|rd|th))")
_NUMBER_FIRST = re.compile(r"(\d+(st|nd|rd|th)?)(?: (.*))?")
_DECIMAL = re.compile(r"\d\.\d")
_ZIP = re.compile(r"\d{5}")
_SIDES = frozenset(DIRECTIONS)
# A house of several numbers, 123-125 or 123/125; shorter ones have a dash in New York.
_RANGE = re.compile(r"(\d{3,}) ?[-/&] ?(\d{3,})\b")
_PARK_WORDS = "lot|lt|space|spc|sp|trailer|trlr"  # of mobile-home parks
_UNIT_WORD = re.compile(rf"^(?:apartment|apt|unit|suite|ste|{_PARK_WORDS}|room|rm|no)(?=\d)")
_UNIT_AND_ZIP = re.compile(r"(.*\w)\W+(\d{5}(?:-\d{4})?)\W*")  # without a town between
_UNIT_DASH = re.compile(r"(?<=\d)-(?=[a-z])|(?<=[a-z])-(?=\d)")  # 4-B is 4B, but 3-4 is flat 4 of building 3
_ORDINALS = {"1": "st", "2": "nd", "3": "rd"}
_ORDINAL = re.compile(r"(\d+)(?!(?:st|nd|rd|th)$)(?:[dhnrst]{2,3})?")  # also 8ht; 2rd may be 23rd
_NO_SLIPS = {"eight", "forth"}  # Eight Mile Rd, Forth Ave
_SPELT = tuple(word for word, short in NAME_WORDS.items() if short[0].isdigit() and word.isalpha())
# Types of streets that no name is a letter from, as Cotton Tail is from a trail.
_LONG_KINDS = ("street", "avenue", "boulevard", "drive", "circle", "terrace", "parkway", "highway")
# What the parser does not know to be the same; most lines have none of it, and a look at them shows that.
_BEGINS = re.compile(r"0|\d+(?:\.\d| ?-)|[nsew]")
_BEGINNING = (
    (re.compile(r"^(\d+)\.0+(?= )"), r"\1"),  # a number that was read as one
    (re.compile(r"^(\d+)\.50*(?= )"), r"\1 1/2"),
    (re.compile(r"^(\d+) ?- ?(\d/\d)(?= )"), r"\1 \2"),
    (re.compile(r"^0+(?=\d)"), ""),
    (re.compile(r"^(north|south|east|west|[nsew])\.? (\d+) (?=[a-z]{3})"), r"\2 \1 "),
)
_KING = re.compile(r"\b(?:dr\.? )?(?:martin luther king|mlk)(?:,? jr\b\.?)?")
# Behind a numbered road the parser knows flats, but neither lots of a mobile-home park nor all buildings.
_LOT = re.compile(rf"(?<=\w),? (?:{_PARK_WORDS})\.? ?#? ?(?=\d)")
_IN_BUILDING = re.compile(r",? (?:bldg|building) (\w+),? (?:(?:apartment|apt|unit|suite|ste)\.? ?#?|#) ?(?=\w)")
# Before the number: most lines have few, and a word is looked for at each letter otherwise.
_RUN_TOGETHER = re.compile(r"(?=\d)(?:(?<=\bbldg)|(?<=\bbuilding)|(?<=\bapt)|(?<=\bunit)|(?<=\bste)|(?<=\bsuite))")
# A road that has a number for a name, behind that of the house. State, US and plain highways are one, as people write
# any of them; at an interstate nobody lives but on its frontage road.
_NUMBERED_ROAD = re.compile(
    r"(?P<house>\d\S*(?: \d/\d)? (?:(?:[nsew]|north|south|east|west)\.? )?)(?:"
    r"(?P<interstate>interstate(?: highway| hwy)?|ih|i)"
    r"|(?P<farm>farm[ -]to[ -]market(?: road| rd)?|farm (?:road|rd)|f\.? ?m\.?(?: road| rd)?)"
    r"|(?P<ranch>ranch[ -]to[ -]market(?: road| rd)?|ranch (?:road|rd)|r\.? ?[mr]\.?)"
    r"|(?P<county>(?:county|cnty|co\.?) (?:road|rd)|c\.? ?r\.?)"
    r"|(?P<private>(?:private|pvt\.?) (?:road|rd)|p\.? ?r\.?|pvr)"
    r"|(?P<loop>(?:state|texas|tx) loop|loop)"
    r"|(?P<state>state (?:route|rte|road|rd))"
    r"|(?P<highway>(?:(?:texas |tx )?(?:state|st\.?) |(?:texas|tx|u\.?s\.?)[ -])?(?:highway|hwy)|s\.? ?h\.?"
    r"|texas|tx|u\.?s\.?)"
    r")\.?(?: |-| - |- )?(?P<number>\d{1,4})(?P<side>(?(interstate) ?[ew]|[a-z])\b)?(?![\w/])"
    r"(?(interstate)(?: (?:frontage|service|svc|access)(?: (?:road|rd)\b\.?)?)?)",
)
_ROADS = {
    "interstate": "i-",
    "farm": "fm ",
    "ranch": "rm ",
    "county": "cr ",
    "private": "pr ",
    "loop": "loop ",
    "state": "sr ",
    "highway": "hwy ",
}


def read_addresses(con: Connection, source: str) -> None:
    """Write `address_value(raw, street_no, …, zip5, city, reason)` for the texts `raw` of `source`.

    `reason` says why an address is no home's; its street is then NULL.
    """
    read_values(con, "address_value", source, Reader(ADDRESS_COLUMNS, read_address))


def read_address(text: str) -> Reading:
    """(street_no, street_name, street_type, unit, zip5, city, reason) of one line.

    The parser sees of a number how long it is and its zeros. So the homes of a street are read as one of them.
    """
    if len(text) > _LONGEST:
        return (*(None,) * 6, UNUSABLE)
    line = _small(text)
    if house := _HOUSE.match(line):
        digits, zeros = house.groups()
        neighbour = "1" * len(digits) + zeros
        number, *rest = _read_line(neighbour + line[house.end(2) :])
        if number == neighbour:
            return (digits + zeros, *rest)
    return _read_line(line)


def _small(text: str) -> str:
    """A text in small ASCII letters."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("½", " 1/2")).encode("ascii", "ignore").decode()
    return text.lower()


@lru_cache(_KNOWN_LINES)
def _read_line(line: str) -> Reading:
    parts = _parts(_known_forms(line))
    zip5 = _ZIP.match(parts.get("ZipCode", ""))
    city = _plain(parts.get("PlaceName", "")) or None
    area = (zip5[0] if zip5 else None, city)
    if ("USPSBoxID" in parts or "USPSBoxType" in parts) and not ("AddressNumber" in parts and "StreetName" in parts):
        return (None, None, None, None, *area, PO_BOX)
    number = _number(parts)
    name = _street(parts)
    if not number or not name:
        return (None, None, None, None, *area, UNUSABLE)
    return (number, name, _kind(parts.get("StreetNamePostType", "")), _unit(parts), *area, None)


def _known_forms(line: str) -> str:
    """A line in single blanks and the forms that the parser knows."""
    line = " ".join(line.split())
    if _BEGINS.match(line):
        for pattern, said in _BEGINNING:
            line = pattern.sub(said, line)
    line = _LOT.sub(" apt ", _RUN_TOGETHER.sub(" ", _KING.sub("martin luther king", line)))
    if road := _NUMBERED_ROAD.match(line):
        line = _on_road(road) + _IN_BUILDING.sub(r" apt \1-", line[road.end() :])
    several = _RANGE.match(line)
    return several[1] + line[several.end() :] if several and int(several[1]) < int(several[2]) else line


def _on_road(said: re.Match[str]) -> str:
    """A house on a numbered road, in one form."""
    kind = next(short for name, short in _ROADS.items() if said[name])
    return f"{said['house']}{kind}{said['number']}{(said['side'] or '').strip()}"


def _parts(line: str) -> dict[str, str]:
    parts: dict[str, str]
    try:
        parts = fastaddress.tag(line)[0]
    except fastaddress.RepeatedLabelError:
        parts = fastaddress.tag_native(line)[0]
    parts |= _misread(parts)
    both = None if "ZipCode" in parts else _UNIT_AND_ZIP.fullmatch(parts.get("OccupancyIdentifier", ""))
    return parts | {"OccupancyIdentifier": both[1], "ZipCode": both[2]} if both else parts


def _misread(parts: dict[str, str]) -> dict[str, str]:
    """What the parser takes for something else where a street has no type: all of `606 4th` for a unit, the `#12` after
    a name for part of it, a name of a type's word for the type (`41 Ridge #2`), a numbered one after a direction for a
    unit (`63 SW 105th`), a type with a slip in it for part of the name (`5 Oak Hill Driev`), a name's last word for
    part of the type (`12 Bear Ridge Way`).
    """
    name, kind, unit = (parts.get(label, "") for label in ("StreetName", "StreetNamePostType", "OccupancyIdentifier"))
    more, _, last = kind.rpartition(" ")
    if name and kind and "AddressNumber" in parts and "#" not in name:
        return {"StreetName": f"{name} {more}", "StreetNamePostType": last} if more else {}
    if "AddressNumber" not in parts and (numbered := _NUMBERED.fullmatch(unit)):
        return {"AddressNumber": numbered[1], "StreetName": numbered[2], "OccupancyIdentifier": ""}
    found = _NUMBER_FIRST.fullmatch(unit) if not kind and (not name or _plain(name) in _SIDES) else None
    if found and (found[2] or "OccupancyType" not in parts):
        around = (parts.get("StreetNamePreDirectional", ""), name, parts.get("StreetNamePostDirectional", ""))
        sides = {"StreetNamePreDirectional": " ".join(filter(None, around)), "StreetNamePostDirectional": ""}
        return sides | {"StreetName": found[1], "OccupancyIdentifier": found[3] or ""}
    if kind and not name and not parts.get("StreetNamePreType"):
        return {"StreetName": kind, "StreetNamePostType": ""}
    before, _, last = name.rpartition(" ")
    if before and not kind and (meant := [word for word in _LONG_KINDS if OSA.distance(last, word) == 1]):
        return {"StreetName": before, "StreetNamePostType": meant[0]}
    name, sign, number = name.partition("#")
    return {"StreetName": name, "OccupancyIdentifier": number} if sign else {}


def _number(parts: dict[str, str]) -> str:
    # "Lot" and other words before the number are dropped; 1/2 and letters after it are not.
    number = parts.get("AddressNumber", "")
    if _DECIMAL.search(number):  # 22.25 is no 2225
        return ""
    if "AddressNumberSuffix" in parts:
        number += " " + parts["AddressNumberSuffix"]
    number = _plain(number)
    return number if any(sign.isdigit() for sign in number) else ""


def _street(parts: dict[str, str]) -> str:
    said = parts.get
    sides = said("StreetNamePreDirectional"), said("StreetNamePostDirectional")
    return _words(sides, said("StreetNamePreModifier"), said("StreetNamePreType"), said("StreetName"))


@lru_cache(_KNOWN)
def _words(sides: tuple[str | None, str | None], modifier: str | None, kind: str | None, name: str | None) -> str:
    before, after = sides
    words = [
        _direction(before or ""),
        _plain(modifier or ""),
        _short(kind or ""),
        _numbered(_name(name or ""), highway=kind is not None),
        _direction(after or ""),
    ]
    return " ".join(filter(None, words)) if words[2] or words[3] else ""


def _numbered(name: str, *, highway: bool) -> str:
    """`21 Ave` is 21st Avenue, and so is `21ts`; a highway's number stays."""
    *sides, last = name.split() or [""]
    found = _ORDINAL.fullmatch(last)
    if not found or not _SIDES.issuperset(sides) or highway:
        return name
    number = found[1]
    return " ".join([*sides, number + ("th" if number[-2:-1] == "1" else _ORDINALS.get(number[-1], "th"))])


@lru_cache(_KNOWN)
def _kind(text: str) -> str | None:
    kind = _plain(text)
    return SUFFIXES.get(kind, kind) or None


def _unit(parts: dict[str, str]) -> str | None:
    values = filter(None, (parts.get("SubaddressIdentifier"), parts.get("OccupancyIdentifier")))
    return "-".join(filter(None, map(_one_unit, values))) or None


def _one_unit(text: str) -> str:
    unit = _UNIT_DASH.sub("", _UNIT_WORD.sub("", _UNIT.sub("", text)))
    return unit.lstrip("0") or unit


@lru_cache(_KNOWN)
def _plain(text: str) -> str:
    return _PUNCTUATION.sub("", text).strip()


def _direction(text: str) -> str:
    return DIRECTIONS.get(_plain(text), _plain(text))


def _short(text: str) -> str:
    return " ".join(SUFFIXES.get(word, word) for word in _plain(text).split())


def _name(text: str) -> str:
    return " ".join(NAME_WORDS.get(word) or _spelt(word) for word in _plain(text).split())


@lru_cache(_KNOWN)
def _spelt(word: str) -> str:
    """An ordinal with two letters swapped, one too many or one left out; another letter makes Firth and Sixty of it,
    and short words are others: Fist, Tent.
    """
    for whole in _SPELT if len(word) > 4 and word not in _NO_SLIPS else ():
        moved = len(word) != len(whole) or sorted(word) == sorted(whole)
        if moved and OSA.distance(word, whole, score_cutoff=1) == 1:
            return NAME_WORDS[whole]
    return word
