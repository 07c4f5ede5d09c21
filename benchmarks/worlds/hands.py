"""How what is true comes to be written down: fingers on keys, scanned handwriting, habits and haste.

A pen with `noise` 0 writes everything as it is; 1 is the usual world.
"""

from __future__ import annotations

import random

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


class Pen:
    """Writes names, numbers and addresses with a share of the usual slips."""

    def __init__(self, dice: random.Random, noise: float) -> None:
        self.dice, self.noise = dice, noise

    def slips(self, often: float) -> bool:
        return self.dice.random() < often * self.noise

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
        number, words, kind = home.number, home.street.split(), home.kind
        if self.slips(0.01 * haste):
            number = self._wrong_number(number)
        if self.slips(0.04 * haste):
            words[-1] = self.scanned(words[-1]) if by_hand else self.misstruck(words[-1])
        if len(words) > 1 and len(words[0]) <= 2 and self.slips(0.05 * haste):
            words = words[1:]
        if self.slips(0.03 * haste):
            kind = ""
        elif self.slips(0.03 * haste):
            kind = self.dice.choice(("st", "ave", "dr", "ct"))
        elif self.dice.random() < 0.3:
            kind = LONG.get(kind, kind)
        line = " ".join(filter(None, (number, *words, kind))).title()
        if home.unit and not self.slips(0.08 * haste):
            line += self.dice.choice((f" Apt {home.unit}", f" #{home.unit}", f" Unit {home.unit}"))
        return line, "" if self.slips(0.05 * haste) else home.zip_code

    def _wrong_number(self, number: str) -> str:
        place = self.dice.randrange(len(number))
        return number[:place] + str(self.dice.randrange(1, 10)) + number[place + 1 :]
