"""How people and systems write names, numbers and addresses down: case, short forms, slips and junk."""

from __future__ import annotations

from dataclasses import dataclass

from stormops_graph.simulation.dice import Dice, Wheel
from stormops_graph.simulation.lexicon import Lexicon
from stormops_graph.simulation.people import Person
from stormops_graph.simulation.town import Home, Street

BESIDE = str.maketrans("abcdefghijklmnopqrstuvwxyz", "snvfrghjuklknmiowtdyibeztx")
JUNK_EMAILS = ("none@none.com", "noemail@noemail.com", "n/a", "na@na.com", "info@stormroof.com", "test@test.com")
JUNK_PHONES = ("0000000000", "5555555555", "1234567890", "9999999999", "214-555-0100", "972-555-0142", "555")
JUNK_CALLERS = Wheel(
    ("WIRELESS CALLER", "UNKNOWN", "DALLAS TX", "UNAVAILABLE", "TEXAS CALL", "V12141", "GARLAND TX", "TOLL FREE"),
    (40, 14, 18, 9, 6, 6, 4, 3),
)
COMPANIES = (
    "LONE STAR DENTAL",
    "MIDWAY FREIGHT CO",
    "TRINITY LAW GROUP",
    "DALLAS ISD",
    "BAYLOR CLINIC",
    "METRO PLUMBING LLC",
    "PARK CITIES BANK",
    "NORTHSIDE AUTO",
    "REDBIRD LOGISTICS",
    "WHITE ROCK REALTY",
)


@dataclass(frozen=True, slots=True)
class Written:
    """An address as somebody wrote it."""

    address: str
    city: str
    state: str
    zip_code: str


@dataclass(frozen=True, slots=True)
class Care:
    """How well a writer writes addresses: probabilities of each slip."""

    name_typo: float
    digit_swap: float
    no_unit: float
    no_zip: float
    wrong_type: float


SALES = Care(name_typo=0.04, digit_swap=0.008, no_unit=0.10, no_zip=0.06, wrong_type=0.05)
CANVASSER = Care(name_typo=0.06, digit_swap=0.01, no_unit=0.10, no_zip=0.12, wrong_type=0.06)
VISITOR = Care(name_typo=0.05, digit_swap=0.01, no_unit=0.25, no_zip=0.25, wrong_type=0.15)


def slip(dice: Dice, word: str) -> str:
    """One typing slip: two letters swapped, one dropped, doubled or hit beside."""
    if len(word) < 3:
        return word
    place = 1 + dice.below(len(word) - 2)
    before, here, after = word[:place], word[place], word[place + 1 :]
    kind = dice.below(4)
    if kind == 0:
        return before + after[0] + here + after[1:]
    if kind == 1:
        return before + after
    if kind == 2:
        return before + here + here + after
    return before + here.lower().translate(BESIDE) + after


def swap_digits(dice: Dice, digits: str) -> str:
    """Two neighbouring digits swapped, the first left alone where there are more than two."""
    if len(digits) < 2:
        return digits
    first = min(1, len(digits) - 2)
    place = first + dice.below(len(digits) - 1 - first)
    return digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]


def cased(dice: Dice, text: str) -> str:
    """As a person types: mostly as it should be, sometimes shouting or lower case."""
    luck = dice.uniform()
    if luck < 0.8:
        return text
    return text.upper() if luck < 0.9 else text.lower()


def written_phone(dice: Dice, digits: str) -> str:
    """Ten digits in one of the usual forms."""
    area, exchange, line = digits[:3], digits[3:6], digits[6:]
    forms = (
        f"({area}) {exchange}-{line}",
        f"{area}-{exchange}-{line}",
        digits,
        f"{area}.{exchange}.{line}",
        f"+1{digits}",
        f"1-{area}-{exchange}-{line}",
        f"{area} {exchange} {line}",
        f"{area}{exchange}{line} ",
    )
    return forms[min(len(forms) - 1, int(dice.waiting(2.2)))]


def written_given(dice: Dice, lexicon: Lexicon, person: Person) -> str:
    """A first name as sales type it: nickname, initial, slip."""
    luck = dice.uniform()
    if luck < 0.13:
        given = lexicon.nickname(dice, person.given)
    elif luck < 0.16:
        given = person.given[0] + dice.pick(("", "."))
    elif luck < 0.20:
        given = slip(dice, person.given)
    elif luck < 0.22:
        given = f"{person.given} {dice.pick('ABCDEFGJLMRST')}."
    else:
        given = person.given
    return cased(dice, given)


