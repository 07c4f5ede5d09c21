"""How what is true comes to be written down: fingers on keys, scanned handwriting, habits and haste.

A pen with `noise` 0 writes everything as it is; 1 is the usual world.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from town import Home, Person

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")
SCANNED = {"o": "0", "l": "1", "s": "5", "m": "rn", "b": "6", "g": "q", "u": "v", "e": "c", "a": "o", "h": "n"}
SHORT = {
    "william": "bill", "robert": "bob", "richard": "rick", "james": "jim", "john": "jack", "michael": "mike",
    "thomas": "tom", "charles": "chuck", "joseph": "joe", "daniel": "dan", "matthew": "matt", "anthony": "tony",
    "steven": "steve", "edward": "ed", "david": "dave", "kenneth": "ken", "timothy": "tim", "jeffrey": "jeff",
    "elizabeth": "liz", "jennifer": "jen", "patricia": "pat", "susan": "sue", "margaret": "peggy", "barbara": "barb",
    "deborah": "deb", "kimberly": "kim", "christine": "chris", "katherine": "kate", "rebecca": "becky",
    "samantha": "sam", "jessica": "jess", "victoria": "vicki", "cynthia": "cindy", "pamela": "pam",
    "christopher": "chris", "gregory": "greg", "ronald": "ron", "donald": "don", "benjamin": "ben", "alexander": "alex",
}  # fmt: skip
LONG = {"st": "street", "ave": "avenue", "dr": "drive", "rd": "road", "ln": "lane", "ct": "court", "blvd": "boulevard"}
ISPS = {"gmail.com": "gmial.com", "yahoo.com": "yaho.com", "outlook.com": "outlok.com", "icloud.com": "iclod.com"}


@dataclass(frozen=True)
class Hand:
    """How often an address is written wrongly: shares of each slip."""

    number: float = 0.01  # one digit of the street number
    struck: float = 0.0  # a digit of it hit beside, left out, or two in the wrong order
    street: float = 0.04
    street_again: float = 0.0  # a second slip in a street that has one
    cut: float = 0.0  # the street's name broken off
    no_direction: float = 0.05
    no_kind: float = 0.03
    wrong_kind: float = 0.03
    no_unit: float = 0.08
    no_zip: float = 0.05
    wrong_zip: float = 0.0


USUAL = Hand()


class Pen:
    """Writes names, numbers and addresses with a share of the usual slips."""

    def __init__(self, dice: random.Random, noise: float, hand: Hand) -> None:
        self.dice, self.noise, self.hand = dice, noise, hand

    def slips(self, often: float) -> bool:
        return often > 0 and self.dice.random() < often * self.noise

    def misstruck(self, word: str) -> str:
        """A neighbouring key, a letter left out, or two in the wrong order."""
        if len(word) < 3:
            return word
        place = self.dice.randrange(1, len(word))
        luck = self.dice.random()
        if luck < 0.4:
            row = next((row for row in KEYS if word[place].lower() in row), KEYS[0])
            beside = row[min(len(row) - 1, max(0, row.find(word[place].lower()) + self.dice.choice((-1, 1))))]
            return word[:place] + beside + word[place + 1 :]
        if luck < 0.7:
            return word[:place] + word[place + 1 :]
        return word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]

    def scanned(self, word: str) -> str:
        """One letter read for another."""
        places = [n for n, letter in enumerate(word) if n and letter.lower() in SCANNED]
        if not places:
            return word
        place = self.dice.choice(places)
        return word[:place] + SCANNED[word[place].lower()] + word[place + 1 :]

    def given(self, person: Person) -> str:
        given = person.given
        if self.slips(0.15):
            given = SHORT.get(given.lower(), given).title()
        if self.slips(0.04):
            given = self.misstruck(given)
        return given[0] if self.slips(0.03) else given

    def surname(self, person: Person) -> str:
        surname = person.surname
        if self.slips(0.05):
            surname = self.misstruck(surname)
        return surname.upper() if self.slips(0.08) else surname

    def phone(self, digits: str) -> str:
        if self.slips(0.025):
            digits = self._wrong_digits(digits)
        if self.dice.random() < 0.5:
            return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
        return self.dice.choice((digits, f"+1 {digits[:3]} {digits[3:6]} {digits[6:]}", f"{digits[:3]}-{digits[3:]}"))

    def _wrong_digits(self, digits: str) -> str:
        place = self.dice.randrange(3, 9)
        if self.dice.random() < 0.5:
            return digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        return digits[:place] + str(self.dice.randrange(10)) + digits[place + 1 :]

    def email(self, email: str) -> str:
        local, _, domain = email.partition("@")
        if self.slips(0.02):
            domain = ISPS.get(domain, domain)
        if self.slips(0.015):
            local = self.misstruck(local)
        return f"{local}@{domain}"

    def address(self, home: Home, haste: float = 1.0, *, by_hand: bool = False) -> tuple[str, str]:
        """(line, ZIP) of a home, in more or less haste; by hand on a tablet that reads the writing."""
        hand, words, kind = self.hand, home.street.split(), home.kind
        number = self._number(home.number, haste)
        words[-1] = self._street(words[-1], haste, by_hand=by_hand)
        if len(words) > 1 and len(words[0]) <= 2 and self.slips(hand.no_direction * haste):
            words = words[1:]
        if self.slips(hand.no_kind * haste):
            kind = ""
        elif self.slips(hand.wrong_kind * haste):
            kind = self.dice.choice(("st", "ave", "dr", "ct"))
        elif self.dice.random() < 0.3:
            kind = LONG.get(kind, kind)
        line = " ".join(filter(None, (number, *words, kind))).title()
        if home.unit and not self.slips(hand.no_unit * haste):
            line += self.dice.choice((f" Apt {home.unit}", f" #{home.unit}", f" Unit {home.unit}"))
        if self.slips(hand.no_zip * haste):
            return line, ""
        return line, self.misstruck(home.zip_code) if self.slips(hand.wrong_zip * haste) else home.zip_code

    def _number(self, number: str, haste: float) -> str:
        if self.slips(self.hand.number * haste):
            number = self._wrong_number(number)
        return self.misstruck(number) if self.slips(self.hand.struck * haste) else number

    def _street(self, word: str, haste: float, *, by_hand: bool) -> str:
        if self.slips(self.hand.street * haste):
            word = self.scanned(word) if by_hand else self.misstruck(word)
            if self.slips(self.hand.street_again):
                word = self.misstruck(word)
        return word[: max(4, len(word) - 3)] if self.slips(self.hand.cut * haste) else word

    def _wrong_number(self, number: str) -> str:
        place = self.dice.randrange(len(number))
        return number[:place] + str(self.dice.randrange(1, 10)) + number[place + 1 :]