def written_surname(dice: Dice, lexicon: Lexicon, person: Person) -> str:
    """A surname as sales type it: slip, suffix, maiden or hyphenated."""
    luck = dice.uniform()
    surname = person.surname
    if person.suffix and dice.chance(0.4):
        surname = f"{surname} {person.suffix}"
    elif luck < 0.05:
        surname = slip(dice, surname)
    elif luck < 0.062:
        surname = f"{surname}-{lexicon.surname(dice)}"
    elif luck < 0.07:
        surname = lexicon.surname(dice)
    return cased(dice, surname)


def written_address(dice: Dice, lexicon: Lexicon, home: Home, care: Care) -> Written:
    """A home's address as somebody wrote it."""
    number = str(home.number)
    if dice.chance(care.digit_swap):
        number = swap_digits(dice, number)
    line = f"{number} {_street_line(dice, lexicon, home.street, care)}"
    if home.unit and not dice.chance(care.no_unit):
        line += dice.pick((f" Apt {home.unit}", f" #{home.unit}", f", Unit {home.unit}", f" apt. {home.unit}"))
    zip_code = home.zip_code
    if dice.chance(care.no_zip):
        zip_code = ""
    elif dice.chance(0.08):
        zip_code = f"{zip_code}-{1000 + dice.below(9000)}"
    elif dice.chance(0.008):
        zip_code = swap_digits(dice, zip_code)
    city = "" if dice.chance(0.1) else cased(dice, home.street.city)
    return Written(cased(dice, line), city, dice.pick(("TX", "TX", "TX", "Texas", "")), zip_code)


def _street_line(dice: Dice, lexicon: Lexicon, street: Street, care: Care) -> str:
    name = slip(dice, street.name) if dice.chance(care.name_typo) else street.name
    if " " in name and dice.chance(0.05):
        name = name.replace(" ", "")
    luck = dice.uniform()
    if luck < care.wrong_type * 0.35:
        kind = lexicon.street_type(dice).spellings[0]
    elif luck < care.wrong_type:
        kind = ""
    else:
        kind = street.kind.name if dice.chance(0.3) else dice.pick(street.kind.spellings)
    direction = "" if dice.chance(0.2) else street.direction
    return " ".join(part for part in (direction, name, kind) if part)


def written_email(dice: Dice, email: str) -> str:
    """An email address with other case or blanks, or with a slip."""
    luck = dice.uniform()
    if luck < 0.08:
        return email.title()
    if luck < 0.10:
        return f" {email} "
    if luck < 0.125:
        local, _, domain = email.partition("@")
        return f"{slip(dice, local)}@{domain}" if dice.chance(0.6) else f"{local}@{slip(dice, domain)}"
    return email


def caller_name(dice: Dice, person: Person, office: bool) -> str:
    """What the carrier says of a caller, at most 15 characters."""
    if office:
        return COMPANIES[sum(map(int, person.office)) % len(COMPANIES)][:15]
    luck = dice.uniform()
    if luck < 0.42:
        return JUNK_CALLERS.spin(dice)
    if luck < 0.47:
        return ""
    given, surname = person.given.upper(), person.surname.upper().replace("'", "")
    forms = (
        f"{surname},{given}",
        f"{surname} {given}",
        f"{given} {surname}",
        f"{given[0]} {surname}",
        surname,
    )
    return forms[min(len(forms) - 1, int(dice.waiting(1.8)))][:15].strip()


def resident_name(dice: Dice, lexicon: Lexicon, person: Person) -> str:
    """What a canvasser notes of who opened the door; empty more often than not."""
    luck = dice.uniform()
    if luck < 0.52:
        return ""
    if luck < 0.64:
        return f"{dice.pick(('Mr', 'Mrs', 'Mr.', 'Ms'))} {person.surname}"
    if luck < 0.74:
        return lexicon.nickname(dice, person.given)
    given = lexicon.nickname(dice, person.given) if dice.chance(0.15) else person.given
    surname = slip(dice, person.surname) if dice.chance(0.06) else person.surname
    return cased(dice, f"{given} {surname}")
